"""Many subscriptions planned together: what they share is found once, and none gets in another's way."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.deliveries import Fate, Outcome, Plan
from bot.domain.errors import StorageError
from bot.domain.papers import DailyList, Listing
from bot.domain.people import Channel, Workspace
from bot.domain.ports import Budget
from bot.domain.subscriptions import Edition, Subscription, Terms
from bot.planning import TOGETHER, Planner
from tests.support.fakes import (
    CHANNEL,
    FakeArchive,
    FakeOutbox,
    FakeRefresher,
    FakeSubscriptions,
    papers,
)
from tests.support.storage import Place, temporary_storage
from tests.support.world import World, at, some, world

DAY = "2025-05-22"
NOW = at("2025-05-23 09:00")
LISTED = papers(12)


class Counting(FakeArchive):
    """Counts how often a day's list is read."""

    reads = 0

    async def daily(self, day: object) -> DailyList:
        self.reads += 1
        return await super().daily(day)  # type: ignore[arg-type]


class Watched(FakeOutbox):
    """Remembers what it was handed at once; refuses plans for some subscriptions, or everybody's."""

    def __init__(self, subscriptions: FakeSubscriptions) -> None:
        super().__init__(subscriptions)
        self.handed: list[int] = []
        self.refused: set[str] = set()
        self.away = False

    async def plan_all(self, plans: Sequence[Plan]) -> list[Fate]:
        self.handed.append(len(plans))
        if self.away or self.refused & {plan.run.subscription for plan in plans}:
            raise StorageError("no")
        return await super().plan_all(plans)


def channel(number: int) -> Channel:
    return Channel(Workspace("terminal", f"w{number}"), "papers")


def order(number: int, **facts: object) -> Subscription:
    made = Subscription(
        id=f"s{number:04}",
        channel=channel(number),
        edition=Edition.DAILY,
        created_at=NOW - timedelta(days=1),
        next_run_at=NOW,
        covered="2025-05-21",
    )
    return replace(made, **facts)


def office(*orders: Subscription) -> tuple[Planner, Watched, Counting]:
    """A planner of these, with twelve papers on the list of the day before."""
    archive = Counting()
    archive.has(Listing.parse(f"day:{DAY}"), *LISTED, at=NOW)
    subscriptions = FakeSubscriptions(*orders)
    outbox = Watched(subscriptions)
    planner = Planner(
        archive=archive,
        subscriptions=subscriptions,
        outbox=outbox,
        refresher=FakeRefresher(archive, now=NOW),
        budgets={"terminal": Budget(), "slack": Budget(entries=5)},
        clock=lambda: NOW,
    )
    return planner, outbox, archive


async def test_equal_wishes_are_looked_up_chosen_and_laid_out_once() -> None:
    """Every channel gets the very same post; another platform, other terms or another past make another."""
    alike = [order(n) for n in range(20)]
    elsewhere = order(20, channel=Channel(Workspace("slack", "T1"), "C1"))
    fewer = order(21, terms=Terms(top=3))
    planner, outbox, archive = office(*alike, elsewhere, fewer)
    await planner.plan_due()
    assert archive.reads == 1
    posts = Counter(id(one.post) for one in outbox.deliveries.values())
    assert sorted(posts.values()) == [1, 1, 1, 20]
    assert len(outbox.deliveries["s0021:daily:2025-05-22:1"].papers) == 3


async def test_what_a_channel_has_had_is_not_in_what_it_shares_with_others() -> None:
    """Their pasts differ, so their digests do."""
    early = order(1, id="early", terms=Terms(top=4))
    planner, outbox, _ = office(order(0), order(1), early)
    await planner.plan([early])
    await planner.plan([order(0), order(1)])
    first, second = (outbox.deliveries[f"s000{n}:daily:{DAY}:1"].papers for n in (0, 1))
    assert [*first.values()] == [paper.id for paper in LISTED[:10]]
    assert [*second.values()] == [paper.id for paper in LISTED[4:]]


async def test_all_that_are_due_are_planned_in_one_tick() -> None:
    """However many they are, a few hundred in each transaction."""
    planner, outbox, _ = office(*(order(n) for n in range(TOGETHER + 7)))
    await planner.plan_due()
    assert outbox.handed == [TOGETHER, 7]
    assert len(outbox.deliveries) == TOGETHER + 7


async def test_where_nothing_is_due_nothing_is_written() -> None:
    """Most ticks are of this kind, and a transaction holds up others."""
    planner, outbox, _ = office(order(0, next_run_at=NOW + timedelta(hours=1)))
    await planner.plan_due()
    await planner.plan([])
    assert outbox.handed == []


async def test_one_that_cannot_be_decided_costs_nobody_else_an_edition(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A zone that this machine does not know: the record says so, and it is tried again later."""
    bad = order(1, terms=Terms(tz="Atlantis/Capital"))
    planner, outbox, _ = office(order(0), bad, order(2))
    await planner.plan_due()
    assert {one.subscription for one in outbox.deliveries.values()} == {"s0000", "s0002"}
    (run,) = await outbox.runs(bad.channel)
    assert run.outcome is Outcome.WAITING
    assert "Atlantis" in run.reason
    assert outbox.subscriptions.known[bad.id].next_run_at == NOW + planner.rules.retry_every
    assert "s0001" in caplog.text


async def test_one_that_cannot_be_written_costs_nobody_else_an_edition(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The others are written one by one."""
    planner, outbox, _ = office(*(order(n) for n in range(5)))
    outbox.refused = {"s0002"}
    await planner.plan_due()
    assert len(outbox.deliveries) == 4
    assert "s0002" in caplog.text


async def test_a_database_that_is_away_is_not_asked_for_each() -> None:
    """Two failures in a row are enough; what is due stays due."""
    planner, outbox, _ = office(*(order(n) for n in range(50)))
    outbox.away = True
    with pytest.raises(StorageError):
        await planner.plan_due()
    assert len(outbox.handed) == 3
    outbox.away = False
    await planner.plan_due()
    assert len(outbox.deliveries) == 50


async def test_who_is_told_to_stop_begins_no_new_batch() -> None:
    """The next process plans the rest."""
    planner, outbox, _ = office(*(order(n) for n in range(3)))
    planner.closing.set()
    await planner.plan_due()
    assert outbox.deliveries == {}


async def test_a_quiet_edition_is_put_off_and_leaves_no_run() -> None:
    """Nothing has risen: nobody hears of it, and it looks again in half an hour."""
    rising = [order(n, edition=Edition.RISING, covered=None) for n in range(3)]
    planner, outbox, _ = office(*rising)
    await planner.plan_due()
    assert outbox.ended == []
    known = outbox.subscriptions.known.values()
    assert {one.next_run_at for one in known} == {NOW + timedelta(minutes=30)}


async def test_subscriptions_of_one_channel_planned_together_share_its_memory() -> None:
    """Three of them: each paper comes once, and the one that is first by the clock is first."""
    same = [order(n, channel=CHANNEL, terms=Terms(top=top)) for n, top in enumerate((2, 3, 50))]
    planner, outbox, _ = office(*same)
    await planner.plan_due()
    brought = [[*one.papers.values()] for one in outbox.deliveries.values()]
    ids = [paper.id for paper in LISTED]
    assert [brought[0], brought[1]] == [ids[:2], ids[2:5]]
    assert sorted(id for papers in brought for id in papers) == sorted(ids)


async def test_two_replicas_that_plan_at_once_bring_each_paper_once(server: Place) -> None:
    """Different subscriptions of one channel, due at the same moment, planned on two machines."""
    async with temporary_storage(server) as one, temporary_storage(server) as two:
        first, second = World(one, NOW), World(two, NOW)
        second.source = first.source
        second.restart()
        for day in range(10, 20):
            listed = some(4, f"2025-05-{day}")
            first.now = second.now = at(f"2025-05-{day} 12:00")
            first.publish(f"2025-05-{day}", listed)
            few = await first.subscribe(id=f"few{day}", top=2)
            many = await first.subscribe(id=f"many{day}")
            first.now = second.now = at(f"2025-05-{day + 1} 09:00")
            await first.ingest.refresh(Listing.parse(f"day:2025-05-{day}"), max_age=timedelta(0))
            await asyncio.gather(first.planner.plan([few]), second.planner.plan([many]))
            claimed = await one.outbox.claim(first.now, first.now + timedelta(minutes=2), 50)
            brought = Counter(id for each in claimed for id in each.papers.values())
            assert brought == {paper.id: 1 for paper in listed}


async def test_a_tick_of_the_whole_bot_shares_posts(tmp_path: Path) -> None:
    """From the plan to the messenger: two channels of equal terms are sent the same object."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        it.publish(DAY, some(3, DAY))
        for number in range(3):
            await it.subscribe(id=f"s{number}", channel=channel(number))
        await it.tick("2025-05-23 09:00")
        posts = {id(post) for _, post in it.chat.posts}
        assert (len(it.chat.sent), len(posts)) == (3, 1)
