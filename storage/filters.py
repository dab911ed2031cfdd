"""A search without words: the database answers it alone."""

from typing import Any

from sqlalchemy import ColumnElement, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.domain.search import Found, Has, Hit, Query, Sort
from storage.columns import MAX_INT
from storage.rows import paper_of
from storage.tables import PaperRow


def is_plain(query: Query) -> bool:
    """Whether no text has to be matched."""
    return not (query.words or query.author or query.organization or query.keyword)


async def filtered(session: AsyncSession, query: Query, offset: int, limit: int) -> Found:
    """One slice of what passes the query's filters."""
    conditions = _conditions(query)
    count = select(func.count()).select_from(PaperRow).where(*conditions)
    page = select(PaperRow).where(*conditions).order_by(*_order(query.sort))
    total = (await session.exec(count)).one()
    rows = await session.exec(page.offset(offset).limit(limit))
    return Found(tuple(Hit(paper_of(row)) for row in rows), total)


def _conditions(query: Query) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if query.since:
        found.append(col(PaperRow.day) >= query.since)
    if query.until:
        found.append(col(PaperRow.day) <= query.until)
    if query.min > 0:
        found.append(col(PaperRow.upvotes) >= min(query.min, MAX_INT))
    if query.within is not None:
        found.append(col(PaperRow.id).in_(sorted(query.within)))
    if Has.CODE in query.has:
        found.append(func.coalesce(col(PaperRow.code_url), "") != "")
    if Has.VIDEO in query.has:
        found.append(col(PaperRow.has_video).is_(True))
    if Has.SUMMARY in query.has:
        found.append(col(PaperRow.ai_summary) != "")
    return found


def _order(sort: Sort) -> list[ColumnElement[Any]]:
    newest: list[ColumnElement[Any]] = [
        col(PaperRow.day).desc().nulls_last(),
        col(PaperRow.id).desc(),
    ]
    match sort:
        case Sort.UPVOTES:
            return [col(PaperRow.upvotes).desc(), *newest]
        case Sort.STARS:
            return [col(PaperRow.stars).desc().nulls_last(), *newest]
        case _:
            return newest
