"""Parameter types for when something runs: a time of day, a time zone, days of the week."""

import difflib
import re
from dataclasses import dataclass
from datetime import date, time
from functools import cache
from zoneinfo import available_timezones

from bot.commands.days import weekday_index
from bot.commands.values import SUGGESTIONS, echo, listing, starting
from bot.domain.errors import UserError
from bot.domain.subscriptions import WEEKDAYS

_CITIES = {
    "cest": "Europe/Berlin",
    "mez": "Europe/Berlin",
    "bst": "Europe/London",
    "edt": "America/New_York",
    "et": "America/New_York",
    "cdt": "America/Chicago",
    "cst": "America/Chicago",
    "mdt": "America/Denver",
    "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles",
    "pt": "America/Los_Angeles",
    "ist": "Asia/Kolkata",
    "jst": "Asia/Tokyo",
    "kst": "Asia/Seoul",
    "sgt": "Asia/Singapore",
    "hkt": "Asia/Hong_Kong",
    "aest": "Australia/Sydney",
    "aedt": "Australia/Sydney",
}
"""A city for abbreviations that people write and that name no IANA zone."""


@cache
def zone_names() -> tuple[str, ...]:
    """Every IANA zone of this machine."""
    return tuple(sorted(available_timezones() - {"localtime", "posixrules", "Factory"}))


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day, to the minute."""

    hint: str = "09:00, 17:30 or 9:30pm"

    def parse(self, text: str, _today: date) -> time:
        match = re.fullmatch(
            r"(\d{1,2})(?:[:.h](\d{2}))?\s*(?:([ap])\.?m\.?|h)?", text.lower().strip(), re.ASCII
        )
        found = match and _time(int(match[1]), int(match[2] or 0), match[3])
        if found is None:
            raise UserError(f"{echo(text)} is not a time of day; write {self.hint}.")
        return found

    def format(self, value: time) -> str:
        return f"{value:%H:%M}"

    def suggest(self, prefix: str) -> list[str]:
        return starting(prefix, (f"{hour:02}:00" for hour in range(24)))


def _time(hour: int, minute: int, half: str | None) -> time | None:
    noon = 12
    if half:
        if not 1 <= hour <= noon:
            return None
        hour = hour % noon + (noon if half == "p" else 0)
    try:
        return time(hour, minute)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Zone:
    """An IANA time zone, by its name or by its city."""

    hint: str = "a city or zone such as Berlin or America/New_York"

    def parse(self, text: str, _today: date) -> str:
        wanted = text.strip().lower().replace(" ", "_")
        exact = [zone for zone in zone_names() if zone.lower() == wanted]
        cities = [zone for zone in zone_names() if zone.lower().endswith(f"/{wanted}")]
        if exact:
            return exact[0]
        if len(cities) == 1:
            return cities[0]
        if cities:
            raise UserError(f"There are several {echo(text)}: write {listing(cities)}.")
        raise UserError(_no_zone(text, wanted))

    def format(self, value: str) -> str:
        return value

    def suggest(self, prefix: str) -> list[str]:
        wanted = prefix.lower().replace(" ", "_")
        cities = [zone for zone in zone_names() if f"/{wanted}" in zone.lower()]
        return list(dict.fromkeys([*starting(wanted, zone_names()), *cities]))[:SUGGESTIONS]


def _no_zone(text: str, wanted: str) -> str:
    if city := _CITIES.get(wanted):
        return (
            f"{echo(text)} is an abbreviation, good for a part of the year or for several places; "
            f"write a city, for example `{city}`."
        )
    if re.fullmatch(r"(?:utc|gmt)?[+-]?\d{1,2}(?::?\d{2})?", wanted, re.ASCII):
        return (
            f"{echo(text)} is an offset and knows no summer time; write a city, "
            "for example `Europe/Berlin`, or `UTC`."
        )
    cities = {zone.rpartition("/")[2].lower(): zone for zone in zone_names()}
    near = difflib.get_close_matches(wanted.rpartition("/")[2], cities, n=3, cutoff=0.6)
    meant = listing(cities[city] for city in near) or "`Europe/Berlin` or `UTC`"
    return f"{echo(text)} is no time zone; did you mean {meant}?"


_SETS = {
    "daily": "mon-sun",
    "all": "mon-sun",
    "everyday": "mon-sun",
    "weekdays": "mon-fri",
    "workdays": "mon-fri",
    "weekend": "sat-sun",
    "weekends": "sat-sun",
}


@dataclass(frozen=True, slots=True)
class Weekdays:
    """Days of the week, Monday is 0; a span may wrap over Sunday."""

    hint: str = "mon-fri, mon,wed or weekdays"

    def parse(self, text: str, _today: date) -> frozenset[int]:
        days: set[int] = set()
        for part in re.split(r"[,\s]+", text.strip().lower()):
            days |= self._span(_SETS.get(part, part), text)
        return frozenset(days)

    def _span(self, part: str, text: str) -> set[int]:
        ends = [weekday_index(name) for name in re.split(r"[-–]", part)]
        first, last = ends[0], ends[-1]
        if first is None or last is None or len(ends) > 2:  # noqa: PLR2004 -- a span has two ends
            raise UserError(f"{echo(text)} are no days of the week; write {self.hint}.")
        return {(first + n) % 7 for n in range((last - first) % 7 + 1)}

    def format(self, value: frozenset[int]) -> str:
        return ",".join(WEEKDAYS[day] for day in sorted(value))

    def suggest(self, prefix: str) -> list[str]:
        return starting(prefix, ("mon-fri", "daily", "weekends", *WEEKDAYS))
