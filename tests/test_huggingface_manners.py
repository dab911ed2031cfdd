"""Who the client says it is, to whom it sends what, and how often it asks."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from adapters.huggingface.answers import TryAgain, retry_after
from adapters.huggingface.client import HuggingFace
from adapters.huggingface.pace import Pace
from bot.domain.errors import ConfigError, Unavailable
from bot.domain.papers import Listing
from tests.support.huggingface import FakeHub
from tests.support.huggingface_stage import DAY, make_client


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
