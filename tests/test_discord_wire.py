"""The gateway on loopback: what a connection lives through, with the real library at its end."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import discord
import pytest

from adapters.discord.messenger import DiscordMessenger
from adapters.discord.permissions import lacking, missing
from bot.domain.errors import ChannelRefused, Unavailable
from bot.domain.people import Channel, Workspace
from bot.domain.ports import Outgoing
from bot.domain.posts import Digest
from tests.support.charts import drawn
from tests.support.discord_rest import discord_on_loopback
from tests.support.discord_rules import problems, thread_problems
from tests.support.discord_state import EVERYTHING, GUILD, Discord


@pytest.fixture
async def there() -> AsyncIterator[Discord]:
    async with discord_on_loopback() as there:
        there.add_channel()
        there.gateway.guilds.append(there.guild())
        yield there


def reaction(there: Discord, emoji: str = "🔖") -> dict[str, Any]:
    """MESSAGE_REACTION_REMOVE, which names neither member nor author."""
    channel = next(iter(there.channels))
    return {
        "user_id": "9",
        "channel_id": str(channel),
        "message_id": "5",
        "guild_id": str(GUILD),
        "emoji": {"id": None, "name": emoji},
        "burst": False,
        "type": 0,
    }


class Heard:
    """The emoji of reactions that arrived."""

    def __init__(self, client: discord.Client) -> None:
        self.queue: asyncio.Queue[str] = asyncio.Queue()

        async def on_raw_reaction_remove(event: discord.RawReactionActionEvent) -> None:
            self.queue.put_nowait(str(event.emoji))

        client.event(on_raw_reaction_remove)

    async def next(self) -> str:
        async with asyncio.timeout(5):
            return await self.queue.get()


def connected(there: Discord, **options: Any) -> Any:
    return there.connected(intents=discord.Intents(guilds=True, guild_reactions=True), **options)


async def test_a_client_learns_of_its_server(there: Discord) -> None:
    """HELLO, IDENTIFY, READY and GUILD_CREATE; events follow."""
    async with connected(there) as client:
        assert [guild.name for guild in client.guilds] == ["Lab"]
        assert there.gateway.identified[0]["token"] == "t"
        heard = Heard(client)
        await there.gateway.dispatch("MESSAGE_REACTION_REMOVE", reaction(there))
        assert await heard.next() == "🔖"


@pytest.mark.parametrize("trouble", ["op 7", "op 9, resumable", "close 4000", "cut", "frozen"])
async def test_a_lost_connection_is_resumed(there: Discord, trouble: str) -> None:
    """What happened meanwhile is told again, once."""
    async with connected(there, heartbeat_timeout=0.2 if trouble == "frozen" else 5.0) as client:
        heard = Heard(client)
        match trouble:
            case "op 7":
                await there.gateway.ask_to_reconnect()
            case "op 9, resumable":
                await there.gateway.invalidate(resumable=True)
            case "close 4000":
                await there.gateway.close(4000)
            case "cut":
                await there.gateway.cut()
            case _:
                there.gateway.frozen = True
        await there.gateway.dispatch("MESSAGE_REACTION_REMOVE", reaction(there, "⭐"))
        resumed = await asyncio.wait_for(there.gateway.until(there.gateway.resumed), 5)
        assert resumed["session_id"] == "session-1"
        assert await heard.next() == "⭐"
        await there.gateway.dispatch("MESSAGE_REACTION_REMOVE", reaction(there, "🔖"))
        assert await heard.next() == "🔖"
        assert len(there.gateway.identified) == 1


async def test_a_lost_session_is_begun_anew(there: Discord) -> None:
    """Op 9: a second IDENTIFY, no RESUME."""
    async with connected(there):
        await there.gateway.invalidate()
        await asyncio.wait_for(there.gateway.until(there.gateway.identified, 2), 5)
        assert there.gateway.resumed == []


async def test_a_token_that_is_not_accepted_ends_the_connection(there: Discord) -> None:
    """Close code 4004 is not retried."""
    async with there.client(guild_ready_timeout=0.02) as client:
        task = asyncio.create_task(client.connect())
        await client.wait_until_ready()
        await there.gateway.close(4004)
        with pytest.raises(discord.ConnectionClosed) as caught:
            await asyncio.wait_for(task, 5)
        assert caught.value.code == 4004
        assert there.gateway.connects == 1


async def test_a_refused_connect_is_a_clear_answer(there: Discord) -> None:
    """503 from the gateway reaches whoever looks after the connection."""
    there.gateway.refuse = 1
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(there.gateway.url)
    assert there.gateway.connects == 1


async def test_a_refusal_names_what_is_missing(there: Discord) -> None:
    """The channel's people read which permission to give."""
    channel = next(iter(there.channels))
    held = discord.Permissions(EVERYTHING)
    held.update(send_messages=False, attach_files=False, read_message_history=False)
    there.gateway.guilds[:] = [there.guild(held.value)]
    address = Channel(Workspace("discord", str(GUILD)), str(channel))
    async with connected(there) as client:
        messenger = DiscordMessenger(client)
        there.error(403, 50013)
        with pytest.raises(ChannelRefused, match=r"Send Messages, .*Read Message History in"):
            await messenger.send(Outgoing(channel=address, post=Digest(title="x"), key="k"))
        with pytest.raises(Unavailable, match="read back in #papers") as caught:
            await messenger.find(address, "k", datetime.now(UTC) - timedelta(days=1))
        assert caught.value.retry_after is None
        assert lacking(client.get_channel(channel))
    assert missing(discord.Permissions(administrator=True)) == ()
    assert lacking(None) == ()


async def test_where_files_are_not_allowed_a_post_comes_without_its_picture(there: Discord) -> None:
    """The digest is worth more than the chart."""
    channel = next(iter(there.channels))
    held = discord.Permissions(EVERYTHING)
    held.update(attach_files=False)
    there.gateway.guilds[:] = [there.guild(held.value)]
    address = Channel(Workspace("discord", str(GUILD)), str(channel))
    async with connected(there) as client:
        post = Digest(title="x", chart=drawn())
        await DiscordMessenger(client).send(Outgoing(channel=address, post=post, key="k"))
    (posted,) = there.sent(channel)
    assert "attachment://" not in str(posted)


async def test_a_channel_of_the_cache_is_not_asked_for(there: Discord) -> None:
    """One request a post, when the gateway has told of the channel."""
    channel = next(iter(there.channels))
    address = Channel(Workspace("discord", str(GUILD)), str(channel))
    async with connected(there) as client:
        before = len(there.requests)
        outgoing = Outgoing(channel=address, post=Digest(title="x"), key="k")
        await DiscordMessenger(client).send(outgoing)
        assert len(there.requests) == before + 1


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"content": " "}, "empty message"),
        ({"content": "x" * 2_001}, "content longer than 2000"),
        ({"content": "x", "allowed_mentions": {"parse": ["users"]}}, "allowed_mentions parses"),
        ({"content": "x", "nonce": "n" * 26}, "nonce longer than 25"),
        ({"embeds": [{"description": "x" * 3_001}] * 2}, "embeds of 6002"),
        ({"embeds": [{"title": "x", "url": "u"}] * 2}, "two embeds with the url"),
        ({"embeds": [{"url": "u"}]}, "empty embed"),
        ({"flags": 1 << 15, "components": [{"type": 10, "content": "x"}] * 41}, "41 components"),
        ({"flags": 1 << 15, "components": [{"type": 10, "content": "x" * 4_001}]}, "4001 char"),
        ({"flags": 1 << 15, "components": [{"type": 10, "content": " "}]}, "empty text display"),
        ({"flags": 1 << 15, "content": "x"}, "neither content nor embeds"),
        ({"components": [{"type": 10, "content": "x"}]}, "type 10 at the top"),
        (
            {
                "content": "x",
                "components": [
                    {
                        "type": 1,
                        "components": [
                            {"type": 2, "style": 1, "label": "a", "custom_id": "same"},
                            {"type": 2, "style": 1, "label": "b", "custom_id": "same"},
                        ],
                    }
                ],
            },
            "two controls with the id same",
        ),
    ],
)
def test_the_rules_catch_what_discord_would(payload: dict[str, Any], expected: str) -> None:
    """A checker that passes everything would be worth nothing."""
    found = problems({"allowed_mentions": {"parse": []}, **payload})
    assert any(expected in problem for problem in found)
    assert thread_problems({"name": " ", "message": payload})
