"""Somebody in a Slack workspace, and the bot there."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from adapters.slack.connection import SlackDoor
from adapters.slack.settings import Settings as SlackSettings
from bot.domain.ports import Desk, Door
from tests.support.slack import peopled
from tests.support.slack_server import SlackServer, slack_server
from tests.support.stage import BALLOT, Chat, Stage, check_picture, line


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
