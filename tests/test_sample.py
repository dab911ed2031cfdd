"""The bundled feed behaves like the real one, and its papers are sound."""

from datetime import date

import pytest

from adapters.huggingface.payload import read_item
from adapters.sample import SampleFeed
from bot.domain.papers import FIRST_DAY, Listing, PaperId


@pytest.fixture
def feed() -> SampleFeed:
    return SampleFeed(read_item)


async def test_a_bundled_day_comes_in_its_order(feed: SampleFeed) -> None:
    """Featured that day, most upvotes first, as Hugging Face has it."""
    for day, papers in feed.days.items():
        fetched = await feed.fetch(Listing.day(day))
        assert fetched.papers == papers
        assert {paper.featured for paper in papers} == {day}
        votes = [paper.upvotes for paper in papers]
        assert votes == sorted(votes, reverse=True)


async def test_other_days_are_empty(feed: SampleFeed) -> None:
    """There is no list, and that is no error."""
    assert (await feed.fetch(Listing.day(date(2001, 1, 1)))).papers == ()


async def test_weeks_months_and_trending_are_made_of_the_days(feed: SampleFeed) -> None:
    """By upvotes, each paper once."""
    day = max(feed.days)
    for listing in (Listing.week(day), Listing.month(day), Listing.trending()):
        papers = (await feed.fetch(listing)).papers
        assert set(feed.days[day]) <= set(papers)
        assert len({paper.id for paper in papers}) == len(papers)
        votes = [paper.upvotes for paper in papers]
        assert votes == sorted(votes, reverse=True)
    assert (await feed.fetch(Listing.week(date(2001, 1, 1)))).papers == ()


async def test_all_words_must_be_in_a_found_paper(feed: SampleFeed) -> None:
    """In any case and order, as many as were asked for."""
    paper = next(iter(feed.archive))
    words = paper.title.upper().split()
    found = (await feed.search(f"{words[-1]} {words[0]}", limit=40)).papers
    assert paper in found
    assert len((await feed.search("the", limit=2)).papers) == 2
    assert (await feed.search("xyzzy plugh")).papers == ()
    assert (await feed.search("  ")).papers == ()


async def test_a_paper_by_its_id(feed: SampleFeed) -> None:
    """Listed or not; None for what is not bundled."""
    for paper in (feed.archive[0], next(iter(feed.days.values()))[0]):
        assert await feed.paper(paper.id) == paper
    assert await feed.paper(PaperId("0101.00001")) is None


def test_the_batches_hold_everything_once(feed: SampleFeed) -> None:
    """The lists by their day, then what was never featured."""
    batches = list(feed.batches())
    assert [day for day, _ in batches] == [*sorted(feed.days), None]
    ids = [paper.id for _, papers in batches for paper in papers]
    assert len(ids) == len(set(ids))
    assert len(ids) >= 60


def test_the_bundled_papers_are_complete(feed: SampleFeed) -> None:
    """Each with authors, an abstract and dates that can be."""
    for day, papers in feed.batches():
        for paper in papers:
            assert paper.authors, paper.id
            assert paper.abstract, paper.id
            assert paper.published, paper.id
            assert day is None or FIRST_DAY <= paper.published <= day, paper.id
            assert (paper.featured is None) == (day is None), paper.id
