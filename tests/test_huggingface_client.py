"""The client against a stand-in Hugging Face on loopback."""

import json
from datetime import date

import pytest

from adapters.huggingface.client import HuggingFace
from bot.domain.errors import NotYet, Unavailable
from bot.domain.papers import Listing, PaperId
from tests.support.huggingface import FakeHub, make_item
from tests.support.huggingface_stage import DAY

# --- lists


async def test_a_day_comes_in_its_order(hub: FakeHub, client: HuggingFace) -> None:
    """Most upvotes first, as Hugging Face ranks it; asked for with the largest page."""
    fetched = await client.fetch(Listing.day(DAY))
    assert [paper.id for paper in fetched.papers] == ["2506.00003", "2506.00002", "2506.00001"]
    assert fetched.etag
    assert not fetched.rejected
    assert hub.requests[0].query == {"date": "2025-06-02", "limit": "100"}


async def test_a_long_day_is_paged_to_its_end(hub: FakeHub, client: HuggingFace) -> None:
    """Relative links are followed; a paper that moved to the next page meanwhile counts once."""
    hub.put_day(DAY, [make_item(f"2506.{n:05}", upvotes=500 - n, day=DAY) for n in range(1, 251)])
    fetched = await client.fetch(Listing.day(DAY))
    assert [paper.id for paper in fetched.papers] == [f"2506.{n:05}" for n in range(1, 251)]
    assert [seen.query.get("p") for seen in hub.requests] == [None, "1", "2"]
    assert fetched.etag is None, "an ETag of the first page says nothing about the others"


async def test_a_paper_on_two_pages_counts_once(hub: FakeHub, client: HuggingFace) -> None:
    """Votes move papers between two requests."""
    first = [make_item(f"2506.{n:05}", day=DAY) for n in range(100)]
    hub.answer(json.dumps(first), Link='</api/daily_papers?p=1&limit=100>; rel="next"')
    hub.send_items(first[99], make_item("2506.00777", day=DAY))
    fetched = await client.fetch(Listing.day(DAY))
    assert len(fetched.papers) == 101
    assert fetched.papers[99].id == "2506.00099"


async def test_a_full_page_without_a_link_is_not_taken_for_the_end(
    hub: FakeHub, client: HuggingFace
) -> None:
    """The next page is asked for by its number."""
    hub.send_items(*(make_item(f"2506.{n:05}", day=DAY) for n in range(100)))
    hub.send_items(make_item("2506.00777", day=DAY))
    assert len((await client.fetch(Listing.day(DAY))).papers) == 101
    assert hub.requests[1].query == {"date": "2025-06-02", "limit": "100", "p": "1"}


async def test_a_list_of_exactly_one_page_ends_with_an_empty_one(
    hub: FakeHub, client: HuggingFace
) -> None:
    """A page past the end is empty, and no error."""
    hub.etags = False
    hub.send_items(*(make_item(f"2506.{n:05}", day=DAY) for n in range(100)))
    hub.send_items()
    assert len((await client.fetch(Listing.day(DAY))).papers) == 100


async def test_half_a_list_is_no_list(hub: FakeHub, client: HuggingFace) -> None:
    """When a later page cannot be had, nothing is taken for the whole."""
    hub.answer("[]", Link='</api/daily_papers?p=1>; rel="next"')
    hub.fail(404)
    with pytest.raises(Unavailable, match="404"):
        await client.fetch(Listing.day(DAY))


async def test_paging_ends_even_if_the_links_do_not(hub: FakeHub, client: HuggingFace) -> None:
    """A link to itself leads nowhere for ever."""
    for _ in range(10):
        hub.answer(
            json.dumps([make_item("2506.00001", day=DAY)]), Link='</api/daily_papers>; rel="next"'
        )
    fetched = await client.fetch(Listing.day(DAY))
    assert [paper.id for paper in fetched.papers] == ["2506.00001"]
    assert len(hub.requests) == 5


async def test_a_day_without_a_list_is_empty(client: HuggingFace) -> None:
    """A weekend is no error."""
    assert (await client.fetch(Listing.day(date(2025, 6, 1)))).papers == ()


async def test_a_day_to_come_is_not_yet(hub: FakeHub, client: HuggingFace) -> None:
    """400 is how Hugging Face says so; it is not asked again."""
    with pytest.raises(NotYet, match="2025-06-03"):
        await client.fetch(Listing.day(date(2025, 6, 3)))
    assert len(hub.requests) == 1


@pytest.mark.parametrize(
    ("listing", "query"),
    [
        (Listing.week(DAY), {"week": "2025-W23", "limit": "100"}),
        (Listing.month(DAY), {"month": "2025-06", "limit": "100"}),
        (Listing.trending(), {"sort": "trending", "limit": "100"}),
    ],
)
async def test_weeks_months_and_trending(
    hub: FakeHub, client: HuggingFace, listing: Listing, query: dict[str, str]
) -> None:
    """Each by its own parameter, and never two of them."""
    hub.add(date(2025, 6, 1), make_item("2506.00009", upvotes=99, day=date(2025, 6, 1)))
    fetched = await client.fetch(listing)
    assert fetched.papers
    assert hub.requests[0].query == query


async def test_trending_keeps_its_own_order(hub: FakeHub, client: HuggingFace) -> None:
    """It goes by no figure that is shown, and stops after one page."""
    hub.put_trending("2506.00002", "2506.00003", "2506.00001")
    fetched = await client.fetch(Listing.trending())
    assert [paper.id[-1] for paper in fetched.papers] == ["2", "3", "1"]
    assert len(hub.requests) == 1


async def test_nothing_new_is_said_by_its_etag(hub: FakeHub, client: HuggingFace) -> None:
    """304 saves the reading; a vote is news again."""
    etag = (await client.fetch(Listing.day(DAY))).etag
    again = await client.fetch(Listing.day(DAY), etag=etag)
    assert (again.unchanged, again.papers, again.etag) == (True, (), etag)
    hub.vote("2506.00001", 77)
    news = await client.fetch(Listing.day(DAY), etag=etag)
    assert not news.unchanged
    assert news.papers[0].id == "2506.00001"


@pytest.mark.parametrize("etag", ['W/"ü"', "x\r\nEvil: 1", ""])
async def test_a_damaged_etag_does_no_harm(hub: FakeHub, client: HuggingFace, etag: str) -> None:
    """It is not sent."""
    assert len((await client.fetch(Listing.day(DAY), etag=etag)).papers) == 3
    assert "If-None-Match" not in hub.requests[0].headers


async def test_a_malformed_item_is_reported(hub: FakeHub, client: HuggingFace) -> None:
    """And never costs the day."""
    hub.send_items(make_item("2506.00001", day=DAY), {"paper": {"id": "2506.00002"}}, None)
    fetched = await client.fetch(Listing.day(DAY))
    assert len(fetched.papers) == 1
    assert [(bad.where, bad.why) for bad in fetched.rejected] == [
        ("day:2025-06-02, item 2", "it has no title"),
        ("day:2025-06-02, item 3", "expected an object, got nothing"),
    ]


async def test_a_listed_paper_is_featured_that_day(hub: FakeHub, client: HuggingFace) -> None:
    """Even when the item itself does not say so."""
    item = make_item("2506.00001")
    hub.send_items(item)
    assert (await client.fetch(Listing.day(DAY))).papers[0].featured == DAY
    hub.send_items(item)
    assert (await client.fetch(Listing.trending())).papers[0].featured is None


# --- search and one paper


async def test_search_goes_to_the_search(hub: FakeHub, client: HuggingFace) -> None:
    """Over everything that is indexed, not only what was featured."""
    hub.put_paper(make_item("1909.03601", "Old Recommenders"))
    fetched = await client.search("  old\n recommenders ", limit=5)
    assert [paper.id for paper in fetched.papers] == ["1909.03601"]
    assert hub.requests[0].query == {"q": "old recommenders", "limit": "5"}


async def test_a_search_keeps_to_the_limits(hub: FakeHub, client: HuggingFace) -> None:
    """250 characters and 120 results; for nothing nobody is asked."""
    assert (await client.search("x" * 900, limit=500)).papers == ()
    assert len(hub.requests[0].query["q"]) == 250
    assert hub.requests[0].query["limit"] == "120"
    assert (await client.search(" \n")).papers == ()
    assert len(hub.requests) == 1


async def test_one_paper_by_its_id(hub: FakeHub, client: HuggingFace) -> None:
    """A version is not part of the key; None for what is not there or is no id."""
    found = await client.paper(PaperId("2506.00002v3"))
    assert found
    assert (found.id, found.title) == ("2506.00002", "Paper 2")
    assert await client.paper(PaperId("2506.99999")) is None
    assert await client.paper(PaperId("../../whoami")) is None
    assert [seen.path for seen in hub.requests] == [
        "/api/papers/2506.00002",
        "/api/papers/2506.99999",
    ]


async def test_a_paper_that_cannot_be_read_is_unavailable(
    hub: FakeHub, client: HuggingFace
) -> None:
    """That is upstream's fault, not the reader's."""
    hub.answer('{"id": "2506.00001"}')
    with pytest.raises(Unavailable, match="it has no title"):
        await client.paper(PaperId("2506.00001"))
