"""Texts that every door shows alike: what is visible of those from outside, and what is marked in ours.

In a text of our own an instant or a channel may be marked, so that a platform can show it in its own way: the
reader's time zone, a link. The marks are made of control characters, which `visible` lets nobody else write.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.domain.people import Channel

_JOINERS = frozenset("\u200c\u200d")
"""Invisible, and yet letters and emoji are made with them."""
_MARKS_IN_A_ROW = 4
"""Combining marks on one letter; no script needs more."""


def visible(text: str) -> str:
    """Without control, format and surrogate characters and piles of marks; every space is a plain one."""
    if text.isascii() and text.isprintable():
        return text
    kept: list[str] = []
    marks = 0
    for char in text:
        category = unicodedata.category(char)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if category in ("Zs", "Zl", "Zp") or char in "\t\n\r\v\f":
            kept.append(" ")
        elif marks <= _MARKS_IN_A_ROW and (category not in ("Cc", "Cf", "Cs") or char in _JOINERS):
            kept.append(char)
    return "".join(kept)


_MARK = re.compile("\x02([tc])\x1f([^\x02\x03\x1f]*)\x1f([^\x02\x03\x1f]*)\x03")


@dataclass(frozen=True, slots=True)
class Instant:
    """A moment inside a text, and how it reads where a platform cannot show it in its own way."""

    at: datetime
    shown: str


@dataclass(frozen=True, slots=True)
class Place:
    """A channel inside a text, likewise."""

    channel: Channel
    shown: str


def instant(at: datetime, shown: str) -> str:
    """A moment, marked; `at` is aware."""
    return f"\x02t\x1f{int(at.timestamp())}\x1f{visible(shown)}\x03"


def place(channel: Channel) -> str:
    """A channel, marked."""
    return f"\x02c\x1f{channel}\x1f{visible(channel.id)}\x03"


def pieces(text: str) -> Iterator[str | Instant | Place]:
    """A text of ours, cut at its marks."""
    end = 0
    for found in _MARK.finditer(text):
        if found.start() > end:
            yield text[end : found.start()]
        kind, value, shown = found.groups()
        end = found.end()
        if kind == "t":
            yield Instant(datetime.fromtimestamp(int(value), UTC), shown)
        else:
            yield Place(Channel.parse(value), shown)
    if end < len(text):
        yield text[end:]


def unmarked(text: str) -> str:
    """A text of ours as it reads where nothing can be shown in a platform's own way."""
    if "\x02" not in text:
        return text
    return "".join(piece if isinstance(piece, str) else piece.shown for piece in pieces(text))
