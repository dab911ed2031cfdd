"""Nouns as JSON text and back: the terms of a subscription, how somebody is reached, a post that is owed."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, time
from functools import lru_cache
from typing import Any

from bot.domain.charts import Chart, Plot, Series, Shape
from bot.domain.papers import Paper, PaperId
from bot.domain.people import Workspace
from bot.domain.posts import Digest, Entry, PaperCard
from bot.domain.subscriptions import Layout, Manner, Pace, Quiet, Reach, Terms


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
        "author": terms.author,
        "organization": terms.organization,
        "words": list(terms.words) or None,
        "paper": terms.paper,
        "once": terms.once and terms.once.isoformat(),
        "shared": terms.shared,
        "manner": terms.manner,
        "quiet": terms.quiet and [one.isoformat() for one in terms.quiet],
        "home": terms.home and str(terms.home),
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
        "words": tuple,
        "manner": Manner,
        "quiet": _quiet,
        "home": Workspace.parse,
        "once": date.fromisoformat,
    }
    return Terms(**{name: readers.get(name, _same)(value) for name, value in asked.items()})


def dump_reach(reach: Reach) -> str:
    """Just what somebody said."""
    usual = Reach()
    said: dict[str, Any] = {
        "follows": reach.follows if reach.follows is not usual.follows else None,
        "digest": reach.digest if reach.digest is not usual.digest else None,
        "quiet": reach.quiet and [one.isoformat() for one in reach.quiet],
        "tz": reach.tz,
        "at": reach.at and reach.at.isoformat(),
        "home": reach.home and str(reach.home),
    }
    return json.dumps({name: value for name, value in said.items() if value is not None})


def load_reach(text: str) -> Reach:
    """The other way round."""
    readers: dict[str, Callable[[Any], Any]] = {
        "follows": Manner,
        "digest": Pace,
        "quiet": _quiet,
        "at": time.fromisoformat,
        "home": Workspace.parse,
    }
    said = json.loads(text)
    return Reach(**{name: readers.get(name, _same)(value) for name, value in said.items()})


def _quiet(value: Any) -> Quiet:
    begin, end = map(time.fromisoformat, value)
    return begin, end


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
                **({"chart": dump_chart(post.chart)} if post.chart else {}),
            }
        case PaperCard():
            own = {"full": post.full}
    return json.dumps(common | own)


def dump_chart(chart: Chart) -> dict[str, Any]:
    """What it says; a picture is drawn again when it is sent."""
    plots = [
        {
            "title": plot.title,
            "labels": plot.labels,
            "series": [[one.name, one.values] for one in plot.series],
            "shape": plot.shape,
        }
        for plot in chart.plots
    ]
    return {"title": chart.title, "subtitle": chart.subtitle, "alt": chart.alt, "plots": plots}


def load_chart(stored: Mapping[str, Any]) -> Chart:
    """The other way round."""
    plots = tuple(
        Plot(
            title=plot["title"],
            labels=tuple(plot["labels"]),
            series=tuple(Series(name, tuple(values)) for name, values in plot["series"]),
            shape=Shape(plot["shape"]),
        )
        for plot in stored["plots"]
    )
    return Chart(title=stored["title"], subtitle=stored["subtitle"], alt=stored["alt"], plots=plots)


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
        chart=load_chart(stored["chart"]) if "chart" in stored else None,
        part=stored["part"],
        parts=stored["parts"],
    )
