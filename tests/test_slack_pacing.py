"""How fast posts follow each other: no faster than Slack takes them, and never for long."""

import asyncio
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from adapters.slack.addresses import channel
from adapters.slack.api import Api
from adapters.slack.messenger import SlackMessenger
from adapters.slack.pacing import Pace
from bot.domain.errors import (
    TryLater,
)
from tests.support.slack_posts import (
    Time,
    out,
    speaking,
)
from tests.support.slack_server import SlackServer


async def test_a_channel_hears_one_message_a_second(
    slack: SlackServer, messenger: SlackMessenger, time: Time
) -> None:
    """And a workspace four."""
    for number in range(3):
        await messenger.send(out(key=str(number)))
    assert sum(time.slept) == pytest.approx(2.0)
    for id in "ABCDEFGH":
        slack.add_channel("T1", f"C{id}")
    before = time.now
    for id in "ABCDEFGH":
        await messenger.send(out(where=f"C{id}"))
    assert time.now - before == pytest.approx(2.0)


async def test_a_long_queue_is_no_reason_to_hold_a_lease(
    api: Api, time: Time, slack: SlackServer
) -> None:
    """A post that would wait too long is tried later, and nothing of it was sent."""
    messenger = speaking(api, time, pace=Pace(channel=40, clock=time, sleep=time.sleep))
    await messenger.send(out(key="1"))
    with pytest.raises(TryLater) as caught:
        await messenger.send(out(key="2"))
    assert caught.value.retry_after == timedelta(seconds=40)
    assert len(slack.messages("T1", "C1")) == 1
    assert time.slept == []


async def test_many_who_post_at_once_keep_the_pace() -> None:
    """Also those who wait for the workspace keep a second between two in a channel."""
    turns: list[tuple[str, float]] = []
    time = Ordered()
    pace = Pace(clock=time, sleep=time.sleep)

    async def post(where: str) -> None:
        for _ in range(4):
            await pace.turn(channel("T1", where), 1_000)
            turns.append((where, time()))

    places = [f"C{n}" for n in range(6)]
    await time.run([post(where) for where in places])
    assert len(turns) == 24
    for where in places:
        mine = [at for place, at in turns if place == where]
        assert all(b - a >= 0.999 for a, b in pairwise(mine))
    at = sorted(at for _, at in turns)
    assert all(b - a >= 0.249 for a, b in pairwise(at))
    assert at[-1] - at[0] < 8


class Ordered:
    """A clock that jumps to whoever wakes up next."""

    def __init__(self) -> None:
        self.now = 0.0
        self.sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.sleepers.append((self.now + seconds, woken))
        await woken

    async def run(self, work: list[Any]) -> None:
        tasks = [asyncio.ensure_future(one) for one in work]
        while not all(task.done() for task in tasks):
            for _ in range(10):
                await asyncio.sleep(0)
            if self.sleepers:
                self.sleepers.sort(key=lambda one: one[0])
                self.now, woken = self.sleepers.pop(0)
                woken.set_result(None)
        await asyncio.gather(*tasks)


async def test_what_is_long_past_is_forgotten() -> None:
    """Thousands of channels leave nothing behind."""
    time = Time()
    pace = Pace(clock=time, sleep=time.sleep)
    for number in range(5_000):
        await pace.turn(channel(f"T{number}", "C1"), 10)
        time.now += 2
    assert len(pace._free) < 5_000
