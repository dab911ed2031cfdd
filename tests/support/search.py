"""Papers to search among, questions as the command line splits them, and models that cost nothing."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from bot.domain.papers import Paper, PaperId
from bot.domain.search import Found, Query, Word
from storage import Storage
from storage.gist import Floats
from storage.tiers import Tier

NOON = datetime(2025, 5, 22, 12, tzinfo=UTC)
TOPICS = ("diffusion", "retrieval", "speech", "robots", "proteins", "attention")


def paper(id: str, title: str, **changes: object) -> Paper:
    """With as much as the test says."""
    return replace(Paper(id=PaperId(id), title=title), **changes)  # type: ignore[arg-type]


def many(count: int, first: int = 0) -> list[Paper]:
    """Papers of six topics in turn, each with a word of its own."""
    return [
        paper(
            f"2505.{number:05}",
            f"On {TOPICS[number % len(TOPICS)]} number{number}",
            abstract=f"We look at {TOPICS[number % len(TOPICS)]} again.",
        )
        for number in range(first, first + count)
    ]


def words(text: str) -> Query:
    """Loose words, parted by spaces."""
    return Query(words=tuple(map(Word, text.split())))


def ids(found: Found) -> list[str]:
    """What was found, in order."""
    return [hit.paper.id for hit in found.hits]


async def fill(storage: Storage, papers: Sequence[Paper]) -> None:
    """Keep and index them."""
    await storage.archive.keep(papers, as_of=NOON)
    await storage.search.catch_up()


class Letters:
    """A model of sorts: a text's vector is by chance, but the same for the same first word."""

    dims = 16

    def __init__(self, name: str = "letters-1") -> None:
        self.name = name
        self.read: list[str] = []

    def embed(self, texts: Sequence[str]) -> Floats:
        """What was read is remembered."""
        self.read += texts
        return np.array([self._one(text) for text in texts], np.float32).reshape(-1, self.dims)

    def _one(self, text: str) -> Floats:
        seed = hashlib.blake2b(text.split(maxsplit=1)[0].encode() if text.strip() else b"").digest()
        vector = np.random.default_rng(int.from_bytes(seed[:4], "little")).normal(size=self.dims)
        return (vector / np.linalg.norm(vector)).astype(np.float32)


def tier(model: Letters) -> Tier:
    """The model as the index takes it."""
    return Tier(lambda: model, share=0.3, floor=0.2, alone=0.3)
