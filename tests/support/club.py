"""A meeting of a journal club in a world, and what the chat hears of it."""

from datetime import date, time

from bot.domain.club import Meeting
from bot.domain.subscriptions import Edition, Subscription
from bot.meetings import terms_of
from tests.support.fakes import CHANNEL
from tests.support.world import ANN, World, at, some

PAPER = some(1, "2026-11-20")[0]
BEGIN = "2026-12-01 09:00"
HEARD = ["picked", "day", "hour", "start", "thread"]


def meeting(
    day: str = "2026-12-03",
    hour: str = "16:00",
    tz: str = "Europe/Berlin",
    picked: str = BEGIN,
    id: str = "club1",
) -> Meeting:
    return Meeting(
        id=id,
        channel=CHANNEL,
        paper=PAPER.id,
        day=date.fromisoformat(day),
        at=time.fromisoformat(hour),
        tz=tz,
        picked_by=ANN,
        picked_at=at(picked),
        votes=3,
    )


async def pick(it: World, one: Meeting | None = None) -> Meeting:
    """As the command does it."""
    one = one or meeting()
    await it.storage.archive.keep([PAPER], as_of=it.now)
    order = Subscription(
        id=one.id,
        channel=one.channel,
        edition=Edition.CLUB,
        terms=terms_of(one),
        created_by=ANN,
        created_at=it.now,
        next_run_at=it.now,
    )
    assert await it.storage.club.pick(one, order)
    return one


def heard(it: World) -> list[str]:
    """What has arrived, in order."""
    found = []
    for _, outgoing in it.chat.sent:
        step = outgoing.key.split(":")[2]
        found.append("thread" if outgoing.key.endswith(":2") else step)
    return found


async def ticks(it: World, *moments: str) -> None:
    for moment in moments:
        await it.tick(moment)
