"""Text from outside made harmless for Discord: what it may do there, and how long it may be."""

import re
from urllib.parse import quote

from adapters.discord.limits import BUTTON_URL, crop, size
from bot.domain.text import Instant, Place, pieces, unmarked, visible

_BREAK = "\u200b"
"""Stands in words that Discord would otherwise turn into something to click or to be pinged by."""
_CODE = re.compile(r"`([^`\n]{1,200})`")
_URL = re.compile(r"https?://[a-z0-9.-]+(?::\d{1,5})?(?:[/?#][!-~]*)?", re.IGNORECASE | re.ASCII)
_SPECIAL = re.compile(
    r"[\\*_~|`<>\[\]]"  # emphasis, spoilers, code, mentions, emoji, timestamps, links
    r"|:(?=//|[\w+-]+:)"  # bare links, :emoji:
    r"|^\s*(?:[#+>-]|\d+(?=[.)]))"  # headings, small print, lists, quotes
    r"|(?<=discord)\.(?=gg\b)"  # invitations need no scheme
    r"|@",
    re.IGNORECASE | re.MULTILINE,
)


def clean(text: str, limit: int = 300) -> str:
    """One line without control, bidi and other invisible characters, cropped to `limit`."""
    return crop(" ".join(visible(unmarked(text[: 2 * limit + 100])).split()), limit)


def clean_block(text: str, limit: int = 5_000) -> str:
    """Like `clean`, but line breaks stay; never two empty lines in a row."""
    lines = [
        " ".join(visible(line).split()) for line in unmarked(text[: 2 * limit + 100]).splitlines()
    ]
    return crop(re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n"), limit)


def escape(text: str) -> str:
    """Text that Discord shows as it is: no markup, no mention, no link, no emoji of a server."""
    return _SPECIAL.sub(_harmless, text)


def line(text: str, limit: int = 300) -> str:
    """One clean line, escaped; the limit counts what escaping adds."""
    return _fit(clean(text, limit), limit)


def block(text: str, limit: int = 5_000) -> str:
    """Several clean lines, escaped; the limit counts what escaping adds."""
    return _fit(clean_block(text, limit), limit)


def prose(text: str, limit: int = 5_000) -> str:
    """Our own words: `what stands between backticks` is something to type, marks are shown Discord's way."""
    bare, marks = _set_aside(text)
    plain = clean_block(bare, limit)
    while size(marked := _with_code(plain).translate(marks)) > limit:
        plain = crop(plain, size(plain) - max(1, (size(marked) - limit + 1) // 2))
    return marked


def link(label: str, url: str | None, limit: int = 300, *, otherwise: str = "") -> str:
    """`[label](url)`, or the label alone when the address is none; the limit is the label's."""
    words = _fit(clean(label, limit).translate(_BRACKETS), limit) or otherwise
    return f"[{words}]({url})" if words and url else words


def safe_url(url: str | None, limit: int = BUTTON_URL) -> str | None:
    """The URL if it is a plain web address that can stand in a masked link, else None."""
    try:
        quoted = quote((url or "").strip(), safe="!#$%&'*+,/:;=?@~")
    except UnicodeEncodeError:  # a lone surrogate
        return None
    return quoted if _URL.fullmatch(quoted) and len(quoted) <= limit else None


def _set_aside(text: str) -> tuple[str, dict[int, str]]:
    """The text with a sign of private use for each mark, and what stands there in the end."""
    bare: list[str] = []
    marks: dict[int, str] = {}
    for piece in pieces(text):
        if isinstance(piece, str):
            bare.append(piece)
        else:
            sign = 0xE000 + len(marks)
            marks[sign] = _shown(piece)
            bare.append(chr(sign))
    return "".join(bare), marks


def _shown(mark: Instant | Place) -> str:
    """In the reader's own time zone; as a link to the channel."""
    if isinstance(mark, Instant):
        return f"<t:{int(mark.at.timestamp())}:f>"
    if mark.channel.platform == "discord" and mark.channel.id.isdecimal():
        return f"<#{mark.channel.id}>"
    return escape(mark.shown)


_BRACKETS = str.maketrans("[]", "()")
"""Brackets end a masked link's label in some clients, escaped or not."""


def _harmless(match: re.Match[str]) -> str:
    found = match[0]
    if found in ("@", "."):
        return found + _BREAK
    if found[-1].isdigit():  # the backslash belongs before the dot of `1.`
        return found + _BREAK
    return f"{found[:-1]}\\{found[-1]}"


def _fit(plain: str, limit: int) -> str:
    while size(escaped := escape(plain)) > limit:
        plain = crop(plain, size(plain) - max(1, (size(escaped) - limit + 1) // 2))
    return escaped


def _with_code(text: str) -> str:
    pieces = []
    end = 0
    for match in _CODE.finditer(text):
        pieces += [escape(text[end : match.start()]), match[0]]
        end = match.end()
    return "".join((*pieces, escape(text[end:])))
