"""What platforms told us: an event that comes again is known by its id."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import col

from storage.database import Database
from storage.tables import HeardRow


class Heard:
    """`bot.domain.stores.Heard` on a database: one statement decides, so several processes may ask at once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._insert = database.insert(HeardRow)

    async def first(self, key: str, now: datetime, within: timedelta) -> bool:
        """Whether `key` was not heard since `now - within`; from now on it was."""
        insert = self._insert.values(key=key, at=now)
        statement = insert.on_conflict_do_update(
            index_elements=["key"],
            set_={"at": insert.excluded["at"]},
            where=col(HeardRow.at) <= now - within,
        )
        async with self._database.write() as session:
            return (await session.exec(statement)).rowcount > 0

    async def forget(self, before: datetime) -> int:
        """Let go of what was heard before then; how much that was."""
        async with self._database.write() as session:
            await self._database.alone(session, "heard")
            statement = delete(HeardRow).where(col(HeardRow.at) < before)
            return (await session.exec(statement)).rowcount
