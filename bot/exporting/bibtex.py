"""BibTeX for classic bibtex and for biber: TeX in ASCII, names as "von Last, Jr, First", arXiv's own fields."""

from collections.abc import Iterable

from bot.exporting.names import Name
from bot.exporting.references import Reference
from bot.exporting.tex import escape, escape_name, escape_title

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def bibtex(references: Iterable[Reference]) -> str:
    """An entry for each, an empty line between them."""
    return "\n".join(map(entry, references))


def entry(reference: Reference) -> str:
    """`@misc` with what arXiv's own entry has; each field on one line, braces balanced whatever is in it."""
    id = reference.paper.id
    year, month, *_ = reference.issued
    fields = {
        "title": escape_title(reference.paper.title),
        "author": " and ".join(filter(None, map(author, reference.names))),
        "year": str(year),
        "month": _MONTHS[month - 1],
        "eprint": str(id),
        "archivePrefix": "arXiv",
        "doi": reference.doi,
        "url": reference.paper.arxiv_url,
        "keywords": ", ".join(escape(tag.replace(",", "")) for tag in reference.marks.tags),
        "annote": escape(" / ".join(reference.notes)),
    }
    lines = [
        f"  {name} = {value}," if name == "month" else f"  {name} = {{{value}}},"
        for name, value in fields.items()
        if value
    ]
    return "\n".join([f"@misc{{{reference.key},", *lines, "}", ""])


def author(name: Name) -> str:
    """A name that BibTeX takes apart as we do; what must stay whole is in braces."""
    family, given = escape_name(name.family), escape_name(name.given)
    if not (family and given):
        whole = f"{name.particle} {family or given}".strip() if family or given else ""
        return whole and f"{{{whole}}}"
    if not _is_plain(name.family):
        family = f"{{{family}}}"
    last = f"{name.particle} {family}" if name.particle else family
    return ", ".join([last, *([escape_name(name.suffix)] if name.suffix else []), given])


def _is_plain(family: str) -> bool:
    """BibTeX would take words in small letters before the last one for particles, also between hyphens."""
    if " " not in family and "-" not in family:
        return True
    *before, _ = family.replace("-", " ").split()
    return all("A" <= word[0] <= "Z" for word in before)
