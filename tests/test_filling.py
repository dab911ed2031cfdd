"""A new archive is filled in the background, whatever comes between."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import ClassVar

import pytest

from bot.domain.errors import StorageError, Unavailable
from bot.domain.papers import FIRST_DAY, Listing
from bot.filling import AGAIN, PAUSE, days_before, fill
from bot.ingest import Ingest
from tests.support.world import World, some, world

TODAY = date(2025, 5, 22)
DAYS = 9


@dataclass
class Sleeper:
    """Time that passes at once; `then` happens at a sleep, by its number."""

    slept: list[float] = field(default_factory=list)
    then: dict[int, Unavailable | None] = field(default_factory=dict)
    world: World | None = None

    async def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)
        if self.world and len(self.slept) in self.then:
            self.world.source.down = self.then[len(self.slept)]

    @property
    def waits(self) -> list[float]:
        """Without the pauses between days."""
        return [seconds for seconds in self.slept if seconds != PAUSE]


@pytest.fixture
async def it(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path, "2025-05-22 12:00") as it:
        for day in days_before(TODAY, DAYS):
            it.publish(day.isoformat(), some(2, day.isoformat()))
        yield it


async def filled(it: World, sleep: Sleeper, days: int = DAYS) -> None:
    sleep.world = it
    await fill(it.ingest, it.storage.archive, days=days, clock=lambda: it.now, sleep=sleep)


def test_there_is_nothing_before_the_first_day() -> None:
    """However many days are asked for."""
    days = days_before(FIRST_DAY + timedelta(days=2), 3650)
    assert days == [FIRST_DAY + timedelta(days=n) for n in (2, 1, 0)]


async def test_the_newest_days_come_first_and_each_is_asked_for_once(it: World) -> None:
    """One request a second at most."""
    sleep = Sleeper()
    await filled(it, sleep)
    assert it.source.asked == [Listing.day(day) for day in days_before(TODAY, DAYS)]
    assert (await it.storage.archive.counts()).papers == 2 * (DAYS + 1)
    assert sleep.slept == [PAUSE] * (DAYS + 1)


async def test_what_is_known_to_the_end_is_not_asked_for_again(it: World) -> None:
    """A second start looks only at the days that may still grow."""
    await filled(it, Sleeper())
    it.source.asked.clear()
    await filled(it, Sleeper())
    assert it.source.asked == [Listing.day(TODAY)]


async def test_an_outage_is_waited_for_and_nothing_is_skipped(it: World) -> None:
    """Longer and longer, and with patience for what Hugging Face says itself."""
    away = Unavailable("Hugging Face cannot be reached.")
    limited = Unavailable("Too many requests.", timedelta(minutes=40))
    sleep = Sleeper(then={3: away, 4: away, 5: away, 6: limited, 7: None})
    await filled(it, sleep)
    minutes = [seconds / 60 for seconds in sleep.waits]
    assert minutes == [*(wait / timedelta(minutes=1) for wait in AGAIN), 40]
    assert (await it.storage.archive.counts()).papers == 2 * (DAYS + 1)


async def test_what_has_come_can_be_searched_before_all_has(it: World) -> None:
    """The index follows week by week."""

    class Counted:
        days: ClassVar[list[int]] = []

        async def catch_up(self) -> int:
            self.days.append(len(it.source.asked))
            return 0

    ingest = Ingest(it.source, it.storage.archive, Counted(), lambda: it.now)  # type: ignore[arg-type]
    await fill(ingest, it.storage.archive, days=DAYS, clock=lambda: it.now, sleep=Sleeper())
    assert Counted.days == [7, DAYS + 1]


async def test_a_database_that_is_away_is_waited_for(it: World) -> None:
    """As Hugging Face is."""

    class Away:
        tries = 0

        async def unsettled(self, days: list[date]) -> list[date]:
            self.tries += 1
            if self.tries < 3:
                raise StorageError("The database is locked.")
            return await it.storage.archive.unsettled(days)

    sleep = Sleeper()
    await fill(it.ingest, Away(), days=DAYS, clock=lambda: it.now, sleep=sleep)  # type: ignore[arg-type]
    assert sleep.waits == [wait.total_seconds() for wait in AGAIN[:2]]
    assert (await it.storage.archive.counts()).papers == 2 * (DAYS + 1)


async def test_it_can_be_stopped_at_any_moment(it: World) -> None:
    """And goes on where it was."""
    begun = asyncio.Event()

    async def sleep(seconds: float) -> None:
        begun.set()
        await asyncio.sleep(seconds)

    task = asyncio.create_task(
        fill(it.ingest, it.storage.archive, days=DAYS, clock=lambda: it.now, sleep=sleep)
    )
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await filled(it, Sleeper())
    assert (await it.storage.archive.counts()).papers == 2 * (DAYS + 1)
