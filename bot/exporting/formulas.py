"""Formulas between dollars, told from prices: only what TeX can certainly set is one."""

import re
from collections.abc import Iterator

from bot.exporting.words import MATH_SYMBOLS, MATH_WRAPPERS

_SYMBOL = rf"\\(?:{'|'.join(sorted(MATH_SYMBOLS))})(?![A-Za-z])"
_INNER = rf"(?:[A-Za-z0-9+\-*/=<>()\[\],.|: ]|{_SYMBOL})+"
_ARGUMENT = rf"(?:[A-Za-z0-9*+\-]|\{{{_INNER}\}}|{_SYMBOL})"
_SCRIPTS = rf"(?:\^{_ARGUMENT}(?:_{_ARGUMENT})?|_{_ARGUMENT}(?:\^{_ARGUMENT})?)?"
_ATOM = (
    rf"(?:[A-Za-z0-9+\-*/=<>()\[\],.:;!|]|{_SYMBOL}|\\[,;:!]|\\(?:{'|'.join(sorted(MATH_WRAPPERS))})\{{{_INNER}\}}"
    rf"|\\frac\{{{_INNER}\}}\{{{_INNER}\}})"
)
_BODY = re.compile(rf"(?:{_ATOM}{_SCRIPTS}| )+")
_PROSE = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{4,}| [A-Za-z]{2,} ")
"""Words: the dollars around them are money."""
_BETWEEN_DOLLARS = re.compile(r"(?<!\\)\$(?=[^\s$])(?P<body>[^$]{1,200})(?<=[^\s\\])\$(?!\d)")


def formulas(text: str) -> Iterator[tuple[str, bool]]:
    """`text` cut into what is a formula, dollars included, and what is not."""
    start = at = 0
    while "$" in text and (found := _BETWEEN_DOLLARS.search(text, at)):
        if not _is_formula(found["body"]):
            at = found.start() + 1
            continue
        if found.start() > start:
            yield text[start : found.start()], False
        yield found[0], True
        start = at = found.end()
    if start < len(text):
        yield text[start:], False


def _is_formula(body: str) -> bool:
    return bool(_BODY.fullmatch(body)) and not _PROSE.search(re.sub(r"\{[^{}]*\}", "", body))
