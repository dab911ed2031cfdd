"""All commands, in the order in which help lists them."""

from dataclasses import replace

from bot.commands import (
    club,
    email,
    follow,
    forgetting,
    foryou,
    library,
    me,
    notes,
    reading,
    search,
    stats,
    status,
    subscriptions,
    watch,
)
from bot.commands.help import help_on
from bot.commands.spec import Command

_SPOKEN: tuple[Command, ...] = (
    *reading.COMMANDS,
    *search.COMMANDS,
    *library.COMMANDS,
    *foryou.COMMANDS,
    *notes.COMMANDS,
    *stats.COMMANDS,
    *subscriptions.COMMANDS,
    *follow.COMMANDS,
    *watch.COMMANDS,
    *club.COMMANDS,
    *me.COMMANDS,
    *email.COMMANDS,
    *status.COMMANDS,
    *forgetting.COMMANDS,
)

_UNDER = {
    "team": {"stats", "club"},
    "my": {"read", "unread", "watch", "me", "email", "data", "forget"},
}
"""Headings for platforms that have no room for all commands side by side, and what stands under them there:
Discord takes 25 subcommands and headings of a command, and 25 under each heading."""


def _placed(command: Command) -> Command:
    group = next((name for name, under in _UNDER.items() if command.name in under), "")
    return replace(command, group=group)


_PLACED = tuple(map(_placed, _SPOKEN))

COMMANDS: tuple[Command, ...] = (*_PLACED, help_on(_PLACED))
