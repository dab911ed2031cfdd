"""People in a workspace: what they are called, what they may do, and where they are spoken to directly."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from weakref import WeakValueDictionary
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from adapters.slack.addresses import channel, person
from adapters.slack.api import Api
from adapters.slack.failures import DIRECT, ERRORS, unasked
from bot.domain.errors import ChannelRefused
from bot.domain.people import Channel

FRESH = timedelta(hours=1)
MOST = 2_000
"""People remembered at a time."""
NAME = 80
"""Characters of a name; Slack lets people have as many."""
_NOBODY = "The bot cannot write to this person directly."
K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Somebody, as their workspace knows them. An empty one is of somebody who could not be asked about."""

    known: bool = False
    name: str = ""
    tz: str = ""
    """A zone of the tz database; "" when unknown."""
    admin: bool = False
    """Administers or owns the workspace."""
    guest: bool = False
    """A guest, or somebody of another workspace in a shared channel."""
    bot: bool = False
    locale: str = ""

    @property
    def member(self) -> bool:
        """A full member of the workspace, for certain."""
        return self.known and not self.guest and not self.bot


class People:
    """Asks Slack about people, and remembers for an hour."""

    def __init__(
        self, api: Api, clock: Callable[[], datetime], *, patience: float = 5.0, most: int = MOST
    ) -> None:
        """`patience` is how many seconds a look-up may take: somebody waits for it."""
        self._api = api
        self._clock = clock
        self._patience = patience
        self._most = most
        self._profiles: OrderedDict[tuple[str, str], tuple[datetime, Profile]] = OrderedDict()
        self._conversations: OrderedDict[tuple[str, str], Channel] = OrderedDict()
        self._turns: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def profile(self, team: str, user: str) -> Profile:
        """An empty one when Slack does not tell. Never raises a platform's error."""
        key = (team, user)
        async with self._turn(key):
            if found := self._remembered(key):
                return found
            try:
                async with asyncio.timeout(self._patience):
                    said = await self._api.read(team, "users.info", user=user, include_locale=True)
            except ERRORS:
                return Profile()
            profile = read_profile(team, said.get("user"))
            if profile.known:
                _keep(self._profiles, key, (self._clock(), profile), self._most)
            return profile

    async def direct(self, team: str, user: str) -> Channel:
        """The conversation with somebody, opened when there is none. Raises a DeliveryError."""
        key = (team, user)
        async with self._turn(key):
            if key not in self._conversations:
                try:
                    async with asyncio.timeout(self._patience):
                        said = await self._api.read(team, "conversations.open", users=user)
                except ERRORS as e:
                    raise unasked(e, DIRECT) from e
                opened = said.get("channel")
                id = opened.get("id") if isinstance(opened, Mapping) else None
                if not isinstance(id, str) or not id:
                    raise ChannelRefused(_NOBODY)
                _keep(self._conversations, key, channel(team, id), self._most)
            self._conversations.move_to_end(key)
            return self._conversations[key]

    def forget(self, team: str) -> None:
        """Everything about a workspace that has let us go."""
        for store in (self._profiles, self._conversations):
            for key in [key for key in store if key[0] == team]:
                del store[key]

    def _turn(self, key: tuple[str, str]) -> asyncio.Lock:
        """Many who ask about one person at the same time ask Slack once."""
        return self._turns.setdefault(key, asyncio.Lock())

    def _remembered(self, key: tuple[str, str]) -> Profile | None:
        at, profile = self._profiles.get(key, (None, Profile()))
        if at is None or self._clock() - at >= FRESH:
            return None
        self._profiles.move_to_end(key)
        return profile


def read_profile(team: str, said: object) -> Profile:
    """A user as `users.info` writes it; whatever is odd in it counts as not said."""
    if not isinstance(said, Mapping) or not isinstance(said.get("id"), str):
        return Profile()
    return Profile(
        known=True,
        name=_name(team, said),
        tz=_zone(said.get("tz")),
        admin=any(said.get(k) is True for k in ("is_admin", "is_owner", "is_primary_owner")),
        guest=_is_guest(team, said),
        bot=said.get("is_bot") is True,
        locale=said["locale"][:20] if isinstance(said.get("locale"), str) else "",
    )


def _name(team: str, said: Mapping[str, Any]) -> str:
    """What they want to be called, else their full name, else their handle."""
    inner = said.get("profile")
    profile = inner if isinstance(inner, Mapping) else {}
    names = (
        profile.get("display_name"),
        profile.get("real_name"),
        said.get("real_name"),
        said.get("name"),
    )
    cleaned = (person(team, "", name).name[:NAME] for name in names if isinstance(name, str))
    return next((name for name in cleaned if name), "")


def _is_guest(team: str, said: Mapping[str, Any]) -> bool:
    if any(said.get(key) for key in ("is_restricted", "is_ultra_restricted", "is_stranger")):
        return True
    organisation = said.get("enterprise_user")
    teams = organisation.get("teams") if isinstance(organisation, Mapping) else None
    home = said.get("team_id")
    return home not in (None, "", team) and not (isinstance(teams, list) and team in teams)


def _zone(said: object) -> str:
    if not isinstance(said, str):
        return ""
    try:
        return ZoneInfo(said).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ""


def _keep(store: OrderedDict[K, V], key: K, value: V, most: int) -> None:
    store[key] = value
    store.move_to_end(key)
    while len(store) > most:
        store.popitem(last=False)
