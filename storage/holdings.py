"""What is in a library since when, kept in step with the acts of saving: a page of it is read off an index,
and nobody has to count."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, exists, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from bot.domain.stores import Save
from storage.database import Database
from storage.rows import chunks
from storage.tables import HolderRow, HoldingRow, SaveRow
from storage.teams import EVERYBODY

SAVES = SQLModel.metadata.tables[str(SaveRow.__tablename__)]
HOLDINGS = SQLModel.metadata.tables[str(HoldingRow.__tablename__)]
HOLDERS = SQLModel.metadata.tables[str(HolderRow.__tablename__)]


class Holdings:
    """All work is done in the caller's transaction, in which nobody else saves or lets go of the paper."""

    def __init__(self, database: Database) -> None:
        self._is_file = database.is_file
        self._enter = database.insert(HOLDINGS)
        insert = database.insert(HOLDERS)
        named = insert.excluded["person_name"]
        self._count = insert.on_conflict_do_update(
            index_elements=["workspace", "person"],
            set_={
                "papers": HOLDERS.c.papers + insert.excluded["papers"],
                "person_name": case((named != "", named), else_=HOLDERS.c.person_name),
            },
        )

    async def gained(self, connection: AsyncConnection, save: Save) -> None:
        """After an act of saving."""
        workspace, person = str(save.workspace), str(save.person)
        rows = select(HOLDINGS.c.person, HOLDINGS.c.at).where(
            HOLDINGS.c.workspace == workspace,
            HOLDINGS.c.person.in_((person, EVERYBODY)),
            HOLDINGS.c.paper == save.paper,
        )
        known: dict[str, datetime] = {row.person: row.at for row in await connection.execute(rows)}
        for who, name in ((person, save.person.name), (EVERYBODY, "")):
            if who not in known:
                row = {"workspace": workspace, "person": who, "paper": save.paper, "at": save.at}
                await connection.execute(self._enter, row)
            elif save.at < known[who]:
                change = update(HOLDINGS).where(*_is(workspace, who, save.paper))
                await connection.execute(change.values(at=save.at))
            if who not in known or name:
                more = {"papers": int(who not in known), "person_name": name}
                await connection.execute(
                    self._count, {"workspace": workspace, "person": who, **more}
                )

    async def lost(
        self, connection: AsyncConnection, workspace: str, person: str, paper: str
    ) -> None:
        """After one or more acts of this person were taken back."""
        acts = (
            select(SAVES.c.person, func.min(SAVES.c.at).label("first"))
            .where(SAVES.c.workspace == workspace, SAVES.c.paper == paper)
            .group_by(SAVES.c.person)
        )
        left: dict[str, datetime] = {
            row.person: row.first for row in await connection.execute(acts)
        }
        for who, since in (
            (person, left.get(person)),
            (EVERYBODY, min(left.values(), default=None)),
        ):
            row = _is(workspace, who, paper)
            if since is not None:
                await connection.execute(update(HOLDINGS).where(*row).values(at=since))
            elif (await connection.execute(delete(HOLDINGS).where(*row))).rowcount:
                holder = and_(HOLDERS.c.workspace == workspace, HOLDERS.c.person == who)
                fewer = update(HOLDERS).where(holder).values(papers=HOLDERS.c.papers - 1)
                await connection.execute(fewer)
                await connection.execute(delete(HOLDERS).where(holder, HOLDERS.c.papers < 1))

    async def alone(self, connection: AsyncConnection) -> None:
        """Wait until nobody else saves anything; nobody does until the transaction ends."""
        if not self._is_file:
            await connection.execute(text("LOCK TABLE save IN SHARE ROW EXCLUSIVE MODE"))

    async def forget(self, connection: AsyncConnection, person: str) -> None:
        """Take back everything that a person ever saved; `alone` has been waited for."""
        acts = select(SAVES.c.workspace, SAVES.c.paper).where(SAVES.c.person == person).distinct()
        saved: dict[str, list[str]] = {}
        for workspace, paper in await connection.execute(acts):
            saved.setdefault(workspace, []).append(paper)
        await connection.execute(delete(SAVES).where(SAVES.c.person == person))
        for workspace, papers in sorted(saved.items()):
            await self._correct(connection, workspace, papers)
            for table in (HOLDINGS, HOLDERS):
                own = and_(table.c.workspace == workspace, table.c.person == person)
                await connection.execute(delete(table).where(own))
            await self._recount(connection, workspace)

    async def _correct(
        self, connection: AsyncConnection, workspace: str, papers: Iterable[str]
    ) -> None:
        """What everybody holds, where acts have gone."""
        acts = and_(SAVES.c.workspace == workspace, SAVES.c.paper == HOLDINGS.c.paper)
        first = select(func.min(SAVES.c.at)).where(acts).scalar_subquery()
        for some in chunks(papers):
            rows = (*_of(workspace, EVERYBODY), HOLDINGS.c.paper.in_(some))
            gone = ~exists().where(acts).correlate(HOLDINGS)
            await connection.execute(delete(HOLDINGS).where(*rows, gone))
            await connection.execute(update(HOLDINGS).where(*rows).values(at=first))

    async def _recount(self, connection: AsyncConnection, workspace: str) -> None:
        left = select(func.count()).select_from(HOLDINGS).where(*_of(workspace, EVERYBODY))
        holder = and_(HOLDERS.c.workspace == workspace, HOLDERS.c.person == EVERYBODY)
        count = update(HOLDERS).where(holder).values(papers=left.scalar_subquery())
        await connection.execute(count)
        await connection.execute(delete(HOLDERS).where(holder, HOLDERS.c.papers < 1))


def _of(workspace: str, person: str) -> tuple[ColumnElement[bool], ...]:
    return HOLDINGS.c.workspace == workspace, HOLDINGS.c.person == person


def _is(workspace: str, person: str, paper: Any) -> tuple[ColumnElement[bool], ...]:
    return (*_of(workspace, person), HOLDINGS.c.paper == paper)
