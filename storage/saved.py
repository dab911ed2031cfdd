"""Which saved papers somebody wants: a query for them as SQL, and the page it finds."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Text,
    and_,
    cast,
    collate,
    distinct,
    exists,
    func,
    not_,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from bot.domain.library import Order, SavedQuery, Whose
from bot.domain.papers import PaperId
from bot.domain.search import Word
from storage.columns import MAX_INT, clean
from storage.holdings import HOLDERS, HOLDINGS, SAVES
from storage.rows import PAPERS
from storage.showing import seen_in
from storage.tables import NoteRow, ReadRow, ShownRow, TagRow
from storage.teams import EVERYBODY, among

NOTES = SQLModel.metadata.tables[str(NoteRow.__tablename__)]
TAGS = SQLModel.metadata.tables[str(TagRow.__tablename__)]
READS = SQLModel.metadata.tables[str(ReadRow.__tablename__)]
SHOWN = SQLModel.metadata.tables[str(ShownRow.__tablename__)]

_MANY = 2_000
"""Who holds so many papers has some among the first of all papers in any order; of fewer each is looked up."""


class Slice(NamedTuple):
    """Some papers, how many there are in all, and how many of these are unread, where that was counted."""

    page: Sequence[PaperId]
    total: int
    unread: int | None


async def find(
    connection: AsyncConnection,
    team: Sequence[str],
    query: SavedQuery,
    offset: int,
    limit: int,
) -> Slice:
    """One slice of what a team of workspaces has, as far as the query wants it."""
    asking = _Asking(team, query, folds_case=connection.dialect.name == "sqlite")
    if asking.is_ranked:
        held: int = (await connection.execute(select(asking.held))).scalar() or 0
        asking.is_dense = held > _MANY
    offset, limit = min(max(offset, 0), MAX_INT), min(max(limit, 0), MAX_INT)
    page = asking.page.add_columns(*asking.numbers).offset(offset).limit(limit)
    rows: Sequence[Any] = (await connection.execute(page)).all()
    numbers = rows[0] if rows else (await connection.execute(asking.alone)).one()
    total, unread = numbers.total or 0, None
    if numbers.read is not None:
        unread = total - numbers.read
        total = unread if query.unread else total
    return Slice([PaperId(row.paper) for row in rows], total, unread)


class _Asking:
    """The statements for one query in one team."""

    def __init__(self, team: Sequence[str], query: SavedQuery, *, folds_case: bool) -> None:
        self._team = team
        self._query = query
        self._owner = EVERYBODY if query.owner is None else str(query.owner)
        self._held = _held(team, self._owner)
        self._folds_case = folds_case
        """Whether LIKE takes letters in any case."""
        self.is_ranked = query.order in (Order.UPVOTES, Order.STARS)
        self.is_dense = False
        self._paper = PAPERS.c.id if self.is_ranked else self._held.c.paper

    @property
    def page(self) -> Select[Any]:
        """The papers that are wanted, in order."""
        return self._rows.order_by(*self._order)

    @property
    def numbers(self) -> tuple[ColumnElement[Any], ...]:
        """How many these are; where nothing has to be looked at one by one, of all and of those read."""
        if self._is_plain:
            return self.held.label("total"), self._read.label("read")
        if self._is_here_alone:
            return self._number_here.label("total"), null().label("read")
        return func.count().over().label("total"), null().label("read")

    @property
    def alone(self) -> Select[Any]:
        """The numbers, where the page itself is empty."""
        if self._is_plain or self._is_here_alone:
            return select(*self.numbers)
        unknown: ColumnElement[Any] = null().label("read")
        count = select(func.count().label("total"), unknown)
        return count.select_from(self._rows.subquery())

    @property
    def held(self) -> ColumnElement[int]:
        """How many papers are held, filters apart."""
        if len(self._team) > 1:
            count = select(func.count(distinct(HOLDINGS.c.paper))).where(*self._own(HOLDINGS))
            return count.scalar_subquery()
        return select(HOLDERS.c.papers).where(*self._own(HOLDERS)).scalar_subquery()

    @property
    def _is_plain(self) -> bool:
        query = self._query
        return not (query.words or query.tags or query.whose is Whose.HERE or query.since)

    @property
    def _is_here_alone(self) -> bool:
        query = self._query
        others = (query.words, query.tags, query.since, query.by, query.unread)
        return query.whose is Whose.HERE and not any(others)

    @property
    def _rows(self) -> Select[Any]:
        found: FromClause = PAPERS if self.is_ranked else self._held
        if self._query.words and not self.is_ranked:
            found = found.join(PAPERS, PAPERS.c.id == self._held.c.paper)
        for number, tag in enumerate(self._query.tags):
            tagged = self._tagged(tag).subquery(f"tagged_{number}")
            found = found.join(tagged, tagged.c.paper == self._paper)
        paper = self._paper.label("paper")
        return select(paper).select_from(found).where(*self._conditions())

    @property
    def _order(self) -> tuple[ColumnElement[Any], ...]:
        at = self._held.c.at
        match self._query.order:
            case Order.OLD:
                return at, self._paper
            case Order.UPVOTES:
                return PAPERS.c.upvotes.desc(), self._paper.desc()
            case Order.STARS:
                return PAPERS.c.stars.desc().nulls_last(), self._paper.desc()
            case _:
                return at.desc(), self._paper.desc()

    @property
    def _read(self) -> ColumnElement[int]:
        """How many of those held the reader has read."""
        mine = READS.c.person == str(self._query.reader)
        return (
            select(func.count(distinct(READS.c.paper)))
            .select_from(READS.join(HOLDINGS, HOLDINGS.c.paper == READS.c.paper))
            .where(mine, among(READS.c.workspace, self._team), *self._own(HOLDINGS))
            .scalar_subquery()
        )

    @property
    def _number_here(self) -> ColumnElement[int]:
        """Everything that was saved in the channel, and what else was shown there."""
        place = str(self._query.channel)
        saved = select(func.count(distinct(SAVES.c.paper))).where(SAVES.c.channel == place)
        too = exists().where(SAVES.c.channel == place, SAVES.c.paper == SHOWN.c.paper)
        held = exists().where(*self._own(HOLDINGS), HOLDINGS.c.paper == SHOWN.c.paper)
        shown = select(func.count(distinct(SHOWN.c.paper))).where(self._seen(), held, ~too)
        return saved.scalar_subquery() + shown.scalar_subquery()

    def _own(self, table: FromClause) -> tuple[ColumnElement[bool], ...]:
        return among(table.c.workspace, self._team), table.c.person == self._owner

    def _conditions(self) -> list[ColumnElement[bool]]:
        query = self._query
        found = [self._is_held()] if self.is_ranked else []
        if len(self._team) > 1 and (query.since or not self.is_ranked):
            found.append(self._is_first())
        if query.since and not self.is_ranked:
            found.append(self._held.c.at >= query.since)
        if query.unread:
            found.append(not_(self._is_read()))
        if query.whose is Whose.HERE:
            found.append(self._is_here())
        return [*found, *map(self._has, query.words)]

    def _is_held(self) -> ColumnElement[bool]:
        held = HOLDINGS.alias("own")
        own = [*self._own(held)]
        if self._query.since:
            own.append(held.c.at >= self._query.since)
        if self.is_dense:
            return exists().where(*own, held.c.paper == self._paper)
        return self._paper.in_(select(held.c.paper).where(*own))

    def _is_first(self) -> ColumnElement[bool]:
        """No other workspace of the team had it before this one, or before the time that is asked for."""
        held, other = self._held, HOLDINGS.alias("other")
        if self.is_ranked:
            before = other.c.at < self._query.since
        else:
            before = or_(
                other.c.at < held.c.at,
                and_(other.c.at == held.c.at, other.c.workspace < held.c.workspace),
            )
        return ~exists().where(*self._own(other), other.c.paper == self._paper, before)

    def _tagged(self, tag: str) -> Select[Any]:
        found = select(TAGS.c.paper).where(among(TAGS.c.workspace, self._team), TAGS.c.tag == tag)
        if self._query.whose is Whose.ME:
            found = found.where(TAGS.c.person == str(self._query.reader))
        return found.distinct()  # which also makes it the one to begin with

    def _is_read(self) -> ColumnElement[bool]:
        return exists().where(
            READS.c.person == str(self._query.reader),
            among(READS.c.workspace, self._team),
            READS.c.paper == self._paper,
        )

    def _is_here(self) -> ColumnElement[bool]:
        place = str(self._query.channel)
        saved = select(SAVES.c.paper).where(SAVES.c.channel == place, SAVES.c.paper == self._paper)
        first = saved.limit(1).scalar_subquery()  # looked up for each, never for all of them
        return or_(first.is_not(None), self._paper.in_(select(SHOWN.c.paper).where(self._seen())))

    def _seen(self) -> ColumnElement[bool]:
        """Shown to everybody in the channel."""
        seen: ColumnElement[bool] = SHOWN.c.channel == seen_in(self._query.channel, None)
        return seen

    def _has(self, word: Word) -> ColumnElement[bool]:
        """Whether a word stands in the paper or in a note on it that the reader may read, or must not."""
        texts = (PAPERS.c.title, PAPERS.c.abstract, PAPERS.c.authors, PAPERS.c.keywords)
        there = or_(*(self._contains(cast(text, Text), word) for text in texts))
        noted = exists().where(
            among(NOTES.c.workspace, self._team),
            NOTES.c.paper == self._paper,
            or_(NOTES.c.person == str(self._query.reader), NOTES.c.shared),
            self._contains(NOTES.c.text, word),
        )
        return not_(or_(there, noted)) if word.excluded else or_(there, noted)

    def _contains(self, text: ColumnElement[str], word: Word) -> ColumnElement[bool]:
        wanted = clean(word.text, len(word.text))
        if self._folds_case:
            return text.contains(wanted, autoescape=True)
        if wanted.isascii():  # then no language's rules matter, which take long
            lower: ColumnElement[str] = func.lower(collate(text, "C"))
            return lower.contains(wanted.lower(), autoescape=True)
        return text.icontains(wanted, autoescape=True)


def _held(team: Sequence[str], owner: str) -> FromClause:
    """What the workspaces hold, each in the order of its index, so that they need only be merged."""
    parts = [
        select(HOLDINGS.c.workspace, HOLDINGS.c.paper, HOLDINGS.c.at).where(
            HOLDINGS.c.workspace == workspace, HOLDINGS.c.person == owner
        )
        for workspace in team
    ]
    return (union_all(*parts) if len(parts) > 1 else parts[0]).subquery("held")
