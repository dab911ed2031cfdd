"""One paper in Slack's markup: the entry of a list, and the card with everything we know."""

from collections.abc import Iterator
from datetime import date

from adapters.slack.controls import PREFIX, more, paper_buttons
from adapters.slack.detail import Detail
from adapters.slack.layout import Block, actions, context, image, section
from adapters.slack.limits import URL
from adapters.slack.margin import MOST_REMARKS, marks, remarks
from adapters.slack.text import block, clean, line, link, safe_url
from bot.domain.papers import Paper
from bot.domain.people import Person
from bot.domain.posts import Entry, PaperCard

_NAME = 40
_NAMES = 12
_KEYWORDS = 12
_WHY = 120
_ADDRESS = 160
"""A longer address of code is left out of small print: it would cost other papers their summaries."""
_FILMS = (".mp4", ".mov", ".qt", ".webm")
UNTITLED = "(untitled)"


def entry_blocks(
    entry: Entry, detail: Detail, *, controls: bool = True, prefix: str = PREFIX
) -> Iterator[Block]:
    """Number and linked title, one line of summary, a menu beside; facts in small print."""
    paper = entry.paper
    title = link(paper.title, safe_url(paper.url), detail.title, otherwise=UNTITLED)
    facts = " · ".join(_facts(entry, detail))
    beside = line(paper.summary, detail.summary) if detail.apart else facts
    menu = more(entry, prefix, terse=not detail.apart)
    lines = (f"*{entry.number}. {title}*", beside)
    yield section(joined(*lines), menu if controls else None)
    if detail.apart:
        why = line(entry.why, _WHY) if detail.facts else ""
        yield context(joined(facts, why and f"↳ {why}", *remarks(entry, detail.note)))


def entry_text(entry: Entry, detail: Detail) -> str:
    """The same in bare lines, for screen readers and where blocks were refused."""
    paper = entry.paper
    title = link(paper.title, safe_url(paper.url), detail.title, otherwise=UNTITLED)
    head = f"{entry.number}. {title} · ▲ {paper.upvotes:,}"
    why = line(entry.why, _WHY) if detail.facts else ""
    notes = remarks(entry, detail.note)
    return joined(head, line(paper.summary, detail.summary), why and f"↳ {why}", *notes)


def card_blocks(
    card: PaperCard, detail: Detail, *, controls: bool = True, prefix: str = PREFIX
) -> Iterator[Block]:
    """A paper alone in its message, its picture beside the title."""
    entry, paper = card.entry, card.entry.paper
    title = link(paper.title, safe_url(paper.url), detail.title, otherwise=UNTITLED)
    number = "" if card.full else f"{entry.number}. "
    beside = _authors(paper.authors) if card.full else line(paper.summary, detail.summary)
    yield section(joined(f"*{number}{title}*", beside), _picture(paper))
    dates = _dates(paper) if card.full and detail.facts else ()
    why = line(entry.why, _WHY) if detail.facts else ""
    facts = " · ".join(_facts(entry, detail))
    yield context(joined(facts, " · ".join(dates), why and f"↳ {why}"))
    if card.full:
        if notes := joined(*remarks(entry, detail.note, MOST_REMARKS)):
            yield context(notes)
        yield from _body(paper, detail)
    if controls:
        yield actions(paper_buttons(entry, prefix, full=card.full, ballot=card.ballot))


def card_text(card: PaperCard, detail: Detail) -> Iterator[str]:
    """The same in bare lines."""
    entry, paper = card.entry, card.entry.paper
    title = link(paper.title, safe_url(paper.url), detail.title, otherwise=UNTITLED)
    yield f"{title} · ▲ {paper.upvotes:,}"
    if card.full:
        yield _authors(paper.authors)
    yield line(paper.summary, detail.summary)
    yield from remarks(entry, detail.note)
    if card.full:
        yield block(paper.abstract, detail.abstract)
        yield link("Code", safe_url(paper.code_url, _ADDRESS)) if paper.code_url else ""
    if entry.late:
        yield "added later"


def _body(paper: Paper, detail: Detail) -> Iterator[Block]:
    if short := line(paper.ai_summary, detail.summary):
        yield section(f"*In short*\n{short}", whole=True)
    if abstract := block(paper.abstract, detail.abstract):
        yield section(f"*Abstract*\n{abstract}", whole=True)
    words = [line(word, _NAME) for word in paper.keywords[:_KEYWORDS]] if detail.facts else []
    if keywords := " · ".join(word for word in words if word):
        yield context(keywords)


def _facts(entry: Entry, detail: Detail) -> Iterator[str]:
    paper = entry.paper
    yield f"▲ {paper.upvotes:,}"
    if not detail.facts:
        return
    if paper.comments:
        yield f"💬 {paper.comments:,}"
    if code := safe_url(paper.code_url, _ADDRESS):
        stars = "" if paper.stars is None else f" ★ {_short(paper.stars)}"
        yield link(f"code{stars}", code)
    if organization := line(paper.organization or "", _NAME):
        yield organization
    if entry.late:
        yield "added later"
    if entry.saved_by:
        yield f"🔖 {_savers(entry.saved_by)}"
    yield from marks(entry)


def joined(*lines: str) -> str:
    """Lines one below the other, without the empty ones."""
    return "\n".join(filter(None, lines))


def _short(number: int) -> str:
    return f"{number / 1000:.1f}k".replace(".0k", "k") if number >= 1000 else str(number)  # noqa: PLR2004


def _savers(people: tuple[Person, ...]) -> str:
    """In words: to mention somebody by id would call them."""
    first = line(people[0].name, _NAME)
    if not first:
        return f"saved by {len(people)}"
    return f"saved by {first}" + (f" and {len(people) - 1} more" if len(people) > 1 else "")


def _authors(names: tuple[str, ...]) -> str:
    shown = ", ".join(line(name, _NAME) for name in names[:_NAMES] if clean(name))
    return shown + (f" and {len(names) - _NAMES} more" if len(names) > _NAMES else "")


def _dates(paper: Paper) -> Iterator[str]:
    for label, day in (("on Daily Papers", paper.featured), ("published", paper.published)):
        if day:
            yield f"{label} {_day(day)}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _picture(paper: Paper) -> Block | None:
    """Only of addresses that look like a picture: Slack refuses the message when it finds none there."""
    url = safe_url(paper.thumbnail, URL)
    if not url or not url.startswith("https://") or url.lower().split("?")[0].endswith(_FILMS):
        return None
    return image(url, "Thumbnail of the paper")
