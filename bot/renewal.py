"""Papers that are watched and stand on no list any more are looked at again now and then."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.domain.papers import PaperId
from bot.domain.ports import Refresher
from bot.domain.stores import Archive, Subscriptions
from bot.domain.subscriptions import Edition
from bot.watching import is_over

EVERY = timedelta(hours=6)
"""At most so often for one paper."""
AT_A_TIME = 5
"""Hugging Face is asked for each of them."""
POLLED = timedelta(days=1)
"""Today's list and yesterday's are polled anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """Asks Hugging Face for a few of them at each turn, those first that have waited longest."""

    subscriptions: Subscriptions
    archive: Archive
    refresher: Refresher
    clock: Callable[[], datetime]
    asked: dict[PaperId, datetime] = field(default_factory=dict)
    """When each was asked for by this process."""

    async def renew(self) -> int:
        """One turn; how many papers were asked for."""
        now = self.clock()
        watched = await self._watched(now)
        for id in self.asked.keys() - watched:
            del self.asked[id]
        long_ago = datetime.min.replace(tzinfo=UTC)
        waited = sorted((self.asked.get(id, long_ago), id) for id in watched)
        due = [id for since, id in waited if now - since >= EVERY][:AT_A_TIME]
        for id in due:
            self.asked[id] = now
            await self.refresher.look_up(id, budget=5.0)
        return len(due)

    async def _watched(self, now: datetime) -> set[PaperId]:
        orders = await self.subscriptions.of_edition(Edition.WATCH)
        ids = {one.terms.paper for one in orders if one.terms.paper and not is_over(one, now)}
        papers = await self.archive.papers(ids)
        recent = (now.astimezone(UTC) - POLLED).date()
        return {
            id for id, paper in papers.items() if paper.featured is None or paper.featured < recent
        }
