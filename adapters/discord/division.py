"""Posts too long for one message, cut in several. Nothing is lost between them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from adapters.discord.limits import CONTENT, TEXT, size
from adapters.discord.text import clean_block
from bot.domain.posts import Digest, Notice, Panel, PaperList, Post, Row

PER_DIGEST = 10
"""Papers in one digest: as many as there are keycap emoji to point at them."""
PER_LIST = 20
"""Papers in one list; with more, titles would be cut to stumps."""
ROW_AT_MOST = 700
"""Characters of one row of a panel."""

T = TypeVar("T")


def divide(post: Post, *, plain: bool = False) -> tuple[Post, ...]:
    """The post in parts, each of which renders whole."""
    match post:
        case Digest() if len(post.entries) > PER_DIGEST:
            groups = _groups(post.entries, PER_DIGEST)
            parts = [replace(post, entries=group, notes=(), chart=None) for group in groups]
            parts[0] = replace(parts[0], chart=post.chart)
            return (*parts[:-1], replace(parts[-1], notes=post.notes))
        case PaperList() if len(post.entries) > (most := PER_DIGEST if plain else PER_LIST):
            groups = _groups(post.entries, most)
            lists = [replace(post, entries=g, notes=(), back=None, forth=None) for g in groups]
            return (
                *lists[:-1],
                replace(lists[-1], notes=post.notes, back=post.back, forth=post.forth),
            )
        case Panel():
            return tuple(_panels(post, plain=plain))
        case Notice():
            return tuple(_notices(post, plain=plain))
        case _:
            return (post,)


def _groups(items: Sequence[T], length: int) -> list[tuple[T, ...]]:
    return [tuple(items[at : at + length]) for at in range(0, len(items), length)]


def _room(*, plain: bool) -> int:
    """Half of what a message holds, since escaping may double a text; the rest is for what stands around."""
    return (CONTENT if plain else TEXT) // 2 - 400


def _panels(panel: Panel, *, plain: bool) -> Iterator[Panel]:
    groups: list[list[Row]] = [[]]
    left = _room(plain=plain)
    for row in panel.rows:
        length = min(size(row.label) + size(row.text) + 10, ROW_AT_MOST)
        if groups[-1] and length > left:
            groups.append([])
            left = _room(plain=plain)
        groups[-1].append(row)
        left -= length
    for number, group in enumerate(groups, start=1):
        notes = panel.notes if number == len(groups) else ()
        title = f"{panel.title} ({number}/{len(groups)})" if len(groups) > 1 else panel.title
        chart = panel.chart if number == 1 else None
        yield Panel(title=title, rows=tuple(group), notes=notes, chart=chart)


def _notices(notice: Notice, *, plain: bool) -> Iterator[Notice]:
    text, room = clean_block(notice.text, 20_000), _room(plain=plain)
    if size(text) <= room:
        yield notice  # with the marks in it
        return
    while size(text) > room:
        end = _cut(text, room)
        yield Notice(text=text[:end].rstrip(), tone=notice.tone)
        text = text[end:].lstrip()
    yield replace(notice, text=text)


def _cut(text: str, room: int) -> int:
    """Where to cut: behind a paragraph, a line, a word, or else anywhere."""
    end = room
    while size(text[:end]) > room:
        end -= 1
    for border in ("\n\n", "\n", " "):
        if (found := text.rfind(border, end // 2, end)) > 0:
            return found + len(border)
    return end
