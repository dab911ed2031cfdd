"""Three `paperbot run` on one PostgreSQL, of which one is killed every few seconds: is each post there just once, and
how soon does another take over?

Discord and Hugging Face are on loopback, in this process; the replicas are programs of their own.
"""

import argparse
import asyncio
import logging
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert
from sqlmodel import func, select

from benchmarks.machine import machine
from bot.domain.people import Channel, Person
from bot.domain.subscriptions import Edition, Subscription, Terms
from bot.editions import settled_day
from storage import Storage, open_storage
from storage.subscriptions import row_of
from storage.tables import DeliveryRow, SubscriptionRow
from tests.support.discord_api import standing_in
from tests.support.discord_rest import discord_on_loopback
from tests.support.discord_shards import ShardedDiscord
from tests.support.discord_state import GUILD, Discord
from tests.support.huggingface import FakeHub, make_item
from tests.support.postgres import Server

ROOT = Path(__file__).parent.parent
CONFIG = """
data = "{data}"
log = "warning"
tick_seconds = 0.5
[storage]
url = "{url}"
[huggingface]
url = "{hub}"
backfill_days = 1
[discord]
token = "{name}"
api_url = "{discord}/api/v10"
gateway_url = "{gateway}"
"""


@dataclass
class Replicas:
    """Programs by their names; a dead one comes back under another."""

    folder: Path
    url: str
    hub: str
    discord: str
    gateway: str
    alive: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)
    born: int = 0

    async def start(self) -> str:
        name = f"replica{self.born}"
        self.born += 1
        file = self.folder / f"{name}.toml"
        data = self.folder / name
        facts = {"url": self.url, "hub": self.hub, "discord": self.discord, "name": name}
        file.write_text(CONFIG.format(data=data, gateway=self.gateway, **facts))
        with (self.folder / f"{name}.log").open("wb") as log:
            self.alive[name] = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot", "run", "--config", str(file)),
                cwd=ROOT,
                stdin=asyncio.subprocess.DEVNULL,
                stderr=log,
            )
        return name

    async def kill(self, name: str) -> None:
        process = self.alive.pop(name)
        process.kill()
        await process.wait()

    async def stop(self) -> list[int]:
        """SIGTERM to all; how they ended."""
        for process in self.alive.values():
            process.terminate()
        return [await process.wait() for process in self.alive.values()]


@asynccontextmanager
async def replicas(folder: Path, database: str, **where: str) -> AsyncIterator[Replicas]:
    it = Replicas(folder, database, **where)
    try:
        yield it
    finally:
        for name in list(it.alive):
            if it.alive[name].returncode is None:
                await it.kill(name)


async def until(condition: object, seconds: float) -> None:
    assert callable(condition)
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 -- what is waited for is another program's doing
            await asyncio.sleep(0.02)


# --- deliveries


async def fill(storage: Storage, channels: list[int]) -> None:
    """An order for each channel, whose hour has come."""
    now = datetime.now(UTC)
    terms = Terms(at=(now - timedelta(minutes=5)).time().replace(microsecond=0), tz="UTC")
    rows = [
        row_of(
            Subscription(
                id=f"s{number}",
                channel=Channel.parse(f"discord:{GUILD}/{channel}"),
                edition=Edition.DAILY,
                terms=terms,
                created_by=Person("discord", "9"),
                created_at=now - timedelta(days=1),
                next_run_at=now - timedelta(minutes=5),
            )
        ).model_dump()
        for number, channel in enumerate(channels)
    ]
    async with storage.database.write() as session:
        connection = await session.connection()
        for first in range(0, len(rows), 1_000):
            await connection.execute(insert(SubscriptionRow), rows[first : first + 1_000])


async def states(storage: Storage) -> Counter[str]:
    counted = select(DeliveryRow.state, func.count()).group_by(DeliveryRow.state)
    async with storage.database.read() as session:
        return Counter(dict((await session.exec(counted)).all()))


async def deliver(folder: Path, url: str, orders: int, kills: int, every: float) -> None:
    """Each order once, whoever dies."""
    day = settled_day(datetime.now(UTC))
    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(FakeHub(today=day + timedelta(days=1)))
        hub.put_day(day, [make_item(f"2505.0000{n}", f"Paper {n}", day=day) for n in range(1, 6)])
        there: Discord = await stack.enter_async_context(discord_on_loopback())
        channels = [there.add_channel() for _ in range(orders)]
        storage = await stack.enter_async_context(open_storage(url, folder / "index"))
        await fill(storage, channels)
        where = {"hub": hub.url, "discord": there.url, "gateway": there.gateway.url}
        them = await stack.enter_async_context(replicas(folder, url, **where))
        for _ in range(3):
            await them.start()

        def posts() -> int:
            return sum(map(len, there.messages.values()))

        await until(lambda: posts() > 0, 120)
        begun, killed = time.monotonic(), 0
        while (now := await states(storage))["sent"] < orders:
            if killed < kills and posts() < orders:
                await them.kill(random.choice(list(them.alive)))
                await them.start()
                killed += 1
            await asyncio.sleep(every)
            seconds = time.monotonic() - begun
            print(f"  {seconds:5.0f} s: {posts()} posts, {killed} kills, {dict(now)}", flush=True)
        seconds = time.monotonic() - begun
        counts = Counter(len(there.messages[channel]) for channel in channels)
        ends = await them.stop()
    doubled = sum(count - 1 for count in counts.elements() if count > 1)
    print(
        f"{orders} orders, 3 replicas, {killed} kills, one every {every:.0f} s: all done after {seconds:.0f} s"
    )
    print(f"lost {counts[0]}, doubled {doubled}; those that were stopped ended with {ends}")


# --- shards


async def take_over(folder: Path, url: str, shards: int, kills: int) -> None:
    """From the kill of one of two replicas to the first IDENTIFY of a shard it had, and to the last."""
    first, last = [], []
    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(FakeHub())
        there = await stack.enter_async_context(standing_in(ShardedDiscord(shards)))
        assert isinstance(there, ShardedDiscord)
        gateway = there.base.replace("http", "ws") + "/gateway/"
        where = {"hub": hub.url, "discord": there.base, "gateway": gateway}
        them = await stack.enter_async_context(replicas(folder, url, **where))
        for _ in range(2):
            await them.start()
        for _ in range(kills):
            await until(lambda: there.spread().keys() == them.alive.keys(), 120)
            await asyncio.sleep(random.uniform(0, 3))
            victim = random.choice(list(them.alive))
            await them.kill(victim)
            died = time.monotonic()
            await until(lambda: len(there.spread()) == 1, 120)
            begun = sorted(one.begun - died for one in there.sessions if one.begun > died)
            first.append(begun[0])
            last.append(begun[-1])
            await them.start()
        overlaps = len(there.overlaps())
    print(
        f"{shards} shards on 2 replicas, {kills} kills: the first of the dead one's shards is taken over after "
        f"{statistics.median(first):.1f} s (longest {max(first):.1f}), the last after "
        f"{statistics.median(last):.1f} s (longest {max(last):.1f}); {overlaps} shards with two listeners"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=8)
    parser.add_argument("--every", type=float, default=5.0, help="seconds")
    parser.add_argument("--takeovers", type=int, default=5)
    parser.add_argument("--shards", type=int, default=4)
    wanted = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)
    print(machine())
    with tempfile.TemporaryDirectory(prefix="paperbot-") as folder:
        server = Server(Path(folder) / "pg")
        server.start()
        try:
            if wanted.takeovers:
                server.say("CREATE DATABASE shards")
                asyncio.run(
                    take_over(Path(folder), server.url("shards"), wanted.shards, wanted.takeovers)
                )
            if wanted.orders:
                server.say("CREATE DATABASE orders")
                work = deliver(
                    Path(folder), server.url("orders"), wanted.orders, wanted.kills, wanted.every
                )
                asyncio.run(work)
        finally:
            server.kill()


if __name__ == "__main__":
    main()
