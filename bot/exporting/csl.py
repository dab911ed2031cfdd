"""CSL-JSON for citeproc, pandoc and Zotero; the ids are the keys of the BibTeX file."""

from collections.abc import Iterable
from typing import Any

from bot.exporting.names import Name
from bot.exporting.records import array
from bot.exporting.references import Reference


def csl_json(references: Iterable[Reference]) -> str:
    """An array of items."""
    return array(map(item, references))


def item(reference: Reference) -> dict[str, Any]:
    """One item as citeproc takes it; what is not known is left out."""
    paper = reference.paper
    found: dict[str, Any] = {
        "id": reference.key,
        "type": "article",
        "title": paper.title,
        "author": [author(name) for name in reference.names],
        "issued": {"date-parts": [list(reference.issued)]},
        "abstract": paper.abstract,
        "keyword": ", ".join(reference.keywords),
        "note": " / ".join(reference.notes),
        "number": f"arXiv:{paper.id}",
        "publisher": "arXiv",
        "DOI": reference.doi,
        "URL": paper.arxiv_url,
    }
    return {name: value for name, value in found.items() if value}


def author(name: Name) -> dict[str, str]:
    """The parts of a person's name, or a team's as it is."""
    if name.whole:
        return {"literal": name.family}
    parts = {
        "family": name.family,
        "given": name.given,
        "non-dropping-particle": name.particle,
        "suffix": name.suffix,
    }
    return {part: text for part, text in parts.items() if text}
