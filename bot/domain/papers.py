"""Nouns of the field: a paper, its one key, and the lists it is featured on."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NewType, Self

PaperId = NewType("PaperId", str)
"""An arXiv id without its version, `YYMM.NNNN` or `YYMM.NNNNN`: the one key of a paper."""

FIRST_DAY = date(2023, 5, 4)
"""The first day that has a Daily Papers list."""

HOME = "https://huggingface.co"

_ID = r"(?P<id>\d{2}(?:0[1-9]|1[0-2])\.\d{4,5})(?:v\d{1,3})?"
_BARE = re.compile(rf"(?:arxiv\s*:\s*|10\.48550/arxiv\.)?{_ID}", re.IGNORECASE | re.ASCII)
_LINK = re.compile(
    r"(?:https?://)?(?:www\.|export\.)?"
    r"(?:arxiv\.org/(?:abs|pdf|html|format|e-print)/"
    r"|(?:huggingface\.co|hf\.co)/(?:api/)?papers/"
    r"|alphaxiv\.org/(?:abs|overview)/"
    r"|(?:dx\.)?doi\.org/10\.48550/arxiv\.)"
    rf"{_ID}(?![\d])",
    re.IGNORECASE | re.ASCII,
)


def parse_paper_id(text: str) -> PaperId | None:
    """The key in `2401.01234v2`, `arXiv:2401.01234`, a DOI, or an arXiv, Hugging Face or alphaXiv URL."""
    text = text.strip().strip("<>")
    if match := _BARE.fullmatch(text) or _LINK.match(text):
        return PaperId(match["id"])
    return None


def find_paper_ids(text: str) -> Iterator[PaperId]:
    """Each paper linked in a chat message once, in order; bare numbers do not count as links."""
    seen = set()
    for match in _LINK.finditer(text):
        if (found := PaperId(match["id"])) not in seen:
            seen.add(found)
            yield found


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One paper as we last saw it; text is clean (no control characters, no TeX, single spaces)."""

    id: PaperId
    title: str
    abstract: str = ""
    authors: tuple[str, ...] = ()
    published: date | None = None
    """The day arXiv gives, UTC."""
    featured: date | None = None
    """The latest day it stood on Daily Papers; None when it never did."""
    upvotes: int = 0
    comments: int = 0
    ai_summary: str = ""
    keywords: tuple[str, ...] = ()
    code_url: str | None = None
    stars: int | None = None
    project_url: str | None = None
    organization: str | None = None
    thumbnail: str | None = None
    media: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """Its page on Hugging Face."""
        return f"{HOME}/papers/{self.id}"

    @property
    def arxiv_url(self) -> str:
        """Its page on arXiv."""
        return f"https://arxiv.org/abs/{self.id}"

    @property
    def summary(self) -> str:
        """One line: the AI summary, else the abstract's first sentence."""
        return self.ai_summary or first_sentence(self.abstract)

    @property
    def has_video(self) -> bool:
        """Whether a video was uploaded with it."""
        return any(url.lower().endswith((".mp4", ".mov", ".qt", ".webm")) for url in self.media)


_SENTENCE_END = re.compile(r"[.!?][)\"'”’]?\s+(?=[A-Z0-9\"“(\[])")
_NOT_AN_END = re.compile(
    r"(?:\b(?:e\.g|i\.e|et al|cf|vs|resp|approx|Fig|Eq|Sec|No|Dr|Prof|St)|\b[A-Z])\.$"
)


def first_sentence(text: str) -> str:
    """The first sentence of an abstract; abbreviations and initials do not end one."""
    for match in _SENTENCE_END.finditer(text):
        head = text[: match.end()].rstrip()
        if not _NOT_AN_END.search(head):
            return head
    return text


@dataclass(frozen=True, slots=True)
class Listing:
    """The address of a list that Hugging Face publishes: `day:2025-05-22`, `week:2025-W21`, `month:2025-05`, `trending`."""

    kind: str
    key: str = ""

    @classmethod
    def day(cls, day: date) -> Self:
        return cls("day", day.isoformat())

    @classmethod
    def week(cls, day: date) -> Self:
        """The ISO week that `day` lies in."""
        year, week, _ = day.isocalendar()
        return cls("week", f"{year}-W{week:02}")

    @classmethod
    def month(cls, day: date) -> Self:
        return cls("month", f"{day:%Y-%m}")

    @classmethod
    def trending(cls) -> Self:
        return cls("trending")

    @classmethod
    def parse(cls, text: str) -> Self:
        kind, _, key = text.partition(":")
        return cls(kind, key)

    def __str__(self) -> str:
        return f"{self.kind}:{self.key}" if self.key else self.kind

    @property
    def url(self) -> str:
        """The page people can open."""
        path = {"day": "date", "week": "week", "month": "month"}.get(self.kind)
        return f"{HOME}/papers/{path}/{self.key}" if path else f"{HOME}/papers/trending"

    @property
    def span(self) -> tuple[date, date]:
        """First and last day, both included; ValueError for trending, which has no days."""
        if self.kind == "day":
            day = date.fromisoformat(self.key)
            return day, day
        if self.kind == "week":
            year, week = self.key.split("-W")
            monday = date.fromisocalendar(int(year), int(week), 1)
            return monday, monday + timedelta(days=6)
        if self.kind == "month":
            first = date.fromisoformat(f"{self.key}-01")
            return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        raise ValueError(f"{self} has no days")


@dataclass(frozen=True, slots=True)
class Rejected:
    """An item that could not be read as a paper; the rest of its list was kept."""

    where: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What a source gave for one listing, in the source's order."""

    papers: tuple[Paper, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    etag: str | None = None
    unchanged: bool = False
    """The source says nothing changed since `etag`; `papers` is empty then."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Papers read from a file: one day's list in order of rank or, with no day, papers of no list."""

    day: date | None
    papers: tuple[Paper, ...] = ()
    rejected: tuple[Rejected, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPaper:
    """A paper on one day's list: its rank there (from 1) and when we first saw it there."""

    paper: Paper
    rank: int
    first_seen: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyList:
    """One day's list as the archive holds it; `fetched_at` is None when it was never asked for."""

    day: date
    papers: tuple[ListedPaper, ...] = ()
    fetched_at: datetime | None = None
