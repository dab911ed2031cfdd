"""A workspace with 100,000 acts of saving: how long does a page of `saved` take, and what does it cost to keep it so?

On SQLite; with `--server` on a PostgreSQL that is started for it, too.
"""

import random
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import create_async_engine

from benchmarks.archive import VOCABULARY
from benchmarks.databases import main
from bot.domain.library import Order, Save, SavedQuery, Whose
from bot.domain.papers import Paper, PaperId
from bot.domain.people import Channel, Person, Workspace
from bot.domain.search import Word
from storage import Storage, open_storage
from storage.database import Database
from storage.holdings import SAVES
from storage.saved import NOTES, READS, TAGS
from storage.urls import parse_url

HOME = Workspace("slack", "T1")
CHANNEL = Channel(HOME, "C1")
PEOPLE = [Person("slack", f"T1.U{n}", f"Person {n}") for n in range(60)]
ME = PEOPLE[7]
BEGAN = datetime(2023, 5, 4, tzinfo=UTC)
TAGS_KNOWN = [f"tag-{n}" for n in range(30)]
IN_STEP = (
    "INSERT INTO holding SELECT workspace, person, paper, min(at) FROM save GROUP BY workspace, person, paper",
    "INSERT INTO holding SELECT workspace, '', paper, min(at) FROM save GROUP BY workspace, paper",
    "INSERT INTO holder SELECT workspace, person, 'Name', count(*) FROM holding GROUP BY workspace, person",
)


def made_up(count: int) -> list[Paper]:
    """Papers of invented words, the same at every run."""
    dice = random.Random(7)

    def words(number: int) -> str:
        return " ".join(dice.choices(VOCABULARY, k=number))

    return [
        Paper(
            id=PaperId(f"{10 + n // 9_000:02}{n // 750 % 12 + 1:02}.{n % 750:05}"),
            title=words(9),
            abstract=words(180),
            authors=(words(2), words(2), words(2)),
            published=date(2023, 5, 4) + timedelta(days=n % 1000),
            upvotes=dice.randrange(200),
            stars=dice.randrange(9_000) if n % 3 else None,
        )
        for n in range(count)
    ]


async def furnish(storage: Storage, acts: int, papers: int) -> None:
    """Everything that people have done in some years."""
    known = made_up(papers)
    await storage.archive.keep(known, as_of=BEGAN)
    dice = random.Random(8)
    saves, tags, reads, notes = {}, {}, {}, {}
    while len(saves) < acts:
        who, paper = dice.choice(PEOPLE), known[int(papers * dice.random() ** 1.5)].id
        on = {"person": str(who), "workspace": str(HOME), "paper": paper}
        on["at"] = BEGAN + timedelta(seconds=dice.randrange(90_000_000))
        key = (who, paper)
        saves[key] = on | {"origin": "command", "person_name": who.name, "channel": str(CHANNEL)}
        if dice.random() < 0.2:
            tags[key] = on | {"tag": dice.choice(TAGS_KNOWN)}
        if dice.random() < 0.3:
            reads[key] = on
        if dice.random() < 0.1:
            more = {"person_name": who.name, "text": "compare with ours", "shared": len(notes) % 2}
            notes[key] = on | more | {"shared": len(notes) % 2 == 0}
    for table, rows in ((SAVES, saves), (TAGS, tags), (READS, reads), (NOTES, notes)):
        await _insert(storage.database, table, [*rows.values()])
    async with storage.database.write() as session:
        for statement in IN_STEP:
            await (await session.connection()).execute(text(statement))


async def _insert(database: Database, table: Any, rows: list[dict[str, Any]]) -> None:
    async with database.write() as session:
        connection = await session.connection()
        for start in range(0, len(rows), 2_000):
            await connection.execute(insert(table), rows[start : start + 2_000])


def questions(storage: Storage) -> Mapping[str, Callable[[], Awaitable[object]]]:
    """What people ask, by its name."""

    def saved(offset: int = 0, **wanted: Any) -> Callable[[], Awaitable[object]]:
        query = SavedQuery(reader=ME, channel=CHANNEL, **{"whose": Whose.TEAM, **wanted})
        return lambda: storage.library.saved(query, offset=offset)

    return {
        "saved team": saved(),
        "saved team, page 5": saved(40),
        "saved team, last page": saved(39_000),
        "saved": saved(whose=Whose.ME),
        "saved team unread": saved(unread=True),
        "saved team tag:": saved(tags=("tag-7",)),
        "saved team by:": saved(by=PEOPLE[3]),
        "saved team since:30d": saved(since=BEGAN + timedelta(seconds=90_000_000 - 30 * 86_400)),
        "saved team sort:old": saved(order=Order.OLD),
        "saved team sort:upvotes": saved(order=Order.UPVOTES),
        "saved here": saved(whose=Whose.HERE),
        "saved team words": saved(words=(Word("diffusion"), Word("multial"))),
        "saved words": saved(whose=Whose.ME, words=(Word("diffusion"),)),
        "tags": lambda: storage.notes.tags(HOME),
        "people": lambda: storage.library.people(HOME),
    }


async def timed(work: Callable[[], Awaitable[object]], times: int) -> list[float]:
    """Seconds of each time, after one that does not count."""
    await work()
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        await work()
        taken.append(time.perf_counter() - begun)
    return sorted(taken)


async def measure(url: str, folder: Path, acts: int, papers: int, times: int) -> None:
    """Print a line for each question."""
    async with open_storage(url, folder / "index") as storage:
        await furnish(storage, acts, papers)
        if not storage.database.is_file:
            await _looked_after(url)
        for name, work in questions(storage).items():
            taken = await timed(work, times)
            median, p95 = taken[len(taken) // 2], taken[int(len(taken) * 0.95)]
            print(f"{name:24} median {median * 1e3:6.1f} ms, p95 {p95 * 1e3:6.1f} ms")
        query = SavedQuery(reader=ME, channel=CHANNEL, whose=Whose.TEAM)
        begun = time.perf_counter()
        found = await storage.library.saved(query, limit=10_000)
        print(f"all for an export        {time.perf_counter() - begun:.2f} s ({len(found.papers)})")
        await _write(storage, times)


async def _write(storage: Storage, times: int) -> None:
    numbers = iter(range(10_000))

    def act() -> Save:
        paper = PaperId(f"2606.{next(numbers):05}")
        return Save(person=ME, workspace=HOME, paper=paper, at=datetime.now(UTC), origin="command")

    taken = await timed(lambda: storage.library.save(act()), times)
    print(f"{'save':24} median {taken[len(taken) // 2] * 1e3:6.1f} ms")
    for name, work in {
        "everything about one": lambda: storage.privacy.about(ME),
        "forget one": lambda: storage.privacy.forget(ME),
    }.items():
        begun = time.perf_counter()
        await work()
        print(f"{name:24} {(time.perf_counter() - begun) * 1e3:.0f} ms")


async def _looked_after(url: str) -> None:
    """What autovacuum does within a minute."""
    engine = create_async_engine(parse_url(url), isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text("VACUUM ANALYZE"))
    await engine.dispose()


if __name__ == "__main__":
    main(measure, __doc__, times=60)
