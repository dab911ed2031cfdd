"""Platform-neutral things to show. All text in them is plain: whoever renders escapes and links it.

Two conventions for our own texts (notes, hints, notices, rows): a command to type stands in `backticks`, and
instants and channels may be marked as `bot.domain.text` says.
"""

from dataclasses import dataclass
from typing import Literal

from bot.domain.papers import Paper
from bot.domain.people import Person

Tone = Literal["info", "done", "warning", "error"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A paper inside a post. `number` is what people react with: positions in a message are these."""

    paper: Paper
    number: int = 1
    late: bool = False
    """It was added to its day's list after the digest of that day had gone out."""
    why: str = ""
    """Why a search found it, in a few words."""
    saved_by: tuple[Person, ...] = ()
    """Who in this workspace saved it, the earliest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """One part of an edition: a heading, papers, closing lines. Parts are numbered from 1."""

    title: str
    subtitle: str = ""
    url: str | None = None
    entries: tuple[Entry, ...] = ()
    notes: tuple[str, ...] = ()
    part: int = 1
    parts: int = 1

    kind = "digest"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperCard:
    """One paper; `full` shows abstract, authors and all links, otherwise it is as short as a digest's entry."""

    entry: Entry
    full: bool = False
    notes: tuple[str, ...] = ()

    kind = "paper"

    @property
    def entries(self) -> tuple[Entry, ...]:
        return (self.entry,)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperList:
    """One page of papers. `back` and `forth` are the command texts of the pages beside it."""

    title: str
    entries: tuple[Entry, ...] = ()
    url: str | None = None
    page: int = 1
    pages: int = 1
    total: int = 0
    back: str | None = None
    forth: str | None = None
    notes: tuple[str, ...] = ()

    kind = "list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A sentence or two, and hints on what to do next."""

    text: str
    tone: Tone = "info"
    hints: tuple[str, ...] = ()

    kind = "notice"


@dataclass(frozen=True, slots=True)
class Row:
    """A label and what stands beside it."""

    label: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A small table: help, subscriptions, status."""

    title: str
    rows: tuple[Row, ...] = ()
    notes: tuple[str, ...] = ()

    kind = "panel"


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file to hand over, an export for instance."""

    name: str
    media_type: str
    content: bytes
    text: str = ""
    """One line that says what it is."""

    kind = "file"


Post = Digest | PaperCard | PaperList | Notice | Panel | File


def entries_of(post: Post) -> tuple[Entry, ...]:
    """The papers in a post, each of which a reaction can save."""
    match post:
        case Digest() | PaperCard() | PaperList():
            return post.entries
        case _:
            return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answer to a command; `private` is for the caller's eyes only where a platform can do that."""

    posts: tuple[Post, ...]
    private: bool = True
