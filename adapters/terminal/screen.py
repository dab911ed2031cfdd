"""What the person sees: posts printed on a console, in colours or plain as it deserves."""

import asyncio
import os
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from pathlib import Path

from rich.console import Console
from rich.text import Text

from adapters.terminal.clean import clean_code
from adapters.terminal.files import hand_over
from adapters.terminal.layout import readable
from adapters.terminal.render import lines
from bot.domain.posts import File, Notice, Post

_BESIDE = 2
"""Cells that a thread's reply is indented."""


def show(post: Post, console: Console | None = None) -> None:
    """Print one post on standard output, in colours or plain as it deserves."""
    console = console or _OwnConsole(asyncio.Event())
    width = readable(console.width)
    _write(console, Text("\n").join(lines(post, width, styled=not is_plain(console))))


def is_plain(console: Console) -> bool:
    """Whether colours and links are unwelcome: on a pipe, on a dumb terminal, or by NO_COLOR."""
    return not console.is_terminal or console.is_dumb_terminal or console.no_color


class Screen:
    """Prints posts, and files into `downloads`. `gone` is set once nobody reads our output any more."""

    def __init__(self, console: Console | None, downloads: Path) -> None:
        self.gone = asyncio.Event()
        self.console = console or _OwnConsole(self.gone)
        self.above: Callable[[], AbstractAsyncContextManager[None]] = nullcontext
        """What must be entered to print above a running prompt."""
        self._downloads = downloads

    async def show(
        self, post: Post, *, header: str = "", reply: bool = False, plain: bool = False
    ) -> bool:
        """Print a post and an empty line after it; False when nobody can have seen it."""
        width = readable(self.console.width) - _BESIDE * reply
        styled = not (plain or is_plain(self.console))
        laid = lines(post, width, styled=styled)
        if isinstance(post, File):
            laid += [Text(), *self._hand_over(post, width, styled=styled)]
        if reply:
            laid = [Text("  " if n else "↳ ", "cyan") + line for n, line in enumerate(laid)]
        if header:
            laid.insert(0, Text(header, "dim"))
        return await self._print([*laid, Text()])

    async def say(self, text: Text | str) -> bool:
        """Print text of our own as it is."""
        return await self._print([Text(text) if isinstance(text, str) else text])

    def _hand_over(self, file: File, width: int, *, styled: bool) -> list[Text]:
        try:
            path = hand_over(self._downloads, file)
        except OSError as e:
            why = e.strerror or str(e)
            hint = "The terminal's `downloads` setting names another folder."
            notice = Notice(text=f"It could not be saved: {why}.", tone="error", hints=(hint,))
            return lines(notice, width, styled=styled)
        return [Text.assemble(("✓", "bold green"), f" Saved as {clean_code(str(path), 4_096)}")]

    async def _print(self, laid: list[Text]) -> bool:
        async with self.above():
            _write(self.console, Text("\n").join(laid))
        return not self.gone.is_set()


def _write(console: Console, text: Text) -> None:
    if is_plain(console):
        console.out(text.plain, highlight=False)
    else:
        console.print(text, soft_wrap=True, highlight=False)


class _OwnConsole(Console):
    """Standard output; when its reader goes away we fall silent instead of leaving the process."""

    def __init__(self, gone: asyncio.Event) -> None:
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")  # a terminal that lacks our characters
        super().__init__(file=sys.stdout, highlight=False)
        self._gone = gone

    def on_broken_pipe(self) -> None:
        self.quiet = True
        self._gone.set()
        with suppress(OSError, ValueError):  # what is still buffered must not fail at exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
