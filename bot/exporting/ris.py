"""RIS, the tagged lines that EndNote, Zotero and Mendeley import."""

from collections.abc import Iterable, Iterator

from bot.exporting.names import Name
from bot.exporting.references import Reference

_END = "\r\n"
"""The specification's."""


def ris(references: Iterable[Reference]) -> str:
    """A record for each, from TY to ER."""
    return "".join(f"{tag}  - {value}{_END}" for one in references for tag, value in _lines(one))


def _lines(reference: Reference) -> Iterator[tuple[str, str]]:
    paper = reference.paper
    year, *rest = reference.issued
    yield "TY", "UNPB"  # "unpublished work": the specification knows no preprints
    yield "ID", reference.key
    yield "TI", paper.title
    for name in reference.names:
        yield "AU", author(name)
    yield "PY", str(year)
    yield "DA", "/".join([f"{year:04}", *(f"{part:02}" for part in rest)])
    if paper.abstract:
        yield "AB", paper.abstract
    for keyword in reference.keywords:
        yield "KW", _without(keyword, "*;")
    yield "PB", "arXiv"
    yield "AN", f"arXiv:{paper.id}"
    yield "DO", reference.doi
    yield "UR", paper.arxiv_url
    yield "L1", reference.pdf_url
    for note in reference.notes:
        yield "N1", note
    yield "ER", ""


def author(name: Name) -> str:
    """`Last, First, Suffix`; a comma or an asterisk inside a part would mean something else."""
    parts = [_without(part, ",*") for part in (name.surname, name.given)]
    if name.suffix:
        parts.append(_without(name.suffix, ",*"))
    return ", ".join(part for part in parts if part)


def _without(text: str, characters: str) -> str:
    for character in characters:
        text = text.replace(character, " ")
    return " ".join(text.split())
