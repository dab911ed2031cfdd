"""Asking in Slack, and reading what is answered there."""

import asyncio
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.commands.room import Room
from bot.desk import FrontDesk
from bot.domain.errors import StorageError
from bot.domain.ports import Caller
from bot.domain.posts import Reply
from tests.support.slack import SlackOffice
from tests.support.slack_interaction import Interaction


def words(message: Mapping[str, Any]) -> str:
    """Everything that can be read in an answer."""
    return f"{message.get('text', '')}\n{json.dumps(message.get('blocks', []), ensure_ascii=False)}"


async def asked(o: SlackOffice, text: str, *, who: str = "U1", where: str = "C1") -> Interaction:
    """Somebody types `/paper` and something behind it."""
    return await o.slack.command("T1", who, where, "/paper", text)


async def answer(o: SlackOffice, text: str, *, who: str = "U1", where: str = "C1") -> str:
    """The words of the only answer to that, once the bot has done with it."""
    done = await asked(o, text, who=who, where=where)
    (said,) = await done.answered()
    await o.settled()
    return words(said)


class Says(FrontDesk):
    """A desk with one answer to everything."""

    def __init__(self, room: Room, reply: Reply) -> None:
        super().__init__(room)
        self.reply = reply

    async def say(self, caller: Caller, text: str) -> Reply:
        return self.reply


class BreaksOnce(FrontDesk):
    """A desk with a bug that shows at the first question."""

    broken = True

    async def say(self, caller: Caller, text: str) -> Reply:
        if self.broken:
            self.broken = False
            raise RuntimeError("boom")
        return await super().say(caller, text)


class Forgets(FrontDesk):
    """A desk that cannot tell what it has heard before."""

    async def first(self, key: str, within: timedelta = timedelta(days=1)) -> bool:
        raise StorageError("locked")


class Busy(FrontDesk):
    """A desk whose database answers nobody until it is free."""

    def __init__(self, desk: FrontDesk) -> None:
        super().__init__(desk.room)
        self.free = asyncio.Event()

    async def first(self, key: str, within: timedelta = timedelta(days=1)) -> bool:
        await self.free.wait()
        return await super().first(key, within)
