"""Quiet hours: nobody is disturbed, and nothing is lost, through every change of the clocks."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.subscriptions import STANDARD, Edition, Manner, Quiet, Terms
from bot.schedule import awake, last_run, next_run
from tests.support.world import at

NIGHT = (time(22), time(7))
zones = st.sampled_from(
    (
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kolkata",
        "Pacific/Apia",
    )
)
hours = st.times().map(lambda one: one.replace(second=0, microsecond=0))
instants = st.integers(0, 19 * 366 * 24 * 60).map(
    lambda minutes: datetime(2011, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2025-05-22 19:59", "2025-05-22 19:59"),
        ("2025-05-22 20:00", "2025-05-23 05:00"),
        ("2025-05-23 04:59", "2025-05-23 05:00"),
        ("2025-05-23 05:00", "2025-05-23 05:00"),
        ("2025-03-29 22:00", "2025-03-30 05:00"),  # an hour shorter
        ("2025-10-25 21:00", "2025-10-26 06:00"),  # an hour longer
    ],
)
def test_what_comes_at_night_waits_for_the_morning(now: str, then: str) -> None:
    """In Berlin, 22 to 7, whatever the clocks do."""
    assert awake(at(now), NIGHT, "Europe/Berlin") == at(then)


def test_an_hour_that_comes_twice_is_quiet_once() -> None:
    """02:15 comes again after quiet has ended at 02:30: that ends at its first coming."""
    quiet = (time(1), time(2, 30))
    first, second = at("2025-10-26 00:15"), at("2025-10-26 01:15")
    assert awake(first, quiet, "Europe/Berlin") == at("2025-10-26 00:30")
    assert awake(second, quiet, "Europe/Berlin") == second


@given(instants, st.tuples(hours, hours), zones)
@settings(max_examples=300, deadline=None)
def test_nobody_waits_for_longer_than_their_quiet_hours(
    now: datetime, quiet: Quiet, zone: str
) -> None:
    """It never goes back, it ends when they end, and whoever has waited does not wait again."""
    then = awake(now, quiet, zone)
    assert now <= then <= now + timedelta(hours=49 if zone == "Pacific/Apia" else 26)
    assert awake(then, quiet, zone) == then
    if then != now:
        assert then.astimezone(ZoneInfo(zone)).minute == quiet[1].minute or _shifted(then, zone)


def _shifted(then: datetime, zone: str) -> bool:
    """A wall-clock time that a change of the clocks has skipped comes when they have moved."""
    before, after = (
        (then + timedelta(hours=n)).astimezone(ZoneInfo(zone)).utcoffset() for n in (-3, 3)
    )
    return before != after


@given(instants, st.none() | st.tuples(hours, hours), zones, st.sampled_from(Manner))
@settings(max_examples=150, deadline=None)
def test_runs_follow_each_other_in_quiet_hours_too(
    now: datetime, quiet: Quiet | None, zone: str, manner: Manner
) -> None:
    """last_run <= now < next_run with nothing between, and no run while it is quiet."""
    terms = Terms(quiet=quiet, tz=zone, manner=manner).resolved(STANDARD)
    last, upcoming = (run(Edition.FOLLOW, terms, now) for run in (last_run, next_run))
    assert last <= now < upcoming
    assert next_run(Edition.FOLLOW, terms, last) == upcoming
    assert awake(upcoming, quiet, zone) == upcoming
