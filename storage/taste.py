"""What somebody may like: a linear model over the vectors, fitted to what they kept and what they did not want."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from bot.domain.papers import PaperId
from storage.gist import Floats
from storage.ledger import Rows, key_of
from storage.likeness import SAME
from storage.ranking import prior
from storage.view import Layer, View

MOST = 1_000
"""Papers of each kind that a model is fitted to: the latest."""
OTHERS = 2_000
"""Papers that nobody asked about, to tell a taste from what all papers have in common."""
_RIDGE = 0.5
"""How hard weights are held down, as a share of what papers vary in a direction on average; see benchmarks/taste.py."""
_UNWANTED = 3.0
"""A paper that was dismissed says so many times more than one that was merely not kept."""


class Liked(NamedTuple):
    """A paper, and the kept one that it is nearest to."""

    paper: PaperId
    because: PaperId


def foryou(
    view: View,
    liked: Sequence[PaperId],
    disliked: Sequence[PaperId],
    since: date,
    limit: int,
) -> list[Liked]:
    """Papers from that day on which are none of these, the best first; nothing without one that is known."""
    if not view.layers:
        return []
    layer = max(view.layers, key=lambda one: int(one.vectors.known.sum()))
    kept, unwanted = (_rows(view, layer, ids[:MOST]) for ids in (liked, disliked))
    if not len(kept):
        return []
    allowed = layer.vectors.known & (view.ledger.days >= since.toordinal())
    allowed &= ~view.ledger.among([key_of(id) for id in (*liked, *disliked)])
    rows = np.flatnonzero(allowed)
    if not len(rows):
        return []
    near = _vectors(layer, kept)
    weights = fit(near, _vectors(layer, unwanted), _vectors(layer, _others(layer, kept)))
    scores = _spread(layer.vectors.cosines(rows, weights))
    ages = view.newest - view.ledger.days[rows]
    scores += prior(view.ledger.upvotes[rows], ages, view.votes)
    first = rows[np.argsort(-scores, kind="stable")[: 4 * limit]]
    return _explained(view, layer, first, kept, near)[:limit]


def fit(liked: Floats, disliked: Floats, others: Floats) -> Floats:
    """The direction from papers that were passed over to those that were kept: ridge regression, each side of which
    weighs the same."""
    against = np.concatenate([disliked, others])
    force = np.concatenate([np.full(len(disliked), _UNWANTED), np.ones(len(others))])
    share = np.concatenate([np.full(len(liked), 0.5 / len(liked)), 0.5 * force / force.sum()])
    examples = np.concatenate([liked, against]).astype(np.float64)
    examples -= others.mean(axis=0) if len(others) else 0
    sides = np.concatenate([np.ones(len(liked)), -np.ones(len(against))])
    weighed = examples * share[:, None]
    matrix = examples.T @ weighed
    held = _RIDGE * np.trace(matrix) / len(matrix) + 1e-9
    matrix[np.diag_indices_from(matrix)] += held
    found: Floats = np.linalg.solve(matrix, weighed.T @ sides).astype(np.float32)
    return found


def _rows(view: View, layer: Layer, ids: Sequence[PaperId]) -> Rows:
    rows = view.ledger.find([key_of(id) for id in ids])
    rows = rows[rows >= 0]
    return rows[layer.vectors.known[rows]]


def _others(layer: Layer, kept: Rows) -> Rows:
    """A sample of all there are, the same each time."""
    rows = np.setdiff1d(np.flatnonzero(layer.vectors.known), kept)
    return rows[np.linspace(0, len(rows) - 1, min(OTHERS, len(rows))).astype(np.int64)]


def _vectors(layer: Layer, rows: Rows) -> Floats:
    vectors: Floats = layer.vectors.codes[rows].astype(np.float32)
    vectors *= layer.vectors.scales[rows, None]
    return vectors


def _spread(scores: Floats) -> Floats:
    """From 0 to 1, so that votes and freshness weigh as they do in a search."""
    low, high = scores.min(), scores.max()
    spread: Floats = (scores - low) / max(high - low, np.float32(1e-6))
    return spread


def _explained(view: View, layer: Layer, rows: Rows, kept: Rows, near: Floats) -> list[Liked]:
    """Each with what it is nearest to; without what says the same as a kept one, or as one before it."""
    own = _vectors(layer, rows)
    alike = own @ near.T
    among = own @ own.T
    ids, sources = view.ledger.ids(rows), view.ledger.ids(kept)
    shown: list[int] = []
    for place in range(len(rows)):
        if alike[place].max() < SAME and all(among[place, one] < SAME for one in shown):
            shown.append(place)
    return [Liked(ids[place], sources[int(alike[place].argmax())]) for place in shown]
