"""What two views of a paper make together. Pure."""

from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import datetime

from bot.domain.papers import Paper, PaperId
from storage.columns import MAX_INT, clean

_FIELDS = tuple(field.name for field in fields(Paper))
_MISSING = (None, "", ())


def merge(old: Paper, old_as_of: datetime, new: Paper, new_as_of: datetime) -> Paper:
    """The newer view field by field, the older one where that knows nothing; on a tie `new` is newer.

    Upvotes and comments are always the newer view's (nought is an answer), `featured` is the later day.
    """
    newer, older = (new, old) if new_as_of >= old_as_of else (old, new)
    gaps = {name: getattr(older, name) for name in _FIELDS if getattr(newer, name) in _MISSING}
    if newer.featured and older.featured:
        gaps["featured"] = max(newer.featured, older.featured)
    return replace(newer, **gaps) if gaps else newer


def views(papers: Iterable[Paper]) -> dict[PaperId, Paper]:
    """One tidy view a paper, in their order; one that comes twice is merged with itself."""
    found: dict[PaperId, Paper] = {}
    for paper in map(tidy, papers):
        old = found.get(paper.id)
        found[paper.id] = merge(old, datetime.min, paper, datetime.min) if old else paper  # noqa: DTZ901
    return found


def tidy(paper: Paper) -> Paper:
    """The paper as columns can hold it: bounded, and without what PostgreSQL cannot store."""
    return replace(
        paper,
        title=clean(paper.title, 2_000),
        abstract=clean(paper.abstract, 20_000),
        authors=_texts(paper.authors, 5_000, 200),
        upvotes=_number(paper.upvotes),
        comments=_number(paper.comments),
        ai_summary=clean(paper.ai_summary, 5_000),
        keywords=_texts(paper.keywords, 100, 200),
        code_url=_link(paper.code_url),
        stars=None if paper.stars is None else _number(paper.stars),
        project_url=_link(paper.project_url),
        organization=None if paper.organization is None else clean(paper.organization, 300),
        thumbnail=_link(paper.thumbnail),
        media=_texts(paper.media, 50, 2_000),
    )


def _number(value: int) -> int:
    return min(max(value, 0), MAX_INT)


def _texts(texts: tuple[str, ...], most: int, length: int) -> tuple[str, ...]:
    return tuple(clean(text, length) for text in texts[:most])


def _link(url: str | None) -> str | None:
    """None for one that is too long: half a link leads nowhere."""
    return url if url is None or clean(url, 2_000) == url else None
