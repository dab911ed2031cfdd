"""A Discord of one process: real client, real desk, real database; only Discord itself is simulated."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import discord
import simcord
from simcord.actors import MemberActor
from simcord.backend import serializers
from simcord.builders import ChannelHandle, GuildHandle

from adapters.discord.client import PaperClient
from adapters.discord.messenger import DiscordMessenger
from adapters.discord.settings import Settings
from bot.commands.room import Room
from bot.desk import FrontDesk
from bot.domain.deliveries import Delivery, Outcome, Plan, Run
from bot.domain.library import SavedQuery
from bot.domain.papers import Listing, Paper, PaperId
from bot.domain.people import Channel, Person, Workspace
from bot.domain.ports import Freshness, Outgoing
from bot.domain.posts import Digest, Entry
from bot.domain.subscriptions import Edition, Subscription
from storage import Storage
from tests.support.discord_rules import problems
from tests.support.storage import temporary_storage

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
"""The day on which the simulated Discord begins."""
TITLES = (
    "CLIP sees everything",
    "Attention to diffusion",
    "A survey of surveys",
    "Robots that fold laundry",
    "Speech without words",
)
PAPERS = tuple(
    Paper(
        id=PaperId(f"2512.{number:05}"),
        title=title,
        abstract=f"{title} explained. More follows.",
        published=NOW.date(),
        upvotes=100 - number,
    )
    for number, title in enumerate(TITLES, start=1)
)


class Quiet:
    """Hugging Face is not asked; `pause` makes that slow."""

    def __init__(self) -> None:
        self.pause: Callable[[], Awaitable[object]] | None = None

    async def refresh(
        self, listing: Listing, *, max_age: timedelta, budget: float = 1.5
    ) -> Freshness:
        if self.pause:
            await self.pause()
        return Freshness(at=NOW)

    async def look_up(self, id: PaperId, *, budget: float = 1.5) -> Paper | None:
        return None

    async def look_beyond(
        self, text: str, *, limit: int = 20, budget: float = 1.5
    ) -> tuple[Paper, ...]:
        return ()


@dataclass
class World:
    """One server with one channel; Ann manages it, Bob does not."""

    env: simcord.Env
    client: PaperClient
    desk: FrontDesk
    storage: Storage
    refresher: Quiet
    data: Path
    settings: Settings
    guild: GuildHandle
    papers: ChannelHandle
    ann: MemberActor
    bob: MemberActor

    @property
    def channel(self) -> Channel:
        return Channel(Workspace("discord", str(self.guild.id)), str(self.papers.id))

    async def restart(self) -> None:
        """Another process takes over: only the database and the data folder are left."""
        self.client = built(self.settings, self.data, self.desk)
        await self.env.restart_bot(self.client)
        await self.env.settle()

    async def orders(self, id: str = "daily") -> Subscription:
        """A standing order of the channel."""
        order = Subscription(
            id=id,
            channel=self.channel,
            edition=Edition.DAILY,
            created_by=Person("discord", str(self.ann.id)),
            created_at=NOW,
            next_run_at=NOW + timedelta(days=1),
        )
        await self.storage.subscriptions.add(order)
        return order

    async def posts(self, *papers: Paper) -> discord.Message:
        """A digest in the channel, sent and written down like every other."""
        order = await self.storage.subscriptions.get("daily") or await self.orders()
        entries = tuple(Entry(paper=paper, number=n) for n, paper in enumerate(papers, start=1))
        post = Digest(title="Daily Papers", subtitle="1 January", entries=entries)
        delivery = Delivery(
            key=f"daily/{self.env.now():%H%M%S%f}",
            subscription=order.id,
            channel=self.channel,
            edition=f"{self.env.now():%H%M%S%f}",
            part=1,
            post=post,
            next_attempt_at=NOW,
        )
        run = Run(
            subscription=order.id,
            edition=delivery.edition,
            due_at=NOW,
            outcome=Outcome.POSTED,
            finished_at=NOW,
        )
        plan = Plan(run=run, deliveries=(delivery,), next_run_at=order.next_run_at)
        assert await self.storage.outbox.plan(plan)
        messenger = DiscordMessenger(self.client)
        sent = await messenger.send(Outgoing(channel=self.channel, post=post, key=delivery.key))
        await self.storage.outbox.sent(delivery.key, sent, NOW)
        return self.last()

    def last(self) -> discord.Message:
        message = self.papers.last_message
        assert message
        return message

    async def saved(self, who: MemberActor) -> set[str]:
        """Titles that somebody saved in this server."""
        person = Person("discord", str(who.id))
        mine = SavedQuery(reader=person, channel=self.channel)
        found = await self.storage.library.saved(mine)
        return {one.paper.title for one in found.papers}

    async def subscriptions(self) -> list[Subscription]:
        return await self.storage.subscriptions.of(self.channel)

    async def kicked(self) -> None:
        """The bot is removed from the server."""
        await self.happens("GUILD_DELETE", id=str(self.guild.id))

    async def invited(self) -> None:
        """The bot is added to the server."""
        if self.client.guilds:
            await self.kicked()
        guild = self.env.backend.get_guild(self.guild.id)
        payload = dict(serializers.guild_create_payload(self.env.backend, guild))
        del payload["unavailable"]  # said of servers that come back from an outage only
        await self.happens("GUILD_CREATE", **payload)

    async def happens(self, event: str, **payload: Any) -> None:
        """An event of the gateway, as Discord writes it."""
        self.env.backend.emit(event, payload)
        await self.env.settle()


def built(settings: Settings, data: Path, desk: FrontDesk) -> PaperClient:
    client = PaperClient(settings, data, shard_count=1)
    client.serve(desk)
    return client


def furnished(storage: Storage, refresher: Quiet) -> FrontDesk:
    ids: Iterator[int] = count(1)
    return FrontDesk(
        Room(
            archive=storage.archive,
            search=storage.search,
            library=storage.library,
            opinions=storage.opinions,
            statistics=storage.statistics,
            club=storage.club,
            tastes=storage.search,
            notes=storage.notes,
            privacy=storage.privacy,
            subscriptions=storage.subscriptions,
            outbox=storage.outbox,
            reaches=storage.reaches,
            heard=storage.heard,
            refresher=refresher,
            clock=lambda: NOW,
            dice=lambda: 0.0,
            new_id=lambda: f"s{next(ids)}",
        )
    )


@asynccontextmanager
async def world(tmp_path: Path, **settings: Any) -> AsyncIterator[World]:
    """Everything in place, and the bot's first start over."""
    refresher = Quiet()
    async with temporary_storage(tmp_path) as storage:
        await storage.archive.keep(PAPERS, as_of=NOW, listing=Listing.day(NOW.date()))
        await storage.search.catch_up()
        desk = furnished(storage, refresher)
        chosen = Settings(token="t", **settings)
        client = built(chosen, tmp_path, desk)
        async with simcord.run(client, shard_count=1) as env:
            guild = env.create_guild("Lab")
            boss = guild.create_role("boss", permissions=discord.Permissions(manage_guild=True))
            yield World(
                env=env,
                client=client,
                desk=desk,
                storage=storage,
                refresher=refresher,
                data=tmp_path,
                settings=chosen,
                guild=guild,
                papers=guild.create_text_channel("papers"),
                ann=guild.add_member(env.create_user("ann"), roles=[boss]),
                bob=guild.add_member(env.create_user("bob")),
            )
            assert broken_rules(env) == []


def broken_rules(env: simcord.Env) -> list[str]:
    """What Discord would have refused of everything that was sent: our own table is the stricter judge."""
    found = []
    for messages in env.backend.messages.values():
        for message in messages.values():
            told = serializers.message_payload(env.backend, message)
            shown = {key: told.get(key) for key in ("content", "embeds", "components", "flags")}
            said = shown | {"allowed_mentions": {"parse": []}}
            found += problems(said, files=len(told.get("attachments") or ()))
    return found


def words(shown: Any) -> str:
    """Everything that can be read in a message or an answer."""
    assert shown is not None
    components = shown.components
    if components and not isinstance(components[0], dict):
        components = [component.to_dict() for component in components]
    return "\n".join([shown.content or "", *_texts(components)])


def _texts(components: list[dict[str, Any]]) -> Iterator[str]:
    for component in components:
        yield from (
            component[key] for key in ("content", "label", "placeholder") if key in component
        )
        yield from _texts([*component.get("components", []), *component.get("options", [])])


def ids(shown: Any) -> list[str]:
    """The ids of all buttons and menus."""
    components = shown.components
    if components and not isinstance(components[0], dict):
        components = [component.to_dict() for component in components]
    return list(_ids(components))


def _ids(components: list[dict[str, Any]]) -> Iterator[str]:
    for component in components:
        if "custom_id" in component:
            yield component["custom_id"]
        yield from _ids(component.get("components", []))
