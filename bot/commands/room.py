"""What a command has at hand: the ports, the defaults, and the present."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from bot.domain.club import Club
from bot.domain.errors import ChannelRefused
from bot.domain.library import Opinions
from bot.domain.mailing import Mailroom
from bot.domain.people import Channel, Person
from bot.domain.ports import Budget, Refresher
from bot.domain.statistics import Statistics
from bot.domain.stores import (
    Archive,
    Heard,
    Library,
    Notes,
    Outbox,
    Privacy,
    Reaches,
    Search,
    Subscriptions,
    Tastes,
)
from bot.domain.subscriptions import STANDARD, Edition, Terms


async def _recalls(_: Channel) -> bool:
    return True


async def _direct(_: Person) -> Channel:
    raise ChannelRefused("There are no direct messages here.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Everything a handler may touch; handlers hold nothing themselves."""

    archive: Archive
    search: Search
    library: Library
    opinions: Opinions
    statistics: Statistics
    club: Club
    tastes: Tastes
    notes: Notes
    privacy: Privacy
    subscriptions: Subscriptions
    outbox: Outbox
    reaches: Reaches
    heard: Heard
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
    recalls: Callable[[Channel], Awaitable[bool]] = _recalls
    """Whether a post whose answer was lost can be found again in a channel."""
    at_least_once: bool = True
    """What happens to it where it cannot: it is sent again, or let be."""
    direct: Callable[[Person], Awaitable[Channel]] = _direct
    """Where somebody is alone with us. Raises a DeliveryError."""
    makers: Mapping[Edition, Any] = field(default_factory=dict)
    """Who makes editions of more than the archive: each a `bot.making.Maker`, which doors need not know."""
    mail: Mailroom | None = None
    """Who gets e-mail; None where there can be none."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Platform -> how people call us there; it can be renamed where another app has taken it."""
    command: str = "/paper"
    """How they call us where this question comes from."""

    def on(self, platform: str) -> Self:
        """The same room, as people on this platform speak of it."""
        return replace(self, command=self.names.get(platform, self.command))

    def says(self, text: str) -> str:
        """A command line as people type it, in backticks."""
        return f"`{self.command} {text}`"
