"""How fast mails may follow each other: providers stop taking them, or worse, from who sends too many at a time."""

import time
from collections.abc import Callable
from datetime import timedelta

from bot.domain.errors import TryLater

AT_ONCE = 10
"""So many may go out together before the others wait."""


class Pace:
    """At most so many mails a minute, evenly; a few at once after a pause."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._gap = 60 / per_minute
        self._clock = clock
        self._free = clock() - self._gap * AT_ONCE
        """When the next one could have gone out, were there no pauses."""

    def turn(self) -> None:
        """Take one. Raises TryLater, which says when there is one."""
        now = self._clock()
        start = max(self._free, now - self._gap * (AT_ONCE - 1))
        if start > now:
            raise TryLater(
                "More mails are waiting than may be sent in a minute.",
                timedelta(seconds=max(start - now, 1)),
            )
        self._free = start + self._gap
