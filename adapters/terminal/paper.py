"""One paper as paragraphs: the entry of a list, and the card with everything we know."""

from collections.abc import Iterator
from datetime import date

from rich.style import Style
from rich.text import Text

from adapters.terminal.clean import clean, clean_block, safe_url
from adapters.terminal.layout import BLANK, Block, flow
from adapters.terminal.margin import discussed, marks, remarks
from bot.domain.papers import Paper
from bot.domain.people import Person
from bot.domain.posts import Entry

_TITLE = 300
_SUMMARY = 600
_ABSTRACT = 5_000
_NAME = 60
_NAMES = 12
_DIM = Style(dim=True)


def entry_blocks(entry: Entry, column: int, width: int, *, styled: bool) -> Iterator[Block]:
    """Number, title, facts and one line of summary. `column` is the width of the widest number."""
    indent = column + 3
    number = f"{entry.number:>{column}}"
    lead = Text(f" {number}  ", "bold cyan") if styled else Text(f"{number}.")
    yield Block(_title(entry.paper, styled=styled), indent, lead)
    yield Block(flow(list(_facts(entry, styled=styled)), width - indent), indent)
    if not styled:
        yield Block(Text(_page(entry.paper)), indent, whole=True)
    if summary := clean(entry.paper.summary, _SUMMARY):
        yield Block(Text(summary), indent)
    if why := clean(entry.why):
        yield Block(Text(f"↳ {why}", "italic dim"), indent)
    for note in remarks(entry):
        yield Block(Text(note, "yellow"), indent)


def card_blocks(entry: Entry, width: int, *, styled: bool) -> Iterator[Block]:
    """Title, authors, facts, dates, summary, abstract, keywords and every link."""
    paper = entry.paper
    yield Block(_title(paper, styled=styled))
    if paper.authors:
        yield Block(Text(_authors(paper.authors)))
    yield Block(flow(list(_facts(entry, styled=styled)), width))
    if dates := " · ".join(filter(None, (_dates(paper), discussed(entry)))):
        yield Block(Text(dates, _DIM))
    for note in remarks(entry, None):
        yield Block(Text(note, "yellow"))
    if why := clean(entry.why):
        yield Block(Text(f"↳ {why}", "italic dim"))
    if paper.ai_summary:
        yield from _section("In short", clean(paper.ai_summary, _SUMMARY))
    if paper.abstract:
        yield from _section("Abstract", clean_block(paper.abstract, _ABSTRACT))
    if paper.keywords:
        words = [Text(clean(word, _NAME)) for word in paper.keywords[:20]]
        yield from _section("Keywords", flow(words, width - 2))
    yield BLANK
    yield from _links(paper, styled=styled)


def _title(paper: Paper, *, styled: bool) -> Text:
    title = clean(paper.title, _TITLE) or "(untitled)"
    return Text(title, Style(bold=True, link=safe_url(paper.url))) if styled else Text(title)


def _page(paper: Paper) -> str:
    return safe_url(paper.url) or clean(paper.id, _NAME)


def _facts(entry: Entry, *, styled: bool) -> Iterator[Text]:
    paper = entry.paper
    if entry.late:
        yield Text("added later", "yellow")
    yield Text(f"▲ {paper.upvotes:,}", "green")
    if paper.comments:
        yield Text.assemble("💬", (f" {paper.comments:,}", _DIM))
    if code := _code(paper, styled=styled):
        yield code
    if organization := clean(paper.organization or "", _NAME):
        yield Text(organization, _DIM)
    yield Text(
        clean(paper.id, _NAME), _DIM + Style(link=safe_url(paper.arxiv_url)) if styled else ""
    )
    if entry.saved_by:
        yield Text(f"🔖 {_savers(entry.saved_by)}", "magenta")
    yield from marks(entry)


def _code(paper: Paper, *, styled: bool) -> Text | None:
    url = safe_url(paper.code_url)
    if url is None:
        return None
    stars = "" if paper.stars is None else f" ★ {_short(paper.stars)}"
    return Text(f"code{stars}", Style.parse("blue") + Style(link=url) if styled else "")


def _short(number: int) -> str:
    return f"{number / 1000:.1f}k".replace(".0k", "k") if number >= 1000 else str(number)  # noqa: PLR2004


def _savers(people: tuple[Person, ...]) -> str:
    first = clean(people[0].name or people[0].id, _NAME)
    return f"saved by {first}" + (f" and {len(people) - 1} more" if len(people) > 1 else "")


def _authors(names: tuple[str, ...]) -> str:
    shown = ", ".join(clean(name, _NAME) for name in names[:_NAMES])
    return shown + (f" and {len(names) - _NAMES} more" if len(names) > _NAMES else "")


def _dates(paper: Paper) -> str:
    dates = (("on Daily Papers", paper.featured), ("published", paper.published))
    return " · ".join(f"{label} {_day(day)}" for label, day in dates if day)


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _section(heading: str, body: str | Text) -> Iterator[Block]:
    yield BLANK
    yield Block(Text(heading, "bold cyan"))
    yield Block(Text(body) if isinstance(body, str) else body, 2)


def _links(paper: Paper, *, styled: bool) -> Iterator[Block]:
    links = [
        ("Paper", paper.url),
        ("arXiv", paper.arxiv_url),
        ("Code", paper.code_url),
        ("Project", paper.project_url),
        *(("Media", url) for url in paper.media[:4]),
    ]
    for label, link in links:
        if url := safe_url(link):
            text = Text(url, Style(color="blue", link=url) if styled else "")
            yield Block(text, 9, Text(label, _DIM), whole=True)
