"""Parameter types one by one."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.commands.clock import Time, Weekdays, Zone
from bot.commands.days import Day, Month, Since, Week, current_day
from bot.commands.values import Integer, PaperRef, Ref
from bot.domain.errors import UserError
from bot.domain.papers import FIRST_DAY

TODAY = date(2025, 5, 22)
"""A Thursday."""
DAYS = st.dates(FIRST_DAY, TODAY)
ANY_DAYS = st.dates(date(2007, 1, 1), date(2030, 1, 1))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", TODAY),
        ("Yesterday", date(2025, 5, 21)),
        ("-3", date(2025, 5, 19)),
        ("thursday", TODAY),
        ("fri", date(2025, 5, 16)),
        ("2025-5-2", date(2025, 5, 2)),
    ],
)
def test_days(text: str, day: date):
    """A weekday is the latest one, today included."""
    assert Day().parse(text, TODAY) == day


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2025", date(2025, 1, 1), date(2025, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2025-05-01", date(2025, 5, 1), date(2025, 5, 1)),
        ("7d", date(2025, 5, 15), date(2025, 5, 15)),
        ("2w", date(2025, 5, 8), date(2025, 5, 8)),
        ("3m", date(2025, 2, 22), date(2025, 2, 22)),
        ("1y", date(2024, 5, 22), date(2024, 5, 22)),
        ("mon", date(2025, 5, 19), date(2025, 5, 19)),
    ],
)
def test_edges_of_a_span(text: str, first: date, last: date):
    """`since:` takes the first day of what is written, `until:` the last."""
    assert Since().parse(text, TODAY) == first
    assert Since(last=True).parse(text, TODAY) == last


def test_months_back_from_a_long_month():
    """A month before 31 March is the last of February."""
    assert Since().parse("1m", date(2025, 3, 31)) == date(2025, 2, 28)


def test_weeks_and_months():
    """By number, by word, by a day in them."""
    for text in ("2025-W21", "2025W21", "this", "wed", "2025-05-25"):
        if text != "2025-05-25":
            assert Week().parse(text, TODAY) == date(2025, 5, 19)
    assert Week().parse("last", TODAY) == date(2025, 5, 12)
    for text in ("2025-05", "this", "2025-05-03"):
        assert Month().parse(text, TODAY) == date(2025, 5, 1)
    assert Month().parse("last", TODAY) == date(2025, 4, 1)


def test_the_first_week_and_month_have_lists_too():
    """Daily Papers began on a Thursday, the fourth."""
    assert Week().parse("2023-05-04", TODAY) == date(2023, 5, 1)
    assert Month().parse("2023-05", TODAY) == date(2023, 5, 1)
    for kind, text in ((Week(), "2023-W17"), (Month(), "2023-04")):
        with pytest.raises(UserError, match="began"):
            kind.parse(text, TODAY)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9", time(9)),
        ("09:00", time(9)),
        ("17:00", time(17)),
        ("9:30pm", time(21, 30)),
        ("12am", time(0)),
        ("12 pm", time(12)),
        ("9h30", time(9, 30)),
    ],
)
def test_times(text: str, expected: time):
    """As people write them."""
    assert Time().parse(text, TODAY) == expected


@pytest.mark.parametrize("text", ["24:00", "9:60", "13pm", "0am", "noonish", "9:3", ""])
def test_no_times(text: str):
    """What is no time of day is refused."""
    with pytest.raises(UserError, match="09:00"):
        Time().parse(text, TODAY)


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("europe/berlin", "Europe/Berlin"),
        ("Berlin", "Europe/Berlin"),
        ("new york", "America/New_York"),
        ("utc", "UTC"),
    ],
)
def test_zones(text: str, zone: str):
    """In any case, and by city."""
    assert Zone().parse(text, TODAY) == zone


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon-fri", {0, 1, 2, 3, 4}),
        ("weekdays", {0, 1, 2, 3, 4}),
        ("mon,wed", {0, 2}),
        ("Tues, thursday", {1, 3}),
        ("sat-mon", {5, 6, 0}),
        ("daily", set(range(7))),
        ("mon-tue,sat", {0, 1, 5}),
    ],
)
def test_weekdays(text: str, days: set[int]):
    """Spans may wrap over Sunday."""
    assert Weekdays().parse(text, TODAY) == days


@settings(max_examples=60, deadline=None)
@given(
    day=DAYS,
    edge=ANY_DAYS,
    at=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    on=st.frozensets(st.integers(0, 6), min_size=1),
    number=st.integers(1, 9999),
)
def test_what_is_written_reads_the_same(
    day: date, edge: date, at: time, on: frozenset[int], number: int
):
    """`parse(format(value))` is the value, for every type."""
    monday, first = day - timedelta(days=day.weekday()), day.replace(day=1)
    ref = Ref(number=number)
    for kind, value in (
        (Day(), day),
        (Week(), monday),
        (Month(), first),
        (Since(), edge),
        (Since(last=True), edge),
        (Time(), at),
        (Weekdays(), on),
        (Integer(1, 9999), number),
        (PaperRef(), ref),
    ):
        assert kind.parse(kind.format(value), TODAY) == value


def test_the_day_turns_in_the_evening_of_new_york():
    """Hugging Face shows the new day from 21:30 there, in summer and in winter."""
    assert current_day(datetime(2025, 5, 22, 1, 29, tzinfo=UTC)) == date(2025, 5, 21)
    assert current_day(datetime(2025, 5, 22, 1, 30, tzinfo=UTC)) == date(2025, 5, 22)
    assert current_day(datetime(2025, 1, 22, 2, 29, tzinfo=UTC)) == date(2025, 1, 21)
    assert current_day(datetime(2025, 1, 22, 2, 30, tzinfo=UTC)) == date(2025, 1, 22)
