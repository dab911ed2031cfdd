"""What people saved, and which message shows what."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import starmap

from sqlalchemy import ColumnElement, delete, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from bot.domain.deliveries import Shown, State
from bot.domain.library import Save, Saved, SavedPaper, SavedQuery, Whose
from bot.domain.papers import PaperId
from bot.domain.people import Channel, Message, Person, Sharing, Workspace
from storage.addresses import address, beginning, person
from storage.database import Database
from storage.discussed import discussed
from storage.holdings import Holdings
from storage.marks import traces
from storage.rows import chunks, load_papers
from storage.saved import find
from storage.showing import remember, seen_in
from storage.tables import DeliveryRow, HolderRow, HoldingRow, SaveRow, ShownRow
from storage.teams import EVERYBODY, Teams


class Library:
    """`bot.domain.stores.Library` on a database. Workspaces that share a library each see it as their own."""

    def __init__(self, database: Database, sharing: Sharing | None = None) -> None:
        self._database = database
        self._teams = Teams(sharing)
        self._holdings = Holdings(database)

    def _within(self, workspace: Workspace) -> ColumnElement[bool]:
        """The saves that count as this workspace's."""
        return self._teams.within(col(SaveRow.workspace), workspace)

    def _acts(self, person: Person, workspace: Workspace, paper: PaperId) -> SelectOfScalar[str]:
        return select(SaveRow.origin).where(
            SaveRow.person == str(person), self._within(workspace), SaveRow.paper == paper
        )

    async def save(self, save: Save) -> bool:
        """False when this person had saved the paper in this workspace before."""
        channel = save.channel or (save.message.channel if save.message else None)
        insert = self._database.insert(SaveRow).values(
            person=address(save.person),
            workspace=address(save.workspace),
            paper=save.paper,
            origin=save.origin,
            person_name=save.person.name,
            message=address(save.message) if save.message else None,
            channel=address(channel) if channel else None,
            at=save.at,
        )
        async with self._database.write() as session:
            await self._database.alone(session, "save", save.paper)
            known = await session.exec(self._acts(save.person, save.workspace, save.paper).limit(1))
            first = known.first() is None
            connection = await session.connection()
            if (await connection.execute(insert.on_conflict_do_nothing())).rowcount:
                await self._holdings.gained(connection, save)
        return first

    async def unsave(
        self,
        person: Person,
        workspace: Workspace,
        paper: PaperId,
        origin: str | None = None,
    ) -> bool:
        """Take back one act of saving, or all with None; False when the paper was not saved so."""
        statement = delete(SaveRow).where(
            col(SaveRow.person) == str(person),
            self._within(workspace),
            col(SaveRow.paper) == paper,
        )
        if origin is not None:
            statement = statement.where(col(SaveRow.origin) == origin)
        async with self._database.write() as session:
            await self._database.alone(session, "save", paper)
            connection = await session.connection()
            gone = await connection.execute(statement.returning(col(SaveRow.workspace)))
            places = sorted(set(gone.scalars()))
            for place in places:
                await self._holdings.lost(connection, place, str(person), paper)
        return bool(places)

    async def is_saved(self, person: Person, workspace: Workspace, paper: PaperId) -> bool:
        """Whether any act of saving it still stands."""
        async with self._database.read() as session:
            found = await session.exec(self._acts(person, workspace, paper).limit(1))
            return found.first() is not None

    async def saved(self, query: SavedQuery, *, offset: int = 0, limit: int = 10) -> Saved:
        """A page of what is wanted, each paper with who saved it and what is on it for the reader."""
        only = query.reader if query.whose is Whose.ME else None
        async with self._database.read() as session:
            connection = await session.connection()
            team = await self._teams.of(session, query.channel.workspace)
            await self._database.by_keys(session)
            found = await find(connection, team, query, offset, limit)
            papers = await load_papers(session, found.page)
            there = await traces(connection, team, query.reader, papers)
        page = [
            SavedPaper(paper, there[id].by(only), there[id].first(query.owner), there[id].marks)
            for id, paper in papers.items()
        ]
        return Saved(tuple(page), found.total, found.unread)

    async def saved_ids(
        self, workspace: Workspace, person: Person | None, limit: int = 10_000
    ) -> frozenset[PaperId]:
        """What this person saved, or with None anybody, in the workspace: the latest so many."""
        owner = EVERYBODY if person is None else str(person)
        held = select(HoldingRow.paper).where(
            self._teams.within(col(HoldingRow.workspace), workspace), HoldingRow.person == owner
        )
        latest = held.order_by(col(HoldingRow.at).desc(), col(HoldingRow.paper)).limit(limit)
        async with self._database.read() as session:
            return frozenset(map(PaperId, await session.exec(latest)))

    async def posted(self, channel: Channel, limit: int = 10_000) -> frozenset[PaperId]:
        """Papers that everybody in a channel was shown there: the latest so many."""
        seen = select(ShownRow.paper).where(ShownRow.channel == seen_in(channel, None))
        latest = seen.group_by(ShownRow.paper).order_by(func.max(ShownRow.id).desc()).limit(limit)
        async with self._database.read() as session:
            return frozenset(map(PaperId, await session.exec(latest)))

    async def savers(
        self, workspace: Workspace, papers: Iterable[PaperId]
    ) -> dict[PaperId, tuple[Person, ...]]:
        """Who saved these in this workspace, the earliest first; papers that nobody saved are left out."""
        async with self._database.read() as session:
            return await _savers(session, self._within(workspace), papers)

    async def people(self, workspace: Workspace, limit: int = 1_000) -> list[Person]:
        """Who saved papers in the team, with their latest names; who saved most comes first."""
        rows = (
            select(HolderRow.person, HolderRow.person_name)
            .where(
                self._teams.within(col(HolderRow.workspace), workspace),
                HolderRow.person != EVERYBODY,
            )
            .order_by(col(HolderRow.papers).desc(), HolderRow.person)
            .limit(limit)
        )
        async with self._database.read() as session:
            found = (await session.exec(rows)).all()
        return [*dict.fromkeys(person(who, name) for who, name in found)]

    async def discussed(
        self, channel: Channel, papers: Iterable[PaperId]
    ) -> dict[PaperId, Message]:
        """A message that showed the paper to everybody: in this channel, else where the team saved it first."""
        ids = [*papers]
        async with self._database.read() as session:
            connection = await session.connection()
            return await discussed(connection, channel, self._within(channel.workspace), ids)

    async def remember(self, shown: Shown) -> None:
        """From now on the message shows these papers and no others."""
        async with self._database.write() as session:
            await remember(self._database, session, shown)

    async def shown(self, message: Message) -> Shown | None:
        """None when the message is not one of ours, or shows no paper."""
        rows = select(ShownRow).where(ShownRow.message == str(message))
        async with self._database.read() as session:
            found = (await session.exec(rows.order_by(col(ShownRow.number)))).all()
        papers = {row.number: PaperId(row.paper) for row in found}
        return Shown(message=message, papers=papers) if papers else None

    async def latest(self, channel: Channel, person: Person) -> Shown | None:
        """The last message of ours with papers that this person can see in a channel."""
        places = {seen_in(channel, to): to for to in (None, person)}
        last = select(ShownRow).where(col(ShownRow.channel).in_(places))
        async with self._database.read() as session:
            row = (await session.exec(last.order_by(col(ShownRow.id).desc()).limit(1))).first()
        shown = await self.shown(Message.parse(row.message)) if row else None
        return replace(shown, to=places.get(row.channel)) if row and shown else None

    async def recent(self, platform: str, limit: int = 50) -> list[Shown]:
        """The latest posts of ours with papers on a platform, the newest first; answers are none."""
        posts = (
            select(DeliveryRow.message)
            .where(
                DeliveryRow.state == State.SENT,
                beginning(DeliveryRow.message, f"{platform}:"),
            )
            .order_by(col(DeliveryRow.sent_at).desc(), col(DeliveryRow.part).desc())
            .limit(limit)
        )
        async with self._database.read() as session:
            found = (await session.exec(posts)).all()
        shown = [await self.shown(Message.parse(message)) for message in found if message]
        return [one for one in shown if one]

    async def saved_on(self, shown: Shown) -> list[Save]:
        """The acts of saving that reactions to this message did, and that stand."""
        rows = select(SaveRow).where(
            SaveRow.workspace == str(shown.message.channel.workspace),
            col(SaveRow.paper).in_(set(shown.papers.values())),
            SaveRow.message == str(shown.message),
        )
        async with self._database.read() as session:
            return [_save(row, shown.message) for row in await session.exec(rows)]


def _save(row: SaveRow, message: Message) -> Save:
    return Save(
        person=person(row.person, row.person_name),
        workspace=message.channel.workspace,
        paper=PaperId(row.paper),
        at=row.at,
        origin=row.origin,
        message=message,
    )


async def _savers(
    session: AsyncSession, within: ColumnElement[bool], papers: Iterable[PaperId]
) -> dict[PaperId, tuple[Person, ...]]:
    found: dict[PaperId, dict[str, str]] = {}
    for chunk in chunks(dict.fromkeys(papers)):
        acts = (
            select(SaveRow.paper, SaveRow.person, SaveRow.person_name)
            .where(within, col(SaveRow.paper).in_(chunk))
            .order_by(col(SaveRow.at), SaveRow.person)
        )
        for paper, who, name in await session.exec(acts):
            # the place of the first act, the name of the last
            names = found.setdefault(PaperId(paper), {})
            names[who] = name or names.get(who, "")
    return {id: tuple(starmap(person, names.items())) for id, names in found.items()}
