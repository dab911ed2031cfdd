"""Titles and abstracts as people should read them: one line, visible characters only, no TeX."""

import re
from unicodedata import combining, normalize

from adapters.huggingface.tex import plain

LIMIT = 20_000
"""Characters of one text; arXiv allows 1,920 for an abstract."""

_PASSES = 50
_ESCAPE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b\]|\x9d)[^\x07\x1b\x9d]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]"
)
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0d\uffa0\ufffc"
    "\U0001d159\U000e0000-\U000e0fff]"
)
"""Characters that count as printable and yet show nothing."""
_MARKS = 4
"""Combining marks on one letter; no script needs more, only pranks do."""


def clean(text: str, limit: int = LIMIT) -> str:
    """`text` fit to be shown anywhere: `clean(clean(x)) == clean(x)`, and it never raises."""
    text = _visible(text[: 2 * limit])
    for _ in range(_PASSES):
        better = plain(text)[:limit]
        if better == text:
            return text
        text = _visible(better)
    return clean(text[: len(text) // 2], limit)  # made to never settle: half of it will do


def _visible(text: str) -> str:
    """Single spaces, and nothing that a terminal would obey or not show."""
    if "\n" in text:
        text = text.replace("\n", " ")
    if text.isascii() and text.isprintable():
        return " ".join(text.split()) if "  " in text or text != text.strip() else text
    if "\x1b" in text or "\x9b" in text or "\x9d" in text:
        text = _ESCAPE.sub("", text)
    text = " ".join(text.split())
    if not text.isprintable():
        text = " ".join("".join(c for c in text if c.isprintable()).split())
    if text.isascii():
        return text
    return _without_piles(normalize("NFC", " ".join(_BLANK.sub("", text).split())))


def _without_piles(text: str) -> str:
    """At most four marks on a letter."""
    if not any(combining(c) for c in set(text)):
        return text
    kept: list[str] = []
    height = 0
    for character in text:
        height = height + 1 if combining(character) else 0
        if height <= _MARKS:
            kept.append(character)
    return "".join(kept)
