"""The model that comes with the program: a text's vector is the sum of its wordpieces' vectors, damped when repeated."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise
from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from storage.meaning.wordpieces import PACKED, Wordpieces

Vectors = NDArray[np.float32]
"""One row a text."""

_FULL = 127
_TOGETHER = 256
"""Texts whose pieces are counted at once."""


class _Table(NamedTuple):
    pieces: Wordpieces
    rows: NDArray[np.uint16]
    vectors: NDArray[np.int8]
    scales: Vectors


class StaticModel:
    """Loads nothing until it is first used. May be used from several threads."""

    name = "paperbot-static-1"
    """Kept with every vector: vectors of different names cannot be compared."""

    dims = 256

    def __init__(self) -> None:
        self._table: _Table | None = None
        self._loading = Lock()

    def load(self) -> None:
        """Read the table now, so that the first text does not wait for it."""
        self._loaded()

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One row a text, of length one; all zeros for a text without a known piece."""
        table = self._loaded()
        made = np.zeros((len(texts), self.dims), np.float32)
        for start in range(0, len(texts), _TOGETHER):
            some = slice(start, start + _TOGETHER)
            _add_up(table, texts[some], made[some])
        lengths = np.linalg.norm(made, axis=1, keepdims=True)
        made /= np.where(lengths > 0, lengths, 1)
        return made

    def _loaded(self) -> _Table:
        with self._loading:
            if self._table is None:
                self._table = _read()
            return self._table


def _add_up(table: _Table, texts: Sequence[str], made: Vectors) -> None:
    """The sum of each text's pieces."""
    packed = [table.pieces.packed(text) for text in texts]
    ids = np.frombuffer(b"".join(packed), PACKED)
    lengths = np.fromiter(map(len, packed), np.int64, len(packed)) // ids.itemsize
    owners = np.repeat(np.arange(len(texts)), lengths)
    pairs, counts = np.unique(owners * len(table.rows) + ids, return_counts=True)
    rows = table.rows[pairs % len(table.rows)]
    weights = table.scales[rows] * np.log1p(counts, dtype=np.float32)
    ends = np.searchsorted(pairs, np.arange(len(texts) + 1) * len(table.rows)).tolist()
    for vector, (start, end) in zip(made, pairwise(ends), strict=True):
        own = table.vectors[rows[start:end]].astype(np.float32)
        np.dot(weights[start:end], own, out=vector)


def quantised(vectors: Vectors) -> tuple[NDArray[np.int8], Vectors]:
    """Each row as whole numbers and a scale: `numbers * scale[:, None]` is nearly the row again."""
    scales = np.abs(vectors).max(axis=1, initial=0).astype(np.float32) / _FULL
    safe = np.where(scales > 0, scales, 1)[:, None]
    return np.rint(vectors / safe).astype(np.int8), scales


@cache  # one for all of a process: nothing in it ever changes
def _read() -> _Table:
    folder = files(__package__)
    pieces = (folder / "pieces.txt").read_text("utf-8").splitlines()
    with (folder / "static.npz").open("rb") as file, np.load(file, allow_pickle=False) as table:
        return _Table(Wordpieces(pieces), table["rows"], table["vectors"], table["scales"])
