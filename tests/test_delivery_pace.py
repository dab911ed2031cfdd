"""How messages are paced: side by side, to their end, and spread over the hour."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from bot.domain.people import Channel, Message, Workspace
from bot.domain.ports import Outgoing
from bot.domain.subscriptions import Layout
from bot.plans import point
from tests.support.fakes import CHANNEL, FakeMessenger
from tests.support.world import World, at, some, world

DAY = "2025-05-22"
OTHER = Channel(Workspace("terminal", "local"), "other")


class Slow(FakeMessenger):
    """Takes its time in one channel."""

    def __init__(self, channel: Channel) -> None:
        super().__init__()
        self.channel, self.go, self.begun = channel, asyncio.Event(), asyncio.Event()

    async def send(self, outgoing: Outgoing) -> Message:
        if outgoing.channel == self.channel:
            self.begun.set()
            await self.go.wait()
        return await super().send(outgoing)


@asynccontextmanager
async def with_a_slow_channel(tmp_path: Path) -> AsyncIterator[tuple[World, Slow]]:
    """Two channels owe a thread of four messages each; OTHER answers when it is told to."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        it.chat = slow = Slow(OTHER)
        it.restart()
        it.publish(DAY, some(3, DAY))
        for channel in (OTHER, CHANNEL):
            await it.subscribe(id=channel.id, channel=channel, layout=Layout.THREAD)
        it.now = at("2025-05-23 09:00")
        await it.planner.plan_due()
        yield it, slow


async def test_a_slow_channel_holds_up_nobody_but_itself(tmp_path: Path) -> None:
    """All of the other's thread is there while its first message is on its way."""
    async with with_a_slow_channel(tmp_path) as (it, slow):
        sending = asyncio.create_task(it.office.send())
        async with asyncio.timeout(5):
            while len(slow.sent) < 4:  # noqa: ASYNC110 -- a fake calls nobody
                await asyncio.sleep(0.01)
        assert {message.channel for message, _ in slow.sent} == {CHANNEL}
        slow.go.set()
        await sending
        assert len(slow.sent) == 8


async def test_what_is_on_its_way_is_finished_and_nothing_more_is_begun(tmp_path: Path) -> None:
    """When we are told to stop; the next process goes on from there."""
    async with with_a_slow_channel(tmp_path) as (it, slow):
        sending = asyncio.create_task(it.office.send())
        await slow.begun.wait()
        it.office.closing.set()
        slow.go.set()
        await sending
        assert 1 <= len(slow.sent) < 8
        it.restart()
        await it.office.settle(alone=True)
        await it.office.send()
        assert len(slow.sent) == 8


async def test_messages_of_one_hour_can_be_spread(tmp_path: Path) -> None:
    """Each channel's always at the same point of that time; none before, none after."""
    spread = timedelta(minutes=10)
    async with world(tmp_path, "2025-05-22 12:00", spread=spread) as it:
        it.publish(DAY, some(3, DAY))
        channels = [Channel(Workspace("terminal", "local"), f"c{n}") for n in range(20)]
        for channel in channels:
            await it.subscribe(id=channel.id, channel=channel)
        came: dict[str, int] = {}
        for minute in range(12):
            await it.tick(f"2025-05-23 09:{minute:02}")
            for message, _ in it.chat.sent:
                came.setdefault(message.channel.id, minute)
        assert set(came) == {channel.id for channel in channels}
        assert len(set(came.values())) > 5
        assert max(came.values()) <= 10
        for channel in channels:
            assert point(channel.id, spread) <= timedelta(minutes=came[channel.id])
