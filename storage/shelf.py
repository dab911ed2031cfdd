"""One search index on disk: a tantivy directory, and beside it how far it has come."""

import contextlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Self

import numpy as np
import tantivy

from bot.domain.papers import Paper, PaperId
from bot.domain.search import Field, Query
from storage.completing import names, titles
from storage.embedding import Prepared, by_row, prepared
from storage.finding import find
from storage.handed import forget, recalled, waiting
from storage.ledger import Ledger
from storage.likeness import similar
from storage.mark import BrokenShelf, Mark
from storage.taste import Liked, foryou
from storage.terms import ORDERS, register, schema
from storage.tiers import Tier
from storage.view import Slice, View, look
from storage.writing import Writing, caught


class Shelf:
    """Papers by their words and their meaning. All calls block and may come from any thread."""

    def __init__(
        self,
        path: Path,
        index: tantivy.Index,
        tiers: Sequence[Tier] = (),
        frozen: View | None = None,
    ) -> None:
        self.path = path
        self._index = index
        self._tiers = tiers
        self._seen: View | None = None
        self._frozen = frozen

    @classmethod
    def create(cls, path: Path, tiers: Sequence[Tier] = ()) -> Self:
        """A new and empty one."""
        with caught():
            path.mkdir(parents=True)
            index = tantivy.Index(schema(), path=str(path), reuse=False)
            Mark().write(path)
        return cls._ready(path, index, tiers)

    @classmethod
    def open(cls, path: Path, tiers: Sequence[Tier] = ()) -> Self:
        """One that is there; a BrokenShelf when it is torn."""
        with caught():
            shelf = cls._ready(path, tantivy.Index.open(str(path)), tiers)
            if shelf.papers < Mark.read(path).papers:
                raise BrokenShelf("papers are missing")
            Ledger.read(path, Mark.read(path).rows)
        return shelf

    @classmethod
    def _ready(cls, path: Path, index: tantivy.Index, tiers: Sequence[Tier]) -> Self:
        with caught():
            register(index)
            index.config_reader("manual")
            index.reload()
        return cls(path, index, tiers)

    @property
    def revision(self) -> int:
        """Papers up to this revision are in it, whoever put them there."""
        with caught():
            if self._frozen is not None:
                return self._frozen.mark.revision
            return Mark.read(self.path).revision

    @property
    def papers(self) -> int:
        """How many papers were in it when it was last looked at."""
        return self._index.searcher().num_docs

    def check(self) -> None:
        """A BrokenShelf unless a plain question is answered with every paper."""
        with caught():
            view = self._view()
            for order in (None, *ORDERS):
                if view.take(tantivy.Query.all_query(), order, 0, 1).total != self.papers:
                    raise BrokenShelf("papers are missing")

    def writing(self, papers: int) -> Writing:
        """To put in about so many papers; a BusyShelf while another process is at it."""
        return Writing(self.path, self._index, self._tiers, papers=papers)

    def add(self, papers: Sequence[Paper], revision: int) -> None:
        """Put papers in, or in anew, and note how far that brings it."""
        with contextlib.closing(self.writing(len(papers))) as writing:
            writing.add(papers, revision)
        self.refresh()

    def refresh(self) -> None:
        """Look at what is in it now, so that the next search need not."""
        with caught():
            self._view().warm()

    def freeze(self) -> Self | None:
        """This one as it was last looked at: it still answers when its files are gone. None if it never was."""
        seen = self._frozen or self._seen
        return type(self)(self.path, self._index, self._tiers, seen) if seen else None

    def lacking(self) -> tuple[Tier, list[PaperId]] | None:
        """A model and papers that it has no vector of, the newest first; the quick models' before the slow ones'."""
        with caught():
            view = self._view()
        for layer in sorted(view.layers, key=lambda layer: layer.tier.slow):
            if len(rows := np.flatnonzero(~layer.vectors.known)):
                order = np.argsort(-view.ledger.days[rows], kind="stable")
                return layer.tier, view.ledger.ids(rows[order[: layer.tier.together]])
        return None

    def recall(self) -> None:
        """Take over the vectors that the index before this one had, of the same texts."""
        if not waiting(self.path):
            return
        with caught():
            ledger = self._view().ledger
            with contextlib.closing(self.writing(0)) as writing:
                for made in recalled(self.path, ledger):
                    writing.learn([made])
            forget(self.path, len(ledger))
        self.refresh()

    def known(self, tier: Tier) -> tuple[int, int]:
        """Of how many papers a model has the vectors, and how many there are."""
        with caught():
            view = self._view()
        layers = [layer for layer in view.layers if layer.tier is tier]
        known = int(np.count_nonzero(layers[0].vectors.known)) if layers else 0
        return known, len(view.ledger)

    def prepare(self, tier: Tier, papers: Sequence[Paper]) -> list[Prepared]:
        """The vectors that a model makes of these papers."""
        with caught():
            ledger = self._view().ledger
            return [*prepared(self.path, [tier], ledger, by_row(ledger, papers))]

    def learn(self, made: Sequence[Prepared]) -> None:
        """Keep prepared vectors."""
        with contextlib.closing(self.writing(0)) as writing:
            writing.learn(made)
        self.refresh()

    def find(self, query: Query, offset: int, limit: int) -> Slice:
        """One slice of the papers found, and how many there are."""
        with caught():
            return find(self._view(), query, offset, limit)

    def similar(self, paper: Paper, offset: int, limit: int) -> Slice:
        """Papers like this one."""
        with caught():
            return similar(self._view(), paper, offset, limit)

    def foryou(
        self, liked: Sequence[PaperId], disliked: Sequence[PaperId], since: date, limit: int
    ) -> list[Liked]:
        """Papers that whoever liked these may like, and what each is nearest to."""
        with caught():
            return foryou(self._view(), liked, disliked, since, limit)

    def titles(self, prefix: str, limit: int) -> list[PaperId]:
        """Papers whose title has a word beginning so, the most liked first; or whose id begins so."""
        with caught():
            return titles(self._view(), prefix, limit)

    def names(self, field: Field, prefix: str, limit: int) -> list[str]:
        """Names with a word beginning so, those of most papers first."""
        with caught():
            return names(self._view(), field, prefix, limit)

    def _view(self) -> View:
        if self._frozen is not None:
            return self._frozen
        mark = Mark.read(self.path)
        ready = sum(tier.embedder is not None for tier in self._tiers)
        if (seen := self._seen) is None or seen.mark != mark or len(seen.layers) != ready:
            self._index.reload()
            self._seen = seen = look(self.path, self._index, mark, self._tiers, seen)
        return seen
