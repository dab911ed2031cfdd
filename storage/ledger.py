"""Papers by row: a few facts about each, which searches by meaning filter and weigh by. One file, read whole."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from bot.domain.papers import Paper, PaperId
from bot.domain.search import Has, Query
from storage.columns import MAX_INT, clean

Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]

_KIND = np.dtype(
    [("key", "<u4"), ("day", "<i4"), ("upvotes", "<i4"), ("has", "<u4"), ("text", "<u8")]
)
_FILE = "papers.rows"
_ID = re.compile(r"(\d{4})\.(\d{4,5})", re.ASCII)
_PER_MONTH, _LONG = 200_000, 100_000


def key_of(id: str) -> int:
    """An arXiv id as a number, 0 for anything else; `id_of` leads back."""
    if not (match := _ID.fullmatch(id)):
        return 0
    month, serial = match.groups()
    return int(month) * _PER_MONTH + int(serial) + (_LONG if len(serial) > 4 else 0)  # noqa: PLR2004


def id_of(key: int) -> PaperId:
    """The arXiv id of a number."""
    month, serial = divmod(key, _PER_MONTH)
    tail = f"{serial - _LONG:05}" if serial >= _LONG else f"{serial:04}"
    return PaperId(f"{month:04}.{tail}")


def meant(paper: Paper) -> str:
    """The text that stands for a paper's meaning."""
    return f"{paper.title}. {paper.abstract or paper.ai_summary}"


def print_of(text: str) -> int:
    """A number that changes with the text, never 0: a vector is of the text that has its number."""
    digest = hashlib.blake2b(clean(text, len(text)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") or 1


def has_of(paper: Paper, has: Has) -> bool:
    """Whether a paper has it."""
    match has:
        case Has.CODE:
            return bool(paper.code_url)
        case Has.VIDEO:
            return paper.has_video
        case Has.SUMMARY:
            return bool(paper.ai_summary)


@dataclass(frozen=True)
class Ledger:
    """A paper keeps its row for ever; new ones come at the end. What is read here never changes."""

    rows: NDArray[Any]

    @classmethod
    def read(cls, folder: Path, count: int) -> Self:
        """The first `count` rows; an OSError when there are fewer."""
        rows = np.fromfile(folder / _FILE, _KIND, count) if count else np.empty(0, _KIND)
        if len(rows) < count:
            raise OSError(f"{_FILE} has {len(rows)} of {count} papers")
        return cls(rows)

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def keys(self) -> NDArray[np.uint32]:
        return np.ascontiguousarray(self.rows["key"])

    @cached_property
    def days(self) -> NDArray[np.int32]:
        """Ordinals of days, 0 where there is none."""
        return np.ascontiguousarray(self.rows["day"])

    @cached_property
    def upvotes(self) -> NDArray[np.int32]:
        return np.ascontiguousarray(self.rows["upvotes"])

    @cached_property
    def texts(self) -> NDArray[np.uint64]:
        """The print of each paper's text."""
        return np.ascontiguousarray(self.rows["text"])

    @cached_property
    def _order(self) -> tuple[Rows, NDArray[np.uint32]]:
        order = np.argsort(self.keys, kind="stable")
        return order, self.keys[order]

    def find(self, keys: Sequence[int] | NDArray[np.uint32]) -> Rows:
        """The row of each key, -1 where there is none."""
        wanted = np.asarray(keys, np.uint32)
        if not len(self) or not len(wanted):
            return np.full(len(wanted), -1, np.int64)
        order, keys = self._order
        place = np.minimum(np.searchsorted(keys, wanted), len(self) - 1)
        return np.where(keys[place] == wanted, order[place], -1)

    def ids(self, rows: Iterable[int]) -> list[PaperId]:
        """The papers in these rows."""
        return [id_of(int(self.keys[row])) for row in rows]

    def passing(self, query: Query) -> Mask | None:
        """Which rows the query's days, votes, parts and set of papers leave; None is all."""
        masks: list[Mask] = []
        if query.since:
            masks.append(self.days >= query.since.toordinal())
        if query.until:
            masks.append((self.days > 0) & (self.days <= query.until.toordinal()))
        if query.min > 0:
            masks.append(self.upvotes >= min(query.min, MAX_INT))
        for place, has in enumerate(Has):
            if has in query.has:
                masks.append((self.rows["has"] & (1 << place)) != 0)
        if query.within is not None:
            masks.append(self.among([key_of(id) for id in query.within]))
        return np.logical_and.reduce(masks) if masks else None

    def among(self, keys: Sequence[int]) -> Mask:
        """Which rows are of these papers."""
        mask: Mask = np.zeros(len(self), np.bool_)
        rows = self.find(keys)
        mask[rows[rows >= 0]] = True
        return mask

    def put(self, folder: Path, papers: Sequence[Paper]) -> "Ledger":
        """Write papers to their rows, or to new ones; the ledger as it then is."""
        known = {key: paper for paper in papers if (key := key_of(paper.id))}
        if not known:
            return self
        rows = self.find([*known])
        new = rows < 0
        rows[new] = len(self) + np.arange(int(new.sum()))
        after = np.concatenate([self.rows, np.zeros(int(new.sum()), _KIND)])
        after[rows] = np.array([_row(key, paper) for key, paper in known.items()], _KIND)
        write_rows(folder / _FILE, rows, after[rows])
        return Ledger(after)


def _row(key: int, paper: Paper) -> tuple[int, ...]:
    day = paper.featured or paper.published
    has = sum(1 << place for place, has in enumerate(Has) if has_of(paper, has))
    votes = max(-MAX_INT, min(paper.upvotes, MAX_INT))
    return key, day.toordinal() if day else 0, votes, has, print_of(meant(paper))


def write_rows(path: Path, rows: Rows, values: NDArray[Any]) -> None:
    """Write each value at its row, neighbours together; what lies between is zero."""
    order = np.argsort(rows, kind="stable")
    rows, values = rows[order], values[order]
    size = values.itemsize * int(np.prod(values.shape[1:]))
    path.touch()
    runs = np.split(np.arange(len(rows)), np.flatnonzero(np.diff(rows) != 1) + 1)
    with path.open("r+b") as file:
        for run in runs:
            if len(run):
                file.seek(int(rows[run[0]]) * size)
                file.write(values[run].tobytes())
