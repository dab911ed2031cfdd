"""status: what the archive has, what this channel gets, how the last runs ended."""

from collections.abc import Sequence

from bot.commands.days import current_day
from bot.commands.room import Room
from bot.commands.shared import ago, count, short_day
from bot.commands.spec import Answer, Command, Request
from bot.commands.subscriptions import WHERE, found_in, ordered, state
from bot.domain.deliveries import Outcome, Run
from bot.domain.papers import Listing
from bot.domain.people import Channel, Workspace
from bot.domain.posts import Panel, Row
from bot.domain.stores import Counts
from bot.domain.subscriptions import FOR_CHANNELS, Edition, Subscription
from bot.domain.text import instant

LAST_RUNS = 5


async def status(room: Room, request: Request) -> Answer:
    """The state of things, silence explained."""
    where, there = await ordered(room, request)
    here = isinstance(where, Channel)
    counts = await room.archive.counts()
    runs = await _runs(room, where, LAST_RUNS if here else 2 * LAST_RUNS)
    owed = await room.outbox.owed(where)
    rows = [Row("Archive", _archive(counts)), Row("Today's list", await _age(room))]
    if learned := await room.search.learned():
        rows.append(Row("Search model", str(learned)))
    rows += [Row(one.id, found_in(where, one) + state(room, one)) for one in there]
    rows += [] if there else [Row("Subscriptions", "none here")]
    rows += [Row(f"Run {run.subscription}", f"{_when(run)}: {_ended(room, run)}") for run in runs]
    whom = "this channel" if here else "this workspace"
    rows.append(Row("Owed", f"{count(owed, 'message')} to {whom}" if owed else "nothing"))
    return Panel(title="Status", rows=tuple(rows), notes=await _caveats(room, request, there))


async def _runs(room: Room, where: Channel | Workspace, most: int) -> list[Run]:
    """The last ones, but for those of what is one person's own."""
    shown = (*FOR_CHANNELS, Edition.CLUB)
    hidden = tuple(f"{edition}:" for edition in Edition if edition not in shown)
    runs = await room.outbox.runs(where, 10 * most)
    return [run for run in runs if not run.edition.startswith(hidden)][:most]


async def _caveats(room: Room, request: Request, there: Sequence[Subscription]) -> tuple[str, ...]:
    """What an operator chose, or a permission lacks, and people may wonder about later."""
    if not there or await room.recalls(request.caller.channel):
        return ()
    then = "is sent again, so it could come twice"
    if not room.at_least_once:
        then = "is not repeated, so it could be missing"
    what = "a post whose arrival was not confirmed"
    return (f"I may not read this channel's history: {what} {then}.",)


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
    return instant(run.due_at, f"{run.due_at:%Y-%m-%d %H:%M} UTC")


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
        parameters=(WHERE,),
        examples=("status", "status all"),
    ),
)
