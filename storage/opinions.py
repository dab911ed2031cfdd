"""What people say of papers: for them, or not."""

from sqlalchemy import ColumnElement, and_, delete, select
from sqlmodel import SQLModel

from bot.domain.library import Opinion
from bot.domain.papers import PaperId
from bot.domain.people import Person, Sharing, Workspace
from storage.addresses import address
from storage.database import Database
from storage.tables import OpinionRow
from storage.teams import Teams

_OPINIONS = SQLModel.metadata.tables[str(OpinionRow.__tablename__)]


class Opinions:
    """`bot.domain.library.Opinions` on a database."""

    def __init__(self, database: Database, sharing: Sharing | None = None) -> None:
        self._database = database
        self._teams = Teams(sharing)
        self._write = database.upsert(_OPINIONS, "person", "workspace", "paper")

    async def say(self, opinion: Opinion) -> None:
        """In the place of what they said of it before."""
        row = {
            "person": address(opinion.person),
            "workspace": address(opinion.workspace),
            "paper": opinion.paper,
            "likes": opinion.likes,
            "at": opinion.at,
        }
        async with self._database.write(durable=True) as session:
            await (await session.connection()).execute(self._write, row)

    async def unsay(self, person: Person, workspace: Workspace, paper: PaperId) -> bool:
        """False when they had not said anything."""
        theirs = delete(_OPINIONS).where(self._about(person, workspace, paper))
        async with self._database.write(durable=True) as session:
            done = await (await session.connection()).execute(theirs)
        return bool(done.rowcount)

    async def said(self, person: Person, workspace: Workspace, paper: PaperId) -> bool | None:
        """Whether it is for them; None when they did not say."""
        wanted = select(_OPINIONS.c.likes).where(self._about(person, workspace, paper))
        latest = wanted.order_by(_OPINIONS.c.at.desc()).limit(1)
        async with self._database.read() as session:
            found: bool | None = (await (await session.connection()).execute(latest)).scalar()
        return found

    async def of(
        self, workspace: Workspace, person: Person | None, *, likes: bool, limit: int = 1_000
    ) -> list[PaperId]:
        """What this person, or with None anybody in the team, likes or does not, the latest first."""
        wanted = select(_OPINIONS.c.paper, _OPINIONS.c.at).where(
            self._teams.within(_OPINIONS.c.workspace, workspace), _OPINIONS.c.likes == likes
        )
        if person is not None:
            wanted = wanted.where(_OPINIONS.c.person == str(person))
        latest = wanted.order_by(_OPINIONS.c.at.desc(), _OPINIONS.c.paper).limit(limit)
        async with self._database.read() as session:
            rows = await (await session.connection()).execute(latest)
        return [*dict.fromkeys(PaperId(row.paper) for row in rows)]

    def _about(self, person: Person, workspace: Workspace, paper: PaperId) -> ColumnElement[bool]:
        within = self._teams.within(_OPINIONS.c.workspace, workspace)
        return and_(_OPINIONS.c.person == str(person), within, _OPINIONS.c.paper == paper)
