"""Text from outside made harmless: what it may do to a terminal, and how long it may be."""

import re
import unicodedata
from urllib.parse import quote, urlsplit

_JOINERS = frozenset("\u200c\u200d")
"""Zero-width (non-)joiners: several scripts and most emoji of people need them."""
_MARKS_IN_A_ROW = 4
"""No script stacks more combining marks on a letter; a pile of them would cover the lines above."""
_URL = re.compile(r"https?://[!-~]{3,2000}", re.IGNORECASE)


def clean(text: str, limit: int = 300) -> str:
    """One line without control, bidi and other invisible characters, cropped to `limit`."""
    return crop(" ".join(_visible(text[: 4 * limit + 100]).split()), limit)


def clean_block(text: str, limit: int = 5_000) -> str:
    """Like `clean`, but line breaks stay; never two empty lines in a row."""
    lines = [" ".join(_visible(line).split()) for line in text[: 4 * limit].splitlines()]
    return crop(re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n"), limit)


def clean_code(line: str, limit: int = 200) -> str:
    """One line of a file: like `clean`, but its indentation stays."""
    return crop(_visible(line[: 2 * limit].expandtabs(4)).rstrip(), limit)


def crop(text: str, limit: int) -> str:
    """At most `limit` characters, the last of them … when something was cut off."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def safe_url(url: str | None) -> str | None:
    """The URL if it is a plain web address that can stand inside an escape sequence, else None."""
    if url is None:
        return None
    try:
        quoted = quote(url.strip(), safe="!#$%&'()*+,/:;=?@[]~")
        return quoted if _URL.fullmatch(quoted) and "@" not in urlsplit(quoted).netloc else None
    except ValueError:  # a lone surrogate, a broken [IPv6] host
        return None


def _visible(text: str) -> str:
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
