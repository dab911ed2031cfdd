"""Posts too long for one message, cut in several. Nothing is lost between them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from adapters.slack.limits import BYTES, SECTION, TEXT, size, weight
from adapters.slack.text import prose
from bot.domain.posts import Digest, Notice, Panel, PaperList, Post, Row

PER_DIGEST = 10
"""Papers in one digest: as many as there are keycap emoji to point at them."""
PER_LIST = 20
"""Papers in one list; with more, titles would be cut to stumps."""
LABEL_AT_MOST = 200
"""Characters of the label of a panel's row."""
ROW_AT_MOST = 700
"""Characters of its text."""
NOTICE_AT_MOST = SECTION - 100
"""Characters of a notice, which is one section."""
_ROOM = TEXT - 800
"""Characters of a panel's rows; the rest is for title and notes."""
_BYTES = BYTES - 3_500
"""Bytes of a panel's rows or of a notice; likewise."""
_LONGEST = 20_000
"""Characters of a notice; nobody reads on after that."""

T = TypeVar("T")


def divide(post: Post, *, plain: bool = False) -> tuple[Post, ...]:
    """The post in parts, each of which renders whole, with blocks or without."""
    del plain  # what has no blocks is told in full in the text, which is the narrower of the two
    match post:
        case Digest() if len(post.entries) > PER_DIGEST:
            groups = _groups(post.entries, PER_DIGEST)
            parts = [replace(post, entries=group, notes=(), chart=None) for group in groups]
            parts[0] = replace(parts[0], chart=post.chart)
            return (*parts[:-1], replace(parts[-1], notes=post.notes))
        case PaperList() if len(post.entries) > PER_LIST:
            groups = _groups(post.entries, PER_LIST)
            lists = [replace(post, entries=g, notes=(), back=None, forth=None) for g in groups]
            last = replace(lists[-1], notes=post.notes, back=post.back, forth=post.forth)
            return (*lists[:-1], last)
        case Panel():
            return tuple(_panels(post))
        case Notice():
            return tuple(_notices(post))
        case _:
            return (post,)


def row_text(row: Row, *, decorated: bool = True) -> str:
    """A row of a panel in one line; "" when there is nothing in it."""
    label = prose(row.label.replace("\n", " "), LABEL_AT_MOST)
    text = prose(row.text, ROW_AT_MOST)
    if decorated and label:
        label = f"*{label}*"
    return f"{label} · {text}" if label and text else label or text


def _groups(items: Sequence[T], length: int) -> list[tuple[T, ...]]:
    return [tuple(items[at : at + length]) for at in range(0, len(items), length)]


def _panels(panel: Panel) -> Iterator[Panel]:
    groups: list[list[Row]] = [[]]
    room, left = _ROOM, _BYTES
    for row in panel.rows:
        shown = row_text(row)
        if groups[-1] and (size(shown) >= room or weight(shown) > left):
            groups.append([])
            room, left = _ROOM, _BYTES
        groups[-1].append(row)
        room -= size(shown) + 1
        left -= weight(shown)
    for number, group in enumerate(groups, start=1):
        notes = panel.notes if number == len(groups) else ()
        title = f"{panel.title} ({number}/{len(groups)})" if len(groups) > 1 else panel.title
        chart = panel.chart if number == 1 else None
        yield Panel(title=title, rows=tuple(group), notes=notes, chart=chart)


def _notices(notice: Notice) -> Iterator[Notice]:
    text = notice.text[:_LONGEST].strip()
    while not _fits(text):
        end = _cut(text)
        yield Notice(text=text[:end].rstrip(), tone=notice.tone)
        text = text[end:].lstrip()
    yield replace(notice, text=text)


def _fits(text: str) -> bool:
    if len(text) > NOTICE_AT_MOST:
        return False
    shown = prose(text, 10 * _LONGEST)
    return size(shown) <= NOTICE_AT_MOST and weight(shown) <= _BYTES


def _cut(text: str) -> int:
    """Where to cut: behind a paragraph, a line, a word, or else anywhere but in a mark."""
    end = NOTICE_AT_MOST
    while not _fits(text[:end]):
        end = end * 9 // 10
    for border in ("\n\n", "\n", " "):
        if (found := text.rfind(border, end // 2, end)) > 0:
            end = found + len(border)
            break
    opened = text.rfind("\x02", 0, end)
    return opened if opened > max(0, text.rfind("\x03", 0, end)) else max(1, end)
