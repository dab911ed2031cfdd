"""Citation keys: `radford2021learningtransferable`. The paper alone makes its key, unless another has the same."""

import re
import unicodedata
from collections.abc import Mapping

from bot.domain.papers import Paper, PaperId
from bot.exporting.names import Name
from bot.exporting.words import SMALL

_LONGEST = 24
"""Letters of each part."""
_WORD = re.compile(r"[a-z][a-z0-9]*")


def key(paper: Paper, first: Name | None) -> str:
    """First author, year of the arXiv id, two telling words of the title: ASCII letters and digits.

    With one word, 2 % of the papers of Daily Papers would clash; with two, 0.2 %.
    """
    author = _squeezed(first.surname) if first else ""
    return f"{author or 'arxiv'}20{paper.id[:2]}{_words(paper.title)}"


def unique(keys: Mapping[PaperId, str]) -> dict[PaperId, str]:
    """Of papers with the same key the oldest id keeps it; the others get their own id behind it."""
    taken: set[str] = set()
    found: dict[PaperId, str] = {}
    for id in sorted(keys):
        found[id] = f"{keys[id]}-{id}" if keys[id] in taken else keys[id]
        taken.add(keys[id])
    return found


def _words(title: str) -> str:
    words = _WORD.findall(_folded(title))
    telling = [word for word in words if word not in SMALL and len(word) > 1]
    return "".join(word[:_LONGEST] for word in (telling or words)[:2])


def _squeezed(text: str) -> str:
    return re.sub(r"[^a-z]", "", _folded(text))[:_LONGEST]


_PLAIN = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)


def _folded(text: str) -> str:
    text = text.lower()
    if text.isascii():
        return text
    return unicodedata.normalize("NFKD", text.translate(_PLAIN)).encode("ascii", "ignore").decode()
