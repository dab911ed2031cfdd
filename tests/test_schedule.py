"""When a subscription runs: exactly once a local day, whatever the clocks do."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.subscriptions import STANDARD, Edition, Terms
from bot.schedule import describe, last_run, next_run, weekdays

ZONES = sorted(available_timezones() - {"localtime", "posixrules", "Factory"})
EVERY_DAY = frozenset(range(7))

zones = st.sampled_from(ZONES)
hours = st.times().map(lambda t: t.replace(second=0, microsecond=0))
instants = st.integers(0, 6 * 365 * 24 * 60).map(
    lambda minutes: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


def terms(at: time, tz: str, on: frozenset[int] = EVERY_DAY, day: int = 1) -> Terms:
    return Terms(at=at, tz=tz, on=on, day=day).resolved(STANDARD)


def runs(edition: Edition, wanted: Terms, start: datetime, count: int) -> list[datetime]:
    found = [start]
    for _ in range(count):
        found.append(next_run(edition, wanted, found[-1]))
    return found[1:]


@given(zones, hours, instants)
@settings(max_examples=150, deadline=None)
def test_every_local_day_has_exactly_one_run(zone: str, at: time, start: datetime) -> None:
    """A fortnight anywhere, begun at any instant: consecutive local days, each once, always later."""
    wanted = terms(at, zone)
    found = runs(Edition.DAILY, wanted, start, 14)
    assert found == sorted(set(found))
    assert all(timedelta(hours=20) <= b - a <= timedelta(hours=28) for a, b in pairwise(found))


@pytest.mark.parametrize("zone", ZONES)
def test_a_year_of_runs_in_every_zone(zone: str) -> None:
    """Both clock changes of 2026 in every zone: at 02:30 there are as many runs as days."""
    start = datetime(2026, 1, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    end = datetime(2027, 1, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    wanted = terms(time(2, 30), zone)
    count, at = 0, start - timedelta(seconds=1)
    while (at := next_run(Edition.DAILY, wanted, at)) < end:
        count += 1
    assert count == 365


@pytest.mark.parametrize(
    ("zone", "at", "day", "expected"),
    [
        ("Europe/Berlin", time(2, 30), date(2026, 3, 29), "01:30"),
        ("Europe/Berlin", time(2, 30), date(2026, 10, 25), "00:30"),
        ("America/New_York", time(2, 30), date(2026, 3, 8), "07:30"),
        ("America/New_York", time(1, 30), date(2026, 11, 1), "05:30"),
        ("Australia/Lord_Howe", time(2, 15), date(2026, 10, 4), "15:45"),
        ("Asia/Kathmandu", time(9, 0), date(2026, 7, 1), "03:15"),
    ],
)
def test_the_hour_that_a_clock_change_skips_or_repeats(
    zone: str, at: time, day: date, expected: str
) -> None:
    """A skipped hour runs when the clocks have moved, a repeated one the first time, and only then."""
    wanted = terms(at, zone)
    before = datetime.combine(day, time(0), ZoneInfo(zone)).astimezone(UTC) - timedelta(seconds=1)
    run = next_run(Edition.DAILY, wanted, before)
    assert f"{run:%H:%M}" == expected
    assert next_run(Edition.DAILY, wanted, run) - run > timedelta(hours=20)


def test_only_the_weekdays_asked_for() -> None:
    """Mon-Fri leaves the weekend out."""
    wanted = terms(time(9), "Europe/Berlin", frozenset(range(5)))
    found = runs(Edition.DAILY, wanted, datetime(2026, 11, 20, 12, tzinfo=UTC), 6)
    assert [f"{run:%a}" for run in found] == ["Mon", "Tue", "Wed", "Thu", "Fri", "Mon"]


def test_a_weekly_edition_runs_once_a_week_and_a_monthly_one_once_a_month() -> None:
    """On the first of the days asked for, and on the day of the month."""
    weekly = runs(
        Edition.WEEKLY,
        terms(time(9), "UTC", frozenset({2, 4})),
        datetime(2026, 11, 1, tzinfo=UTC),
        3,
    )
    assert [f"{run:%a %d}" for run in weekly] == ["Wed 04", "Wed 11", "Wed 18"]
    monthly = runs(
        Edition.MONTHLY, terms(time(9), "UTC", day=28), datetime(2026, 1, 30, tzinfo=UTC), 3
    )
    assert [f"{run:%m-%d}" for run in monthly] == ["02-28", "03-28", "04-28"]


@given(st.sampled_from(list(Edition)), zones, hours, instants)
@settings(max_examples=100, deadline=None)
def test_the_last_run_is_the_one_before_the_next(
    edition: Edition, zone: str, at: time, now: datetime
) -> None:
    """last_run <= now < next_run, and nothing lies between them."""
    wanted = terms(at, zone)
    last = last_run(edition, wanted, now)
    assert last <= now < next_run(edition, wanted, now)
    assert next_run(edition, wanted, last) == next_run(edition, wanted, now)


def test_a_schedule_reads_like_a_sentence() -> None:
    """What /paper subscriptions shows."""
    wanted = terms(time(9), "Europe/Berlin", frozenset(range(5)))
    assert describe(Edition.DAILY, wanted) == "daily at 09:00 Europe/Berlin, Mon-Fri"
    assert describe(Edition.WEEKLY, wanted) == "weekly at 09:00 Europe/Berlin, on Mon"
    assert describe(Edition.MONTHLY, wanted) == "monthly at 09:00 Europe/Berlin, on day 1"
    assert "50 upvotes" in describe(Edition.RISING, wanted)
    assert weekdays(frozenset({0, 2, 3, 4, 6})) == "Mon, Wed-Fri, Sun"
