"""me: how somebody wants to be reached."""

import re
from dataclasses import dataclass, replace
from datetime import date, time

from bot.commands.clock import Time, Zone
from bot.commands.own import order_digest, reached_at, rewrite
from bot.commands.room import Room
from bot.commands.shared import count
from bot.commands.spec import Answer, Command, Parameter, Request
from bot.commands.values import Choice, echo, starting
from bot.domain.errors import UserError
from bot.domain.posts import Panel, Row
from bot.domain.subscriptions import Edition, Manner, Pace, Quiet, Reach, Subscription
from bot.schedule import describe

NEVER: Quiet = (time(0), time(0))
"""Quiet hours that are none."""
_OFF = ("off", "none", "never")


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one time of day to another; `off` are none."""

    hint: str = "22-7, 22:00-07:30 or off"

    def parse(self, text: str, today: date) -> Quiet:
        if text.strip().lower() in _OFF:
            return NEVER
        ends = re.split(r"\s*(?:-|–|to)\s*", text.strip(), flags=re.IGNORECASE)
        if len(ends) != 2:  # noqa: PLR2004 -- a span has two ends
            raise UserError(f"{echo(text)} are no hours of the day; write {self.hint}.")
        begin, end = (Time(hint=self.hint).parse(one, today) for one in ends)
        if begin == end:
            raise UserError(f"{echo(text)} would be no time or all day; write {self.hint}.")
        return begin, end

    def format(self, value: Quiet) -> str:
        return "off" if value == NEVER else f"{value[0]:%H:%M}-{value[1]:%H:%M}"

    def suggest(self, prefix: str) -> list[str]:
        return starting(prefix, ("22:00-07:00", "20:00-08:00", "off"))


async def me(room: Room, request: Request) -> Answer:
    """Show it, or change it and everything that goes by it."""
    person = request.caller.person
    before = await room.reaches.reach(person)
    after = _wanted(request, before)
    if request.values:
        if after.digest is not Pace.OFF or after.follows is Manner.EMAIL:
            await reached_at(
                room, person, after
            )  # which says what is wrong before anything changes
        await room.reaches.set_reach(person, after)
        await rewrite(room, person, after)
        await order_digest(room, person, after)
    return await _shown(room, request, after)


def _wanted(request: Request, before: Reach) -> Reach:
    quiet = request.values.get("quiet", before.quiet)
    after = replace(
        before,
        follows=request.one("follows", Manner) or before.follows,
        digest=request.one("digest", Pace) or before.digest,
        quiet=quiet if isinstance(quiet, tuple) and quiet != NEVER else None,
        tz=request.one("tz", str) or before.tz,
        at=request.one("at", time) or before.at,
    )
    if after.follows is Manner.DAILY and after.digest is Pace.OFF:
        if request.one("follows", Manner):
            after = replace(after, digest=Pace.DAILY)  # or they would never come
        else:
            after = replace(after, follows=Manner.NOW)
    workspace = request.caller.channel.workspace
    alone = workspace.id.startswith("@")  # somebody's own place, where nobody else saves anything
    if after.home is None or ("digest" in request.values and not alone):
        after = replace(after, home=None if alone else workspace)
    return after


async def _shown(room: Room, request: Request, reach: Reach) -> Panel:
    own = [one for one in await room.subscriptions.by(request.caller.person) if one.private]
    follows = sum(one.edition is Edition.FOLLOW for one in own)
    watches = sum(one.edition is Edition.WATCH for one in own)
    there = f"{count(follows, 'follow')} and {count(watches, 'watched paper')}"
    rows = [
        Row("Follows", _MANNERS[reach.follows]),
        Row("Digest", _digest(room, reach, own)),
        Row("Quiet hours", _quiet(room, reach)),
        Row("You have", f"{there}: {room.says('follow')} lists them"),
    ]
    notes = (
        f"{room.says('me weekly at:08:00 tz:Berlin')} asks for a digest of your own.",
        f"{room.says('me follows:daily quiet:22-7')} changes the rest.",
    )
    return Panel(title="How I reach you", rows=tuple(rows), notes=notes)


_MANNERS = {
    Manner.NOW: "by direct message, as papers are featured",
    Manner.DAILY: "in your own digest",
    Manner.EMAIL: "by e-mail, as papers are featured; your digest too",
    Manner.OFF: "off: nothing comes from what you follow",
}


def _digest(room: Room, reach: Reach, own: list[Subscription]) -> str:
    standing = next((one for one in own if one.edition is Edition.PERSONAL), None)
    if standing is None or reach.digest is Pace.OFF:
        return "off"
    edition = Edition.WEEKLY if reach.digest is Pace.WEEKLY else Edition.DAILY
    when = describe(edition, standing.terms.resolved(room.defaults))
    return when if standing.paused is None else f"{when}; paused: {standing.paused}"


def _quiet(room: Room, reach: Reach) -> str:
    if reach.quiet is None:
        return "none"
    begin, end = reach.quiet
    tz = reach.tz or room.defaults.tz
    return f"{begin:%H:%M} to {end:%H:%M} {tz}; what comes then waits until they end"


COMMANDS = (
    Command(
        name="me",
        summary="How I reach you: what you follow, your own digest, quiet hours",
        run=me,
        parameters=(
            Parameter(
                name="digest",
                help="A digest of your own by direct message: daily, weekly, or off",
                type=Choice(tuple(Pace)),
                positional=True,
            ),
            Parameter(
                name="follows",
                help="What you follow: now, in your daily digest, by email, or off",
                type=Choice(tuple(Manner)),
            ),
            Parameter(
                name="quiet",
                help="Hours in which nothing is sent to you: 22-7, or off",
                type=QuietHours(),
            ),
            Parameter(name="tz", help="Your time zone or city: Europe/Berlin, Tokyo", type=Zone()),
            Parameter(name="at", help="When your digest comes: 08:00, 17:30", type=Time()),
        ),
        examples=("me", "me weekly at:08:00 tz:Europe/Berlin", "me follows:daily quiet:22-7"),
    ),
)
