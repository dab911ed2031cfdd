"""One model's vectors, a row for each paper: int8 in a file that is mapped, and beside it whose they are."""

import hashlib
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from storage.gist import TOP, Floats, Gist, largest, products, scan
from storage.ledger import Ledger, Mask, Rows, write_rows

MARK = np.dtype([("text", "<u8"), ("scale", "<f4")])

EXACT = 200_000
"""Papers up to which every vector is compared with a query's."""
LOOKED_AT = 4_000
"""Of more papers, so many are compared: those whose gist is nearest."""
_SOME = 50_000
"""Of more papers, those that a filter leaves are all compared when they are this few."""
_PROBED, _OFF = 128, 1e-3
_SPARSE = 8
"""Where a filter leaves one row in so many, only these are read."""


class Embedder(Protocol):
    """Turns texts into vectors. A name stands for one model and one version of it."""

    @property
    def name(self) -> str: ...

    @property
    def dims(self) -> int: ...

    def embed(self, texts: Sequence[str], /) -> Floats:
        """One row for each, of length 1; all zeros for a text that says nothing."""
        ...


def stem_of(name: str, dims: int) -> str:
    """What a model's files are called."""
    digest = hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=4).hexdigest()
    return f"{re.sub(r'[^a-z0-9]+', '-', name.lower())[:40]}-{dims}-{digest}"


@dataclass(frozen=True)
class Vectors:
    """Vectors as they were at a moment; a paper whose text has changed since has none."""

    codes: NDArray[np.int8]
    marks: NDArray[Any]
    known: Mask
    """Which rows have a vector of the text that the ledger has."""
    gist: Gist | None = None
    """Only of many."""

    @classmethod
    def read(cls, folder: Path, stem: str, dims: int, ledger: Ledger) -> Self:
        """What there is; a file that is missing or short means papers without a vector."""
        count = len(ledger)
        marks = np.zeros(count, MARK)
        codes: NDArray[np.int8] = np.zeros((0, dims), np.int8)
        with suppress(OSError, ValueError):
            read = np.fromfile(folder / f"{stem}.marks", MARK, count)
            path = folder / f"{stem}.codes"
            there = min(len(read), path.stat().st_size // dims)
            codes = np.memmap(path, np.int8, "r", shape=(there, dims))
            marks[:there] = read[:there]
        whole = (marks["scale"] >= 0) & (marks["scale"] <= 1)  # what is torn may be any number
        marks["scale"][~whole] = 0
        if not _are_sound(codes, marks["scale"][: len(codes)] * whole[: len(codes)]):
            whole[:] = False
        gist = Gist.read(folder, stem, dims) if len(codes) > EXACT else None
        return cls(codes, marks, whole & (marks["text"] == ledger.texts), gist)

    @cached_property
    def scales(self) -> Floats:
        """What makes a row's code a vector of length 1; 0 where there is none."""
        return np.where(self.known, self.marks["scale"], 0).astype(np.float32)

    def vector(self, row: int) -> Floats | None:
        """One paper's."""
        if not self.known[row] or not self.scales[row]:
            return None
        vector: Floats = self.codes[row].astype(np.float32) * self.scales[row]
        return vector

    def cosines(self, rows: Rows, vector: Floats) -> Floats:
        """How near each of these rows is; NaN where there is no vector."""
        near: Floats = np.full(len(rows), np.nan, np.float32)
        there = rows >= 0
        there[there] = self.known[rows[there]]
        wanted = rows[there]
        near[there] = products(self.codes, vector, wanted) * self.scales[wanted]
        return near

    def nearest(self, vector: Floats, mask: Mask | None, count: int) -> Rows:
        """The `count` nearest rows of those in the mask; of very many, those that seem so by their gist."""
        allowed = (self.known if mask is None else mask & self.known)[: len(self.codes)]
        left = int(np.count_nonzero(allowed))
        if left * _SPARSE < len(allowed) or (self.gist and left <= _SOME):
            return self._nearest_of(np.flatnonzero(allowed), vector, count)
        if self.gist is None:
            near = scan(self.codes, vector) * self.scales[: len(self.codes)]
            near[~allowed] = -np.inf
            return largest(near, count)
        near = self.gist.near(vector)[: len(allowed)]
        near[~allowed[: len(near)]] = -np.inf
        return self._nearest_of(np.sort(largest(near, LOOKED_AT)), vector, count)

    def _nearest_of(self, rows: Rows, vector: Floats, count: int) -> Rows:
        return rows[largest(products(self.codes, vector, rows) * self.scales[rows], count)]


def _are_sound(codes: NDArray[np.int8], scales: Floats) -> bool:
    """Whether some of these, all over the file, have the length that was noted."""
    if not len(codes):
        return True
    rows = np.linspace(0, len(codes) - 1, min(_PROBED, len(codes))).astype(np.int64)
    rows = rows[scales[rows] > 0]
    lengths = np.linalg.norm(codes[rows].astype(np.float32), axis=1) * scales[rows]
    return bool((np.abs(lengths - 1) < _OFF).all())


def write_vectors(
    folder: Path, stem: str, rows: Rows, texts: NDArray[np.uint64], vectors: Floats
) -> None:
    """Put vectors to their rows: last of all whose they are, so that half a vector is none."""
    vectors = np.nan_to_num(vectors)
    peak = np.abs(vectors).max(axis=1, keepdims=True, initial=0)
    codes = np.rint(vectors / np.where(peak > 0, peak, 1) * TOP).astype(np.int8)
    length = np.linalg.norm(codes.astype(np.float32), axis=1)
    marks = np.zeros(len(rows), MARK)
    marks["text"] = texts
    marks["scale"] = np.divide(1, length, out=np.zeros_like(length), where=length > 0)
    write_rows(folder / f"{stem}.codes", rows, codes)
    if gist := Gist.read(folder, stem, vectors.shape[1]):
        gist.write(folder, stem, rows, codes * marks["scale"][:, None])
    write_rows(folder / f"{stem}.marks", rows, marks)


def condense(folder: Path, stem: str, dims: int, ledger: Ledger) -> None:
    """Make the gist of many vectors, if they have none yet."""
    if len(ledger) > EXACT and Gist.read(folder, stem, dims) is None:
        vectors = Vectors.read(folder, stem, dims, ledger)
        if np.count_nonzero(vectors.scales) > EXACT:
            Gist.make(folder, stem, vectors.codes, vectors.scales)
