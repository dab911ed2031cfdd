"""A workspace with 100,000 acts of saving: how long do its figures take, of a week, of twelve, of a year?

On SQLite; with `--server` on a PostgreSQL that is started for it, too.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import text, update

from benchmarks.databases import main
from benchmarks.library import BEGAN, CHANNEL, HOME, furnish, timed
from bot.domain.people import Channel, Sharing, Workspace
from storage import Storage, open_storage
from storage.holdings import SAVES
from storage.statistics import Statistics

END = BEGAN + timedelta(seconds=90_000_000)
CHANNELS = 8
KEYWORDS = """
UPDATE paper SET keywords =
'["topic ' || (upvotes % 17) || '", "theme ' || (upvotes % 41) || '", "field ' || (upvotes % 7) || '"]'
"""


def weeks(count: int) -> tuple[datetime, ...]:
    """The bounds of the last so many."""
    return tuple(END - timedelta(weeks=n) for n in range(count, -1, -1))


async def spread(storage: Storage) -> None:
    """Papers have keywords, and saves were done in several channels."""
    async with storage.database.write() as session:
        connection = await session.connection()
        await connection.execute(text(KEYWORDS))
        for number in range(1, CHANNELS):
            some = SAVES.c.person.like(f"%{number}")
            place = str(Channel(HOME, f"C{number + 1}"))
            await connection.execute(update(SAVES).where(some).values(channel=place))
        if not storage.database.is_file:
            await connection.execute(text("ANALYZE"))  # which autovacuum does within a minute


async def measure(url: str, folder: Path, acts: int, papers: int, times: int) -> None:
    """Print a line for each question."""
    async with open_storage(url, folder / "index") as storage:
        await furnish(storage, acts, papers)
        await spread(storage)
        alone = Statistics(storage.database)
        team = Sharing(shared=True, among=frozenset({HOME, Workspace("discord", "1")}))
        shared = Statistics(storage.database, team)
        asked: Mapping[str, tuple[Statistics, Workspace | Channel]] = {
            "team": (alone, HOME),
            "here": (alone, CHANNEL),
            "shared team": (shared, HOME),
        }
        for name, (statistics, place) in asked.items():
            for number in (1, 12, 53):
                bounds = weeks(number)
                taken = await timed(lambda s=statistics, p=place, b=bounds: s.figures(p, b), times)
                median, p95 = taken[len(taken) // 2], taken[int(len(taken) * 0.95)]
                what = f"{name}, {number} weeks"
                print(f"{what:24} median {median * 1e3:6.1f} ms, p95 {p95 * 1e3:6.1f} ms")


if __name__ == "__main__":
    main(measure, __doc__, times=20)
