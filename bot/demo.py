"""`paperbot demo`: the whole job in one terminal, on today's papers or, where there is no network, on bundled ones."""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.text import Text

from bot.app import App, hugging_face, open_app, sample_batches, sample_feed
from bot.config import Config, load
from bot.domain.papers import Listing
from bot.domain.people import Channel, Workspace
from bot.domain.ports import PaperSource
from bot.domain.subscriptions import Edition, Subscription, Terms
from bot.sections import Terminal
from bot.shell import caller

BUDGET = 3.0
"""Seconds that Hugging Face has to answer."""
LOOK_BACK = 4
"""Days that are fetched: a long weekend back."""
SAMPLE_NOW = datetime(2025, 12, 5, 9, tzinfo=UTC)
"""The morning of the last bundled day."""
TOUR = (
    "/paper search clip",
    "/paper show 2309.16671",
    "react 🔖",
    "/paper saved",
    "/paper export bibtex",
)
TRY = ("/paper search clip", "react 3 🔖", "/paper saved", "/paper help", "quit")


async def demo() -> int:
    """A prompt for people; without a terminal on standard input, a tour that ends by itself."""
    console = Console(highlight=False)
    heading = Text("paperbot demo", style="bold")
    heading.append(" · one channel, #papers, in this terminal; nothing is kept", style="dim")
    console.print(heading)
    with tempfile.TemporaryDirectory(prefix="paperbot-") as folder:
        config = _config(Path(folder))
        async with hugging_face(config) as source:
            if await _can_have_today(config, source, console):
                return await _show(config, source, lambda: datetime.now(UTC), console)
        return await _show(config, sample_feed(), _clock_from(SAMPLE_NOW), console)


def _config(folder: Path) -> Config:
    """Of the operator's settings only where Hugging Face is, and only from the environment."""
    source = load(Path(os.devnull), os.environ).huggingface
    return Config(
        data=folder,
        log="error",
        tick_seconds=1,
        huggingface=source.model_copy(update={"backfill_days": 0}),
        terminal=Terminal(enabled=True, downloads=folder / "downloads"),
    )


def _clock_from(start: datetime) -> Callable[[], datetime]:
    begun = time.monotonic()
    return lambda: start + timedelta(seconds=time.monotonic() - begun)


async def _can_have_today(config: Config, source: PaperSource, console: Console) -> bool:
    """Fetch the latest lists within the budget; otherwise say in one line why not."""
    today = datetime.now(UTC).date()
    days = [Listing.day(today - timedelta(days=n)) for n in range(LOOK_BACK + 1)]
    with console.status("fetching the latest Daily Papers from Hugging Face …"):
        async with open_app(config, doors={}, source=source) as app:
            fresh = await asyncio.gather(
                *(app.ingest.refresh(day, max_age=timedelta(0), budget=BUDGET) for day in days)
            )
            latest = await app.storage.archive.last_day(today)
    reason = "cannot be reached" if any(one.problem for one in fresh) else "has no recent list"
    if latest is None or any(one.problem for one in fresh):
        text = f"Hugging Face {reason}: showing the bundled sample of 1-5 December 2025."
        console.print(text, style="dim", soft_wrap=True)
        return False
    return True


async def _show(
    config: Config, source: PaperSource, clock: Callable[[], datetime], console: Console
) -> int:
    async with open_app(config, source=source, clock=clock) as app:
        async for _ in app.ingest.take(sample_batches()):
            pass
        await app.start()
        await _subscribe(app)
        await app.tick()
        if sys.stdin.isatty():
            console.print(f"Try: {'  ·  '.join(TRY)}\n", style="dim")
            await app.run()
        else:
            await _tour(app)
    return 0


async def _subscribe(app: App) -> None:
    """A standing order whose hour is now, so that the next tick is a scheduled post."""
    now = app.clock()
    await app.storage.subscriptions.add(
        Subscription(
            id="demo",
            channel=Channel(Workspace("terminal", "local"), "papers"),
            edition=Edition.DAILY,
            terms=Terms(at=now.time().replace(second=0, microsecond=0), top=5),
            created_by=caller(app.config).person,
            created_at=now,
            next_run_at=now,
        )
    )


async def _tour(app: App) -> None:
    from adapters.terminal.door import TerminalDoor

    door = app.doors["terminal"]
    assert isinstance(door, TerminalDoor)  # noqa: S101 -- the demo's config switches on nothing else
    await door.play(app.desk, TOUR)
