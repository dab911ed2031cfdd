"""The connection: kept up through outages, spared from itself, and given up in one clear line."""

import asyncio
import json
import logging
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import discord
import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route

from adapters.discord import door as open_door
from adapters.discord.client import Unreachable, intents
from adapters.discord.connection import DiscordDoor
from adapters.discord.identify import FREE, Identifies, earliest
from adapters.discord.invite import invitation
from adapters.discord.operate import check, invite, sync
from adapters.discord.settings import Settings, read_settings
from bot.commands.catalogue import COMMANDS
from bot.domain.errors import ConfigError, TryLater
from bot.domain.people import Channel
from bot.domain.ports import Outgoing
from bot.domain.posts import Notice
from tests.support.discord_api import APPLICATION, furnish, standing_in
from tests.support.rooms import Office


@asynccontextmanager
async def running(door: DiscordDoor) -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.create_task(door.run(Office().desk))
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(condition: Any, seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 -- what is waited for is another program's doing
            await asyncio.sleep(0.01)


async def test_it_connects_to_the_stand_in_and_to_nothing_else(tmp_path: Path) -> None:
    """The settings reach this one client; the library's own addresses stay as they are."""
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    async with standing_in() as there:
        door = DiscordDoor(there.settings, tmp_path)
        async with running(door):
            await until(lambda: there.sent == ["identify"])
            assert [path for path, _ in there.told] == ["applications/200000001/commands"]
    assert before == (Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY)


async def test_a_refused_token_is_one_line_and_the_door_rests(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It does not return, since that would stop the other platforms; nor does it ask again."""
    async with standing_in() as there:
        there.token = "another"
        door = DiscordDoor(there.settings, tmp_path)
        async with running(door) as task:
            await until(lambda: "refuses the token" in caplog.text)
            await asyncio.sleep(0.1)
            assert not task.done()
            assert len(there.tokens) == 1
    (line,) = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert "Developer Portal" in line.getMessage()
    assert line.exc_info is None
    assert "good" not in caplog.text


async def test_a_token_revoked_while_connected_is_one_line_too(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Close code 4004."""
    async with standing_in() as there:
        there.closes = [4004]
        async with running(DiscordDoor(there.settings, tmp_path)) as task:
            await until(lambda: "refuses the token" in caplog.text)
            assert not task.done()
            assert there.sent == ["identify"]


async def test_a_gateway_that_is_not_there_yet_is_waited_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """With longer and longer pauses, and a line without a traceback for each."""
    async with standing_in() as there:
        settings = there.settings
    door = DiscordDoor(settings, tmp_path)
    async with running(door) as task:
        await until(lambda: "discord.down" in caplog.text)
        assert not task.done()
    assert "Traceback" not in caplog.text
    with pytest.raises(TryLater):
        await door.messenger.send(
            Outgoing(channel=Channel.parse("discord:1/2"), post=Notice(text="x"), key="k")
        )


async def test_after_an_outage_it_is_there_again(tmp_path: Path) -> None:
    """The same client, its commands and buttons, on a new connection; answers go out over it."""
    async with standing_in() as there:
        there.answers["gateway/bot"] = (404, {"code": 0, "message": "nothing here"})
        door = DiscordDoor(there.settings, tmp_path, first_wait=0.05)
        async with running(door):
            await until(lambda: len(there.tokens) > 4)
            assert there.sent == []
            del there.answers["gateway/bot"]
            await until(lambda: there.sent == ["identify"])
            assert len(there.told) == 1


async def test_a_gateway_that_refuses_is_left_to_us_not_to_the_library(tmp_path: Path) -> None:
    """The library would try for ever, every try one call deeper in its stack than the last."""
    client = open_door({"token": "t"}, tmp_path).client
    client._launched.add(0)
    with pytest.raises(Unreachable):
        await client.launch_shard(DiscordWebSocket.DEFAULT_GATEWAY, 0)


async def test_after_a_lost_connection_it_resumes(tmp_path: Path) -> None:
    """Discord replays what was missed; nothing is identified anew."""
    async with standing_in() as there:
        door = DiscordDoor(there.settings, tmp_path)
        async with running(door):
            await until(lambda: there.sent == ["identify"])
            await asyncio.sleep(0.05)  # until what was sent has been read
            (socket,) = there.sockets
            await socket.close(code=4000)
            await until(lambda: "resume" in there.sent)
            assert there.sent == ["identify", "resume"]


@pytest.mark.parametrize("shards", [1, 4])
def test_a_loop_of_crashes_stays_far_below_the_limit(shards: int) -> None:
    """Whatever starts us again and again: fewer than 300 IDENTIFYs a day and shard, not 1000."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    end = now + timedelta(days=2)
    past: list[datetime] = []
    while now < end:
        past = [time for time in past if time > now - timedelta(days=1)]
        now = earliest(past, now, shards) + timedelta(seconds=1)
        past.append(now)
        assert len(past) < 300 * shards + 2


async def test_the_times_outlive_the_process(tmp_path: Path) -> None:
    """A file in the data folder; one that is torn counts as none."""
    file = tmp_path / "discord" / "identifies.json"
    now = datetime.now(UTC)
    for n in range(FREE):
        Identifies(file).count(now - timedelta(seconds=n))
    assert len(json.loads(file.read_text())) == FREE
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await Identifies(file).wait()
    file.write_text("{")
    await Identifies(file).wait()
    assert len(json.loads(file.read_text())) == 1


def test_importing_the_adapter_is_cheap_and_doors_can_be_built_twice() -> None:
    """discord.py is loaded by the first door, and the factory stays a factory."""
    code = "import sys, adapters.discord; sys.exit('discord' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert open_door({"token": "t"}, None).client is not open_door({"token": "t"}, None).client


def test_no_intent_is_privileged() -> None:
    """Nothing has to be switched on in the portal, and no review is needed."""
    asked = {name for name, on in intents() if on}
    assert asked == {"guilds", "guild_reactions", "dm_reactions"}
    assert not asked & {"members", "presences", "message_content"}


def test_nothing_is_kept_in_memory_that_is_not_needed() -> None:
    """No messages, no members."""
    client = open_door({"token": "t"}, None).client
    assert client._connection.max_messages is None
    assert client._connection.member_cache_flags == discord.MemberCacheFlags.none()
    assert client.allowed_mentions
    assert client.allowed_mentions.to_dict() == {"parse": []}


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, "DISCORD_TOKEN"),
        ({"token": "a b"}, "without spaces"),
        ({"token": "t", "colour": 1}, "`colour`"),
        ({"token": "t", "gateway_url": "https://x"}, "wss://"),
    ],
)
def test_a_wrong_setting_is_told_with_its_fix(settings: dict[str, Any], told: str) -> None:
    """In one line, which has no token in it."""
    with pytest.raises(ConfigError, match=told):
        read_settings(settings)
    assert "secret" not in repr(Settings(token="secret"))


async def test_commands_can_be_registered_by_hand() -> None:
    """Everywhere, or for one server while trying things out."""
    async with standing_in() as there:
        settings = {
            "token": "good",
            "api_url": there.settings.api_url,
            "gateway_url": there.settings.gateway_url,
        }
        assert "everywhere" in await sync(settings, COMMANDS, None)
        assert "in 1 server" in await sync(settings, COMMANDS, 77)
        paths = [path for path, _ in there.told]
        assert paths[1] == "applications/200000001/guilds/77/commands"
        assert {one["name"] for one in there.told[0][1]} >= {"paper", "Paper details"}
        lines = await invite(settings)
        assert lines[0] == invitation(200000001)


async def test_the_doctor_looks_at_every_channel() -> None:
    """Token, intents, and for each channel what lacks and how it is given."""
    async with standing_in() as there:
        furnish(there)
        addresses = ("500000001/1", "500000001/2", "500000001/3", "600000001/9", "@7/8")
        channels = [Channel.parse(f"discord:{address}") for address in addresses]
        found = [one async for one in check(there.settings, channels)]
    assert [one.fine for one in found] == [True, True, True, True, False, False, False, True]
    assert "Send Messages" in found[4].text
    assert "gone" in found[5].text
    assert "invite" in found[6].text


async def test_the_doctor_sees_commands_going_elsewhere() -> None:
    """With an address in the portal Discord asks that one, and we would sit there and wait."""
    async with standing_in() as there:
        elsewhere = {**APPLICATION, "interactions_endpoint_url": "https://x.example/hook"}
        there.answers["oauth2/applications/@me"] = (200, elsewhere)
        found = [one async for one in check(there.settings, ())]
    assert not found[-1].fine
    assert "Interactions Endpoint URL" in found[-1].text


async def test_the_doctor_says_when_the_token_is_refused() -> None:
    """And nothing else, since nothing else can be known."""
    async with standing_in() as there:
        there.token = "another"
        (found,) = [one async for one in check(there.settings, ())]
    assert not found.fine
    assert "Reset" in found.text or "reset" in found.text
