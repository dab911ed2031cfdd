"""Meetings and clocks: those that jump, days of other lengths, and a bot that is away now and then."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.club import Meeting
from bot.domain.subscriptions import Edition, Terms
from bot.meetings import Step, terms_of, turn, when
from bot.schedule import before_meeting, last_run, next_run
from tests.support.club import BEGIN, HEARD, PAPER, heard, meeting, pick, ticks
from tests.support.fakes import CHANNEL
from tests.support.world import world


async def test_a_clock_that_jumps_repeats_and_loses_nothing(tmp_path: Path) -> None:
    """Back over a reminder, and forward to it again."""
    async with world(tmp_path, BEGIN) as it:
        await pick(it)
        await ticks(it, BEGIN, "2026-12-02 15:00", "2026-12-02 14:00", "2026-12-02 15:01")
        await ticks(it, "2026-12-03 14:00", "2026-12-03 12:00", "2026-12-03 14:01")
        await ticks(it, "2026-12-03 15:00", "2026-12-03 14:00", "2026-12-03 15:02")
        assert heard(it) == HEARD


@pytest.mark.parametrize(
    ("day", "hour", "tz", "expected"),
    [
        ("2026-10-25", "16:00", "Europe/Berlin", ("10-24 14:00", "10-25 14:00", "10-25 15:00")),
        ("2026-03-29", "16:00", "Europe/Berlin", ("03-28 15:00", "03-29 13:00", "03-29 14:00")),
        ("2026-03-29", "02:30", "Europe/Berlin", ("03-28 01:30", "03-29 00:30", "03-29 01:30")),
        ("2026-10-25", "02:30", "Europe/Berlin", ("10-24 00:30", "10-24 23:30", "10-25 00:30")),
        ("2026-11-01", "09:00", "America/New_York", ("10-31 13:00", "11-01 13:00", "11-01 14:00")),
        (
            "2026-10-04",
            "09:00",
            "Australia/Lord_Howe",
            ("10-02 22:30", "10-03 21:00", "10-03 22:00"),
        ),
    ],
)
async def test_a_meeting_keeps_its_local_hour_on_days_when_clocks_change(
    tmp_path: Path, day: str, hour: str, tz: str, expected: tuple[str, ...]
) -> None:
    """The day before at the same hour by the clocks there, an hour before by any clock."""
    one = meeting(day, hour, tz, picked="2026-03-01 09:00")
    moments = before_meeting(terms_of(one))
    assert tuple(f"{moment:%m-%d %H:%M}" for moment in moments) == expected
    async with world(tmp_path, f"{moments[0] - timedelta(days=1):%Y-%m-%d %H:%M}") as it:
        await pick(it, one)
        times = []
        while it.now < moments[2] + timedelta(minutes=30):
            await it.tick()
            times += [it.now] * (len(it.chat.sent) - len(times))
            it.now += timedelta(minutes=30)
        assert heard(it) == HEARD
        assert tuple(times[1:4]) == moments
        assert one.start == moments[2]


async def test_what_was_picked_far_ahead_keeps_its_hour(tmp_path: Path) -> None:
    """Summer time has begun or ended in between."""
    async with world(tmp_path, "2026-07-01 12:00") as it:
        await pick(it, meeting("2026-12-03", picked="2026-07-01 12:00"))
        await it.tick()
        await it.until("2026-12-01 00:00", timedelta(days=1))
        await ticks(it, "2026-12-02 14:59")
        assert heard(it) == ["picked"]
        await ticks(it, "2026-12-02 15:00")
        assert heard(it) == ["picked", "day"]


zones = st.sampled_from(("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"))
hours = st.times(min_value=time(0), max_value=time(23, 59)).map(
    lambda one: one.replace(second=0, microsecond=0)
)


@given(
    st.dates(date(2026, 1, 5), date(2026, 12, 28)),
    hours,
    zones,
    st.lists(st.integers(0, 60 * 24 * 4), min_size=1, max_size=12),
)
def test_whenever_the_bot_looks_nothing_is_said_twice_or_too_late(
    day: date, hour: time, tz: str, looks: list[int]
) -> None:
    """However often it was away: each thing once at most, in order, and while it makes sense."""
    start = datetime.combine(day, hour, ZoneInfo(tz)).astimezone(UTC)
    begin = start - timedelta(days=3)
    one = Meeting(
        id="m",
        channel=CHANNEL,
        paper=PAPER.id,
        day=day,
        at=hour,
        tz=tz,
        picked_by=None,
        picked_at=begin,
    )
    covered, said = None, []
    for minutes in sorted(looks):
        now = begin + timedelta(minutes=minutes)
        done = turn(one, covered, now)
        covered = done.covered
        if done.step:
            said.append(done.step)
            assert now < (one.end if done.step is Step.START else start)
            assert done.step is not Step.DAY or now < start - timedelta(hours=1)
        assert turn(one, covered, now).step is None
    assert said == [step for step in Step if step in said]


@given(st.dates(date(2026, 1, 5), date(2026, 12, 28)), hours, zones, st.integers(-9000, 9000))
def test_the_next_run_is_the_next_thing_to_say(day: date, hour: time, tz: str, away: int) -> None:
    """Later than now, and none is passed over."""
    terms = Terms(once=day, at=hour, tz=tz)
    moments = before_meeting(terms)
    now = moments[2] + timedelta(minutes=away)
    upcoming = next_run(Edition.CLUB, terms, now)
    assert upcoming > now
    assert not any(now < moment < upcoming for moment in moments)
    assert last_run(Edition.CLUB, terms, now) <= now


def test_an_hour_that_clocks_skip_is_told_as_it_will_be() -> None:
    """Half past two becomes half past three that night."""
    assert "Sun 29 Mar 2026, 03:30 Europe/Berlin" in when(meeting("2026-03-29", "02:30"))
