"""What happened in the crash laboratory, and what came of it."""

from collections import Counter
from dataclasses import dataclass, field

COUNTERS = ("ends", "faults", "messages", "papers", "reactions", "lost", "doubled")


@dataclass
class Tally:
    """Of one round or of all."""

    kills: int = 0
    orphans: int = 0
    """Requests that were being carried out when who had asked for them was killed."""
    ends: Counter[str] = field(default_factory=Counter)
    """How lives ended that were not killed."""
    faults: Counter[str] = field(default_factory=Counter)
    messages: Counter[str] = field(default_factory=Counter)
    """By platform, as is what follows."""
    papers: Counter[str] = field(default_factory=Counter)
    reactions: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    doubled: Counter[str] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Nothing lost, nothing doubled, nothing else that should not be."""
        return not (self.lost.total() or self.doubled.total() or self.complaints)

    def add(self, other: "Tally") -> None:
        """Another round's."""
        self.kills += other.kills
        self.orphans += other.orphans
        self.complaints += other.complaints
        for name in COUNTERS:
            getattr(self, name).update(getattr(other, name))

    def compare(self, what: str, name: str, wanted: Counter[str], found: Counter[str]) -> None:
        """Count what is there too seldom or too often."""
        for key in sorted(wanted.keys() | found.keys()):
            if difference := found[key] - wanted[key]:
                (self.doubled if difference > 0 else self.lost)[name] += abs(difference)
                self.complaints.append(f"{what} {key}: {found[key]}, not {wanted[key]}")
