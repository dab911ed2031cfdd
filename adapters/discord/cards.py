"""One paper in Discord's markup: the entry of a list, and the card with everything we know."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from adapters.discord.controls import (
    Button,
    Row,
    nominate_button,
    save_button,
    show_button,
    similar_button,
    unsave_button,
    vote_button,
)
from adapters.discord.layout import Piece
from adapters.discord.limits import PICTURE_URL, ROW_BUTTONS
from adapters.discord.margin import MOST_REMARKS, marks, remarks
from adapters.discord.text import block, clean, line, link, safe_url
from bot.domain.papers import Paper
from bot.domain.people import Person
from bot.domain.posts import Entry, PaperCard

_NAME = 40
_NAMES = 12
_KEYWORDS = 12
_ADDRESS = 120
"""A longer address of code is left out of a list: there it counts as text."""
UNTITLED = "(untitled)"


@dataclass(frozen=True, slots=True)
class Detail:
    """How much of each paper is shown, in characters of our markup; 0 leaves a thing out."""

    title: int = 300
    summary: int = 400
    abstract: int = 2_800
    note: int = 300
    facts: bool = True
    """Everything known beside the votes."""
    pictures: bool = True


def entry_piece(entry: Entry, detail: Detail) -> Piece:
    """Number and title linked, one line of summary, facts in small print, the picture beside."""
    paper = entry.paper
    title = link(paper.title, safe_url(paper.url), detail.title, otherwise=UNTITLED)
    lines = [f"**{entry.number}. {title}**"]
    if summary := line(paper.summary, detail.summary):
        lines.append(summary)
    if entry.why and detail.facts:
        lines.append(f"-# ↳ {line(entry.why, 120)}")
    lines.append(f"-# {' · '.join(_facts(entry, detail))}")
    lines += remarks(entry, detail.note)
    return Piece("\n".join(lines), _picture(paper, detail))


def entry_text(entry: Entry, detail: Detail) -> str:
    """The same in bare lines, for when the decorated ones were refused."""
    title = line(entry.paper.title, detail.title) or UNTITLED
    votes = f"▲ {entry.paper.upvotes:,}"
    summary = line(entry.paper.summary, detail.summary)
    why = f"↳ {line(entry.why, 120)}" if entry.why and detail.facts else ""
    page = safe_url(entry.paper.url)
    notes = (note.removeprefix("-# ") for note in remarks(entry, detail.note))
    address = f"<{page}>" if page else ""
    lines = [f"{entry.number}) {title} · {votes}", summary, why, *notes, address]
    return "\n".join(part for part in lines if part)


def card_pieces(card: PaperCard, detail: Detail, page: str | None) -> Iterator[Piece]:
    """A paper alone in its message; `page` is where its title leads."""
    entry, paper = card.entry, card.entry.paper
    title = link(paper.title, page, detail.title, otherwise=UNTITLED)
    if not card.full:
        lines = [f"### {entry.number}. {title}", line(paper.summary, detail.summary)]
        if entry.why and detail.facts:
            lines.append(f"-# ↳ {line(entry.why, 120)}")
        lines.append(f"-# {' · '.join(_facts(entry, detail))}")
        yield Piece("\n".join(part for part in lines if part), _picture(paper, detail))
        return
    head = [f"## {title}", _authors(paper.authors), f"-# {' · '.join(_facts(entry, detail))}"]
    if dates := _dates(paper):
        head.append(f"-# {dates}")
    head += remarks(entry, detail.note, MOST_REMARKS)
    yield Piece("\n".join(part for part in head if part), _picture(paper, detail))
    if paper.ai_summary:
        yield Piece(f"**In short**\n{line(paper.ai_summary, detail.summary)}")
    if abstract := block(paper.abstract, detail.abstract):
        yield Piece(f"**Abstract**\n{abstract}")
    if paper.keywords and detail.facts:
        words = [line(word, _NAME) for word in paper.keywords[:_KEYWORDS]]
        yield Piece(f"-# {' · '.join(word for word in words if word) or '–'}")


def card_text(card: PaperCard, detail: Detail, page: str | None) -> Iterator[str]:
    """The same in bare lines."""
    entry, paper = card.entry, card.entry.paper
    yield f"{line(paper.title, detail.title) or UNTITLED} · ▲ {paper.upvotes:,}"
    if card.full and (authors := _authors(paper.authors)):
        yield authors
    yield line(paper.summary, detail.summary)
    if card.full:
        yield block(paper.abstract, min(detail.abstract, 800))
    for url in (page, safe_url(paper.code_url, _ADDRESS)):
        yield f"<{url}>" if url else ""
    if entry.late:
        yield "added later"


def card_rows(card: PaperCard) -> tuple[Row, ...]:
    """Save, look closer, and what it links to."""
    entry, paper = card.entry, card.entry.paper
    buttons = [save_button(entry.number)]
    if not card.full:
        buttons.append(show_button(paper.id))
    elif entry.saved_by:
        buttons.append(unsave_button(paper.id))
    buttons.append(similar_button(paper.id))
    if card.ballot:
        buttons.append(vote_button(paper.id))
    elif card.full:
        buttons.append(nominate_button(paper.id))
    there = len(buttons)
    links = (("arXiv", paper.arxiv_url), ("Code", paper.code_url), ("Project", paper.project_url))
    for label, address in links:
        url = safe_url(address)
        if url and url.startswith("https://"):
            buttons.append(Button(url, label))
    if len(buttons) > ROW_BUTTONS:
        return tuple(buttons[:there]), tuple(buttons[there:])
    return (tuple(buttons),)


def _facts(entry: Entry, detail: Detail) -> Iterator[str]:
    paper = entry.paper
    yield f"▲ {paper.upvotes:,}"
    if not detail.facts:
        return
    if paper.comments:
        yield f"💬 {paper.comments:,}"
    if paper.code_url:
        stars = "" if paper.stars is None else f" ★ {_short(paper.stars)}"
        yield link(f"code{stars}", safe_url(paper.code_url, _ADDRESS))
    if organization := line(paper.organization or "", _NAME):
        yield organization
    if entry.late:
        yield "added later"
    if entry.saved_by:
        yield f"🔖 {_savers(entry.saved_by)}"
    yield from marks(entry)


def _short(number: int) -> str:
    return f"{number / 1000:.1f}k".replace(".0k", "k") if number >= 1000 else str(number)  # noqa: PLR2004


def _savers(people: tuple[Person, ...]) -> str:
    first = line(people[0].name or people[0].id, _NAME)
    return f"saved by {first}" + (f" and {len(people) - 1} more" if len(people) > 1 else "")


def _authors(names: tuple[str, ...]) -> str:
    shown = ", ".join(line(name, _NAME) for name in names[:_NAMES] if clean(name))
    return shown + (f" and {len(names) - _NAMES} more" if len(names) > _NAMES else "")


def _dates(paper: Paper) -> str:
    dates = (("on Daily Papers", paper.featured), ("published", paper.published))
    return " · ".join(f"{label} {_day(day)}" for label, day in dates if day)


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _picture(paper: Paper, detail: Detail) -> str | None:
    url = safe_url(paper.thumbnail, PICTURE_URL) if detail.pictures else None
    return url if url and url.startswith("https://") else None
