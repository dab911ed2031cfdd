"""Saved papers as a file for other programs. Pure; everything in a paper is taken for hostile."""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from bot.domain.papers import Paper
from bot.domain.people import Person
from bot.domain.posts import File
from bot.domain.stores import SavedPaper


class Format(StrEnum):
    BIBTEX = "bibtex"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"

    @property
    def label(self) -> str:
        """As its users spell it."""
        return {"bibtex": "BibTeX", "markdown": "Markdown"}.get(self.value, self.value.upper())


_FILES = {
    Format.BIBTEX: ("bib", "application/x-bibtex"),
    Format.JSON: ("json", "application/json"),
    Format.CSV: ("csv", "text/csv"),
    Format.MARKDOWN: ("md", "text/markdown"),
}


def export(saved: Sequence[SavedPaper], format: Format, *, text: str = "") -> File:
    """The papers in their order, as a UTF-8 file."""
    papers = [one.paper for one in saved]
    match format:
        case Format.BIBTEX:
            content = "\n".join(bibtex(paper) for paper in papers)
        case Format.JSON:
            records = [_saved_record(one) for one in saved]
            content = json.dumps(records, ensure_ascii=False, indent=2) + "\n"
        case Format.CSV:
            content = _csv([_saved_record(one) for one in saved])
        case Format.MARKDOWN:
            content = "".join(f"{markdown(paper)}\n" for paper in papers)
    ending, media_type = _FILES[format]
    return File(
        name=f"saved-papers.{ending}",
        media_type=media_type,
        content=content.encode("utf-8", "replace"),
        text=text,
    )


def record(paper: Paper, saved_by: Sequence[Person] = ()) -> dict[str, Any]:
    """A paper as plain data, for JSON."""
    return {
        "id": paper.id,
        "title": paper.title,
        "authors": list(paper.authors),
        "url": paper.url,
        "arxiv_url": paper.arxiv_url,
        "published": paper.published.isoformat() if paper.published else None,
        "featured": paper.featured.isoformat() if paper.featured else None,
        "upvotes": paper.upvotes,
        "comments": paper.comments,
        "code_url": paper.code_url,
        "stars": paper.stars,
        "project_url": paper.project_url,
        "organization": paper.organization,
        "summary": paper.summary,
        "keywords": list(paper.keywords),
        "saved_by": [str(person) for person in saved_by],
    }


def _saved_record(saved: SavedPaper) -> dict[str, Any]:
    return {**record(saved.paper, saved.by), "saved_at": saved.at.isoformat()}


# --- CSV


def _csv(records: Sequence[dict[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(records[0]) if records else [])
    writer.writeheader()
    writer.writerows({key: _cell(value) for key, value in row.items()} for row in records)
    return out.getvalue()


def _cell(value: object) -> object:
    """A cell that no spreadsheet takes for a formula: a leading apostrophe makes it text."""
    if isinstance(value, list):
        value = "; ".join(value)
    if isinstance(value, str):
        value = " ".join(value.split())
        return (
            f"'{value}" if value.startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠")) else value
        )
    return value


# --- Markdown


def markdown(paper: Paper) -> str:
    """One list item: linked title, authors, year, summary."""
    authors = ", ".join(paper.authors[:3]) + (" et al." if len(paper.authors) > 3 else "")  # noqa: PLR2004 -- three names are enough
    facts = ", ".join(part for part in (_plain(authors), _year(paper)) if part)
    summary = f": {_plain(paper.summary)}" if paper.summary else ""
    return f"- [{_plain(paper.title)}]({paper.arxiv_url}) ({facts}){summary}"


def _plain(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]()<>#|~!&])", r"\\\1", " ".join(text.split()))


# --- BibTeX


def bibtex(paper: Paper) -> str:
    """An entry that BibTeX and biber read: eprint fields, escaped text, names that stay whole."""
    fields = {
        "title": f"{{{_tex(paper.title)}}}",
        "author": " and ".join(_name(name) for name in paper.authors if name.strip()),
        "year": _year(paper),
        "eprint": str(paper.id),
        "archivePrefix": "arXiv",
        "doi": f"10.48550/arXiv.{paper.id}",
        "url": paper.arxiv_url,
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{{bibtex_key(paper)},", *lines, "}", ""])


def bibtex_key(paper: Paper) -> str:
    """`radford-2103.00020`: the id makes it unique and stable, the name makes it readable."""
    words = re.findall(r"[^\W\d_]+", paper.authors[0]) if paper.authors else []
    folded = unicodedata.normalize("NFKD", words[-1]) if words else ""
    surname = re.sub(r"[^a-z]", "", folded.lower())
    return f"{surname or 'arxiv'}-{paper.id}"


def _year(paper: Paper) -> str:
    """The year of the first version: arXiv ids begin with it."""
    return f"20{paper.id[:2]}"


_TEX = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",  # BibTeX counts braces, escaped ones too
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{char: f"\\{char}" for char in "$&#_%"},
}


def _tex(text: str) -> str:
    return "".join(_TEX.get(char, char) for char in " ".join(text.split()))


def _name(name: str) -> str:
    """A person's name, or a team's in braces so that it is not taken apart."""
    whole = (
        re.search(r"\band\b|[,\d]", name, re.IGNORECASE)
        or re.search(
            r"\b(?:team|contributors|group|collaboration|consortium|lab|labs)$", name, re.IGNORECASE
        )
        or " " not in name.strip()
    )
    return f"{{{_tex(name)}}}" if whole else _tex(name)
