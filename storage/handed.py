"""Vectors that an index before this one had: what took long to make is not made again for the same text."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from storage.embedding import Prepared
from storage.ledger import Ledger
from storage.vectors import MARK

_PREFIX = "known-"
_AT_ONCE = 20_000


def hand_down(old: Path, new: Path, besides: frozenset[str | None]) -> None:
    """Put what one index has beside what another will have, but for the models `besides`."""
    stems = {path.stem.removeprefix(_PREFIX) for path in old.glob("*.marks")}
    for stem in sorted(stems - besides):
        with suppress(OSError, ValueError):
            tables = [_read(old, name, _dims(stem)) for name in (stem, _PREFIX + stem)]
            marks = np.concatenate([marks for marks, _ in tables])
            _, first = np.unique(marks["text"], return_index=True)
            first = first[marks["scale"][first] > 0]
            if len(first):
                np.concatenate([codes for _, codes in tables])[first].tofile(
                    new / f"{_PREFIX}{stem}.codes"
                )
                marks[first].tofile(new / f"{_PREFIX}{stem}.marks")


def recalled(folder: Path, ledger: Ledger) -> Iterator[Prepared]:
    """What was known of the papers that are here now."""
    for path in sorted(folder.glob(f"{_PREFIX}*.marks")):
        stem = path.stem.removeprefix(_PREFIX)
        with suppress(OSError, ValueError):
            marks, codes = _read(folder, path.stem, _dims(stem))
            known = np.ascontiguousarray(marks["text"])
            places = np.minimum(np.searchsorted(known, ledger.texts), len(known) - 1)
            rows = np.flatnonzero(known[places] == ledger.texts)
            for some in np.split(rows, range(_AT_ONCE, len(rows), _AT_ONCE)):
                vectors = codes[places[some]] * marks["scale"][places[some], None]
                yield Prepared(stem, some, ledger.texts[some], vectors.astype(np.float32))


def waiting(folder: Path) -> bool:
    """Whether there is something to recall."""
    return any(folder.glob(f"{_PREFIX}*.marks"))


def forget(folder: Path, papers: int) -> None:
    """Once there are as many papers as were known, all that can be recalled has been."""
    for path in folder.glob(f"{_PREFIX}*.marks"):
        with suppress(OSError):
            if path.stat().st_size <= papers * MARK.itemsize:
                path.unlink()
                path.with_suffix(".codes").unlink()


def _dims(stem: str) -> int:
    """As `stem_of` wrote it there."""
    return int(stem.split("-")[-2])


def _read(folder: Path, stem: str, dims: int) -> tuple[NDArray[np.void], NDArray[np.int8]]:
    marks, codes = np.empty(0, MARK), np.empty((0, dims), np.int8)
    with suppress(OSError):
        path = folder / f"{stem}.codes"
        count = path.stat().st_size // dims
        marks = np.fromfile(folder / f"{stem}.marks", MARK, count)
        if len(marks):
            codes = np.memmap(path, np.int8, "r", shape=(len(marks), dims))
    return marks, codes
