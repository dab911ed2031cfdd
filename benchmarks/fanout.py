"""What a digest for many channels costs: planned, rendered and recorded, and sent to a server on loopback.

Every channel is a Slack channel in a workspace of its own, so that nothing is slowed down by Slack's limits; each
gets a digest of ten papers. The databases write through to the disk. Every figure comes from a new process.
"""

import argparse
import asyncio
import json
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import distinct, func, insert
from sqlmodel import select

from adapters.sample import SampleFeed
from adapters.slack.api import Api
from adapters.slack.grants import Grant
from adapters.slack.history import metadata
from adapters.slack.messenger import SlackMessenger
from adapters.slack.render import render
from adapters.slack.settings import Settings
from benchmarks.loopback import SPAWN, serving
from benchmarks.machine import machine
from bot.app import sample_batches
from bot.delivery import AT_ONCE, PostOffice
from bot.digest import choose, lay_out
from bot.domain.papers import Listing
from bot.domain.people import Channel, Workspace
from bot.domain.ports import Outgoing
from bot.domain.posts import Digest
from bot.domain.subscriptions import STANDARD, Edition, Subscription
from bot.editions import Selection, by_votes
from bot.ingest import Ingest
from bot.planning import Planner
from storage import Storage, open_storage
from storage.subscriptions import row_of
from storage.tables import ShownRow, SubscriptionRow
from tests.support.postgres import Server

NOW = datetime(2025, 12, 6, 9, tzinfo=UTC)
OWED_SINCE = date(2025, 12, 3)
"""Two days of eight papers are owed: ten are shown."""


class Silent:
    """Takes every post at once, without a network."""

    def __init__(self) -> None:
        self._ts = count(1)

    async def ask(self, *_: object, **arguments: object) -> dict[str, Any]:
        """An answer as Slack's."""
        assert arguments["channel"]
        return {"ok": True, "ts": f"1700000000.{next(self._ts):06}"}


class EveryWorkspace:
    """Has given us its token."""

    async def of(self, team: str) -> Grant:
        return Grant(team=team, token=f"xoxb-{team}", bot_user="UBOT")


class Moment:
    """A clock that stands at a digest's hour and goes on from there."""

    def __init__(self) -> None:
        self._begun = time.perf_counter()

    def __call__(self) -> datetime:
        return NOW + timedelta(seconds=time.perf_counter() - self._begun)


async def fill(storage: Storage, channels: int) -> None:
    """The sample's papers, and so many channels that are owed some of them."""
    for batch in sample_batches():
        day = Listing.day(batch.day or date.min)
        await storage.archive.keep(batch.papers, as_of=NOW, listing=day)
        await storage.archive.fetched(day, at=NOW, etag=None, settled=True)
    for first in range(0, channels, 5_000):
        rows = [row_of(order(n)) for n in range(first, min(first + 5_000, channels))]
        async with storage.database.write() as session:
            connection = await session.connection()
            await connection.execute(insert(SubscriptionRow), [row.model_dump() for row in rows])


def order(number: int) -> Subscription:
    """Nine o'clock has come for it."""
    return Subscription(
        id=f"s{number}",
        channel=Channel(Workspace("slack", f"T{number}"), f"C{number}"),
        edition=Edition.DAILY,
        created_at=NOW - timedelta(days=3),
        next_run_at=NOW,
        covered=OWED_SINCE.isoformat(),
    )


def bot(storage: Storage, messenger: SlackMessenger) -> tuple[Planner, PostOffice]:
    """The two halves of a tick."""
    clock = Moment()
    source = SampleFeed(lambda _: None)  # type: ignore[arg-type,return-value]  # never asked
    planner = Planner(
        archive=storage.archive,
        subscriptions=storage.subscriptions,
        outbox=storage.outbox,
        refresher=Ingest(source, storage.archive, storage.search, clock),
        budgets={"slack": messenger.budget},
        clock=clock,
    )
    office = PostOffice(
        subscriptions=storage.subscriptions,
        outbox=storage.outbox,
        messengers={"slack": messenger},
        clock=clock,
    )
    return planner, office


async def fan_out(url: str, folder: Path, channels: int, api_url: str = "") -> dict[str, float]:
    """Seconds of planning, and of sending what was planned: into the void, or to a server."""
    async with open_storage(url, folder / "index", patience=30) as storage:
        await fill(storage, channels)
        api: Any = Api(Settings(api_url=api_url), EveryWorkspace()) if api_url else Silent()
        planner, office = bot(storage, SlackMessenger(api, None))
        memory = peak()
        begun = time.perf_counter()
        await planner.plan_due()
        planned = time.perf_counter()
        await office.send()
        sent = time.perf_counter()
        after = peak()
        async with storage.database.read() as session:
            shown = select(func.count(distinct(ShownRow.message)))
            assert (await session.exec(shown)).one() == channels, "not every channel got its digest"
        assert await storage.outbox.owed() == 0
        if api_url:
            await api.close()
    return {
        "plan": planned - begun,
        "send": sent - planned,
        "memory": after,
        "grown": after - memory,
    }


async def messenger_alone(count: int, api_url: str) -> float:
    """Posts a second, by the messenger without a database."""
    posts = [outgoing(n) for n in range(count)]
    api = Api(Settings(api_url=api_url), EveryWorkspace())
    messenger = SlackMessenger(api, None)
    taken = await together(posts, messenger.send)
    await api.close()
    return len(posts) / taken


async def bare(count: int, api_url: str) -> float:
    """Posts a second, by a loop that does nothing but post the same bodies."""
    bodies = [body(outgoing(n)) for n in range(count)]
    async with aiohttp.ClientSession() as session:

        async def post(body: dict[str, Any]) -> None:
            async with session.post(f"{api_url}/chat.postMessage", json=body) as response:
                assert (await response.json())["ok"]

        return len(bodies) / await together(bodies, post)


def outgoing(number: int) -> Outgoing:
    """The digest, on its way to one channel."""
    channel = order(number).channel
    return Outgoing(channel=channel, post=digest(), key=f"s{number}:daily:2025-12-05:1")


@cache
def digest() -> Digest:
    """What every channel gets."""
    papers = by_votes(p for b in sample_batches() if b.day and b.day > OWED_SINCE for p in b.papers)
    selection = Selection(key="", title="Daily Papers · 4 – 5 December 2025", papers=papers)
    choice = choose(papers, STANDARD, ())
    (post,) = lay_out(selection, choice, STANDARD, SlackMessenger.budget)
    return post


def body(out: Outgoing) -> dict[str, Any]:
    """What Slack is sent."""
    shared = _shared()
    return {"channel": out.channel.id, "metadata": metadata(out.key), **shared}


@cache
def _shared() -> dict[str, Any]:
    return render(digest()).arguments()


async def together(items: list[Any], work: Callable[[Any], Any]) -> float:
    """Seconds that it takes to work through them, as many at once as the bot does."""
    left = iter(items)

    async def one() -> None:
        for item in left:
            await work(item)

    begun = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(AT_ONCE)))
    return time.perf_counter() - begun


def apart(work: Callable[..., Any], *arguments: Any) -> Any:
    """What it comes to in a process of its own."""
    with SPAWN.Pool(1) as pool:
        return pool.apply(_run, (work, arguments))


def _run(work: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    return asyncio.run(work(*arguments))


def peak() -> float:
    """The most memory that this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@contextmanager
def database(kind: str, folder: Path) -> Iterator[tuple[str, Path]]:
    """An empty one, and a folder for what is beside it."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        if kind == "sqlite":
            yield f"sqlite:///{name}/bench.db", Path(name)
            return
        with server(folder).database() as url:
            yield url, Path(name)


@cache
def server(folder: Path) -> Server:
    """As it comes: what it has committed is on the disk."""
    made = Server(folder / "pg")
    made.start()
    return made


def measure_fan_out(kinds: list[str], sizes: list[int], folder: Path) -> None:
    """A line for each size: deliveries a second, and what one costs."""
    print("plan, render and record, without a network")
    for kind in kinds:
        for channels in sizes:
            with database(kind, folder) as (url, beside):
                took = apart(fan_out, url, beside, channels)
            total = took["plan"] + took["send"]
            print(
                f"  {kind:10} {channels:7,} channels  {channels / total:6,.0f}/s  "
                f"plan {took['plan'] / channels * 1e6:4.0f} us, "
                f"render and record {took['send'] / channels * 1e6:4.0f} us each; "
                f"{took['memory']:.0f} MB at most, {took['grown']:+.0f}"
            )


def measure_sending(kinds: list[str], posts: int, rounds: int, folder: Path) -> None:
    """Rates over loopback, each beside that of a bare loop measured just before it."""
    size = len(json.dumps(body(outgoing(1))))
    print(f"{posts:,} posts of {size / 1e3:.0f} kB to a server on loopback, {AT_ONCE} at once")
    rates: dict[str, list[float]] = {name: [] for name in ("bare loop", "messenger", *kinds)}
    for _ in range(rounds):
        with serving() as api_url:
            rates["bare loop"].append(apart(bare, posts, api_url))
            rates["messenger"].append(apart(messenger_alone, posts, api_url))
            for kind in kinds:
                with database(kind, folder) as (url, beside):
                    took = apart(fan_out, url, beside, posts, api_url)
                rates[kind].append(posts / took["send"])
    plain = statistics.median(rates["bare loop"])
    for name, some in rates.items():
        what = f"bot on {name}" if name in kinds else name
        rate = statistics.median(some)
        spread = f"{min(some):,.0f} to {max(some):,.0f}"
        print(f"  {what:18} {rate:6,.0f}/s ({spread})  {rate / plain:.2f} of the bare loop")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    kinds = ("sqlite", "postgresql")
    parser.add_argument("--databases", nargs="+", choices=kinds, default=[*kinds])
    parser.add_argument("--sizes", type=int, nargs="*", default=[1_000, 10_000])
    parser.add_argument("--posts", type=int, default=3_000, help="sent over loopback; 0 for none")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory(prefix="paperbot-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        try:
            measure_fan_out(options.databases, options.sizes, folder)
            if options.posts:
                measure_sending(options.databases, options.posts, options.rounds, folder)
        finally:
            if server.cache_info().currsize:
                server(folder).kill()


if __name__ == "__main__":
    main()
