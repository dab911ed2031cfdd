"""Several replicas on one server: they write at once, each with a search index and a clock of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.domain.deliveries import Delivery, Outcome, Plan, Run, State
from bot.domain.papers import Listing, Paper, PaperId
from bot.domain.people import Channel, Message, Person, Workspace
from bot.domain.posts import Digest
from bot.domain.search import Has, Query, Sort, Word
from bot.domain.stores import Save
from bot.domain.subscriptions import Edition, Subscription
from storage import Storage, open_storage
from storage.keeping import Keeper
from tests.support.storage import Place

NOON = datetime(2025, 5, 22, 12, tzinfo=UTC)
LEASE = NOON + timedelta(minutes=2)
HERE = Workspace("terminal", "local")
CHANNEL = Channel(HERE, "papers")
ADA = Person("terminal", "ada", "Ada")


@asynccontextmanager
async def replicas(place: Place) -> AsyncIterator[tuple[Storage, Storage]]:
    """Two of them on two machines: one database, an index each."""
    one, two = (open_storage(place.url, place.directory / name) for name in ("one", "two"))
    async with one as first, two as second:
        yield first, second


def paper(number: int, **changes: object) -> Paper:
    return replace(Paper(id=PaperId(f"2505.{number:05}"), title=f"Paper {number}"), **changes)


def order(name: str) -> Subscription:
    return Subscription(
        id=name, channel=CHANNEL, edition=Edition.DAILY, created_at=NOON, next_run_at=NOON
    )


def plan(name: str, edition: str = "today") -> Plan:
    delivery = Delivery(
        key=f"{name}:{edition}",
        subscription=name,
        channel=CHANNEL,
        edition=edition,
        part=1,
        post=Digest(title="Today"),
        next_attempt_at=NOON,
    )
    run = Run(
        subscription=name, edition=edition, due_at=NOON, outcome=Outcome.POSTED, finished_at=NOON
    )
    return Plan(run=run, deliveries=(delivery,), next_run_at=NOON)


async def test_no_index_skips_a_paper_that_is_committed_late(server: Place) -> None:
    """Revisions become visible in their order: who wants the next one waits for who has the last one."""
    async with replicas(server) as (one, two):
        await one.archive.keep([paper(1)], as_of=NOON)
        async with one.database.write() as session:
            views = [([paper(2, title="slow zebra")], NOON)]
            await Keeper(one.database).merge(await session.connection(), views)
            quick = asyncio.create_task(
                two.archive.keep([paper(3, title="quick zebra")], as_of=NOON)
            )
            await asyncio.sleep(0.1)
            assert not quick.done()
            assert await two.search.catch_up() == 1
        await quick
        assert await two.search.catch_up() == 2
        found = await two.search.search(Query(words=(Word("zebra"),)))
        assert {hit.paper.id for hit in found.hits} == {"2505.00002", "2505.00003"}


async def test_two_replicas_that_write_find_each_other_s_papers(server: Place) -> None:
    """Each has an index of its own, and in the end the same in it."""
    async with replicas(server) as both:

        async def write(storage: Storage, first: int) -> None:
            for number in range(first, 30, 2):
                many = [paper(number), paper(number + 1, upvotes=number)]
                await storage.archive.keep(many, as_of=NOON + timedelta(minutes=number))
                if number % 8 < 2:
                    await storage.search.catch_up()

        await asyncio.gather(*(write(storage, n) for n, storage in enumerate(both)))
        for storage in both:
            found = await storage.search.search(Query(words=(Word("paper"),)), limit=100)
            assert found.total == 31
            revision = await storage.search._changes.latest()
            assert (await storage.search._current()).revision == revision
            plain = Query(sort=Sort.UPVOTES, min=1, has=frozenset[Has]())
            most = (await storage.search.search(plain, limit=1)).hits[0].paper
            assert most.upvotes == 29


async def test_what_is_owed_to_the_one_who_left_is_not_sent(server: Place) -> None:
    """Two replicas: one puts a delivery back while the other one removes its subscription."""
    async with replicas(server) as (one, two):
        for number in range(6):
            name = f"s{number}"
            await one.subscriptions.add(order(name))
            await one.outbox.plan(plan(name))
            (claimed,) = await one.outbox.claim(NOON, LEASE)
            await asyncio.gather(
                one.outbox.put_back(claimed.key, State.OWED, at=NOON, reason="later"),
                two.subscriptions.remove(name),
            )
            assert await two.outbox.claim(NOON, LEASE) == []


async def test_everything_at_once_ends(server: Place) -> None:
    """Two replicas plan, send, put back, settle, prune, save and unsubscribe: nobody waits for ever or is refused."""

    async def live(storage: Storage, name: str) -> int:
        sent = 0
        message = Message(CHANNEL, name)
        for edition in map(str, range(4)):
            await storage.outbox.plan(plan(name, edition))
            for one in await storage.outbox.claim(NOON, LEASE, limit=3):
                await storage.outbox.put_back(one.key, State.OWED, at=NOON, reason="")
            for one in await storage.outbox.claim(NOON, LEASE, limit=3):
                await storage.outbox.sent(one.key, message, NOON)
                sent += 1
            await storage.outbox.unsettled(NOON)
            await storage.outbox.prune(NOON + timedelta(days=1))
            await storage.heard.first(edition, NOON, timedelta(days=1))
            await storage.heard.forget(NOON + timedelta(days=1))
            await storage.archive.keep(
                [paper(1, upvotes=int(edition)), paper(2)], as_of=NOON, listing=Listing.trending()
            )
            await storage.library.save(
                Save(person=ADA, workspace=HERE, paper=paper(1).id, at=NOON, origin=name)
            )
        await storage.subscriptions.remove(name)
        return sent

    async with replicas(server) as both:
        names = [f"s{number}" for number in range(5)]
        for name in names:
            await both[0].subscriptions.add(order(name))
        lives = (live(both[n % 2], name) for n, name in enumerate(names))
        counts = await asyncio.wait_for(asyncio.gather(*lives), 30)
        assert 0 < sum(counts) <= 20


async def test_of_two_acts_of_saving_at_once_one_is_the_first(server: Place) -> None:
    """By command on one replica, by emoji on the other."""
    async with replicas(server) as (one, two):
        for number in range(5):
            act = Save(person=ADA, workspace=HERE, paper=paper(number).id, at=NOON, origin="x")
            saved = await asyncio.gather(
                one.library.save(replace(act, origin="emoji")), two.library.save(act)
            )
            assert sorted(saved) == [False, True]


async def test_a_machine_whose_clock_is_ahead_takes_nothing_over(server: Place) -> None:
    """Leases go by the server's clock: an hour's error of one machine does not double a post."""
    ahead = timedelta(hours=1)
    async with replicas(server) as (right, wrong):
        await right.subscriptions.add(order("tulip"))
        await right.outbox.plan(plan("tulip"))
        assert len(await right.outbox.claim(NOON, LEASE)) == 1
        assert await wrong.outbox.unsettled(NOON + ahead) == []
        assert await wrong.outbox.claim(NOON + ahead, LEASE + ahead) == []


async def test_a_lease_that_has_ended_is_taken_over(server: Place) -> None:
    """As long as was asked for, also for a machine whose clock stands in another year."""
    async with replicas(server) as (one, two):
        await one.subscriptions.add(order("tulip"))
        await one.outbox.plan(plan("tulip"))
        (taken,) = await one.outbox.claim(NOON, NOON + timedelta(milliseconds=150))
        assert await two.outbox.unsettled(NOON) == []
        await asyncio.sleep(0.16)
        (found,) = await two.outbox.unsettled(NOON, LEASE)
        assert (found.key, found.state) == (taken.key, State.UNKNOWN)
        assert await one.outbox.unsettled(NOON) == []
