"""What an operator does from a shell: register the commands, get the invitation, check what is set up."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord

from adapters.discord.client import PaperClient, plant
from adapters.discord.endpoints import elsewhere, redirect_answers
from adapters.discord.invite import invitation, wanted
from adapters.discord.permissions import NEEDED, Kind, Need, missing
from adapters.discord.registration import register
from adapters.discord.settings import Settings, read_settings
from bot.domain.checks import Check
from bot.domain.errors import ConfigError, Unavailable
from bot.domain.forms import Form
from bot.domain.people import Channel

GONE = {10003, 10004, 50001}
"""Unknown channel, unknown server, missing access."""


async def sync(settings: Mapping[str, Any], forms: Sequence[Form], guild: int | None) -> str:
    """Register all commands now, for one server or as configured; one line about it."""
    read = read_settings(settings)
    guilds = (guild,) if guild else read.guilds
    async with _logged_in(read) as client:
        told = await register(plant(client, forms), guilds)
    where = f"in {len(guilds)} server{'s' * (len(guilds) != 1)}" if guilds else "everywhere"
    return f"{told} commands are registered {where}. Clients show them at their next start."


async def invite(settings: Mapping[str, Any]) -> Sequence[str]:
    """The link, and each permission in it with its reason."""
    async with _logged_in(read_settings(settings)) as client:
        application = client.application_id or 0
    lines = [f"{need.name}: {need.why}" for need in wanted()]
    return (invitation(application), "", "It asks for:", *(f"  {line}" for line in lines))


async def check(settings: Settings, channels: Iterable[Channel]) -> AsyncIterator[Check]:
    """The token, the intents, and what we may do in each of these channels."""
    try:
        async with _logged_in(settings) as client:
            yield Check(name="Discord token", fine=True, text=f"it is {client.user}'s")
            text = "none is privileged: nothing to switch on in the portal"
            yield Check(name="Discord intents", fine=True, text=text)
            yield await _endpoint(client)
            servers = _Servers(client)
            for channel in channels:
                yield await servers.check(channel)
    except (ConfigError, Unavailable) as e:
        yield Check(name="Discord token", fine=False, text=str(e))


async def _endpoint(client: PaperClient) -> Check:
    """An address in the portal would take all commands away from the gateway."""
    information = await client.application_info()
    name = "Discord interactions"
    if address := information.interactions_endpoint_url:
        text = f"they go to {address}: clear Interactions Endpoint URL in the Developer Portal"
        return Check(name=name, fine=False, text=text)
    return Check(name=name, fine=True, text="they come over the gateway")


@asynccontextmanager
async def _logged_in(settings: Settings) -> AsyncIterator[PaperClient]:
    """A client that speaks REST and has no connection to the gateway."""
    client = PaperClient(settings)
    if elsewhere(settings):
        redirect_answers(settings)
    async with client:
        try:
            await client.login(settings.token)
        except discord.LoginFailure:
            raise ConfigError(
                "Discord refuses the token; reset it in the Developer Portal under Bot and set DISCORD_TOKEN."
            ) from None
        except (discord.HTTPException, aiohttp.ClientError, OSError) as e:
            raise Unavailable(f"Discord cannot be reached: {e}") from e
        try:
            yield client
        except (discord.HTTPException, aiohttp.ClientError, OSError) as e:
            raise Unavailable(f"Discord did not do it: {e}") from e


class _Servers:
    """What we may do where; each server is asked about once."""

    def __init__(self, client: PaperClient) -> None:
        self._client = client
        self._known: dict[str, tuple[discord.Member, dict[int, Any]] | None] = {}

    async def check(self, channel: Channel) -> Check:
        """One line about one channel."""
        name = f"Discord {channel.workspace.id}/{channel.id}"
        if channel.workspace.id.startswith("@"):
            return Check(name=name, fine=True, text="a direct conversation")
        try:
            lacking = await self._lacking(channel)
        except discord.HTTPException as e:
            if e.code not in GONE:
                return Check(name=name, fine=False, text=f"Discord did not say: {e.text or e}")
            text = (
                "it is gone, or the bot was removed: `paperbot discord invite`, or unsubscribe it"
            )
            return Check(name=name, fine=False, text=text)
        if lacking:
            names = ", ".join(need.name for need in lacking)
            text = f"the bot lacks {names}: give them under Edit Channel › Permissions"
            return Check(name=name, fine=False, text=text)
        return Check(name=name, fine=True, text="every permission is there")

    async def _lacking(self, channel: Channel) -> tuple[Need, ...]:
        me, places = await self._server(int(channel.workspace.id))
        kind: Kind = "text"
        place = places.get(int(channel.id))
        if place is None:
            found = await self._client.fetch_channel(int(channel.id))
            if not isinstance(found, discord.Thread):
                return NEEDED["text"][:1]
            place, kind = places.get(found.parent_id), "thread"
        elif isinstance(place, discord.ForumChannel):
            kind = "forum"
        return missing(place.permissions_for(me), kind) if place else NEEDED[kind][:1]

    async def _server(self, id: int) -> tuple[discord.Member, dict[int, Any]]:
        known = self._known.get(str(id))
        if known is None:
            guild = await self._client.fetch_guild(id)
            user = self._client.user
            me = await guild.fetch_member(user.id if user else 0)
            known = me, {place.id: place for place in await guild.fetch_channels()}
            self._known[str(id)] = known
        return known
