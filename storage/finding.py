"""A search in one view of the index: by words, by meaning, and both in one order."""

from dataclasses import dataclass

import numpy as np
import tantivy

from bot.domain.search import Query, Sort
from storage.asking import among, meaning, named, wanted, whole
from storage.gist import Floats
from storage.ledger import Rows, id_of
from storage.ranking import fuse, prior
from storage.view import Hits, Layer, Slice, View

DEPTH = 200
"""Candidates by words and by meaning, each; with half as many, fewer good ones are found than by words alone."""
_MOST_NAMED = 50
_NAMED = 10.0
"""More than any relevance."""


@dataclass(frozen=True)
class Ranked:
    """The candidates in their order; `more` are those that words alone would bring later."""

    keys: list[int]
    more: frozenset[int]


def find(view: View, query: Query, offset: int, limit: int) -> Slice:
    """One slice of what matches, and how much there is."""
    words = wanted(query)
    asked = whole(query, view.shape)
    if not words or query.sort is not Sort.RELEVANCE:
        return _ordered(view, query, asked, offset, limit)
    hits = view.take(asked, None, 0, DEPTH)
    forgiven = not hits.total
    if forgiven:
        asked = whole(query, view.shape, forgiving=True)
        hits = view.take(asked, None, 0, DEPTH)
    ranked = _rank(view, query, asked, hits, forgiven=forgiven)
    total = hits.total + len(ranked.keys) - len(hits.keys) - len(ranked.more)
    keys = ranked.keys[offset : offset + limit]
    if len(keys) < limit and hits.total > len(hits.keys):
        keys += _rest(view, asked, ranked, offset + len(keys), limit - len(keys))
    return Hits(keys, [], total).slice(forgiven=forgiven and bool(hits.total))


def _ordered(view: View, query: Query, asked: tantivy.Query, offset: int, limit: int) -> Slice:
    """In the order of a field: what matches in its words, and nothing that is only similar."""
    order = Sort.NEW if query.sort is Sort.RELEVANCE else query.sort
    found = view.take(asked, order, offset, limit)
    if found.total or not wanted(query):
        return found.slice()
    forgiving = view.take(whole(query, view.shape, forgiving=True), order, offset, limit)
    return forgiving.slice(forgiven=bool(forgiving.total))


def _rest(view: View, asked: tantivy.Query, ranked: Ranked, offset: int, limit: int) -> list[int]:
    """What the words bring after the candidates."""
    start = max(offset - len(ranked.keys), 0)
    later = view.take(asked, None, DEPTH, start + limit + len(ranked.more), count=False)
    keys = [key for key in later.keys if key not in ranked.more]
    return keys[start : start + limit]


def _rank(view: View, query: Query, asked: tantivy.Query, hits: Hits, *, forgiven: bool) -> Ranked:
    """Everything either leg found, in one order."""
    scores = dict(zip(hits.keys, hits.scores, strict=True))
    called = _called(view, query, asked) if hits.total else {}
    speakers = _speakers(view, query)
    others = (called.keys() | _near(view, query, speakers)) - scores.keys()
    if hits.total > len(hits.keys) or any(word.excluded for word in query.words):
        found = _checked(view, query, others, forgiven=forgiven)
    else:  # whatever has the words is among the hits
        found = dict.fromkeys(sorted(others), 0.0)
    more = frozenset(key for key, score in found.items() if score > 0 or key in called)
    keys = [*scores, *found]
    rows = view.ledger.find(keys)
    near = [layer.vectors.cosines(rows, vector) for layer, vector in speakers]
    words = np.array([*scores.values(), *found.values()], np.float32)
    relevance = fuse(words, near, [layer.tier.share for layer, _ in speakers])
    relevance += _prior(view, rows)
    relevance += np.array([called.get(key, 0) * _NAMED for key in keys], np.float32)
    kept = np.array([key in scores or key in more for key in keys], np.bool_)
    for (layer, _), cosines in zip(speakers, near, strict=True):
        kept |= cosines >= (layer.tier.floor if hits.total else layer.tier.alone)
    order = np.argsort(-relevance, kind="stable")
    return Ranked([keys[place] for place in order if kept[place]], more)


def _speakers(view: View, query: Query) -> list[tuple[Layer, Floats]]:
    """The models that can say something about the query, the best first, and its vector in each."""
    text = meaning(query)
    found = []
    for layer in view.layers:
        known = bool(text) and layer.vectors.known.any()
        if known and (vector := layer.tier.ask(text)) is not None:
            found.append((layer, vector))
    return found


def _near(view: View, query: Query, speakers: list[tuple[Layer, Floats]]) -> set[int]:
    """The papers that the models find nearest, of those that the filters leave."""
    if not speakers:
        return set()
    mask = view.passing(query)
    rows = [layer.vectors.nearest(vector, mask, DEPTH) for layer, vector in speakers]
    return set(view.ledger.keys[np.concatenate(rows)].tolist())


def _called(view: View, query: Query, asked: tantivy.Query) -> dict[int, float]:
    """Papers, of those that match, which the query names."""
    if (names := named(query, asked, view.shape)) is None:
        return {}
    hits = view.take(names, None, 0, _MOST_NAMED, count=False)
    return dict(zip(hits.keys, hits.scores, strict=True))


def _checked(view: View, query: Query, keys: set[int], *, forgiven: bool) -> dict[int, float]:
    """Those of these papers that the query admits, and what their words are worth: nothing, mostly."""
    if not keys:
        return {}
    asked = among(query, map(id_of, keys), view.shape, forgiving=forgiven)
    hits = view.take(asked, None, 0, len(keys), count=False)
    return dict(sorted(zip(hits.keys, hits.scores, strict=True)))


def _prior(view: View, rows: Rows) -> Floats:
    worth = np.zeros(len(rows), np.float32)
    there = rows >= 0
    ages = view.newest - view.ledger.days[rows[there]]
    worth[there] = prior(view.ledger.upvotes[rows[there]], ages, view.votes)
    return worth
