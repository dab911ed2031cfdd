"""Somebody in a chat of the bot: the same words for every platform."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import discord
import simcord
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle

from adapters.discord.client import PaperClient
from adapters.discord.messenger import DiscordMessenger
from adapters.discord.settings import Settings as DiscordSettings
from bot.domain.ports import Desk, Door
from tests.support.discord import words
from tests.support.scenario_slack import InSlack, in_slack, running, slack_door
from tests.support.slack import peopled
from tests.support.slack_server import slack_server
from tests.support.stage import BALLOT, Chat, Spoken, Stage, check_picture, line
from tests.support.terminal import Terminal

EMOJI = {
    "one": "1️⃣",
    "two": "2️⃣",
    "three": "3️⃣",
    "bookmark": "🔖",
    "ballot_box_with_ballot": "🗳️",
}


# --- a terminal


@dataclass
class InTerminal:
    terminal: Terminal
    directory: Path

    async def asks(self, command: str, **options: object) -> str:
        return await self.terminal.say(f"/paper {line(command, options)}")

    async def reads(self) -> str:
        return self.terminal.shown

    async def reads_alone(self) -> str:
        (transcript,) = (self.directory / "terminal").glob("*.jsonl")
        lines = [json.loads(line) for line in transcript.read_text().splitlines()]
        return "\n".join(one["text"] for one in lines if one.get("channel", "").startswith("@"))

    async def reads_below(self) -> str:
        (transcript,) = (self.directory / "terminal").glob("*.jsonl")
        lines = [json.loads(line) for line in transcript.read_text().splitlines()]
        return "\n".join(one["text"] for one in lines if one.get("thread"))

    async def reacts(self, emoji: str, *, added: bool = True) -> None:
        number = list(EMOJI).index(emoji) + 1
        await self.terminal.say(f"{'react' if added else 'unreact'} {number}")

    async def votes(self, *, added: bool = True) -> None:
        await self.terminal.say(f"{'react' if added else 'unreact'} 🗳️")

    async def opens(self) -> str:
        return self.terminal.shown

    async def sees_a_picture(self, *, posted: bool = False) -> None:
        said = "Papers a day" if posted else "Papers a week"
        assert said in self.terminal.shown
        assert "█" in self.terminal.shown


@asynccontextmanager
async def in_terminal(stage: Stage, **settings: Any) -> AsyncIterator[Chat]:
    """One person who types."""
    terminal = Terminal(_NoDesk(), downloads=stage.directory, data=stage.directory)
    async with stage.runs({"terminal": terminal.door}, **settings) as terminal.desk:
        yield InTerminal(terminal, stage.directory)


class _NoDesk(Desk):
    """Until the bot is there."""


# --- Discord


@dataclass
class InDiscord:
    env: simcord.Env
    desk: Desk
    channel: ChannelHandle
    ann: MemberActor
    last: Any = None

    async def asks(self, command: str, **options: object) -> str:
        group = next(one.group for one in self.desk.commands if one.name == command)
        path = " ".join(filter(None, ("paper", group, command)))
        result = await self.ann.slash(self.channel, path, **options)
        self.last = result.response
        return words(result.response)

    async def reads(self) -> str:
        return "\n".join(words(message) for message in self.channel.history())

    async def reads_alone(self) -> str:
        return "\n".join(words(message) for message in self.ann.user.dm_channel.history())

    async def reads_below(self) -> str:
        threads = self.channel.threads
        return "\n".join(words(one) for thread in threads for one in thread.history())

    async def reacts(self, emoji: str, *, added: bool = True) -> None:
        posts = [one for one in self.channel.history() if "Daily Papers" in words(one)]
        newest = max(posts, key=lambda message: message.id)
        react = self.ann.react if added else self.ann.unreact
        await react(newest, EMOJI[emoji])

    async def votes(self, *, added: bool = True) -> None:
        posts = [one for one in self.channel.history() if "nominated it" in words(one)]
        newest = max(posts, key=lambda message: message.id)
        await (self.ann.react if added else self.ann.unreact)(newest, EMOJI[BALLOT])

    async def sees_a_picture(self, *, posted: bool = False) -> None:
        newest = max(self.channel.history(), key=lambda message: message.id)
        (attached,) = (newest if posted else self.last).attachments
        check_picture(await attached.read(), attached.description or "")

    async def opens(self) -> str:
        (attached,) = self.last.attachments
        return (await attached.read()).decode()


@asynccontextmanager
async def in_discord(stage: Stage, **settings: Any) -> AsyncIterator[Chat]:
    """Ann, who manages the server."""
    client = PaperClient(DiscordSettings(token="t"), stage.directory, shard_count=1)
    doors = {"discord": Spoken(DiscordMessenger(client))}
    async with stage.runs(doors, **settings) as desk, _simulated(client, desk) as chat:
        yield chat


@asynccontextmanager
async def _simulated(client: PaperClient, desk: Desk) -> AsyncIterator[InDiscord]:
    client.serve(desk)
    async with simcord.run(client, shard_count=1) as env:
        guild = env.create_guild("Lab")
        boss = guild.create_role("boss", permissions=discord.Permissions(manage_guild=True))
        ann = guild.add_member(env.create_user("ann"), roles=[boss])
        yield InDiscord(env, desk, guild.create_text_channel("papers"), ann)


@asynccontextmanager
async def in_both(stage: Stage, **settings: Any) -> AsyncIterator[tuple[Chat, Chat]]:
    """One bot on Discord and on Slack."""
    client = PaperClient(DiscordSettings(token="t"), stage.directory, shard_count=1)
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(slack_server())
        door = slack_door(peopled(slack))
        doors: dict[str, Door] = {"discord": Spoken(DiscordMessenger(client)), "slack": door}
        desk = await stack.enter_async_context(stage.runs(doors, **settings))
        chat = await stack.enter_async_context(_simulated(client, desk))
        await stack.enter_async_context(running(door, desk, slack))
        yield chat, InSlack(slack)


__all__ = ["Chat", "Stage", "in_both", "in_discord", "in_slack", "in_terminal"]
