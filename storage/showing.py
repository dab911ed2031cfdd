"""Which papers a message shows: written when a delivery is sent, and when a command is answered."""

from sqlalchemy import delete
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.domain.deliveries import Shown
from bot.domain.people import Channel, Person
from storage.addresses import address
from storage.database import Database
from storage.tables import ShownRow


def seen_in(channel: Channel, person: Person | None) -> str:
    """Where messages stand that everybody in a channel sees, or that one person there sees alone."""
    return str(channel) if person is None else f"{channel}#{person}"


async def remember(database: Database, session: AsyncSession, shown: Shown) -> None:
    """Replace what was known of the message; it becomes the latest of those who see it."""
    message = address(shown.message)
    await database.alone(session, "shown", message)
    await session.exec(delete(ShownRow).where(col(ShownRow.message) == message))
    audience = seen_in(shown.message.channel, shown.to)
    session.add_all(
        ShownRow(message=message, number=number, paper=paper, channel=audience)
        for number, paper in sorted(shown.papers.items())
    )
