"""What people put on a paper: tags, notes, that they have read it, and where it was discussed."""

from collections.abc import Iterator

from rich.text import Text

from adapters.terminal.clean import clean
from bot.domain.posts import Entry, Remark

_TAG = 40
_NAME = 60
_NOTE = 1_000
REMARKS = 2
"""Notes on a paper in a list; a card has room for all."""


def marks(entry: Entry) -> Iterator[Text]:
    """For the line of facts."""
    if entry.read:
        yield Text("✓ read", "green")
    if entry.tags:
        yield Text(" ".join(f"#{clean(tag, _TAG)}" for tag in entry.tags), "cyan")


def discussed(entry: Entry) -> str:
    """Where it was shown to everybody."""
    if entry.discussed is None:
        return ""
    channel = entry.discussed.channel
    where = (
        f"in #{channel.id}" if channel.platform == "terminal" else f"on {channel.platform.title()}"
    )
    return f"discussed {clean(where, _NAME)}"


def remarks(entry: Entry, most: int | None = REMARKS) -> Iterator[str]:
    """Notes, each a paragraph."""
    for remark in entry.remarks[:most]:
        yield f"✎ {_said(remark)}"
    if most is not None and (left := len(entry.remarks) - most) > 0:
        yield f"✎ and {left} more"


def _said(remark: Remark) -> str:
    text = clean(remark.text, _NOTE)
    return text if remark.by is None else f"{clean(remark.by.name or remark.by.id, _NAME)}: {text}"
