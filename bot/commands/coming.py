"""A parameter type for a day to come."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.commands.days import parse_day, weekday_index
from bot.commands.values import echo, starting
from bot.domain.errors import UserError
from bot.domain.subscriptions import WEEKDAYS

_NEAR = {"today": 0, "tomorrow": 1}


@dataclass(frozen=True, slots=True)
class Ahead:
    """A day in the calendar, or one counted from the day that it is where somebody meets."""

    day: date | None = None
    word: str = ""

    def on(self, now: datetime, at: time) -> date:
        """Which day that is, by the clocks there; a weekday is the next one whose hour has not passed."""
        if self.day is not None:
            return self.day
        if self.word in _NEAR:
            return now.date() + timedelta(days=_NEAR[self.word])
        days = (WEEKDAYS.index(self.word) - now.weekday()) % 7
        if days == 0 and at <= now.time():
            days = 7
        return now.date() + timedelta(days=days)

    def __str__(self) -> str:
        return self.word if self.day is None else self.day.isoformat()


@dataclass(frozen=True, slots=True)
class Coming:
    """A day to come."""

    hint: str = "2026-12-03, tomorrow or thursday"

    def parse(self, text: str, today: date) -> Ahead:
        word = text.lower()
        if word in _NEAR:
            return Ahead(word=word)
        if (weekday := weekday_index(word)) is not None:
            return Ahead(word=WEEKDAYS[weekday])
        if word[:1].isdigit() and (day := parse_day(word, today)):
            return Ahead(day=day)
        raise UserError(f"{echo(text)} is not a day to come; write {self.hint}.")

    def format(self, value: Ahead) -> str:
        return str(value)

    def suggest(self, prefix: str) -> list[str]:
        return starting(prefix, ("tomorrow", *WEEKDAYS, "today"))
