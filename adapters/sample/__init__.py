"""A small feed that comes with the program: a few days of Daily Papers and some older papers, no network."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import cached_property
from importlib.resources import files
from typing import Any

from bot.domain.papers import Fetched, Listing, Paper, PaperId

_TRENDING = 50


class SampleFeed:
    """A `PaperSource` over the bundled files. `read` turns an item of the Hugging Face API into a paper."""

    def __init__(self, read: Callable[[object], Paper]) -> None:
        self._read = read

    @cached_property
    def days(self) -> dict[date, tuple[Paper, ...]]:
        """The lists that are there, in order of date."""
        lists = {}
        for line in _lines("daily.jsonl"):
            day = date.fromisoformat(line["date"])
            papers = map(self._read, line["items"])
            lists[day] = tuple(p if p.featured else replace(p, featured=day) for p in papers)
        return dict(sorted(lists.items()))

    @cached_property
    def archive(self) -> tuple[Paper, ...]:
        """The papers that were never on a list."""
        return tuple(self._read(item) for item in _lines("archive.jsonl"))

    def batches(self) -> Iterator[tuple[date | None, tuple[Paper, ...]]]:
        """Everything, list by list, for the archive to keep."""
        yield from self.days.items()
        yield None, self.archive

    async def fetch(
        self, listing: Listing, *, etag: str | None = None, budget: float = 20.0
    ) -> Fetched:
        """A day as it is bundled, empty if it is not; weeks, months and trending by upvotes."""
        del etag, budget
        if listing.kind == "trending":
            return Fetched(papers=_best(self._listed())[:_TRENDING])
        first, last = listing.span
        if listing.kind == "day":
            return Fetched(papers=self.days.get(first, ()))
        return Fetched(
            papers=_best(p for p in self._listed() if first <= (p.featured or first) <= last)
        )

    async def search(self, text: str, *, limit: int = 20, budget: float = 3.0) -> Fetched:
        """Papers with all the words somewhere in title, abstract, authors or keywords."""
        del budget
        words = text.lower().split()
        found = (p for p in self._all.values() if all(word in _words(p) for word in words))
        return Fetched(papers=_best(found)[:limit] if words else ())

    async def paper(self, id: PaperId, *, budget: float = 3.0) -> Paper | None:
        """None for what is not bundled."""
        del budget
        return self._all.get(id)

    @cached_property
    def _all(self) -> dict[PaperId, Paper]:
        return {p.id: p for p in (*self.archive, *self._listed())}

    def _listed(self) -> Iterator[Paper]:
        return (paper for papers in self.days.values() for paper in papers)


def _lines(name: str) -> Iterator[dict[str, Any]]:
    with (files(__name__) / name).open(encoding="utf-8") as file:
        yield from (json.loads(line) for line in file if line.strip())


def _best(papers: Iterator[Paper]) -> tuple[Paper, ...]:
    return tuple(sorted(papers, key=lambda paper: -paper.upvotes))


def _words(paper: Paper) -> str:
    return " ".join((paper.title, paper.abstract, *paper.authors, *paper.keywords)).lower()
