"""What an operator does from a shell: run the bot, fill the archive, rebuild the index."""

import logging
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.app import open_app, sample_batches
from bot.commands.days import Day
from bot.config import Config
from bot.domain.errors import UserError
from bot.domain.papers import Batch
from bot.ingest import Tally
from storage import open_storage

SHOWN_REJECTS = 10
NOISY = {
    "apscheduler": logging.ERROR,  # it warns when a long digest outlasts a tick, which is in order
    "stamina": logging.ERROR,  # every try; whoever gives up says so
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "aiosqlite": logging.WARNING,
    "discord": logging.WARNING,
}
"""What libraries need not tell an operator."""


async def run(config: Config) -> int:
    """Until Ctrl-C, SIGTERM, or `quit` in the terminal."""
    logging.basicConfig(
        level=config.log.upper(),
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
        stream=sys.stderr,
        force=True,
    )
    for noisy, least in NOISY.items():
        logging.getLogger(noisy).setLevel(least)
    async with open_app(config) as app:
        await app.run()
    return 0


async def fetch(config: Config, first: str, last: str, days: int) -> int:
    """Daily lists, the newest first; a day that is final in the archive is not asked for again."""
    wanted = _days(first, last, days, datetime.now(UTC).date())
    async with open_app(config, doors={}) as app:
        with _progress("fetching", len(wanted)) as step:
            tally = Tally()
            async for tally in app.ingest.backfill(wanted):
                step(tally)
    _report(tally, "fetched")
    return 0


def _days(first: str, last: str, days: int, today: date) -> list[date]:
    if bool(first) == bool(days):
        raise UserError(
            "Say which days: --days N, or --from DAY and, if not up to today, --to DAY."
        )
    end = Day().parse(last, today) if last else today
    begin = Day().parse(first, today) if first else end - timedelta(days=days - 1)
    if begin > end:
        raise UserError(f"--from {begin} lies after --to {end}; swap them.")
    return [end - timedelta(days=n) for n in range((end - begin).days + 1)]


async def import_files(config: Config, files: Iterable[Path], *, sample: bool) -> int:
    """Idempotent: the same file a second time changes nothing."""
    files = list(files)
    if not files and not sample:
        raise UserError("Name the files to import, or say --sample for the bundled feed.")
    async with open_app(config, doors={}) as app:
        with _progress("importing", None) as step:
            tally = Tally()
            async for tally in app.ingest.take(_batches(files, sample=sample)):
                step(tally)
    _report(tally, "imported")
    return 1 if tally.rejected and not (tally.new or tally.updated or tally.unchanged) else 0


def _batches(files: Iterable[Path], *, sample: bool) -> Iterator[Batch]:
    from adapters.huggingface.files import read_file

    if sample:
        yield from sample_batches()
    for file in files:
        yield from read_file(file)


async def reindex(config: Config) -> int:
    """From the database alone; searches are answered from the old index meanwhile."""
    count = 0
    async with open_storage(config.database_url, config.index, model=config.model) as storage:
        with _progress("indexing", None) as step:

            def done(indexed: int, total: int) -> None:
                nonlocal count
                count = indexed
                step(Tally(days=indexed), total)

            await storage.search.rebuild(done)
    Console().print(f"indexed {count} papers", highlight=False)
    return 0


async def migrate(config: Config, target: str) -> int:
    """Move the archive to another database; this one stays as it is."""
    from storage.moving import move

    console = Console(highlight=False)
    with _progress("moving", None) as step:
        moved = await move(config.database_url, target, step.to)
    for table, rows in moved.tables.items():
        console.print(f"  {table:<16} {rows:>10,} rows, the same on both sides")
    console.print(
        f"moved {moved.rows:,} rows to {moved.target} ({moved.copied:,} in this run). "
        f"{moved.source} is as it was. Set `[storage] url` to the new one and start the bot."
    )
    return 0


@contextmanager
def _progress(what: str, total: int | None) -> Iterator["Step"]:
    """A bar on a terminal's standard error, nothing elsewhere."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        yield Step(bar, what, total)


class Step:
    """Moves a progress bar to what a tally says."""

    def __init__(self, bar: Progress, what: str, total: int | None) -> None:
        self._bar = bar
        self._task = bar.add_task(what, total=total)

    def to(self, what: str, done: int, total: int) -> None:
        """Another part of the work, and how far it has come."""
        self._bar.update(self._task, description=what, completed=done, total=total)

    def __call__(self, tally: Tally, total: int | None = None) -> None:
        self._bar.update(self._task, completed=tally.days)
        if total is not None:
            self._bar.update(self._task, total=total)


def _report(tally: Tally, done: str) -> None:
    console = Console(highlight=False)
    console.print(
        f"{done} {tally.days} days: {tally.new} new, {tally.updated} updated, "
        f"{tally.unchanged} unchanged, {len(tally.rejected)} rejected"
    )
    for rejected in tally.rejected[:SHOWN_REJECTS]:
        console.print(f"  {rejected.where}: {rejected.why}", markup=False)
    if len(tally.rejected) > SHOWN_REJECTS:
        console.print(f"  … and {len(tally.rejected) - SHOWN_REJECTS} more")
