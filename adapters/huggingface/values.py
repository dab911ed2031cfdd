"""JSON values out of a stream of bytes, one at a time, with a bound on each."""

import json
from codecs import getincrementaldecoder
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader

from bot.domain.papers import Rejected

LONGEST = 64 * 2**20
"""Bytes or characters of one value, unpacked; a day's list of 78 papers has half a megabyte."""

_CHUNK = 2**20
_TOO_LONG = f"longer than {LONGEST >> 20} MB; the rest of the file was not read"
_NOT_JSON = "not JSON"
_BETWEEN = " \t\r\n,[]\ufeff"


@dataclass(frozen=True, slots=True)
class Found:
    """A value and where it stood."""

    where: str
    data: object


Value = Found | Rejected


def lines(file: BufferedReader, longest: int = LONGEST) -> Iterator[Value]:
    """A value a line. A bad line is reported and passed over."""
    number = 0
    while line := file.readline(longest + 1):
        number += 1
        where = f"line {number}"
        if len(line) > longest:
            yield Rejected(where, _TOO_LONG)
            return
        line = line.strip()
        if not line:
            continue
        try:
            yield Found(where, json.loads(line.decode("utf-8-sig")))
        except (ValueError, RecursionError) as e:
            yield Rejected(where, _why(e))


def spread_out(file: BufferedReader, longest: int = LONGEST) -> Iterator[Value]:
    """The elements of arrays, or values one after the other, however they are broken into lines.

    What is no JSON ends it: nobody knows where the next value begins.
    """
    source = _Source(file)
    number = 0
    while source.skip_between():
        number += 1
        where = f"item {number}"
        try:
            yield Found(where, source.take(longest))
        except OverflowError:
            yield Rejected(where, _TOO_LONG)
            return
        except (ValueError, RecursionError) as e:
            yield Rejected(where, f"{_why(e)}; the rest of the file was not read")
            return
    if source.depth > 0:
        yield Rejected("the end", "the file ends before its list does")


class _Source:
    """Text to come and the part of it that is here."""

    def __init__(self, file: BufferedReader) -> None:
        self.depth = 0
        self._file = file
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._text = ""
        self._at = 0

    def skip_between(self) -> bool:
        """Go to the next value; False when there is none."""
        while True:
            while self._at < len(self._text):
                character = self._text[self._at]
                if character not in _BETWEEN:
                    return True
                self.depth += {"[": 1, "]": -1}.get(character, 0)
                self._at += 1
            if not self._more():
                return False

    def take(self, longest: int) -> object:
        """The value that begins here. ValueError if there is none, OverflowError if it does not end."""
        decoder = json.JSONDecoder()
        while True:
            try:
                value, self._at = decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError:
                if len(self._text) - self._at > longest:
                    raise OverflowError from None
                if not self._more():
                    raise
            else:
                return value

    def _more(self) -> bool:
        """Read as much again as is kept, so that a long value is not tried too often."""
        self._text = self._text[self._at :]
        self._at = 0
        chunk = self._file.read(max(_CHUNK, len(self._text)))
        self._text += self._decode(chunk, final=not chunk)
        return bool(chunk)


def _why(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{_NOT_JSON} ({error.msg})"
    return "nested too deeply" if isinstance(error, RecursionError) else _NOT_JSON
