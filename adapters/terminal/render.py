"""Posts as lines of a terminal: pure, and safe whatever stands in the papers."""

from collections.abc import Iterator, Sequence

from rich.style import Style
from rich.text import Text

from adapters.terminal.bars import chart_blocks
from adapters.terminal.clean import clean, clean_block, clean_code, safe_url
from adapters.terminal.layout import BLANK, Block, lay, prose, readable
from adapters.terminal.paper import card_blocks, entry_blocks
from bot.domain.posts import (
    Digest,
    Entry,
    File,
    Notice,
    Panel,
    PaperCard,
    PaperList,
    Post,
    Tone,
)

_TONES: dict[Tone, tuple[str, str]] = {
    "info": ("•", "bold cyan"),
    "done": ("✓", "bold green"),
    "warning": ("!", "bold yellow"),
    "error": ("✗", "bold red"),
}
_PREVIEW = 8
"""Lines of a file that are shown."""


def render(post: Post, width: int) -> Text:
    """The post in colours and with links, in lines of at most `width` cells (but for bare URLs)."""
    return Text("\n").join(lines(post, width, styled=True))


def plain(post: Post, width: int = 100) -> str:
    """The post without any escape sequence; each paper's URL stands on a line of its own."""
    return "\n".join(line.plain for line in lines(post, width, styled=False))


def lines(post: Post, width: int, *, styled: bool) -> list[Text]:
    """The post line by line."""
    width = readable(width)
    return lay(_blocks(post, width, styled=styled), width)


def _blocks(post: Post, width: int, *, styled: bool) -> Iterator[Block]:
    match post:
        case Digest():
            yield from _digest(post, width, styled=styled)
        case PaperCard():
            yield from _card(post, width, styled=styled)
        case PaperList():
            yield from _list(post, width, styled=styled)
        case Notice():
            yield from _notice(post, styled=styled)
        case Panel():
            yield from _panel(post, width, styled=styled)
        case File():
            yield from _file(post, styled=styled)


def _digest(post: Digest, width: int, *, styled: bool) -> Iterator[Block]:
    part = f"part {post.part} of {post.parts}" if post.parts > 1 else ""
    subtitle = " · ".join(filter(None, (clean(post.subtitle), part)))
    yield from _heading(post.title, subtitle, post.url, width, styled=styled)
    if post.chart:
        yield from chart_blocks(post.chart, width, styled=styled)
    yield from _entries(post.entries, width, styled=styled)
    yield from _notes(post.notes, styled=styled)


def _card(post: PaperCard, width: int, *, styled: bool) -> Iterator[Block]:
    if post.full:
        yield from card_blocks(post.entry, width, styled=styled)
    else:
        yield from _entries((post.entry,), width, styled=styled, first=True)
    yield from _notes(post.notes, styled=styled)


def _list(post: PaperList, width: int, *, styled: bool) -> Iterator[Block]:
    count = f"{post.total:,} paper{'s' * (post.total != 1)}" if post.total else ""
    page = f"page {post.page} of {post.pages}" if post.pages > 1 else ""
    subtitle = " · ".join(filter(None, (count, page)))
    yield from _heading(post.title, subtitle, post.url, width, styled=styled)
    yield from _entries(post.entries, width, styled=styled)
    ways = [
        f"{label} page: `{_command(way)}`"
        for label, way in (("Next", post.forth), ("Previous", post.back))
        if way
    ]
    yield from _notes((*post.notes, *ways), styled=styled)


def _command(text: str) -> str:
    return text if text.startswith("/") else f"/paper {text}"


def _notice(post: Notice, *, styled: bool) -> Iterator[Block]:
    sign, style = _TONES[post.tone]
    lead = Text(sign, style if styled else "")
    yield Block(prose(clean_block(post.text), styled=styled), 2, lead)
    for hint in post.hints:
        yield Block(prose(clean_block(hint, 1_000), "dim", styled=styled), 2)


def _panel(post: Panel, width: int, *, styled: bool) -> Iterator[Block]:
    yield from _heading(post.title, "", None, width, styled=styled)
    if post.rows:
        yield BLANK
    rows = [(clean(row.label, 60), clean_block(row.text, 2_000)) for row in post.rows]
    widest = max((Text(label).cell_len for label, _ in rows), default=0)
    beside = widest + 2 <= width * 2 // 5
    for label, text in rows:
        lead = Text(label, "bold" if styled else "")
        body = prose(text, styled=styled)
        if beside:
            yield Block(body, widest + 2, lead)
        else:
            yield Block(lead)
            yield Block(body, 2)
    if post.chart:
        yield from chart_blocks(post.chart, width, styled=styled)
    yield from _notes(post.notes, styled=styled)


def _file(post: File, *, styled: bool) -> Iterator[Block]:
    name = Text(clean(post.name, 100), "bold" if styled else "")
    facts = f"  {_size(len(post.content))}"
    yield Block(name + Text(facts, "dim"), 3, Text("📎"))
    if post.text:
        yield Block(prose(clean(post.text), styled=styled), 3)
    text = post.content[:20_000].decode("utf-8", "replace")
    preview = [clean_code(line) for line in text.splitlines()]
    for line in preview[:_PREVIEW]:
        yield Block(Text(line, "dim"), 5, Text("   │", "dim"))
    if len(preview) > _PREVIEW:
        yield Block(Text("…", "dim"), 5, Text("   │", "dim"))


def _size(octets: int) -> str:
    if octets >= 1000:  # noqa: PLR2004
        return f"{octets / 1000:,.1f} kB"
    return f"{octets} byte{'s' * (octets != 1)}"


def _heading(
    title: str, subtitle: str, url: str | None, width: int, *, styled: bool
) -> Iterator[Block]:
    link = safe_url(url)
    yield Block(Text(clean(title), Style(color="cyan", bold=True, link=link) if styled else ""))
    if subtitle:
        yield Block(Text(subtitle, "dim"))
    if styled:
        yield Block(Text("─" * width, "dim"))
    elif link:
        yield Block(Text(link), whole=True)


def _entries(
    entries: Sequence[Entry], width: int, *, styled: bool, first: bool = False
) -> Iterator[Block]:
    column = max((len(str(entry.number)) for entry in entries), default=1)
    for entry in entries:
        if not first:
            yield BLANK
        yield from entry_blocks(entry, column, width, styled=styled)
        first = False


def _notes(notes: Sequence[str], *, styled: bool) -> Iterator[Block]:
    if notes:
        yield BLANK
    for note in notes:
        yield Block(prose(clean_block(note, 1_000), "dim", styled=styled))
