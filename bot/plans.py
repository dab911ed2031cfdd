"""Decisions made into plans: the rows that a run owes, and when its subscription runs next. Pure."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from bot.digest import Choice
from bot.domain.deliveries import Delivery, Outcome, Plan, Run
from bot.domain.posts import Digest, PaperCard
from bot.domain.subscriptions import Edition, Layout, Subscription
from bot.editions import Selection, follow_up
from bot.making import Occasion
from bot.rounds import Posts
from bot.schedule import awake


def with_posts(
    occasion: Occasion, selection: Selection, choice: Choice, posts: Posts, spread: timedelta
) -> Plan:
    """What was chosen is owed; or nothing, which is recorded with the reason."""
    upcoming = occasion.upcoming
    if selection.follows:
        upcoming = follow_up(selection.follows, upcoming, occasion.now)
    return Plan(
        run=Run(
            subscription=occasion.subscription.id,
            edition=selection.key,
            due_at=occasion.due,
            outcome=Outcome.POSTED if posts else Outcome.NOTHING,
            reason=_reason(selection, choice, posts),
            posted=len(choice.papers),
            finished_at=occasion.now,
        ),
        deliveries=_deliveries(occasion, selection, posts, spread),
        next_run_at=upcoming,
        covered=selection.covered,
        new_since=occasion.new_since,
    )


def _reason(selection: Selection, choice: Choice, posts: Posts) -> str:
    if posts:
        return selection.beside
    return (not choice.total and selection.nothing) or choice.why_nothing


def without_posts(
    occasion: Occasion, outcome: Outcome, reason: str, retry_at: datetime | None = None
) -> Plan:
    """A run that shows nothing: skipped, or to be tried again."""
    run = Run(
        subscription=occasion.subscription.id,
        edition=_moment(occasion.subscription, occasion.due),
        due_at=occasion.due,
        outcome=outcome,
        reason=reason,
        finished_at=occasion.now,
        retry_at=retry_at,
    )
    return Plan(run=run, next_run_at=retry_at or occasion.upcoming)


def in_trouble(
    subscription: Subscription, error: Exception, now: datetime, retry_at: datetime
) -> Plan:
    """Not even its hour may be known: it is tried again, and the record says why."""
    run = Run(
        subscription=subscription.id,
        edition=_moment(subscription, subscription.next_run_at),
        due_at=subscription.next_run_at,
        outcome=Outcome.WAITING,
        reason=f"it could not be planned: {error!r}",
        finished_at=now,
        retry_at=retry_at,
    )
    return Plan(run=run, next_run_at=retry_at)


def next_look(occasion: Occasion) -> datetime:
    """When an edition that has nothing new to say looks again."""
    covered = occasion.subscription.covered
    if occasion.subscription.edition is Edition.LIVE and covered:
        day = date.fromisoformat(covered.partition("@")[0])
        return follow_up(day, occasion.upcoming, occasion.now)
    return occasion.upcoming


def point(id: str, spread: timedelta) -> timedelta:
    """Where in a span of time a subscription has its place: the same today and tomorrow, anywhere."""
    digest = hashlib.sha256(id.encode()).digest()
    return spread * (int.from_bytes(digest[:4]) / 2**32)


def _moment(subscription: Subscription, due: datetime) -> str:
    return f"{subscription.edition}:{due:%Y-%m-%dT%H:%M}"


def _deliveries(
    occasion: Occasion, selection: Selection, posts: Posts, spread: timedelta
) -> tuple[Delivery, ...]:
    subscription, terms = occasion.subscription, occasion.terms
    edition = selection.key
    keys = [f"{subscription.id}:{edition}:{part}" for part in range(1, len(posts) + 1)]
    threaded = terms.layout is Layout.THREAD
    if subscription.edition is Edition.CLUB:
        spread = timedelta(0)  # nobody is reminded after the hour
    at = awake(occasion.now + point(subscription.id, spread), terms.quiet, terms.tz)
    return tuple(
        Delivery(
            key=key,
            subscription=subscription.id,
            channel=subscription.channel,
            edition=edition,
            part=part,
            post=post,
            reply_to=_parent(post, posts, keys) if threaded else _above(selection, keys, part),
            next_attempt_at=at,
        )
        for part, (key, post) in enumerate(zip(keys, posts, strict=True), start=1)
    )


def _above(selection: Selection, keys: Sequence[str], part: int) -> str | None:
    return keys[0] if selection.own and part > 1 else selection.reply_to


def _parent(post: Digest | PaperCard, posts: Posts, keys: Sequence[str]) -> str | None:
    """The digest that lists the paper of this card."""
    if isinstance(post, PaperCard):
        for key, head in zip(keys, posts, strict=True):
            if isinstance(head, Digest) and post.entry in head.entries:
                return key
    return None
