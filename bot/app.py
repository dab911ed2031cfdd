"""The composition root: config in, running bot out. Read it from top to bottom to see what is wired to what."""

import asyncio
import logging
import os
import random
import secrets
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING

from bot.commands.room import Room
from bot.config import Config
from bot.declaring import declare
from bot.delivery import PostOffice
from bot.desk import FrontDesk
from bot.domain.errors import ChannelRefused, ConfigError
from bot.domain.papers import Batch
from bot.domain.people import Channel, Person
from bot.domain.ports import Door, Installable, PaperSource, Shared
from bot.domain.subscriptions import Edition
from bot.domain.web import Hosted
from bot.doors import open_doors
from bot.drawing import Artist
from bot.duties import Duties
from bot.filling import fill
from bot.ingest import Ingest
from bot.meetings import Meetings, end_meetings
from bot.meter import Meter
from bot.personal import makers
from bot.planning import Planner
from bot.postmaster import appoint
from bot.presence import forget
from bot.renewal import Renewal
from bot.running import Job, first_of, gone, guarded
from bot.vitals import Vitals
from bot.watching import end_watches
from storage import Storage, open_storage

if TYPE_CHECKING:
    from adapters.sample import SampleFeed

log = logging.getLogger(__name__)

KEEP_RUNS = timedelta(days=90)
KEEP_HEARD = timedelta(days=2)
"""Platforms deliver an event again for a day at most; invitations are counted for a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The bot, wired and at rest. `run` sets it going; `tick` is one turn of its clock."""

    config: Config
    storage: Storage
    ingest: Ingest
    planner: Planner
    office: PostOffice
    desk: FrontDesk
    doors: Mapping[str, Door]
    vitals: Vitals
    clock: Callable[[], datetime]
    duties: Duties
    renewal: Renewal
    planning: asyncio.Lock = field(default_factory=asyncio.Lock)
    sending: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def tick(self) -> None:
        """Settle what is unknown, plan what is due, send what is owed."""
        await self.settle_and_plan()
        await self.send()

    async def settle_and_plan(self) -> None:
        """The half of a tick that waits for no chat to take a message."""
        async with self.planning:
            await self.office.settle()
            if await self.duties.mine("plan"):
                await self.planner.plan_due()
        self.vitals.beat = self.clock()

    async def send(self) -> None:
        """The other half; it may last as long as the slowest channel, and goes on with what is planned meanwhile."""
        async with self.sending:
            await self.office.send()

    async def start(self) -> None:
        """What has to be done once before the first tick."""
        await self.declare()
        alone = self.config.database_url.startswith("sqlite")
        await self.office.settle(alone=alone)

    async def declare(self) -> None:
        """Make the subscriptions of the config file stand, and those gone from it go."""
        config = self.config
        await declare(
            self.storage.subscriptions, config.subscription, config.defaults, self.clock()
        )

    async def run(self) -> None:
        """Until a door closes or a signal comes; what is being sent is finished first."""
        if not self.doors:
            raise ConfigError(
                "Nothing to speak on is switched on: put `enabled = true` under [terminal] in "
                "config.toml (config.example.toml shows every platform)."
            )
        async with self._served():
            await self._run()

    async def _run(self) -> None:
        from apscheduler.schedulers.asyncio import AsyncIOScheduler

        await self.start()
        scheduler = AsyncIOScheduler(
            timezone=UTC,
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )
        for job, every in self._jobs():
            scheduler.add_job(job, "interval", seconds=every, next_run_time=datetime.now(UTC))
        scheduler.start()
        beside = [asyncio.create_task(one) for one in (guarded(self._fill)(), self.duties.keep())]
        doors = [asyncio.create_task(door.run(self.desk)) for door in self.doors.values()]
        try:
            await first_of(doors)
        finally:
            scheduler.pause()
            self.office.closing.set()
            await self.duties.leave()
            await gone(beside)
            async with self.planning, self.sending:  # what is on its way arrives over open doors
                scheduler.shutdown(wait=False)
            await gone(doors)

    @asynccontextmanager
    async def _served(self) -> AsyncIterator[None]:
        """The web server, where one is wanted."""
        if not self.config.web.listen:
            yield
            return
        from adapters.web.server import serve

        pages = dict(self.vitals.pages)
        for door in self.doors.values():
            if isinstance(door, Hosted):
                pages |= door.pages
        async with serve(self.config.web.listen, pages):
            yield

    def _jobs(self) -> list[tuple[Job, float]]:
        """What the one clock turns, and every how many seconds."""
        return [
            (guarded(self.settle_and_plan), self.config.tick_seconds),
            (guarded(self.send), self.config.tick_seconds),
            (guarded(self._poll), self.config.huggingface.poll_minutes * 60),
            (guarded(self._index), self.config.huggingface.poll_minutes * 60),
            (guarded(self._prune), 86_400),
        ]

    async def _poll(self) -> None:
        if await self.duties.mine("poll"):
            await self.ingest.poll()
            await self.renewal.renew()

    async def _index(self) -> None:
        """Each replica has an index of its own, and learns behind it."""
        await self.storage.search.catch_up()

    async def _prune(self) -> None:
        if not await self.duties.mine("prune"):
            return
        await self.storage.outbox.prune(self.clock() - KEEP_RUNS)
        await forget(self.storage.subscriptions, self.clock())
        await end_watches(self.storage.subscriptions, self.clock())
        await end_meetings(self.storage.subscriptions, self.storage.club, self.clock())
        await self.storage.heard.forget(self.clock() - KEEP_HEARD)
        await self.storage.mailing.forget(self.clock() - KEEP_HEARD)
        await self.storage.leases.forget()

    async def _fill(self) -> None:
        """A new archive gets the days before today, the newest first."""
        if await self.duties.until_mine("fill"):
            days = self.config.huggingface.backfill_days
            await fill(self.ingest, self.storage.archive, days=days, clock=self.clock)


@asynccontextmanager
async def open_app(
    config: Config,
    *,
    doors: Mapping[str, Door] | None = None,
    source: PaperSource | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> AsyncIterator[App]:
    """Wire everything. Without `doors` those switched on in the config, without `source` Hugging Face."""
    async with AsyncExitStack() as stack:
        storage = await stack.enter_async_context(
            open_storage(
                config.database_url,
                config.index,
                keys=config.keys,
                sharing=config.sharing,
                model=config.model,
            )
        )
        if source is None:
            source = await stack.enter_async_context(hugging_face(config))
        if doors is None:
            doors = open_doors(config)
        leases, replica = None if storage.database.is_file else storage.leases, _name()
        for door in doors.values():
            if isinstance(door, Installable):
                door.host(storage.installations)
            if leases and isinstance(door, Shared):
                door.share(leases, replica)
        meter = Meter()
        messengers = {name: door.messenger for name, door in doors.items()}
        ingest = Ingest(source, storage.archive, storage.search, clock)
        budgets = {name: messenger.budget for name, messenger in messengers.items()}
        names = {name: messenger.command for name, messenger in messengers.items()}

        orders, defaults = storage.subscriptions, config.defaults
        mail = appoint(storage.mailing, orders, doors.values(), clock=clock, defaults=defaults)

        async def recalls(channel: Channel) -> bool:
            there = messengers.get(channel.platform)
            return there is None or await there.recalls(channel)

        async def direct(person: Person) -> Channel:
            if person.platform not in messengers:
                raise ChannelRefused(f"{person.platform} is not switched on.")
            return await messengers[person.platform].direct(person)

        artist, meetings = Artist(), Meetings(storage.archive, storage.club)
        made = makers(
            archive=storage.archive,
            subscriptions=orders,
            library=storage.library,
            outbox=storage.outbox,
            tastes=storage.search,
            opinions=storage.opinions,
            statistics=storage.statistics,
        ) | {Edition.CLUB: meetings}
        room = Room(
            archive=storage.archive,
            search=storage.search,
            library=storage.library,
            opinions=storage.opinions,
            statistics=storage.statistics,
            makers=made,
            club=storage.club,
            tastes=storage.search,
            notes=storage.notes,
            privacy=storage.privacy,
            subscriptions=storage.subscriptions,
            outbox=storage.outbox,
            reaches=storage.reaches,
            direct=direct,
            heard=storage.heard,
            refresher=ingest,
            recalls=recalls,
            at_least_once=config.rules.at_least_once,
            names=names,
            mail=mail,
            defaults=defaults,
            clock=clock,
            dice=random.random,
            new_id=lambda: secrets.token_hex(2),
            budgets=budgets,
            save_emoji=config.reactions.save,
        )
        closing = asyncio.Event()
        yield App(
            config=config,
            storage=storage,
            ingest=ingest,
            planner=Planner(
                archive=storage.archive,
                subscriptions=storage.subscriptions,
                outbox=storage.outbox,
                refresher=ingest,
                budgets=budgets,
                names=names,
                clock=clock,
                rules=config.rules,
                makers=made,
                closing=closing,
            ),
            office=PostOffice(
                subscriptions=storage.subscriptions,
                outbox=storage.outbox,
                messengers=messengers,
                clock=clock,
                rules=config.rules,
                meter=meter,
                outdated=meetings.outdated,
                illustrate=artist.illustrate,
                closing=closing,
            ),
            desk=FrontDesk(room, meter=meter, illustrate=artist.illustrate),
            doors=doors,
            vitals=Vitals(
                archive=storage.archive,
                outbox=storage.outbox,
                doors=doors,
                clock=clock,
                meter=meter,
            ),
            clock=clock,
            duties=Duties(leases, replica),
            renewal=Renewal(
                subscriptions=orders, archive=storage.archive, refresher=ingest, clock=clock
            ),
        )


def _name() -> str:
    """What this process is called among its replicas; another one at every start."""
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"


@asynccontextmanager
async def hugging_face(config: Config) -> AsyncIterator[PaperSource]:
    """The client for the configured server, closed at the end."""
    from adapters.huggingface.client import HuggingFace

    settings = config.huggingface
    contact = f" (+{settings.contact})" if settings.contact else ""
    async with HuggingFace(
        settings.url,
        token=settings.token.get_secret_value() if settings.token else None,
        user_agent=f"paperbot/{version('paperbot')}{contact}",
    ) as source:
        yield source


def sample_feed() -> "SampleFeed":
    """The bundled lists, read by the same code as Hugging Face's answers."""
    from adapters.huggingface.payload import read_item
    from adapters.sample import SampleFeed

    return SampleFeed(read_item)


def sample_batches() -> Iterator[Batch]:
    """The bundled feed as an import takes it."""
    for day, papers in sample_feed().batches():
        yield Batch(day=day, papers=papers)
