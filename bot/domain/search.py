"""Nouns of a search: words, filters, order, and what was found."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.domain.papers import Paper


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a query, or a quoted phrase. `-word` excludes."""

    text: str
    phrase: bool = False
    excluded: bool = False


class Has(StrEnum):
    CODE = "code"
    VIDEO = "video"
    SUMMARY = "summary"


class Sort(StrEnum):
    RELEVANCE = "relevance"
    NEW = "new"
    UPVOTES = "upvotes"
    STARS = "stars"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What somebody looks for; without words the filters alone decide and the order is by date."""

    words: tuple[Word, ...] = ()
    author: str = ""
    organization: str = ""
    keyword: str = ""
    since: date | None = None
    """On Daily Papers, or else published, on that day or later; `until` likewise."""
    until: date | None = None
    has: frozenset[Has] = frozenset()
    min: int = 0
    """Fewest upvotes."""
    sort: Sort = Sort.RELEVANCE


@dataclass(frozen=True, slots=True)
class Hit:
    """A found paper and, in a few words, why."""

    paper: Paper
    why: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """One slice of the results and how many there are in all."""

    hits: tuple[Hit, ...]
    total: int
