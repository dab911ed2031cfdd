"""Nouns of the chat. All are addresses, spelled the same in config, logs and database.

discord:81384788            a workspace (a Discord guild, a Slack team, one terminal)
discord:81384788/4711       a channel in it
discord:81384788/4711/99    a message in that channel
discord:42                  a person; Slack's are `slack:T1.U2`, since user ids belong to a team
"""

from dataclasses import dataclass, field
from typing import Self

from bot.domain.errors import UserError


def _parts(text: str, count: int) -> list[str]:
    """`platform:a/b/c` in `count` parts, none of which is empty or holds white space."""
    platform, _, rest = text.partition(":")
    parts = [platform, *rest.split("/")]
    if len(parts) != count or any(not part or any(map(str.isspace, part)) for part in parts):
        raise UserError(f"`{text}` is not an address; one looks like `terminal:local/papers`.")
    return parts


@dataclass(frozen=True, slots=True)
class Workspace:
    """A Discord guild, a Slack team, one terminal."""

    platform: str
    id: str

    def __str__(self) -> str:
        return f"{self.platform}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> Self:
        return cls(*_parts(text, 2))


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
        platform, workspace, id = _parts(text, 3)
        return cls(Workspace(platform, workspace), id)


@dataclass(frozen=True, slots=True)
class Message:
    """One message in a channel."""

    channel: Channel
    id: str

    def __str__(self) -> str:
        return f"{self.channel}/{self.id}"

    @classmethod
    def parse(cls, text: str) -> Self:
        platform, workspace, channel, id = _parts(text, 4)
        return cls(Channel(Workspace(platform, workspace), channel), id)


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
        return cls(*_parts(text, 2))


@dataclass(frozen=True, slots=True)
class Sharing:
    """Which workspaces are one team with one library: nobody's with another's unless `shared`.

    Then it is those in `among`, or with none named all that the bot serves.
    """

    shared: bool = False
    among: frozenset[Workspace] = frozenset()

    def team(self, workspace: Workspace) -> frozenset[Workspace] | None:
        """The workspaces of its team, itself among them; None is all there are."""
        if not self.shared:
            return frozenset({workspace})
        if not self.among:
            return None
        return self.among if workspace in self.among else frozenset({workspace})
