"""Text from outside made harmless for Slack's mrkdwn: what it may do there, and how long it may be.

Slack has entities for & < > and no escape for its other marks. Zero-width spaces do not help: around a mark they
*make* it count inside a word. So a mark that could begin or end something is replaced by its twin in another
block of Unicode, as are the signs that Slack takes for it; between letters (`snake_case`) it is harmless and stays.
"""

import re
from collections.abc import Iterator
from urllib.parse import quote

from adapters.slack.limits import URL, crop, size
from bot.domain.text import Instant, Place, pieces, visible

_BREAK = "\u200b"
"""Stands in what Slack would otherwise turn into an emoji, a link or a mention."""
_SOFT = "\u00ad"
"""Invisible; a line that begins with it is no quote."""
_CODE = re.compile(r"`([^`\n]{1,300})`")
_URL = re.compile(r"https?://[a-z0-9.-]+(?::\d{1,5})?(?:[/?#][!-~]*)?", re.IGNORECASE | re.ASCII)
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_TWINS = {
    "*": "\u2217",  # asterisk operator
    "\uff0a": "\ufe61",
    "_": "\u02cd",  # modifier letter low macron
    "\uff3f": "\u2e0f",
    "~": "\u223c",  # tilde operator
    "`": "\u02cb",  # modifier letter grave accent
    "\uff40": "\u02cb",
}
_ACTIVE = re.compile(
    "(?<![a-z0-9])[*_~]|[*_~](?![a-z0-9])|[`\uff0a\uff3f\uff40]", re.IGNORECASE | re.ASCII
)
_SPECIAL = re.compile(
    r":(?=//|[^\s:]{1,100}:)"  # bare links, :emoji:
    r"|@(?=\w)"
    r"|^[^\S\n]*(?:&gt;|\uff1e)",  # quotes
    re.MULTILINE,
)
_DIRECT = "a direct conversation"
_LABEL = str.maketrans({"|": "\u2223", ">": "\u203a"})
"""A bar ends a link's address and > the link; in labels their twins stand for them."""
_FALLBACK = str.maketrans("", "", "<>|&^")
"""Entities are not understood in a date's fallback, and these would end it."""
_SPACES = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r" ?\n ?")


def clean(text: str, limit: int = 300) -> str:
    """One line without control, bidi and other invisible characters, cropped to `limit`."""
    return crop(" ".join(visible(text[: 2 * limit + 100]).split()), limit)


def clean_block(text: str, limit: int = 5_000) -> str:
    """Like `clean`, but line breaks stay; never two empty lines in a row."""
    lines = [" ".join(visible(line).split()) for line in text[: 2 * limit + 100].splitlines()]
    return crop(re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n"), limit)


def escape(text: str) -> str:
    """Text that Slack shows as it is: no formatting, no mention, no link, no emoji of a workspace."""
    inert = _ACTIVE.sub(lambda mark: _TWINS[mark[0]], text)
    return _SPECIAL.sub(_harmless, inert.translate(_ENTITIES))


def line(text: str, limit: int = 300) -> str:
    """One clean line, escaped; the limit counts what escaping adds."""
    return _fit(clean(text, limit), limit)


def block(text: str, limit: int = 5_000) -> str:
    """Several clean lines, escaped; the limit counts what escaping adds."""
    return _fit(clean_block(text, limit), limit)


def prose(text: str, limit: int = 2_800) -> str:
    """Our own words: `commands` look so, instants are in the reader's time zone, channels are linked.

    What does not fit is cut, never inside of one of these.
    """
    shown = ""
    left = limit
    for plain, marked in _atoms(text):
        if size(marked) > left:
            return shown.rstrip() + (_fit(plain, left) if plain else "…" if left else "")
        shown += marked
        left -= size(marked)
    return shown.strip()


def link(label: str, url: str | None, limit: int = 300, *, otherwise: str = "") -> str:
    """`<url|label>`, or the label alone when the address is none; the limit is the label's."""
    words = _fit(clean(label, limit).translate(_LABEL), limit) or otherwise
    return f"<{url.translate(_ENTITIES)}|{words}>" if words and url else words


def safe_url(url: str | None, limit: int = URL) -> str | None:
    """The URL if it is a plain web address, without what would end a link or mark something, else None."""
    try:
        quoted = quote((url or "").strip(), safe="!#$%&'()+,/:;=?@").replace("~", "%7E")
    except UnicodeEncodeError:  # a lone surrogate
        return None
    return quoted if _URL.fullmatch(quoted) and len(quoted) <= limit else None


def _atoms(text: str) -> Iterator[tuple[str, str]]:
    """What can be cut only as a whole, as ("", as Slack wants it), and the words between."""
    for piece in pieces(text):
        if isinstance(piece, Instant):
            stamp = int(piece.at.timestamp())
            yield "", f"<!date^{stamp}^{{date_short_pretty}} at {{time}}|{_fallback(piece)}>"
        elif isinstance(piece, Place):
            yield "", _place(piece)
        else:
            yield from _with_code(_tidy(piece))


def _fallback(instant: Instant) -> str:
    """For clients that cannot show it in the reader's own zone: which zone it is must be said."""
    shown = instant.shown.translate(_FALLBACK)
    return shown if "UTC" in shown else f"{shown} ({instant.at:%H:%M} UTC)"


def _place(place: Place) -> str:
    channel = place.channel
    if channel.platform != "slack" or not (channel.id.isascii() and channel.id.isalnum()):
        return escape(place.shown)
    return _DIRECT if channel.id.startswith("D") else f"<#{channel.id}>"


def _with_code(text: str) -> Iterator[tuple[str, str]]:
    end = 0
    for match in _CODE.finditer(text):
        if between := text[end : match.start()]:
            yield between, escape(between)
        yield "", match[0].translate(_ENTITIES)
        end = match.end()
    if rest := text[end:]:
        yield rest, escape(rest)


def _tidy(text: str) -> str:
    """Clean, with single spaces; those at the ends stay, since something stands beside."""
    lines = (visible(line) for line in text.replace("\r\n", "\n").split("\n"))
    return _BREAKS.sub("\n", _SPACES.sub(" ", "\n".join(lines)))


def _harmless(match: re.Match[str]) -> str:
    found = match[0]
    return f"{found}{_BREAK}" if found in (":", "@") else f"{_SOFT}{found}"


def _fit(plain: str, limit: int) -> str:
    while size(escaped := escape(plain)) > limit:
        plain = crop(plain, size(plain) - max(1, (size(escaped) - limit + 1) // 2))
    return escaped
