"""What somebody follows: papers of an author, of an organisation or with words, as they are featured."""

import asyncio
from collections.abc import Hashable
from datetime import UTC, date, datetime, timedelta

from bot.domain.papers import Paper
from bot.domain.stores import Archive
from bot.domain.subscriptions import Subscription, Terms
from bot.editions import RISING_DAYS, Need, Selection, by_votes
from bot.making import Occasion
from bot.matching import Window

BEFORE = timedelta(days=1)
"""A follow begins with the papers of the day before it was made."""


class Following:
    """Makes the edition FOLLOW. Papers of one moment are read and prepared once for everybody."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._window: tuple[datetime, Window] | None = None

    def needs(self, _: Occasion, /) -> tuple[Need, ...]:
        """The lists of these days are polled anyway."""
        return ()

    def basis(self, occasion: Occasion, /) -> Hashable:
        """Equal follows are one, whoever made them."""
        one, terms = occasion.subscription, occasion.terms
        wanted = (terms.author, terms.organization, terms.words, terms.exclude)
        return (begun(one), *wanted, one.private, one.held)

    async def gather(self, occasion: Occasion, /) -> Selection:
        """Every paper of the last days that matches; what the channel has had is left out later."""
        one, terms, now = occasion.subscription, occasion.terms, occasion.now
        who = "You follow" if one.private else "This channel follows"
        return Selection(
            key=f"follow:{now.astimezone(UTC):%Y-%m-%dT%H:%M}",
            title=f"{who} {in_words(terms)}",
            papers=() if one.held else by_votes(await self.found(one, now)),
            again=True,
        )

    async def found(self, subscription: Subscription, now: datetime) -> list[Paper]:
        """What matches of the papers featured since it was made, and not long ago."""
        first = begun(subscription)
        found = (await self._papers(now)).find(subscription.terms)
        return [paper for paper in found if paper.featured and paper.featured >= first]

    async def _papers(self, now: datetime) -> Window:
        if self._window is None or self._window[0] != now:
            papers = await lately(self._archive, now)
            self._window = now, await asyncio.to_thread(Window, papers)
        return self._window[1]


def begun(subscription: Subscription) -> date:
    """The first day whose papers a follow brings."""
    return (subscription.created_at.astimezone(UTC) - BEFORE).date()


async def lately(archive: Archive, now: datetime) -> list[Paper]:
    """What was featured in the days that a follow looks back."""
    today = now.astimezone(UTC).date()
    return await archive.featured(today - timedelta(days=RISING_DAYS), today)


def in_words(terms: Terms) -> str:
    """`Yann LeCun`, `diffusion and "world model" by Yann LeCun at Meta`: what somebody follows."""
    words = " and ".join(f'"{word}"' if " " in word else word for word in terms.words)
    without = " or ".join(f'"{word}"' if " " in word else word for word in terms.exclude)
    author = terms.author or ""
    organization = terms.organization or ""
    text = f"{words} by {author}" if words and author else words or author
    if organization:
        text = f"{text} at {organization}" if text else f"papers of {organization}"
    return f"{text} without {without}" if without else text
