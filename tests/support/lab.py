"""The crash laboratory: `paperbot run` against a loopback Discord, Slack and Hugging Face, killed again and again.

A round begins with an empty database. While the bot is dead, people subscribe, papers come out and posts get
emoji; in each of its lives something else goes wrong, and SIGKILL ends it. Then it lives once in peace, and every
paper has to stand in every channel just as often as it was ordered.
"""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from bot.domain.people import Channel
from bot.domain.subscriptions import Layout
from storage.sealing import new_key
from tests.support.cradle import Cradle
from tests.support.discord_rest import discord_on_loopback
from tests.support.huggingface import FakeHub
from tests.support.lab_books import Books, Owed, books
from tests.support.lab_databases import Ground, trouble
from tests.support.lab_fates import Fate
from tests.support.lab_people import People
from tests.support.lab_sides import InDiscord, InSlack, Side, Standing
from tests.support.lab_tally import Tally
from tests.support.lab_weather import Weather
from tests.support.slack_server import slack_server

LONG = 50
"""Kills of a round that lasts for more than a minute: in one, a live edition looks just once for late papers."""
CATCHING_UP = 2
"""Kills while it finds out about reactions."""
CALM = 90.0
"""Seconds in which the last life has to bring everything to its end."""

CONFIG = """
data = "{folder}"
log = "info"
tick_seconds = 0.2
[storage]
url = "{database}"
index = "{folder}/index"
keys = ["{key}"]
[huggingface]
url = "{hub}"
backfill_days = 1
[delivery]
retry_minutes = 0.01
"""
DISCORD = """
[discord]
token = "t"
api_url = "{url}/api/v10"
gateway_url = "{gateway}"
"""
SLACK = """
[slack]
client_id = "1.2"
client_secret = "client-secret"
app_token = "xapp-1"
api_url = "{api}"
[web]
listen = "127.0.0.1:0"
url = "http://127.0.0.1"
"""


@dataclass
class Laboratory:
    """One round's bot, and the world around it."""

    folder: Path
    ground: Ground
    key: str
    seed: str
    people: People
    hub: FakeHub
    cradle: Cradle
    sides: Sequence[Side]
    weather: Weather
    tally: Tally

    @asynccontextmanager
    async def books(self) -> AsyncIterator[Books]:
        """The bot's database, from outside."""
        async with books(self.ground.url, [self.key]) as book:
            yield book

    async def applaud(self) -> None:
        """People react."""
        async with self.books() as book:
            self.tally.reactions.update(await self.people.applaud(book, self.sides))

    # --- lives

    async def live(self, number: int, fate: Fate) -> None:
        """One life, to its end."""
        self.weather.turn(_dice(f"{self.seed}/{number}"), fate.weather)
        self.tally.faults["Hugging Face"] += fate.upset(self.hub)
        life = await self.cradle.born(afresh=fate.afresh)
        ended = asyncio.create_task(life.ended())
        try:
            async with trouble(self.ground, fate, life.pid, self.tally.faults):
                await self._until(fate, ended)
        finally:
            if not ended.done():
                self.tally.orphans += sum(side.busy for side in self.sides)
                life.kill()
                self.tally.kills += 1
            status = await ended
        if status != -signal.SIGKILL:
            self.tally.ends[f"ended by itself with {status}"] += 1
        self.hub._faults.clear()
        # Discord allows 1000 connections a day, and the bot slows down long before that: a day has passed
        (self.folder / "discord" / "identifies.json").unlink(missing_ok=True)
        await self._idle()
        for side in self.sides:
            side.down(long=fate.long_down)

    async def _until(self, fate: Fate, ended: "asyncio.Task[int]") -> None:
        """The instant of the kill: so long after the first post, or after its birth."""
        if fate.early:
            await asyncio.wait({ended}, timeout=fate.after)
            return
        for _ in range(200):
            if self.weather.posts or ended.done():
                break
            await asyncio.sleep(0.01)
        await asyncio.wait({ended}, timeout=fate.after)

    async def _idle(self) -> None:
        """Until the platforms have done with what the dead had asked for: to load the program would take longer."""
        while any(side.busy for side in self.sides):  # noqa: ASYNC110 -- what ends is no event of ours
            await asyncio.sleep(0.01)

    async def rest(self, within: float, *, applause: bool = False) -> None:
        """A life in peace until there is nothing left to do, or so many seconds have passed.

        It ends by a kill or, with `applause`, when it has to know every emoji as well, as it is told to.
        """
        self.weather.turn(_dice(f"{self.seed}/rest"), "fair")
        life = await self.cradle.born()
        ended = asyncio.create_task(life.ended())
        wanted = signal.SIGTERM if applause else signal.SIGKILL
        try:
            async with asyncio.timeout(within), self.books() as book:
                while await self._restless(book, applause=applause):
                    await asyncio.wait({ended}, timeout=0.2)
                    assert not ended.done(), "the bot ended by itself"
        except TimeoutError:
            self.tally.complaints.append(f"not done within {within:.0f} s")
        finally:
            if not ended.done():
                life.kill(wanted)
            status = await ended
        await self._idle()
        self.tally.kills += wanted == signal.SIGKILL
        if status != (0 if applause else -signal.SIGKILL):
            self.tally.complaints.append(f"a life in peace ended with {status}")

    async def _restless(self, book: Books, *, applause: bool) -> bool:
        if await self.people.look_again(book) or await book.unfinished():
            return True
        saved = {(person, origin): paper for person, origin, paper in await book.saves()}
        return applause and saved != self.people.emoji

    # --- afterwards

    async def check(self) -> None:
        """Count what stands in every channel against what was ordered there."""
        async with self.books() as book:
            covered = await book.covered()
            for channel in dict.fromkeys(order.channel for order in self.people.orders):
                self._count(channel, await book.owed(str(channel)), covered)
            self._count_saves(await book.saves())
            for id, reason in (await book.paused()).items():
                self.tally.complaints.append(f"{id} rests: {reason}")

    def _count(
        self, channel: Channel, owed: Sequence[Owed], covered: dict[str, str | None]
    ) -> None:
        name, tally = channel.platform, self.tally
        side = next(one for one in self.sides if one.platform == name)
        found, wanted = side.standing(channel), Counter[str]()
        keys = Counter({side.travels_as(one.key): 1 for one in owed})
        tally.compare(f"{channel} delivery", name, keys, Counter(one.key for one in found))
        for order in (one for one in self.people.orders if one.channel == channel):
            times = 2 if order.terms.layout is Layout.THREAD else 1
            due = self.people.due(order, covered[order.id]) or set()
            wanted.update(dict.fromkeys(due, times))
        tally.compare(f"{channel} paper", name, wanted, _papers(found))
        tally.messages[name] += len(found)
        tally.papers[name] += len(wanted)
        for one in owed:
            if one.state != "sent":
                tally.complaints.append(f"{one.key} is {one.state}: {one.reason}")

    def _count_saves(self, saves: Iterable[tuple[str, str, str]]) -> None:
        found = Counter(f"{person} {origin} {paper}" for person, origin, paper in saves)
        emoji = self.people.emoji.items()
        wanted = Counter(f"{who} {act} {paper}" for (who, act), paper in emoji)
        self.tally.compare("save", "saves", wanted, found)


def _dice(seed: str) -> Random:
    """A schedule of its own for each thing, so that one that takes longer does not change the others."""
    return Random(seed)


def _papers(found: Iterable[Standing]) -> Counter[str]:
    return Counter(paper for one in found for paper in one.papers)


@asynccontextmanager
async def laboratory(
    folder: Path, seed: str, platforms: Sequence[str], tally: Tally, ground: Ground
) -> AsyncIterator[Laboratory]:
    """A round's, furnished."""
    weather, key, sides = Weather(faults=tally.faults), new_key(), list[Side]()
    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(FakeHub())
        config = CONFIG.format(folder=folder, database=ground.url, key=key, hub=hub.url)
        if "discord" in platforms:
            there = await stack.enter_async_context(discord_on_loopback())
            config += DISCORD.format(url=there.url, gateway=there.gateway.url)
            sides.append(InDiscord(there, weather))
        if "slack" in platforms:
            slack = await stack.enter_async_context(slack_server())
            config += SLACK.format(api=slack.api_url)
            sides.append(InSlack(slack, weather))
        (folder / "config.toml").write_text(config)
        cradle = Cradle(folder / "config.toml", folder / "paperbot.log")
        lab = Laboratory(
            folder=folder,
            ground=ground,
            key=key,
            seed=seed,
            people=People(_dice(f"{seed}/people"), hub),
            hub=hub,
            cradle=await stack.enter_async_context(cradle),
            sides=sides,
            weather=weather,
            tally=tally,
        )
        lab.people.begin()
        async with lab.books() as book:
            for side in sides:
                for team in side.teams if isinstance(side, InSlack) else ():
                    await book.install(team)
        yield lab


async def round_of(lab: Laboratory, kills: int, calm: float = CALM) -> None:
    """So many lives that end badly, and one that does not.

    The last ones post nothing new: people react to what the bot looks through when it starts, its latest posts.
    """
    fates = _dice(f"{lab.seed}/fates")
    for number in range(kills - CATCHING_UP - 1):
        fate = Fate.drawn(fates, number)
        async with lab.books() as book:
            await _between(lab, book, number, kills, fate.orders)
        await lab.live(number, fate)
    async with lab.books() as book:
        await book.end_waits()
    await lab.rest(calm)
    for number in range(kills - CATCHING_UP, kills):
        await lab.applaud()
        await lab.live(number, Fate.drawn(fates, number).shortly(fates))
    await lab.applaud()
    await lab.rest(calm, applause=True)
    await lab.check()


async def _between(lab: Laboratory, book: Books, number: int, kills: int, orders: int) -> None:
    """What people do before a life begins."""
    if lab.ground.shared:
        await book.end_leases()
    for side in lab.sides:
        for _ in range(orders):
            await lab.people.subscribe(book, side)
    if number == kills // 3 or (number == kills * 2 // 3 and kills >= LONG):
        lab.people.publish()
    await lab.people.look_again(book)
