"""What Hugging Face's JSON says, as papers.

Fields come and go without notice: unknown ones are ignored, missing ones have a default, and an item is only
refused when it has no arXiv id or no title.
"""

import ast
import json
import math
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from adapters.huggingface.links import repository, web_link
from adapters.huggingface.text import clean
from bot.domain.papers import Paper, PaperId, Rejected, parse_paper_id

RELABELLED = date(2025, 3, 11)
"""Until the day before, an item's own `publishedAt` was when it was featured; since then it is the
paper's `publishedAt` less the hours between UTC and New York, which says nothing."""

FLIP = timedelta(hours=2, minutes=30)
"""From 29 November 2024 on that time was New York's, where the current day ends at 21:30 (recorded lists:
every item lies between then and 21:30 of the next day); before, nothing was later than 16:00."""

TITLE, ABSTRACT, SUMMARY, NAME = 2_000, 20_000, 2_000, 200
AUTHORS, KEYWORDS, MEDIA = 2_000, 50, 20
LONGEST_ITEM = 500_000
"""Characters of an item that is given as a string."""

_BIGGEST = 2**31 - 1
_PLAIN = r"[A-Za-z0-9]+(?:(?:[.'-] ?| )[A-Za-z0-9]+)*\.?"
_PLAIN_NAMES = re.compile(rf"{_PLAIN}(?:\n{_PLAIN})*")
_THUMBNAILS = "https://cdn-thumbnails."


def read_item(item: object) -> Paper:
    """One item of any list, or the flat object of `/api/papers/{id}`. ValueError says what is wrong with it."""
    outer = _as_object(item)
    inner = outer.get("paper")
    paper = inner if isinstance(inner, dict) else outer
    said = {**outer, **paper}
    if "id" not in said and (error := outer.get("error")):
        raise ValueError(f"it is an error message: {_text(error, 200)}")
    return Paper(
        id=_id(said.get("id")),
        title=_title(said.get("title")),
        abstract=_text(said.get("summary"), ABSTRACT),
        authors=tuple(_authors(said.get("authors"))),
        published=_day(paper.get("publishedAt")),
        featured=featured_day(outer),
        upvotes=_number(said.get("upvotes")) or 0,
        comments=_number(said.get("numComments")) or 0,
        ai_summary=_text(said.get("ai_summary"), SUMMARY),
        keywords=tuple(dict.fromkeys(_keywords(said.get("ai_keywords")))),
        code_url=repository(said.get("githubRepo")),
        stars=_number(said.get("githubStars")),
        project_url=web_link(said.get("projectPage")),
        organization=_organization(said.get("organization")),
        thumbnail=_thumbnail(said),
        media=tuple(_media(said)),
    )


def read_items(data: object, where: str) -> tuple[list[Paper], list[Rejected]]:
    """The papers of a list, in its order, and the items that are none. ValueError when it is no list."""
    if isinstance(data, dict) and isinstance(data.get("items"), list):
        data = data["items"]
    if not isinstance(data, list):
        raise ValueError(f"expected a list of papers, got {_kind(data)}")  # noqa: TRY004
    papers: list[Paper] = []
    rejected: list[Rejected] = []
    for number, item in enumerate(data, 1):
        try:
            papers.append(read_item(item))
        except ValueError as e:
            rejected.append(Rejected(f"{where}, item {number}", str(e)))
    return papers, rejected


def featured_day(item: dict[str, Any]) -> date | None:
    """The day of Daily Papers that an item belongs to; None when it does not say."""
    inner = item.get("paper")
    paper = inner if isinstance(inner, dict) else item
    if day := _day(paper.get("submittedOnDailyAt")):
        return day
    if paper is item:
        return None
    featured, published = _time(item.get("publishedAt")), _time(paper.get("publishedAt"))
    if featured is None or published is None or featured <= published:
        return None
    return (featured + FLIP).date() if featured.date() < RELABELLED else None


def error_text(body: bytes) -> str:
    """What an error answer says, in one line; nothing if it does not say it in JSON."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    said = data.get("error") if isinstance(data, dict) else None
    return clean(said, 300) if isinstance(said, str) else ""


def _as_object(item: object) -> dict[str, Any]:
    """Items have been seen as strings too, holding JSON or what Python prints for it."""
    if isinstance(item, str):
        if len(item) > LONGEST_ITEM:
            raise ValueError("the item is too long")
        item = _from_string(item)
    if not isinstance(item, dict):
        raise ValueError(f"expected an object, got {_kind(item)}")  # noqa: TRY004
    return item


def _from_string(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        raise ValueError("expected an object, got text") from None


def _kind(value: object) -> str:
    names = {
        dict: "an object",
        list: "a list",
        str: "text",
        type(None): "nothing",
        bool: "true or false",
    }
    return names.get(
        type(value), "a number" if isinstance(value, int | float) else "something else"
    )


def _id(value: object) -> PaperId:
    if not value:
        raise ValueError("it has no id")
    found = parse_paper_id(value) if isinstance(value, str) and len(value) < NAME else None
    if found is None:
        raise ValueError(f"{clean(repr(value)[:60])} is no arXiv id")
    return found


def _title(value: object) -> str:
    if title := _text(value, TITLE):
        return title
    raise ValueError("it has no title")


def _text(value: object, limit: int) -> str:
    return clean(value, limit) if isinstance(value, str) else ""


def _names(values: list[object]) -> Iterator[str]:
    """Names and keywords are many and mostly plain: those need no cleaning."""
    names = [value for value in values if isinstance(value, str) and value]
    if _PLAIN_NAMES.fullmatch("\n".join(names)) and max(map(len, names)) <= NAME:
        return iter(names)
    return filter(None, map(_name, names))


def _name(name: str) -> str:
    return name if _PLAIN_NAMES.fullmatch(name) and len(name) <= NAME else clean(name, NAME)


def _authors(value: object) -> Iterator[str]:
    """Hidden ones asked not to be shown."""
    authors = value[:AUTHORS] if isinstance(value, list) else []
    return _names(
        [
            author if not isinstance(author, dict) else author.get("name")
            for author in authors
            if not (isinstance(author, dict) and author.get("hidden"))
        ]
    )


def _keywords(value: object) -> Iterator[str]:
    return _names(value[:KEYWORDS] if isinstance(value, list) else [])


def _number(value: object) -> int | None:
    """A count, never below nought nor larger than a database takes; None for what is no number."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < NAME:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        return None
    return int(min(max(value, 0), _BIGGEST))


def _time(value: object) -> datetime | None:
    if not isinstance(value, str) or len(value) > NAME:
        return None
    try:
        time = datetime.fromisoformat(value)
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _day(value: object) -> date | None:
    time = _time(value)
    return time.date() if time else None


def _organization(value: object) -> str | None:
    if isinstance(value, dict):
        return _text(value.get("fullname"), NAME) or _text(value.get("name"), NAME) or None
    return _text(value, NAME) or None


def _thumbnail(said: dict[str, Any]) -> str | None:
    """Until June 2024 it stood in `mediaUrl`, unless there was something to play."""
    if thumbnail := said.get("thumbnail") or said.get("thumbnailUrl"):
        return web_link(thumbnail)
    link = web_link(said.get("mediaUrl"))
    return link if link and link.startswith(_THUMBNAILS) else None


def _media(said: dict[str, Any]) -> Iterator[str]:
    urls = said.get("mediaUrls")
    links = map(web_link, urls[:MEDIA] if isinstance(urls, list) else [said.get("mediaUrl")])
    yield from dict.fromkeys(link for link in links if link and not link.startswith(_THUMBNAILS))
