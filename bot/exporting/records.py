"""JSON: every paper as one object. docs/export.md lists the fields; they stay, new ones may come."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from bot.exporting.references import Reference


def records_json(references: Iterable[Reference]) -> str:
    """An array, a paper a line."""
    return array(map(record, references))


def array(objects: Iterable[Mapping[str, Any]]) -> str:
    """A JSON array with one object a line, so that line tools can work on it."""
    lines = ",\n".join(map(json.JSONEncoder(ensure_ascii=False).encode, objects))
    return f"[\n{lines}\n]\n" if lines else "[]\n"


def record(reference: Reference) -> dict[str, Any]:
    """A saved paper as plain data; what is not known is null or empty, never left out."""
    paper = reference.paper
    return {
        "id": paper.id,
        "key": reference.key,
        "title": paper.title,
        "authors": list(paper.authors),
        "published": paper.published.isoformat() if paper.published else None,
        "featured": paper.featured.isoformat() if paper.featured else None,
        "url": paper.url,
        "arxiv_url": paper.arxiv_url,
        "pdf_url": reference.pdf_url,
        "doi": reference.doi,
        "code_url": paper.code_url,
        "project_url": paper.project_url,
        "stars": paper.stars,
        "upvotes": paper.upvotes,
        "comments": paper.comments,
        "organization": paper.organization,
        "keywords": list(paper.keywords),
        "summary": paper.summary,
        "abstract": paper.abstract,
        "saved_at": reference.saved_at.isoformat(),
        "saved_by": [str(person) for person in reference.saved_by],
        "tags": list(reference.marks.tags),
        "notes": list(reference.notes),
        "read": reference.marks.read,
    }
