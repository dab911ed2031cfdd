"""Who does what of several processes. One statement decides, and the database's clock measures."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, or_
from sqlmodel import col, select

from storage.database import Database
from storage.tables import LeaseRow

_LONG = timedelta(days=1)


class Leases:
    """`bot.domain.stores.Leases` on a database."""

    def __init__(
        self, database: Database, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """`clock` counts where the database is a file, and has none of its own."""
        self._database = database
        self._clock = clock
        self._insert = database.insert(LeaseRow)

    async def hold(self, names: Iterable[str], holder: str, length: timedelta) -> frozenset[str]:
        """Take what nobody else holds, and prolong what is `holder`'s already; those that are now.

        Each lasts for `length` from after this was called: whoever counts from before is on the safe side.
        """
        wanted = sorted(set(names))  # everybody locks in this order
        if not wanted:
            return frozenset()
        async with self._database.write() as session:
            now = await self._database.now(session, self._clock())
            until = now + length
            rows = [{"name": name, "holder": holder, "until": until} for name in wanted]
            insert = self._insert.values(rows)
            taken = insert.on_conflict_do_update(
                index_elements=["name"],
                set_={"holder": insert.excluded["holder"], "until": insert.excluded["until"]},
                where=or_(
                    col(LeaseRow.holder) == insert.excluded["holder"], col(LeaseRow.until) <= now
                ),
            )
            result = await (await session.connection()).execute(taken.returning(col(LeaseRow.name)))
            return frozenset(result.scalars())

    async def held(self, prefix: str) -> dict[str, str]:
        """Name -> holder, of those whose name begins so and which have not ended."""
        begins = col(LeaseRow.name).startswith(prefix, autoescape=True)
        async with self._database.read() as session:
            now = await self._database.now(session, self._clock())
            rows = await session.exec(select(LeaseRow).where(begins, col(LeaseRow.until) > now))
            return {row.name: row.holder for row in rows}

    async def release(self, names: Iterable[str], holder: str) -> None:
        """Give back before the end, so that nobody has to wait for it; what is another's stays."""
        mine = delete(LeaseRow).where(
            col(LeaseRow.name).in_(sorted(set(names))), col(LeaseRow.holder) == holder
        )
        async with self._database.write() as session:
            await session.exec(mine)

    async def forget(self) -> int:
        """Let go of what ended long ago; how many that were."""
        async with self._database.write() as session:
            now = await self._database.now(session, self._clock())
            old = delete(LeaseRow).where(col(LeaseRow.until) < now - _LONG)
            return (await session.exec(old)).rowcount
