"""Giving papers their vectors: those of a text that is known already are left alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.domain.papers import Paper
from storage.gist import Floats
from storage.ledger import Ledger, Rows, key_of, meant, print_of
from storage.tiers import Tier
from storage.vectors import Vectors, condense, write_vectors

_TOGETHER = 256
"""Texts a model is given at once."""


@dataclass(frozen=True)
class Prepared:
    """One model's new vectors, on their way to the disk."""

    stem: str
    rows: Rows
    texts: NDArray[np.uint64]
    vectors: Floats

    def write(self, folder: Path, ledger: Ledger) -> None:
        """Beside what is there already."""
        write_vectors(folder, self.stem, self.rows, self.texts, self.vectors)
        condense(folder, self.stem, self.vectors.shape[1], ledger)


def prepared(
    folder: Path, tiers: Sequence[Tier], ledger: Ledger, papers: Mapping[int, Paper]
) -> Iterator[Prepared]:
    """What these papers, by their rows, lack in each of these models."""
    for tier in tiers:
        model, stem = tier.embedder, tier.stem
        if model is None or stem is None:
            continue
        known = Vectors.read(folder, stem, model.dims, ledger).known
        lacking = [row for row in papers if not known[row]]
        texts = [meant(papers[row]) for row in lacking]
        if not lacking:
            continue
        made = [model.embed(texts[at : at + _TOGETHER]) for at in range(0, len(texts), _TOGETHER)]
        prints = np.array([print_of(text) for text in texts], np.uint64)
        yield Prepared(stem, np.array(lacking, np.int64), prints, np.concatenate(made))


def by_row(ledger: Ledger, papers: Sequence[Paper]) -> dict[int, Paper]:
    """The papers that have a row, by it."""
    rows = ledger.find([key_of(paper.id) for paper in papers])
    return {int(row): paper for row, paper in zip(rows, papers, strict=True) if row >= 0}
