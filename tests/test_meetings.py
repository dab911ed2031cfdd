"""What a channel hears of a meeting: each thing once, at its hour, or not at all."""

from datetime import time, timedelta
from pathlib import Path

import pytest

from bot.domain.deliveries import Outcome
from bot.domain.errors import ChannelRefused, OutcomeUnknown, TryLater
from bot.domain.posts import Digest, PaperCard
from bot.domain.subscriptions import Layout, Terms
from bot.domain.text import Instant, pieces
from bot.meetings import end_meetings, opening_of
from bot.planning import Rules
from tests.support.club import BEGIN, HEARD, PAPER, heard, meeting, pick, ticks
from tests.support.fakes import CHANNEL
from tests.support.storage import Place, temporary_storage
from tests.support.world import World, at, world


async def test_from_the_announcement_to_the_discussion(tmp_path: Path) -> None:
    """At once, a day and an hour before, and at the hour with a thread below."""
    async with world(tmp_path, BEGIN) as it:
        one = await pick(it)
        await it.tick()
        assert heard(it) == HEARD[:1]
        await ticks(it, "2026-12-02 14:59")
        assert heard(it) == HEARD[:1]
        await ticks(it, "2026-12-02 15:00", "2026-12-03 13:59")
        assert heard(it) == HEARD[:2]
        await ticks(it, "2026-12-03 14:00", "2026-12-03 14:59")
        assert heard(it) == HEARD[:3]
        await ticks(it, "2026-12-03 15:00", "2026-12-03 15:01", "2026-12-05 15:00")
        assert heard(it) == HEARD
        (opening, head), (_, thread) = it.chat.sent[-2:]
        assert isinstance(head.post, PaperCard)
        assert isinstance(thread.post, Digest)
        assert thread.reply_to == opening
        assert head.reply_to is None
        assert await it.storage.outbox.message_of(opening_of(one)) == opening
        assert thread.post.title == f"Journal club: {PAPER.title}"


async def test_everybody_reads_the_hour_in_their_own_zone(tmp_path: Path) -> None:
    """The instant is marked in each message; nothing in it is true only for a while."""
    async with world(tmp_path, BEGIN) as it:
        await pick(it)
        await it.until("2026-12-03 16:00")
        start = at("2026-12-03 15:00")
        for _, outgoing in it.chat.sent[:4]:
            assert isinstance(outgoing.post, Digest | PaperCard)
            marks = [piece for note in outgoing.post.notes for piece in pieces(note)]
            assert Instant(start, "Thu 3 Dec 2026, 16:00 Europe/Berlin") in marks
            said = "\n".join(outgoing.post.notes)
            assert not any(word in said for word in ("tomorrow", "in an hour", "now"))


async def test_nobody_is_named_in_what_is_kept_of_letters(tmp_path: Path) -> None:
    """Who wants to be forgotten later need not be looked for in them."""
    async with world(tmp_path, BEGIN) as it:
        await pick(it)
        await it.until("2026-12-03 16:00")
        assert "Ann" not in repr([outgoing.post for _, outgoing in it.chat.sent])


@pytest.mark.parametrize(
    ("moments", "said", "record"),
    [
        (["2026-12-03 14:30"], ["hour"], "the reminder of the day before was skipped"),
        (["2026-12-03 15:10"], ["start", "thread"], "and the reminder an hour before were skipped"),
        (["2026-12-03 16:30"], [], "and the opening were skipped: it was too late"),
        (["2026-12-02 23:00"], ["day"], ""),
    ],
)
async def test_a_late_start_skips_what_has_lost_its_sense(
    tmp_path: Path, moments: list[str], said: list[str], record: str
) -> None:
    """And the record of the run says so."""
    async with world(tmp_path, BEGIN) as it:
        await pick(it)
        await it.tick()
        it.restart()
        await ticks(it, *moments, *moments)
        assert heard(it) == ["picked", *said]
        run = await it.last_run()
        assert record in run.reason
        assert run.outcome is (Outcome.POSTED if said else Outcome.NOTHING)


@pytest.mark.parametrize(
    ("picked", "said"),
    [
        ("2026-12-02 20:00", ["picked", "hour", "start", "thread"]),
        ("2026-12-03 14:30", ["picked", "start", "thread"]),
    ],
)
async def test_what_was_due_before_it_was_picked_is_not_missed(
    tmp_path: Path, picked: str, said: list[str]
) -> None:
    """Nobody is reminded of what they have just read, and no record complains."""
    async with world(tmp_path, picked) as it:
        await pick(it, meeting(picked=picked))
        await it.tick()
        await it.until("2026-12-03 15:30", timedelta(minutes=10))
        assert heard(it) == said
        runs = await it.storage.outbox.runs(CHANNEL, 10)
        assert {run.reason for run in runs} == {""}


async def test_a_reminder_that_was_long_on_its_way_is_not_sent_after_the_hour(
    tmp_path: Path,
) -> None:
    """The chat was down over the hour; the opening comes all the same, once."""
    async with world(tmp_path, BEGIN) as it:
        await pick(it)
        await ticks(it, BEGIN, "2026-12-02 15:00")
        it.chat.down[CHANNEL] = TryLater("down", timedelta(minutes=5))
        await ticks(it, "2026-12-03 14:00", "2026-12-03 14:58", "2026-12-03 15:00")
        it.chat.down.clear()
        await ticks(it, "2026-12-03 15:06", "2026-12-03 15:12", "2026-12-03 15:30")
        assert heard(it) == ["picked", "day", "start", "thread"]


async def test_a_channel_that_takes_posts_again_hears_what_is_next(tmp_path: Path) -> None:
    """What was refused is not sent too late, and does not keep back what still makes sense."""
    async with world(tmp_path, BEGIN) as it:
        await pick(it)
        await ticks(it, BEGIN, "2026-12-02 15:00")
        it.chat.down[CHANNEL] = ChannelRefused("I may not post.")
        await ticks(it, "2026-12-03 14:00", "2026-12-03 14:30")
        (order,) = await it.storage.subscriptions.all()
        assert order.paused == "I may not post."
        it.chat.down.clear()
        await ticks(it, "2026-12-03 15:00", "2026-12-03 15:01")
        assert heard(it) == ["picked", "day", "start", "thread"]
        (order,) = await it.storage.subscriptions.all()
        assert order.paused is None


async def test_lost_answers_and_restarts_double_nothing(place: Place) -> None:
    """Every answer is lost, and the process dies after every step."""
    async with temporary_storage(place) as storage:
        it = World(storage, at(BEGIN))
        await pick(it)
        it.chat.takes_anyway = True
        for moment in (BEGIN, "2026-12-02 15:00", "2026-12-03 14:00", "2026-12-03 15:00"):
            for minute in range(4):
                it.chat.then = [OutcomeUnknown("lost")]
                it.now = at(moment) + timedelta(minutes=minute)
                await it.tick()
                it.restart()
        it.chat.then = []
        await it.tick("2026-12-03 15:20")
        assert heard(it) == HEARD


async def test_a_plan_that_was_not_sent_before_a_crash_is_sent_after_it(tmp_path: Path) -> None:
    """Written down is owed."""
    async with world(tmp_path, BEGIN) as it:
        await pick(it)
        await it.planner.plan_due()
        it.restart()
        await it.tick("2026-12-01 09:10")
        assert heard(it) == ["picked"]


async def test_two_replicas_say_it_once(place: Place) -> None:
    """Both plan at the same moment."""
    async with temporary_storage(place) as one, temporary_storage(place) as other:
        first, second = World(one, at(BEGIN)), World(other, at(BEGIN))
        second.chat = first.chat
        second.restart()
        await pick(first)
        for moment in (BEGIN, "2026-12-02 15:00", "2026-12-03 14:00", "2026-12-03 15:00"):
            for it in (first, second):
                it.now = at(moment)
                await it.planner.plan_due()
            for it in (second, first):
                await it.office.send()
        assert heard(first) == HEARD


async def test_a_cancelled_meeting_is_heard_of_no_more(tmp_path: Path) -> None:
    """Neither what was to come nor what was on its way."""
    async with world(tmp_path, BEGIN) as it:
        one = await pick(it)
        await it.tick()
        it.now = at("2026-12-02 15:00")
        await it.planner.plan_due()
        await it.storage.club.cancel(one.id)
        await it.until("2026-12-03 16:00")
        assert heard(it) == ["picked"]


async def test_an_archived_meeting_is_heard_of_no_more(tmp_path: Path) -> None:
    """Its subscription goes when it is past."""
    async with world(tmp_path, BEGIN) as it:
        one = await pick(it)
        await it.until("2026-12-03 16:00")
        before = heard(it)
        orders, club = it.storage.subscriptions, it.storage.club
        assert await end_meetings(orders, club, it.now) == 0
        await club.end(one.id, it.now)
        await it.until("2026-12-05 16:00")
        assert heard(it) == before
        assert await end_meetings(orders, club, it.now) == 1
        assert await orders.all() == []
        assert await it.storage.outbox.message_of(opening_of(one))


async def test_the_operators_choices_for_digests_do_not_apply(tmp_path: Path) -> None:
    """Neither spread nor layout nor a least number of upvotes."""
    defaults = Terms(at=time(9), tz="UTC", min=10**6, layout=Layout.THREAD, top=0, again=0)
    rules = {"defaults": defaults.resolved(Rules().defaults), "spread": timedelta(hours=1)}
    async with world(tmp_path, BEGIN, **rules) as it:
        await pick(it)
        await ticks(it, BEGIN, "2026-12-02 15:00", "2026-12-03 14:00", "2026-12-03 15:00")
        assert heard(it) == HEARD
