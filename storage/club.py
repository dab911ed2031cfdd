"""The journal clubs of channels."""

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, distinct, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from bot.domain.club import Meeting, Nomination, Vote, ranked
from bot.domain.deliveries import Shown
from bot.domain.papers import PaperId
from bot.domain.people import Channel, Message, Person
from bot.domain.subscriptions import Subscription
from storage.addresses import address, beginning, person
from storage.club_tables import MeetingRow, NominationRow, VoteRow
from storage.database import Database
from storage.subscriptions import row_of

NOMINATIONS, VOTES, MEETINGS = (
    SQLModel.metadata.tables[str(row.__tablename__)] for row in (NominationRow, VoteRow, MeetingRow)
)
_OPEN = NOMINATIONS.c.meeting.is_(None)


class Club:
    """`bot.domain.club.Club` on a database. Who changes a channel's club is alone with it meanwhile."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._nominate = database.upsert(NOMINATIONS, "channel", "paper")
        self._vote = database.insert(VOTES).on_conflict_do_nothing()

    async def nominate(self, nomination: Nomination) -> bool:
        """False when the paper stands there already, nominated or picked for a meeting that is not past."""
        channel, paper = nomination.channel, nomination.paper
        row = {
            "channel": address(channel),
            "paper": paper,
            "nominated_by": address(nomination.by) if nomination.by else None,
            "nominated_by_name": nomination.by.name if nomination.by else "",
            "at": nomination.at,
            "message": None,
            "meeting": None,
        }
        async with self._database.write(durable=True) as session:
            await self._database.alone(session, "club", str(channel))
            connection = await session.connection()
            if (await connection.execute(_standing(channel, paper).where(_OPEN))).first():
                return False
            if await _is_picked(connection, channel, paper, nomination.at):
                return False
            await connection.execute(delete(VOTES).where(_about(VOTES, channel, paper)))
            await connection.execute(self._nominate, row)
        return True

    async def ranking(self, channel: Channel, reader: Person) -> list[Nomination]:
        """What is nominated and not picked: most votes first, then what was nominated first."""
        there = NOMINATIONS.select().where(NOMINATIONS.c.channel == str(channel), _OPEN)
        votes = (
            select(VOTES.c.paper, func.count(distinct(VOTES.c.person)).label("votes"))
            .where(VOTES.c.channel == str(channel))
            .group_by(VOTES.c.paper)
        )
        mine = select(VOTES.c.paper).where(
            VOTES.c.channel == str(channel), VOTES.c.person == str(reader)
        )
        async with self._database.read() as session:
            connection = await session.connection()
            count = {row.paper: row.votes for row in await connection.execute(votes)}
            own = set((await connection.execute(mine)).scalars())
            rows = (await connection.execute(there)).all()
        return ranked(
            Nomination(
                channel=channel,
                paper=PaperId(row.paper),
                by=_somebody(row.nominated_by, row.nominated_by_name),
                at=row.at,
                votes=count.get(row.paper, 0),
                mine=row.paper in own,
            )
            for row in rows
        )

    async def show(self, message: Message, paper: PaperId) -> None:
        """This message asks its channel for votes for the paper."""
        asks = update(NOMINATIONS).where(_about(NOMINATIONS, message.channel, paper))
        async with self._database.write() as session:
            connection = await session.connection()
            await connection.execute(asks.values(message=address(message)))

    async def ballot(self, message: Message) -> PaperId | None:
        """The paper that reactions to this message vote for, while it is nominated and not picked."""
        wanted = select(NOMINATIONS.c.paper).where(NOMINATIONS.c.message == str(message), _OPEN)
        async with self._database.read() as session:
            found = (await (await session.connection()).execute(wanted)).scalar()
        return None if found is None else PaperId(found)

    async def ballots(self, platform: str, limit: int = 50) -> list[Shown]:
        """Messages that ask for votes now, the latest first."""
        wanted = (
            select(NOMINATIONS.c.message, NOMINATIONS.c.paper)
            .where(beginning(NominationRow.message, f"{platform}:"), _OPEN)
            .order_by(NOMINATIONS.c.at.desc(), NOMINATIONS.c.paper)
            .limit(limit)
        )
        async with self._database.read() as session:
            rows = (await (await session.connection()).execute(wanted)).all()
        return [Shown(message=Message.parse(row.message), papers={1: row.paper}) for row in rows]

    async def vote(self, vote: Vote) -> bool:
        """False when the paper is not nominated there, or this act is known."""
        row = {
            "channel": address(vote.channel),
            "paper": vote.paper,
            "person": address(vote.person),
            "origin": vote.origin,
            "at": vote.at,
        }
        async with self._database.write() as session:
            await self._database.alone(session, "club", str(vote.channel))
            connection = await session.connection()
            standing = _standing(vote.channel, vote.paper).where(_OPEN)
            if not (await connection.execute(standing)).first():
                return False
            return (await connection.execute(self._vote, row)).rowcount > 0

    async def unvote(
        self, person: Person, channel: Channel, paper: PaperId, origin: str | None = None
    ) -> bool:
        """Take back one act of voting, or all with None; False when there was none."""
        acts = delete(VOTES).where(_about(VOTES, channel, paper), VOTES.c.person == str(person))
        if origin is not None:
            acts = acts.where(VOTES.c.origin == origin)
        async with self._database.write() as session:
            return (await (await session.connection()).execute(acts)).rowcount > 0

    async def votes_on(self, message: Message) -> list[Vote]:
        """Those that reactions to this message did, and that stand."""
        channel = message.channel
        acts = VOTES.select().where(
            VOTES.c.channel == str(channel), beginning(VoteRow.origin, f"{message}#")
        )
        async with self._database.read() as session:
            rows = (await (await session.connection()).execute(acts)).all()
        return [
            Vote(
                channel=channel,
                paper=PaperId(row.paper),
                person=Person.parse(row.person),
                origin=row.origin,
                at=row.at,
            )
            for row in rows
        ]

    async def pick(self, meeting: Meeting, subscription: Subscription) -> bool:
        """Write both at once; the paper is no longer among the nominated. False when it is picked already."""
        channel, paper = meeting.channel, meeting.paper
        taken = update(NOMINATIONS).where(_about(NOMINATIONS, channel, paper), _OPEN)
        async with self._database.write(durable=True) as session:
            await self._database.alone(session, "club", str(channel))
            connection = await session.connection()
            if await _is_picked(connection, channel, paper, meeting.picked_at):
                return False
            session.add(row_of(subscription))
            session.add(_row(meeting))
            await connection.execute(taken.values(meeting=meeting.id))
        return True

    async def cancel(self, id: str) -> bool:
        """Forget a meeting: if its paper was nominated it is so again, with its votes."""
        back = update(NOMINATIONS).where(NOMINATIONS.c.meeting == id).values(meeting=None)
        async with self._database.write(durable=True) as session:
            connection = await session.connection()
            gone = await connection.execute(delete(MEETINGS).where(MEETINGS.c.id == id))
            await connection.execute(back)
        return gone.rowcount > 0

    async def end(self, id: str, at: datetime) -> bool:
        """Archive a meeting; False when that was done before."""
        open_one = update(MEETINGS).where(MEETINGS.c.id == id, MEETINGS.c.ended_at.is_(None))
        async with self._database.write(durable=True) as session:
            connection = await session.connection()
            return (await connection.execute(open_one.values(ended_at=at))).rowcount > 0

    async def meeting(self, id: str) -> Meeting | None:
        """By its subscription's id."""
        found = await self._meetings(MEETINGS.c.id == id)
        return found[0] if found else None

    async def meetings(self, channel: Channel) -> list[Meeting]:
        """All there ever were, the earliest first."""
        found = await self._meetings(MEETINGS.c.channel == str(channel))
        return sorted(found, key=lambda one: (one.start, one.id))

    async def _meetings(self, which: ColumnElement[bool]) -> list[Meeting]:
        async with self._database.read() as session:
            connection = await session.connection()
            return [_noun(row) for row in await connection.execute(MEETINGS.select().where(which))]


def names_of(who: str) -> Iterable[tuple[Any, ColumnElement[bool], dict[str, Any]]]:
    """Where a club says who did something: table, rows, and the values that leave the name out."""
    for table, column in ((NOMINATIONS, "nominated_by"), (MEETINGS, "picked_by")):
        yield table, table.c[column] == who, {column: None, f"{column}_name": ""}


def _about(table: Any, channel: Channel, paper: PaperId) -> ColumnElement[bool]:
    return and_(table.c.channel == str(channel), table.c.paper == paper)


def _standing(channel: Channel, paper: PaperId) -> Any:
    return select(NOMINATIONS.c.paper).where(_about(NOMINATIONS, channel, paper))


async def _is_picked(
    connection: AsyncConnection, channel: Channel, paper: PaperId, now: datetime
) -> bool:
    """Whether there is a meeting about it that is not past."""
    rows = await connection.execute(MEETINGS.select().where(_about(MEETINGS, channel, paper)))
    return any(not _noun(row).is_past(now) for row in rows)


def _somebody(id: str | None, name: str) -> Person | None:
    return person(id, name) if id else None


def _row(meeting: Meeting) -> MeetingRow:
    by = meeting.picked_by
    return MeetingRow(
        id=meeting.id,
        channel=address(meeting.channel),
        paper=meeting.paper,
        day=meeting.day,
        hour=f"{meeting.at:%H:%M}",
        tz=meeting.tz,
        minutes=meeting.minutes,
        picked_by=address(by) if by else None,
        picked_by_name=by.name if by else "",
        picked_at=meeting.picked_at,
        votes=meeting.votes,
        ended_at=meeting.ended_at,
    )


def _noun(row: Row[Any]) -> Meeting:
    return Meeting(
        id=row.id,
        channel=Channel.parse(row.channel),
        paper=PaperId(row.paper),
        day=row.day,
        at=time.fromisoformat(row.hour),
        tz=row.tz,
        minutes=row.minutes,
        picked_by=_somebody(row.picked_by, row.picked_by_name),
        picked_at=row.picked_at,
        votes=row.votes,
        ended_at=row.ended_at,
    )
