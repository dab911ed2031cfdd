"""Saved answers of the API, as batches for the archive; memory does not grow with the file."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from io import BufferedReader
from pathlib import Path
from typing import Any, cast

from adapters.huggingface.payload import read_item, read_items
from adapters.huggingface.values import Value, lines, spread_out
from bot.domain.errors import UserError
from bot.domain.papers import Batch, Paper, Rejected

_HELD = 5_000
"""Papers kept back at most until the others of their day have come."""


def read_file(path: Path) -> Iterator[Batch]:
    """An array of items, an object `{"date", "items"}`, or lines of either; each also as .gz.

    What cannot be read is reported in the batches; UserError when the file as a whole cannot.
    """
    try:
        with path.open("rb") as raw:
            yield from _batches(_values(_unpacked(raw), path))
    except FileNotFoundError:
        raise UserError(f"There is no file {path}.") from None
    except IsADirectoryError:
        raise UserError(f"{path} is a folder; name the files in it.") from None
    except OSError as e:
        raise UserError(f"{path} cannot be read: {e.strerror or e}.") from e


def _unpacked(raw: BufferedReader) -> BufferedReader:
    if raw.peek(2)[:2] != b"\x1f\x8b":
        return raw
    return BufferedReader(cast(Any, gzip.GzipFile(fileobj=raw)))


def _values(file: BufferedReader, path: Path) -> Iterator[Value]:
    """The JSON values in a file; where a packed file is cut short, what came before is kept."""
    begun = False
    try:
        for value in _format(file, path)(file):
            begun = True
            yield value
    except (EOFError, zlib.error, gzip.BadGzipFile) as e:
        if not begun:
            raise UserError(f"{path} is a damaged gzip file; get it again.") from e
        yield Rejected("the end", "the gzip file is cut short or damaged; get it again")


def _format(file: BufferedReader, path: Path) -> Callable[[BufferedReader], Iterator[Value]]:
    """Which way to read: line by line, or value by value where these are broken into lines."""
    head = file.peek(1).removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head:
        raise UserError(f"{path} is empty.")
    if head[:1] not in b'{["' or b"\0" in head:
        raise UserError(
            f"{path} is not JSON: wanted is what the Hugging Face API answers, or lines of it."
        )
    return spread_out if head[:1] == b"[" or head.split(b"\n", 1)[0].strip() == b"{" else lines


def _batches(values: Iterator[Value]) -> Iterator[Batch]:
    held: dict[date | None, list[Paper]] = {}
    for value in values:
        if isinstance(value, Rejected):
            yield Batch(None, rejected=(value,))
        elif isinstance(value.data, dict) and "items" in value.data and "date" in value.data:
            yield _list(value.where, value.data)
        else:
            papers, rejected = _loose(value.where, value.data)
            if rejected:
                yield Batch(None, rejected=tuple(rejected))
            for paper in papers:
                held.setdefault(paper.featured, []).append(paper)
            yield from _let_go(held, papers[-1].featured if papers else None)
    yield from _days(held)


def _list(where: str, data: dict[str, Any]) -> Batch:
    day = _day(data["date"])
    if day is None:
        return Batch(None, rejected=(Rejected(where, "its date is not written YYYY-MM-DD"),))
    try:
        papers, rejected = read_items(data["items"], where)
    except ValueError as e:
        return Batch(None, rejected=(Rejected(where, str(e)),))
    listed = tuple(paper if paper.featured else replace(paper, featured=day) for paper in papers)
    return Batch(day, listed, tuple(rejected))


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _loose(where: str, data: object) -> tuple[list[Paper], list[Rejected]]:
    if isinstance(data, list) or (isinstance(data, dict) and isinstance(data.get("items"), list)):
        return read_items(data, where)
    try:
        return [read_item(data)], []
    except ValueError as e:
        return [], [Rejected(where, str(e))]


def _let_go(held: dict[date | None, list[Paper]], latest: date | None) -> Iterator[Batch]:
    """When too much is held, everything but the day that is still coming in; that too if it is all."""
    if sum(map(len, held.values())) <= _HELD:
        return
    kept = held.pop(latest, []) if len(held) > 1 else []
    yield from _days(held)
    held.clear()
    if kept:
        held[latest] = kept


def _days(held: dict[date | None, list[Paper]]) -> Iterator[Batch]:
    for day in sorted(held, key=lambda day: day or date.min):
        yield Batch(day, tuple(held[day]))
