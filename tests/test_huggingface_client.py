"""The client against a stand-in Hugging Face on loopback, faults included."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest

from adapters.huggingface.answers import BIGGEST_BODY, TryAgain, read_body, retry_after
from adapters.huggingface.client import HuggingFace, introduction
from adapters.huggingface.pace import Pace
from bot.domain.errors import ConfigError, NotYet, Unavailable
from bot.domain.papers import Listing, PaperId
from tests.support.huggingface import FakeHub, make_item

DAY = date(2025, 6, 2)


@pytest.fixture
async def hub() -> AsyncIterator[FakeHub]:
    async with FakeHub(today=DAY) as hub:
        hub.put_day(
            DAY, [make_item(f"2506.{n:05}", f"Paper {n}", upvotes=n, day=DAY) for n in range(1, 4)]
        )
        yield hub


@pytest.fixture
async def client(hub: FakeHub) -> AsyncIterator[HuggingFace]:
    async with make_client(hub.url) as client:
        yield client


def make_client(url: str, token: str | None = None) -> HuggingFace:
    """Without the environment's proxies, and with hardly a pause between tries."""
    transport = httpx.AsyncHTTPTransport()
    return HuggingFace(
        url, token=token, user_agent=introduction("ops@a.org"), backoff=0.001, transport=transport
    )


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


# --- faults


async def test_passing_trouble_is_outlived(hub: FakeHub, client: HuggingFace) -> None:
    """5xx, a dropped connection and half an answer are tried again."""
    hub.fail(503)
    hub.reset()
    hub.truncate()
    assert len((await client.fetch(Listing.day(DAY))).papers) == 3
    assert len(hub.requests) == 4


async def test_lasting_trouble_is_reported(hub: FakeHub, client: HuggingFace) -> None:
    """After a few tries, with what Hugging Face said."""
    hub.fail(*[500] * 9, error="database on fire")
    with pytest.raises(Unavailable, match="500: database on fire"):
        await client.fetch(Listing.day(DAY))
    assert len(hub.requests) == 5


async def test_too_many_requests_wait_as_long_as_told(hub: FakeHub, client: HuggingFace) -> None:
    """With time left, the answer comes after the pause."""
    hub.fail(429, Retry_After="0")
    assert len((await client.fetch(Listing.day(DAY))).papers) == 3


async def test_a_reset_beyond_the_budget_is_not_waited_for(
    hub: FakeHub, client: HuggingFace
) -> None:
    """Whoever asked learns at once when to come back."""
    hub.limit_rate(55)
    begun = time.monotonic()
    with pytest.raises(Unavailable, match="too often") as caught:
        await client.fetch(Listing.day(DAY), budget=5)
    assert caught.value.retry_after == timedelta(seconds=56)
    assert time.monotonic() - begun < 1
    assert len(hub.requests) == 1


async def test_silence_ends_with_the_budget(hub: FakeHub, client: HuggingFace) -> None:
    """However many pages or tries it is made of."""
    hub.hang()
    begun = time.monotonic()
    with pytest.raises(Unavailable, match=r"did not answer within 0\.15 seconds"):
        await client.fetch(Listing.day(DAY), budget=0.15)
    assert time.monotonic() - begun < 1


async def test_the_last_trouble_is_told_when_time_runs_out(
    hub: FakeHub, client: HuggingFace
) -> None:
    """Better a reason than a stopwatch."""
    hub.fail(502)
    hub.hang()
    with pytest.raises(Unavailable, match="has trouble"):
        await client.fetch(Listing.day(DAY), budget=0.2)


async def test_a_slow_answer_within_the_budget_is_fine(hub: FakeHub, client: HuggingFace) -> None:
    """Patience is what the budget is for."""
    hub.slow(0.05)
    assert (await client.fetch(Listing.day(DAY), budget=5)).papers


async def test_nobody_there_is_unavailable() -> None:
    """No network, no server: one line, no httpx error."""
    async with make_client("http://127.0.0.1:1") as client:
        with pytest.raises(Unavailable, match="cannot be reached"):
            await client.fetch(Listing.day(DAY))


@pytest.mark.parametrize("status", [401, 403])
async def test_refused_access_names_the_token(
    hub: FakeHub, client: HuggingFace, status: int
) -> None:
    """With the fix for either case; trying again would not help."""
    hub.fail(status, error="Invalid credentials")
    with pytest.raises(Unavailable, match=r"Invalid credentials.*set HF_TOKEN"):
        await client.fetch(Listing.day(DAY))
    assert len(hub.requests) == 1
    hub.fail(status)
    async with make_client(hub.url, token="hf_x") as with_token:
        with pytest.raises(Unavailable, match="check HF_TOKEN"):
            await with_token.fetch(Listing.day(DAY))


async def test_a_page_instead_of_data(hub: FakeHub, client: HuggingFace) -> None:
    """A robot check is not data and not worth another try."""
    hub.show_html()
    with pytest.raises(Unavailable, match=r"not JSON \(content type text/html"):
        await client.fetch(Listing.day(DAY))
    assert len(hub.requests) == 1


@pytest.mark.parametrize("body", ['{"error": "later"}', '"text"', "5", "null", "[" * 90_000])
async def test_the_wrong_kind_of_json(hub: FakeHub, client: HuggingFace, body: str) -> None:
    """A list is wanted."""
    hub.answer(body)
    with pytest.raises(Unavailable):
        await client.fetch(Listing.day(DAY))


@pytest.mark.parametrize("status", [404, 410, 418])
async def test_other_answers_are_unavailable(
    hub: FakeHub, client: HuggingFace, status: int
) -> None:
    """For lists and searches alike."""
    hub.fail(status, status)
    with pytest.raises(Unavailable, match=str(status)):
        await client.fetch(Listing.day(DAY))
    with pytest.raises(Unavailable, match=str(status)):
        await client.search("x")
    hub.fail(418)
    with pytest.raises(Unavailable, match="418"):
        await client.paper(PaperId("2506.00001"))
    hub.fail(400)
    with pytest.raises(Unavailable, match="400"):
        await client.paper(PaperId("2506.00001"))


async def test_an_absurdly_large_body_is_not_kept() -> None:
    """Reading stops at the limit, also when the size was not announced or it was packed."""
    mebibyte = bytes(2**20)
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += len(mebibyte)
            yield mebibyte

    with pytest.raises(Unavailable, match="more than 50 MB"):
        await read_body(httpx.Response(200, content=endless()))
    assert sent <= BIGGEST_BODY + 2 * len(mebibyte)


# --- hosts, headers, manners


async def test_we_say_who_we_are(hub: FakeHub, client: HuggingFace) -> None:
    """With an address for complaints, and without a token if there is none."""
    await client.fetch(Listing.day(DAY))
    headers = hub.requests[0].headers
    assert headers["User-Agent"].startswith("paperbot/")
    assert headers["User-Agent"].endswith(" (+ops@a.org)")
    assert "Authorization" not in headers
    async with HuggingFace(hub.url, user_agent="ü\r\nEvil: 1", backoff=0.001) as odd:
        await odd.search("x")
    assert hub.requests[1].headers["User-Agent"] == "Evil: 1"


async def test_the_token_is_sent_to_its_host_only(hub: FakeHub) -> None:
    """A redirect or a next page elsewhere is refused before anything is sent."""
    async with FakeHub() as other, make_client(hub.url, token=" hf_secret\n") as client:
        await client.fetch(Listing.day(DAY))
        assert hub.requests[0].headers["Authorization"] == "Bearer hf_secret"
        hub.redirect(f"{other.url}/api/daily_papers")
        with pytest.raises(Unavailable, match="another host"):
            await client.fetch(Listing.day(DAY))
        hub.answer("[]", Link=f'<{other.url}/api/daily_papers?p=1>; rel="next"')
        with pytest.raises(Unavailable, match="another host"):
            await client.fetch(Listing.day(DAY))
        assert other.requests == []


async def test_redirects_on_the_same_host_are_followed(hub: FakeHub, client: HuggingFace) -> None:
    """But not in circles."""
    hub.redirect("/api/daily_papers?date=2025-06-02")
    assert len((await client.fetch(Listing.day(DAY))).papers) == 3
    for _ in range(5):
        hub.redirect("/api/daily_papers")
    with pytest.raises(Unavailable, match="redirecting"):
        await client.fetch(Listing.day(DAY))


@pytest.mark.parametrize(
    "url", ["", "huggingface.co", "ftp://a.io", "https://", "http://[::1", "http://a:port"]
)
def test_a_wrong_address_is_a_setting_to_mend(url: str) -> None:
    """It is noticed before anything is asked."""
    with pytest.raises(ConfigError, match="url"):
        HuggingFace(url)


@pytest.mark.parametrize("token", ["hf_ü", "two words", "a\nb"])
def test_a_wrong_token_is_a_setting_to_mend(token: str) -> None:
    """And is not shown."""
    with pytest.raises(ConfigError, match="HF_TOKEN") as caught:
        HuggingFace(token=token)
    assert token not in str(caught.value)


async def test_the_address_may_have_a_path() -> None:
    """A mirror or a proxy of one's own."""
    async with FakeHub() as hub, make_client(f"{hub.url}/mirror/") as client:
        with pytest.raises(Unavailable, match="404"):
            await client.search("x")
        assert hub.requests[0].path == "/mirror/api/papers/search"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"RateLimit": '"api";r=0;t=55'}, 56),
        ({"RateLimit": '"api"; r=0 ; t=55', "Retry-After": "9"}, 56),
        ({"RateLimit": '"pages";r=90;t=200, "api";r=0;t=10'}, 11),
        ({"RateLimit": '"api";r=3;t=7'}, 8),
        ({"RateLimit": "nonsense", "Retry-After": "9"}, 9),
        (
            {
                "Retry-After": "Mon, 02 Jun 2025 10:00:30 GMT",
                "Date": "Mon, 02 Jun 2025 10:00:00 GMT",
            },
            30,
        ),
        (
            {
                "Retry-After": "Mon, 02 Jun 2025 09:00:00 GMT",
                "Date": "Mon, 02 Jun 2025 10:00:00 GMT",
            },
            0,
        ),
        ({"Retry-After": "99999999"}, 3600),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "9" * 400}, None),
        ({}, None),
    ],
)
def test_when_to_come_back(headers: dict[str, str], seconds: int | None) -> None:
    """The server's own figure, a second later, within reason."""
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert retry_after(httpx.Headers(headers)) == expected


def test_a_date_without_the_servers_clock_is_read_by_ours() -> None:
    """Most servers send both."""
    soon = datetime.now(UTC) + timedelta(seconds=100)
    delay = retry_after(httpx.Headers({"Retry-After": soon.strftime("%a, %d %b %Y %H:%M:%S GMT")}))
    assert delay
    assert 90 < delay.total_seconds() <= 100


def test_the_pace_allows_a_burst_and_then_spreads() -> None:
    """In any five minutes fewer requests than an anonymous address may send."""
    pace = Pace()
    now, turns = 0.0, []
    for _ in range(2_000):
        now += pace.wait(now)
        turns.append(now)
    assert turns[119] == 0
    assert turns[120] > 0
    assert max(sum(1 for t in turns if start <= t < start + 300) for start in turns[::50]) < 500


def test_the_pace_forgives_after_a_rest() -> None:
    """Whoever asks rarely never waits."""
    pace = Pace(requests=10, per=10.0, burst=5)
    assert [pace.wait(0.0) for _ in range(5)] == [0.0] * 5
    assert pace.wait(0.0) == pytest.approx(2.0)
    assert pace.wait(60.0) == 0.0


async def test_a_turn_is_waited_for() -> None:
    """Two at once, the third after a moment."""
    pace = Pace(requests=22, per=1.0, burst=2)
    begun = asyncio.get_running_loop().time()
    for _ in range(3):
        await pace.turn()
    assert 0.04 < asyncio.get_running_loop().time() - begun < 0.5


def test_try_again_is_unavailable() -> None:
    """Nobody outside needs to know the difference."""
    assert issubclass(TryAgain, Unavailable)
