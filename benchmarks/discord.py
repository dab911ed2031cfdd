"""How soon a command from Discord is answered: gateway event in, first response out, both on loopback.

The archive is made up and as large as asked; commands come one by one, then all at once.
"""

import argparse
import asyncio
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from adapters.discord.connection import DiscordDoor
from adapters.sample import SampleFeed
from benchmarks.archive import QUERIES, load, made_up_file
from benchmarks.machine import machine, spread
from bot.app import open_app
from bot.config import Config
from storage import Storage
from tests.support.discord_rest import discord_on_loopback
from tests.support.discord_state import EVERYTHING, GUILD, ME, Discord


class Answers(list[tuple[str, Any]]):
    """Answers to interactions, each with the instant it arrived."""

    def __init__(self) -> None:
        super().__init__()
        self.at: dict[str, float] = {}
        self.latest = 0.0
        self.arrived = asyncio.Event()

    def append(self, answer: tuple[str, Any]) -> None:
        super().append(answer)
        self.latest = time.perf_counter()
        self.at.setdefault(answer[0].split("/")[2], self.latest)
        self.arrived.set()

    async def of(self, ids: list[str]) -> list[float]:
        """When each of these was answered first."""
        while not all(id in self.at for id in ids):
            self.arrived.clear()
            await self.arrived.wait()
        return [self.at[id] for id in ids]


def asking(there: Discord, channel: int, words: str) -> dict[str, Any]:
    """`/paper search words:…` as the gateway tells of it."""
    user = {**ME, "id": "9", "username": "ann", "bot": False}
    option = {"type": 3, "name": "words", "value": words}
    options = [{"type": 1, "name": "search", "options": [option]}]
    return {
        "id": str(there.snowflake()),
        "application_id": ME["id"],
        "type": 2,
        "token": "t",
        "version": 1,
        "guild_id": str(GUILD),
        "channel_id": str(channel),
        "channel": there.channels[channel] | {"permissions": str(EVERYTHING)},
        "member": {"user": user, "roles": [], "joined_at": "2025-01-01T00:00:00+00:00", "flags": 0}
        | {"permissions": str(EVERYTHING), "deaf": False, "mute": False},
        "app_permissions": str(EVERYTHING),
        "locale": "en-US",
        "entitlements": [],
        "authorizing_integration_owners": {"0": str(GUILD)},
        "context": 0,
        "attachment_size_limit": 10_485_760,
        "data": {"id": "1", "name": "paper", "type": 1, "options": options},
    }


async def measure(there: Discord, channel: int, times: int, burst: int) -> None:
    """Print a line for commands one by one and a line for many at once."""
    answers = Answers()
    there.answers = answers
    texts = [QUERIES[n % len(QUERIES)] for n in range(times + len(QUERIES))]
    taken = []
    for text in texts:
        interaction = asking(there, channel, text)
        begun = time.perf_counter()
        await there.gateway.dispatch("INTERACTION_CREATE", interaction)
        taken.append((await answers.of([interaction["id"]]))[0] - begun)
    warm = sorted(taken[len(QUERIES) :])
    print(f"one by one    {spread(warm)}, p95 {warm[int(len(warm) * 0.95)] * 1e3:.1f} ms")
    together = [asking(there, channel, QUERIES[n % len(QUERIES)]) for n in range(burst)]
    begun = time.perf_counter()
    for interaction in together:
        await there.gateway.dispatch("INTERACTION_CREATE", interaction)
    ends = sorted(await answers.of([one["id"] for one in together]))
    last = ends[-1] - begun
    while time.perf_counter() - answers.latest < 1.0:  # noqa: ASYNC110 -- silence is no event
        await asyncio.sleep(0.1)
    print(f"{burst} at once   all answered, the last after {last * 1e3:.0f} ms")


async def prepared(storage: Storage, folder: Path, papers: int) -> None:
    path = made_up_file(folder, papers)
    tally, seconds = await load(storage, path)
    print(f"{tally.new} papers in the archive, after {seconds:.0f} s")


async def run(papers: int, times: int, burst: int) -> None:
    """The whole bot behind a real client."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with discord_on_loopback() as there:
            channel = there.add_channel()
            there.gateway.guilds.append(there.guild())
            door = DiscordDoor(there.settings, folder)
            source = SampleFeed(lambda _: None)  # type: ignore[arg-type,return-value]  # never asked
            app_of = open_app(Config(data=folder), doors={"discord": door}, source=source)
            async with app_of as app:
                await prepared(app.storage, folder, papers)
                running = asyncio.create_task(door.run(app.desk))
                await there.gateway.until(there.gateway.identified)
                await asyncio.sleep(1)  # the server's channels have arrived
                await measure(there, channel, times, burst)
                running.cancel()
                with suppress(asyncio.CancelledError):
                    await running


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--burst", type=int, default=200)
    options = parser.parse_args()
    print(machine())
    asyncio.run(run(options.papers, options.times, options.burst))


if __name__ == "__main__":
    main()
