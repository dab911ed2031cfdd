"""What of a text from outside may be shown anywhere: the same answer for every door."""

import unicodedata

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
