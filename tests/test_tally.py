"""Weeks of the calendar, and figures in words: whole weeks wherever the clock is changed, and nothing from outside speaks."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.people import Person
from bot.domain.statistics import Brought, Figures, Kept, Topic
from bot.tally import ALT, brought, days, days_chart, plain, weeks, weeks_chart, weeks_panel
from tests.support.charts import HOSTILE
from tests.support.fakes import paper

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland")
moments = st.integers(1_683_158_400, 2_051_222_400).map(lambda n: datetime.fromtimestamp(n, UTC))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def figures(spans: int = 3, **more: object) -> Figures:
    bounds = weeks(at("2025-05-22 12:00"), spans, "UTC")
    some = tuple(range(1, spans + 1))
    found = {"papers": sum(some), "people": 2, **more}
    return Figures(bounds=bounds, saved=some, posted=some, votes=some, **found)  # type: ignore[arg-type]


@given(moments, st.integers(1, 53), st.sampled_from(ZONES))
def test_weeks_begin_on_mondays_at_midnight_there(now: datetime, count: int, tz: str) -> None:
    """All of them, through every change of the clock, and the last has the present in it."""
    bounds = weeks(now, count, tz)
    local = [one.astimezone(ZoneInfo(tz)) for one in bounds]
    assert len(bounds) == count + 1
    assert all((one.weekday(), one.hour, one.minute) == (0, 0, 0) for one in local)
    assert all((late.date() - soon.date()).days == 7 for soon, late in pairwise(local))
    assert bounds[-2] <= now < bounds[-1]


def test_a_year_of_53_weeks_and_new_year() -> None:
    """2026 has a week 53, which ends in January: no week is counted twice, none is left out."""
    bounds = weeks(at("2027-01-05 09:00"), 3, "Europe/Berlin")
    there = [one.astimezone(ZoneInfo("Europe/Berlin")).date() for one in bounds]
    assert [day.isocalendar()[:2] for day in there] == [
        (2026, 52),
        (2026, 53),
        (2027, 1),
        (2027, 2),
    ]
    assert there[1] == date(2026, 12, 28)
    assert there[2] == date(2027, 1, 4)


def test_weeks_of_a_clock_change_are_an_hour_longer_or_shorter() -> None:
    """A save on Sunday night counts in the week that people there live in."""
    spring = weeks(at("2025-03-31 12:00"), 2, "Europe/Berlin")
    autumn = weeks(at("2025-10-27 12:00"), 2, "Europe/Berlin")
    assert spring[1] - spring[0] == timedelta(days=7, hours=-1)
    assert autumn[1] - autumn[0] == timedelta(days=7, hours=1)


def test_days_begin_at_the_same_hour_of_the_clock() -> None:
    """Seven of them, also in the week in which the clock is changed."""
    bounds = days(at("2025-03-31 14:00"), 7, "Europe/Berlin")
    local = [one.astimezone(ZoneInfo("Europe/Berlin")) for one in bounds]
    assert [one.hour for one in local] == [16] * 8
    assert bounds[-1] - bounds[0] == timedelta(days=7, hours=-1)


def test_the_panel_says_what_the_picture_shows() -> None:
    """With names, for those who see no picture."""
    found = figures(
        top=(Kept(paper("2505.00001", "Seeing", upvotes=120), 3),),
        brought=(Brought(Person("slack", "T1.U1", "Ann"), 4), Brought(Person("slack", "T1.U2"), 1)),
        topics=(Topic("diffusion", 5), Topic("agents", 2)),
    )
    panel = weeks_panel(found, "The last 3 weeks of the team", "UTC", ("A note.",))
    told = {row.label: row.text for row in panel.rows}
    assert told == {
        "Papers": "6 papers saved by 2 people, 6 posted",
        "This week": "3 saved, 3 posted",
        "Saved most": "Seeing (2505.00001) · 3 people, ▲ 120",
        "Brought the most papers that others saved too": "Ann 4, somebody 1",
        "Topics": "diffusion 5, agents 2",
        "Upvotes of a saved paper": "about 2",
    }
    assert panel.chart
    assert [plot.title for plot in panel.chart.plots] == [
        "Papers a week",
        "Topics of what was saved",
        "Upvotes of a saved paper (the median)",
    ]
    assert panel.chart.plots[0].labels == ("5 May", "12 May", "19 May")
    assert "diffusion 5" in panel.chart.alt


def test_what_is_nought_is_not_drawn() -> None:
    """Neither topics that nobody has, nor votes that are not there."""
    none = (0, 0)
    bounds = weeks(at("2025-05-22 12:00"), 2, "UTC")
    found = Figures(bounds=bounds, saved=none, posted=(0, 3), votes=none)
    assert [plot.title for plot in weeks_chart(found, "T", "UTC").plots] == ["Papers a week"]


@given(st.lists(st.one_of(st.text(max_size=400), st.sampled_from(HOSTILE)), min_size=1, max_size=5))
def test_nothing_from_outside_speaks(texts: list[str]) -> None:
    """No title, name or keyword breaks a line, asks to be typed, or makes the description too long."""
    for text in texts:
        assert not set(plain(text)) & {"\n", "`", "\x02", "\x03", "\x1f"}
    found = figures(
        top=tuple(Kept(paper(f"2505.0000{n}", text), 1) for n, text in enumerate(texts)),
        brought=tuple(Brought(Person("x", "1", text), 1) for text in texts),
        topics=tuple(Topic(text, 1) for text in texts),
    )
    panel = weeks_panel(found, "T", "UTC", ())
    (top,) = [row.text for row in panel.rows if row.label == "Saved most"]
    assert top.count("\n") == len(texts) - 1
    assert "\n" not in brought(found.brought)
    missed = [paper(f"2505.1000{n}", text, upvotes=3) for n, text in enumerate(texts)]
    for chart in (panel.chart, days_chart(found, "T", "UTC", missed)):
        assert chart
        assert len(chart.alt) <= ALT
