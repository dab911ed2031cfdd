"""The bot's own web server: health, metrics, and the pages of doors."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from adapters.web.server import address, serve
from bot.domain.errors import ConfigError, StorageError
from bot.domain.ports import Caller, Desk
from bot.domain.web import Page, Visit
from bot.meter import Meter
from bot.vitals import Vitals
from tests.support.fakes import CHANNEL, FakeMessenger
from tests.support.rooms import ANN, Office

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HERE = "127.0.0.1:0"


class Door:
    """One that can be unwell."""

    def __init__(self, ailment: str = "") -> None:
        self.messenger = FakeMessenger()
        self.now_ails = ailment

    async def run(self, desk: Desk) -> None:
        await asyncio.Event().wait()

    def ailment(self) -> str:
        return self.now_ails


def vitals(door: Door | None = None, clock: Callable[[], datetime] = lambda: NOW) -> Vitals:
    office = Office()
    doors = {"chat": door or Door()}
    return Vitals(archive=office.archive, outbox=office.outbox, doors=doors, clock=clock)


async def echo(visit: Visit) -> Page:
    headers = {name: visit.headers[name] for name in ("x-one", "content-type")}
    told = [visit.method, visit.path, visit.query, headers, visit.body.decode()]
    return Page(
        status=202,
        body=json.dumps(told).encode(),
        headers=(
            ("content-type", "application/json"),
            ("set-cookie", "a=1"),
            ("set-cookie", "b=2"),
        ),
    )


async def test_a_request_arrives_as_it_was_sent() -> None:
    """Query and body unread, since signatures are made over them; several cookies go out."""
    async with serve(HERE, {("POST", "/hook"): echo}) as url, httpx.AsyncClient() as client:
        answer = await client.post(
            f"{url}/hook?a=%2F&b",
            content=b"x=1&y=%20",
            headers={"X-One": "1", "Content-Type": "t/t"},
        )
    assert answer.status_code == 202
    headers = {"x-one": "1", "content-type": "t/t"}
    assert answer.json() == ["POST", "/hook", "a=%2F&b", headers, "x=1&y=%20"]
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]


async def test_what_is_not_there_is_not_found() -> None:
    """Nor is a page asked for in the wrong way; and a body that is too large is not taken."""
    async with serve(HERE, {("POST", "/hook"): echo}) as url, httpx.AsyncClient() as client:
        assert (await client.get(f"{url}/other")).status_code == 404
        assert (await client.get(f"{url}/hook")).status_code == 405
        assert (await client.post(f"{url}/hook", content=b"x" * 2_000_000)).status_code == 413


async def test_a_bug_in_a_page_is_one_page_s_trouble(caplog: pytest.LogCaptureFixture) -> None:
    """The visitor learns no detail, the log does."""

    async def broken(_: Visit) -> Page:
        raise RuntimeError("secret detail")

    async with serve(HERE, {("GET", "/"): broken}) as url, httpx.AsyncClient() as client:
        answer = await client.get(url)
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "secret detail" in caplog.text


async def test_an_address_in_use_is_one_clear_line() -> None:
    """It names the setting."""
    async with serve(HERE, {}) as url:
        with pytest.raises(ConfigError, match=r"web\.listen"):
            async with serve(url.removeprefix("http://"), {}):
                raise AssertionError("both listen")


@pytest.mark.parametrize(
    ("listen", "meant"),
    [
        ("127.0.0.1:8080", ("127.0.0.1", 8080)),
        ("[::1]:80", ("::1", 80)),
        (":9000", ("0.0.0.0", 9000)),
    ],
)
def test_an_address_is_host_and_port(listen: str, meant: tuple[str, int]) -> None:
    """As in other programs."""
    assert address(listen) == meant


@pytest.mark.parametrize("listen", ["localhost", "a:b", "x:70000", ""])
def test_other_addresses_are_refused(listen: str) -> None:
    """With an example of a good one."""
    with pytest.raises(ConfigError, match=r"127\.0\.0\.1:8080"):
        address(listen)


async def test_a_well_bot_says_so() -> None:
    """200, for a supervisor to see."""
    page = await vitals().health(Visit(method="GET", path="/healthz"))
    assert page.status == 200
    assert json.loads(page.body) == {"status": "ok", "ailments": {}}


async def test_what_ails_is_named() -> None:
    """A connection that is down, a clock that stands still, a database that is away: 503."""
    door = Door("not connected since 12:00")
    ill = vitals(door, lambda: NOW + timedelta(minutes=6))
    ill.beat = NOW
    page = await ill.health(Visit(method="GET", path="/healthz"))
    assert page.status == 503
    ailments = json.loads(page.body)["ailments"]
    assert ailments["chat"] == "not connected since 12:00"
    assert "has not ticked" in ailments["clock"]

    class Away:
        async def owed(self) -> int:
            raise StorageError("the database is locked")

    ill.outbox = Away()  # type: ignore[assignment]
    assert (await ill.ailments())["database"] == "the database is locked"


async def test_metrics_count_what_happened() -> None:
    """In the format that Prometheus reads."""
    office, meter = Office(), Meter()
    office.desk = type(office.desk)(office.room, meter=meter)
    asks = Caller(person=ANN, channel=CHANNEL)
    for text in ("help", "help", "status"):
        await office.desk.say(asks, text)
    meter.add("deliveries", platform="terminal", ended="sent")
    seen = Vitals(
        archive=office.archive,
        outbox=office.outbox,
        doors={"chat": Door(), "other": Door("down")},
        clock=lambda: NOW,
        meter=meter,
        beat=NOW - timedelta(seconds=3),
    )
    text = (await seen.metrics(Visit(method="GET", path="/metrics"))).body.decode()
    assert 'paperbot_commands_total{command="help",platform="terminal"} 2.0' in text
    assert 'paperbot_deliveries_total{ended="sent",platform="terminal"} 1.0' in text
    assert 'paperbot_up{platform="other"} 0.0' in text
    assert "paperbot_tick_age_seconds 3.0" in text
    assert "paperbot_owed 0.0" in text
