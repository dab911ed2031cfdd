"""Socket Mode: kept up through refreshes, cuts, refused tickets and outages, and given up in one clear line."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack.connection import SlackDoor
from adapters.slack.settings import Settings, read_settings
from adapters.slack.socket_mode import LONGEST_WAIT, STEADY, BackOff, SocketMode
from tests.support.rooms import Office
from tests.support.slack_server import SlackServer, slack_server


def settings_for(slack: SlackServer, **more: str) -> Settings:
    given = {"bot_token": "xoxb-T1", "app_token": slack.app_token, "api_url": slack.api_url}
    return read_settings(given | more)


@asynccontextmanager
async def lab() -> AsyncIterator[SlackServer]:
    """A workspace with a channel and somebody in it."""
    async with slack_server() as slack:
        slack.add_team("T1")
        slack.add_user("T1", "U1", "Ann")
        slack.add_channel("T1", "C1", "papers")
        yield slack
        assert slack.noted == []


@asynccontextmanager
async def running(door: SlackDoor) -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.create_task(door.run(Office().desk))
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def door_to(slack: SlackServer, first_wait: float = 0.02, **more: str) -> SlackDoor:
    return SlackDoor(settings_for(slack, **more), back_off=BackOff(first_wait, 0.05))


async def until(condition: Callable[[], object], seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 -- the door tells nobody
            await asyncio.sleep(0.01)


async def test_commands_come_over_the_connection() -> None:
    """The ack is empty; the answer comes to the address that Slack sent along."""
    async with lab() as slack, running(door_to(slack)):
        await slack.connected()
        done = await slack.command("T1", "U1", "C1", "/paper", "help")
        assert done.ack is None
        (answer,) = await done.answered()
        assert answer["response_type"] == "ephemeral"


async def test_a_refresh_loses_nothing() -> None:
    """Slack asks for another connection: it is there before the old one is closed, and used at once."""
    async with lab() as slack, running(door_to(slack)) as task:
        await slack.connected()
        first = slack.socket.links[0]
        await slack.disconnect("refresh_requested")
        await slack.connected()
        assert not first.socket.closed
        assert await (await slack.command("T1", "U1", "C1", "/paper", "help")).answered()
        assert not task.done()


async def test_a_cut_connection_is_replaced_at_once() -> None:
    """Without waiting, the first time."""
    async with lab() as slack, running(door_to(slack, first_wait=30)):
        await slack.connected()
        slack.cut()
        await slack.until(lambda: slack.socket.attempts == 2)
        await slack.connected()


async def test_a_refused_ticket_is_not_shown_again() -> None:
    """A fresh one is asked for each time."""
    async with lab() as slack:
        slack.refuse_tickets(2)
        async with running(door_to(slack)):
            await slack.connected()
        assert slack.socket.attempts == 3
        assert len(slack.called("apps.connections.open")) == 3


async def test_a_connection_without_a_hello_is_none() -> None:
    """It is given up, and another is asked for."""
    async with lab() as slack:
        slack.socket.greeting = False
        async with waiting(slack, Waits(until=99), hello=0.05) as socket:
            await slack.until(lambda: slack.socket.attempts == 2)
            assert socket.ailment


async def test_a_connection_that_falls_silent_is_replaced() -> None:
    """It is open, and answers no ping."""
    async with lab() as slack, waiting(slack, Waits(until=99), heartbeat=0.1) as socket:
        await slack.connected()
        await until(lambda: not socket.ailment)
        slack.socket.freeze()
        await slack.until(lambda: slack.socket.attempts == 2)
        await until(lambda: not socket.ailment)


@pytest.mark.parametrize("code", ["invalid_auth", "not_allowed_token_type", "missing_scope"])
async def test_a_refused_app_token_is_one_line_and_the_door_rests(
    caplog: pytest.LogCaptureFixture, code: str
) -> None:
    """It does not return, since that would stop the other platforms; nor does it ask again."""
    async with lab() as slack:
        slack.fail("apps.connections.open", error=code, times=None)
        door = door_to(slack)
        async with running(door) as task:
            await until(lambda: "refuses the app token" in door.ailment())
            await asyncio.sleep(0.1)
            assert not task.done()
            assert len(slack.called("apps.connections.open")) == 1
    (line,) = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert "SLACK_APP_TOKEN" in line.getMessage()
    assert line.exc_info is None
    assert slack.app_token not in caplog.text
    assert "xoxb" not in caplog.text


async def test_after_an_outage_it_is_there_again(caplog: pytest.LogCaptureFixture) -> None:
    """A line without a traceback for each try."""
    async with lab() as slack:
        slack.fail("apps.connections.open", status=503, times=3)
        door = door_to(slack)
        async with running(door):
            await slack.connected()
            await until(lambda: door.ailment() == "")
    assert caplog.text.count("slack.down") == 3
    assert "Traceback" not in caplog.text


@dataclass
class Waits:
    """A clock that only waiting moves."""

    now: float = 0.0
    until: float = 600.0
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        if self.now >= self.until:
            self.over.set()
            await asyncio.Event().wait()


async def nothing(request: Any) -> Any:
    raise AssertionError(request)


@asynccontextmanager
async def waiting(slack: SlackServer, waits: Waits, **more: float) -> AsyncIterator[SocketMode]:
    """The connection alone, on a clock that is moved by hand."""
    socket = SocketMode(
        settings_for(slack),
        nothing,
        up=lambda: None,
        back_off=BackOff(),
        sleep=waits.sleep,
        **more,  # type: ignore[arg-type]
    )
    task = asyncio.create_task(socket.run())
    try:
        yield socket
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("status", [503, 429])
async def test_ten_minutes_of_refusals_take_less_than_twenty_tries(status: int) -> None:
    """Whether Slack is down or asks for patience."""
    async with lab() as slack:
        slack.fail("apps.connections.open", status=status, times=None)
        waits = Waits()
        async with waiting(slack, waits):
            await asyncio.wait_for(waits.over.wait(), 10)
        assert 3 < len(slack.called("apps.connections.open")) < 20


async def test_connections_that_break_at_once_do_not_come_thick_and_fast() -> None:
    """Tickets are given and then refused: likewise."""
    async with lab() as slack:
        slack.refuse_tickets(1_000)
        waits = Waits()
        async with waiting(slack, waits):
            await asyncio.wait_for(waits.over.wait(), 10)
        assert 3 < slack.socket.attempts < 20


async def test_retry_after_is_obeyed() -> None:
    """As long as Slack says, not as we would like."""
    async with lab() as slack:
        slack.fail("apps.connections.open", status=429, retry_after=77, times=None)
        waits = Waits(until=77)
        async with waiting(slack, waits):
            await asyncio.wait_for(waits.over.wait(), 10)
        assert len(slack.called("apps.connections.open")) == 1


@given(st.lists(st.sampled_from([0.0, 0.01, 5.0, STEADY, 4_000.0]), min_size=1, max_size=40))
def test_waiting_grows_within_bounds(held: list[float]) -> None:
    """Nothing is tried twice at once unless a good connection stood between."""
    back_off = BackOff(1.0, LONGEST_WAIT)
    waits = [back_off.after(seconds) for seconds in held]
    assert all(0 <= wait <= LONGEST_WAIT for wait in waits)
    for seconds, wait in zip(held[1:], waits[1:], strict=True):
        assert wait > 0 or seconds >= STEADY


async def test_it_stops_within_a_second() -> None:
    """Also when Slack does not answer the farewell."""
    async with lab() as slack:
        door = door_to(slack)
        async with running(door) as task:
            await slack.connected()
            slack.socket.freeze()
            began = time.perf_counter()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert time.perf_counter() - began < 1
        assert door.ailment() == "not started"


async def test_an_envelope_that_comes_again_is_acked_and_done_once() -> None:
    """Slack repeats what it did not hear of; the answer is not given twice."""
    async with lab() as slack, running(door_to(slack)):
        await slack.connected()
        done = await slack.command("T1", "U1", "C1", "/paper", "help")
        await done.answered()
        again = await slack.repeat(done)
        assert again.acked
        other = await slack.command("T1", "U1", "C1", "/paper", "status")
        await other.answered()
        assert len(done.answers) == 1


async def test_frames_of_nonsense_are_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    """One of them does not end the connection."""
    async with lab() as slack, running(door_to(slack)):
        await slack.connected()
        (link,) = slack.socket.links
        for text in ("", "[]", "nonsense", '{"type":"news"}', '"x"', "[" * 100_000):
            await link.socket.send_str(text)
        await link.socket.send_bytes(b"\x00")
        assert await (await slack.command("T1", "U1", "C1", "/paper", "help")).answered()
        assert len(slack.socket.links) == 1
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    "payload", [{}, {"type": "block_actions", "actions": None}, {"type": 7}, {"event": []}]
)
async def test_strange_payloads_are_acknowledged(
    payload: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever Slack may think of next."""
    async with lab() as slack, running(door_to(slack)):
        await slack.connected()
        done = await slack.interact(slack.team(), "interactive", payload)
        assert done.acked
    assert "Traceback" not in caplog.text
