"""What channels have had before."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import func, select
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.domain.deliveries import State
from bot.domain.papers import PaperId
from storage.database import Database
from storage.given import Given
from storage.rows import chunks

Pair: TypeAlias = tuple[str, PaperId]
"""A channel's address and a paper."""

_PAPERS = SQLModel.metadata.tables["delivery_paper"]
_DELIVERIES = SQLModel.metadata.tables["delivery"]
_MANY = 10_000
"""Pairs in one statement."""


class Posted:
    """Looks up pairs of channel and paper, many at once."""

    def __init__(self, database: Database) -> None:
        self._given = given = Given(_PAPERS.c.channel, _PAPERS.c.paper, is_file=database.is_file)
        same = (_PAPERS.c.channel == given.c.channel) & (_PAPERS.c.paper == given.c.paper)
        self._had = (
            select(
                _PAPERS.c.channel,
                _PAPERS.c.paper,
                func.coalesce(_DELIVERIES.c.sent_at, _PAPERS.c.at),
            )
            .select_from(given.rows)
            .join(_PAPERS, same)
            .join(_DELIVERIES, _DELIVERIES.c.key == _PAPERS.c.delivery)
            .where(_DELIVERIES.c.state != State.FAILED)
        )

    async def latest(self, session: AsyncSession, pairs: Iterable[Pair]) -> dict[Pair, datetime]:
        """When a channel was last sent or promised a paper; what it never was is left out."""
        connection = await session.connection()
        latest: dict[Pair, datetime] = {}
        for some in chunks(dict.fromkeys(pairs), _MANY):
            found = (await connection.execute(self._had, self._given(some))).all()
            if not found:
                continue
            channels = {self._given.tidied(channel): channel for channel, _ in some}
            papers = {self._given.tidied(paper, 1): paper for _, paper in some}
            for channel, paper, at in found:
                pair = (channels[channel], papers[paper])
                latest[pair] = max(at, latest.get(pair, at))
        return latest
