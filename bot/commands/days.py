"""Parameter types for days: words, ISO dates, and spans that end today."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.commands.values import echo, starting
from bot.domain.errors import UserError
from bot.domain.papers import FIRST_DAY

_NEW_YORK = ZoneInfo("America/New_York")
_FLIP = timedelta(hours=2, minutes=30)
_DAY_NAMES = tuple(name.lower() for name in calendar.day_name)


def current_day(now: datetime) -> date:
    """The day that Hugging Face shows as today: it turns at 21:30 in New York."""
    return (now.astimezone(_NEW_YORK).replace(tzinfo=None) + _FLIP).date()


def weekday_index(text: str) -> int | None:
    """Monday is 0. `mon`, `tues`, `monday`: two letters or more of the name."""
    for index, name in enumerate(_DAY_NAMES):
        if len(text) > 1 and name.startswith(text.lower()):
            return index
    return None


def _iso(text: str) -> date | None:
    if not re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}", text, re.ASCII):
        return None
    try:
        return date(*map(int, text.split("-")))
    except ValueError:
        raise UserError(f"{echo(text)} is in no calendar; a day looks like 2025-05-22.") from None


def parse_day(text: str, today: date) -> date | None:
    """A day in words, counted back, or in ISO spelling; None when it is none of these."""
    text = text.lower()
    if text == "today":
        return today
    if text == "yesterday":
        return today - timedelta(days=1)
    if re.fullmatch(r"-\d{1,5}", text, re.ASCII):
        return today - timedelta(days=int(text[1:]))
    if (weekday := weekday_index(text)) is not None:
        return today - timedelta(days=(today.weekday() - weekday) % 7)
    return _iso(text)


def _within(day: date, today: date) -> date:
    """A day that can have a list; one day of grace, since the new day begins before ours ends."""
    if day < FIRST_DAY:
        raise UserError(f"Daily Papers began on {FIRST_DAY}; ask for that day or a later one.")
    if day > today + timedelta(days=1):
        raise UserError(f"{day} has not come yet; today is {today}.")
    return day


@dataclass(frozen=True, slots=True)
class Day:
    """A day that may have a list."""

    hint: str = "2025-05-22, today, yesterday, monday, or -3 for three days ago"

    def parse(self, text: str, today: date) -> date:
        if (day := parse_day(text, today)) is None:
            raise UserError(f"{echo(text)} is not a day; write {self.hint}.")
        return _within(day, today)

    def format(self, value: date) -> str:
        return value.isoformat()

    def suggest(self, prefix: str) -> list[str]:
        return starting(prefix, ("today", "yesterday", *_DAY_NAMES))


@dataclass(frozen=True, slots=True)
class Week:
    """A week by its number or by a day in it; the value is its Monday."""

    hint: str = "2025-W21, this, last, or a day in it"

    def parse(self, text: str, today: date) -> date:
        day = self._day(text, today)
        if day is None:
            raise UserError(f"{echo(text)} is not a week; write {self.hint}.")
        monday = day - timedelta(days=day.weekday())
        _within(monday + timedelta(days=6) if monday < FIRST_DAY else monday, today)
        return monday

    def _day(self, text: str, today: date) -> date | None:
        if text.lower() in {"this", "last"}:
            return today - timedelta(days=7 * (text.lower() == "last"))
        match = re.fullmatch(r"(\d{4})-?W(\d{1,2})", text, re.ASCII | re.IGNORECASE)
        if not match:
            return parse_day(text, today)
        try:
            return date.fromisocalendar(int(match[1]), int(match[2]), 1)
        except ValueError:
            return None

    def format(self, value: date) -> str:
        year, week, _ = value.isocalendar()
        return f"{year}-W{week:02}"

    def suggest(self, prefix: str) -> list[str]:
        return starting(prefix, ("this", "last"))


@dataclass(frozen=True, slots=True)
class Month:
    """A month by its number or by a day in it; the value is its first day."""

    hint: str = "2025-05, this, last, or a day in it"

    def parse(self, text: str, today: date) -> date:
        day = self._day(text, today)
        if day is None:
            raise UserError(f"{echo(text)} is not a month; write {self.hint}.")
        first = day.replace(day=1)
        _within(max(first, FIRST_DAY) if _month(first) == _month(FIRST_DAY) else first, today)
        return first

    def _day(self, text: str, today: date) -> date | None:
        if text.lower() in {"this", "last"}:
            return months_back(today, int(text.lower() == "last"))
        if re.fullmatch(r"\d{4}-\d{1,2}", text, re.ASCII):
            return _iso(f"{text}-01")
        return parse_day(text, today)

    def format(self, value: date) -> str:
        return f"{value:%Y-%m}"

    def suggest(self, prefix: str) -> list[str]:
        return starting(prefix, ("this", "last"))


def _month(day: date) -> tuple[int, int]:
    return day.year, day.month


def months_back(day: date, months: int) -> date:
    """The same day so many months ago, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class Since:
    """The edge of a span: a day, a month, a year, or so long ago. `last` takes the span's last day."""

    last: bool = False
    hint: str = "2025-05-22, 2025-05, 2025, monday, 7d, 2w or 3m"

    def parse(self, text: str, today: date) -> date:
        try:
            day = self._edge(text, today)
        except (ValueError, OverflowError):
            day = None
        if day is None:
            raise UserError(f"{echo(text)} is not a date; write {self.hint}.")
        return day

    def _edge(self, text: str, today: date) -> date | None:
        if match := re.fullmatch(r"(\d{4})(?:-(\d{1,2}))?", text, re.ASCII):
            year, month = int(match[1]), int(match[2] or (12 if self.last else 1))
            days = calendar.monthrange(year, month)[1] if 0 < month < 13 else 0  # noqa: PLR2004 -- months
            return date(year, month, days if self.last else 1)
        if match := re.fullmatch(r"(\d{1,4})([dwmy])", text.lower(), re.ASCII):
            count, unit = int(match[1]), match[2]
            if unit in "my":
                return months_back(today, count * (12 if unit == "y" else 1))
            return today - timedelta(days=count * (7 if unit == "w" else 1))
        return parse_day(text, today)

    def format(self, value: date) -> str:
        return value.isoformat()

    def suggest(self, prefix: str) -> list[str]:
        return starting(prefix, ("today", "yesterday", *_DAY_NAMES, "7d", "30d", "3m", "1y"))
