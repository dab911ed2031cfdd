"""What an edition is made of at a given moment: its name, its days, its papers in order."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from bot.domain.charts import Chart
from bot.domain.papers import ListedPaper, Listing, Paper, PaperId
from bot.domain.posts import Digest, PaperCard
from bot.domain.stores import Archive
from bot.domain.subscriptions import Edition, Subscription, Terms

MOST_DAYS = 7
"""A catch-up reaches this far back; older days are left to `/paper date`."""
FIRST_LOOK = 4
"""A new subscription begins with the latest list of the last so many days: a weekend and a holiday."""
RISING_DAYS = 14
"""Hugging Face takes papers up to 14 days old, and votes come in the days after."""
FOLLOW_UP_EVERY = timedelta(hours=4)
SETTLES = timedelta(minutes=30)
"""A day's list is final half an hour after midnight UTC: submissions for it end at midnight."""


def settled_at(day: date) -> datetime:
    """When the list of `day` is final."""
    return datetime.combine(day + timedelta(days=1), time(0), UTC) + SETTLES


def settled_day(now: datetime) -> date:
    """The latest day whose list is final."""
    return (now.astimezone(UTC) - SETTLES).date() - timedelta(days=1)


def follow_up(day: date, regular: datetime, now: datetime) -> datetime:
    """When a live edition of `day`, whose next regular run is given, looks for late additions next."""
    final = settled_at(day)
    look = min(now + FOLLOW_UP_EVERY, final) if now < final else regular
    return min(look, regular)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The papers an edition would show, best first, before any filter."""

    key: str
    """Deterministic: the same moment of the same edition has the same key."""
    title: str
    subtitle: str = ""
    url: str | None = None
    more: str = ""
    """The command that shows the whole list."""
    papers: tuple[Paper, ...] = ()
    late: frozenset[PaperId] = frozenset()
    covered: str | None = None
    """What the subscription has dealt with once this is posted."""
    follows: date | None = None
    """The day whose late additions are still to come (live editions)."""
    again: bool = False
    """It follows an edition that has gone out already: nothing new is no news."""
    why: Mapping[PaperId, str] = field(default_factory=dict)
    """Why a paper is among them, in a few words."""
    nothing: str = ""
    """Why there is none of them, for the record."""
    notes: tuple[str, ...] = ()
    """Closing lines."""
    chart: Chart | None = None
    card: tuple[str, ...] | None = None
    """Each paper is a card of its own with these notes, and no edition."""
    reply_to: str | None = None
    """The key of a delivery in the same channel that this answers."""
    own: Callable[[str], tuple[Digest | PaperCard, ...]] | None = None
    """Lays it out in a way of its own, told how people call us; the later messages answer the first."""
    beside: str = ""
    """For the record, beside what is posted."""


@dataclass(frozen=True, slots=True)
class Need:
    """A listing an edition is made of; `settled` wants it as it stood after its day had ended."""

    listing: Listing
    settled: bool = False


def needs(subscription: Subscription, now: datetime) -> tuple[Need, ...]:
    """The listings that have to be up to date before `gather`."""
    settled = settled_day(now)
    match subscription.edition:
        case Edition.DAILY:
            days = _days(subscription.covered, settled)
            return tuple(Need(Listing.day(day), settled=True) for day in days)
        case Edition.LIVE:
            today = now.astimezone(UTC).date()
            open_day, _ = _live_state(subscription.covered)
            days = sorted({today, open_day or today})
            return tuple(Need(Listing.day(day)) for day in days)
        case Edition.WEEKLY:
            return (Need(_last_week(settled)),)
        case Edition.MONTHLY:
            return (Need(_last_month(settled)),)
        case Edition.TRENDING:
            return (Need(Listing.trending()),)
        case _:
            return ()


def basis(
    subscription: Subscription, terms: Terms, *, due: datetime, regular: bool = True
) -> Hashable:
    """What `gather` goes by: at one moment, subscriptions with the same have the same selection."""
    match subscription.edition:
        case Edition.LIVE:
            return (Edition.LIVE, subscription.covered, due, regular)
        case Edition.RISING:
            return (Edition.RISING, subscription.created_at.astimezone(UTC).date(), terms.over)
        case _:
            return (subscription.edition, subscription.covered)


async def gather(
    archive: Archive,
    subscription: Subscription,
    terms: Terms,
    now: datetime,
    *,
    due: datetime | None = None,
    regular: bool = True,
) -> Selection:
    """The edition at `now` on resolved terms.

    `due` is the hour that was asked for, and `regular` False when a live edition merely looks for late additions.
    """
    settled = settled_day(now)
    match subscription.edition:
        case Edition.DAILY:
            return await _daily(archive, subscription, settled)
        case Edition.LIVE:
            return await _live(archive, subscription, now, due or now, regular=regular)
        case Edition.WEEKLY:
            return await _recap(archive, "weekly", _last_week(settled))
        case Edition.MONTHLY:
            return await _recap(archive, "monthly", _last_month(settled))
        case Edition.TRENDING:
            return await _trending(archive, now)
        case Edition.RISING:
            return await _rising(archive, subscription, terms, now)
        case other:
            raise ValueError(f"{other} is made elsewhere")


def _days(covered: str | None, settled: date) -> list[date]:
    """The final days not dealt with yet, oldest first."""
    back = FIRST_LOOK if covered is None else MOST_DAYS
    first = settled - timedelta(days=back - 1)
    if covered is not None:
        first = max(first, date.fromisoformat(covered) + timedelta(days=1))
    return [first + timedelta(days=n) for n in range((settled - first).days + 1)]


async def _daily(archive: Archive, subscription: Subscription, settled: date) -> Selection:
    lists = [await archive.daily(day) for day in _days(subscription.covered, settled)]
    lists = [one for one in lists if one.papers]
    if subscription.covered is None:
        lists = lists[-1:]
    days = [one.day for one in lists] or [settled]
    return Selection(
        key=f"daily:{settled}",
        title=f"Daily Papers · {span_in_words(days)}",
        subtitle=f"{len(days)} days in one" if len(days) > 1 else "",
        url=Listing.day(days[-1]).url,
        more=f"date {days[-1]}",
        papers=by_votes(listed.paper for one in lists for listed in one.papers),
        covered=settled.isoformat(),
    )


def _live_state(covered: str | None) -> tuple[date | None, datetime | None]:
    """A live edition has covered a day up to an instant: `2025-05-22@2025-05-22T07:00:00+00:00`."""
    if covered is None:
        return None, None
    day, _, seen = covered.partition("@")
    return date.fromisoformat(day), datetime.fromisoformat(seen)


async def _live(
    archive: Archive, subscription: Subscription, now: datetime, due: datetime, *, regular: bool
) -> Selection:
    open_day, seen = _live_state(subscription.covered)
    today = now.astimezone(UTC).date()
    day = today if regular or open_day is None else open_day
    follows = open_day == day
    listed = (await archive.daily(day)).papers
    fresh = [] if follows else [one.paper for one in listed]
    late: list[Paper] = []
    if open_day and seen:
        # one reading of a list: what comes between two would be neither shown nor left for later
        before = listed if follows else (await archive.daily(open_day)).papers
        late = _added_since(before, seen)
    # not `now`: papers may be on their way into the archive that were seen a moment before
    upto = max([due, *(one.first_seen for one in listed)])
    name = in_words(day)
    return Selection(
        key=f"live:{day}" + (f"+{now.astimezone(UTC):%dT%H%M}" if follows else ""),
        title=f"Added later · {name}" if follows else f"Daily Papers · {name}, so far",
        url=Listing.day(day).url,
        more=f"date {day}",
        papers=(*by_votes(fresh), *by_votes(late)),
        late=frozenset(paper.id for paper in late),
        covered=f"{day}@{upto.astimezone(UTC).isoformat()}",
        follows=day,
        again=follows,
    )


def _added_since(papers: Iterable[ListedPaper], seen: datetime) -> list[Paper]:
    return [one.paper for one in papers if one.first_seen > seen]


def _last_week(settled: date) -> Listing:
    """The latest week whose Sunday is final."""
    return Listing.week(settled - timedelta(days=6))


def _last_month(settled: date) -> Listing:
    """The latest month whose last day is final."""
    return Listing.month((settled + timedelta(days=1)).replace(day=1) - timedelta(days=1))


async def _recap(archive: Archive, edition: str, listing: Listing) -> Selection:
    first, last = listing.span
    papers = [*await archive.featured(first, last), *await archive.listed(listing)]
    when = f"{first:%B %Y}" if edition == "monthly" else span_in_words([first, last])
    return Selection(
        key=f"{edition}:{listing.key}",
        title=f"Papers of the {listing.kind} · {when}",
        url=listing.url,
        more=f"{listing.kind} {first}",
        papers=by_votes(papers),
        covered=listing.key,
    )


async def _trending(archive: Archive, now: datetime) -> Selection:
    day = now.astimezone(UTC).date()
    return Selection(
        key=f"trending:{day}",
        title=f"Trending papers · {in_words(day)}",
        url=Listing.trending().url,
        more="trending",
        papers=tuple(await archive.listed(Listing.trending())),
        covered=day.isoformat(),
    )


async def _rising(
    archive: Archive, subscription: Subscription, terms: Terms, now: datetime
) -> Selection:
    today = now.astimezone(UTC).date()
    begun = subscription.created_at.astimezone(UTC).date() - timedelta(days=1)
    first = max(begun, today - timedelta(days=RISING_DAYS))
    over = terms.over or 0
    papers = [p for p in await archive.featured(first, today) if p.upvotes >= over]
    return Selection(
        key=f"rising:{now.astimezone(UTC):%Y-%m-%dT%H:%M}",
        title=f"Rising · past {over} upvotes",
        url=Listing.day(today).url,
        more="today",
        papers=by_votes(papers),
        again=True,
    )


def by_votes(papers: Iterable[Paper]) -> tuple[Paper, ...]:
    """Each paper once, most upvotes first; equals keep their order."""
    unique = {paper.id: paper for paper in papers}
    return tuple(sorted(unique.values(), key=lambda paper: -paper.upvotes))


def in_words(day: date) -> str:
    """`Thursday 22 May 2025`."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def span_in_words(days: list[date]) -> str:
    """`Thursday 22 May 2025`, `19 - 25 May 2025`, `29 May - 4 June 2025`."""
    first, last = days[0], days[-1]
    if first == last:
        return in_words(first)
    if first.year != last.year:
        return f"{first.day} {first:%B %Y} – {last.day} {last:%B %Y}"
    if first.month != last.month:
        return f"{first.day} {first:%B} – {last.day} {last:%B %Y}"
    return f"{first.day} – {last.day} {last:%B %Y}"
