"""What people put on a paper: tags, notes, that they have read it, and where it was discussed."""

import re
from collections.abc import Iterator

from adapters.slack.addresses import PLATFORM
from adapters.slack.text import clean, line, link
from bot.domain.people import Message
from bot.domain.posts import Entry, Remark

_TAG = 40
_TAGS = 8
_NAME = 40
_NOTE = 300
REMARKS = 2
"""Notes on a paper in a list; a card has room for more."""
MOST_REMARKS = 5
_TS = re.compile(r"\d+\.\d+", re.ASCII)
_CHANNEL = re.compile(r"[CG][A-Z0-9]+", re.ASCII)
"""Not a direct conversation: a link to that would lead nobody else anywhere."""


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
    """Notes, a line each."""
    limit = min(limit, _NOTE)
    for remark in entry.remarks[:most] if limit else ():
        yield f"✎ {_said(remark, limit)}"
    if (left := len(entry.remarks) - most) > 0 and limit:
        yield f"✎ and {left} more"


def _said(remark: Remark, limit: int) -> str:
    """Escaped as a whole: what is harmless before a colon need not be so behind it."""
    if remark.by is None:
        return line(remark.text, limit)
    return line(f"{clean(remark.by.name, _NAME) or 'somebody'}: {remark.text}", limit)


def _discussion(message: Message) -> str:
    """The address needs no name of a workspace: `team` and `channel` as Slack documents them ("Deep linking"),
    and `message_ts`, which is only observed to lead to the message itself."""
    place = message.channel
    if place.platform != PLATFORM:
        return f"discussed on {line(place.platform, _NAME).title()}"
    if not (_CHANNEL.fullmatch(place.id) and _TS.fullmatch(message.id)):
        return ""
    where = f"team={place.workspace.id}&channel={place.id}&message_ts={message.id}"
    return link("discussion", f"https://slack.com/app_redirect?{where}")
