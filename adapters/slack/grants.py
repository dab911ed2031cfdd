"""What each workspace lets us do: its token, who we are there, and our scopes."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from adapters.slack.addresses import PLATFORM, workspace
from adapters.slack.client import web_client
from adapters.slack.failures import BOT, ERRORS, unasked
from adapters.slack.settings import Settings
from bot.domain.errors import WorkspaceRefused
from bot.domain.stores import Installation, Installations


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Our standing in one workspace."""

    team: str
    token: str = field(repr=False)
    bot_user: str
    """Our user there; messages and mentions of ours name it."""
    bot_id: str = ""
    name: str = BOT
    """Our handle, for `/invite @name`."""
    team_name: str = ""
    scopes: frozenset[str] = frozenset()


class Grants(Protocol):
    """The workspaces we are in."""

    async def of(self, team: str) -> Grant:
        """Raises WorkspaceRefused when it has not installed us, TryLater when Slack cannot be asked."""
        ...

    def forget(self, team: str) -> None:
        """What was known is old: the next `of` asks anew."""
        ...

    async def teams(self) -> Sequence[str]:
        """Their ids. Raises like `of`."""
        ...


class OneGrant:
    """One workspace, whose token the operator gave. It is asked who we are at the first use."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known: Grant | None = None
        self._turn = asyncio.Lock()

    async def of(self, team: str) -> Grant:
        """As in Grants."""
        grant = await self._grant()
        if team != grant.team:
            raise _not_there()
        return grant

    def forget(self, team: str) -> None:
        """As in Grants."""
        if self._known and self._known.team == team:
            self._known = None

    async def teams(self) -> Sequence[str]:
        """As in Grants."""
        return ((await self._grant()).team,)

    async def _grant(self) -> Grant:
        async with self._turn:
            if self._known is None:
                self._known = await asked(self._settings, self._settings.bot_token)
            return self._known


class InstalledGrants:
    """Workspaces that installed us by themselves; their tokens are kept by the core."""

    def __init__(self, installations: Installations, settings: Settings) -> None:
        """`settings` names no token here: every workspace has its own."""
        self._installations = installations
        self._settings = settings
        self._known: dict[str, Grant] = {}

    async def of(self, team: str) -> Grant:
        """As in Grants."""
        if team not in self._known:
            found = await self._installations.of(workspace(team))
            if found is None:
                raise _not_there()
            self._known[team] = _granted(found)
        return self._known[team]

    def forget(self, team: str) -> None:
        """As in Grants."""
        self._known.pop(team, None)

    async def teams(self) -> Sequence[str]:
        """As in Grants."""
        return tuple(one.workspace.id for one in await self._installations.all(PLATFORM))


async def asked(settings: Settings, token: str) -> Grant:
    """Who we are with this token, by Slack's own word (`auth.test`). Raises a DeliveryError."""
    try:
        said = await web_client(settings, token).api_call("auth.test")
        scopes = next((v for k, v in said.headers.items() if k.lower() == "x-oauth-scopes"), "")
        return Grant(
            team=str(said["team_id"]),
            token=token,
            bot_user=str(said["user_id"]),
            bot_id=str(said.get("bot_id") or ""),
            name=str(said.get("user") or BOT),
            team_name=str(said.get("team") or ""),
            scopes=frozenset(scope.strip() for scope in scopes.split(",") if scope.strip()),
        )
    except ERRORS as e:
        raise unasked(e) from e


def _granted(installation: Installation) -> Grant:
    return Grant(
        team=installation.workspace.id,
        token=installation.token,
        bot_user=installation.bot,
        team_name=installation.name,
        scopes=installation.scopes,
    )


def _not_there() -> WorkspaceRefused:
    return WorkspaceRefused("The bot is not installed in this workspace. Install the app there.")
