"""Plan what is owed: due subscriptions become runs and the messages they owe, written down at once."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.deliveries import Fate, Outcome, Plan
from bot.domain.errors import PaperbotError, StorageError
from bot.domain.papers import PaperId
from bot.domain.people import Channel
from bot.domain.ports import Budget, Refresher
from bot.domain.stores import Archive, Outbox, Subscriptions
from bot.domain.subscriptions import STANDARD, Edition, Subscription, Terms
from bot.editions import Selection
from bot.making import Maker, Occasion
from bot.plans import in_trouble, next_look, with_posts, without_posts
from bot.rounds import Round

log = logging.getLogger(__name__)

TOGETHER = 500
"""Subscriptions that are planned in one go, and written in one transaction."""
ROUNDS = 10
"""How often those of one channel that get in each other's way are decided anew; then they wait for the next tick."""
IN_A_ROW = 2
"""When so many plans in a row cannot be written, it is the database that ails, not the plans."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The operator's choices about delivery."""

    defaults: Terms = STANDARD
    catch_up: timedelta = timedelta(hours=36)
    """After downtime, a run older than this is skipped."""
    retry_every: timedelta = timedelta(minutes=10)
    patience: timedelta = timedelta(hours=1)
    """How long a run waits for Hugging Face before it makes do with what the archive has."""
    spread: timedelta = timedelta(0)
    """Messages of one hour go out over so long a time, each channel's always at the same point of it."""
    at_least_once: bool = True
    """What to do with a lost answer when the platform cannot be asked: send again, or let it be."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A run that may show papers, before it is known which of them its channel has had."""

    occasion: Occasion
    selection: Selection

    @property
    def channel(self) -> Channel:
        """Where it goes."""
        return self.occasion.subscription.channel

    @property
    def asks(self) -> tuple[int, datetime | None]:
        """The same for all that ask the same of their channels' past."""
        return (id(self.selection), self.occasion.new_since)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """Decides what due subscriptions owe."""

    archive: Archive
    subscriptions: Subscriptions
    outbox: Outbox
    refresher: Refresher
    budgets: Mapping[str, Budget]
    """Platform -> what fits in a message there; a platform that is not here is switched off."""
    clock: Callable[[], datetime]
    names: Mapping[str, str] = field(default_factory=dict)
    """Platform -> how people call us there, where that is not `/paper`."""
    rules: Rules = field(default_factory=Rules)
    makers: Mapping[Edition, Maker] = field(default_factory=dict)
    """Who makes what channels do not subscribe to."""
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    """Once it is set, what is begun is written and nothing more is begun."""

    async def plan_due(self) -> None:
        """Every subscription whose run has come, once."""
        now, last = self.clock(), None
        while not self.closing.is_set():
            due = await self.subscriptions.due(now, TOGETHER, last)
            await self.plan(sorted(due, key=_turn))
            if len(due) < TOGETHER:
                return
            last = due[-1]

    async def plan(self, subscriptions: Sequence[Subscription]) -> None:
        """Decide one run of each and write them down together.

        Those of one channel may want the same papers: the first gets them, the others decide again.
        """
        for _ in range(ROUNDS):
            subscriptions = await self._plan(subscriptions)
            if not subscriptions:
                return

    async def _plan(self, subscriptions: Sequence[Subscription]) -> Sequence[Subscription]:
        """Those that were overtaken are returned."""
        round = Round(
            self.archive,
            self.refresher,
            budgets=self.budgets,
            names=self.names,
            defaults=self.rules.defaults,
            now=self.clock(),
            makers=self.makers,
        )
        begun = [await self._begun(round, subscription) for subscription in subscriptions]
        drafts = [one for one in begun if isinstance(one, Draft)]
        had = await self._had(drafts)
        ended = [self._ended(round, draft, had[draft.asks]) for draft in drafts]
        if quiet := dict(one for one in ended if not isinstance(one, Plan)):
            await self.subscriptions.put_off(quiet)
        plans = [one for one in (*begun, *ended) if isinstance(one, Plan)]
        overtaken = await self._write(plans)
        return [one for one in subscriptions if one.id in overtaken]

    async def _begun(self, round: Round, subscription: Subscription) -> Draft | Plan:
        """What one subscription brings to light costs nobody else an edition."""
        try:
            return await self._begin(round, round.occasion(subscription))
        except StorageError:
            raise
        except Exception as e:
            log.exception("delivery.not_planned subscription=%s", subscription.id)
            return self._in_trouble(round, subscription, e)

    async def _begin(self, round: Round, occasion: Occasion) -> Draft | Plan:
        platform = occasion.subscription.channel.platform
        if platform not in self.budgets:
            reason = f"{platform} is not switched on"
            return without_posts(occasion, Outcome.SKIPPED, reason)
        if occasion.now - occasion.due > self.rules.catch_up:
            reason = f"its hour, {occasion.due:%d %B %H:%M} UTC, had passed too long ago"
            return without_posts(occasion, Outcome.SKIPPED, reason)
        if problem := await round.problem(occasion, self.rules.patience):
            retry = min(occasion.now + self.rules.retry_every, occasion.upcoming)
            return without_posts(occasion, Outcome.WAITING, problem, retry)
        return Draft(occasion, await round.selection(occasion))

    async def _had(
        self, drafts: Sequence[Draft]
    ) -> dict[tuple[int, datetime | None], dict[Channel, frozenset[PaperId]]]:
        """What channels have had of what they are to get: asked once for all that are to get the same."""
        alike: dict[tuple[int, datetime | None], list[Draft]] = {}
        for draft in drafts:
            alike.setdefault(draft.asks, []).append(draft)
        return {
            asks: await self.outbox.posted_in(
                [draft.channel for draft in some],
                [paper.id for paper in some[0].selection.papers],
                some[0].occasion.new_since,
            )
            if some[0].selection.papers
            else {}
            for asks, some in alike.items()
        }

    def _ended(
        self, round: Round, draft: Draft, had: Mapping[Channel, frozenset[PaperId]]
    ) -> Plan | tuple[str, datetime]:
        """Its plan; or if it has nothing new to say, its subscription and when that looks again."""
        occasion, selection = draft.occasion, draft.selection
        try:
            choice = round.choice(selection, occasion.terms, had.get(draft.channel, frozenset()))
            if selection.again and not choice.papers:
                return occasion.subscription.id, next_look(occasion)
            posts = round.posts(selection, choice, occasion.terms, draft.channel.platform)
            return with_posts(occasion, selection, choice, posts, self.rules.spread)
        except Exception as e:
            log.exception("delivery.not_planned subscription=%s", occasion.subscription.id)
            return self._in_trouble(round, occasion.subscription, e)

    def _in_trouble(self, round: Round, subscription: Subscription, error: Exception) -> Plan:
        return in_trouble(subscription, error, round.now, round.now + self.rules.retry_every)

    async def _write(self, plans: Sequence[Plan]) -> set[str]:
        """The subscriptions whose plans were overtaken."""
        overtaken = set()
        for plan, fate in await self._fates(plans):
            if fate is Fate.OVERTAKEN:
                overtaken.add(plan.run.subscription)
            elif fate is Fate.WRITTEN:
                _tell(plan)
        return overtaken

    async def _fates(self, plans: Sequence[Plan]) -> Sequence[tuple[Plan, Fate]]:
        """All in one transaction. If that fails each in its own: one that cannot be written is left out."""
        if not plans:
            return []
        try:
            return list(zip(plans, await self.outbox.plan_all(plans), strict=True))
        except PaperbotError:
            if len(plans) < IN_A_ROW:
                raise
        fates: list[tuple[Plan, Fate]] = []
        failed = 0
        for plan in plans:
            try:
                (fate,) = await self.outbox.plan_all([plan])
            except PaperbotError as e:
                failed += 1
                if failed == IN_A_ROW:
                    raise
                log.warning(
                    "delivery.not_planned subscription=%s reason=%s", plan.run.subscription, e
                )
            else:
                failed = 0
                fates.append((plan, fate))
        return fates


def _turn(subscription: Subscription) -> tuple[datetime, datetime]:
    """Of those that are due at the same time the oldest comes first: a paper that several want is brought by it."""
    return subscription.next_run_at, subscription.created_at


def _tell(plan: Plan) -> None:
    log.info(
        "delivery.planned subscription=%s edition=%s outcome=%s messages=%d reason=%s",
        plan.run.subscription,
        plan.run.edition,
        plan.run.outcome,
        len(plan.deliveries),
        plan.run.reason,
    )
