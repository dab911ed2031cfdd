"""How people want to be reached."""

from sqlmodel import SQLModel, select

from bot.domain.people import Person
from bot.domain.subscriptions import Reach
from storage.addresses import address
from storage.database import Database
from storage.tables import ReachRow
from storage.texts import dump_reach, load_reach

REACHES = SQLModel.metadata.tables[str(ReachRow.__tablename__)]


class Reaches:
    """`bot.domain.stores.Reaches` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._write = database.upsert(REACHES, "person")

    async def reach(self, person: Person) -> Reach:
        """What they said, or else what is usual."""
        wanted = select(REACHES.c.said).where(REACHES.c.person == str(person))
        async with self._database.read() as session:
            said = (await (await session.connection()).execute(wanted)).scalar()
        return load_reach(said) if said else Reach()

    async def set_reach(self, person: Person, reach: Reach) -> None:
        """In the place of what they said before."""
        row = {"person": address(person), "said": dump_reach(reach)}
        async with self._database.write(durable=True) as session:
            await (await session.connection()).execute(self._write, row)
