"""When a subscription runs. Pure: the present comes in as an argument, instants are aware and UTC.

A local hour that a clock change skips runs when the clocks have moved (02:30 becomes 03:30); one that
comes twice runs the first time. So every local day has exactly one run.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.subscriptions import WEEKDAYS, Edition, Quiet, Terms, is_held

RISING_EVERY = timedelta(minutes=30)
HELD_EVERY = timedelta(days=1)
"""What posts nothing by itself is looked at so rarely."""
HOURLESS = (Edition.RISING, Edition.FOLLOW, Edition.WATCH)
"""They have no hour: they run all day long."""
HOUR = timedelta(hours=1)


def local_instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The UTC instant of a wall-clock time; `fold=0` picks the first of two and steps over a gap."""
    return datetime.combine(day, at, zone).astimezone(UTC)


def next_run(edition: Edition, terms: Terms, after: datetime) -> datetime:
    """The first run later than `after`; `terms` are resolved, so no field is None."""
    if edition in HOURLESS:
        every = HELD_EVERY if is_held(edition, terms) else RISING_EVERY
        upcoming = _next_multiple(after, every)
        woken = awake(upcoming - every, terms.quiet, terms.tz)
        return woken if woken > after else awake(upcoming, terms.quiet, terms.tz)
    if edition is Edition.CLUB:
        return next((one for one in before_meeting(terms) if one > after), after + HELD_EVERY)
    assert terms.tz is not None  # noqa: S101 -- resolved terms
    assert terms.at is not None  # noqa: S101 -- resolved terms
    zone = ZoneInfo(terms.tz)
    day = after.astimezone(zone).date() - timedelta(days=1)
    while not (_runs_on(edition, terms, day) and local_instant(day, terms.at, zone) > after):
        day += timedelta(days=1)
    return local_instant(day, terms.at, zone)


def before_meeting(terms: Terms) -> tuple[datetime, ...]:
    """When there is something to say of it: the day before at the same local hour, an hour before, as it begins."""
    day, at, zone = terms.once, terms.at, ZoneInfo(terms.tz or "UTC")
    if day is None or at is None:
        return ()
    start = local_instant(day, at, zone)
    return (local_instant(day - timedelta(days=1), at, zone), start - HOUR, start)


def awake(at: datetime, quiet: Quiet | None, tz: str | None) -> datetime:
    """`at`, or when the quiet hours it falls in have ended."""
    if quiet is None or quiet[0] == quiet[1]:
        return at
    begin, end = quiet
    zone = ZoneInfo(tz or "UTC")
    today = at.astimezone(zone).date()
    for day in (today - timedelta(days=1), today):
        until = day + timedelta(days=begin > end)
        if local_instant(day, begin, zone) <= at < (over := local_instant(until, end, zone)):
            return over
    return at


def last_run(edition: Edition, terms: Terms, now: datetime) -> datetime:
    """The latest run that was due at `now` or before; `terms` are resolved."""
    if edition is Edition.CLUB:
        return max((one for one in before_meeting(terms) if one <= now), default=now)
    step = timedelta(days=1)
    begin = now - (RISING_EVERY if edition in HOURLESS else step)
    while (found := next_run(edition, terms, begin)) > now:
        begin -= step
        step = min(step * 2, timedelta(days=16))
    while (later := next_run(edition, terms, found)) <= now:
        found = later
    return found


def _runs_on(edition: Edition, terms: Terms, day: date) -> bool:
    days = terms.on or frozenset(range(7))
    match edition:
        case Edition.MONTHLY:
            return day.day == terms.day
        case Edition.WEEKLY | Edition.RECAP:
            return day.weekday() == min(days)
        case _:
            return day.weekday() in days


def _next_multiple(after: datetime, step: timedelta) -> datetime:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return epoch + ((after - epoch) // step + 1) * step


def describe(edition: Edition, terms: Terms) -> str:
    """`daily at 09:00 Europe/Berlin, Mon-Fri`: how people read a schedule; `terms` are resolved."""
    if edition is Edition.RISING:
        return f"rising: when a paper passes {terms.over} upvotes"
    if edition in HOURLESS:
        return f"{edition}: as it happens"
    when = f"{edition} at {terms.at:%H:%M} {terms.tz}"
    if edition is Edition.MONTHLY:
        return f"{when}, on day {terms.day}"
    days = terms.on or frozenset(range(7))
    if edition in (Edition.WEEKLY, Edition.RECAP):
        return f"{when}, on {WEEKDAYS[min(days)].capitalize()}"
    return when if len(days) == len(WEEKDAYS) else f"{when}, {weekdays(days)}"


def weekdays(days: frozenset[int]) -> str:
    """`Mon-Fri`, `Mon, Wed`: runs of three or more are joined."""
    names = [name.capitalize() for name in WEEKDAYS]
    parts: list[str] = []
    run: list[int] = []
    for day in [*sorted(days), 99]:
        if run and day != run[-1] + 1:
            shown = [names[i] for i in run]
            parts += [f"{shown[0]}-{shown[-1]}"] if len(shown) > 2 else shown  # noqa: PLR2004 -- three make a run
            run = []
        run.append(day)
    return ", ".join(parts)
