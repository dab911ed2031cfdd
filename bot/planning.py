"""Plan what is owed: a due subscription becomes a run and the messages it owes, written down at once."""

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bot.digest import Choice, choose, lay_out
from bot.domain.deliveries import Delivery, Outcome, Plan, Run
from bot.domain.papers import PaperId
from bot.domain.ports import Budget, Refresher
from bot.domain.posts import Digest, PaperCard
from bot.domain.stores import Archive, Outbox, Subscriptions
from bot.domain.subscriptions import STANDARD, Edition, Layout, Subscription, Terms
from bot.editions import Need, Selection, follow_up, gather, needs
from bot.schedule import last_run, next_run

log = logging.getLogger(__name__)

LIVE_AGE = timedelta(minutes=5)
"""A list that is still growing is read again when our view is older."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """One run of one subscription: `terms` are resolved, `due` is the hour asked for, `upcoming` the next one."""

    subscription: Subscription
    terms: Terms
    due: datetime
    now: datetime
    upcoming: datetime

    @property
    def regular(self) -> bool:
        """Whether this is the hour asked for, and not just a look for late additions."""
        covered = self.subscription.covered
        if self.subscription.edition is not Edition.LIVE or covered is None:
            return True
        return datetime.fromisoformat(covered.partition("@")[2]) < self.due


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

    async def plan_due(self) -> None:
        """Every subscription whose run has come."""
        for subscription in await self.subscriptions.due(self.clock()):
            await self.plan(subscription)

    async def plan(self, subscription: Subscription) -> Plan | None:
        """Decide one run and write it down; None when a quiet edition has nothing new."""
        occasion = self._occasion(subscription)
        plan = await self._decide(occasion)
        if plan is None:
            await self.subscriptions.resume(subscription.id, _next_look(occasion))
        elif await self.outbox.plan(plan):
            log.info(
                "delivery.planned subscription=%s edition=%s outcome=%s messages=%d reason=%s",
                subscription.id,
                plan.run.edition,
                plan.run.outcome,
                len(plan.deliveries),
                plan.run.reason,
            )
        return plan

    def _occasion(self, subscription: Subscription) -> Occasion:
        now = self.clock()
        terms = subscription.terms.resolved(self.rules.defaults)
        return Occasion(
            subscription=subscription,
            terms=terms,
            due=last_run(subscription.edition, terms, now),
            now=now,
            upcoming=next_run(subscription.edition, terms, now),
        )

    async def _decide(self, occasion: Occasion) -> Plan | None:
        subscription = occasion.subscription
        if subscription.channel.platform not in self.budgets:
            reason = f"{subscription.channel.platform} is not switched on"
            return _without_posts(occasion, Outcome.SKIPPED, reason)
        if occasion.now - occasion.due > self.rules.catch_up:
            reason = f"its hour, {occasion.due:%d %B %H:%M} UTC, had passed too long ago"
            return _without_posts(occasion, Outcome.SKIPPED, reason)
        if problem := await self._freshen(occasion):
            retry = min(occasion.now + self.rules.retry_every, occasion.upcoming)
            return _without_posts(occasion, Outcome.WAITING, problem, retry)
        selection = await gather(
            self.archive, subscription, occasion.terms, occasion.now, regular=occasion.regular
        )
        posted = await self._posted(occasion, selection)
        choice = choose(selection.papers, occasion.terms, posted)
        if selection.again and not choice.papers:
            return None
        return self._planned(occasion, selection, choice)

    async def _posted(self, occasion: Occasion, selection: Selection) -> set[PaperId]:
        again = occasion.terms.again
        since = occasion.now - timedelta(days=again) if again else None
        ids = [paper.id for paper in selection.papers]
        return await self.outbox.posted(occasion.subscription.channel, ids, since)

    async def _freshen(self, occasion: Occasion) -> str:
        """Why the run has to wait; empty when what it needs is there, or waiting longer is no use."""
        for need in needs(occasion.subscription, occasion.now):
            freshness = await self.refresher.refresh(
                need.listing, max_age=_max_age(need), budget=20.0
            )
            problem = freshness.problem
            if need.settled and freshness.at is None and not problem:
                problem = f"Hugging Face has not opened the list of {need.listing.key} yet"
            waited = occasion.now - occasion.due
            if problem and (freshness.at is None or waited < self.rules.patience):
                return problem
        return ""

    def _planned(self, occasion: Occasion, selection: Selection, choice: Choice) -> Plan:
        deliveries = self._deliveries(occasion, selection, choice)
        upcoming = occasion.upcoming
        if selection.follows:
            upcoming = follow_up(selection.follows, upcoming, occasion.now)
        return Plan(
            run=Run(
                subscription=occasion.subscription.id,
                edition=selection.key,
                due_at=occasion.due,
                outcome=Outcome.POSTED if deliveries else Outcome.NOTHING,
                reason="" if deliveries else choice.why_nothing,
                posted=len(choice.papers),
                finished_at=occasion.now,
            ),
            deliveries=deliveries,
            next_run_at=upcoming,
            covered=selection.covered,
        )

    def _deliveries(
        self, occasion: Occasion, selection: Selection, choice: Choice
    ) -> tuple[Delivery, ...]:
        subscription = occasion.subscription
        platform = subscription.channel.platform
        command = self.names.get(platform, "/paper")
        posts = lay_out(selection, choice, occasion.terms, self.budgets[platform], command)
        keys = [f"{subscription.id}:{selection.key}:{part}" for part in range(1, len(posts) + 1)]
        threaded = occasion.terms.layout is Layout.THREAD
        return tuple(
            Delivery(
                key=key,
                subscription=subscription.id,
                channel=subscription.channel,
                edition=selection.key,
                part=part,
                post=post,
                reply_to=_parent(post, posts, keys) if threaded else None,
                next_attempt_at=occasion.now + point(subscription.id, self.rules.spread),
            )
            for part, (key, post) in enumerate(zip(keys, posts, strict=True), start=1)
        )


def point(id: str, spread: timedelta) -> timedelta:
    """Where in a span of time a subscription has its place: the same today and tomorrow, anywhere."""
    digest = hashlib.sha256(id.encode()).digest()
    return spread * (int.from_bytes(digest[:4]) / 2**32)


def _max_age(need: Need) -> timedelta:
    return timedelta(0) if need.settled else LIVE_AGE


def _next_look(occasion: Occasion) -> datetime:
    covered = occasion.subscription.covered
    if occasion.subscription.edition is Edition.LIVE and covered:
        day = date.fromisoformat(covered.partition("@")[0])
        return follow_up(day, occasion.upcoming, occasion.now)
    return occasion.upcoming


def _without_posts(
    occasion: Occasion, outcome: Outcome, reason: str, retry_at: datetime | None = None
) -> Plan:
    subscription = occasion.subscription
    run = Run(
        subscription=subscription.id,
        edition=f"{subscription.edition}:{occasion.due:%Y-%m-%dT%H:%M}",
        due_at=occasion.due,
        outcome=outcome,
        reason=reason,
        finished_at=occasion.now,
        retry_at=retry_at,
    )
    return Plan(run=run, next_run_at=retry_at or occasion.upcoming)


def _parent(
    post: Digest | PaperCard, posts: Sequence[Digest | PaperCard], keys: Sequence[str]
) -> str | None:
    """The digest that lists the paper of this card."""
    if isinstance(post, PaperCard):
        for key, head in zip(keys, posts, strict=True):
            if isinstance(head, Digest) and post.entry in head.entries:
                return key
    return None
