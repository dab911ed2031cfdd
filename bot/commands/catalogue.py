"""All commands, in the order in which help lists them."""

from bot.commands import library, reading, search, status, subscriptions
from bot.commands.help import help_on
from bot.commands.spec import Command

_SPOKEN: tuple[Command, ...] = (
    *reading.COMMANDS,
    *search.COMMANDS,
    *library.COMMANDS,
    *subscriptions.COMMANDS,
    *status.COMMANDS,
)

COMMANDS: tuple[Command, ...] = (*_SPOKEN, help_on(_SPOKEN))
