"""Writing to an index on disk: words, papers, vectors, and last of all how far that brings it."""

import contextlib
import ctypes
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Lock

import numpy as np
import tantivy

from bot.domain.papers import Paper
from storage.embedding import Prepared, by_row, prepared
from storage.ledger import Ledger, key_of
from storage.mark import BrokenShelf, BusyShelf, Mark
from storage.terms import document
from storage.tiers import Tier

_FEW, _MANY = (15_000_000, 1), (100_000_000, 2)
"""Bytes and threads to write with: the least that tantivy takes, and what makes an import quick."""

BULK = 500
"""Papers from which on it is an import."""


@contextlib.contextmanager
def caught() -> Iterator[None]:
    """Whatever tantivy stumbles over means a broken index; its panics are no `Exception`."""
    try:
        yield
    except (ValueError, OSError, RuntimeError) as e:
        busy = "LockBusy" in str(e)
        raise (BusyShelf if busy else BrokenShelf)(str(e)) from e
    except BaseException as e:
        if type(e).__name__ != "PanicException":
            raise
        raise BrokenShelf(str(e)) from e


class Writing:
    """Alone, of all processes: tantivy's writer is the lock. To be closed; all calls may come from any thread."""

    def __init__(
        self, path: Path, index: tantivy.Index, tiers: Sequence[Tier], *, papers: int
    ) -> None:
        self._path = path
        self._index = index
        self._tiers = tiers
        self._lock = Lock()
        with caught():
            self._writer = index.writer(*(_MANY if papers > BULK else _FEW))
            try:
                self._mark = Mark.read(path)
                self._ledger = Ledger.read(path, self._mark.rows)
                index.reload()
                self._sound = index.searcher().num_docs == self._mark.papers
            except BaseException:
                self.close()
                raise

    def add(self, papers: Sequence[Paper], revision: int) -> None:
        """Put papers in, or in anew, and note how far that brings it."""
        with caught(), self._lock:
            keys = np.array([key_of(paper.id) for paper in papers], np.uint32)
            new = (keys > 0) & (self._ledger.find(keys) < 0)
            for paper, is_new in zip(papers, new.tolist(), strict=True):
                if not (is_new and self._sound):  # what was not noted may be there all the same
                    self._writer.delete_documents_by_term("id", paper.id)
                self._writer.add_document(document(paper))
            with ThreadPoolExecutor(1) as beside:  # vectors are made while words are written
                committed = beside.submit(self._writer.commit)
                self._ledger = self._ledger.put(self._path, papers)
                quick = [tier for tier in self._tiers if not tier.slow]
                rows = by_row(self._ledger, papers)
                self._write(prepared(self._path, quick, self._ledger, rows))
                committed.result()
            self._index.reload()
            docs = self._index.searcher().num_docs
            self._note(replace(self._mark, revision=revision, papers=docs, rows=len(self._ledger)))

    def learn(self, made: Sequence[Prepared]) -> None:
        """Keep prepared vectors."""
        with caught(), self._lock:
            self._write(made)
            self._note(self._mark)

    def close(self) -> None:
        """Let go of the lock; what was not noted does not count."""
        with caught(), self._lock:
            self._writer.wait_merging_threads()
        _give_back()

    def _write(self, made: "Sequence[Prepared] | Iterator[Prepared]") -> None:
        for vectors in made:
            vectors.write(self._path, self._ledger)

    def _note(self, mark: Mark) -> None:
        self._mark = replace(mark, edition=mark.edition + 1)
        self._mark.write(self._path)


def _give_back() -> None:
    """Return free memory to the system: each writer's threads leave glibc some megabytes that it would keep."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)
