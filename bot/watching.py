"""What changes about one paper: code, stars, a summary, upvotes. A state is a line of text that a subscription keeps.

Hugging Face tells nothing about versions of a paper, so a new version cannot be noticed.
"""

import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.domain.papers import Paper
from bot.domain.stores import Archive, Outbox, Subscriptions
from bot.domain.subscriptions import Edition, Subscription
from bot.editions import Need, Selection
from bot.making import Occasion

LASTS = timedelta(days=90)
MILESTONES = (100, 250, 500, 1_000)
MORE_STARS = 50
"""Stars jump when there are so many more, and half as many again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What was known of a paper when it was last spoken of. `stars` is None before there are any to know."""

    code: bool = False
    stars: int | None = None
    summary: bool = False
    upvotes: int = 0
    """The highest milestone it had passed, or 0."""

    @classmethod
    def of(cls, paper: Paper) -> "State":
        passed = [number for number in MILESTONES if paper.upvotes >= number]
        return cls(
            code=bool(paper.code_url),
            stars=paper.stars,
            summary=bool(paper.ai_summary),
            upvotes=max(passed, default=0),
        )

    @classmethod
    def parse(cls, text: str | None) -> "State | None":
        """None when it cannot be read, or was never written."""
        found = re.fullmatch(r"code=([01]) stars=(\d*) summary=([01]) upvotes=(\d+)", text or "")
        if not found:
            return None
        code, stars, summary, upvotes = found.groups()
        return cls(
            code=code == "1",
            stars=int(stars) if stars else None,
            summary=summary == "1",
            upvotes=int(upvotes),
        )

    def __str__(self) -> str:
        stars = "" if self.stars is None else self.stars
        return f"code={self.code:d} stars={stars} summary={self.summary:d} upvotes={self.upvotes:d}"


def compare(before: State, paper: Paper) -> tuple[tuple[str, ...], State]:
    """What has changed, in sentences, and what is known from now on: what was said is not said again."""
    now = State.of(paper)
    jumped = _jumped(before.stars, now.stars)
    stars = now.stars if jumped or before.stars is None else before.stars
    after = State(
        code=before.code or now.code,
        stars=stars,
        summary=before.summary or now.summary,
        upvotes=max(before.upvotes, now.upvotes),
    )
    return tuple(_said(before, now, paper, jumped=jumped)), after


def _jumped(before: int | None, now: int | None) -> bool:
    if before is None or now is None:
        return False
    return now - before >= MORE_STARS and 2 * now >= 3 * before


def _said(before: State, now: State, paper: Paper, *, jumped: bool) -> Iterator[str]:
    if now.code and not before.code:
        with_stars = f", {now.stars:,} stars so far" if now.stars else ""
        yield f"Code was released{with_stars}."
    elif jumped:
        yield f"Its code has {now.stars:,} stars, up from {before.stars:,}."
    if now.summary and not before.summary:
        yield "It has an AI summary now."
    if now.upvotes > before.upvotes:
        yield f"It passed {now.upvotes:,} upvotes: {paper.upvotes:,} by now."


class Watching:
    """Makes the edition WATCH, from what the archive has."""

    def __init__(self, archive: Archive, outbox: Outbox) -> None:
        self._archive = archive
        self._outbox = outbox

    def needs(self, _: Occasion, /) -> tuple[Need, ...]:
        """Recent lists are polled anyway, other papers are renewed beside."""
        return ()

    def basis(self, occasion: Occasion, /) -> Hashable:
        """Each has its own past."""
        return occasion.subscription.id

    async def gather(self, occasion: Occasion, /) -> Selection:
        """A card that says what has changed; or nothing, when nothing has or the time is over."""
        subscription, now = occasion.subscription, occasion.now
        wanted = occasion.terms.paper
        key = f"watch:{now.astimezone(UTC):%Y-%m-%dT%H:%M}"
        quiet = Selection(key=key, title="", again=True)
        paper = await self._archive.paper(wanted) if wanted else None
        if paper is None or is_over(subscription, now):
            return quiet
        before = State.parse(subscription.covered)
        if before is None:
            return Selection(
                key=key, title="", nothing="it is known now", covered=f"{State.of(paper)}"
            )
        changes, after = compare(before, paper)
        if after == before:
            return quiet
        return Selection(
            key=key,
            title=f"You watch {paper.title}",
            papers=(paper,) if changes else (),
            nothing="the stars of its code are known now",
            covered=str(after),
            card=changes,
            reply_to=await self._outbox.showing(subscription.channel, paper.id),
        )


def is_over(subscription: Subscription, now: datetime) -> bool:
    """A watch ends by itself."""
    return subscription.edition is Edition.WATCH and subscription.created_at + LASTS <= now


async def end_watches(subscriptions: Subscriptions, now: datetime) -> int:
    """Remove those whose time is over; how many that were."""
    over = [one for one in await subscriptions.of_edition(Edition.WATCH) if is_over(one, now)]
    for one in over:
        await subscriptions.remove(one.id)
    return len(over)
