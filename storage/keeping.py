"""Writing papers in bulk: what is new or changed, and nothing else."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from bot.domain.papers import Listing, Paper, PaperId
from storage.database import Database, Upsert
from storage.merge import merge
from storage.rows import PAPERS, chunks, paper_of, paper_rows, values_of
from storage.tables import ListingPaperRow, PaperRow

META = SQLModel.metadata.tables["meta"]
PLACES = SQLModel.metadata.tables["listing_paper"]


@dataclass(slots=True)
class Tally:
    """What becomes of papers, view by view, from what the database knew before."""

    known: dict[PaperId, tuple[Paper, datetime]]
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    changed: dict[PaperId, None] = field(default_factory=dict)
    """To be written, in the order of the change."""
    confirmed: dict[PaperId, None] = field(default_factory=dict)
    """Seen again as they were, later than before: a view from between must not win later."""

    def add(self, paper: Paper, as_of: datetime) -> None:
        """Merge one view of one paper."""
        before = self.known.get(paper.id)
        if before is None:
            self.new += 1
            merged, latest = paper, as_of
        else:
            merged, latest = merge(*before, paper, as_of), max(as_of, before[1])
        if before is not None and merged == before[0]:
            self.unchanged += 1
            if latest > before[1]:
                self.confirmed[paper.id] = None
        else:
            self.updated += before is not None
            self.changed[paper.id] = None
        self.known[paper.id] = merged, latest

    def rows(self, revision: int) -> list[dict[str, Any]]:
        """What has to be written; every paper that changes gets a revision of its own."""
        return [
            values_of(*self.known[id], number)
            for number, id in enumerate(self.changed, start=revision + 1)
        ]

    def seen(self) -> list[dict[str, Any]]:
        """Papers of which only the date of the newest view has to be written."""
        ids = [id for id in self.confirmed if id not in self.changed]
        return [{"paper": id, "at": self.known[id][1]} for id in ids]


@dataclass(frozen=True, slots=True)
class Place:
    """Papers on a listing in order of rank, as it was seen at a moment."""

    listing: Listing
    ids: Sequence[PaperId]
    at: datetime


class Keeper:
    """The statements that write papers and lists; all work is done in the caller's transaction."""

    def __init__(self, database: Database) -> None:
        self._papers = database.upsert(PaperRow, "id")
        self._listed = database.upsert(ListingPaperRow, "listing", "paper")
        # Locking the last revision makes writers queue on PostgreSQL: revisions then appear in order.
        self._last = select(META.c.value).where(META.c.name == "revision").with_for_update()
        self._advance = update(META).where(META.c.name == "revision").values(value=bindparam("to"))
        self._seen = (
            update(PAPERS).where(PAPERS.c.id == bindparam("paper")).values(as_of=bindparam("at"))
        )
        self._on = select(PLACES).where(PLACES.c.listing.in_(bindparam("keys", expanding=True)))

    async def merge(
        self, connection: AsyncConnection, views: Sequence[tuple[Iterable[Paper], datetime]]
    ) -> Tally:
        """Merge views, one after the other, into the paper table."""
        revision = int((await connection.execute(self._last)).scalar_one())
        tally = Tally({})
        for chunk in chunks(dict.fromkeys(paper.id for papers, _ in views for paper in papers)):
            for row in await paper_rows(connection, chunk):
                tally.known[PaperId(row.id)] = paper_of(row), row.as_of
        for papers, as_of in views:
            for paper in papers:
                tally.add(paper, as_of)
        if rows := tally.rows(revision):
            await _run(connection, self._papers, rows)
            await connection.execute(self._advance, {"to": str(revision + len(rows))})
        if seen := tally.seen():
            await connection.execute(self._seen, seen)
        return tally

    async def place(
        self, connection: AsyncConnection, places: Sequence[Place]
    ) -> tuple[PaperId, ...]:
        """Put papers on listings, one after the other; which were not on theirs before."""
        known: dict[tuple[str, str], dict[str, Any]] = {}
        for keys in chunks(dict.fromkeys(str(place.listing) for place in places)):
            for row in (await connection.execute(self._on, {"keys": keys})).mappings():
                known[row["listing"], row["paper"]] = dict(row)
        added: list[PaperId] = []
        changed: dict[tuple[str, str], dict[str, Any]] = {}
        for place in places:
            for rank, id in enumerate(place.ids, start=1):
                key = str(place.listing), id
                if key not in known:
                    added.append(id)
                placed = _placed(known.get(key), key, rank, place.at)
                if placed != known.get(key):
                    known[key] = changed[key] = placed
        if changed:
            await _run(connection, self._listed, list(changed.values()))
        return tuple(added)


def _placed(
    old: dict[str, Any] | None, key: tuple[str, str], rank: int, at: datetime
) -> dict[str, Any]:
    """A paper's place after one more view: the newest view gives the rank."""
    first, last = at, at
    if old is not None:
        first, last = min(at, old["first_seen"]), max(at, old["seen_at"])
        rank = rank if at == last else old["rank"]
    return {
        "listing": key[0],
        "paper": key[1],
        "rank": rank,
        "first_seen": first,
        "seen_at": last,
    }


async def _run(connection: AsyncConnection, statement: Upsert, rows: list[dict[str, Any]]) -> None:
    """One statement for many rows, past the ORM."""
    for chunk in chunks(rows):
        await connection.execute(statement, chunk)
