"""Counts of what happened since the start, for whoever watches over the bot."""

from collections import Counter
from dataclasses import dataclass, field

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Meter:
    """Names and labels are few and our own: nothing from outside becomes one."""

    counts: Counter[tuple[str, Labels]] = field(default_factory=Counter)

    def add(self, name: str, **labels: str) -> None:
        """One more."""
        self.counts[name, tuple(sorted(labels.items()))] += 1
