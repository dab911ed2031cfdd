"""What goes wrong on demand: errors, rate limits, lost answers, delays."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

When = Callable[[Mapping[str, Any]], bool]


@dataclass
class Fault:
    """What befalls the next `times` calls of a method; `*` is every method."""

    method: str
    times: int | None = 1
    """None is for ever."""
    error: str = ""
    status: int = 200
    retry_after: float = 1
    more: Mapping[str, Any] | None = None
    lost: bool = False
    stored: bool = True
    """Whether a lost answer was to something that did happen."""
    delay: float = 0.0
    linger: float = 0.0
    """Seconds between the deed and its answer."""
    done: bool = False
    """Whether what is refused was done all the same."""
    team: str = ""
    when: When | None = None
    until: float = 0.0
    """Slack's time at which it is over; 0 is never."""

    @property
    def refuses(self) -> bool:
        """Whether the answer is no."""
        return not self.lost and bool(self.error or self.status >= 400)

    def befalls(self, method: str, team: str, args: Mapping[str, Any]) -> bool:
        return (
            self.method in ("*", method)
            and self.team in ("", team)
            and self.times != 0
            and (self.when is None or self.when(args))
        )


class Faults:
    """Lined up in the order in which they were asked for."""

    def __init__(self) -> None:
        self.lined_up: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self.lined_up.append(fault)

    def clear(self) -> None:
        """From now on all goes well."""
        self.lined_up.clear()

    def next(
        self, method: str, team: str, args: Mapping[str, Any], now: float
    ) -> tuple[float, Fault | None]:
        """How long the answer takes, and what befalls the call."""
        self.lined_up = [one for one in self.lined_up if not 0 < one.until <= now]
        befalling = [one for one in self.lined_up if one.befalls(method, team, args)]
        slow = next((one for one in befalling if one.delay), None)
        bad = next((one for one in befalling if not one.delay), None)
        if bad and bad.until:
            bad.retry_after = math.ceil(bad.until - now)
        for one in (slow, bad):
            if one and one.times is not None:
                one.times -= 1
        return (slow.delay if slow else 0.0), bad
