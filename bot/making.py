"""Who makes an edition: those that channels subscribe to are made here, one person's wishes by makers of their own."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.stores import Archive
from bot.domain.subscriptions import Edition, Subscription, Terms
from bot.editions import Need, Selection, basis, gather, needs


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

    @property
    def new_since(self) -> datetime | None:
        """Since when the channel must not have had what it gets; None is ever."""
        if self.subscription.edition in (Edition.WATCH, Edition.RECAP, Edition.CLUB):
            return self.now + timedelta(days=1)  # it is news of a paper that was there before
        again = self.terms.again
        return self.now - timedelta(days=again) if again else None


class Maker(Protocol):
    """Finds the papers of an edition."""

    def needs(self, occasion: Occasion, /) -> tuple[Need, ...]:
        """The listings that have to be up to date before `gather`."""
        ...

    def basis(self, occasion: Occasion, /) -> Hashable:
        """What `gather` goes by: at one moment, occasions of its edition with the same have the same selection."""
        ...

    async def gather(self, occasion: Occasion, /) -> Selection:
        """What the edition would show, before any filter."""
        ...


@dataclass(frozen=True, slots=True)
class Editions:
    """The editions for channels: lists of days, weeks and months, trending, rising."""

    archive: Archive

    def needs(self, occasion: Occasion, /) -> tuple[Need, ...]:
        return needs(occasion.subscription, occasion.now)

    def basis(self, occasion: Occasion, /) -> Hashable:
        due, regular = occasion.due, occasion.regular
        return basis(occasion.subscription, occasion.terms, due=due, regular=regular)

    async def gather(self, occasion: Occasion, /) -> Selection:
        return await gather(
            self.archive,
            occasion.subscription,
            occasion.terms,
            occasion.now,
            due=occasion.due,
            regular=occasion.regular,
        )


def maker_of(makers: Mapping[Edition, Maker], edition: Edition, archive: Archive) -> Maker:
    """Its own, or the one that makes what channels subscribe to."""
    return makers.get(edition) or Editions(archive)
