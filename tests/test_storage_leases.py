"""Leases: what one of several processes does for all, on each kind of database."""

import asyncio
from datetime import timedelta

from bot.domain.stores import Leases
from storage.database import Database
from storage.leases import Leases as StoredLeases
from tests.support.fakes import NOW
from tests.support.storage import Place, temporary_database

LONG = timedelta(minutes=1)
SHORT = timedelta(seconds=-1)
"""So short that it has ended when it begins."""


async def test_what_one_holds_no_other_gets(place: Place) -> None:
    """Whoever asks for several gets those that are free; who asks again keeps them."""
    async with temporary_database(place) as database:
        leases: Leases = StoredLeases(database)
        assert await leases.hold(["a", "b"], "ann", LONG) == {"a", "b"}
        assert await leases.hold(["b", "c"], "bob", LONG) == {"c"}
        assert await leases.hold(["a", "b", "c"], "ann", LONG) == {"a", "b"}
        assert await leases.held("") == {"a": "ann", "b": "ann", "c": "bob"}
        assert await leases.hold([], "ann", LONG) == frozenset()


async def test_an_ended_one_is_anybodys(place: Place) -> None:
    """And until somebody takes it, it is nobody's."""
    async with temporary_database(place) as database:
        leases = StoredLeases(database)
        assert await leases.hold(["a"], "ann", SHORT) == {"a"}
        assert await leases.held("a") == {}
        assert await leases.hold(["a"], "bob", LONG) == {"a"}
        assert await leases.hold(["a"], "ann", LONG) == frozenset()


async def test_what_is_given_back_is_free_at_once(place: Place) -> None:
    """Only the holder can give it back."""
    async with temporary_database(place) as database:
        leases = StoredLeases(database)
        await leases.hold(["a", "b"], "ann", LONG)
        await leases.release(["a", "b"], "bob")
        assert await leases.held("") == {"a": "ann", "b": "ann"}
        await leases.release(["a"], "ann")
        assert await leases.hold(["a", "b"], "bob", LONG) == {"a"}


async def test_names_are_found_by_how_they_begin(place: Place) -> None:
    """Whatever is in them, nothing stands for anything else."""
    async with temporary_database(place) as database:
        leases = StoredLeases(database)
        await leases.hold(["job/a", "job/b", "jobs", "j_b/a"], "ann", LONG)
        assert (await leases.held("job/")).keys() == {"job/a", "job/b"}
        assert (await leases.held("j_b")).keys() == {"j_b/a"}


async def test_of_many_who_ask_at_once_one_gets_it(place: Place) -> None:
    """However they ask: in the end each name has one holder, who knows."""
    names = [f"n{number}" for number in range(5)]
    async with temporary_database(place) as database:
        leases = StoredLeases(database)
        got = await asyncio.gather(
            *(
                leases.hold(names[::step], who, LONG)
                for who, step in zip("xyzuvw", (1, -1) * 3, strict=True)
            )
        )
        assert sum(map(len, got)) == len(names)
        held = await leases.held("n")
        assert {name: who for who, mine in zip("xyzuvw", got, strict=True) for name in mine} == held


async def test_those_of_the_dead_are_forgotten_in_time(place: Place) -> None:
    """Each start of a process leaves a row behind if nobody clears up."""
    async with temporary_database(place) as database:
        leases = StoredLeases(database)
        await leases.hold(["old"], "ann", timedelta(days=-2))
        await leases.hold(["new"], "ann", SHORT)
        assert await leases.forget() == 1
        assert await leases.forget() == 0


async def test_a_servers_clock_counts_and_a_files_machine(place: Place) -> None:
    """Replicas whose clocks are wrong still agree on when a lease ends."""
    async with temporary_database(place) as database:
        fast = StoredLeases(database, lambda: NOW + timedelta(hours=1))
        slow = StoredLeases(database, lambda: NOW)
        await slow.hold(["a"], "slow", LONG)
        taken = await fast.hold(["a"], "fast", LONG)
        assert taken == (frozenset({"a"}) if database.is_file else frozenset())


async def test_they_outlive_whoever_opened_the_database(place: Place) -> None:
    """They are rows, not sessions: a pooler or a lost connection does not end them."""
    async with temporary_database(place) as database:
        await StoredLeases(database).hold(["a"], "ann", LONG)
    again: Database
    async with temporary_database(place) as again:
        assert await StoredLeases(again).held("a") == {"a": "ann"}
