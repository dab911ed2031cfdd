"""One search index on disk: a tantivy directory, and beside it how far it has come."""

import contextlib
import ctypes
import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

import tantivy

from bot.domain.papers import Paper, PaperId
from bot.domain.search import Query, Sort
from storage.asking import completing, whole
from storage.terms import ORDERS, document, register, schema

_FEW, _MANY = (15_000_000, 1), (50_000_000, 2)
"""Bytes and threads to write with: the least that tantivy takes, and what makes an import quick."""

_BULK = 500

_MARK = "revision.json"


class BrokenShelf(Exception):
    """The index cannot be used as it is; build another."""


class BusyShelf(Exception):
    """Another process is writing to it."""


@contextlib.contextmanager
def _caught() -> Iterator[None]:
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


class Shelf:
    """Papers by their words. All calls block and may come from any thread."""

    def __init__(self, path: Path, index: tantivy.Index) -> None:
        self.path = path
        self._index = index
        self._schema = index.schema
        self._loaded = -1

    @classmethod
    def create(cls, path: Path) -> Self:
        """A new and empty one."""
        with _caught():
            path.mkdir(parents=True)
            index = tantivy.Index(schema(), path=str(path), reuse=False)
            _mark(path, 0, 0)
        return cls._ready(path, index)

    @classmethod
    def open(cls, path: Path) -> Self:
        """One that is there; a BrokenShelf when it is torn."""
        with _caught():
            shelf = cls._ready(path, tantivy.Index.open(str(path)))
            if shelf.papers < _marked(path)[1]:
                raise BrokenShelf("papers are missing")
        return shelf

    @classmethod
    def _ready(cls, path: Path, index: tantivy.Index) -> Self:
        with _caught():
            register(index)
            index.config_reader("manual")
            index.reload()
        return cls(path, index)

    @property
    def revision(self) -> int:
        """Papers up to this revision are in it, whoever put them there."""
        with _caught():
            return _marked(self.path)[0]

    @property
    def papers(self) -> int:
        """How many papers were in it when it was last looked at."""
        return self._index.searcher().num_docs

    def check(self) -> None:
        """A BrokenShelf unless a plain question is answered with every paper."""
        with _caught():
            for order in (None, *ORDERS):
                if self._take(tantivy.Query.all_query(), order, 0, 1)[1] != self.papers:
                    raise BrokenShelf("papers are missing")

    def add(self, papers: Sequence[Paper], revision: int) -> None:
        """Put papers in, or in anew, and note how far that brings it."""
        with _caught():
            writer = self._index.writer(*(_MANY if len(papers) > _BULK else _FEW))
            try:
                for paper in papers:
                    writer.delete_documents_by_term("id", paper.id)
                    writer.add_document(document(paper))
                writer.commit()
            finally:
                writer.wait_merging_threads()  # lets go of the lock
                _give_back()
            self._index.reload()
            _mark(self.path, revision, self.papers)
            self._loaded = revision

    def find(self, query: Query, offset: int, limit: int) -> tuple[list[PaperId], int]:
        """One slice of the papers found, and how many there are."""
        order = query.sort
        if order is Sort.RELEVANCE and not any(not word.excluded for word in query.words):
            order = Sort.NEW
        with _caught():
            asked = whole(query, self._schema)
            return self._take(asked, None if order is Sort.RELEVANCE else order, offset, limit)

    def titles(self, prefix: str, limit: int) -> list[PaperId]:
        """Papers whose title has a word beginning so, the most liked first."""
        with _caught():
            asked = completing(prefix, self._schema)
            return self._take(asked, Sort.UPVOTES, 0, limit)[0] if asked else []

    def _take(
        self, asked: tantivy.Query, order: Sort | None, offset: int, limit: int
    ) -> tuple[list[PaperId], int]:
        searcher = self._searcher()
        most = searcher.num_docs  # tantivy makes room for as many as it is asked for
        beyond = offset >= most or limit <= 0
        found = searcher.search(
            asked,
            limit=1 if beyond else min(limit, most),
            offset=0 if beyond else offset,
            order_by_field=ORDERS[order] if order else None,
        )
        hits = [] if beyond else found.hits
        ids = [PaperId(str(searcher.doc(address).get_first("id"))) for _, address in hits]
        return ids, found.count  # type: ignore[attr-defined]  # left out of the library's stub

    def _searcher(self) -> tantivy.Searcher:
        if (revision := _marked(self.path)[0]) != self._loaded:
            self._index.reload()
            self._loaded = revision
        return self._index.searcher()


def _give_back() -> None:
    """Return free memory to the system: each writer's threads leave glibc some megabytes that it would keep."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)


def _mark(path: Path, revision: int, papers: int) -> None:
    write_whole(path / _MARK, {"revision": revision, "papers": papers})


def _marked(path: Path) -> tuple[int, int]:
    try:
        mark = json.loads((path / _MARK).read_bytes())
        return int(mark["revision"]), int(mark["papers"])
    except (ValueError, KeyError, TypeError, OSError) as e:
        raise BrokenShelf(f"its mark cannot be read: {e}") from e


def write_whole(path: Path, content: object) -> None:
    """Replace a small JSON file at once: nobody ever reads half of it."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(content))
    draft.replace(path)
