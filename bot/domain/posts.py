"""Platform-neutral things to show. All text in them is plain: whoever renders escapes and links it.

Two conventions for our own texts (notes, hints, notices, rows): a command to type stands in `backticks`, and
instants and channels may be marked as `bot.domain.text` says.
"""

from dataclasses import dataclass, replace
from typing import Literal

from bot.domain.charts import Chart, Drawn
from bot.domain.papers import Paper
from bot.domain.people import Message, Person

Tone = Literal["info", "done", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody wrote on a paper; outside text like a title."""

    text: str
    by: Person | None = None
    """None is the reader's own."""
    shared: bool = False
    """The team can read it."""


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
    tags: tuple[str, ...] = ()
    """Of the team or, in their own list, of the reader."""
    remarks: tuple[Remark, ...] = ()
    """The reader's note, then those that others wrote for the team."""
    read: bool = False
    """The reader has read it."""
    discussed: Message | None = None
    """Where it was shown to everybody: what people said about it is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """One part of an edition: a heading, papers, closing lines. Parts are numbered from 1."""

    title: str
    subtitle: str = ""
    url: str | None = None
    entries: tuple[Entry, ...] = ()
    notes: tuple[str, ...] = ()
    chart: Chart | None = None
    part: int = 1
    parts: int = 1

    kind = "digest"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperCard:
    """One paper; `full` shows abstract, authors and all links, otherwise it is as short as a digest's entry."""

    entry: Entry
    full: bool = False
    notes: tuple[str, ...] = ()
    ballot: bool = False
    """It asks the channel for votes for the paper."""

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
    chart: Chart | None = None
    """Of what the rows say, too: it may be left out."""

    kind = "panel"


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file to hand over, an export for instance."""

    name: str
    media_type: str
    content: bytes
    text: str = ""
    """One line that says what it is."""
    alt: str = ""
    """What a picture shows, in words."""

    kind = "file"


Post = Digest | PaperCard | PaperList | Notice | Panel | File


def entries_of(post: Post) -> tuple[Entry, ...]:
    """The papers in a post, each of which a reaction can save."""
    match post:
        case Digest() | PaperCard() | PaperList():
            return post.entries
        case _:
            return ()


def chart_of(post: Post) -> Chart | None:
    """The chart in a post."""
    return post.chart if isinstance(post, Digest | Panel) else None


def without_chart(post: Post) -> Post:
    """The post itself where it has none."""
    if isinstance(post, Digest | Panel) and post.chart:
        return replace(post, chart=None)
    return post


def picture_of(post: Post) -> File | None:
    """The chart in a post as a picture, where one was drawn."""
    chart = chart_of(post)
    if not isinstance(chart, Drawn):
        return None
    return File(
        name="chart.png",
        media_type="image/png",
        content=chart.png,
        text=chart.title,
        alt=chart.alt,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answer to a command; `private` is for the caller's eyes only where a platform can do that."""

    posts: tuple[Post, ...]
    private: bool = True
