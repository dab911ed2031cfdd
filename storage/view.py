"""An index as one search sees it: words, papers and vectors of one moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import tantivy

from bot.domain.papers import PaperId
from bot.domain.search import Query, Sort
from storage.asking import limits
from storage.ledger import Ledger, Mask, id_of
from storage.mark import Mark
from storage.terms import ORDERS
from storage.tiers import Tier
from storage.vectors import Vectors


class Slice(NamedTuple):
    """One slice of the papers found, how many there are, and whether words were misspelled."""

    ids: list[PaperId]
    total: int
    forgiven: bool = False


class Hits(NamedTuple):
    """Papers by words, the best first: their keys and scores, and how many there are in all."""

    keys: list[int]
    scores: list[float]
    total: int

    def slice(self, *, forgiven: bool = False) -> Slice:
        return Slice([id_of(key) for key in self.keys], self.total, forgiven)


@dataclass(frozen=True)
class Layer:
    """One model's vectors."""

    tier: Tier
    vectors: Vectors


@dataclass(frozen=True)
class View:
    """What is here does not change while it is looked at."""

    mark: Mark
    searcher: tantivy.Searcher
    shape: tantivy.Schema
    ledger: Ledger
    layers: Sequence[Layer]

    def take(
        self,
        asked: tantivy.Query,
        order: Sort | None,
        offset: int,
        limit: int,
        *,
        count: bool = True,
    ) -> Hits:
        """One slice of the papers that match, by score or in the order of a field."""
        most = self.searcher.num_docs  # tantivy makes room for as many as it is asked for
        beyond = offset >= most or limit <= 0
        found = self.searcher.search(
            asked,
            limit=1 if beyond else min(limit, most),
            count=count,
            offset=0 if beyond else offset,
            order_by_field=ORDERS[order] if order else None,
        )
        hits = [] if beyond else found.hits
        keys = self.searcher.fast_field_values("key", [address for _, address in hits])
        total = found.count if count else len(hits)  # type: ignore[attr-defined]  # left out of the stub
        return Hits([int(key or 0) for key in keys], [float(score) for score, _ in hits], total)

    def passing(self, query: Query) -> Mask | None:
        """Which rows may be found by meaning; None is all. Excluded words are not looked at here."""
        mask = self.ledger.passing(query)
        if (named := limits(query, self.shape)) is None:
            return mask
        keys = self.take(named, Sort.NEW, 0, _MOST_NAMED).keys
        there = self.ledger.among(keys)
        return there if mask is None else mask & there

    def warm(self) -> None:
        """Work out now what every search needs."""
        self.ledger.find([0])
        _ = self.newest, self.votes, [layer.vectors.scales for layer in self.layers]

    @cached_property
    def newest(self) -> int:
        """The latest day there is, as an ordinal."""
        return int(self.ledger.days.max(initial=0))

    @cached_property
    def votes(self) -> float:
        """So many upvotes are a lot: one paper in a hundred has more."""
        votes = self.ledger.upvotes
        return float(np.quantile(votes, 0.99)) if len(votes) else 0.0


_MOST_NAMED = 50_000


def look(
    folder: Path,
    index: tantivy.Index,
    mark: Mark,
    tiers: Sequence[Tier],
    before: View | None = None,
) -> View:
    """The index as it is now; what was seen before saves work."""
    same = before is not None and before.mark.revision == mark.revision
    ledger = before.ledger if before and same else Ledger.read(folder, mark.rows)
    layers = [
        Layer(tier, Vectors.read(folder, tier.stem, model.dims, ledger))
        for tier in tiers
        if (model := tier.embedder) and tier.stem
    ]
    return View(mark, index.searcher(), index.schema, ledger, layers)
