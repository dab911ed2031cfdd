"""stats: what the team made of the last weeks, in figures and as a picture."""

from bot.commands.room import Room
from bot.commands.shared import count
from bot.commands.spec import Answer, Command, Parameter, Request
from bot.commands.values import Choice, Integer
from bot.domain.library import Whose
from bot.domain.posts import Notice
from bot.tally import weeks, weeks_panel

WEEKS, MOST_WEEKS = 12, 53


async def stats(room: Room, request: Request) -> Answer:
    """Figures of the team, or of this channel."""
    channel = request.caller.channel
    here = request.one("whose", Whose) is Whose.HERE
    number = request.one("weeks", int) or WEEKS
    tz = room.defaults.tz or "UTC"
    bounds = weeks(room.clock(), number, tz)
    place = channel if here else channel.workspace
    figures = await room.statistics.figures(place, bounds)
    if not (sum(figures.saved) or sum(figures.posted)):
        return _nothing(room, number, here=here)
    span = "This week" if number == 1 else f"The last {count(number, 'week')}"
    title = f"{span} in this channel" if here else f"{span} of the team"
    other = (
        f"{room.says('stats team')} counts the whole team."
        if here
        else f"{room.says('stats here')} counts this channel alone."
    )
    weekly = f"{room.says('subscribe recap on:fri at:16:00')} brings a recap every week."
    return weeks_panel(figures, title, tz, (other, weekly))


def _nothing(room: Room, number: int, *, here: bool) -> Notice:
    where = "in this channel" if here else "by the team"
    when = "this week" if number == 1 else f"in the last {count(number, 'week')}"
    hint = f"{room.says('stats team')} counts the whole team." if here else ""
    more = f"{room.says(f'stats weeks:{MOST_WEEKS}')} looks back a year."
    return Notice(
        text=f"Nothing was saved {where} {when}, and nothing posted.",
        hints=tuple(filter(None, (hint, more if number < MOST_WEEKS else ""))),
    )


COMMANDS = (
    Command(
        name="stats",
        summary="What was saved in the last weeks, with a picture",
        run=stats,
        parameters=(
            Parameter(
                name="whose",
                help="The whole team (team), or this channel (here)",
                type=Choice((Whose.TEAM, Whose.HERE)),
                positional=True,
            ),
            Parameter(
                name="weeks",
                help="How many weeks; 12 if left out",
                type=Integer(1, MOST_WEEKS),
            ),
        ),
        private=False,
        aliases=("statistics",),
        examples=("stats", "stats here weeks:4"),
    ),
)
