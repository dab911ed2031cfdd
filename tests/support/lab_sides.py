"""The two chats of the crash laboratory: channels to post in, what stands there, and people who react."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import InitVar, dataclass, field
from random import Random
from typing import Any, Protocol

from adapters.discord.marks import nonce
from bot.domain.people import Channel, Message, Workspace
from tests.support.discord_state import FORUM, GUILD, THREAD, Discord
from tests.support.lab_weather import SlackWeather, Weather
from tests.support.slack_server import SlackServer

PAPER = re.compile(r"huggingface\.co/papers/(\d{4}\.\d{5})")
MARK = re.compile(r"#d:([0-9a-f]{24})")
KEYCAPS = {n: f"{n}\ufe0f\u20e3" for n in range(1, 10)}
NAMES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
PEOPLE = ("21", "22", "23")
TEAMS = 8
"""Slack takes so few posts a minute from one workspace that several are needed to keep the bot busy."""


@dataclass(frozen=True)
class Standing:
    """One message of the bot's in a channel or below it: its delivery's key as it travels, and its papers."""

    key: str
    papers: frozenset[str]
    below: bool


class Side(Protocol):
    """A platform as the laboratory uses it."""

    platform: str

    def room(self, random: Random) -> Channel:
        """A new channel."""
        ...

    def standing(self, channel: Channel) -> Sequence[Standing]:
        """Everything there, the threads included."""
        ...

    def travels_as(self, key: str) -> str:
        """A delivery's key as it is found in a message."""
        ...

    def person(self, where: Message, who: str) -> str:
        """The address of one of `PEOPLE` there."""
        ...

    def react(self, where: Message, who: str, number: int, *, added: bool = True) -> None:
        """Somebody reacts while nobody hears it, with a number or, for 0, a bookmark."""
        ...

    def down(self, *, long: bool) -> None:
        """The bot is not there; `long` is minutes."""
        ...

    @property
    def busy(self) -> int:
        """Requests under way."""
        ...


@dataclass
class InDiscord:
    """One server; text channels, and now and then a forum."""

    there: Discord
    weather: InitVar[Weather]
    platform: str = "discord"

    def __post_init__(self, weather: Weather) -> None:
        self.there.weather = weather.discord

    def room(self, random: Random) -> Channel:
        forum = random.random() < 0.15
        id = self.there.add_channel(FORUM) if forum else self.there.add_channel()
        self.there.gateway.guilds[:] = [self.there.guild()]
        return Channel(Workspace("discord", str(GUILD)), str(id))

    def standing(self, channel: Channel) -> Sequence[Standing]:
        below = [
            int(id["id"])
            for id in self.there.channels.values()
            if id["type"] == THREAD and id["parent_id"] == channel.id
        ]
        forum = self.there.channels[int(channel.id)]["type"] == FORUM
        return [
            _read(message, MARK, below=place in below and not forum)
            for place in (int(channel.id), *below)
            for message in self.there.sent(place)
        ]

    def travels_as(self, key: str) -> str:
        return nonce(key)

    def person(self, where: Message, who: str) -> str:
        del where
        return f"discord:{who}"

    def react(self, where: Message, who: str, number: int, *, added: bool = True) -> None:
        person = {"id": who, "username": f"p{who}", "discriminator": "0", "avatar": None}
        emoji = KEYCAPS[number] if number else "🔖"
        place, id = int(where.channel.id), int(where.id)
        self.there.react(place, id, person, emoji, added=added)

    def down(self, *, long: bool) -> None:
        self.there.requests.clear()
        self.there.gateway.guilds[:] = [self.there.guild()]
        if long:
            self.there.nonces.clear()

    @property
    def busy(self) -> int:
        return self.there.busy


@dataclass
class InSlack:
    """Workspaces that installed the bot."""

    slack: SlackServer
    weather: InitVar[Weather]
    platform: str = "slack"
    rooms: int = 0
    teams: list[str] = field(default_factory=list)

    def __post_init__(self, weather: Weather) -> None:
        self.slack.world.faults = SlackWeather(weather)
        for number in range(1, TEAMS + 1):
            team = f"T{number}"
            self.slack.add_team(team)
            for who in PEOPLE:
                self.slack.add_user(team, f"U{who}", f"P{who}")
            self.teams.append(team)

    def room(self, random: Random) -> Channel:
        self.rooms += 1
        team, id = self.teams[self.rooms % TEAMS], f"C{self.rooms:04}"
        self.slack.add_channel(team, id, private=random.random() < 0.2)
        return Channel(Workspace("slack", team), id)

    def standing(self, channel: Channel) -> Sequence[Standing]:
        return [
            Standing(
                key=(message.metadata or {}).get("event_payload", {}).get("key", ""),
                papers=_papers(message.payload()),
                below=message.thread_ts is not None,
            )
            for message in self.slack.messages(channel.workspace.id, channel.id)
        ]

    def travels_as(self, key: str) -> str:
        return key

    def person(self, where: Message, who: str) -> str:
        return f"slack:{where.channel.workspace.id}.U{who}"

    def react(self, where: Message, who: str, number: int, *, added: bool = True) -> None:
        team = where.channel.workspace.id
        message = self.slack.world.place(team, where.channel.id).message(where.id)
        emoji = NAMES[number - 1] if number else "bookmark"
        users = message.reactions.setdefault(emoji, [])
        if added:
            users.append(f"U{who}")
        else:
            users.remove(f"U{who}")

    def down(self, *, long: bool) -> None:
        del long  # Slack remembers
        self.slack.calls.clear()
        self.slack.world.tickets.clear()

    @property
    def busy(self) -> int:
        return self.slack.web.busy


def _read(message: Mapping[str, Any], mark: re.Pattern[str], *, below: bool) -> Standing:
    text = json.dumps([message["content"], message["embeds"], message["components"]])
    found = mark.search(text)
    return Standing(found[1] if found else "", frozenset(PAPER.findall(text)), below)


def _papers(message: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(PAPER.findall(json.dumps([message.get("blocks"), message.get("text")])))
