"""status: what the archive has, what this channel gets, how the last runs ended."""

from bot.commands.days import current_day
from bot.commands.room import Room
from bot.commands.shared import ago, count, short_day
from bot.commands.spec import Answer, Command, Request
from bot.commands.subscriptions import state
from bot.domain.deliveries import Outcome, Run
from bot.domain.papers import Listing
from bot.domain.posts import Panel, Row
from bot.domain.stores import Counts

LAST_RUNS = 5


async def status(room: Room, request: Request) -> Answer:
    """The state of things, silence explained."""
    channel = request.caller.channel
    counts = await room.archive.counts()
    there = await room.subscriptions.of(channel)
    runs = await room.outbox.runs(channel, LAST_RUNS)
    owed = await room.outbox.owed(channel)
    rows = [Row("Archive", _archive(counts)), Row("Today's list", await _age(room))]
    rows += [Row(one.id, state(room, one)) for one in there] or [Row("Subscriptions", "none here")]
    rows += [Row(f"Run {_when(run)}", _ended(room, run)) for run in runs]
    rows.append(Row("Owed", f"{count(owed, 'message')} to this channel" if owed else "nothing"))
    return Panel(title="Status", rows=tuple(rows))


def _archive(counts: Counts) -> str:
    if not counts.papers:
        return "empty"
    text = f"{count(counts.papers, 'paper')}, {count(counts.days, 'day')}"
    if counts.first_day and counts.last_day:
        text += f" from {short_day(counts.first_day)} to {short_day(counts.last_day)}"
    return f"{text}, {count(counts.saves, 'save')}"


async def _age(room: Room) -> str:
    now = room.clock()
    at, _, settled = await room.archive.asked(Listing.day(current_day(now)))
    if at is None:
        return "not fetched yet"
    return f"fetched {ago(at, now)}" + (", complete" if settled else "")


def _when(run: Run) -> str:
    return f"{run.subscription}, {run.due_at:%Y-%m-%d %H:%M} UTC"


def _ended(room: Room, run: Run) -> str:
    """`posted 10`, `nothing: no list that day`, `waiting: …, again in 8 minutes`."""
    if run.outcome is Outcome.POSTED:
        return f"posted {run.posted}" + (f": {run.reason}" if run.reason else "")
    text = f"{run.outcome}: {run.reason}" if run.reason else str(run.outcome)
    if run.retry_at and run.retry_at > room.clock():
        text += f", again {ago(run.retry_at, room.clock())}"
    return text


COMMANDS = (
    Command(
        name="status",
        summary="How fresh the archive is, what runs here, how the last runs ended",
        run=status,
        examples=("status",),
    ),
)
