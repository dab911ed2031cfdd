"""The archive is kept in step with Hugging Face, gently, and works without it."""

import asyncio
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.domain.errors import NotYet, Unavailable
from bot.domain.papers import Batch, Fetched, Listing, Paper, PaperId, Rejected
from bot.domain.search import Query, Word
from tests.support.world import World, some, world

TODAY = "2025-05-22"
HOUR = timedelta(hours=1)


def day(text: str) -> Listing:
    return Listing.day(date.fromisoformat(text))


async def imported(it: World, *batches: Batch) -> tuple[int, int, int, int]:
    async for tally in it.ingest.take(batches):
        last = tally
    return last.new, last.updated, last.unchanged, len(last.rejected)


async def test_a_fresh_list_is_not_asked_for_again(tmp_path: Path) -> None:
    """Within its age, and for good once it is final."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        it.publish(TODAY, some(2, TODAY))
        await it.ingest.refresh(day(TODAY), max_age=HOUR)
        await it.ingest.refresh(day(TODAY), max_age=HOUR)
        assert len(it.source.asked) == 1
        it.now += 2 * HOUR
        await it.ingest.refresh(day(TODAY), max_age=HOUR)
        it.now += 24 * HOUR
        await it.ingest.refresh(day(TODAY), max_age=HOUR)
        it.now += 24 * HOUR
        await it.ingest.refresh(day(TODAY), max_age=timedelta(0))
        assert len(it.source.asked) == 3


async def test_many_who_ask_at_once_are_one_request(tmp_path: Path) -> None:
    """A hundred subscriptions at nine o'clock."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        it.publish(TODAY, some(2, TODAY))
        await asyncio.gather(
            *(it.ingest.refresh(day(TODAY), max_age=timedelta(0)) for _ in range(100))
        )
        assert len(it.source.asked) == 1


async def test_after_a_failure_nobody_asks_for_a_while(tmp_path: Path) -> None:
    """The reason is told at once from memory, and after a minute it is tried again."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        it.publish(TODAY, some(2, TODAY))
        it.source.down = Unavailable("Hugging Face cannot be reached.")
        first = await it.ingest.refresh(day(TODAY), max_age=HOUR)
        second = await it.ingest.refresh(day(TODAY), max_age=HOUR)
        assert first.problem == second.problem == "Hugging Face cannot be reached."
        assert len(it.source.asked) == 1
        it.source.down = None
        it.now += timedelta(minutes=2)
        assert (await it.ingest.refresh(day(TODAY), max_age=HOUR)).problem == ""


async def test_a_day_to_come_is_no_failure(tmp_path: Path) -> None:
    """Hugging Face's day begins later than the reader's: no list yet, and the next question is free."""
    async with world(tmp_path, "2025-05-22 00:10") as it:
        it.source.down = NotYet("no list yet")
        assert (await it.ingest.refresh(day(TODAY), max_age=HOUR)).problem == ""
        it.source.down = None
        it.publish(TODAY, some(1, TODAY))
        await it.ingest.refresh(day(TODAY), max_age=HOUR)
        assert len((await it.storage.archive.daily(date(2025, 5, 22))).papers) == 1


async def test_polling_brings_late_papers_votes_and_summaries(tmp_path: Path) -> None:
    """Today through the day, yesterday until it is final, and once more for summaries that came late."""
    async with world(tmp_path, "2025-05-22 06:00") as it:
        first = some(2, TODAY)
        it.publish(TODAY, first)
        await it.ingest.poll()
        late = Paper(id=first[0].id, title=first[0].title, upvotes=500, ai_summary="In short.")
        it.publish(TODAY, [late, first[1], *some(1, TODAY, first=3)])
        it.now += 18 * HOUR + timedelta(minutes=45)
        await it.ingest.poll()
        listed = await it.storage.archive.daily(date(2025, 5, 22))
        assert [one.paper.upvotes for one in listed.papers] == [500, 198, 197]
        assert listed.papers[0].paper.ai_summary == "In short."
        asked = len(it.source.asked)
        it.now += HOUR
        await it.ingest.poll()
        assert it.source.asked[asked:] == [day("2025-05-23")]
        it.now += 8 * HOUR
        await it.ingest.poll()
        assert day(TODAY) in it.source.asked[asked + 1 :]


async def test_a_backfill_can_be_stopped_and_run_again(tmp_path: Path) -> None:
    """Days that are final in the archive are not fetched twice."""
    days = [date(2025, 5, 5) + timedelta(days=n) for n in range(10)]
    async with world(tmp_path, "2025-05-22 12:00") as it:
        for one in days:
            it.publish(one.isoformat(), some(1, one.isoformat()))
        steps = it.ingest.backfill(days)
        for _ in range(4):
            await anext(steps)
        await steps.aclose()
        async for tally in it.ingest.backfill(days):
            last = tally
        assert (last.days, last.new) == (10, 6)
        assert len(it.source.asked) == 10
        assert (await it.storage.archive.counts()).papers == 10


async def test_a_backfill_says_when_hugging_face_stays_away(tmp_path: Path) -> None:
    """What was fetched stays."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        it.source.down = Unavailable("Hugging Face cannot be reached.")
        with pytest.raises(Unavailable):
            _ = [tally async for tally in it.ingest.backfill([date(2025, 5, 5)])]


async def test_importing_twice_changes_nothing(tmp_path: Path) -> None:
    """Not even with a paper that stands on two days with different votes."""
    monday, tuesday = some(3, "2025-05-19"), some(3, "2025-05-20")
    again = Paper(id=monday[0].id, title=monday[0].title, upvotes=999)
    batches = (
        Batch(date(2025, 5, 19), tuple(monday)),
        Batch(date(2025, 5, 20), (again, *tuesday)),
        Batch(None, tuple(some(2, "2025-05-21")), (Rejected("line 9", "no id"),)),
    )
    async with world(tmp_path, "2025-05-22 12:00") as it:
        assert await imported(it, *batches) == (8, 1, 0, 1)
        assert await imported(it, *batches) == (0, 0, 9, 1)
        paper = await it.storage.archive.paper(monday[0].id)
        assert paper
        assert (paper.upvotes, paper.featured) == (999, date(2025, 5, 20))


async def test_an_old_recording_does_not_undo_what_is_known(tmp_path: Path) -> None:
    """Votes seen live stay; a gap is filled."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        live = Paper(id=PaperId("2505.00001"), title="T", upvotes=80)
        it.source.publish(day(TODAY), live)
        await it.ingest.refresh(day(TODAY), max_age=HOUR)
        old = Paper(id=live.id, title="T", upvotes=3, abstract="What it says.")
        await imported(it, Batch(date(2025, 5, 22), (old,)))
        paper = await it.storage.archive.paper(live.id)
        assert paper
        assert (paper.upvotes, paper.abstract) == (80, "What it says.")


async def test_an_unknown_paper_is_looked_up_and_kept(tmp_path: Path) -> None:
    """And a failing Hugging Face is no error, just no paper."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        (paper,) = some(1, TODAY)
        it.source.pages[paper.id] = paper
        assert await it.ingest.look_up(paper.id) == paper
        assert await it.storage.archive.paper(paper.id) == paper
        it.source.down = Unavailable("gone")
        assert await it.ingest.look_up(PaperId("2505.99999")) is None


async def test_a_search_beyond_the_archive_is_kept(tmp_path: Path) -> None:
    """What Hugging Face's own search finds can be shown, saved and found here from then on."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        known = some(3, TODAY)
        it.source.pages = {one.id: one for one in known}
        found = await it.ingest.look_beyond("paper 2 of")
        assert [one.id for one in found] == [known[1].id]
        assert await it.storage.archive.paper(known[1].id)
        here = await it.storage.search.search(Query(words=(Word("paper"),)))
        assert [hit.paper.id for hit in here.hits] == [known[1].id]


async def test_a_search_that_is_slow_elsewhere_stops_nothing_here(tmp_path: Path) -> None:
    """Lists are asked for as before; only a limit with a time is waited for."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        it.publish(TODAY, some(2, TODAY))
        it.source.down = Unavailable("too slow")
        assert await it.ingest.look_beyond("paper") == ()
        it.source.down = None
        assert (await it.ingest.refresh(day(TODAY), max_age=HOUR)).problem == ""
        it.source.down = Unavailable("too many", timedelta(minutes=1))
        assert await it.ingest.look_beyond("paper") == ()
        asked = len(it.source.asked)
        assert await it.ingest.look_beyond("paper") == ()
        assert len(it.source.asked) == asked


async def test_an_unchanged_list_costs_no_writing(tmp_path: Path) -> None:
    """Its ETag is kept and offered again."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        it.source.publish(day(TODAY), *some(2, TODAY), etag='W/"1"')
        await it.ingest.refresh(day(TODAY), max_age=HOUR)
        it.now += 2 * HOUR
        await it.ingest.refresh(day(TODAY), max_age=HOUR)
        at, etag, _ = await it.storage.archive.asked(day(TODAY))
        assert (at, etag) == (it.now, 'W/"1"')


async def test_polling_offers_the_etag_it_has(tmp_path: Path) -> None:
    """A list that has not changed is not sent again every quarter of an hour."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        it.source.publish(day(TODAY), *some(2, TODAY), etag='W/"1"')
        await it.ingest.poll()
        it.source.lists[day(TODAY)] = Fetched(papers=tuple(some(3, TODAY)), etag='W/"1"')
        it.now += HOUR
        await it.ingest.poll()
        assert len((await it.storage.archive.daily(date(2025, 5, 22))).papers) == 2
        assert (await it.storage.archive.asked(day(TODAY)))[:2] == (it.now, 'W/"1"')


async def test_a_malformed_item_does_not_cost_the_day(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is reported in the log; the others are kept."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        rejected = (Rejected("day:2025-05-22 item 2", "it has no title"),)
        it.source.lists[day(TODAY)] = Fetched(papers=tuple(some(2, TODAY)), rejected=rejected)
        await it.ingest.refresh(day(TODAY), max_age=HOUR)
        assert len((await it.storage.archive.daily(date(2025, 5, 22))).papers) == 2
        assert "it has no title" in caplog.text
