"""Text from outside made harmless, and laid out for the part of a mail that has no markup."""

import re
import textwrap
from urllib.parse import quote, urlsplit

from markupsafe import Markup, escape

from bot.domain.text import unmarked, visible

WIDTH = 72
"""Columns of the plain part: what is quoted in an answer still fits on a screen."""
THUMBNAILS = "cdn-thumbnails.huggingface.co"
"""The only place pictures are shown from: a mail tells nobody else that it was opened."""
_TYPED = re.compile(r"`[^`\n]+`")
_STAYS = "\xa0"
"""A space at which no line ends; clean texts have none."""
_URL = re.compile(r"https?://[!-~]{3,2000}", re.IGNORECASE)


def clean(text: str, limit: int = 300) -> str:
    """One line without control, bidi and other invisible characters, cropped to `limit`."""
    return crop(" ".join(visible(unmarked(text[: 4 * limit + 100])).split()), limit)


def clean_block(text: str, limit: int = 5_000) -> str:
    """Like `clean`, but line breaks stay; never two empty lines in a row."""
    lines = [" ".join(visible(line).split()) for line in unmarked(text[: 4 * limit]).splitlines()]
    return crop(re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n"), limit)


def crop(text: str, limit: int) -> str:
    """At most `limit` characters, the last of them … when something was cut off."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def safe_url(url: str | None) -> str | None:
    """The URL if it is a plain web address, else None."""
    if not url:
        return None
    try:
        quoted = quote(url.strip(), safe="!#$%&'()*+,/:;=?@[]~")
        return quoted if _URL.fullmatch(quoted) and "@" not in urlsplit(quoted).netloc else None
    except ValueError:  # a lone surrogate, a broken [IPv6] host
        return None


def thumbnail(url: str | None) -> str | None:
    """The URL of a paper's picture, if it is one of Hugging Face's own."""
    safe = safe_url(url)
    if safe is None:
        return None
    address = urlsplit(safe)
    return safe if (address.scheme, address.netloc) == ("https", THUMBNAILS) else None


def plain_name(name: str) -> str:
    """Somebody's name in a mail to a stranger: letters alone, so that it cannot advertise anything."""
    kept = "".join(c if c.isalnum() or c in " '’-" else " " for c in visible(name))
    return crop(" ".join(kept.split()), 40)


def typed(text: str) -> Markup:
    """Escaped; what stands in `backticks` is shown as something to type."""
    pieces = [str(escape(piece)) for piece in text.split("`")]
    if len(pieces) % 2 == 0:
        return Markup("`".join(pieces))  # noqa: S704 -- every piece is escaped
    shown = (
        f'<code class="code">{piece}</code>' if place % 2 else piece
        for place, piece in enumerate(pieces)
    )
    return Markup("".join(shown).replace("\n", "<br>"))  # noqa: S704 -- the same


def wrapped(text: str, indent: int = 0, *, first: str = "") -> str:
    """Lines of the plain part behind an indent; `first` stands in that of the first. Neither words nor commands are broken."""
    lead = " " * indent
    lines: list[str] = []
    text = _TYPED.sub(lambda found: found[0].replace(" ", _STAYS), text)
    for line in text.splitlines() or [""]:
        lines += textwrap.wrap(
            line,
            WIDTH,
            initial_indent=lead,
            subsequent_indent=lead,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]
    body = "\n".join(lines).replace(_STAYS, " ")
    return f"{first:<{indent}}{body[indent:]}" if first else body
