"""One person's own digest: from what they follow, what their team saved, what is recommended; each paper says why."""

from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from bot.domain.library import Opinions, SavedQuery, Whose
from bot.domain.papers import Paper, PaperId
from bot.domain.people import Channel, Person, Workspace
from bot.domain.statistics import Statistics
from bot.domain.stores import Archive, Library, Outbox, SavedPaper, Subscriptions, Tastes
from bot.domain.subscriptions import Edition, Manner, Subscription, Terms
from bot.editions import Need, Selection, by_votes
from bot.editions import in_words as day_in_words
from bot.following import Following, in_words
from bot.making import Maker, Occasion
from bot.recap import Recap
from bot.watching import Watching

MOST_FOLLOWED = 10
MOST_SAVED = 5
MOST_RECOMMENDED = 5
LEARNT_FROM = 500
"""The latest papers that somebody kept, and as many opinions, tell their taste."""
TEAM = "team"
"""Stands for the channel where a whole team is meant."""
LONGEST_GAP = timedelta(days=14)
"""After a pause a digest reaches back so far at most."""
NO_NEWS = "nothing new from what they follow, from their team or to recommend"


@dataclass(slots=True)
class _Digest:
    """Papers in their sections, each once, in the first that wants it."""

    had: Collection[PaperId]
    papers: dict[PaperId, Paper] = field(default_factory=dict)
    why: dict[PaperId, str] = field(default_factory=dict)
    sections: list[str] = field(default_factory=list)

    def add(self, found: Iterable[tuple[Paper, str]], most: int, name: str) -> None:
        """A section with at most so many papers that are new to its reader."""
        new = {paper.id: (paper, why) for paper, why in found if self._is_new(paper.id)}
        kept = [*new.items()][:most]
        self.papers |= {id: paper for id, (paper, _) in kept}
        self.why |= {id: why for id, (_, why) in kept}
        if kept:
            self.sections.append(f"{len(kept)} {name}")

    def _is_new(self, paper: PaperId) -> bool:
        return paper not in self.had and paper not in self.papers


@dataclass(frozen=True, slots=True, kw_only=True)
class Personal:
    """Makes the edition PERSONAL."""

    subscriptions: Subscriptions
    library: Library
    outbox: Outbox
    following: Following
    tastes: Tastes | None = None
    opinions: Opinions | None = None

    def needs(self, _: Occasion, /) -> tuple[Need, ...]:
        """It is made of what is there."""
        return ()

    def basis(self, occasion: Occasion, /) -> Hashable:
        """Everybody has their own."""
        return occasion.subscription.id

    async def gather(self, occasion: Occasion, /) -> Selection:
        """Since the last one, or the time that lies between two."""
        subscription, terms, now = occasion.subscription, occasion.terms, occasion.now
        person = subscription.created_by
        sections: list[tuple[list[tuple[Paper, str]], int, str]] = []
        if person:
            since = since_when(subscription, terms, now)
            home = terms.home or subscription.channel.workspace
            team = await self._saved(person, home, since)
            places = {one.workspace: one for one in (Channel(home, TEAM), subscription.channel)}
            liked = await self._recommended(person, places.values(), since)
            sections = [
                (await self._followed(person, now), MOST_FOLLOWED, "you follow"),
                (team, MOST_SAVED, "saved by your team"),
                (liked, MOST_RECOMMENDED, "recommended"),
            ]
        ids = {paper.id for found, _, _ in sections for paper, _ in found}
        digest = _Digest(await self.outbox.posted(subscription.channel, ids, None))
        for found, most, name in sections:
            digest.add(found, most, name)
        return Selection(
            key=f"personal:{now.astimezone(UTC):%Y-%m-%dT%H:%M}",
            title=f"Your digest · {_day(occasion)}",
            subtitle=" · ".join(digest.sections),
            papers=tuple(digest.papers.values()),
            why=digest.why,
            nothing=NO_NEWS,
            covered=now.astimezone(UTC).isoformat(timespec="seconds"),
        )

    async def _followed(self, person: Person, now: datetime) -> list[tuple[Paper, str]]:
        """What follows bring that wait for it; the oldest of them names a paper that several bring."""
        found: dict[PaperId, tuple[Paper, str]] = {}
        for one in await self.subscriptions.by(person):
            if one.edition is Edition.FOLLOW and one.private and one.terms.manner is Manner.DAILY:
                for paper in await self.following.found(one, now):
                    found.setdefault(paper.id, (paper, f"You follow {in_words(one.terms)}"))
        ranked = by_votes(paper for paper, _ in found.values())
        return [found[paper.id] for paper in ranked]

    async def _saved(
        self, person: Person, home: Workspace, since: datetime
    ) -> list[tuple[Paper, str]]:
        """What others of the team saved."""
        query = SavedQuery(
            reader=person, channel=Channel(home, TEAM), whose=Whose.TEAM, since=since
        )
        saved = await self.library.saved(query, limit=10 * MOST_SAVED)
        return [(one.paper, saved_by(one, person)) for one in saved.papers if person not in one.by]

    async def _recommended(
        self, person: Person, places: Iterable[Channel], since: datetime
    ) -> list[tuple[Paper, str]]:
        """What is like the papers they kept, with their team or here, and unlike what they did not want."""
        if self.tastes is None:
            return []
        liked: dict[PaperId, None] = {}
        disliked: dict[PaperId, None] = {}
        for place in places:
            query = SavedQuery(reader=person, channel=place)
            saved = await self.library.saved(query, limit=LEARNT_FROM)
            liked |= dict.fromkeys(one.paper.id for one in saved.papers)
            if self.opinions:
                said = partial(self.opinions.of, place.workspace, person, limit=LEARNT_FROM)
                liked |= dict.fromkeys(await said(likes=True))
                disliked |= dict.fromkeys(await said(likes=False))
        kept = tuple(id for id in liked if id not in disliked)
        day, most = since.astimezone(UTC).date(), 4 * MOST_RECOMMENDED
        found = await self.tastes.foryou(kept, tuple(disliked), since=day, limit=most)
        return [(hit.paper, hit.why) for hit in found.hits]


def _day(occasion: Occasion) -> str:
    zone = ZoneInfo(occasion.terms.tz or "UTC")
    return day_in_words(occasion.due.astimezone(zone).date())


def since_when(subscription: Subscription, terms: Terms, now: datetime) -> datetime:
    """When the last one was, or would have been; never too long ago."""
    if subscription.covered:
        last = datetime.fromisoformat(subscription.covered)
    else:
        last = now - timedelta(days=7 if is_weekly(terms) else 1)
    return max(last, now - LONGEST_GAP)


def is_weekly(terms: Terms) -> bool:
    """Whether it comes on one day of the week."""
    return terms.on is not None and len(terms.on) == 1


def saved_by(saved: SavedPaper, reader: Person) -> str:
    """`Ann saved it`, `Ann and 2 more saved it`."""
    others = [one for one in saved.by if one != reader]
    first = (others[0].name if others else "") or "Somebody"
    more = f" and {len(others) - 1} more" if len(others) > 1 else ""
    return f"{first}{more} saved it"


def makers(
    *,
    archive: Archive,
    subscriptions: Subscriptions,
    library: Library,
    outbox: Outbox,
    tastes: Tastes | None = None,
    statistics: Statistics | None = None,
    opinions: Opinions | None = None,
) -> dict[Edition, Maker]:
    """Who makes what single people wish for, and recaps where there are `statistics`. Without `tastes` nothing is
    recommended."""
    following = Following(archive)
    recap: dict[Edition, Maker] = {}
    if statistics:
        recap[Edition.RECAP] = Recap(
            archive=archive, library=library, outbox=outbox, statistics=statistics
        )
    return recap | {
        Edition.FOLLOW: following,
        Edition.WATCH: Watching(archive, outbox),
        Edition.PERSONAL: Personal(
            subscriptions=subscriptions,
            library=library,
            outbox=outbox,
            following=following,
            tastes=tastes,
            opinions=opinions,
        ),
    }
