"""What every format is written from: saved papers with clean text, split names, dates, and keys of their own."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from unicodedata import category
from urllib.parse import quote

from bot.domain.library import Marks, SavedPaper
from bot.domain.papers import Paper
from bot.domain.people import Person
from bot.domain.text import visible
from bot.exporting import keys
from bot.exporting.names import Name, split


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A saved paper, ready to be written: each text on one line, of visible characters."""

    key: str
    paper: Paper
    names: tuple[Name, ...]
    saved_by: tuple[Person, ...]
    saved_at: datetime
    marks: Marks

    @property
    def issued(self) -> tuple[int, ...]:
        """Year, month and day, as far as they are known: an arXiv id tells year and month."""
        if day := self.paper.published:
            return day.year, day.month, day.day
        return 2000 + int(self.paper.id[:2]), int(self.paper.id[2:4])

    @property
    def doi(self) -> str:
        """The one that arXiv registers for every paper."""
        return f"10.48550/arXiv.{self.paper.id}"

    @property
    def notes(self) -> tuple[str, ...]:
        """What people wrote on it; with their names, but for the reader."""
        return tuple(
            f"{remark.by.name}: {remark.text}" if remark.by else remark.text
            for remark in self.marks.remarks
        )

    @property
    def keywords(self) -> tuple[str, ...]:
        """The team's tags, then the paper's own keywords."""
        return tuple(dict.fromkeys((*self.marks.tags, *self.paper.keywords)))

    @property
    def pdf_url(self) -> str:
        """The latest version on arXiv."""
        return f"https://arxiv.org/pdf/{self.paper.id}"


def references(saved: Sequence[SavedPaper]) -> list[Reference]:
    """In the same order, each paper once."""
    once = {one.paper.id: one for one in saved}
    known: dict[str, Name] = {}
    papers = {id: clean(one.paper) for id, one in once.items()}
    names = {id: _names(paper.authors, known) for id, paper in papers.items()}
    own_keys = keys.unique(
        {id: keys.key(paper, next(iter(names[id]), None)) for id, paper in papers.items()}
    )
    return [
        Reference(
            key=own_keys[id],
            paper=papers[id],
            names=names[id],
            saved_by=tuple(map(_clean_person, one.by)),
            saved_at=one.at,
            marks=_clean_marks(one.marks),
        )
        for id, one in once.items()
    ]


def _names(authors: Sequence[str], known: dict[str, Name]) -> tuple[Name, ...]:
    """`known` remembers the names that were split: many papers share their authors."""
    for author in authors:
        if author not in known:
            known[author] = split(author)
    return tuple(known[author] for author in authors)


def clean(paper: Paper) -> Paper:
    """The paper with nothing in its texts that a file could trip over; a title is never empty."""
    return replace(
        paper,
        title=one_line(paper.title) or f"arXiv:{paper.id}",
        abstract=one_line(paper.abstract),
        authors=_lines(paper.authors),
        ai_summary=one_line(paper.ai_summary),
        keywords=_lines(paper.keywords),
        organization=one_line(paper.organization or "") or None,
        code_url=link(paper.code_url),
        project_url=link(paper.project_url),
    )


def _clean_person(person: Person) -> Person:
    name = one_line(person.name) or one_line(person.id)
    return person if name == person.name else replace(person, name=name)


def _clean_marks(marks: Marks) -> Marks:
    if not (marks.tags or marks.remarks):
        return marks
    remarks = (
        replace(remark, text=one_line(remark.text), by=remark.by and _clean_person(remark.by))
        for remark in marks.remarks
    )
    return replace(
        marks,
        tags=_lines(marks.tags),
        remarks=tuple(remark for remark in remarks if remark.text),
    )


def one_line(text: str) -> str:
    """Without control characters, bidi marks, lone surrogates and what Unicode calls no characters."""
    if not (text.isprintable() and (text.isascii() or not _has_marks(text))):
        text = "".join(char for char in visible(text) if not _is_none(char))
    return " ".join(text.split()) if "  " in text or text != text.strip() else text


def _has_marks(text: str) -> bool:
    return any(category(char)[0] == "M" for char in set(text))


def _is_none(char: str) -> bool:
    """YAML and XML refuse these: U+FFFE, U+FFFF and their like."""
    return "\ufdd0" <= char <= "\ufdef" or ord(char) & 0xFFFE == 0xFFFE  # noqa: PLR2004


def _lines(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(line for text in texts if (line := one_line(text)))


_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})", re.ASCII)


def link(url: str | None) -> str | None:
    """An address of the web in plain ASCII, in which no quote, bracket, space or backslash is left."""
    url = (url or "").strip()
    if not url.lower().startswith(("http://", "https://")):
        return None
    url = _BARE_PERCENT.sub("%25", url)
    return quote(url.encode("utf-8", "ignore"), safe="%/:?#@!$&*+,;=~")
