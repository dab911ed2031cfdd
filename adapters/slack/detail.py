"""How much of each paper is shown, and how that is chosen: as much as fits, for every paper alike."""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Detail:
    """How much of each paper is shown, in characters of our markup; 0 leaves a thing out."""

    title: int = 300
    summary: int = 400
    abstract: int = 2_800
    note: int = 300
    facts: bool = True
    """Everything known beside the votes."""
    turn: int = 2_000
    """Bytes of a command that a button carries to turn the page."""
    apart: bool = True
    """Facts stand in small print of their own, else below the title instead of a summary."""


LADDER = (
    Detail(),
    *(Detail(title=200, summary=n, abstract=n * 7) for n in (320, 260, 220, 190, 160, 130)),
    *(Detail(title=160, summary=n, abstract=n * 4, note=200) for n in (120, 100, 80)),
    *(Detail(title=n, summary=0, abstract=n, note=200, apart=False) for n in (200, 160, 120, 100)),
    Detail(title=80, summary=0, abstract=0, note=120, apart=False),
    Detail(title=60, summary=0, abstract=0, note=80, turn=300, facts=False, apart=False),
    Detail(title=40, summary=0, abstract=0, note=0, turn=300, facts=False, apart=False),
    Detail(title=24, summary=0, abstract=0, note=0, turn=300, facts=False, apart=False),
    Detail(title=16, summary=0, abstract=0, note=0, turn=300, facts=False, apart=False),
)
"""From everything to the barest, which fits the most papers that a message may have."""


def shortened(attempt: Callable[[Detail], T], fits: Callable[[T], bool]) -> T:
    """With as much detail as fits."""
    if fits(whole := attempt(LADDER[0])):
        return whole
    step = bisect_left(LADDER, True, lo=1, hi=len(LADDER) - 1, key=lambda d: fits(attempt(d)))
    return attempt(LADDER[step])
