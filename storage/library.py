"""What people saved, and which message shows what."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from sqlalchemy import ColumnElement, Text, cast, delete, func, not_, or_, true
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from bot.domain.deliveries import Shown, State
from bot.domain.papers import PaperId
from bot.domain.people import Channel, Message, Person, Sharing, Workspace
from bot.domain.search import Word
from bot.domain.stores import Save, SavedPaper
from storage.addresses import address, beginning, person
from storage.columns import MAX_INT, clean
from storage.database import Database
from storage.rows import chunks, load_papers
from storage.showing import remember, seen_in
from storage.tables import DeliveryRow, PaperRow, SaveRow, ShownRow


class Library:
    """`bot.domain.stores.Library` on a database. Workspaces that share a library each see it as their own."""

    def __init__(self, database: Database, sharing: Sharing | None = None) -> None:
        self._database = database
        self._sharing = sharing or Sharing()

    def _within(self, workspace: Workspace) -> ColumnElement[bool]:
        """The saves that count as this workspace's."""
        team = self._sharing.team(workspace)
        return true() if team is None else col(SaveRow.workspace).in_(sorted(map(str, team)))

    def _acts(self, person: Person, workspace: Workspace, paper: PaperId) -> SelectOfScalar[str]:
        return select(SaveRow.origin).where(
            SaveRow.person == str(person), self._within(workspace), SaveRow.paper == paper
        )

    async def save(self, save: Save) -> bool:
        """False when this person had saved the paper in this workspace before."""
        insert = self._database.insert(SaveRow).values(
            person=address(save.person),
            workspace=address(save.workspace),
            paper=save.paper,
            origin=save.origin,
            person_name=save.person.name,
            message=address(save.message) if save.message else None,
            at=save.at,
        )
        async with self._database.write() as session:
            await self._database.alone(session, "save", str(save.person), save.paper)
            known = await session.exec(self._acts(save.person, save.workspace, save.paper).limit(1))
            first = known.first() is None
            await session.exec(insert.on_conflict_do_nothing())
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
            return (await session.exec(statement)).rowcount > 0

    async def is_saved(self, person: Person, workspace: Workspace, paper: PaperId) -> bool:
        """Whether any act of saving it still stands."""
        async with self._database.read() as session:
            found = await session.exec(self._acts(person, workspace, paper).limit(1))
            return found.first() is not None

    async def saved(
        self,
        workspace: Workspace,
        person: Person | None,
        *,
        words: Sequence[Word] = (),
        offset: int = 0,
        limit: int = 10,
    ) -> tuple[list[SavedPaper], int]:
        """Newest first and how many in all: this person's, or with None everybody's; those with all the words."""
        first = func.min(SaveRow.at)
        groups = (
            select(SaveRow.paper, first)
            .join(PaperRow, col(PaperRow.id) == col(SaveRow.paper))
            .where(self._within(workspace), *map(_has, words))
            .group_by(SaveRow.paper)
        )
        if person is not None:
            groups = groups.where(SaveRow.person == str(person))
        newest = groups.order_by(first.desc(), col(SaveRow.paper).desc())
        offset, limit = min(max(offset, 0), MAX_INT), min(max(limit, 0), MAX_INT)
        count = select(func.count()).select_from(groups.subquery())
        async with self._database.read() as session:
            total = (await session.exec(count)).one()
            page = (await session.exec(newest.offset(offset).limit(limit))).all()
            ids = [PaperId(id) for id, _ in page]
            papers = await load_papers(session, ids)
            by = await _savers(session, self._within(workspace), ids, person)
        return [
            SavedPaper(papers[id], by[id], at) for id, (_, at) in zip(ids, page, strict=True)
        ], total

    async def savers(
        self, workspace: Workspace, papers: Iterable[PaperId]
    ) -> dict[PaperId, tuple[Person, ...]]:
        """Who saved these in this workspace, the earliest first; papers that nobody saved are left out."""
        async with self._database.read() as session:
            return await _savers(session, self._within(workspace), papers)

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


def _has(word: Word) -> ColumnElement[bool]:
    """Whether a word stands in a paper's title, abstract, keywords or among its authors, or must not."""
    texts = (PaperRow.title, PaperRow.abstract, PaperRow.authors, PaperRow.keywords)
    wanted = clean(word.text, len(word.text))
    there = or_(*(cast(col(text), Text).icontains(wanted, autoescape=True) for text in texts))
    return not_(there) if word.excluded else there


async def _savers(
    session: AsyncSession,
    within: ColumnElement[bool],
    papers: Iterable[PaperId],
    only: Person | None = None,
) -> dict[PaperId, tuple[Person, ...]]:
    found: dict[PaperId, tuple[Person, ...]] = {}
    for chunk in chunks(dict.fromkeys(papers)):
        acts = (
            select(SaveRow.paper, SaveRow.person, SaveRow.person_name)
            .where(within, col(SaveRow.paper).in_(chunk))
            .order_by(SaveRow.paper, col(SaveRow.at), SaveRow.person)
        )
        if only is not None:
            acts = acts.where(SaveRow.person == str(only))
        for paper, rows in groupby(await session.exec(acts), key=lambda act: act[0]):
            names: dict[str, str] = {}
            for _, who, name in rows:
                names[who] = name or names.get(
                    who, ""
                )  # the place of the first act, the name of the last
            found[PaperId(paper)] = tuple(person(who, name) for who, name in names.items())
    return found
