"""Nearest vectors among many: every one is compared, or first their leading parts, which are few."""

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from storage.ledger import Rows, write_rows

Floats = NDArray[np.float32]
Codes = NDArray[np.int8]

LEADING = 64
"""Directions of a gist: those in which a sample of the vectors differs most."""
TOP = 127
"""What 1 is, in eight bits."""
_SAMPLE = 8_192
_BLOCK = 2**18
"""Numbers turned into floats at a time: what fits a processor's cache, and too few for BLAS to use threads of
its own, which wait for each other when the machine has other things to do."""
_SHARED = 15_000_000
"""Numbers from which on several threads share the work."""
_MOST_HANDS = 4
_STRIDE = 16


@dataclass(frozen=True)
class Gist:
    """Each vector's part along the leading directions, in eight bits, in a file that is mapped."""

    axes: Floats
    parts: Codes

    @classmethod
    def read(cls, folder: Path, stem: str, dims: int) -> Self | None:
        """None when there is none, or another kind of file."""
        with suppress(OSError, ValueError, EOFError):
            axes = np.load(folder / f"{stem}.axes.npy", allow_pickle=False)
            path = folder / f"{stem}.gist"
            there = path.stat().st_size // LEADING
            if axes.shape == (dims, LEADING) and axes.dtype == np.float32 and there:
                return cls(axes, np.memmap(path, np.int8, "r", shape=(there, LEADING)))
        return None

    @classmethod
    def make(cls, folder: Path, stem: str, codes: Codes, scales: Floats) -> None:
        """Of all these vectors; the directions are written last, so that half a gist is none."""
        there = np.flatnonzero(scales)
        rows = there[np.linspace(0, len(there) - 1, min(_SAMPLE, len(there))).astype(np.int64)]
        sample = codes[rows].astype(np.float32) * scales[rows, None]
        axes = np.linalg.eigh(sample.T @ sample)[1][:, ::-1][:, :LEADING].astype(np.float32)
        (folder / f"{stem}.gist").unlink(missing_ok=True)
        for start in range(0, len(codes), _SAMPLE):
            some = np.arange(start, min(start + _SAMPLE, len(codes)))
            vectors = codes[some].astype(np.float32) * scales[some, None]
            cls(axes, codes[:0]).write(folder, stem, some, vectors)
        draft = folder / f"{stem}.draft.npy"
        np.save(draft, np.ascontiguousarray(axes))
        draft.replace(folder / f"{stem}.axes.npy")

    def write(self, folder: Path, stem: str, rows: Rows, vectors: Floats) -> None:
        """Put these vectors' parts to their rows."""
        parts = np.clip(np.rint(vectors @ self.axes * TOP), -TOP, TOP).astype(np.int8)
        write_rows(folder / f"{stem}.gist", rows, parts)

    def near(self, vector: Floats) -> Floats:
        """How near each row seems, by the leading parts alone."""
        return scan(self.parts, vector @ self.axes)


def scan(codes: Codes, vector: Floats) -> Floats:
    """The product of every row with a vector."""
    found: Floats = np.empty(len(codes), np.float32)
    hands = min(os.cpu_count() or 1, _MOST_HANDS) if codes.size >= _SHARED else 1
    ends = np.linspace(0, len(codes), hands + 1).astype(int).tolist()
    shares = [slice(*bounds) for bounds in pairwise(ends)]
    if hands == 1:
        _scan(codes, vector, found)
        return found
    with ThreadPoolExecutor(hands - 1) as others:
        going = [others.submit(_scan, codes[one], vector, found[one]) for one in shares[1:]]
        _scan(codes[shares[0]], vector, found[shares[0]])
        for one in going:
            one.result()
    return found


def _scan(codes: Codes, vector: Floats, found: Floats) -> None:
    count = max(_BLOCK // len(vector), 1)
    floats = np.empty((min(count, len(codes)), len(vector)), np.float32)
    for start in range(0, len(codes), count):
        some = codes[start : start + count]
        part = floats[: len(some)]
        np.copyto(part, some)
        np.dot(part, vector, out=found[start : start + len(some)])


def products(codes: Codes, vector: Floats, rows: Rows) -> Floats:
    """The product of each of these rows with a vector."""
    found: Floats = np.empty(len(rows), np.float32)
    count = max(_BLOCK // len(vector), 1)
    for start in range(0, len(rows), count):
        some = codes[rows[start : start + count]].astype(np.float32)
        np.dot(some, vector, out=found[start : start + len(some)])
    return found


def largest(scores: Floats, count: int) -> Rows:
    """Where the highest scores are, the highest first, the earlier first among equals; -inf is none."""
    places = _promising(scores, count)
    some = scores[places]
    if len(some) > count:
        bound = np.partition(some, len(some) - count)[len(some) - count]
        above = np.flatnonzero(some > bound)
        level = np.flatnonzero(some == bound)[: count - len(above)]
        chosen = np.sort(np.concatenate([above, level]))
        places, some = places[chosen], some[chosen]
    order = np.argsort(-some, kind="stable")
    return places[order][some[order] > -np.inf]


def _promising(scores: Floats, count: int) -> Rows:
    """Places among which the highest are for certain: a sample says from which score on, or else all."""
    sample = scores[::_STRIDE]
    enough = 2 * count // _STRIDE + _STRIDE
    if len(sample) > 2 * enough:
        bound = np.partition(sample, len(sample) - enough)[len(sample) - enough]
        places = np.flatnonzero(scores >= bound)
        if len(places) >= count:
            return places
    return np.arange(len(scores))
