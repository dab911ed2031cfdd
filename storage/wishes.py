"""What single people wish for, and its end when they want to be forgotten."""

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from bot.domain.subscriptions import FOR_PEOPLE, Edition
from storage.texts import load_terms

_ORDERS, _RUNS, _DELIVERIES, _SHOWN = (
    SQLModel.metadata.tables[name] for name in ("subscription", "run", "delivery", "shown")
)


async def end_wishes(connection: AsyncConnection, who: str) -> None:
    """Delete what somebody follows and watches, their own digest, and what was posted to them alone.

    What they let a channel follow is the channel's.
    """
    wanted = select(_ORDERS.c.id, _ORDERS.c.channel, _ORDERS.c.edition, _ORDERS.c.terms).where(
        _ORDERS.c.created_by == who, _ORDERS.c.edition.in_(FOR_PEOPLE)
    )
    found = [row for row in await connection.execute(wanted) if not load_terms(row.terms).shared]
    for row in found:
        if row.edition != Edition.WATCH:  # news of a paper may stand in a channel for everybody
            await connection.execute(delete(_SHOWN).where(_SHOWN.c.channel == row.channel))
        await connection.execute(delete(_DELIVERIES).where(_DELIVERIES.c.subscription == row.id))
        await connection.execute(delete(_RUNS).where(_RUNS.c.subscription == row.id))
        await connection.execute(delete(_ORDERS).where(_ORDERS.c.id == row.id))
