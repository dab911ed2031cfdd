"""Nouns of the chat. All are addresses, spelled the same in config, logs and database.

discord:81384788            a workspace (a Discord guild, a Slack team, one terminal)
discord:81384788/4711       a channel in it
discord:81384788/4711/99    a message in that channel
discord:42                  a person; Slack's are `slack:T1.U2`, since user ids belong to a team
"""

from dataclasses import dataclass, field
from typing import Self

from bot.domain.errors import UserError


def _check(part: str, text: str) -> str:
    if not part or any(c.isspace() or c == "/" for c in part):
        raise UserError(f"`{text}` is not an address; one looks like `terminal:local/papers`.")
    return part


@dataclass(frozen=True, slots=True)
class Workspace:
    """A Discord guild, a Slack team, one terminal."""

    platform: str
    id: str

    def __str__(self) -> str:
        return f"{self.platform}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> Self:
        platform, _, id = text.partition(":")
        return cls(_check(platform, text), _check(id, text))


@dataclass(frozen=True, slots=True)
class Channel:
    """A place in a workspace where posts go."""

    workspace: Workspace
    id: str

    def __str__(self) -> str:
        return f"{self.workspace}/{self.id}"

    @property
    def platform(self) -> str:
        return self.workspace.platform

    @classmethod
    def parse(cls, text: str) -> Self:
        workspace, _, id = text.rpartition("/")
        return cls(Workspace.parse(workspace), _check(id, text))


@dataclass(frozen=True, slots=True)
class Message:
    """One message in a channel."""

    channel: Channel
    id: str

    def __str__(self) -> str:
        return f"{self.channel}/{self.id}"

    @classmethod
    def parse(cls, text: str) -> Self:
        channel, _, id = text.rpartition("/")
        return cls(Channel.parse(channel), _check(id, text))


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on a platform; `name` is for showing only and takes no part in equality."""

    platform: str
    id: str
    name: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{self.platform}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> Self:
        platform, _, id = text.partition(":")
        return cls(_check(platform, text), _check(id, text))
