"""Where people speak about a paper: the message that showed it to everybody."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from bot.domain.deliveries import State
from bot.domain.papers import PaperId
from bot.domain.people import Channel, Message
from storage.holdings import SAVES
from storage.rows import chunks
from storage.tables import DeliveryPaperRow, DeliveryRow, ShownRow

_POSTED = SQLModel.metadata.tables[str(DeliveryPaperRow.__tablename__)]
_SENT = SQLModel.metadata.tables[str(DeliveryRow.__tablename__)]
_SHOWN = SQLModel.metadata.tables[str(ShownRow.__tablename__)]


async def discussed(
    connection: AsyncConnection,
    channel: Channel,
    within: ColumnElement[bool],
    papers: Sequence[PaperId],
) -> dict[PaperId, Message]:
    """The latest post in the channel, else the first message on which somebody of the team saved it.

    `within` says which saves are the team's. An answer that one person alone could see is no such message.
    """
    found: dict[PaperId, Message] = {}
    for some in chunks(dict.fromkeys(papers)):
        for rows in (_posted(channel, some), _saved(within, some)):
            for paper, message in await connection.execute(rows):
                found.setdefault(PaperId(paper), Message.parse(message))
    return found


def _posted(channel: Channel, papers: Sequence[PaperId]) -> Select[Any]:
    return (
        select(_POSTED.c.paper, _SENT.c.message)
        .join(_SENT, _SENT.c.key == _POSTED.c.delivery)
        .where(_POSTED.c.channel == str(channel), _POSTED.c.paper.in_(papers))
        .where(_SENT.c.state == State.SENT, _SENT.c.message.is_not(None))
        .order_by(_SENT.c.sent_at.desc())
    )


def _saved(within: ColumnElement[bool], papers: Sequence[PaperId]) -> Select[Any]:
    public = and_(
        _SHOWN.c.message == SAVES.c.message,
        _SHOWN.c.paper == SAVES.c.paper,
        _SHOWN.c.channel == SAVES.c.channel,
    )
    return (
        select(SAVES.c.paper, SAVES.c.message)
        .join(_SHOWN, public)
        .where(within, SAVES.c.paper.in_(papers))
        .order_by(SAVES.c.at)
    )
