"""Lines of a given width out of styled pieces of text. Nothing here knows what a paper is."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import StringIO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

NARROWEST = 24
WIDEST = 100
"""Lines longer than this are hard to read."""

_CODE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph behind a hanging indent; `lead` stands in the indent of its first line."""

    text: Text
    indent: int = 0
    lead: Text | None = None
    whole: bool = False
    """Never broken, however narrow the window is: a URL that people copy."""


BLANK = Block(Text())


def readable(width: int) -> int:
    """The width to set text in, in a window of this width."""
    return max(NARROWEST, min(width, WIDEST))


def lay(blocks: Iterable[Block], width: int) -> list[Text]:
    """The blocks as lines of at most `width` cells, without spaces at their ends."""
    console = Console(file=StringIO(), width=width)
    lines: list[Text] = []
    for block in blocks:
        room = max(8, width - block.indent)
        wrapped = (
            [block.text.copy()]
            if block.whole
            else block.text.wrap(console, room, overflow="fold") or [Text()]
        )
        for position, line in enumerate(wrapped):
            lead = block.lead if position == 0 and block.lead else Text()
            pad = " " * max(0, block.indent - lead.cell_len)
            laid = Text.assemble(lead, pad, line)
            laid.rstrip()
            lines.append(laid)
    return lines


def flow(items: Sequence[Text], width: int, separator: str = " · ") -> Text:
    """The items in a row, broken between items where they fit in no line of `width`."""
    rows: list[Text] = []
    for item in items:
        room = width - (rows[-1].cell_len + cell_len(separator) if rows else width)
        if rows and item.cell_len <= room:
            rows[-1].append(separator, "dim")
            rows[-1].append_text(item)
        else:
            rows.append(Text().append_text(item))  # its style must not become the row's
    return Text("\n").join(rows)


def prose(text: str, style: str = "", *, styled: bool = True) -> Text:
    """Text in which `what stands between backticks` is shown as something to type."""
    if not styled:
        return Text(text)
    prose = Text(style=style)
    end = 0
    for match in _CODE.finditer(text):
        prose.append(text[end : match.start()])
        prose.append(match[1], "not dim cyan")
        end = match.end()
    return prose.append(text[end:])
