"""What Hugging Face's own search adds where the archive has little, or where everything is asked for."""

from collections.abc import Sequence
from dataclasses import replace

from bot.commands.room import Room
from bot.domain.papers import Paper
from bot.domain.search import Found, Query, Sort, Word

THIN = 5
"""With fewer papers of our own, Hugging Face is asked by itself."""
MOST = 50
"""Papers that are taken from there."""
BUDGET = 1.5
"""Seconds that it may take."""
WHY = "found by Hugging Face"


def wants(query: Query, found: Found, *, everywhere: bool) -> bool:
    """Whether to ask: there are words to look for, and it is not just about papers that are known here."""
    if query.within is not None or not said(query):
        return False
    return everywhere or (found.total < THIN and query.sort is Sort.RELEVANCE)


def said(query: Query) -> str:
    """The words as somebody types them there."""
    return " ".join(
        f'"{word.text}"' if word.phrase else word.text for word in query.words if not word.excluded
    )


async def beyond(room: Room, query: Query, found: Found) -> list[Paper]:
    """Papers that pass the query's filters and were not found here, the best first; they are in the archive now."""
    there = await room.refresher.look_beyond(said(query), limit=MOST, budget=BUDGET)
    if not there:
        return []
    strict = tuple(word for word in query.words if word.excluded or word.phrase)
    passing = await room.search.search(_filters(query, strict, there), limit=len(there))
    fit = {hit.paper.id for hit in passing.hits}
    known = {hit.paper.id for hit in found.hits}
    return [paper for paper in there if paper.id in fit and paper.id not in known]


def _filters(query: Query, strict: tuple[Word, ...], there: Sequence[Paper]) -> Query:
    """Everything that was asked beside loose words, of these papers."""
    ids = frozenset(paper.id for paper in there)
    return replace(query, words=strict, within=ids, sort=Sort.NEW)
