"""Writing papers in bulk: what is new or changed, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, update
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.domain.papers import Listing, Paper, PaperId
from storage.database import Database, Upsert
from storage.merge import merge
from storage.rows import PAPERS, chunks, paper_of, paper_rows, values_of
from storage.tables import ListingPaperRow, PaperRow

META = SQLModel.metadata.tables["meta"]
PLACES = SQLModel.metadata.tables["listing_paper"]


@dataclass(slots=True)
class Tally:
    """What became of papers, while it becomes."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)
    confirmed: list[PaperId] = field(default_factory=list)
    """Seen again as they were, later than before."""

    def add(self, old: Row[Any] | None, paper: Paper, as_of: datetime, revision: int) -> None:
        """Decide what has to be written of this view."""
        if old is None:
            self.new += 1
            self.rows.append(values_of(paper, as_of, revision))
            return
        before = paper_of(old)
        merged = merge(before, old.as_of, paper, as_of)
        if merged != before:
            self.updated += 1
            self.rows.append(values_of(merged, max(as_of, old.as_of), revision))
            return
        self.unchanged += 1
        if as_of > old.as_of:  # a view from between must not win later
            self.confirmed.append(paper.id)


class Keeper:
    """The statements that write papers and lists; all work is done in the caller's transaction."""

    def __init__(self, database: Database) -> None:
        self._papers = database.upsert(PaperRow, "id")
        self._listed = database.upsert(ListingPaperRow, "listing", "paper")
        # Locking the last revision makes writers queue on PostgreSQL: revisions then appear in order.
        self._last = select(META.c.value).where(META.c.name == "revision").with_for_update()
        self._advance = update(META).where(META.c.name == "revision").values(value=bindparam("to"))
        self._mine = select(PLACES).where(PLACES.c.listing == bindparam("key"))

    async def merge(
        self, session: AsyncSession, views: Mapping[PaperId, Paper], as_of: datetime
    ) -> Tally:
        """Merge views into the paper table; every paper that changes gets a revision of its own."""
        connection = await session.connection()
        number = int((await connection.execute(self._last)).scalar_one())
        tally = Tally()
        for chunk in chunks(views.values()):
            known = await paper_rows(session, [paper.id for paper in chunk])
            old = {row.id: row for row in known}
            for paper in chunk:
                tally.add(old.get(paper.id), paper, as_of, number + len(tally.rows) + 1)
        if tally.rows:
            await _run(session, self._papers, tally.rows)
            await connection.execute(self._advance, {"to": str(number + len(tally.rows))})
        for ids in chunks(tally.confirmed):
            seen = update(PAPERS).where(PAPERS.c.id.in_(ids)).values(as_of=as_of)
            await connection.execute(seen)
        return tally

    async def place(
        self, session: AsyncSession, ids: Sequence[PaperId], listing: Listing, at: datetime
    ) -> tuple[PaperId, ...]:
        """Put papers on a listing in this order; which of them were not on it before."""
        connection = await session.connection()
        mine = await connection.execute(self._mine, {"key": str(listing)})
        old = {row.paper: row for row in mine}
        rows = []
        for rank, id in enumerate(ids, start=1):
            row = old.get(id)
            if row is None:
                rows.append(_place(listing, id, rank, at, at))
            elif (
                at > row.seen_at or at < row.first_seen or (at == row.seen_at and rank != row.rank)
            ):
                first, last = min(at, row.first_seen), max(at, row.seen_at)
                rows.append(_place(listing, id, rank if at == last else row.rank, first, last))
        if rows:
            await _run(session, self._listed, rows)
        return tuple(id for id in ids if id not in old)


def _place(
    listing: Listing, id: PaperId, rank: int, first: datetime, last: datetime
) -> dict[str, Any]:
    return {
        "listing": str(listing),
        "paper": id,
        "rank": rank,
        "first_seen": first,
        "seen_at": last,
    }


async def _run(session: AsyncSession, statement: Upsert, rows: list[dict[str, Any]]) -> None:
    """One statement for many rows, past the ORM."""
    connection = await session.connection()
    for chunk in chunks(rows):
        await connection.execute(statement, chunk)
