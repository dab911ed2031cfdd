"""Plans written together: each has its own fate, and no paper is promised to a channel twice."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.deliveries import Delivery, Fate, Outcome, Plan, Run, State
from bot.domain.errors import UserError
from bot.domain.papers import Paper, PaperId
from bot.domain.people import Channel, Message, Workspace
from bot.domain.posts import Digest, Entry
from bot.domain.subscriptions import Edition, Subscription
from storage import Storage
from tests.support.storage import Place, temporary_storage

NOON = datetime(2025, 5, 22, 12, tzinfo=UTC)
LEASE = NOON + timedelta(minutes=2)
HERE, THERE = (Channel(Workspace("terminal", "local"), name) for name in ("here", "there"))
PAPERS = [Paper(id=PaperId(f"2505.{n:05}"), title=f"Paper {n}") for n in range(9)]


def order(name: str, channel: Channel = HERE, **facts: object) -> Subscription:
    made = Subscription(
        id=name, channel=channel, edition=Edition.DAILY, created_at=NOON, next_run_at=NOON
    )
    return replace(made, **facts)


def plan(
    name: str,
    *papers: int,
    channel: Channel = HERE,
    edition: str = "today",
    outcome: Outcome = Outcome.POSTED,
    since: datetime | None = None,
) -> Plan:
    run = Run(subscription=name, edition=edition, due_at=NOON, outcome=outcome, finished_at=NOON)
    entries = tuple(Entry(paper=PAPERS[n], number=k) for k, n in enumerate(papers, 1))
    delivery = Delivery(
        key=f"{name}:{edition}:1",
        subscription=name,
        channel=channel,
        edition=edition,
        part=1,
        post=Digest(title="Today", entries=entries),
        next_attempt_at=NOON,
    )
    return Plan(
        run=run,
        deliveries=(delivery,) if papers else (),
        next_run_at=NOON + timedelta(days=1),
        covered="2025-05-22",
        new_since=since,
    )


async def prepare(storage: Storage, *orders: Subscription) -> None:
    await storage.archive.keep(PAPERS, as_of=NOON)
    for one in orders:
        await storage.subscriptions.add(one)


async def test_each_plan_has_its_own_fate(place: Place) -> None:
    """Written, known, overtaken: in the order they came, and all in one transaction."""
    async with temporary_storage(place) as storage:
        names = ("a", "b", "c", "d", "e")
        await prepare(storage, *map(order, names), order("f", THERE))
        assert await storage.outbox.plan(plan("b", 8))
        fates = await storage.outbox.plan_all(
            [
                plan("a", 1, 2),
                plan("b", 3),
                plan("c", 2, 3),
                plan("gone", 4),
                plan("d"),
                plan("e", 8, 7),
                plan("f", 1, 2, channel=THERE),
                plan("f", 5, channel=THERE),
            ]
        )
        written, known, overtaken = Fate.WRITTEN, Fate.KNOWN, Fate.OVERTAKEN
        assert fates == [written, known, overtaken, known, written, overtaken, written, known]
        assert await storage.outbox.owed() == 3
        due = await storage.subscriptions.due(NOON)
        assert [one.id for one in due] == ["c", "e"]
        assert {one.covered for one in due} == {None}


async def test_what_was_overtaken_can_be_decided_again(place: Place) -> None:
    """Nothing of it was written."""
    async with temporary_storage(place) as storage:
        await prepare(storage, order("a"), order("b"))
        await storage.outbox.plan_all([plan("a", 1), plan("b", 1, 2)])
        assert await storage.outbox.runs(HERE) == [plan("a", 1).run]
        assert await storage.outbox.plan_all([plan("b", 2)]) == [Fate.WRITTEN]


async def test_a_paper_may_come_again_after_so_many_days(place: Place) -> None:
    """Counted from the day it was sent; what failed does not count at all."""
    async with temporary_storage(place) as storage:
        await prepare(storage, order("a"))
        await storage.outbox.plan(plan("a", 1, 2))
        (one,) = await storage.outbox.claim(NOON, LEASE)
        await storage.outbox.sent(one.key, Message(HERE, "1"), NOON + timedelta(hours=5))
        later = NOON + timedelta(hours=6)
        assert await storage.outbox.plan_all([plan("a", 1, edition="2", since=NOON)]) == [
            Fate.OVERTAKEN
        ]
        assert await storage.outbox.plan(plan("a", 1, edition="3", since=later))
        (two,) = await storage.outbox.claim(NOON, LEASE)
        await storage.outbox.put_back(two.key, State.FAILED, at=NOON, reason="refused")
        assert await storage.outbox.plan(plan("a", 1, edition="4", since=later))


async def test_a_run_that_waited_gives_way_to_the_one_that_ends_it(place: Place) -> None:
    """Also when many are written together, and when that one has another name."""
    async with temporary_storage(place) as storage:
        await prepare(storage, order("a"), order("b", THERE))
        waiting = [
            plan("a", outcome=Outcome.WAITING),
            plan("b", outcome=Outcome.WAITING, edition="daily:9"),
        ]
        assert await storage.outbox.plan_all(waiting) == [Fate.WRITTEN] * 2
        done = [plan("a", 1), plan("b", 1, channel=THERE)]
        assert await storage.outbox.plan_all(done) == [Fate.WRITTEN] * 2
        for channel, one in zip((HERE, THERE), done, strict=True):
            assert await storage.outbox.runs(channel) == [one.run]


async def test_plans_are_written_all_or_none(place: Place) -> None:
    """One that cannot be written takes back the others, and says so."""
    bad = Channel(Workspace("terminal", "local"), "a b")
    async with temporary_storage(place) as storage:
        await prepare(storage, order("a"), order("b", THERE))
        with pytest.raises(UserError):
            await storage.outbox.plan_all([plan("a", 1), plan("b", 1, channel=bad)])
        assert await storage.outbox.owed() == 0
        assert len(await storage.subscriptions.due(NOON)) == 2


async def test_nothing_to_plan_is_no_matter(place: Place) -> None:
    """An empty batch, and a plan without a delivery."""
    async with temporary_storage(place) as storage:
        await prepare(storage, order("a"))
        assert await storage.outbox.plan_all([]) == []
        assert await storage.outbox.posted_in([HERE], [], None) == {}
        assert await storage.outbox.plan_all([plan("a", outcome=Outcome.NOTHING)]) == [Fate.WRITTEN]


async def test_what_many_channels_have_had_is_asked_at_once(place: Place) -> None:
    """The same as asking for each."""
    channels = [Channel(Workspace("terminal", "local"), f"c{n}") for n in range(20)]
    ids = [paper.id for paper in PAPERS]
    async with temporary_storage(place) as storage:
        await prepare(storage, *(order(one.id, one) for one in channels))
        some = [plan(one.id, n % 3, 3 + n % 5, channel=one) for n, one in enumerate(channels[:15])]
        assert set(await storage.outbox.plan_all(some)) == {Fate.WRITTEN}
        had = await storage.outbox.posted_in(channels, ids[:6], None)
        assert had.keys() <= set(channels[:15])
        for one in channels:
            assert await storage.outbox.posted(one, ids[:6], None) == had.get(one, frozenset())
        later = NOON + timedelta(seconds=1)
        assert await storage.outbox.posted_in(channels, ids, later) == {}


async def test_due_orders_come_page_by_page(place: Place) -> None:
    """Each once, also where many have the same hour; what has become due before the last one is for the next tick."""
    hours = [NOON - timedelta(hours=n // 4) for n in range(10)]
    orders = [order(f"o{n}", next_run_at=hour) for n, hour in enumerate(hours)]
    async with temporary_storage(place) as storage:
        await prepare(storage, *orders)
        pages: list[list[Subscription]] = [[]]
        last = None
        while page := await storage.subscriptions.due(NOON, 3, last):
            pages.append(page)
            last = page[-1]
        found = [one for page in pages for one in page]
        assert found == await storage.subscriptions.due(NOON)
        assert sorted(one.id for one in found) == sorted(one.id for one in orders)


async def test_many_are_put_off_at_once(place: Place) -> None:
    """Whoever rests goes on resting; who is gone stays gone."""
    async with temporary_storage(place) as storage:
        await prepare(storage, order("a"), order("b"), order("c"))
        await storage.subscriptions.pause("b", "closed")
        later = NOON + timedelta(hours=1)
        await storage.subscriptions.put_off({"a": later, "b": later, "gone": later})
        assert await storage.subscriptions.get("a") == order("a", next_run_at=later)
        assert await storage.subscriptions.get("b") == order(
            "b", next_run_at=later, paused="closed"
        )
        assert await storage.subscriptions.due(NOON) == [order("c")]


async def test_of_two_planners_at_once_one_brings_a_paper(place: Place) -> None:
    """Both had seen that the channel has not had it; nobody sees more until the other is done."""
    async with temporary_storage(place) as one, temporary_storage(place) as two:
        for number in range(8):
            names = (f"a{number}", f"b{number}")
            channel = Channel(Workspace("terminal", "local"), f"c{number}")
            await prepare(one, *(order(name, channel) for name in names))
            fates = await asyncio.gather(
                one.outbox.plan_all([plan(names[0], 1, 2, channel=channel)]),
                two.outbox.plan_all([plan(names[1], 2, 3, channel=channel)]),
            )
            assert sorted(fate for (fate,) in fates) == [Fate.OVERTAKEN, Fate.WRITTEN]


async def test_planners_of_the_same_batch_neither_wait_for_ever_nor_plan_twice(
    server: Place,
) -> None:
    """Two replicas tick at the same moment, each with the same due subscriptions in another order."""
    channels = [Channel(Workspace("terminal", "local"), f"c{n % 10}") for n in range(30)]
    orders = [order(f"o{n}", one) for n, one in enumerate(channels)]
    plans = [plan(one.id, n % 9, channel=one.channel) for n, one in enumerate(orders)]
    async with temporary_storage(server) as one, temporary_storage(server) as two:
        await prepare(one, *orders)
        batches = (plans, plans[::-1], plans[10:] + plans[:10], plans[::2] + plans[1::2])
        fates = await asyncio.wait_for(
            asyncio.gather(
                *(
                    storage.outbox.plan_all(batch)
                    for storage, batch in zip((one, two, one, two), batches, strict=True)
                )
            ),
            20,
        )
        written = sum(fate is Fate.WRITTEN for each in fates for fate in each)
        assert written == await one.outbox.owed()
        claimed = await one.outbox.claim(NOON, LEASE, 100)
        pairs = [(each.channel, id) for each in claimed for id in each.papers.values()]
        assert len(pairs) == len(set(pairs)) == written
