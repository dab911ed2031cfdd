"""Editions over days: what a channel gets, and what it does not get twice."""

from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path

from bot.domain.deliveries import Outcome
from bot.domain.papers import DailyList, Listing
from bot.domain.subscriptions import STANDARD, Edition, Subscription
from bot.editions import gather
from tests.support.fakes import CHANNEL, FakeArchive, papers
from tests.support.world import at, some, world

WEEKDAYS = frozenset(range(5))


async def test_the_daily_edition_posts_the_finished_day(tmp_path: Path) -> None:
    """At nine in the morning yesterday's list is complete; today's is not in it."""
    async with world(tmp_path, "2025-05-21 12:00") as it:
        it.publish("2025-05-21", some(3, "2025-05-21"))
        it.publish("2025-05-22", some(3, "2025-05-22"))
        await it.subscribe()
        await it.until("2025-05-22 12:00")
        assert it.papers == [p.id for p in some(3, "2025-05-21")]
        assert it.headings == ["Daily Papers · Wednesday 21 May 2025"]


async def test_a_month_of_days_posts_each_paper_once(tmp_path: Path) -> None:
    """Weekdays only, lists of weekdays: Friday's comes on Monday, and no day is lost or repeated."""
    async with world(tmp_path, "2025-05-01 12:00") as it:
        days = [f"2025-05-{n:02}" for n in range(1, 31) if (n + 2) % 7 not in (5, 6)]
        for day in days:
            it.publish(day, some(4, day))
        await it.subscribe(on=WEEKDAYS)
        await it.until("2025-06-02 12:00", timedelta(hours=12))
        expected = {p.id for day in days for p in some(4, day)}
        assert len(it.papers) == len(set(it.papers))
        assert set(it.papers) == expected


async def test_a_day_without_a_list_is_explained(tmp_path: Path) -> None:
    """On Sunday there is nothing, and the record says why."""
    async with world(tmp_path, "2025-05-23 12:00") as it:
        it.publish("2025-05-23", some(2, "2025-05-23"))
        await it.subscribe()
        await it.until("2025-05-25 12:00")
        assert len(it.chat.posts) == 1
        run = await it.last_run()
        assert (run.outcome, run.reason) == (Outcome.NOTHING, "no list that day")


async def test_filters_that_leave_nothing_are_explained(tmp_path: Path) -> None:
    """Silence is never without a reason."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        it.publish("2025-05-22", some(3, "2025-05-22"))
        await it.subscribe(include=("diffusion",))
        await it.until("2025-05-23 10:00")
        assert it.chat.posts == []
        assert (await it.last_run()).reason == "filters removed 3 of 3"


async def test_a_paper_featured_again_is_not_posted_again(tmp_path: Path) -> None:
    """Hugging Face repeats a paper six days later; the channel does not."""
    async with world(tmp_path, "2025-05-19 12:00") as it:
        first, again = some(2, "2025-05-19"), some(2, "2025-05-20")
        it.publish("2025-05-19", first)
        it.publish("2025-05-20", [first[0], *again])
        await it.subscribe()
        await it.until("2025-05-21 12:00")
        assert it.papers == [p.id for p in (*first, *again)]


async def test_again_after_so_many_days_allows_a_repeat(tmp_path: Path) -> None:
    """With again:7 a paper may come back in the second week."""
    async with world(tmp_path, "2025-05-12 12:00") as it:
        first = some(1, "2025-05-12")
        it.publish("2025-05-12", first)
        it.publish("2025-05-14", first)
        it.publish("2025-05-22", first)
        await it.subscribe(again=7)
        await it.until("2025-05-24 12:00", timedelta(hours=12))
        assert it.papers == [first[0].id] * 2


async def test_the_live_edition_and_what_is_added_later(tmp_path: Path) -> None:
    """A real kind of day: the morning's list, and until midnight what came after, each once and marked."""
    morning, evening = some(12, "2025-05-22"), some(20, "2025-05-22")
    async with world(tmp_path, "2025-05-22 07:00") as it:
        it.publish("2025-05-22", morning)
        await it.subscribe(Edition.LIVE, at=time(8), top=50)
        await it.until("2025-05-22 15:00")
        assert it.late == []
        it.publish("2025-05-22", evening)
        await it.until("2025-05-23 01:00")
        assert sorted(it.papers) == sorted(p.id for p in evening)
        assert it.late == [p.id for p in evening[12:]]
        assert "Added later · Thursday 22 May 2025" in it.headings


async def test_what_the_digest_left_out_is_not_late(tmp_path: Path) -> None:
    """The eleventh paper of the morning does not come back in the evening as news."""
    async with world(tmp_path, "2025-05-22 07:00") as it:
        it.publish("2025-05-22", some(12, "2025-05-22"))
        await it.subscribe(Edition.LIVE, at=time(8), top=5)
        await it.until("2025-05-23 01:00")
        assert len(it.papers) == 5


async def test_late_additions_missed_in_downtime_come_with_the_next_day(tmp_path: Path) -> None:
    """The bot was away in the evening: next morning brings today's list and yesterday's late ones."""
    async with world(tmp_path, "2025-05-22 07:00") as it:
        it.publish("2025-05-22", some(3, "2025-05-22"))
        await it.subscribe(Edition.LIVE, at=time(8))
        await it.tick("2025-05-22 08:00")
        it.publish("2025-05-22", some(5, "2025-05-22"))
        it.publish("2025-05-23", some(2, "2025-05-23"))
        await it.tick("2025-05-23 08:30")
        assert it.late == [p.id for p in some(5, "2025-05-22")[3:]]
        assert sorted(it.papers) == sorted(
            p.id for p in (*some(5, "2025-05-22"), *some(2, "2025-05-23"))
        )


async def test_a_paper_on_its_way_into_the_archive_is_late_and_not_lost(tmp_path: Path) -> None:
    """Seen a moment before a live edition was put together, and written down a moment after."""
    async with world(tmp_path, "2025-05-22 07:00") as it:
        it.publish("2025-05-22", some(3, "2025-05-22"))
        await it.subscribe(Edition.LIVE, at=time(8))
        it.now = at("2025-05-22 07:58")
        await it.ingest.poll()
        await it.tick("2025-05-22 08:00:10")
        listing, seen = Listing.parse("day:2025-05-22"), at("2025-05-22 08:00:05")
        await it.storage.archive.keep(some(4, "2025-05-22"), as_of=seen, listing=listing)
        it.publish("2025-05-22", some(4, "2025-05-22"))
        await it.until("2025-05-22 20:00")
        assert it.late == [some(4, "2025-05-22")[3].id]


class Growing(FakeArchive):
    """Whenever a list was read, one more paper is on it, seen a minute later."""

    async def daily(self, day: date) -> DailyList:
        found = await super().daily(day)
        more = len(found.papers) + 1
        seen = at("2025-05-22 08:00") + timedelta(minutes=more)
        await self.keep(papers(more), as_of=seen, listing=Listing.day(day))
        return found


async def test_a_list_that_grows_while_it_is_read_loses_nothing() -> None:
    """What one look for late papers did not show, the next one does."""
    archive, due, shown = Growing(), at("2025-05-22 08:00"), []
    order = Subscription(
        id="one", channel=CHANNEL, edition=Edition.LIVE, created_at=due, next_run_at=due
    )
    for hour in range(6):
        now, regular = due + timedelta(hours=hour), hour == 0
        found = await gather(archive, order, STANDARD, now, due=due, regular=regular)
        shown += [paper.id for paper in found.papers]
        order = replace(order, covered=found.covered)
    assert len(shown) == len(set(shown)) == 5
    assert set(shown) == {one.id for one in papers(5)}


async def test_the_weekly_edition_shows_the_week_that_has_ended(tmp_path: Path) -> None:
    """Monday morning: the seven days before, by votes."""
    async with world(tmp_path, "2025-05-25 12:00") as it:
        for day in ("2025-05-20", "2025-05-22"):
            it.publish(day, some(2, day))
            await it.ingest.refresh(Listing.parse(f"day:{day}"), max_age=it.rules.retry_every)
        await it.subscribe(Edition.WEEKLY)
        await it.until("2025-05-26 10:00")
        assert it.headings == ["Papers of the week · 19 – 25 May 2025"]
        assert len(it.papers) == 4


async def test_the_monthly_edition_comes_on_its_day(tmp_path: Path) -> None:
    """The month that has ended, on day 2."""
    async with world(tmp_path, "2025-05-30 12:00") as it:
        it.source.publish(Listing("month", "2025-05"), *some(3, "2025-05-20"))
        await it.subscribe(Edition.MONTHLY, day=2)
        await it.until("2025-06-02 10:00", timedelta(hours=2))
        assert it.headings == ["Papers of the month · May 2025"]
        assert len(it.papers) == 3


async def test_trending_keeps_the_order_of_hugging_face_and_repeats_nothing(tmp_path: Path) -> None:
    """Its own ranking, minus what the channel had."""
    async with world(tmp_path, "2025-05-22 08:00") as it:
        ranked = list(reversed(some(3, "2025-05-20")))
        it.source.publish(Listing.trending(), *ranked)
        await it.subscribe(Edition.TRENDING)
        await it.until("2025-05-22 10:00")
        it.source.publish(Listing.trending(), *some(1, "2025-05-21"), *ranked)
        await it.until("2025-05-23 10:00")
        assert it.papers == [p.id for p in (*ranked, *some(1, "2025-05-21"))]


async def test_a_rising_paper_is_posted_when_it_crosses_the_line(tmp_path: Path) -> None:
    """Not before, not twice, and without a word when nothing rises."""
    async with world(tmp_path, "2025-05-22 08:00") as it:
        await it.subscribe(Edition.RISING, over=199)
        low = some(2, "2025-05-22", first=2)
        it.publish("2025-05-22", low)
        await it.ingest.poll()
        await it.until("2025-05-22 12:00")
        assert it.papers == []
        it.publish("2025-05-22", [*some(1, "2025-05-22"), *low])
        await it.ingest.poll()
        await it.until("2025-05-22 18:00")
        assert it.papers == [some(1, "2025-05-22")[0].id]
        assert len(await it.storage.outbox.runs(it.chat.posts[0][0], 50)) == 1
