"""What people put on a paper: tags, notes, that they have read it, and where it was discussed."""

from collections.abc import Iterator

from adapters.discord.addresses import PLATFORM, snowflake
from adapters.discord.text import clean, line, link
from bot.domain.people import Message
from bot.domain.posts import Entry, Remark

_TAG = 40
_TAGS = 8
_NAME = 40
REMARKS = 2
"""Notes on a paper in a list; a card has room for more."""
MOST_REMARKS = 8


def marks(entry: Entry) -> Iterator[str]:
    """For the small print."""
    if entry.read:
        yield "✓ read"
    if tags := [line(f"#{tag}", _TAG) for tag in entry.tags[:_TAGS]]:
        more = len(entry.tags) - _TAGS
        yield " ".join((*tags, f"+{more}") if more > 0 else tags)
    if entry.discussed and (where := _discussion(entry.discussed)):
        yield where


def remarks(entry: Entry, limit: int, most: int = REMARKS) -> Iterator[str]:
    """Notes, each in a line of small print."""
    for remark in entry.remarks[:most] if limit else ():
        yield f"-# ✎ {_said(remark, limit)}"
    if (left := len(entry.remarks) - most) > 0 and limit:
        yield f"-# ✎ and {left} more"


def _said(remark: Remark, limit: int) -> str:
    """Escaped as a whole: what is harmless before a colon need not be so behind it."""
    if remark.by is None:
        return line(remark.text, limit)
    name = clean(remark.by.name, _NAME) or clean(remark.by.id, _NAME)
    return line(f"{name}: {remark.text}", limit)


def _discussion(message: Message) -> str:
    if message.channel.platform != PLATFORM:
        return f"discussed on {line(message.channel.platform, _NAME).title()}"
    server = snowflake(message.channel.workspace.id) or "@me"
    ids = [snowflake(message.channel.id), snowflake(message.id)]
    if None in ids:
        return ""
    return link("discussion", f"https://discord.com/channels/{server}/{ids[0]}/{ids[1]}")
