"""How near a model finds what has nothing to do with each other: with some that is 0, with others 0.6."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

_PAIRS = (
    ("image captioning", "Describing what a photograph shows in fluent sentences, with a decoder."),
    ("protein folding", "The structure of a chain of amino acids is predicted from its sequence."),
    ("speech recognition", "Spoken audio is transcribed; dialects and noise remain difficult."),
    ("theorem proving", "Proofs are searched for step by step and checked by a formal kernel."),
    ("robot grasping", "A hand with tactile fingers learns to pick up objects from a bin."),
    ("stock markets", "Prices of shares are volatile; we forecast returns over a month."),
    ("climate simulation", "Rainfall and ocean currents of the next century at a fine grid."),
    ("database joins", "A query optimizer orders tables by their estimated cardinality."),
)


def unrelated(ask: Callable[[str], Vectors], embed: Callable[[Sequence[str]], Vectors]) -> float:
    """The mean cosine of questions with papers on other subjects; not below 0."""
    asked = np.stack([ask(question) for question, _ in _PAIRS])
    told = embed([passage for _, passage in _PAIRS])
    near = asked @ told.T
    others = ~np.eye(len(_PAIRS), dtype=np.bool_)
    return max(0.0, float(near[others].mean()))
