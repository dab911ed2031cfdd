"""Lines from an input that is no terminal: a pipe, a file, or text in memory."""

import asyncio
import codecs
import os
from collections.abc import AsyncGenerator
from contextlib import suppress
from threading import Thread
from typing import TextIO


async def lines_of(stream: TextIO) -> AsyncGenerator[str, None]:
    """The stream's lines as they come, without their ends; the event loop is never blocked."""
    try:
        descriptor = os.dup(stream.fileno())
    except (OSError, ValueError):  # text in memory has no descriptor
        for line in stream:
            yield line.rstrip("\r\n")
            await asyncio.sleep(0)
        return
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    # A daemon thread of our own: one of the executor's would keep the process from ending, and one
    # inside `stream.readline` would hold a lock that the interpreter wants when it ends.
    Thread(target=_pump, args=(descriptor, loop, lines), daemon=True).start()
    while (received := await lines.get()) is not None:
        yield received


def _pump(
    descriptor: int, loop: asyncio.AbstractEventLoop, lines: "asyncio.Queue[str | None]"
) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    rest = ""
    with suppress(OSError, RuntimeError):  # RuntimeError: the loop has been closed meanwhile
        while chunk := os.read(descriptor, 65_536):
            *whole, rest = (rest + decoder.decode(chunk)).split("\n")
            for line in whole:
                loop.call_soon_threadsafe(lines.put_nowait, line.rstrip("\r"))
        if rest:
            loop.call_soon_threadsafe(lines.put_nowait, rest)
    os.close(descriptor)
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(lines.put_nowait, None)
