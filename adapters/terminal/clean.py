"""Text from outside made harmless: what it may do to a terminal, and how long it may be."""

import re
from urllib.parse import quote, urlsplit

from bot.domain.text import unmarked, visible

_URL = re.compile(r"https?://[!-~]{3,2000}", re.IGNORECASE)


def clean(text: str, limit: int = 300) -> str:
    """One line without control, bidi and other invisible characters, cropped to `limit`."""
    return crop(" ".join(visible(unmarked(text[: 4 * limit + 100])).split()), limit)


def clean_block(text: str, limit: int = 5_000) -> str:
    """Like `clean`, but line breaks stay; never two empty lines in a row."""
    lines = [" ".join(visible(line).split()) for line in unmarked(text[: 4 * limit]).splitlines()]
    return crop(re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n"), limit)


def clean_code(line: str, limit: int = 200) -> str:
    """One line of a file: like `clean`, but its indentation stays."""
    return crop(visible(line[: 2 * limit].expandtabs(4)).rstrip(), limit)


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
