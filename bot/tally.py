"""What a team did in some weeks, as a picture and in words. Pure."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.charts import Chart, Plot, Series, Shape
from bot.domain.papers import Paper
from bot.domain.people import Person
from bot.domain.posts import Panel, Row
from bot.domain.statistics import Brought, Figures, Kept, Topic
from bot.domain.text import unmarked, visible
from bot.schedule import local_instant

ALT = 900
"""Characters of a description; Slack takes 1,000, Discord 1,024."""
_TITLE = 80
_NAME = 40
_RANKED = 6


def weeks(now: datetime, count: int, tz: str) -> tuple[datetime, ...]:
    """The bounds of so many weeks, each from Monday to Monday in that time zone; the last is the present one."""
    zone = ZoneInfo(tz)
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    first = monday - timedelta(weeks=count - 1)
    return tuple(_midnight(first + timedelta(weeks=n), zone) for n in range(count + 1))


def days(end: datetime, count: int, tz: str) -> tuple[datetime, ...]:
    """The bounds of so many days up to this moment, each beginning at the same hour of the clock there."""
    zone = ZoneInfo(tz)
    local = end.astimezone(zone)
    back = (local.date() - timedelta(days=n) for n in range(count, 0, -1))
    return (*(local_instant(day, local.time(), zone) for day in back), end.astimezone(UTC))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return local_instant(day, time(0), zone)


# --- what `stats` shows


def weeks_chart(figures: Figures, title: str, tz: str) -> Chart:
    """Papers and votes by week, and topics."""
    zone = ZoneInfo(tz)
    labels = tuple(short_day(one.astimezone(zone).date()) for one in figures.bounds[:-1])
    votes = Plot(
        title="Upvotes of a saved paper (the median)",
        labels=labels,
        series=(Series("upvotes", figures.votes),),
    )
    plots = (_papers("Papers a week", labels, figures), _topics(figures.topics), votes)
    return Chart(
        title=title,
        subtitle=in_all(figures),
        alt=_alt(title, in_all(figures), _said_topics(figures), _said_weeks(figures, labels)),
        plots=tuple(plot for plot in plots if plot.highest),
    )


def weeks_panel(figures: Figures, title: str, tz: str, notes: tuple[str, ...]) -> Panel:
    """The same in words, with names."""
    rows = [
        Row("Papers", in_all(figures)),
        Row("This week", f"{figures.saved[-1]:,} saved, {figures.posted[-1]:,} posted"),
    ]
    if figures.top:
        rows.append(Row("Saved most", "\n".join(map(_kept, figures.top))))
    if figures.brought:
        rows.append(Row("Brought the most papers that others saved too", brought(figures.brought)))
    if figures.topics:
        rows.append(Row("Topics", _listed(figures.topics)))
    if votes := sorted(vote for vote in figures.votes if vote):
        rows.append(Row("Upvotes of a saved paper", f"about {votes[len(votes) // 2]:,}"))
    return Panel(title=title, rows=tuple(rows), notes=notes, chart=weeks_chart(figures, title, tz))


# --- what a recap shows


def days_chart(figures: Figures, title: str, tz: str, missed: Sequence[Paper]) -> Chart:
    """Papers by day, topics, and the votes of what was saved and of what was missed."""
    zone = ZoneInfo(tz)
    labels = tuple(f"{one.astimezone(zone):%a}" for one in figures.bounds[:-1])
    both = [*((one.paper, True) for one in figures.top), *((paper, False) for paper in missed)]
    liked = [one for one in both if one[0].upvotes]
    ranked = sorted(liked, key=lambda one: -one[0].upvotes)[:_RANKED]
    votes = Plot(
        title="Upvotes",
        labels=tuple(plain(paper.title) for paper, _ in ranked),
        series=(
            Series("saved", tuple(paper.upvotes * kept for paper, kept in ranked)),
            Series("missed", tuple(paper.upvotes * (not kept) for paper, kept in ranked)),
        ),
        shape=Shape.ROWS,
    )
    plots = (_papers("Papers a day", labels, figures), _topics(figures.topics), votes)
    first = f"; most upvoted: {plain(ranked[0][0].title)}" if ranked else ""
    return Chart(
        title=title,
        subtitle=in_all(figures),
        alt=_alt(title, in_all(figures), _said_topics(figures) + first),
        plots=tuple(plot for plot in plots if plot.highest),
    )


# --- words


def in_all(figures: Figures) -> str:
    """`28 papers saved by 6 people, 94 posted`."""
    papers = figures.papers
    saved = f"{papers:,} paper{'s' * (papers != 1)} saved"
    if figures.people:
        saved += f" by {figures.people:,} {'people' if figures.people > 1 else 'person'}"
    return f"{saved}, {sum(figures.posted):,} posted"


def brought(found: Iterable[Brought]) -> str:
    """`Ann 4, Bob 2`."""
    return ", ".join(f"{named(one.person)} {one.papers:,}" for one in found)


def named(person: Person) -> str:
    """Somebody's name."""
    return plain(person.name, _NAME) or "somebody"


def plain(text: str, limit: int = _TITLE) -> str:
    """Outside text as it can stand in a text of ours: one line, no marks, nothing to type."""
    line = " ".join(visible(unmarked(text[: 4 * limit])).replace("`", "'").split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def short_day(day: date) -> str:
    """`22 May`."""
    return f"{day.day} {day:%b}"


def _kept(kept: Kept) -> str:
    people = f"{kept.people:,} {'people' if kept.people > 1 else 'person'}"
    return f"{plain(kept.paper.title)} ({kept.paper.id}) · {people}, ▲ {kept.paper.upvotes:,}"


def _papers(title: str, labels: tuple[str, ...], figures: Figures) -> Plot:
    series = (Series("posted", figures.posted), Series("saved", figures.saved))
    return Plot(title=title, labels=labels, series=series)


def _topics(topics: Sequence[Topic]) -> Plot:
    return Plot(
        title="Topics of what was saved",
        labels=tuple(plain(one.name, _NAME) for one in topics),
        series=(Series("papers", tuple(one.papers for one in topics)),),
        shape=Shape.ROWS,
    )


def _listed(topics: Iterable[Topic]) -> str:
    return ", ".join(f"{plain(one.name, _NAME)} {one.papers:,}" for one in topics)


def _said_topics(figures: Figures) -> str:
    return f"Topics: {_listed(figures.topics)}" if figures.topics else "No topics"


def _said_weeks(figures: Figures, labels: Sequence[str]) -> str:
    weekly = (
        f"{label} {number:,}" for label, number in zip(labels, figures.saved, strict=True) if number
    )
    return f"Papers saved in the week of {', '.join(weekly)}"


def _alt(title: str, *parts: str) -> str:
    text = f"Chart. {title}: {'. '.join(parts)}."
    return text if len(text) <= ALT else f"{text[: ALT - 1]}…"
