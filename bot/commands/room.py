"""What a command has at hand: the ports, the defaults, and the present."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.ports import Budget, Refresher
from bot.domain.stores import Archive, Library, Outbox, Search, Subscriptions
from bot.domain.subscriptions import STANDARD, Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Everything a handler may touch; handlers hold nothing themselves."""

    archive: Archive
    search: Search
    library: Library
    subscriptions: Subscriptions
    outbox: Outbox
    refresher: Refresher
    clock: Callable[[], datetime]
    """Now, aware, UTC."""
    dice: Callable[[], float]
    """A number in [0, 1)."""
    new_id: Callable[[], str]
    """A short id that people can type."""
    defaults: Terms = STANDARD
    """What holds where a subscriber said nothing; every field is set."""
    page_size: int = 10
    budgets: Mapping[str, Budget] = field(default_factory=dict)
    """Platform -> what fits in one of its messages."""
    save_emoji: tuple[str, ...] = ("🔖",)
    command: str = "/paper"
    """How people call us; it can be renamed where another app has taken it."""

    def says(self, text: str) -> str:
        """A command line as people type it, in backticks."""
        return f"`{self.command} {text}`"
