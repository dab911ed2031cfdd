"""Nouns as JSON text and back: the terms of a subscription, a post that is owed."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import time
from functools import lru_cache
from typing import Any

from bot.domain.papers import Paper, PaperId
from bot.domain.posts import Digest, Entry, PaperCard
from bot.domain.subscriptions import Layout, Terms


def dump_terms(terms: Terms) -> str:
    """Just what was asked."""
    asked: dict[str, Any] = {
        "at": terms.at and terms.at.isoformat(),
        "tz": terms.tz,
        "on": None if terms.on is None else sorted(terms.on),
        "day": terms.day,
        "top": terms.top,
        "include": list(terms.include) or None,
        "exclude": list(terms.exclude) or None,
        "min": terms.min,
        "layout": terms.layout,
        "again": terms.again,
        "over": terms.over,
    }
    return json.dumps({name: value for name, value in asked.items() if value is not None})


@lru_cache(maxsize=1024)
def load_terms(text: str) -> Terms:
    """The other way round. Most subscriptions ask for the same."""
    asked = json.loads(text)
    readers: dict[str, Callable[[Any], Any]] = {
        "at": time.fromisoformat,
        "on": frozenset,
        "include": tuple,
        "exclude": tuple,
        "layout": Layout,
    }
    return Terms(**{name: readers.get(name, _same)(value) for name, value in asked.items()})


def _same(value: Any) -> Any:
    return value


def dump_post(post: Digest | PaperCard) -> str:
    """The post with its papers' ids; what they say is looked up when it is sent."""
    common = {"kind": post.kind, "notes": post.notes, "entries": [*map(_entry, post.entries)]}
    match post:
        case Digest():
            own = {
                "title": post.title,
                "subtitle": post.subtitle,
                "url": post.url,
                "part": post.part,
                "parts": post.parts,
            }
        case PaperCard():
            own = {"full": post.full}
    return json.dumps(common | own)


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "number": entry.number,
        "paper": entry.paper.id,
        "title": entry.paper.title,
        "late": entry.late,
        "why": entry.why,
    }


def papers_in(payload: str) -> Iterable[PaperId]:
    """The papers a stored post needs."""
    return [PaperId(entry["paper"]) for entry in json.loads(payload)["entries"]]


def load_post(payload: str, papers: Mapping[PaperId, Paper]) -> Digest | PaperCard:
    """The post as its papers stand today; one that has gone keeps the title it was planned with."""
    stored = json.loads(payload)
    entries = tuple(
        Entry(
            paper=papers.get(entry["paper"]) or Paper(id=entry["paper"], title=entry["title"]),
            number=entry["number"],
            late=entry["late"],
            why=entry["why"],
        )
        for entry in stored["entries"]
    )
    notes = tuple(stored["notes"])
    if stored["kind"] == PaperCard.kind:
        return PaperCard(entry=entries[0], full=stored["full"], notes=notes)
    return Digest(
        title=stored["title"],
        subtitle=stored["subtitle"],
        url=stored["url"],
        entries=entries,
        notes=notes,
        part=stored["part"],
        parts=stored["parts"],
    )
