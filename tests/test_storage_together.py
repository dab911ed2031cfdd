"""Group commit: many callers, few transactions, and each waits for its own."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import event

from bot.domain.deliveries import Delivery, Outcome, Plan, Run, State
from bot.domain.errors import StorageError, UserError
from bot.domain.papers import Paper, PaperId
from bot.domain.people import Channel, Message, Workspace
from bot.domain.posts import Digest, Entry
from bot.domain.subscriptions import Edition, Subscription
from storage import Storage
from storage.together import Together
from tests.support.storage import Place, temporary_storage

NOON = datetime(2025, 5, 22, 12, tzinfo=UTC)
LEASE = NOON + timedelta(minutes=2)
PAPER = Paper(id=PaperId("2505.00001"), title="One")


class Journal:
    """What was written at once; numbers below zero cannot be, and while it is shut nothing can."""

    def __init__(self) -> None:
        self.pages: list[list[int]] = []
        self.tries = 0
        self.shut = False
        self.go = asyncio.Event()
        self.go.set()

    async def write(self, items: Sequence[int]) -> list[int]:
        self.tries += 1
        await self.go.wait()
        if self.shut or min(items) < 0:
            raise StorageError("no")
        self.pages.append([*items])
        return [item * 10 for item in items]

    def together(self, name: Callable[[int], int] = abs, most: int = 256) -> Together[int, int]:
        return Together(self.write, name, most)


async def test_what_comes_meanwhile_is_written_at_once() -> None:
    """The first does not wait for company; each gets its own result."""
    journal = Journal()
    together = journal.together()
    assert await asyncio.gather(*map(together.add, range(1, 9))) == [n * 10 for n in range(1, 9)]
    assert journal.pages in ([[1, 2, 3, 4, 5, 6, 7, 8]], [[1], [2, 3, 4, 5, 6, 7, 8]])
    journal.go.clear()
    first = asyncio.create_task(together.add(1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    others = [asyncio.create_task(together.add(n)) for n in range(2, 6)]
    await asyncio.sleep(0)
    assert not any(task.done() for task in (first, *others))
    journal.go.set()
    assert await asyncio.gather(first, *others) == [10, 20, 30, 40, 50]
    assert journal.pages[-2:] == [[1], [2, 3, 4, 5]]


async def test_no_transaction_has_the_same_thing_twice_or_too_much() -> None:
    """In the order they came."""
    journal = Journal()
    together = journal.together(name=lambda n: n % 10, most=3)
    await asyncio.gather(*map(together.add, (1, 2, 3, 4, 14, 5)))
    assert journal.pages == [[1, 2, 3], [4], [14, 5]]


async def test_one_that_cannot_be_written_spoils_it_for_nobody_else() -> None:
    """It alone hears of it."""
    journal = Journal()
    together = journal.together()
    results = await asyncio.gather(*map(together.add, (1, -2, 3)), return_exceptions=True)
    assert isinstance(results[1], StorageError)
    assert [results[0], results[2]] == [10, 30]


async def test_a_database_that_is_away_is_not_asked_for_each() -> None:
    """All hear of it at once, and when it is back all goes on."""
    journal = Journal()
    together = journal.together()
    journal.shut = True
    results = await asyncio.gather(*map(together.add, range(1, 99)), return_exceptions=True)
    assert all(isinstance(result, StorageError) for result in results)
    assert journal.tries == 3
    journal.shut = False
    assert await together.add(7) == 70


async def test_who_gives_up_waiting_takes_nobody_along() -> None:
    """What is under way is written all the same."""
    journal = Journal()
    together = journal.together()
    journal.go.clear()
    tasks = [asyncio.create_task(together.add(n)) for n in (1, 2)]
    await asyncio.sleep(0.01)
    tasks[0].cancel()
    await asyncio.sleep(0)
    journal.go.set()
    assert await tasks[1] == 20
    assert tasks[0].cancelled()
    assert journal.pages == [[1, 2]]


def order(number: int) -> Subscription:
    return Subscription(
        id=f"s{number}",
        channel=Channel(Workspace("terminal", "local"), f"c{number}"),
        edition=Edition.DAILY,
        created_at=NOON,
        next_run_at=NOON,
    )


def plan(number: int) -> Plan:
    run = Run(
        subscription=f"s{number}",
        edition="today",
        due_at=NOON,
        outcome=Outcome.POSTED,
        finished_at=NOON,
    )
    delivery = Delivery(
        key=f"s{number}:today:1",
        subscription=f"s{number}",
        channel=order(number).channel,
        edition="today",
        part=1,
        post=Digest(title="Today", entries=(Entry(paper=PAPER),)),
        next_attempt_at=NOON,
    )
    return Plan(run=run, deliveries=(delivery,), next_run_at=NOON + timedelta(days=1))


async def claimed(storage: Storage, count: int) -> list[Delivery]:
    """So many deliveries, on their way."""
    await storage.archive.keep([PAPER], as_of=NOON)
    for number in range(count):
        await storage.subscriptions.add(order(number))
    await storage.outbox.plan_all([plan(number) for number in range(count)])
    return await storage.outbox.claim(NOON, LEASE, count)


async def test_thirty_that_are_sent_at_once_take_few_transactions(place: Place) -> None:
    """And each is on the disk when its sender goes on: another connection sees it."""
    async with temporary_storage(place) as storage, temporary_storage(place) as another:
        deliveries = await claimed(storage, 30)
        commits = []
        engine = storage.database._engine.sync_engine
        event.listen(engine, "commit", commits.append)

        async def send(one: Delivery) -> None:
            message = Message(one.channel, "1")
            assert not await storage.outbox.sent(one.key, message, NOON)
            assert await another.outbox.message_of(one.key) == message
            assert await another.library.shown(message)

        await asyncio.gather(*map(send, deliveries))
        assert len(commits) < 10
        assert await another.outbox.owed() == 0


async def test_sent_and_put_back_go_together(place: Place) -> None:
    """Each as it would alone; an address that cannot be written costs the others nothing."""
    async with temporary_storage(place) as storage:
        one, two, three, four = await claimed(storage, 4)
        await storage.subscriptions.remove(two.subscription)
        put_back = storage.outbox.put_back
        results = await asyncio.gather(
            storage.outbox.sent(one.key, Message(one.channel, "1"), NOON),
            put_back(two.key, State.OWED, at=NOON, reason="later"),
            storage.outbox.sent(three.key, Message(three.channel, "a b"), NOON),
            put_back(four.key, State.OWED, at=NOON, reason="later", attempts=four.attempts),
            return_exceptions=True,
        )
        assert [type(result) for result in results] == [bool, type(None), UserError, type(None)]
        assert await storage.outbox.message_of(one.key)
        assert [again.key for again in await storage.outbox.claim(NOON, LEASE)] == [four.key]
        assert await storage.outbox.owed() == 2


async def test_the_one_who_sends_hears_whether_the_subscription_rests(place: Place) -> None:
    """Then it need not any more."""
    async with temporary_storage(place) as storage:
        one, two = await claimed(storage, 2)
        await storage.subscriptions.pause(one.subscription, "closed")
        resting = await asyncio.gather(
            *(
                storage.outbox.sent(each.key, Message(each.channel, "1"), NOON)
                for each in (one, two)
            )
        )
        assert resting == [True, False]


async def test_equal_posts_come_back_as_one(place: Place) -> None:
    """The same object, in every claim, until a paper of theirs has changed."""
    async with temporary_storage(place) as storage:
        deliveries = await claimed(storage, 3)
        (post,) = {id(one.post): one.post for one in deliveries}.values()
        first, second, third = deliveries
        await storage.outbox.put_back(first.key, State.OWED, at=NOON, reason="")
        (again,) = await storage.outbox.claim(NOON, LEASE)
        assert again.post is post
        better = Paper(id=PAPER.id, title="A better title")
        await storage.archive.keep([better], as_of=NOON + timedelta(hours=1))
        for one in (second, third):
            await storage.outbox.put_back(one.key, State.OWED, at=NOON, reason="")
        new = await storage.outbox.claim(NOON, LEASE)
        assert [one.post.entries[0].paper.title for one in new] == ["A better title"] * 2
        assert new[0].post is new[1].post
