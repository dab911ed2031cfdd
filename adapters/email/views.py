"""What the templates show: every text clean, every address safe, nothing left to decide but where it stands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from adapters.email.text import clean, clean_block, crop, safe_url, thumbnail
from bot.domain.papers import Paper
from bot.domain.posts import (
    Digest,
    Entry,
    File,
    Notice,
    Panel,
    PaperCard,
    PaperList,
    Post,
    Row,
    picture_of,
)

TITLE = 300
SUMMARY = 600
ABSTRACT = 5_000
NAMES = 12
SUBJECT = 150
PICTURE = "chart@paperbot"
"""What the picture in a mail is called there."""
PREHEADER = 140
"""What inboxes show beside the subject."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A few words, perhaps with a link."""

    text: str
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One paper."""

    number: int
    title: str
    url: str
    facts: tuple[Fact, ...]
    why: str = ""
    summary: str = ""
    picture: str | None = None
    authors: str = ""
    dates: str = ""
    abstract: str = ""
    keywords: tuple[str, ...] = ()
    links: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One mail."""

    subject: str
    preheader: str = ""
    title: str = ""
    subtitle: str = ""
    url: str | None = None
    numbered: bool = False
    papers: tuple[Shown, ...] = ()
    paragraphs: tuple[str, ...] = ()
    button: Fact | None = None
    code: str = ""
    rows: tuple[Row, ...] = ()
    notes: tuple[str, ...] = ()
    chart: str = ""
    """What a chart shows, in words."""
    picture: str | None = None
    """Its content id in the same mail, where it was drawn."""


def view(post: Post) -> View:
    """The post, ready to be set. Pure."""
    match post:
        case Digest():
            return _digest(post)
        case PaperCard():
            return _card(post)
        case PaperList():
            return _list(post)
        case Notice():
            return _notice(post)
        case Panel():
            return _panel(post)
        case File():
            return _file(post)


def _digest(post: Digest) -> View:
    part = f"part {post.part} of {post.parts}" if post.parts > 1 else ""
    title = clean(post.title) or "Papers"
    return View(
        subject=crop(" · ".join(filter(None, (title, part))), SUBJECT),
        preheader=_titles(post.entries),
        title=title,
        subtitle=" · ".join(filter(None, (clean(post.subtitle), part))),
        url=safe_url(post.url),
        numbered=len(post.entries) > 1,
        papers=tuple(map(_short, post.entries)),
        notes=_notes(post.notes),
        **_chart(post),
    )


def _card(post: PaperCard) -> View:
    paper = post.entry.paper
    return View(
        subject=crop(clean(paper.title, TITLE) or f"Paper {clean(paper.id, 40)}", SUBJECT),
        preheader=clean(paper.summary, PREHEADER),
        papers=((_full if post.full else _short)(post.entry),),
        notes=_notes(post.notes),
    )


def _list(post: PaperList) -> View:
    count = f"{post.total:,} paper{'s' * (post.total != 1)}" if post.total else ""
    page = f"page {post.page} of {post.pages}" if post.pages > 1 else ""
    title = clean(post.title) or "Papers"
    return View(
        subject=crop(title, SUBJECT),
        preheader=_titles(post.entries),
        title=title,
        subtitle=" · ".join(filter(None, (count, page))),
        url=safe_url(post.url),
        numbered=True,
        papers=tuple(map(_short, post.entries)),
        notes=_notes(post.notes),
    )


def _notice(post: Notice) -> View:
    text = clean_block(post.text)
    first, _, rest = text.partition(". ")
    return View(
        subject=crop(clean(first.rstrip(".").replace("`", "")) or "Papers", 78),
        preheader=clean(rest, PREHEADER),
        paragraphs=(text,),
        notes=_notes(post.hints),
    )


def _panel(post: Panel) -> View:
    title = clean(post.title) or "Papers"
    return View(
        subject=crop(title.replace("`", ""), SUBJECT),
        title=title,
        rows=tuple(Row(clean(row.label, 60), clean_block(row.text, 2_000)) for row in post.rows),
        notes=_notes(post.notes),
        **_chart(post),
    )


def _chart(post: Digest | Panel) -> dict[str, Any]:
    if post.chart is None:
        return {}
    return {"chart": clean(post.chart.alt, 1_000), "picture": PICTURE if picture_of(post) else None}


def _file(post: File) -> View:
    name, text = clean(post.name, 100) or "file", clean(post.text)
    attached = f"{name} is attached."
    return View(
        subject=crop(text.replace("`", "") or name, SUBJECT),
        paragraphs=tuple(filter(None, (text, attached))),
    )


def _titles(entries: Sequence[Entry]) -> str:
    return crop(" · ".join(clean(one.paper.title, 80) for one in entries[:4]), PREHEADER)


def _notes(notes: Sequence[str]) -> tuple[str, ...]:
    return tuple(clean_block(note, 1_000) for note in notes if note)


def _short(entry: Entry) -> Shown:
    paper = entry.paper
    return Shown(
        number=entry.number,
        title=clean(paper.title, TITLE) or "(untitled)",
        url=_page(paper),
        facts=tuple(_facts(entry)),
        why=clean(entry.why),
        summary=clean(paper.summary, SUMMARY),
        picture=thumbnail(paper.thumbnail),
    )


def _full(entry: Entry) -> Shown:
    paper, short = entry.paper, _short(entry)
    names = [name for name in (clean(name, 60) for name in paper.authors[: 4 * NAMES]) if name]
    more = len(paper.authors) - NAMES
    dates = (("on Daily Papers", paper.featured), ("published", paper.published))
    links = (
        ("Paper", paper.url),
        ("arXiv", paper.arxiv_url),
        ("Code", paper.code_url),
        ("Project", paper.project_url),
    )
    return Shown(
        number=short.number,
        title=short.title,
        url=short.url,
        facts=short.facts,
        why=short.why,
        summary=clean(paper.ai_summary, SUMMARY),
        picture=short.picture,
        authors=", ".join(names[:NAMES]) + (f" and {more} more" if more > 0 else ""),
        dates=" · ".join(f"{label} {_day(day)}" for label, day in dates if day),
        abstract=clean_block(paper.abstract, ABSTRACT),
        keywords=tuple(filter(None, (clean(word, 60) for word in paper.keywords[:20]))),
        links=tuple(Fact(label, safe) for label, url in links if (safe := safe_url(url))),
    )


def _page(paper: Paper) -> str:
    return safe_url(paper.url) or "https://huggingface.co/papers"


def _facts(entry: Entry) -> Iterator[Fact]:
    paper = entry.paper
    if entry.late:
        yield Fact("added later")
    yield Fact(f"▲ {paper.upvotes:,}")
    if paper.comments:
        yield Fact(f"{paper.comments:,} comment{'s' * (paper.comments != 1)}", _page(paper))
    if code := safe_url(paper.code_url):
        stars = "" if paper.stars is None else f" ★ {_rough(paper.stars)}"
        yield Fact(f"code{stars}", code)
    if organization := clean(paper.organization or "", 60):
        yield Fact(organization)
    yield Fact(f"arXiv {clean(paper.id, 40)}", safe_url(paper.arxiv_url))


def _rough(number: int) -> str:
    return f"{number / 1000:.1f}k".replace(".0k", "k") if number >= 1000 else str(number)  # noqa: PLR2004


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
