"""The archive: views of papers merged, lists in order, figures."""

import asyncio
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import StatementError

from bot.domain.papers import Listing, Paper, PaperId
from bot.domain.stores import Counts, Kept
from storage.columns import clean, tidy_key
from storage.merge import merge, tidy, views
from tests.support.storage import Place, temporary_storage

NOON = datetime(2025, 5, 22, 12, tzinfo=UTC)
DAY = date(2025, 5, 22)
LATER = NOON + timedelta(hours=1)
FULL = Paper(
    id=PaperId("2505.00001"),
    title="A title",
    abstract="An abstract.",
    authors=("Ada", "Grace"),
    published=date(2025, 5, 20),
    featured=DAY,
    upvotes=7,
    comments=2,
    ai_summary="A summary.",
    keywords=("one", "two"),
    code_url="https://github.com/a/b",
    stars=3,
    project_url="https://a.b",
    organization="An org",
    thumbnail="https://a.b/c.png",
    media=("https://a.b/c.mp4",),
)

texts = st.text(max_size=20)
papers = st.builds(
    Paper,
    id=st.just(FULL.id),
    title=st.text(min_size=1, max_size=20),
    abstract=texts,
    authors=st.lists(texts, max_size=3).map(tuple),
    published=st.none() | st.dates(),
    featured=st.none() | st.dates(),
    upvotes=st.integers(),
    comments=st.integers(),
    ai_summary=texts,
    keywords=st.lists(texts, max_size=3).map(tuple),
    code_url=st.none() | texts,
    stars=st.none() | st.integers(),
    organization=st.none() | texts,
)


def paper(number: int, **changes: object) -> Paper:
    return replace(FULL, id=PaperId(f"2505.{number:05}"), title=f"Paper {number}", **changes)


async def test_a_paper_comes_back_as_it_was_kept(place: Place) -> None:
    """Every field survives, over a restart too."""
    async with temporary_storage(place) as storage:
        assert await storage.archive.keep([FULL], as_of=NOON) == Kept(new=1)
    async with temporary_storage(place) as storage:
        assert await storage.archive.paper(FULL.id) == FULL
        assert await storage.archive.paper(PaperId("2505.99999")) is None


async def test_papers_come_in_the_order_asked_for(place: Place) -> None:
    """Unknown ones are left out, and a thousand are no problem."""
    many = [paper(number) for number in range(1, 1001)]
    async with temporary_storage(place) as storage:
        await storage.archive.keep(many, as_of=NOON)
        ids = [one.id for one in reversed(many)]
        found = await storage.archive.papers([PaperId("1.1"), *ids])
        assert list(found) == ids


async def test_keeping_twice_changes_nothing(place: Place) -> None:
    """A second import of the same file finds everything as it is."""
    many = [paper(number) for number in range(900)]
    async with temporary_storage(place) as storage:
        assert (await storage.archive.keep(many, as_of=NOON)).new == 900
        assert await storage.archive.keep(many, as_of=NOON) == Kept(unchanged=900)
        assert await storage.archive.keep(many, as_of=LATER) == Kept(unchanged=900)


async def test_a_newer_view_wins_and_erases_nothing(place: Place) -> None:
    """Votes follow the newest view, downwards too; what it does not know stays known."""
    newer = Paper(id=FULL.id, title="A better title", upvotes=5)
    async with temporary_storage(place) as storage:
        await storage.archive.keep([FULL], as_of=NOON)
        assert (await storage.archive.keep([newer], as_of=LATER)).updated == 1
        kept = await storage.archive.paper(FULL.id)
        assert kept == replace(FULL, title="A better title", upvotes=5, comments=0)


async def test_an_older_view_only_fills_gaps(place: Place) -> None:
    """An old file imported late does not turn the clock back."""
    bare = Paper(id=FULL.id, title="Now", upvotes=50)
    async with temporary_storage(place) as storage:
        await storage.archive.keep([bare], as_of=LATER)
        await storage.archive.keep([FULL], as_of=NOON)
        kept = await storage.archive.paper(FULL.id)
        assert kept == replace(FULL, title="Now", upvotes=50, comments=0)


async def test_a_view_from_between_does_not_win_later(place: Place) -> None:
    """That nothing had changed by then is knowledge too."""
    async with temporary_storage(place) as storage:
        await storage.archive.keep([FULL], as_of=NOON)
        await storage.archive.keep([FULL], as_of=LATER)
        between = NOON + timedelta(minutes=30)
        await storage.archive.keep([replace(FULL, upvotes=1)], as_of=between)
        assert await storage.archive.paper(FULL.id) == FULL


@given(papers, papers)
def test_the_order_of_two_views_does_not_matter(old: Paper, new: Paper) -> None:
    """Whichever comes first, the paper is the same in the end."""
    old, new = tidy(old), tidy(new)
    forth = merge(old, NOON, new, LATER)
    back = merge(new, LATER, old, NOON)
    assert forth == back
    assert (forth.upvotes, forth.title) == (new.upvotes, new.title or old.title)
    assert forth.featured == max(filter(None, (old.featured, new.featured)), default=None)
    assert merge(forth, LATER, new, LATER) == forth


@given(papers)
def test_any_paper_can_be_made_fit_for_a_column(one: Paper) -> None:
    """Tidy twice is tidy once; no NUL, no half surrogate, no number too large for an Integer."""
    tidied = tidy(one)
    assert tidy(tidied) == tidied
    assert 0 <= tidied.upvotes < 2**31
    "".join((tidied.title, tidied.abstract, *tidied.authors)).encode()
    assert "\0" not in tidied.title + tidied.abstract


@given(st.text(st.characters(), max_size=40), st.text(st.characters(), max_size=40))
def test_two_keys_never_become_one(one: str, other: str) -> None:
    """A key that does not fit is shortened with a digest of all of it."""
    for length in (32, 100):
        tidied = tidy_key(one, length), tidy_key(other, length)
        assert (tidied[0] == tidied[1]) == (one == other)
        assert tidy_key(tidied[0], length) == clean(tidied[0], length) == tidied[0]
        assert len(tidied[0].encode()) <= length
        assert len(tidy_key(one * 100, length).encode()) <= length


async def test_hostile_texts_are_kept(place: Place) -> None:
    """NUL, half surrogates, right-to-left marks, numbers beyond 64 bits: stored, and the same the second time."""
    hostile = replace(
        FULL,
        title="\0\u202e" + "x" * 5_000 + "\ud800",
        authors=("\ud83d", "a\0b"),
        upvotes=10**30,
        stars=-5,
        code_url="https://" + "x" * 5_000,
    )
    async with temporary_storage(place) as storage:
        await storage.archive.keep([hostile], as_of=NOON)
        assert await storage.archive.keep([hostile], as_of=NOON) == Kept(unchanged=1)
        kept = await storage.archive.paper(FULL.id)
        assert kept is not None
        assert kept.title.startswith("\u202exxx")
        assert (kept.upvotes, kept.stars, kept.code_url) == (2**31 - 1, 0, None)


def test_a_paper_that_comes_twice_is_one() -> None:
    """The second mention completes the first."""
    bare = replace(FULL, abstract="")
    assert views([FULL, bare]) == {FULL.id: FULL}


async def test_a_list_keeps_rank_and_first_sight(place: Place) -> None:
    """Ranks follow the newest view; when a paper was first seen there never changes."""
    one, two, three = paper(1), paper(2), paper(3)
    listing = Listing.day(DAY)
    async with temporary_storage(place) as storage:
        kept = await storage.archive.keep([one, two], as_of=NOON, listing=listing)
        assert kept.added == (one.id, two.id)
        kept = await storage.archive.keep([three, two, one], as_of=LATER, listing=listing)
        assert kept.added == (three.id,)
        daily = await storage.archive.daily(DAY)
        assert [(entry.paper.id, entry.rank) for entry in daily.papers] == [
            (three.id, 1),
            (two.id, 2),
            (one.id, 3),
        ]
        assert [entry.first_seen for entry in daily.papers] == [LATER, NOON, NOON]


async def test_what_has_gone_from_a_list_stays_last(place: Place) -> None:
    """Yesterday's trending papers stay known, behind today's."""
    gone, stays, new = paper(1), paper(2), paper(3)
    listing = Listing.trending()
    async with temporary_storage(place) as storage:
        await storage.archive.keep([gone, stays], as_of=NOON, listing=listing)
        await storage.archive.keep([new, stays], as_of=LATER, listing=listing)
        listed = await storage.archive.listed(listing)
        assert [one.id for one in listed] == [new.id, stays.id, gone.id]


async def test_an_older_view_of_a_list_moves_nothing(place: Place) -> None:
    """It may only tell that a paper had been there before."""
    one, two = paper(1), paper(2)
    listing = Listing.day(DAY)
    async with temporary_storage(place) as storage:
        await storage.archive.keep([one, two], as_of=LATER, listing=listing)
        await storage.archive.keep([two, one], as_of=NOON, listing=listing)
        daily = await storage.archive.daily(DAY)
        assert [entry.paper.id for entry in daily.papers] == [one.id, two.id]
        assert {entry.first_seen for entry in daily.papers} == {NOON}


async def test_what_was_asked_is_remembered(place: Place) -> None:
    """Also a day without a list, which is an answer."""
    listing = Listing.day(DAY)
    async with temporary_storage(place) as storage:
        assert await storage.archive.asked(listing) == (None, None, False)
        await storage.archive.fetched(listing, at=NOON, etag="W/1", settled=False)
        assert await storage.archive.asked(listing) == (NOON, "W/1", False)
        await storage.archive.fetched(listing, at=LATER, etag=None, settled=True)
        assert await storage.archive.asked(listing) == (LATER, None, True)
        daily = await storage.archive.daily(DAY)
        assert (daily.papers, daily.fetched_at) == ((), LATER)
        assert (await storage.archive.daily(DAY + timedelta(days=1))).fetched_at is None


async def test_days_are_found_and_counted(place: Place) -> None:
    """Weeks and months are no days; a re-featured paper counts once."""
    one, two = paper(1, upvotes=1), paper(2, upvotes=9)
    async with temporary_storage(place) as storage:
        assert await storage.archive.counts() == Counts()
        assert await storage.archive.last_day(DAY) is None
        keep = storage.archive.keep
        await keep([one], as_of=NOON, listing=Listing.day(DAY))
        await keep([one, two], as_of=NOON, listing=Listing.day(DAY + timedelta(days=4)))
        await keep([paper(3)], as_of=NOON, listing=Listing.week(DAY))
        featured = await storage.archive.featured(DAY, DAY + timedelta(days=4))
        assert [found.id for found in featured] == [two.id, one.id]
        assert await storage.archive.last_day(DAY + timedelta(days=3)) == DAY
        assert await storage.archive.last_day(DAY - timedelta(days=1)) is None
        counts = await storage.archive.counts()
        assert (counts.papers, counts.days) == (3, 2)
        assert (counts.first_day, counts.last_day) == (DAY, DAY + timedelta(days=4))


async def test_any_seed_finds_a_paper(place: Place) -> None:
    """The ends of [0, 1) are the first and the last; an empty archive has none."""
    async with temporary_storage(place) as storage:
        assert await storage.archive.random(0.5) is None
        await storage.archive.keep([paper(number) for number in range(10)], as_of=NOON)
        found = [await storage.archive.random(seed) for seed in (0, 0.55, 0.9999999)]
        assert [one and one.id for one in found] == ["2505.00000", "2505.00005", "2505.00009"]


async def test_keeping_is_all_or_nothing(place: Place) -> None:
    """A time without a zone is a bug, and nothing of the call is kept."""
    listing = Listing.day(DAY)
    async with temporary_storage(place) as storage:
        with pytest.raises(StatementError, match="without a zone"):
            await storage.archive.keep([FULL], as_of=NOON.replace(tzinfo=None), listing=listing)
        assert (await storage.archive.counts()).papers == 0


async def test_keepers_at_once_lose_no_paper(place: Place) -> None:
    """Ten lists that share papers, kept at the same time."""
    async with temporary_storage(place) as storage:
        lists = [
            [paper(number) for number in range(start, start + 20)] for start in range(0, 100, 10)
        ]
        kept = await asyncio.gather(*(storage.archive.keep(one, as_of=NOON) for one in lists))
        assert sum(one.new for one in kept) == (await storage.archive.counts()).papers == 110


async def test_who_is_cancelled_in_a_transaction_leaves_no_lock(place: Place) -> None:
    """At whatever moment, and though somebody remembers how it ended."""
    remembered = []
    async with temporary_storage(place, patience=0.5) as storage:
        for moment in range(40):
            papers = [paper(number, upvotes=moment) for number in range(30)]
            keeping = asyncio.create_task(storage.archive.keep(papers, as_of=NOON))
            await asyncio.sleep(moment / 5_000)
            keeping.cancel()
            remembered += await asyncio.gather(keeping, return_exceptions=True)
            await storage.archive.keep([paper(99, upvotes=moment)], as_of=LATER)
    assert any(isinstance(end, asyncio.CancelledError) for end in remembered)


async def test_only_days_that_may_grow_are_unsettled(place: Place) -> None:
    """In the order asked for; those never asked for are among them."""
    days = [date(2025, 5, day) for day in (4, 3, 2, 1)]
    async with temporary_storage(place) as storage:
        for day, settled in ((days[0], False), (days[1], True), (days[3], True)):
            listing = Listing.day(day)
            await storage.archive.fetched(listing, at=NOON, etag=None, settled=settled)
        assert await storage.archive.unsettled(days) == [days[0], days[2]]


async def test_an_import_is_quick(place: Place) -> None:
    """Thousands of papers in one call take a second or two, not a minute."""
    many = [paper(number, abstract="word " * 200) for number in range(3_000)]
    async with temporary_storage(place) as storage:
        began = time.perf_counter()
        await storage.archive.keep(many, as_of=NOON)
        assert time.perf_counter() - began < 10
