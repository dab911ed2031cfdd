"""What people write on papers: notes, tags, and that they have read them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, distinct, func, select

from bot.domain.library import UNMARKED, Marks, Note
from bot.domain.papers import PaperId
from bot.domain.people import Person, Sharing, Workspace
from storage.addresses import address
from storage.columns import MAX_INT
from storage.database import Database
from storage.marks import traces
from storage.saved import NOTES, READS, TAGS
from storage.teams import Teams


class Notes:
    """`bot.domain.stores.Notes` on a database. A team's workspaces count as one: what somebody wrote in one of
    them is theirs in the others."""

    def __init__(self, database: Database, sharing: Sharing | None = None) -> None:
        self._database = database
        self._teams = Teams(sharing)
        self._note = database.upsert(NOTES, "person", "workspace", "paper")
        self._tag = database.insert(TAGS).on_conflict_do_nothing()
        self._read = database.insert(READS).on_conflict_do_nothing()

    async def note(self, note: Note) -> Note | None:
        """Put it in the place of the writer's earlier one, which is returned; without text that just goes."""
        key = self._key(NOTES, note.person, note.workspace, note.paper)
        values = {
            "person": address(note.person),
            "workspace": address(note.workspace),
            "paper": note.paper,
            "person_name": note.person.name,
            "text": note.text,
            "shared": note.shared,
            "at": note.at,
        }
        newest = NOTES.select().where(key).order_by(NOTES.c.at.desc()).limit(1)
        async with self._database.write() as session:
            await self._database.alone(session, "note", str(note.person), note.paper)
            connection = await session.connection()
            old = (await connection.execute(newest)).first()
            await connection.execute(delete(NOTES).where(key))
            if note.text:
                await connection.execute(self._note, values)
        return replace(note, text=old.text, at=old.at, shared=old.shared) if old else None

    async def tag(
        self,
        person: Person,
        workspace: Workspace,
        paper: PaperId,
        *,
        add: Iterable[str] = (),
        remove: Iterable[str] = (),
        at: datetime,
    ) -> None:
        """Put tags of this person on a paper, and take some off, wherever in the team they were put on."""
        on = {"person": address(person), "workspace": address(workspace), "paper": paper, "at": at}
        rows = [{**on, "tag": tag} for tag in dict.fromkeys(add)]
        gone = and_(self._key(TAGS, person, workspace, paper), TAGS.c.tag.in_([*remove]))
        async with self._database.write() as session:
            connection = await session.connection()
            await connection.execute(delete(TAGS).where(gone))
            if rows:
                await connection.execute(self._tag, rows)

    async def mark(
        self, person: Person, workspace: Workspace, paper: PaperId, *, read: bool, at: datetime
    ) -> bool:
        """Read, or not any more; False when it was so before."""
        key = self._key(READS, person, workspace, paper)
        row = {"person": address(person), "workspace": address(workspace), "paper": paper, "at": at}
        async with self._database.write() as session:
            connection = await session.connection()
            if not read:
                return (await connection.execute(delete(READS).where(key))).rowcount > 0
            await self._database.alone(session, "read", str(person), paper)
            known = (await connection.execute(select(READS.c.at).where(key).limit(1))).first()
            if known is None:
                await connection.execute(self._read, row)
            return known is None

    async def marks(
        self, reader: Person, workspace: Workspace, papers: Iterable[PaperId]
    ) -> dict[PaperId, Marks]:
        """What is on these papers for a reader in a workspace; those with nothing on them are left out."""
        async with self._database.read() as session:
            team = await self._teams.of(session, workspace)
            found = await traces(await session.connection(), team, reader, papers)
        marks = {id: there.marks for id, there in found.items()}
        return {id: there for id, there in marks.items() if there != UNMARKED}

    async def tags(
        self, workspace: Workspace, person: Person | None = None, limit: int = 1_000
    ) -> Mapping[str, int]:
        """The tags of the team, or of one person, and on how many papers each is; the commonest first."""
        papers = func.count(distinct(TAGS.c.paper)).label("papers")
        rows = (
            select(TAGS.c.tag, papers)
            .where(self._teams.within(TAGS.c.workspace, workspace))
            .group_by(TAGS.c.tag)
            .order_by(papers.desc(), TAGS.c.tag)
            .limit(min(limit, MAX_INT))
        )
        if person is not None:
            rows = rows.where(TAGS.c.person == str(person))
        async with self._database.read() as session:
            connection = await session.connection()
            return {row.tag: row.papers for row in await connection.execute(rows)}

    def _key(self, table: Any, person: Person, workspace: Workspace, paper: PaperId) -> Any:
        return and_(
            table.c.person == str(person),
            self._teams.within(table.c.workspace, workspace),
            table.c.paper == paper,
        )
