"""What the client makes of a Hugging Face that fails."""

import time
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from adapters.huggingface.answers import BIGGEST_BODY, read_body
from adapters.huggingface.client import HuggingFace
from bot.domain.errors import Unavailable
from bot.domain.papers import Listing, PaperId
from tests.support.huggingface import FakeHub
from tests.support.huggingface_stage import DAY, make_client


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
