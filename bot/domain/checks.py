"""What an operator is told when asking whether everything is in order."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from bot.domain.people import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at; `text` says what was found or, if it is wrong, the fix."""

    name: str
    fine: bool
    text: str


@runtime_checkable
class Checked(Protocol):
    """A door that can say whether its platform lets us do what these channels want."""

    def check(self, channels: Iterable[Channel]) -> AsyncIterator[Check]: ...
