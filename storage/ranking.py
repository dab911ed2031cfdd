"""The order of what was found by words and by meaning. Pure; the weights were measured, see benchmarks/search.py."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from storage.gist import Floats

Ints = NDArray[np.integer[Any]]

VOTES, FRESHNESS = 0.02, 0.02
"""The most that upvotes and a recent day add to a relevance between 0 and 1."""
_HALF_LIFE = 365.0
"""Days after which a paper is half as fresh."""


def fuse(words: Floats, near: Sequence[Floats], shares: Sequence[float]) -> Floats:
    """Relevance in [0, 1]: what the words say, and what the first model says that knows the paper.

    `words` are scores, `near` each model's cosines, NaN where it has no vector; the least relevant candidate's
    cosine counts as nothing.
    """
    peak = words.max(initial=0)
    relevance: Floats = words / peak if peak > 0 else words * 0
    undecided = np.ones(len(words), np.bool_)
    for cosines, share in zip(near, shares, strict=True):
        mine = undecided & np.isfinite(cosines)
        if mine.any():
            relevance[mine] = (1 - share) * relevance[mine] + share * _spread(cosines)[mine]
            undecided &= ~mine
    if near:
        relevance[undecided] *= 1 - max(shares)
    return relevance


def _spread(cosines: Floats) -> Floats:
    low, high = np.nanmin(cosines), np.nanmax(cosines)
    spread: Floats = (cosines - low) / max(high - low, np.float32(1e-6))
    return spread


def prior(upvotes: Ints, ages: Ints, many: float) -> Floats:
    """A little for votes and freshness, at most VOTES + FRESHNESS; `many` upvotes are worth all of theirs."""
    liked = np.log1p(np.clip(upvotes, 0, max(many, 1))) / np.log1p(max(many, 1))
    fresh = np.exp2(-np.clip(ages, 0, None) / _HALF_LIFE)
    total: Floats = (VOTES * liked + FRESHNESS * fresh).astype(np.float32)
    return total
