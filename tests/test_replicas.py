"""Several `paperbot run` on one PostgreSQL: they share the work, and one that dies is not missed."""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from bot.app import App, open_app
from bot.config import Config, load
from bot.domain.papers import Listing, Paper, PaperId
from bot.domain.people import Channel, Message, Person
from bot.domain.ports import Desk, Outgoing
from bot.domain.subscriptions import Edition, Subscription, Terms
from bot.duties import Duties
from bot.editions import settled_day
from storage import Storage, open_storage
from storage.tables import DeliveryRow
from tests.support.discord_rest import discord_on_loopback
from tests.support.discord_state import GUILD, Discord
from tests.support.fakes import FakeMessenger, FakeSource
from tests.support.huggingface import FakeHub, make_item
from tests.support.postgres import shared
from tests.support.slack import peopled
from tests.support.slack_server import SlackServer, slack_server
from tests.support.storage import let_leases_end

ROOT = Path(__file__).parent.parent
LENGTH = timedelta(seconds=0.3)
CONFIG = """
data = "{data}"
log = "warning"
tick_seconds = 0.1
[storage]
url = "{url}"
[huggingface]
url = "{hub}"
backfill_days = 1
[discord]
token = "t"
api_url = "{discord}/api/v10"
gateway_url = "{gateway}"
[slack]
bot_token = "xoxb-T1"
app_token = "{app_token}"
api_url = "{slack}"
"""


@pytest.fixture
def url() -> Iterator[str]:
    with shared().archive() as url:
        yield url


@pytest.fixture
async def storage(url: str, tmp_path: Path) -> AsyncIterator[Storage]:
    async with open_storage(url, tmp_path / "index") as storage:
        yield storage


async def until(condition: Callable[[], Any], seconds: float = 30.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 -- what is waited for is another program's doing
            await asyncio.sleep(0.01)


# --- three replicas, of which one is killed


@dataclass
class Scene:
    """Loopback Discord, Slack and Hugging Face, and a database for replicas."""

    url: str
    folder: Path
    hub: FakeHub
    discord: Discord
    slack: SlackServer

    def config(self, name: str) -> Path:
        """A replica's."""
        file = self.folder / f"{name}.toml"
        file.write_text(
            CONFIG.format(
                data=self.folder / name,
                url=self.url,
                hub=self.hub.url,
                discord=self.discord.url,
                gateway=self.discord.gateway.url,
                app_token=self.slack.app_token,
                slack=self.slack.api_url,
            )
        )
        return file

    @asynccontextmanager
    async def program(self, name: str) -> AsyncIterator[asyncio.subprocess.Process]:
        """`paperbot run`; it is gone afterwards."""
        with (self.folder / f"{name}.log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot", "run", "--config", str(self.config(name))),
                cwd=ROOT,
                stdin=asyncio.subprocess.DEVNULL,
                stderr=log,
            )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    @asynccontextmanager
    async def beside_us(self, name: str) -> AsyncIterator[App]:
        """The same in this process; stopped in the end."""
        quitting = QuietDoor()
        async with open_app(load(self.config(name), {})) as app:
            task = asyncio.create_task(replace(app, doors={**app.doors, "quit": quitting}).run())
            try:
                yield app
            finally:
                quitting.quits.set()
                await task

    @property
    def posts(self) -> Counter[str]:
        """Channel -> messages of ours that stand there."""
        found = {
            f"discord:{GUILD}/{channel}": len(messages)
            for channel, messages in self.discord.messages.items()
        }
        places = self.slack.team("T1").places
        found |= {f"slack:T1/{id}": len(place.messages) for id, place in places.items()}
        return Counter({channel: count for channel, count in found.items() if count})


@asynccontextmanager
async def scene(url: str, folder: Path) -> AsyncIterator[Scene]:
    """Everything but the replicas; those that were started are gone afterwards."""
    async with AsyncExitStack() as stack:
        day = settled_day(datetime.now(UTC))
        hub = await stack.enter_async_context(FakeHub(today=day + timedelta(days=1)))
        hub.put_day(day, [make_item(f"2505.0000{n}", f"Paper {n}", day=day) for n in range(1, 4)])
        discord = await stack.enter_async_context(discord_on_loopback())
        slack = await stack.enter_async_context(slack_server())
        yield Scene(url, folder, hub, discord, peopled(slack))


def due(channel: str, number: int) -> Subscription:
    """A standing order whose hour has come."""
    now = datetime.now(UTC)
    return Subscription(
        id=f"s{number:03}",
        channel=Channel.parse(channel),
        edition=Edition.DAILY,
        terms=Terms(at=(now - timedelta(minutes=5)).time().replace(microsecond=0), tz="UTC"),
        created_by=Person("terminal", "ann", "Ann"),
        created_at=now - timedelta(days=1),
        next_run_at=now - timedelta(minutes=5),
    )


async def states(storage: Storage) -> Counter[str]:
    async with storage.database.read() as session:
        return Counter(await session.exec(select(DeliveryRow.state)))


async def left_by_the_dead(storage: Storage, total: int) -> int:
    """How much the dead one had taken, once the living have done everything else."""
    before = -1
    async with asyncio.timeout(30):
        while True:
            now = await states(storage)
            if now["sent"] + now["sending"] == total and now["sending"] == before:
                return before
            before = now["sending"]
            await asyncio.sleep(0.2)


async def test_each_of_300_is_delivered_once_though_one_of_three_is_killed(
    url: str, storage: Storage, tmp_path: Path
) -> None:
    """With SIGKILL, in the middle of sending: what it had on its way is asked about before it is sent again."""
    async with scene(url, tmp_path) as it, it.program("ann") as ann:
        channels = [f"discord:{GUILD}/{it.discord.add_channel()}" for _ in range(290)]
        it.discord.gateway.guilds = [{**it.discord.guild(), "unavailable": False}]
        for number in range(10):
            it.slack.add_channel("T1", f"CN{number}")
            channels.append(f"slack:T1/CN{number}")
        orders = [due(channel, number) for number, channel in enumerate(channels)]
        await asyncio.gather(*map(storage.subscriptions.add, orders))
        async with it.beside_us("bob") as bob, it.beside_us("eve") as eve:
            async with bob.sending, eve.sending:
                await until(lambda: it.posts.total() > 235)
            ann.kill()
            await ann.wait()
            assert await left_by_the_dead(storage, 300) > 0
            await let_leases_end(storage)
            await until(lambda: it.posts.total() >= 300)
        assert await states(storage) == {"sent": 300}
        assert it.posts == Counter(channels)


# --- in one process


@dataclass
class QuietDoor:
    """Speaks, and hears nothing until it is closed."""

    messenger: Any = field(default_factory=FakeMessenger)
    quits: asyncio.Event = field(default_factory=asyncio.Event)
    closed: bool = False

    async def run(self, desk: Desk) -> None:
        try:
            await self.quits.wait()
        finally:
            self.closed = True


@asynccontextmanager
async def app_on(
    url: str, folder: Path, name: str, door: QuietDoor, **more: Any
) -> AsyncIterator[tuple[App, FakeSource]]:
    """A replica in this process; its jobs change hands quickly."""
    source = FakeSource()
    config = Config.model_validate(
        {
            "data": folder / name,
            "storage": {"url": url},
            "huggingface": {"backfill_days": 1},
            "tick_seconds": 0.05,
            **more,
        }
    )
    async with open_app(config, doors={"terminal": door}, source=source) as app:
        duties = Duties(app.storage.leases, name, renew=0.05, length=LENGTH)
        yield replace(app, duties=duties), source


async def test_a_job_is_done_by_one_and_by_another_when_that_one_goes(
    url: str, tmp_path: Path
) -> None:
    """Planning, polling, filling a new archive, clearing up: the others skip it quietly and stand ready."""
    doors = [QuietDoor(), QuietDoor()]
    async with (
        app_on(url, tmp_path, "ann", doors[0]) as (first, asked_first),
        app_on(url, tmp_path, "bob", doors[1]) as (second, asked_second),
    ):
        running = asyncio.create_task(first.run())
        await until(lambda: len(asked_first.asked) >= 3)
        also = asyncio.create_task(second.run())
        await asyncio.sleep(0.2)
        assert asked_second.asked == []
        held = await first.storage.leases.held("job/")
        assert held == dict.fromkeys(("job/fill", "job/plan", "job/poll", "job/prune"), "ann")
        doors[0].quits.set()
        await running
        await until(lambda: asked_second.asked)
        assert (await first.storage.leases.held("job/"))["job/fill"] == "bob"
        doors[1].quits.set()
        await also


async def test_one_that_is_stopped_finishes_what_is_on_its_way(url: str, tmp_path: Path) -> None:
    """Over a door that is still open; and nothing new is begun."""
    quitting, arrived = QuietDoor(), []

    class Slow(FakeMessenger):
        async def send(self, outgoing: Outgoing) -> Message:
            quitting.quits.set()
            await asyncio.sleep(0.2)
            arrived.append(not speaking.closed)
            return await super().send(outgoing)

    speaking = QuietDoor(messenger=Slow())
    async with app_on(url, tmp_path, "ann", speaking) as (app, source):
        paper = Paper(id=PaperId("2505.00001"), title="One", abstract="")
        source.publish(Listing.day(settled_day(datetime.now(UTC))), paper)
        await app.storage.subscriptions.add(due("terminal:local/papers", 1))
        await replace(app, doors={"quitting": quitting, "terminal": speaking}).run()
        assert arrived == [True]
        assert speaking.closed
        assert await states(app.storage) == {"sent": 1}


async def test_replicas_that_start_together_agree_on_the_declared(url: str, tmp_path: Path) -> None:
    """A subscription of the config file stands once, whoever was quicker."""
    order = {"name": "lab", "channel": "terminal:local/papers"}
    async with AsyncExitStack() as stack:
        apps = []
        for name in ("ann", "bob", "eve"):
            opened = app_on(url, tmp_path, name, QuietDoor(), subscription=[order])
            apps.append((await stack.enter_async_context(opened))[0])
        await asyncio.gather(*(app.start() for app in apps))
        (standing,) = await apps[0].storage.subscriptions.all()
        assert standing.id == "lab"
