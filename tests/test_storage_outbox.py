"""The outbox: planned once, claimed once, never lost, never twice."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.deliveries import Delivery, Outcome, Plan, Run, Shown, State
from bot.domain.papers import Paper, PaperId
from bot.domain.people import Channel, Message, Person, Workspace
from bot.domain.posts import Digest, Entry, PaperCard
from bot.domain.subscriptions import Edition, Subscription
from storage import Storage
from storage.texts import dump_post, load_post
from tests.support.storage import Place, let_leases_end, temporary_storage

NOON = datetime(2025, 5, 22, 12, tzinfo=UTC)
LEASE = NOON + timedelta(minutes=2)
CHANNEL = Channel(Workspace("terminal", "local"), "papers")
MESSAGE = Message(CHANNEL, "1")
ONE, TWO = PaperId("2505.00001"), PaperId("2505.00002")
PAPERS = {id: Paper(id=id, title=f"Title of {id}") for id in (ONE, TWO)}
ORDER = Subscription(
    id="tulip", channel=CHANNEL, edition=Edition.DAILY, created_at=NOON, next_run_at=NOON
)


def digest(*ids: PaperId) -> Digest:
    entries = tuple(Entry(paper=PAPERS[id], number=n) for n, id in enumerate(ids, 1))
    return Digest(title="Today", entries=entries)


def delivery(
    part: int = 1, *ids: PaperId, edition: str = "2025-05-22", **changes: object
) -> Delivery:
    return replace(
        Delivery(
            key=f"tulip:{edition}:{part}",
            subscription="tulip",
            channel=CHANNEL,
            edition=edition,
            part=part,
            post=digest(*ids),
            next_attempt_at=NOON,
        ),
        **changes,
    )


def plan(
    *deliveries: Delivery, outcome: Outcome = Outcome.POSTED, edition: str = "2025-05-22"
) -> Plan:
    run = Run(subscription="tulip", edition=edition, due_at=NOON, outcome=outcome, finished_at=NOON)
    return Plan(
        run=run, deliveries=deliveries, next_run_at=NOON + timedelta(days=1), covered=edition
    )


async def prepare(storage: Storage) -> None:
    await storage.archive.keep([*PAPERS.values()], as_of=NOON)
    await storage.subscriptions.add(ORDER)


async def claim(storage: Storage, now: datetime = NOON) -> list[str]:
    return [one.key for one in await storage.outbox.claim(now, now + timedelta(minutes=2))]


async def test_an_edition_is_planned_once(place: Place) -> None:
    """The second plan changes nothing but the next run, so that nobody loops."""
    async with temporary_storage(place) as storage:
        await prepare(storage)
        assert await storage.outbox.plan(plan(delivery(1, ONE)))
        later = NOON + timedelta(days=2)
        again = replace(plan(delivery(1, ONE), delivery(2, TWO)), next_run_at=later, covered=None)
        assert not await storage.outbox.plan(again)
        assert await storage.outbox.owed() == 1
        order = await storage.subscriptions.get("tulip")
        assert order
        assert (order.next_run_at, order.covered) == (later, "2025-05-22")


async def test_planners_at_once_make_one_plan(place: Place) -> None:
    """Two processes find the same subscription due: unique keys let one of them in."""
    async with temporary_storage(place) as one, temporary_storage(place) as two:
        await prepare(one)
        outcomes = await asyncio.gather(
            *(storage.outbox.plan(plan(delivery(1, ONE))) for storage in (one, two) * 5)
        )
        assert sorted(outcomes) == [False] * 9 + [True]
        assert await one.outbox.owed() == 1


async def test_a_waiting_run_is_planned_anew(place: Place) -> None:
    """Hugging Face was down; an hour later it was not."""
    async with temporary_storage(place) as storage:
        await prepare(storage)
        assert await storage.outbox.plan(plan(outcome=Outcome.WAITING))
        assert await storage.outbox.plan(plan(outcome=Outcome.WAITING))
        assert await storage.outbox.plan(plan(delivery(1, ONE)))
        assert [run.outcome for run in await storage.outbox.runs(CHANNEL)] == [Outcome.POSTED]
        assert await storage.outbox.owed(CHANNEL) == 1


async def test_nothing_is_planned_for_a_removed_subscription(place: Place) -> None:
    """Somebody unsubscribed while the plan was made."""
    async with temporary_storage(place) as storage:
        await prepare(storage)
        await storage.subscriptions.remove("tulip")
        assert not await storage.outbox.plan(plan(delivery(1, ONE)))
        assert await storage.outbox.owed() == 0
        assert await storage.outbox.runs(CHANNEL) == []


async def test_a_delivery_comes_back_as_it_was_planned(place: Place) -> None:
    """With its papers as they are known today."""
    planned = delivery(1, ONE, TWO, reply_to="another", next_attempt_at=NOON)
    async with temporary_storage(place) as storage:
        await prepare(storage)
        await storage.outbox.plan(plan(planned))
        newer = replace(PAPERS[ONE], upvotes=99)
        await storage.archive.keep([newer], as_of=NOON + timedelta(hours=1))
        (claimed,) = await storage.outbox.claim(NOON, LEASE)
        post = claimed.post
        assert post.entries[0].paper == newer
        assert replace(claimed, post=planned.post) == replace(
            planned, state=State.SENDING, attempts=1
        )


words = st.text(max_size=20)
entries = st.builds(
    Entry,
    paper=st.sampled_from([*PAPERS.values()]),
    number=st.integers(1, 50),
    late=st.booleans(),
    why=words,
)
notes = st.lists(words, max_size=2).map(tuple)
posts = st.builds(
    Digest,
    title=words,
    subtitle=words,
    url=st.none() | words,
    entries=st.lists(entries, max_size=3).map(tuple),
    notes=notes,
    part=st.integers(1, 9),
    parts=st.integers(1, 9),
) | st.builds(PaperCard, entry=entries, full=st.booleans(), notes=notes)


@given(posts)
def test_any_post_can_be_stored(post: Digest | PaperCard) -> None:
    """Out of the database it is the same, whatever its texts."""
    assert load_post(dump_post(post), PAPERS) == post
    titles = {entry.paper.title for entry in load_post(dump_post(post), {}).entries}
    assert titles == {entry.paper.title for entry in post.entries}


async def test_a_part_waits_for_the_parts_before_it(place: Place) -> None:
    """They arrive in order; one that failed for good holds up nobody."""
    async with temporary_storage(place) as storage:
        await prepare(storage)
        await storage.outbox.plan(plan(*(delivery(part) for part in (1, 2, 3))))
        one, two, three = (f"tulip:2025-05-22:{part}" for part in (1, 2, 3))
        assert await claim(storage) == [one]
        assert await claim(storage) == []
        await storage.outbox.put_back(one, State.UNKNOWN, at=NOON, reason="lost")
        assert await claim(storage) == []
        await storage.outbox.sent(one, MESSAGE, NOON)
        assert await claim(storage) == [two]
        await storage.outbox.put_back(two, State.FAILED, at=NOON, reason="refused")
        assert await claim(storage) == [three]


async def test_what_is_not_due_is_not_claimed(place: Place) -> None:
    """The oldest come first, as many as were asked for."""
    async with temporary_storage(place) as storage:
        await prepare(storage)
        for number, minutes in enumerate((5, -5, 0, -9)):
            at = NOON + timedelta(minutes=minutes)
            edition = f"e{number}"
            owed = delivery(1, edition=edition, next_attempt_at=at)
            await storage.outbox.plan(plan(owed, edition=edition))
        claimed = await storage.outbox.claim(NOON, LEASE, limit=2)
        assert [one.edition for one in claimed] == ["e3", "e1"]
        assert await claim(storage) == ["tulip:e2:1"]
        assert await claim(storage, NOON + timedelta(minutes=5)) == ["tulip:e0:1"]


async def test_two_claimers_never_get_the_same(place: Place) -> None:
    """Fifty deliveries, two processes, five claims each at the same time."""
    async with temporary_storage(place) as one, temporary_storage(place) as two:
        await prepare(one)
        for number in range(50):
            await one.outbox.plan(plan(delivery(1, edition=f"e{number}"), edition=f"e{number}"))
        claims = await asyncio.gather(
            *(storage.outbox.claim(NOON, LEASE, limit=5) for storage in (one, two) * 5)
        )
        keys = [delivery.key for claimed in claims for delivery in claimed]
        assert len(keys) == len(set(keys)) == 50


async def test_sending_is_recorded_with_its_papers(place: Place) -> None:
    """Reactions to the message find them, and its channel has had them."""
    async with temporary_storage(place) as storage:
        await prepare(storage)
        await storage.outbox.plan(plan(delivery(1, ONE, TWO)))
        (key,) = await claim(storage)
        assert await storage.outbox.message_of(key) is None
        await storage.outbox.sent(key, MESSAGE, NOON)
        await storage.outbox.sent(key, MESSAGE, NOON)
        assert await storage.outbox.message_of(key) == MESSAGE
        shown = Shown(message=MESSAGE, papers={1: ONE, 2: TWO})
        assert await storage.library.shown(MESSAGE) == shown
        assert await storage.library.latest(CHANNEL, Person("terminal", "ann")) == shown
        assert await storage.outbox.owed() == 0
        assert await storage.outbox.unsettled(NOON + timedelta(days=1)) == []


async def test_what_was_sent_is_never_owed_again(place: Place) -> None:
    """A late doubt does not send it twice."""
    async with temporary_storage(place) as storage:
        await prepare(storage)
        await storage.outbox.plan(plan(delivery(1, ONE)))
        (key,) = await claim(storage)
        await storage.outbox.sent(key, MESSAGE, NOON)
        await storage.outbox.put_back(key, State.OWED, at=NOON, reason="late")
        assert await claim(storage) == []
        await storage.outbox.sent("no such key", MESSAGE, NOON)
        await storage.outbox.put_back("no such key", State.OWED, at=NOON, reason="")


@pytest.mark.parametrize(("state", "counts"), [(State.OWED, True), (State.FAILED, False)])
async def test_owed_papers_count_as_posted_and_failed_ones_do_not(
    place: Place, state: State, counts: bool
) -> None:
    """Or two editions planned in a row would both bring the paper."""
    async with temporary_storage(place) as storage:
        await prepare(storage)
        await storage.outbox.plan(plan(delivery(1, ONE)))
        (key,) = await claim(storage)
        await storage.outbox.put_back(key, state, at=NOON, reason="refused")
        posted = await storage.outbox.posted(CHANNEL, [ONE, TWO], None)
        assert posted == ({ONE} if counts else set())


async def test_posted_papers_are_forgotten_after_a_while_if_wished(place: Place) -> None:
    """Since then, or ever; in this channel and no other."""
    async with temporary_storage(place) as storage:
        await prepare(storage)
        await storage.outbox.plan(plan(delivery(1, ONE)))
        (key,) = await claim(storage)
        await storage.outbox.sent(key, MESSAGE, NOON)
        posted = storage.outbox.posted
        assert await posted(CHANNEL, [ONE], NOON) == {ONE}
        assert await posted(CHANNEL, [ONE], NOON + timedelta(seconds=1)) == set()
        assert await posted(CHANNEL, [ONE], None) == {ONE}
        assert await posted(Channel(CHANNEL.workspace, "other"), [ONE], None) == set()


async def test_what_a_dead_process_left_is_unsettled(place: Place) -> None:
    """After its lease, over a restart; never claimed as if nothing had happened."""
    async with temporary_storage(place) as storage:
        await prepare(storage)
        await storage.outbox.plan(plan(delivery(1, ONE)))
        (key,) = await claim(storage)
    async with temporary_storage(place) as storage:
        assert await storage.outbox.unsettled(NOON + timedelta(minutes=1)) == []
        later = NOON + timedelta(minutes=3)
        await let_leases_end(storage)
        assert await claim(storage, later) == []
        (found,) = await storage.outbox.unsettled(later)
        assert (found.key, found.state) == (key, State.UNKNOWN)
        assert await storage.outbox.unsettled(later) == [found]
        await storage.outbox.put_back(key, State.OWED, at=later, reason="it had not arrived")
        (again,) = await storage.outbox.claim(later, later)
        assert (again.attempts, again.reason) == (2, "it had not arrived")


async def test_in_a_file_leases_go_by_this_machine_s_clock(tmp_path: Path) -> None:
    """To the second."""
    async with temporary_storage(tmp_path) as storage:
        await prepare(storage)
        await storage.outbox.plan(plan(delivery(1, ONE)))
        assert await claim(storage)
        assert await storage.outbox.unsettled(LEASE - timedelta(seconds=1)) == []
        assert len(await storage.outbox.unsettled(LEASE)) == 1


async def test_a_doubt_is_given_to_one_at_a_time(place: Place) -> None:
    """Whoever looks into it holds it like a delivery under way; if that process dies, another one does."""
    async with temporary_storage(place) as storage:
        await prepare(storage)
        await storage.outbox.plan(plan(delivery(1, ONE)))
        (key,) = await claim(storage)
        await let_leases_end(storage)
        (found,) = await storage.outbox.unsettled(NOON, LEASE)
        assert await storage.outbox.unsettled(NOON, LEASE) == []
        await let_leases_end(storage)
        assert await storage.outbox.unsettled(NOON, LEASE) == [found]
        await storage.outbox.put_back(key, State.UNKNOWN, at=NOON, reason="cannot tell")
        assert len(await storage.outbox.unsettled(NOON, LEASE)) == 1


async def test_who_was_too_slow_has_no_say(place: Place) -> None:
    """A delivery that somebody else has taken meanwhile is not put back by the one before."""
    async with temporary_storage(place) as storage:
        await prepare(storage)
        await storage.outbox.plan(plan(delivery(1, ONE)))
        (first,) = await storage.outbox.claim(NOON, LEASE)
        put_back = storage.outbox.put_back
        await put_back(first.key, State.OWED, at=NOON, reason="", attempts=first.attempts)
        (second,) = await storage.outbox.claim(NOON, LEASE)
        await put_back(first.key, State.OWED, at=NOON, reason="", attempts=first.attempts)
        assert await claim(storage) == []
        await put_back(second.key, State.OWED, at=NOON, reason="", attempts=second.attempts)
        assert await claim(storage) == [second.key]


async def test_what_was_given_up_is_not_owed_again(place: Place) -> None:
    """An end is an end."""
    async with temporary_storage(place) as storage:
        await prepare(storage)
        await storage.outbox.plan(plan(delivery(1, ONE)))
        (key,) = await claim(storage)
        await storage.outbox.put_back(key, State.FAILED, at=NOON, reason="refused")
        await storage.outbox.put_back(key, State.OWED, at=NOON, reason="late")
        assert await claim(storage) == []


async def test_a_doubt_is_looked_into_when_its_time_comes(place: Place) -> None:
    """The platform could not tell just now."""
    async with temporary_storage(place) as storage:
        await prepare(storage)
        await storage.outbox.plan(plan(delivery(1, ONE)))
        (key,) = await claim(storage)
        later = NOON + timedelta(minutes=5)
        await storage.outbox.put_back(key, State.UNKNOWN, at=later, reason="answer lost")
        assert await storage.outbox.unsettled(NOON) == []
        (found,) = await storage.outbox.unsettled(later)
        assert found.reason == "answer lost"


async def test_unsubscribing_withdraws_what_is_owed(place: Place) -> None:
    """What was sent stays known to the channel, whoever subscribes next."""
    async with temporary_storage(place) as storage:
        await prepare(storage)
        await storage.outbox.plan(plan(delivery(1, ONE), delivery(2, TWO)))
        (key,) = await claim(storage)
        await storage.outbox.sent(key, MESSAGE, NOON)
        await storage.subscriptions.remove("tulip")
        assert await storage.outbox.owed() == 0
        assert await storage.outbox.posted(CHANNEL, [ONE, TWO], None) == {ONE}
        assert await storage.outbox.message_of(key) == MESSAGE
        await storage.subscriptions.add(ORDER)
        assert not await storage.outbox.plan(plan(delivery(1, ONE)))


async def test_what_was_withdrawn_can_be_planned_anew(place: Place) -> None:
    """An order of the same name posts the edition of which nothing went out."""
    async with temporary_storage(place) as storage:
        await prepare(storage)
        await storage.outbox.plan(plan(delivery(1, ONE)))
        await storage.subscriptions.remove("tulip")
        await storage.subscriptions.add(ORDER)
        assert await storage.outbox.plan(plan(delivery(1, ONE)))
        assert len(await claim(storage)) == 1


async def test_a_send_that_failed_after_unsubscribing_is_not_repeated(place: Place) -> None:
    """It was under way when the order was removed."""
    async with temporary_storage(place) as storage:
        await prepare(storage)
        await storage.outbox.plan(plan(delivery(1, ONE)))
        (key,) = await claim(storage)
        await storage.subscriptions.remove("tulip")
        await storage.outbox.put_back(key, State.OWED, at=NOON, reason="try later")
        assert await claim(storage) == []
        assert await storage.outbox.owed() == 0


async def test_runs_tell_how_they_ended(place: Place) -> None:
    """The latest first, every field as it was recorded."""
    async with temporary_storage(place) as storage:
        await prepare(storage)
        made = [
            Run(
                subscription="tulip",
                edition=f"e{number}",
                due_at=NOON + timedelta(days=number),
                outcome=Outcome.NOTHING,
                reason="weekend",
                posted=number,
                finished_at=NOON + timedelta(days=number),
                retry_at=NOON,
            )
            for number in range(4)
        ]
        for run in made:
            await storage.outbox.plan(Plan(run=run, next_run_at=NOON))
        assert await storage.outbox.runs(CHANNEL, limit=2) == [made[3], made[2]]
        assert await storage.outbox.runs(Channel(CHANNEL.workspace, "other")) == []


async def test_pruning_forgets_runs_and_nothing_that_was_posted(place: Place) -> None:
    """A waiting run is not old, it waits."""
    async with temporary_storage(place) as storage:
        await prepare(storage)
        await storage.outbox.plan(plan(delivery(1, ONE)))
        await storage.outbox.plan(plan(outcome=Outcome.WAITING, edition="next"))
        assert await storage.outbox.prune(NOON) == 0
        assert await storage.outbox.prune(NOON + timedelta(seconds=1)) == 1
        assert [run.edition for run in await storage.outbox.runs(CHANNEL)] == ["next"]
        assert await storage.outbox.posted(CHANNEL, [ONE], None) == {ONE}
        assert await storage.outbox.owed() == 1
