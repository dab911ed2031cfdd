"""Posts as Slack messages. Pure: every outside text is escaped and every limit kept.

A message says everything twice: in blocks, which are looked at, and in its text, which is what notifications
show and all that screen readers read. What does not fit is shortened, every paper alike, until it does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.slack.cards import card_blocks, card_text, entry_blocks, entry_text, joined
from adapters.slack.controls import PREFIX, page_buttons, page_value
from adapters.slack.detail import Detail, shortened
from adapters.slack.division import NOTICE_AT_MOST, PER_DIGEST, divide, row_text
from adapters.slack.layout import Block, actions, context, divider, header, section
from adapters.slack.limits import BLOCKS, BYTES, HEADER, SECTION, TEXT, size, weight
from adapters.slack.text import clean, line, link, prose, safe_url
from bot.domain.posts import Digest, File, Notice, Panel, PaperCard, PaperList, Post, Tone

__all__ = ["PER_DIGEST", "Rendered", "blocks_of", "divide", "render"]

_SIGNS: dict[Tone, str] = {"done": "✅ ", "warning": "⚠️ ", "error": "⚠️ "}
_NOTES = 6
_TURN = 250
"""Characters of a command that is written out to turn a page."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """One message. The same value can be sent as often as need be."""

    text: str
    blocks: tuple[Block, ...] = ()

    def arguments(self) -> dict[str, Any]:
        """What chat.postMessage and its like take. Names in it call nobody, and no link is previewed."""
        shown: dict[str, Any] = {"text": self.text, "unfurl_links": False, "unfurl_media": False}
        return shown | ({"blocks": list(self.blocks)} if self.blocks else {})

    @property
    def size(self) -> int:
        """Bytes of the blocks as JSON."""
        return weight(self.blocks)


def render(post: Post, *, plain: bool = False, controls: bool = True) -> Rendered:
    """One message: the post, or the first part of one that `divide` would cut in several.

    `plain` is text without any block. A file is its line of text; it is uploaded beside.
    """
    post = divide(post, plain=plain)[0]
    text = shortened(lambda d: _text(post, d), lambda text: size(text) <= TEXT)
    if plain or isinstance(post, File):
        return Rendered(text)
    return Rendered(text, blocks_of(post, controls=controls))


def blocks_of(
    post: Post,
    *,
    controls: bool = True,
    most: int = BLOCKS,
    prefix: str = PREFIX,
    room: int = BYTES,
) -> tuple[Block, ...]:
    """The blocks alone of what `render` would show, at most so many with at most `room` bytes.

    A list takes a block for each paper at the least, however few were asked for. In a view that holds several posts each has a `prefix` of its own, which makes ids of controls unique.
    """
    first = divide(post)[0]
    return shortened(
        lambda d: tuple(_blocks(first, d, controls, prefix)),
        lambda blocks: len(blocks) <= most and weight(blocks) <= room,
    )


def _blocks(post: Post, detail: Detail, controls: bool, prefix: str) -> Iterator[Block]:
    match post:
        case Digest() | PaperList():
            yield from _list(post, detail, controls, prefix)
        case PaperCard():
            yield from card_blocks(post, detail, controls=controls, prefix=prefix)
        case Panel():
            yield header(_title(post))
            yield from (section(text, whole=True) for text in _sections(post))
        case Notice():
            yield section(_notice(post), whole=True)
        case File():
            yield section(_file(post))
    if notes := "\n".join(_notes(post, detail, buttons=controls)):
        yield from [divider()] if isinstance(post, Digest) else []
        yield context(notes)


def _list(post: Digest | PaperList, detail: Detail, controls: bool, prefix: str) -> Iterator[Block]:
    yield header(_title(post))
    if beside := " · ".join(_beside(post)):
        yield context(beside)
    for entry in post.entries:
        yield from entry_blocks(entry, detail, controls=controls, prefix=prefix)
    if controls and isinstance(post, PaperList):
        turns = page_buttons(post, prefix, detail.turn)
        yield from [actions(turns)] if turns else []


def _text(post: Post, detail: Detail) -> str:
    """Papers stand apart from each other, other lines do not."""
    gap = "\n\n" if isinstance(post, Digest | PaperList) else "\n"
    parts = (*_lines(post, detail), "\n".join(_notes(post, detail, buttons=False)))
    return gap.join(filter(None, parts)) or "…"  # Slack refuses an empty message


def _lines(post: Post, detail: Detail) -> Iterator[str]:
    match post:
        case Digest() | PaperList():
            yield joined(line(_title(post), HEADER), " · ".join(_beside(post)))
            yield from (entry_text(entry, detail) for entry in post.entries)
        case PaperCard():
            yield from card_text(post, detail)
        case Panel():
            yield line(_title(post), HEADER)
            yield from (row_text(row, decorated=False) for row in post.rows)
        case Notice():
            yield _notice(post)
        case File():
            yield _file(post)


def _title(post: Digest | PaperList | Panel) -> str:
    return clean(post.title, HEADER) or "Papers"


def _beside(post: Digest | PaperList) -> Iterator[str]:
    if isinstance(post, Digest):
        if subtitle := prose(post.subtitle, 200):
            yield subtitle
        if post.parts > 1:
            yield f"part {post.part} of {post.parts}"
    else:
        if post.total:
            yield f"{post.total:,} paper{'s' if post.total != 1 else ''}"
        if post.pages > 1:
            yield f"page {post.page:,} of {post.pages:,}"
    if url := safe_url(post.url):
        yield link("Open on Hugging Face", url)


def _notice(post: Notice) -> str:
    return f"{_SIGNS.get(post.tone, '')}{prose(post.text, NOTICE_AT_MOST) or '…'}"


def _file(post: File) -> str:
    return line(post.text, 500) or line(post.name) or "A file"


def _sections(panel: Panel) -> Iterator[str]:
    """The rows, as many in a section as it takes."""
    shown = ""
    for text in filter(None, map(row_text, panel.rows)):
        if size(shown) + size(text) >= SECTION:
            yield shown
            shown = ""
        shown += f"\n{text}" if shown else text
    yield shown or "–"


def _notes(post: Post, detail: Detail, *, buttons: bool) -> Iterator[str]:
    """Closing lines, with the commands of the pages beside this one where no button carries them."""
    notes: Sequence[str] = post.hints if isinstance(post, Notice) else ()
    if isinstance(post, Digest | PaperCard | PaperList | Panel):
        notes = post.notes
    for note in notes[:_NOTES]:
        if words := prose(note.replace("\n", " "), detail.note):
            yield words
    if isinstance(post, PaperList):
        turns = (("Back", post.page - 1, post.back), ("Next", post.page + 1, post.forth))
        for label, page, command in turns:
            if command and not (buttons and page_value(command, detail.turn)):
                short = size(command) <= _TURN
                written = f"`{command}`" if short else f"the same with `page:{page}`"
                yield f"{label}: {prose(written, 2 * _TURN)}"
