"""A channel's week looked back on: what was saved there, what it missed, and who brought what."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.digest import passes
from bot.domain.papers import Paper, PaperId
from bot.domain.people import Channel
from bot.domain.statistics import Figures, Kept, Statistics
from bot.domain.stores import Archive, Library, Outbox
from bot.domain.subscriptions import STANDARD, Terms
from bot.editions import Need, Selection, span_in_words
from bot.making import Occasion
from bot.tally import brought, days, days_chart, in_all

MOST_SAVED = 25
"""Of so many at most those are taken that fit the terms."""
NOTHING = "nothing was saved here this week, and nothing missed"
MISSED = "Missed here: neither posted nor saved"
_WEEK = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Recap:
    """Makes the edition RECAP."""

    archive: Archive
    library: Library
    outbox: Outbox
    statistics: Statistics

    def needs(self, _: Occasion, /) -> tuple[Need, ...]:
        """It is made of what is there."""
        return ()

    def basis(self, occasion: Occasion, /) -> Hashable:
        """Every channel has its own, and terms decide how much of it is shown."""
        return occasion.subscription.id, occasion.due

    async def gather(self, occasion: Occasion, /) -> Selection:
        """The seven days up to the hour asked for: half of it is what was saved, half what was missed."""
        terms, channel = occasion.terms, occasion.subscription.channel
        tz, top = terms.tz or "UTC", terms.top or STANDARD.top or 1
        bounds = days(occasion.due, _WEEK, tz)
        figures = await self.statistics.figures(channel, bounds, most=MOST_SAVED)
        kept = [one for one in figures.top if passes(one.paper, terms)][: (top + 1) // 2]
        missed = (await self._missed(channel, bounds, terms))[: top - (top + 1) // 2]
        week = span_in_words(
            [one.astimezone(ZoneInfo(tz)).date() for one in (bounds[0], bounds[-1])]
        )
        papers = (*(one.paper for one in kept), *missed)
        return Selection(
            key=f"recap:{occasion.due.astimezone(UTC):%Y-%m-%dT%H:%M}",
            title=f"The week here · {week}",
            subtitle=in_all(figures),
            papers=papers,
            why={**{one.paper.id: _saved_by(one) for one in kept}, **_all_missed(missed)},
            nothing=NOTHING,
            notes=_who(figures),
            chart=days_chart(_shown(figures, kept), "The week here", tz, missed)
            if papers
            else None,
            covered=occasion.due.astimezone(UTC).isoformat(timespec="seconds"),
        )

    async def _missed(
        self, channel: Channel, bounds: Sequence[datetime], terms: Terms
    ) -> list[Paper]:
        """On Daily Papers in these days, the most upvoted first, and never brought here nor saved by the team."""
        first, last = (one.astimezone(UTC).date() for one in (bounds[0], bounds[-1]))
        featured = [one for one in await self.archive.featured(first, last) if passes(one, terms)]
        ids = [paper.id for paper in featured]
        known = {
            *await self.outbox.posted(channel, ids, None),
            *await self.library.posted(channel),
            *await self.library.savers(channel.workspace, ids),
        }
        return [paper for paper in featured if paper.id not in known]


def _saved_by(kept: Kept) -> str:
    people = f"{kept.people:,} people" if kept.people > 1 else "One person"
    return f"{people} saved it here this week"


def _all_missed(missed: Sequence[Paper]) -> dict[PaperId, str]:
    return dict.fromkeys((paper.id for paper in missed), MISSED)


def _who(figures: Figures) -> tuple[str, ...]:
    if not figures.brought:
        return ()
    return (f"Brought the most papers that others saved too: {brought(figures.brought[:3])}.",)


def _shown(figures: Figures, kept: Sequence[Kept]) -> Figures:
    """The papers and topics that the picture has room for."""
    return replace(figures, top=tuple(kept), topics=figures.topics[:5])
