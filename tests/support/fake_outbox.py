"""Stand-ins for the standing orders and the outbox, in memory."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.deliveries import Delivery, Fate, Outcome, Plan, Run, State
from bot.domain.papers import PaperId
from bot.domain.people import Channel, Message, Person, Workspace
from bot.domain.subscriptions import Edition, Subscription, Terms

ENDED = (State.SENT, State.FAILED)


class FakeSubscriptions:
    """Standing orders in a dict."""

    def __init__(self, *there: Subscription) -> None:
        self.known = {one.id: one for one in there}

    async def add(self, subscription: Subscription) -> None:
        self.known[subscription.id] = subscription

    async def replace_terms(self, id: str, terms: Terms, next_run_at: datetime) -> None:
        self.known[id] = replace(self.known[id], terms=terms, next_run_at=next_run_at)

    async def remove(self, id: str) -> None:
        self.known.pop(id, None)

    async def get(self, id: str) -> Subscription | None:
        return self.known.get(id)

    async def of(self, channel: Channel) -> list[Subscription]:
        return [one for one in self.known.values() if one.channel == channel]

    async def within(self, workspace: Workspace) -> list[Subscription]:
        return [one for one in self.known.values() if one.channel.workspace == workspace]

    async def all(self) -> list[Subscription]:
        return list(self.known.values())

    async def by(self, person: Person) -> list[Subscription]:
        theirs = [one for one in self.known.values() if one.created_by == person]
        return sorted(theirs, key=lambda one: (one.created_at, one.id))

    async def of_edition(self, edition: Edition) -> list[Subscription]:
        return [one for one in self.known.values() if one.edition is edition]

    async def redirect(
        self, id: str, channel: Channel, terms: Terms, next_run_at: datetime
    ) -> None:
        self.known[id] = replace(
            self.known[id], channel=channel, terms=terms, next_run_at=next_run_at, paused=None
        )

    async def due(
        self, now: datetime, limit: int = 500, after: Subscription | None = None
    ) -> list[Subscription]:
        due = [s for s in self.known.values() if s.next_run_at <= now and s.paused is None]
        if after is not None:
            due = [s for s in due if _order(s) > _order(after)]
        return sorted(due, key=_order)[:limit]

    async def put_off(self, until: Mapping[str, datetime]) -> None:
        for id in until.keys() & self.known.keys():
            self.known[id] = replace(self.known[id], next_run_at=until[id])

    async def pause(self, id: str, reason: str) -> None:
        self.known[id] = replace(self.known[id], paused=reason)

    async def resume(self, id: str, next_run_at: datetime) -> None:
        self.known[id] = replace(self.known[id], paused=None, next_run_at=next_run_at)


def _order(subscription: Subscription) -> tuple[datetime, str]:
    return subscription.next_run_at, subscription.id


class FakeOutbox:
    """Plans, deliveries and runs in memory, with the promises of the real one."""

    def __init__(self, subscriptions: FakeSubscriptions | None = None) -> None:
        self.subscriptions = subscriptions or FakeSubscriptions()
        self.deliveries: dict[str, Delivery] = {}
        self.planned_at: dict[str, datetime] = {}
        self.leases: dict[str, datetime] = {}
        self.ended: list[Run] = []

    async def plan(self, plan: Plan) -> bool:
        return await self.plan_all([plan]) == [Fate.WRITTEN]

    async def plan_all(self, plans: Sequence[Plan]) -> list[Fate]:
        return [await self._planned(plan) for plan in plans]

    async def _planned(self, plan: Plan) -> Fate:
        order = self.subscriptions.known.get(plan.run.subscription)
        if order is None:
            return Fate.KNOWN
        key = (plan.run.subscription, plan.run.edition)
        known = next((r for r in self.ended if (r.subscription, r.edition) == key), None)
        fresh = known is None or known.outcome is Outcome.WAITING
        if fresh and await self.posted(order.channel, plan.papers, plan.new_since):
            return Fate.OVERTAKEN
        covered = order.covered if plan.covered is None else plan.covered
        order = replace(order, next_run_at=plan.next_run_at, covered=covered)
        self.subscriptions.known[order.id] = order
        if known and not fresh:
            return Fate.KNOWN
        if known:
            self.ended.remove(known)
        self.ended.append(plan.run)
        for delivery in plan.deliveries:
            self.deliveries.setdefault(delivery.key, delivery)
            self.planned_at.setdefault(delivery.key, plan.run.finished_at)
        return Fate.WRITTEN

    async def posted_in(
        self, channels: Iterable[Channel], papers: Iterable[PaperId], since: datetime | None
    ) -> dict[Channel, frozenset[PaperId]]:
        papers = list(papers)
        had = {channel: await self.posted(channel, papers, since) for channel in channels}
        return {channel: frozenset(ids) for channel, ids in had.items() if ids}

    async def posted(
        self, channel: Channel, papers: Iterable[PaperId], since: datetime | None
    ) -> set[PaperId]:
        had = {
            paper
            for key, one in self.deliveries.items()
            if one.channel == channel and one.state is not State.FAILED
            if since is None or self.planned_at[key] >= since
            for paper in one.papers.values()
        }
        return had & set(papers)

    async def claim(self, now: datetime, lease_until: datetime, limit: int = 50) -> list[Delivery]:
        claimed: list[Delivery] = []
        for key, one in sorted(self.deliveries.items(), key=lambda item: item[1].part):
            due = one.state is State.OWED and one.next_attempt_at <= now
            if due and not self._held_up(one) and len(claimed) < limit:
                taken = replace(one, state=State.SENDING, attempts=one.attempts + 1)
                self.deliveries[key], self.leases[key] = taken, lease_until
                claimed.append(taken)
        return claimed

    def _held_up(self, one: Delivery) -> bool:
        return any(
            (other.subscription, other.edition) == (one.subscription, one.edition)
            and other.part < one.part
            and other.state not in ENDED
            for other in self.deliveries.values()
        )

    async def sent(self, key: str, message: Message, at: datetime) -> bool:
        self.deliveries[key] = replace(self.deliveries[key], state=State.SENT, message=message)
        self.planned_at[key] = at
        order = self.subscriptions.known.get(self.deliveries[key].subscription)
        return order is not None and order.paused is not None

    async def put_back(
        self, key: str, state: State, *, at: datetime, reason: str, attempts: int | None = None
    ) -> None:
        one = self.deliveries[key]
        if one.state is not State.SENT and attempts in (None, one.attempts):
            self.deliveries[key] = replace(one, state=state, next_attempt_at=at, reason=reason)

    async def unsettled(self, now: datetime, lease_until: datetime | None = None) -> list[Delivery]:
        for key, one in self.deliveries.items():
            if one.state is State.SENDING and self.leases[key] <= now:
                self.deliveries[key] = replace(one, state=State.UNKNOWN, next_attempt_at=now)
        return [
            one
            for one in self.deliveries.values()
            if one.state is State.UNKNOWN and one.next_attempt_at <= now
        ]

    async def message_of(self, key: str) -> Message | None:
        return self.deliveries[key].message if key in self.deliveries else None

    async def showing(self, channel: Channel, paper: PaperId) -> str | None:
        shown = [
            key
            for key, one in self.deliveries.items()
            if one.message and one.channel == channel and paper in one.papers.values()
        ]
        return min(shown, key=lambda key: self.planned_at[key], default=None)

    async def runs(self, place: Channel | Workspace, limit: int = 5) -> list[Run]:
        a_channel = isinstance(place, Channel)
        orders = self.subscriptions
        here = {o.id for o in await (orders.of(place) if a_channel else orders.within(place))}
        found = [run for run in self.ended if run.subscription in here]
        return sorted(found, key=lambda run: (run.due_at, run.finished_at), reverse=True)[:limit]

    async def owed(self, place: Channel | Workspace | None = None) -> int:
        return sum(
            one.state not in ENDED and place in (None, one.channel, one.channel.workspace)
            for one in self.deliveries.values()
        )

    async def prune(self, before: datetime) -> int:
        old = [run for run in self.ended if run.finished_at < before]
        self.ended = [run for run in self.ended if run not in old]
        return len(old)
