"""Posts as Discord messages. Pure: every outside text is escaped and every limit kept.

Messages are laid out with Components V2, not embeds. Side by side, a digest in an embed is a wall of text
with one picture at most, while a layout gives each paper its own picture, shows no link previews, and
keeps the menus inside the box they belong to. An embed has one merit: it survives publishing in an announcement
channel, where Discord drops components, so published messages are embeds with the same text.

What does not fit is shortened, every paper alike, until it does.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace

from adapters.discord.cards import (
    Detail,
    card_pieces,
    card_rows,
    card_text,
    entry_piece,
    entry_text,
)
from adapters.discord.controls import Row, menus, page_button
from adapters.discord.division import PER_DIGEST, ROW_AT_MOST, divide
from adapters.discord.files import Attachment, attach
from adapters.discord.layout import ROOM, Piece, Rendered, Shape
from adapters.discord.marks import marked
from adapters.discord.text import line, link, prose, safe_url
from bot.domain.papers import HOME
from bot.domain.posts import (
    Digest,
    File,
    Notice,
    Panel,
    PaperCard,
    PaperList,
    Post,
    Tone,
    picture_of,
)

YELLOW = 0xFFD21E
_COLOURS: dict[Tone, int | None] = {"warning": 0xF0B232, "error": 0xDA373C}
_NOTES = 6
_LISTS = f"{HOME}/papers"
LADDER = (
    Detail(),
    *(Detail(title=200, summary=n, abstract=n * 7) for n in (320, 260, 220, 190, 160, 130)),
    *(Detail(title=160, summary=n, abstract=n * 4, note=200) for n in (120, 100, 80)),
    Detail(title=120, summary=0, abstract=200, note=200),
    Detail(title=120, summary=0, abstract=0, note=120),
    Detail(title=80, summary=0, abstract=0, note=80, facts=False),
    Detail(title=40, summary=0, abstract=0, note=0, facts=False),
    Detail(title=24, summary=0, abstract=0, note=0, facts=False),
)
"""From everything to the barest, which fits the most papers that a message may have."""


def render(
    post: Post,
    *,
    plain: bool = False,
    controls: bool = True,
    command: str = "/paper",
    key: str | None = None,
    published: bool = False,
    ping: int | None = None,
) -> Rendered:
    """One message: the post, or the first part of one that `divide` would cut in several.

    `plain` is text without any decoration, `key` leaves its mark in digests and cards, what is
    `published` keeps its looks in the channels that follow, and `ping` is a role to mention.
    """
    shape: Shape = "text" if plain else "embed" if published else "layout"
    if isinstance(post, File):
        attached = attach(post)
        if not isinstance(attached, Notice):
            words = line(post.text, 500) or line(attached.name)
            return Rendered(shape="text", pieces=(Piece(words),), attachments=(attached,))
        post = attached
    post = divide(post, plain=plain)[0]
    rows = _rows(post, command) if controls and not plain else ()
    picture = None if plain else _picture(post)

    def attempt(detail: Detail) -> Rendered:
        pieces = tuple(_pieces(post, detail, shape, command, key))
        return Rendered(
            shape=shape,
            pieces=pieces,
            rows=rows,
            accent=_colour(post),
            picture=picture,
            ping=ping,
        )

    if (whole := attempt(LADDER[0])).fits:
        return whole
    step = bisect_left(LADDER, True, lo=1, hi=len(LADDER) - 1, key=lambda d: attempt(d).fits)
    return attempt(LADDER[step])


def _picture(post: Post) -> Attachment | None:
    file = picture_of(post)
    attached = attach(file) if file else None
    return attached if isinstance(attached, Attachment) else None


def _pieces(
    post: Post, detail: Detail, shape: Shape, command: str, key: str | None
) -> Iterator[Piece]:
    """The paragraphs of a message; none of them is empty."""
    parts = _plain(post, detail, key) if shape == "text" else _decorated(post, detail, shape, key)
    some = False
    for part in (*parts, *_notes(post, detail, shape, command)):
        if part.text.strip():
            yield part
            some = True
    if not some:
        yield Piece("…")  # Discord refuses an empty message


def _decorated(post: Post, detail: Detail, shape: Shape, key: str | None) -> Iterator[Piece]:
    match post:
        case Digest() | PaperList():
            yield Piece(_heading(post, detail, key, shape))
            pictures = len(post.entries) <= PER_DIGEST
            for entry in post.entries:
                yield entry_piece(entry, replace(detail, pictures=pictures))
        case PaperCard():
            yield from card_pieces(post, detail, _page(post, key))
        case Panel():
            yield Piece(f"## {line(post.title, 150)}")
            yield Piece("\n".join(_panel_rows(post, decorated=True)))
        case Notice():
            sign = "✅ " if post.tone == "done" else ""
            yield Piece(sign + prose(post.text, ROOM[shape] - 1_500))


def _plain(post: Post, detail: Detail, key: str | None) -> Iterator[Piece]:
    match post:
        case Digest() | PaperList():
            yield Piece(_heading(post, detail, key, "text"))
            for entry in post.entries:
                yield Piece(entry_text(entry, detail))
        case PaperCard():
            yield Piece(
                "\n".join(part for part in card_text(post, detail, _page(post, key)) if part)
            )
        case Panel():
            yield Piece(line(post.title, 150))
            yield Piece("\n".join(_panel_rows(post, decorated=False)))
        case Notice():
            yield Piece(prose(post.text, ROOM["text"] - 500))


def _heading(post: Digest | PaperList, detail: Detail, key: str | None, shape: Shape) -> str:
    url = safe_url(post.url) or (_LISTS if key else None)
    url = url and marked(url, key)
    beside = _beside(post)
    if shape == "text":
        lines = (line(post.title, 120) or "Papers", beside, f"<{url}>" if url else "")
        return "\n".join(part for part in lines if part)
    linked = link(post.title, url, min(250, 4 * detail.title), otherwise="Papers")
    return f"## {linked}" + (f"\n-# {beside}" if beside else "")


def _beside(post: Digest | PaperList) -> str:
    if isinstance(post, Digest):
        part = f"part {post.part} of {post.parts}" if post.parts > 1 else ""
        return " · ".join(words for words in (line(post.subtitle, 200), part) if words)
    count = f"{post.total:,} paper{'s' if post.total != 1 else ''}" if post.total else ""
    page = f"page {post.page:,} of {post.pages:,}" if post.pages > 1 else ""
    return " · ".join(words for words in (count, page) if words)


def _page(card: PaperCard, key: str | None) -> str | None:
    url = safe_url(card.entry.paper.url)
    return marked(url or _LISTS, key) if key else url


def _panel_rows(panel: Panel, *, decorated: bool) -> Iterator[str]:
    for row in panel.rows:
        label, text = line(row.label, 200), prose(row.text, ROW_AT_MOST)
        if decorated and label:
            label = f"**{label}**"
        yield f"{label} · {text}" if label and text else label or text
    if not panel.rows:
        yield "–"


def _notes(post: Post, detail: Detail, shape: Shape, command: str) -> Iterator[Piece]:
    """Closing lines in small print, in one piece."""
    notes: Sequence[str] = post.hints if isinstance(post, Notice) else ()
    if isinstance(post, Digest | PaperCard | PaperList | Panel):
        notes = post.notes
    lines = [prose(note.replace("\n", " "), detail.note) for note in notes[:_NOTES]]
    if isinstance(post, PaperList):
        lines += _turns(post, command, shape)
    small = "" if shape == "text" else "-# "
    if some := [f"{small}{words}" for words in lines if words]:
        yield Piece("\n".join(some))


def _turns(post: PaperList, command: str, shape: Shape) -> Iterator[str]:
    """The commands of the pages beside this one, where no button can carry them."""
    for label, text in (("Back", post.back), ("Next", post.forth)):
        if text and (shape == "text" or page_button(text, label, command) is None):
            yield f"{label}: {prose(f'`{text}`', 250)}"


def _rows(post: Post, command: str) -> tuple[Row, ...]:
    match post:
        case PaperCard():
            return card_rows(post)
        case Digest():
            return menus(post.entries)
        case PaperList():
            turns = (("◀ Back", post.back), ("Next ▶", post.forth))
            buttons = [page_button(text, label, command) for label, text in turns if text]
            row = tuple(button for button in buttons if button)
            return (*menus(post.entries, similar=True), *((row,) if row else ()))
        case _:
            return ()


def _colour(post: Post) -> int | None:
    return _COLOURS.get(post.tone) if isinstance(post, Notice) else YELLOW
