"""Deliveries that wait for their turn in a process, and those whose end cannot be written down."""

import asyncio
import logging
import sqlite3
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.delivery import AT_ONCE
from bot.domain.people import Channel, Message, Workspace
from bot.domain.ports import Outgoing
from tests.support.fakes import FakeMessenger
from tests.support.world import World, at, some, world

DAY = "2025-05-22"


class Stuck(FakeMessenger):
    """Takes a post when the gate of its channel is open."""

    def __init__(self) -> None:
        super().__init__()
        self.gates: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.begun: list[str] = []

    async def send(self, outgoing: Outgoing) -> Message:
        place = outgoing.channel.id
        self.begun.append(place)
        await self.gates[place].wait()
        return await super().send(outgoing)

    def open(self, *places: str) -> None:
        for place in places:
            self.gates[place].set()


@asynccontextmanager
async def owing(tmp_path: Path, channels: int) -> AsyncIterator[tuple[World, Stuck]]:
    """So many channels are owed a digest each, by a platform that is stuck."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        it.chat = stuck = Stuck()
        it.restart()
        it.publish(DAY, some(1, DAY))
        for number in range(channels):
            place = Channel(Workspace("terminal", "local"), f"c{number}")
            await it.subscribe(id=place.id, channel=place)
        it.now = at("2025-05-23 09:00")
        await it.planner.plan_due()
        yield it, stuck


async def until(stuck: Stuck, begun: int) -> list[str]:
    """So many sends have begun; where they go."""
    async with asyncio.timeout(5):
        while len(stuck.begun) < begun:  # noqa: ASYNC110 -- a fake calls nobody
            await asyncio.sleep(0.01)
    return stuck.begun


async def test_whom_we_are_sending_we_do_not_ask_about(tmp_path: Path) -> None:
    """The clock is set forward, or a platform hangs, and leases end in the middle of it: nothing is sent twice."""
    async with owing(tmp_path, AT_ONCE + 2) as (it, stuck):
        sending = asyncio.create_task(it.office.send())
        quick = (await until(stuck, AT_ONCE))[0]
        it.now += timedelta(hours=1)
        await it.office.settle()
        stuck.open(quick)
        await until(stuck, AT_ONCE + 1)
        stuck.open(*(f"c{number}" for number in range(AT_ONCE + 2)))
        await sending
        assert len(stuck.begun) == len(stuck.sent) == AT_ONCE + 2


async def test_who_waited_for_long_takes_a_new_lease_first(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Another replica might take over in the middle of a send that begins when the lease is nearly over."""
    async with owing(tmp_path, AT_ONCE + 2) as (it, stuck):
        office = replace(it.office, fresh=timedelta(seconds=0.1))
        sending = asyncio.create_task(office.send())
        first = list(await until(stuck, AT_ONCE))
        await asyncio.sleep(0.2)
        stuck.open(*(f"c{number}" for number in range(AT_ONCE + 2)))
        await sending
        again = {f"c{number}" for number in range(AT_ONCE + 2)} - set(first)
        assert len(stuck.begun) == len(stuck.sent) == AT_ONCE + 2
        assert len(again) == 2
        for place in again:
            assert f"key={place}:daily:2025-05-22:1 reason=it had to wait" in caplog.text


async def test_what_cannot_be_written_down_is_one_line_and_found_out_later(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The post stands, the database is locked: no traceback, and no second post."""
    async with owing(tmp_path, 1) as (it, stuck):
        sending = asyncio.create_task(it.office.send())
        await until(stuck, 1)
        with closing(sqlite3.connect(tmp_path / "paperbot.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            stuck.open("c0")
            with caplog.at_level(logging.ERROR):
                await asyncio.gather(sending, return_exceptions=True)
        assert "delivery.unrecorded key=c0" in caplog.text
        assert "Traceback" not in caplog.text
        it.now += timedelta(minutes=3)
        await it.tick()
        assert len(stuck.sent) == 1
        assert await it.storage.outbox.owed() == 0
