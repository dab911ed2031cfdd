"""Fitting the table: say what the teacher says, and know a paper by a part of it."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from benchmarks.static_model.bags import bags, units, without
from benchmarks.static_model.texts import SEED, Text, phrase, sentence
from storage.meaning.wordpieces import Wordpieces

EPOCHS, BATCH, RATE = 8, 512, 1e-2
SHARPNESS = 20.0
"""What a cosine is multiplied with before the right answer is told from the other papers of a batch."""
HIDDEN = 0.5
"""The share of a question's pieces that are taken out of the answer: BM25 knows equal words already."""
COPYING = 10.0
"""What agreeing with the teacher weighs against finding the paper."""
RARE = 1e-3
"""Pieces more frequent than this weigh less at the beginning (Arora's smooth inverse frequency)."""


@dataclass(frozen=True, slots=True)
class Material:
    """Everything to learn from, as sparse rows."""

    papers: sparse.csr_matrix
    questions: Sequence[sparse.csr_matrix]
    """Of each kind, one for each paper."""
    taught: sparse.csr_matrix
    targets: np.ndarray
    """What the teacher says of the rows of `taught`."""
    start: np.ndarray
    """A first table."""


class _Adam:
    """Adam that touches only the rows with a gradient; its step shrinks to nothing."""

    def __init__(self, table: np.ndarray, steps: int) -> None:
        self.table = table
        self._mean, self._square = np.zeros_like(table), np.zeros_like(table)
        self._done, self._steps = 0, steps

    def step(self, rows: np.ndarray, gradient: np.ndarray) -> None:
        """Once for each batch."""
        rate = RATE * (1 - self._done / self._steps)
        self._done += 1
        self._mean[rows] = mean = 0.9 * self._mean[rows] + 0.1 * gradient
        self._square[rows] = square = 0.999 * self._square[rows] + 0.001 * gradient**2
        rate *= np.sqrt(1 - 0.999**self._done) / (1 - 0.9**self._done)
        self.table[rows] -= (rate * mean / (np.sqrt(square) + 1e-8)).astype(np.float32)


def prepare(
    papers: Sequence[Text],
    lessons: Mapping[str, Sequence[str]],
    vectors: Mapping[str, np.ndarray],
    pieces: Sequence[str],
    dims: int,
) -> Material:
    """`vectors` is what the teacher says of the lessons and, as "pieces", of every piece."""
    tokens, dice = Wordpieces(pieces), random.Random(SEED)

    def rows(texts: Sequence[str]) -> sparse.csr_matrix:
        return bags(tokens, texts, len(pieces))

    said = np.concatenate([vectors[kind] for kind in lessons]).astype(np.float32)
    middle = said.mean(0)
    said = units(said - middle)
    axes = np.linalg.svd(said.T @ said)[0][:, :dims]
    abstracts = rows([paper.abstract for paper in papers])
    frequency = np.asarray(abstracts.sum(0)).ravel() / abstracts.sum()
    start = (vectors["pieces"].astype(np.float32) - middle) @ axes
    return Material(
        abstracts,
        (
            rows([paper.title for paper in papers]),
            rows([phrase(paper, dice) for paper in papers]),
            rows([sentence(paper, dice) for paper in papers]),
            rows([sentence(paper, dice) for paper in papers]),
        ),
        rows([text for texts in lessons.values() for text in texts]).log1p(),
        units(said @ axes),
        (start * (RARE / (RARE + frequency))[:, None]).astype(np.float32),
    )


def fit(material: Material) -> np.ndarray:
    """The table: a row for each piece."""
    dice = np.random.default_rng(SEED)
    count = material.papers.shape[0]
    batches = count // BATCH
    adam = _Adam(material.start.copy(), EPOCHS * batches)
    for epoch in range(1, EPOCHS + 1):
        losses = np.zeros(2)
        for some in np.split(dice.permutation(count)[: batches * BATCH], batches):
            found, finding, *found_gradients = _find(adam.table, material, some, dice)
            copied, copying, copied_gradient = _copy(adam.table, material, dice)
            all = sparse.vstack([*finding, copying]).tocsc().T
            rows = np.flatnonzero(np.diff(all.indptr))
            adam.step(rows, all[rows] @ np.concatenate([*found_gradients, copied_gradient]))
            losses += found, copied
        found, copied = losses / batches
        print(f"epoch {epoch}/{EPOCHS}: finding {found:.3f}, copying {copied:.3f}", flush=True)
    return adam.table


def _find(
    table: np.ndarray, material: Material, some: np.ndarray, dice: np.random.Generator
) -> tuple[float, tuple[sparse.csr_matrix, sparse.csr_matrix], np.ndarray, np.ndarray]:
    """Each question is to be nearest to its own paper, and each paper to its question (InfoNCE)."""
    asked = material.questions[dice.integers(len(material.questions))][some]
    answers = without(material.papers[some], asked, HIDDEN, dice).log1p()
    asked = asked.log1p()
    q, q_length = _embedded(asked, table)
    a, a_length = _embedded(answers, table)
    scores = np.exp(SHARPNESS * (q @ a.T - 1))
    by_row, by_column = scores / scores.sum(1, keepdims=True), scores / scores.sum(0)
    own = np.arange(len(some))
    gradient = (by_row + by_column) / 2
    gradient[own, own] -= 1
    gradient *= SHARPNESS / len(some)
    return (
        float(-np.log(by_row[own, own] + 1e-9).mean()),
        (asked, answers),
        _through(q, q_length, gradient @ a),
        _through(a, a_length, gradient.T @ q),
    )


def _copy(
    table: np.ndarray, material: Material, dice: np.random.Generator
) -> tuple[float, sparse.csr_matrix, np.ndarray]:
    """The angle to what the teacher says is to be small."""
    some = dice.integers(len(material.targets), size=BATCH)
    taught, targets = material.taught[some], material.targets[some]
    made, length = _embedded(taught, table)
    gradient = _through(made, length, targets * (-COPYING / BATCH))
    return float(1 - (made * targets).sum(1).mean()), taught, gradient


def _embedded(bag: sparse.csr_matrix, table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    made = bag @ table
    length = np.maximum(np.linalg.norm(made, axis=1, keepdims=True), 1e-9)
    return made / length, length


def _through(made: np.ndarray, length: np.ndarray, gradient: np.ndarray) -> np.ndarray:
    """A gradient of unit vectors, as that of what was brought to length one."""
    return (gradient - made * (made * gradient).sum(1, keepdims=True)) / length
