"""A clock that is set back and forth, and days that are longer or shorter than others: one edition a local day."""

from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.domain.papers import Listing
from bot.domain.people import Channel, Workspace
from tests.support.fakes import CHANNEL
from tests.support.world import World, some, world

CHANGES = [
    ("Europe/Berlin", "2026-03-29"),
    ("Europe/Berlin", "2026-10-25"),
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2026-11-01"),
    ("Australia/Lord_Howe", "2026-04-05"),
    ("Australia/Lord_Howe", "2026-10-04"),
    ("Asia/Kathmandu", "2026-03-29"),
]
"""Zones, and days on which their clocks change; Kathmandu's never do, at an offset of 5:45."""


def publish(it: World, first: datetime, days: int) -> None:
    """A list of two papers on each of these days."""
    for n in range(days):
        day = (first + timedelta(days=n)).date()
        it.source.publish(Listing.day(day), *some(2, day.isoformat()))


async def ticks(it: World, *moments: str) -> None:
    for moment in moments:
        await it.tick(moment)


async def test_a_clock_set_back_an_hour_posts_nothing_twice(tmp_path: Path) -> None:
    """However often its hour comes again."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        publish(it, it.now, 3)
        await it.subscribe(at=time(9))
        await ticks(it, "2025-05-23 09:00", "2025-05-23 08:01", "2025-05-23 08:59")
        await ticks(it, "2025-05-23 09:00", "2025-05-23 09:01", "2025-05-23 08:05")
        assert len(it.chat.sent) == 1
        await ticks(it, "2025-05-24 08:59", "2025-05-24 09:00", "2025-05-24 08:00")
        assert len(it.chat.sent) == 2
        assert len(it.papers) == len(set(it.papers)) == 4


async def test_a_clock_set_forward_over_its_hour_loses_nothing(tmp_path: Path) -> None:
    """The edition comes as soon as the clock stands behind its hour, and once when it is set right again."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        publish(it, it.now, 3)
        await it.subscribe(at=time(9))
        await ticks(it, "2025-05-23 08:30", "2025-05-23 09:30", "2025-05-23 08:31")
        await ticks(it, "2025-05-23 09:00", "2025-05-23 09:31", "2025-05-24 09:00")
        assert len(it.chat.sent) == 2
        assert len(it.papers) == len(set(it.papers)) == 4


@pytest.mark.parametrize("hour", ["02:30", "09:00"])
@pytest.mark.parametrize(("zone", "day"), CHANGES)
async def test_every_local_day_has_one_edition(
    tmp_path: Path, zone: str, day: str, hour: str
) -> None:
    """Also that on which half past two comes twice, or not at all."""
    tz = ZoneInfo(zone)
    change = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=tz)
    begin = (change - timedelta(days=3)).astimezone(ZoneInfo("UTC"))
    async with world(tmp_path, f"{begin:%Y-%m-%d %H:%M}") as it:
        publish(it, begin - timedelta(days=2), 12)
        await it.subscribe(at=time.fromisoformat(hour), tz=zone)
        days: list[str] = []
        while it.now < begin + timedelta(days=6):
            it.now += timedelta(hours=3)
            before = len(it.chat.sent)
            await it.tick()
            days += [f"{it.now.astimezone(tz):%m-%d}"] * (len(it.chat.sent) - before)
        assert len(days) == len(set(days)) == 6
        assert len(it.papers) == len(set(it.papers))


async def test_two_channels_in_two_zones_each_have_their_day(tmp_path: Path) -> None:
    """One list, two hours."""
    other = Channel(Workspace("terminal", "local"), "other")
    async with world(tmp_path, "2026-10-24 00:00") as it:
        publish(it, it.now - timedelta(days=3), 7)
        nine = time(9)
        await it.subscribe(at=nine, tz="Europe/Berlin")
        await it.subscribe(id="two", channel=other, at=nine, tz="America/New_York")
        await it.until("2026-10-27 00:00")
        places = [message.channel for message, _ in it.chat.sent]
        assert (places.count(CHANNEL), places.count(other)) == (3, 3)
