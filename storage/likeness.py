"""More like this: a paper's words and its own vector, without what says the same again."""

import numpy as np

from bot.domain.papers import Paper
from storage.asking import like
from storage.finding import DEPTH
from storage.gist import Floats
from storage.ledger import Rows, key_of, meant
from storage.ranking import fuse
from storage.view import Hits, Layer, Slice, View

SAME = 0.97
"""From this cosine on two papers are one in two versions."""
_MOST = 50
"""Beyond these nothing is similar enough to be worth a look."""


def similar(view: View, paper: Paper, offset: int, limit: int) -> Slice:
    """Papers like this one, the nearest first, and how many there are."""
    hits = view.take(like(paper.title, paper.keywords, paper.id, view.shape), None, 0, DEPTH)
    scores = dict(zip(hits.keys, hits.scores, strict=True))
    layers = [
        (layer, vector)
        for layer in view.layers
        if (vector := _vector(view, layer, paper)) is not None
    ]
    for layer, vector in layers:
        rows = layer.vectors.nearest(vector, None, DEPTH)
        scores = {int(key): 0.0 for key in view.ledger.keys[rows]} | scores
    scores.pop(key_of(paper.id), None)
    rows = view.ledger.find([*scores])
    near = [layer.vectors.cosines(rows, vector) for layer, vector in layers]
    shares = [layer.tier.share for layer, _ in layers]
    relevance = fuse(np.array([*scores.values()], np.float32), near, shares)
    order = np.argsort(-relevance, kind="stable")
    if layers:
        order = _once(*layers[0], rows, order)
    keys = [*scores]
    found = [keys[place] for place in order[:_MOST]]
    return Hits(found[offset : offset + limit], [], len(found)).slice()


def _vector(view: View, layer: Layer, paper: Paper) -> Floats | None:
    """The paper's own; made now if it is not in the index yet."""
    row = int(view.ledger.find([key_of(paper.id)])[0])
    known = layer.vectors.vector(row) if row >= 0 else None
    if known is not None or layer.tier.embedder is None or not layer.vectors.known.any():
        return known
    made = layer.tier.embedder.embed([meant(paper)])[0]
    return made if made.any() else None


def _once(
    layer: Layer, vector: Floats, rows: Rows, order: "np.ndarray[tuple[int], np.dtype[np.intp]]"
) -> "np.ndarray[tuple[int], np.dtype[np.intp]]":
    """The order without what is nearly the same as the paper, or as something before it."""
    chosen: list[int] = []
    shown = [vector]
    for place in order:
        if len(chosen) == _MOST:
            break
        own = layer.vectors.vector(int(rows[place])) if rows[place] >= 0 else None
        if own is None or max(float(np.einsum("i,i", own, one)) for one in shown) < SAME:
            chosen.append(int(place))
            shown += [] if own is None else [own]
    return np.array(chosen, np.intp)
