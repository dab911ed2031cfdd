"""Nouns of a search: words, filters, order, and what was found."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from bot.domain.papers import Paper, PaperId


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


class Field(StrEnum):
    """What has names that a search can be limited to."""

    AUTHOR = "author"
    ORGANIZATION = "organization"
    KEYWORD = "keyword"


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
    within: frozenset[PaperId] | None = None
    """Only these papers; None is all."""
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


@dataclass(frozen=True, slots=True)
class Model:
    """Which model searches by meaning should use, as somebody set it, and where it can be fetched from and kept."""

    name: str
    cache: Path
    hub: str
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Learned:
    """How far a model has come with the papers, or what it waits for."""

    model: str
    papers: int = 0
    of: int = 0
    state: str = ""
    """Why it cannot even begin; empty once it is there."""
    broken: bool = False
    """Whether somebody has to see to that."""

    def __str__(self) -> str:
        if self.state:
            return f"{self.model} {self.state}"
        if self.papers == self.of:
            return f"{self.model}, all {self.of:,} papers"
        return f"{self.model}, {self.papers:,} of {self.of:,} papers so far"
