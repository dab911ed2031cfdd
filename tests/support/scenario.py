"""One bot, wired as `paperbot run` wires it, and somebody in a chat of it: the same words for every platform."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import discord
import simcord
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle

from adapters.discord.client import PaperClient
from adapters.discord.messenger import DiscordMessenger
from adapters.discord.settings import Settings as DiscordSettings
from adapters.slack.connection import SlackDoor
from adapters.slack.settings import Settings as SlackSettings
from bot.app import App, open_app
from bot.commands.tokens import quote
from bot.config import Config
from bot.domain.papers import Fetched, Listing, Paper
from bot.domain.ports import Desk, Door
from tests.support.discord import words
from tests.support.fakes import FakeMessenger, FakeSource
from tests.support.slack import peopled
from tests.support.slack_server import SlackServer, slack_server
from tests.support.storage import copy_template
from tests.support.terminal import Terminal
from tests.support.world import at

EMOJI = {
    "one": "1️⃣",
    "two": "2️⃣",
    "three": "3️⃣",
    "bookmark": "🔖",
    "ballot_box_with_ballot": "🗳️",
}


BALLOT = "ballot_box_with_ballot"


class Chat(Protocol):
    """Somebody in a channel."""

    async def asks(self, command: str, **options: object) -> str:
        """What they read after a command."""
        ...

    async def reads(self) -> str:
        """What stands in the channel for everybody."""
        ...

    async def reads_alone(self) -> str:
        """What stands where they are alone with the bot."""
        ...

    async def reads_below(self) -> str:
        """What stands in the threads of the channel."""
        ...

    async def reacts(self, emoji: str, *, added: bool = True) -> None:
        """To the newest post of the bot, by Slack's name of the emoji."""
        ...

    async def votes(self, *, added: bool = True) -> None:
        """By an emoji on the newest nomination."""
        ...

    async def opens(self) -> str:
        """The file that was handed over last."""
        ...

    async def sees_a_picture(self, *, posted: bool = False) -> None:
        """Of figures, with the last answer or with the last post; in a terminal it is made of letters."""
        ...


@dataclass
class Stage:
    """The whole bot; its clock is moved by hand."""

    directory: Path
    now: datetime = field(default_factory=lambda: at("2025-05-22 12:00"))
    source: FakeSource = field(default_factory=FakeSource)
    app: App = field(init=False)

    async def tick(self, now: str) -> None:
        """The clock stands there, and turns once."""
        self.now = at(now)
        await self.app.tick()

    async def features(self, now: str, *papers: Paper) -> None:
        """Hugging Face lists them that day beside what it has, and the bot hears of it."""
        self.now = at(now)
        listing = Listing.day(self.now.date())
        there = self.source.lists.get(listing, Fetched()).papers
        self.source.publish(listing, *there, *papers)
        await self.app.ingest.poll()

    async def learns(self, paper: Paper) -> None:
        """The bot has seen a paper change."""
        await self.app.storage.archive.keep([paper], as_of=self.now)

    @asynccontextmanager
    async def runs(self, doors: Mapping[str, Door], **settings: Any) -> AsyncIterator[Desk]:
        """The bot with these doors; who has them runs them."""
        copy_template(self.directory / "paperbot.db")
        config = Config.model_validate({"data": self.directory, **settings})
        clock: Callable[[], datetime] = lambda: self.now  # noqa: E731
        async with open_app(config, doors=doors, source=self.source, clock=clock) as self.app:
            yield self.app.desk


@dataclass
class Spoken:
    """A door that somebody else keeps open."""

    messenger: Any

    async def run(self, desk: Desk) -> None:
        await asyncio.Event().wait()


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


# --- Slack


@dataclass
class InSlack:
    slack: SlackServer

    async def asks(self, command: str, **options: object) -> str:
        before = len(self.slack.messages("T1", "C1"))
        asked = await self.slack.command("T1", "U1", "C1", "/paper", line(command, options))
        assert asked.acked, asked.error
        await self.slack.until(
            lambda: asked.answers or len(self.slack.messages("T1", "C1")) > before
        )
        said = [*asked.answers, *map(_as_body, self.slack.messages("T1", "C1")[before:])]
        return "\n".join(map(read, said))

    async def reads(self) -> str:
        return "\n".join(read(_as_body(one)) for one in self.slack.messages("T1", "C1"))

    async def reads_alone(self) -> str:
        own = self.slack.team("T1").direct("U1").id
        return "\n".join(one.text for one in self.slack.messages("T1", own))

    async def reads_below(self) -> str:
        there = self.slack.messages("T1", "C1")
        return "\n".join(one.text for one in there if one.thread_ts and one.thread_ts != one.ts)

    async def reacts(self, emoji: str, *, added: bool = True) -> None:
        posts = [one for one in self.slack.messages("T1", "C1") if "Daily Papers" in one.text]
        newest = max(posts, key=lambda message: float(message.ts))
        did = self.slack.react if added else self.slack.unreact
        await did("T1", "U1", newest, emoji)

    async def votes(self, *, added: bool = True) -> None:
        posts = [one for one in self.slack.messages("T1", "C1") if "nominated it" in one.text]
        newest = max(posts, key=lambda message: float(message.ts))
        await (self.slack.react if added else self.slack.unreact)("T1", "U1", newest, BALLOT)

    async def sees_a_picture(self, *, posted: bool = False) -> None:
        about = "The week here" if posted else "The last 4 weeks"
        await self.slack.until(
            lambda: self.slack.files and self.slack.files[-1].comment.startswith(about)
        )
        file = self.slack.files[-1]
        assert (file.channel, bool(file.thread_ts)) == ("C1", True)
        alt = self.slack.called("files.getUploadURLExternal")[-1]["alt_txt"]
        check_picture(file.content, alt)

    async def opens(self) -> str:
        await self.slack.until(lambda: self.slack.files and self.slack.files[-1].channel)
        return self.slack.files[-1].content.decode()


def check_picture(content: bytes, alt: str) -> None:
    """A PNG that somebody who does not see it is told about."""
    assert content.startswith(b"\x89PNG")
    assert len(content) <= 300_000
    assert alt.startswith("Chart. ")


def _as_body(message: Any) -> dict[str, Any]:
    return {"text": message.text, "blocks": message.blocks}


def read(body: Mapping[str, Any]) -> str:
    """Everything in a message that a person can read."""
    return "\n".join(
        [str(body.get("text") or ""), *re.findall(r'"text": "((?:[^"\\]|\\.)*)"', _json(body))]
    )


def _json(body: Mapping[str, Any]) -> str:
    return json.dumps(body.get("blocks") or [], ensure_ascii=False)


@asynccontextmanager
async def in_slack(stage: Stage, **settings: Any) -> AsyncIterator[Chat]:
    """Ann, a member of the workspace, in #papers."""
    async with slack_server() as slack:
        door = slack_door(peopled(slack))
        async with stage.runs({"slack": door}, **settings) as desk, running(door, desk, slack):
            yield InSlack(slack)


def slack_door(slack: SlackServer) -> SlackDoor:
    """For one workspace, over Socket Mode."""
    token = slack.team("T1").token
    return SlackDoor(
        SlackSettings(bot_token=token, app_token=slack.app_token, api_url=slack.api_url)
    )


@asynccontextmanager
async def running(door: Door, desk: Desk, slack: SlackServer) -> AsyncIterator[None]:
    """Until the end of the block."""
    task = asyncio.create_task(door.run(desk))
    try:
        await slack.connected()
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


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


def line(command: str, options: Mapping[str, object]) -> str:
    """As it is typed where there is only text."""
    given = {name: quote(str(value)) for name, value in options.items()}
    bare = [text if name == "words" else f"{name}:{text}" for name, text in given.items()]
    return " ".join([command, *bare])


__all__ = ["Chat", "FakeMessenger", "Stage", "in_both", "in_discord", "in_slack", "in_terminal"]
