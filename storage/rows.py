"""Where paper rows meet nouns, and what several stores do with them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Row, bindparam
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.domain.papers import Paper, PaperId
from storage.tables import PaperRow

T = TypeVar("T")

CHUNK = 400
"""Rows a statement: far below what any database allows in parameters, and large enough."""

PAPERS = SQLModel.metadata.tables["paper"]
_BY_ID = PAPERS.select().where(PAPERS.c.id.in_(bindparam("ids", expanding=True)))


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Slices of at most `size`, in order."""
    left = iter(items)
    while chunk := list(islice(left, size)):
        yield chunk


def paper_of(row: PaperRow | Row[Any]) -> Paper:
    """A paper's row, loaded with or without the ORM, as a noun."""
    return Paper(
        id=PaperId(row.id),
        title=row.title,
        abstract=row.abstract,
        authors=row.authors,
        published=row.published,
        featured=row.featured,
        upvotes=row.upvotes,
        comments=row.comments,
        ai_summary=row.ai_summary,
        keywords=row.keywords,
        code_url=row.code_url,
        stars=row.stars,
        project_url=row.project_url,
        organization=row.organization,
        thumbnail=row.thumbnail,
        media=row.media,
    )


def values_of(paper: Paper, as_of: datetime, revision: int) -> dict[str, Any]:
    """The noun as a row's values."""
    return {
        "id": paper.id,
        "title": paper.title,
        "abstract": paper.abstract,
        "authors": paper.authors,
        "published": paper.published,
        "featured": paper.featured,
        "day": paper.featured or paper.published,
        "upvotes": paper.upvotes,
        "comments": paper.comments,
        "ai_summary": paper.ai_summary,
        "keywords": paper.keywords,
        "code_url": paper.code_url,
        "stars": paper.stars,
        "project_url": paper.project_url,
        "organization": paper.organization,
        "thumbnail": paper.thumbnail,
        "media": paper.media,
        "has_video": paper.has_video,
        "as_of": as_of,
        "revision": revision,
    }


async def paper_rows(connection: AsyncConnection, ids: Sequence[str]) -> Sequence[Row[Any]]:
    """The rows of one chunk of papers, past the ORM: this is where time is spent."""
    return (await connection.execute(_BY_ID, {"ids": ids})).all()


async def load_papers(session: AsyncSession, ids: Iterable[PaperId]) -> dict[PaperId, Paper]:
    """The papers of these that are known, in the order asked for."""
    wanted = list(dict.fromkeys(ids))
    connection = await session.connection()
    found: dict[PaperId, Paper] = {}
    for chunk in chunks(wanted):
        for row in await paper_rows(connection, chunk):
            found[PaperId(row.id)] = paper_of(row)
    return {id: found[id] for id in wanted if id in found}
