"""Several replicas on one Discord application: every shard has one listener, and one who goes is replaced."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.discord.connection import DiscordDoor
from adapters.discord.identify import Advice, Identifies, Turns, pause
from adapters.discord.sharding import COUNT, REPLICA, SHARD, Pace, Sharding, choose, share_of
from bot.domain.errors import StorageError
from bot.domain.people import Channel
from bot.domain.ports import Outgoing, Shared
from bot.domain.posts import Notice
from bot.domain.stores import Leases
from storage.database import Database
from storage.leases import Leases as StoredLeases
from tests.support.discord_api import furnish, place, standing_in
from tests.support.discord_shards import ShardedDiscord
from tests.support.postgres import shared
from tests.support.rooms import Office

QUICK = Pace(renew=0.05, length=0.6, margin=0.2, identify=0.01, rest=0.1, tries=1)
LASTING = Pace(renew=0.05, length=30, margin=1, identify=0.01)


# --- who gets what


@settings(max_examples=60)
@given(shards=st.integers(1, 40), names=st.sets(st.text("abcdef", min_size=1), min_size=1))
def test_shares_are_fair_and_whole(shards: int, names: set[str]) -> None:
    """All shards are somebody's, and nobody has two more than another."""
    shares = [share_of(shards, names, name) for name in names]
    assert sum(shares) == shards
    assert max(shares) - min(shares) <= 1


@settings(max_examples=60)
@given(
    shards=st.integers(1, 24),
    turns=st.lists(st.tuples(st.sampled_from("abcd"), st.booleans()), min_size=1, max_size=20),
)
def test_whoever_comes_and_goes_every_shard_finds_one_listener(
    shards: int, turns: list[tuple[str, bool]]
) -> None:
    """As soon as nobody comes or goes any more; and never two."""
    held: dict[str, list[int]] = {}

    def look(me: str) -> None:
        taken = {shard for name, mine in held.items() if name != me for shard in mine}
        held[me] = choose(shards, held.keys(), me, held[me], taken)
        everybodys = [shard for mine in held.values() for shard in mine]
        assert len(everybodys) == len(set(everybodys))

    for name, comes in [*turns, ("a", True)]:
        if comes:
            held.setdefault(name, [])
            look(name)
        else:
            held.pop(name, None)
    for _ in range(2):
        for name in held:
            look(name)
    assert sorted(shard for mine in held.values() for shard in mine) == list(range(shards))


def test_a_shard_that_one_has_stays_there() -> None:
    """Only what is too much is given away, the latest first: a move costs an IDENTIFY."""
    assert choose(4, {"a", "b"}, "a", [2, 0, 3, 1], set()) == [2, 0]
    assert choose(4, {"a", "b"}, "b", [], {2, 0, 3, 1}) == []
    assert choose(4, {"a", "b"}, "b", [], {2, 0}) == [1, 3]


# --- doors


@pytest.fixture
def url() -> Iterator[str]:
    with shared().archive() as url:
        yield url


@pytest.fixture
async def leases(url: str) -> AsyncIterator[StoredLeases]:
    database = await Database.open(url)
    yield StoredLeases(database)
    await database.close()


class Cut:
    """Leases over a connection that can be cut."""

    def __init__(self, leases: Leases) -> None:
        self._leases = leases
        self.off = False

    def _check(self) -> None:
        if self.off:
            raise StorageError("The database cannot be reached.")

    async def hold(self, names: Iterable[str], holder: str, length: timedelta) -> frozenset[str]:
        self._check()
        return await self._leases.hold(names, holder, length)

    async def held(self, prefix: str) -> Any:
        self._check()
        return await self._leases.held(prefix)

    async def release(self, names: Iterable[str], holder: str) -> None:
        self._check()
        await self._leases.release(names, holder)

    async def forget(self) -> int:
        return 0


@asynccontextmanager
async def replica(
    there: ShardedDiscord, leases: Leases, name: str, data: Path, pace: Pace = QUICK
) -> AsyncIterator[DiscordDoor]:
    """A door of the process that is called so; its token is its name."""
    door = DiscordDoor(there.settings_of(name), data / name, first_wait=0.02, pace=pace)
    assert isinstance(door, Shared)
    door.share(leases, name)
    task = asyncio.create_task(door.run(Office().desk))
    try:
        yield door
    finally:
        task.cancel()
        await asyncio.wait({task})


async def until(condition: Any, seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 -- what is waited for is another program's doing
            await asyncio.sleep(0.01)


async def test_two_share_the_shards_and_whoever_stays_has_them_all(
    leases: StoredLeases, tmp_path: Path
) -> None:
    """The one that is stopped hands over at once, long before its leases would have ended."""
    async with standing_in(ShardedDiscord(3)) as there, AsyncExitStack() as stack:
        assert isinstance(there, ShardedDiscord)
        await stack.enter_async_context(replica(there, leases, "ann", tmp_path, LASTING))
        await until(lambda: there.spread() == {"ann": 3})
        async with replica(there, leases, "bob", tmp_path, LASTING):
            await until(lambda: there.spread() == {"ann": 2, "bob": 1})
        await until(lambda: there.spread() == {"ann": 3}, 2.0)
        assert there.overlaps() == []
        assert {session.shards for session in there.sessions} == {3}
        held = await leases.held("discord/replica/")
        assert held == {f"{REPLICA}ann": "ann"}
    assert there.sessions[-1].ended is not None


async def test_what_is_done_once_is_done_by_who_has_the_first_shard(
    leases: StoredLeases, tmp_path: Path
) -> None:
    """Commands are registered there, not by every replica and every shard."""
    async with standing_in(ShardedDiscord(3)) as there, AsyncExitStack() as stack:
        assert isinstance(there, ShardedDiscord)
        for name in ("ann", "bob"):
            await stack.enter_async_context(replica(there, leases, name, tmp_path, LASTING))
        await until(lambda: there.spread() == {"ann": 2, "bob": 1})
        first = [session for session in there.sessions if session.shard == 0]
        assert len(there.told) == len(first)


async def test_a_dead_ones_shards_are_taken_when_its_leases_end(
    leases: StoredLeases, tmp_path: Path
) -> None:
    """Not before: it might live."""
    names = [COUNT, f"{SHARD}0", f"{REPLICA}dead"]
    await leases.hold(names[:1], "1", timedelta(seconds=0.5))
    await leases.hold(names[1:], "dead", timedelta(seconds=0.5))
    died = monotonic()
    async with standing_in(ShardedDiscord(1)) as there:
        assert isinstance(there, ShardedDiscord)
        async with replica(there, leases, "ann", tmp_path):
            await until(lambda: there.spread() == {"ann": 1})
            assert 0.45 < there.sessions[0].begun - died < 2


async def test_one_that_cannot_renew_is_silent_before_another_listens(
    leases: StoredLeases, tmp_path: Path
) -> None:
    """Whose database is gone, or who was held up: its connections end before its leases do."""
    cut = Cut(leases)
    async with standing_in(ShardedDiscord(2)) as there, AsyncExitStack() as stack:
        assert isinstance(there, ShardedDiscord)
        await stack.enter_async_context(replica(there, cut, "ann", tmp_path))
        await stack.enter_async_context(replica(there, leases, "bob", tmp_path))
        await until(lambda: there.spread() == {"ann": 1, "bob": 1})
        cut.off = True
        await until(lambda: there.spread() == {"bob": 2})
        assert there.overlaps() == []
        cut.off = False
        await until(lambda: there.spread() == {"ann": 1, "bob": 1})
        assert there.overlaps() == []


async def test_all_have_the_number_of_shards_that_the_first_was_advised(
    leases: StoredLeases, tmp_path: Path
) -> None:
    """Discord's advice may grow while some of us run: two numbers at once would hear things twice or never."""
    async with standing_in(ShardedDiscord(2)) as there, AsyncExitStack() as stack:
        assert isinstance(there, ShardedDiscord)
        async with AsyncExitStack() as first:
            await first.enter_async_context(replica(there, leases, "ann", tmp_path))
            await until(lambda: there.spread() == {"ann": 2})
            there.shards = 3
            await first.enter_async_context(replica(there, leases, "bob", tmp_path))
            await until(
                lambda: {tuple(who) for who in there.listeners.values()} == {("ann",), ("bob",)}
            )
            assert {session.shards for session in there.sessions} == {2}
        await stack.enter_async_context(replica(there, leases, "eve", tmp_path))
        await until(lambda: there.spread() == {"eve": 3})  # the last one left that open


async def test_one_without_a_shard_speaks_all_the_same(
    leases: StoredLeases, tmp_path: Path
) -> None:
    """Every replica is logged in, so any of them can send what is owed."""
    async with standing_in(ShardedDiscord(1)) as there, AsyncExitStack() as stack:
        assert isinstance(there, ShardedDiscord)
        furnish(there)
        message = {"id": "9", "channel_id": "1", "author": _ME, **_EMPTY}
        there.answers |= {"channels/1": (200, place(1)), "channels/1/messages": (200, message)}
        await stack.enter_async_context(replica(there, leases, "ann", tmp_path))
        await until(lambda: there.spread() == {"ann": 1})
        door = await stack.enter_async_context(replica(there, leases, "bob", tmp_path))
        await until(lambda: door.client.user is not None)
        post = Outgoing(
            channel=Channel.parse("discord:500000001/1"), post=Notice(text="x"), key="k"
        )
        sent = await door.messenger.send(post)
        assert str(sent) == "discord:500000001/1/9"
        assert there.listeners == {0: ["ann"]}


_ME = {"id": "100000001", "username": "paperbot", "discriminator": "0", "avatar": None}
_EMPTY: dict[str, Any] = {
    "content": "",
    "timestamp": "2026-01-01T00:00:00+00:00",
    "edited_timestamp": None,
    "type": 0,
    **dict.fromkeys(("embeds", "attachments", "mentions", "mention_roles", "components"), ()),
    **dict.fromkeys(("pinned", "tts", "mention_everyone"), False),
}


async def test_a_shard_that_stays_down_here_may_come_up_elsewhere(leases: StoredLeases) -> None:
    """A replica that Discord cannot be reached from does not sit on its leases."""
    connected: dict[str, list[int]] = {"ann": [], "bob": []}

    async def listen(name: str, shard: int) -> bool:
        connected[name].append(shard)
        if name == "bob":
            await asyncio.Event().wait()
        return True  # it stayed down

    async def advise() -> Advice:
        return advice(999)

    pace = replace(QUICK, rest=30.0)
    tasks = [
        asyncio.create_task(
            Sharding(
                leases, name, advise, partial(lambda who, n, _: listen(who, n), name), pace
            ).run()
        )
        for name in connected
    ]
    await until(lambda: connected["bob"])
    assert len(connected["ann"]) <= 1
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


# --- IDENTIFY


def advice(remaining: int, hours: float = 10) -> Advice:
    return Advice(
        shards=1, concurrency=1, total=1000, remaining=remaining, anew=timedelta(hours=hours)
    )


class Slow:
    """Leases in a database that grants at once and answers late."""

    def __init__(self, leases: StoredLeases, delay: float) -> None:
        self._leases, self._delay = leases, delay

    async def hold(self, names: Iterable[str], holder: str, length: timedelta) -> frozenset[str]:
        held = await self._leases.hold(names, holder, length)
        await asyncio.sleep(self._delay)
        return held


async def test_a_late_answer_brings_two_identifies_no_nearer(leases: StoredLeases) -> None:
    """The turn lasts from when it is heard of."""

    async def advise() -> Advice:
        return advice(999)

    slow = Turns(Slow(leases, 0.15), "ann", advise, Identifies(None), 0.4)  # type: ignore[arg-type]
    quick = Turns(leases, "bob", advise, Identifies(None), 0.4)
    await slow.wait(0, 1)
    first = monotonic()
    await quick.wait(0, 1)
    assert monotonic() - first > 0.375


def test_the_days_identifies_last_the_day() -> None:
    """Plenty are free; the last fifth is spread over the time until there are new ones."""
    assert pause(advice(1000)) == pause(advice(201)) == timedelta(0)
    assert pause(advice(100)) == timedelta(minutes=6)
    assert pause(advice(0)) == timedelta(hours=10)


async def test_replicas_take_turns_with_identify(leases: StoredLeases) -> None:
    """Discord counts one in five seconds for the bot as a whole; shards of different remainders do not wait."""
    told = Advice(shards=4, concurrency=2, total=1000, remaining=999, anew=timedelta(0))

    async def advise() -> Advice:
        return told

    times: dict[int, list[float]] = {0: [], 1: []}

    async def identify(turns: Turns, shard: int) -> None:
        await turns.wait(shard, 4)
        times[shard % 2].append(monotonic())

    both = [Turns(leases, name, advise, Identifies(None), 0.4) for name in ("ann", "bob")]
    await asyncio.gather(*(identify(turns, shard) for turns in both for shard in range(2)))
    for first, second in times.values():
        assert second - first > 0.375
