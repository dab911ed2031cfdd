"""Writing plans down: a run once, its deliveries once, and the subscription's next run in any case."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain, repeat

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.domain.deliveries import Delivery, Fate, Outcome, Plan
from bot.domain.posts import Digest, PaperCard
from storage.addresses import address
from storage.database import Database
from storage.given import Given, Inserting
from storage.posted import Pair, Posted
from storage.texts import dump_post

_ORDERS, _RUNS, _DELIVERIES, _PAPERS = (
    SQLModel.metadata.tables[name] for name in ("subscription", "run", "delivery", "delivery_paper")
)


class PlanWriter:
    """Writes any number of plans in a few statements, which are dear to make: keep it."""

    def __init__(self, database: Database, posted: Posted) -> None:
        self._database = database
        self._posted = posted
        self._ledger = _Ledger(database.is_file)
        self._orders = _Orders(database.is_file)

    async def write(self, session: AsyncSession, plans: Sequence[Plan]) -> list[Fate]:
        """In the caller's transaction. Nobody else plans for one of these channels until it ends."""
        await self._database.by_keys(session)
        connection = await session.connection()
        standing = await self._orders.standing(connection, plans)
        known = await self._ledger.known(connection, plans)
        brought = [_brought(plan) for plan in plans]
        latest = await self._posted.latest(session, chain(*brought))
        fates = list(_fates(zip(plans, brought, strict=True), standing, known, latest))
        done = [
            plan
            for plan, fate in zip(plans, fates, strict=True)
            if fate is not Fate.OVERTAKEN and plan.run.subscription in standing
        ]
        await self._orders.move(connection, done)
        await self._ledger.end_waiting(connection, done)
        written = [plan for plan, fate in zip(plans, fates, strict=True) if fate is Fate.WRITTEN]
        await self._ledger.enter(connection, written, standing)
        return fates


def _brought(plan: Plan) -> set[Pair]:
    """Which papers it brings where."""
    return {
        pair
        for one in plan.deliveries
        for pair in zip(repeat(str(one.channel)), one.papers.values(), strict=False)
    }


def _fates(
    plans: Iterable[tuple[Plan, set[Pair]]],
    standing: Collection[str],
    known: Collection[tuple[str, str]],
    latest: Mapping[Pair, datetime],
) -> Iterator[Fate]:
    """In their order, so that of two for one channel the first is written."""
    runs, promised = set(known), set[Pair]()
    for plan, pairs in plans:
        run = (plan.run.subscription, plan.run.edition)
        if plan.run.subscription not in standing or run in runs:
            yield Fate.KNOWN
        elif pairs & promised or any(_had(latest.get(pair), plan.new_since) for pair in pairs):
            yield Fate.OVERTAKEN
        else:
            runs.add(run)
            promised |= pairs
            yield Fate.WRITTEN


def _had(at: datetime | None, since: datetime | None) -> bool:
    return at is not None and (since is None or at >= since)


class _Orders:
    """The subscriptions that plans are for."""

    def __init__(self, is_file: bool) -> None:
        self._ids = Given(_ORDERS.c.id, is_file=is_file)
        theirs = select(_ORDERS.c.channel).join(self._ids.rows, _ORDERS.c.id == self._ids.c.id)
        self._lock = (
            select(_ORDERS.c.id, _ORDERS.c.channel)
            .where(_ORDERS.c.channel.in_(theirs))
            .order_by(_ORDERS.c.id)
            .with_for_update(key_share=True)
        )
        names = ("id", "next_run_at", "covered")
        self._given = given = Given(*(_ORDERS.c[name] for name in names), is_file=is_file)
        covered = func.coalesce(given.c.covered, _ORDERS.c.covered)
        self._move = (
            update(_ORDERS)
            .where(_ORDERS.c.id == given.c.id)
            .values(next_run_at=given.c.next_run_at, covered=covered)
        )

    async def standing(self, connection: AsyncConnection, plans: Sequence[Plan]) -> dict[str, str]:
        """Those that there are still, with their channels. All of these channels' subscriptions are locked, so
        that two which are planned at once do not both bring the same paper."""
        ids = self._ids([plan.run.subscription] for plan in plans)
        return {row.id: row.channel for row in await connection.execute(self._lock, ids)}

    async def move(self, connection: AsyncConnection, plans: Sequence[Plan]) -> None:
        """On to their next runs. Of two plans for one of them the later counts."""
        rows = {
            plan.run.subscription: (plan.run.subscription, plan.next_run_at, plan.covered)
            for plan in plans
        }
        if rows:
            await connection.execute(self._move, self._given(rows.values()))


class _Ledger:
    """Runs, and the deliveries they owe."""

    def __init__(self, is_file: bool) -> None:
        self._editions = given = Given(_RUNS.c.subscription, _RUNS.c.edition, is_file=is_file)
        same = (_RUNS.c.subscription == given.c.subscription) & (_RUNS.c.edition == given.c.edition)
        self._known = (
            select(_RUNS.c.subscription, _RUNS.c.edition)
            .join(given.rows, same)
            .where(_RUNS.c.outcome != Outcome.WAITING)
        )
        self._ids = Given(_RUNS.c.subscription, is_file=is_file)
        self._end_waiting = delete(_RUNS).where(
            _RUNS.c.subscription.in_(select(self._ids.c.subscription)),
            _RUNS.c.outcome == Outcome.WAITING,
        )
        self._keys = Given(_DELIVERIES.c.key, is_file=is_file)
        self._planned = select(_DELIVERIES.c.key).join(
            self._keys.rows, _DELIVERIES.c.key == self._keys.c.key
        )
        run = ("subscription", "edition", "channel", "due_at", "outcome", "reason", "posted")
        self._runs = Inserting(_RUNS, *run, "finished_at", "retry_at", is_file=is_file)
        delivery = ("key", "subscription", "channel", "edition", "part", "payload", "reply_to")
        state = ("state", "attempts", "next_attempt_at", "reason")
        self._deliveries = Inserting(_DELIVERIES, *delivery, *state, is_file=is_file)
        paper = ("delivery", "number", "paper", "channel", "at")
        self._papers = Inserting(_PAPERS, *paper, is_file=is_file)

    async def known(
        self, connection: AsyncConnection, plans: Sequence[Plan]
    ) -> set[tuple[str, str]]:
        """The runs of these that have ended; one that waited is written anew."""
        runs = [(plan.run.subscription, plan.run.edition) for plan in plans]
        rows = set(map(tuple, await connection.execute(self._known, self._editions(runs))))
        return {run for run in runs if self._tidied(*run) in rows}

    def _tidied(self, subscription: str, edition: str) -> tuple[str, str]:
        return self._editions.tidied(subscription), self._editions.tidied(edition, 1)

    async def end_waiting(self, connection: AsyncConnection, plans: Sequence[Plan]) -> None:
        """A run that waited, also under another key, has come to its end with this one."""
        ids = {plan.run.subscription for plan in plans}
        if ids:
            await connection.execute(self._end_waiting, self._ids([id] for id in ids))

    async def enter(
        self, connection: AsyncConnection, plans: Sequence[Plan], channels: Mapping[str, str]
    ) -> None:
        """New runs, and of their deliveries those that are not known."""
        await self._runs(
            connection, [_run(plan, channels[plan.run.subscription]) for plan in plans]
        )
        keys = [[one.key] for plan in plans for one in plan.deliveries]
        if not keys:
            return
        known = {key for (key,) in await connection.execute(self._planned, self._keys(keys))}
        new = [
            (plan, one)
            for plan in plans
            for one in plan.deliveries
            if self._keys.tidied(one.key) not in known
        ]
        payload = _Payloads()
        await self._deliveries(connection, [_delivery(one, payload(one.post)) for _, one in new])
        papers = (_papers(one, plan.run.finished_at) for plan, one in new)
        await self._papers(connection, [*chain.from_iterable(papers)])


class _Payloads:
    """Equal posts of one batch are one object: each is written out once."""

    def __init__(self) -> None:
        self._known: dict[int, str] = {}

    def __call__(self, post: Digest | PaperCard) -> str:
        if (text := self._known.get(id(post))) is None:
            text = self._known[id(post)] = dump_post(post)
        return text


def _run(plan: Plan, channel: str) -> tuple[object, ...]:
    run = plan.run
    where = (run.subscription, run.edition, channel)
    how = (run.due_at, run.outcome, run.reason, run.posted)
    return (*where, *how, run.finished_at, run.retry_at)


def _delivery(one: Delivery, payload: str) -> tuple[object, ...]:
    where = (one.key, one.subscription, address(one.channel), one.edition, one.part)
    return (*where, payload, one.reply_to, one.state, one.attempts, one.next_attempt_at, one.reason)


def _papers(one: Delivery, at: datetime) -> Iterator[tuple[object, ...]]:
    channel = address(one.channel)
    return ((one.key, number, paper, channel, at) for number, paper in one.papers.items())
