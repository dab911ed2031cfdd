"""What was saved and posted in one place and time: the statements that tell it."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    case,
    distinct,
    false,
    func,
    literal,
    not_,
    or_,
    select,
)
from sqlmodel import SQLModel

from bot.domain.deliveries import State
from bot.domain.people import Channel
from bot.domain.subscriptions import FOR_PEOPLE, Edition
from storage.addresses import beginning
from storage.holdings import HOLDERS, HOLDINGS, SAVES
from storage.tables import DeliveryPaperRow, DeliveryRow
from storage.teams import EVERYBODY, among

_POSTED = SQLModel.metadata.tables[str(DeliveryPaperRow.__tablename__)]
_SENT = SQLModel.metadata.tables[str(DeliveryRow.__tablename__)]


_AGAIN = (Edition.RECAP, Edition.CLUB)
"""These speak of papers that were there before."""

Bounds: TypeAlias = tuple[datetime, ...]


class Counting(ABC):
    """`bounds` ascend; a span lies between each two of them."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds

    @property
    @abstractmethod
    def acts(self) -> Select[Any]:
        """Person, paper and span of what was saved, the latest first; perhaps more than once."""

    @abstractmethod
    def ages(self, papers: Sequence[str]) -> Select[Any]:
        """Each of these papers, and whether somebody had saved it before the first bound.

        Asked for so, a database looks up each paper; with a condition it would rather read all that is older.
        """

    @abstractmethod
    def names(self, people: Sequence[str]) -> Select[Any]:
        """What they are called."""

    @property
    def posted(self) -> Select[Any]:
        """In each span the number of papers that were posted."""
        span = self._span(_SENT.c.sent_at)
        number: ColumnElement[Any] = func.count(distinct(_POSTED.c.paper))
        rows = select(span, number.label("number"))
        return (
            rows.join(_POSTED, _POSTED.c.delivery == _SENT.c.key)
            .where(self._sent, _SENT.c.state == State.SENT, *self._within(_SENT.c.sent_at))
            .where(not_(or_(*map(_of_edition, _AGAIN))))
            .group_by(span)
        )

    @property
    @abstractmethod
    def _sent(self) -> ColumnElement[bool]:
        """Whether a delivery went there."""

    def _within(self, at: ColumnElement[datetime]) -> tuple[ColumnElement[bool], ...]:
        return at >= self._bounds[0], at < self._bounds[-1]

    def _before(self, at: ColumnElement[datetime]) -> ColumnElement[bool]:
        return at < self._bounds[0]

    def _span(self, at: ColumnElement[datetime]) -> ColumnElement[int]:
        """The number of the span that a moment lies in, from 0; it lies in one of them."""
        ends = self._bounds[1:-1]
        last = literal(len(ends), Integer)
        if not ends:
            return last.label("span")
        spans = [(at < end, literal(number, Integer)) for number, end in enumerate(ends)]
        return case(*spans, else_=last).label("span")


class InTeam(Counting):
    """All that was saved in some workspaces, and posted in their channels."""

    def __init__(self, team: Sequence[str], bounds: Bounds) -> None:
        super().__init__(bounds)
        self._team = team

    @property
    def acts(self) -> Select[Any]:
        known = select(HOLDERS.c.person).where(among(HOLDERS.c.workspace, self._team))
        someone = HOLDINGS.c.person.in_(known.where(HOLDERS.c.person != EVERYBODY))
        at = HOLDINGS.c.at
        rows = select(HOLDINGS.c.person, HOLDINGS.c.paper, self._span(at))
        mine = among(HOLDINGS.c.workspace, self._team)
        rows = rows.where(mine, someone, *self._within(at))
        return rows.order_by(at.desc(), HOLDINGS.c.person.desc(), HOLDINGS.c.paper.desc())

    def ages(self, papers: Sequence[str]) -> Select[Any]:
        everybodys = (among(HOLDINGS.c.workspace, self._team), HOLDINGS.c.person == EVERYBODY)
        rows = select(HOLDINGS.c.paper, self._before(func.min(HOLDINGS.c.at)))
        some = HOLDINGS.c.paper.in_(papers)
        return rows.where(*everybodys, some).group_by(HOLDINGS.c.paper)

    def names(self, people: Sequence[str]) -> Select[Any]:
        mine = (among(HOLDERS.c.workspace, self._team), HOLDERS.c.person.in_(people))
        return select(HOLDERS.c.person, HOLDERS.c.person_name).where(*mine)

    @property
    def _sent(self) -> ColumnElement[bool]:
        places = [beginning(DeliveryRow.channel, f"{workspace}/") for workspace in self._team]
        return or_(false(), *places) & not_(or_(*map(_of_edition, FOR_PEOPLE)))


class InChannel(Counting):
    """What was saved in one channel, and posted there."""

    def __init__(self, channel: Channel, bounds: Bounds) -> None:
        super().__init__(bounds)
        self._channel = channel

    @property
    def acts(self) -> Select[Any]:
        at = SAVES.c.at
        rows = select(SAVES.c.person, SAVES.c.paper, self._span(at))
        rows = rows.where(self._here, *self._within(at))
        return rows.order_by(at.desc(), SAVES.c.person.desc(), SAVES.c.paper.desc())

    def ages(self, papers: Sequence[str]) -> Select[Any]:
        rows = select(SAVES.c.paper, self._before(func.min(SAVES.c.at)))
        return rows.where(self._here, SAVES.c.paper.in_(papers)).group_by(SAVES.c.paper)

    def names(self, people: Sequence[str]) -> Select[Any]:
        home = HOLDERS.c.workspace == str(self._channel.workspace)
        rows = select(HOLDERS.c.person, HOLDERS.c.person_name)
        return rows.where(home, HOLDERS.c.person.in_(people))

    @property
    def _here(self) -> ColumnElement[bool]:
        here: ColumnElement[bool] = SAVES.c.channel == str(self._channel)
        return here

    @property
    def _sent(self) -> ColumnElement[bool]:
        here: ColumnElement[bool] = _SENT.c.channel == str(self._channel)
        return here


def _of_edition(edition: Edition) -> ColumnElement[bool]:
    return beginning(DeliveryRow.edition, f"{edition}:")
