"""One Markdown file for Obsidian and Notion: front matter, then a section for each paper."""

import json
import re
from collections.abc import Iterator, Sequence

from bot.exporting.references import Reference

_NAMED = 10
"""Authors; the others are counted."""


def markdown(references: Sequence[Reference]) -> str:
    """The whole file. A title is text in it, whatever it says: no link, no tag, no formula, no comment."""
    blocks = [_front_matter(references)]
    for one in references:
        blocks += _section(one)
    return "\n\n".join(blocks) + "\n"


def _front_matter(references: Sequence[Reference]) -> str:
    """Written as JSON, which is YAML too: an id like 2505.00010 must not become a number."""
    tags = dict.fromkeys(tag for one in references for tag in one.marks.tags)
    properties = {
        "title": references[0].paper.title if len(references) == 1 else "Saved papers",
        "papers": len(references),
        "saved": max((f"{one.saved_at:%Y-%m-%d}" for one in references), default=None),
        "tags": [word for tag in tags if (word := _tag_word(tag))],
        "arxiv": [one.paper.id for one in references],
    }
    lines = (
        f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in properties.items()
    )
    return "\n".join(["---", *lines, "---"])


def _section(reference: Reference) -> Iterator[str]:
    paper = reference.paper
    yield f"## {plain(paper.title)}"
    facts = [_authors(paper.authors), "-".join(f"{part:02}" for part in reference.issued)]
    if paper.organization:
        facts.insert(1, paper.organization)
    yield _paragraph(" · ".join(fact for fact in facts if fact))
    yield " · ".join(_links(reference))
    if paper.ai_summary:
        yield f"> {_paragraph(paper.ai_summary)}"
    if paper.abstract:
        yield _paragraph(paper.abstract)
    yield "\n".join(_marks(reference))


def _authors(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    others = [f"and {more} more"] if more > 0 else []
    return ", ".join([*names[:_NAMED], *others])


def _links(reference: Reference) -> Iterator[str]:
    paper = reference.paper
    yield f"[arXiv:{paper.id}]({paper.arxiv_url})"
    yield f"[PDF]({reference.pdf_url})"
    yield f"[Hugging Face]({paper.url})"
    if paper.code_url:
        stars = f" ({paper.stars:,} stars)" if paper.stars else ""
        yield f"[Code]({_target(paper.code_url)}){stars}"
    if paper.project_url:
        yield f"[Project]({_target(paper.project_url)})"


def _target(url: str) -> str:
    """`&amp;` in an address is not to be read as HTML."""
    return re.sub(r"&(?=#?\w+;)", r"\\&", url)


def _marks(reference: Reference) -> Iterator[str]:
    if reference.marks.tags:
        yield "- Tags: " + " ".join(filter(None, map(hashtag, reference.marks.tags)))
    if reference.paper.keywords:
        yield f"- Keywords: {plain(', '.join(reference.paper.keywords))}"
    for note in reference.notes:
        yield f"- Note: {plain(note)}"
    by = ", ".join(person.name for person in reference.saved_by)
    yield f"- Saved {reference.saved_at:%Y-%m-%d}{' by ' if by else ''}{plain(by)}"
    yield f"- Key: `{reference.key}`"


def hashtag(tag: str) -> str:
    """As Obsidian knows them: letters, digits, `-`, `_` and `/`, and not digits alone; empty when nothing is left."""
    word = _tag_word(tag)
    return f"#{word}" if word else ""


def _tag_word(tag: str) -> str:
    word = re.sub(r"[^\w/-]+", "-", tag).strip("-/")
    return f"_{word}" if word and not re.search(r"[^\d/_-]", word) else word


_SPECIAL = re.compile(r"[\\`*_\[\]<>#|~$^&]|%%+|==+|::+")
"""CommonMark's, and what Obsidian adds: formulas, ==marks==, %%comments%%, block^ids, fields::."""
_OPENING = re.compile(r"^(?:[-+=]|\d+(?=[.)]))")
"""At the beginning of a line it would start a list or underline a heading."""


def plain(text: str) -> str:
    """Text that shows itself."""
    return _SPECIAL.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    return "".join(f"\\{character}" for character in found[0])


def _paragraph(text: str) -> str:
    return _OPENING.sub(_held, plain(text))


def _held(found: re.Match[str]) -> str:
    return f"{found[0]}\\" if found[0].isdigit() else f"\\{found[0]}"
