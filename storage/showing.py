"""Which papers a message shows: written when a delivery is sent, and when a command is answered."""

from sqlalchemy import delete
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.domain.deliveries import Shown
from storage.addresses import address
from storage.tables import ShownRow


async def remember(session: AsyncSession, shown: Shown) -> None:
    """Replace what was known of the message; it becomes its channel's latest."""
    message = address(shown.message)
    await session.exec(delete(ShownRow).where(col(ShownRow.message) == message))
    session.add_all(
        ShownRow(message=message, number=number, paper=paper, channel=str(shown.message.channel))
        for number, paper in sorted(shown.papers.items())
    )
