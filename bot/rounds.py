"""What subscriptions that are planned together share: equal wishes are looked up, chosen and laid out once."""

from collections.abc import Hashable, Mapping
from datetime import datetime, timedelta

from bot.digest import Choice, choose, lay_out
from bot.domain.papers import PaperId
from bot.domain.ports import Budget, Freshness, Refresher
from bot.domain.posts import Digest, PaperCard
from bot.domain.stores import Archive
from bot.domain.subscriptions import Edition, Subscription, Terms
from bot.editions import Need, Selection
from bot.making import Maker, Occasion, maker_of
from bot.schedule import last_run, next_run

LIVE_AGE = timedelta(minutes=5)
"""A list that is still growing is read again when our view is older."""

Posts = tuple[Digest | PaperCard, ...]


class Round:
    """One moment of planning. It remembers what it found, so it is good for a few hundred subscriptions, once."""

    def __init__(
        self,
        archive: Archive,
        refresher: Refresher,
        *,
        budgets: Mapping[str, Budget],
        names: Mapping[str, str],
        defaults: Terms,
        now: datetime,
        makers: Mapping[Edition, Maker] | None = None,
    ) -> None:
        self._archive = archive
        self._refresher = refresher
        self._budgets = budgets
        self._names = names
        self._defaults = defaults
        self._makers = makers or {}
        self.now = now
        self._hours: dict[tuple[Edition, Terms], tuple[Terms, datetime, datetime]] = {}
        self._freshness: dict[Need, Freshness] = {}
        self._selections: dict[Hashable, Selection] = {}
        self._choices: dict[Hashable, Choice] = {}
        self._posts: dict[Hashable, Posts] = {}

    def occasion(self, subscription: Subscription) -> Occasion:
        """Why it is due."""
        edition, asked = subscription.edition, subscription.terms
        if (edition, asked) not in self._hours:
            terms = asked.resolved(self._defaults)
            hours = last_run(edition, terms, self.now), next_run(edition, terms, self.now)
            self._hours[edition, asked] = (terms, *hours)
        terms, due, upcoming = self._hours[edition, asked]
        return Occasion(
            subscription=subscription, terms=terms, due=due, now=self.now, upcoming=upcoming
        )

    async def problem(self, occasion: Occasion, patience: timedelta) -> str:
        """Why the run has to wait; empty when what it needs is there, or waiting longer is no use."""
        maker = self._maker(occasion.subscription)
        for need in maker.needs(occasion):
            freshness = await self._fresh(need)
            problem = freshness.problem
            if need.settled and freshness.at is None and not problem:
                problem = f"Hugging Face has not opened the list of {need.listing.key} yet"
            waited = occasion.now - occasion.due
            if problem and (freshness.at is None or waited < patience):
                return problem
        return ""

    def _maker(self, subscription: Subscription) -> Maker:
        return maker_of(self._makers, subscription.edition, self._archive)

    async def _fresh(self, need: Need) -> Freshness:
        if need not in self._freshness:
            max_age = timedelta(0) if need.settled else LIVE_AGE
            self._freshness[need] = await self._refresher.refresh(
                need.listing, max_age=max_age, budget=20.0
            )
        return self._freshness[need]

    async def selection(self, occasion: Occasion) -> Selection:
        """What its edition would show: one and the same object for all that would show the same."""
        maker = self._maker(occasion.subscription)
        key = (occasion.subscription.edition, maker.basis(occasion))
        if key not in self._selections:
            self._selections[key] = await maker.gather(occasion)
        return self._selections[key]

    def choice(self, selection: Selection, terms: Terms, posted: frozenset[PaperId]) -> Choice:
        """What of it is shown, to whoever has had these."""
        key = (id(selection), terms, posted)
        if key not in self._choices:
            self._choices[key] = choose(selection.papers, terms, posted)
        return self._choices[key]

    def posts(self, selection: Selection, choice: Choice, terms: Terms, platform: str) -> Posts:
        """The messages of that choice on a platform; the two come from this round."""
        key = (id(choice), terms, platform)
        if key not in self._posts:
            command = self._names.get(platform, "/paper")
            budget = self._budgets[platform]
            self._posts[key] = lay_out(selection, choice, terms, budget, command)
        return self._posts[key]
