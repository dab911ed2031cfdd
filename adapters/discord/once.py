"""Requests that Discord may have carried out although it answered with an error, and that must not be repeated.

The library repeats what met a server's error up to four times, and nothing in its interface switches that off. A
message has a nonce that makes it harmless; a post in a forum has none.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import SimpleNamespace

import aiohttp

_SERVERS_FAULT = 500

_asked: ContextVar[list[str] | None] = ContextVar("asked", default=None)
"""What has become of the requests of the block we are in, where that is not known; None outside of blocks."""


class Repeated(aiohttp.ClientError):
    """A request was to be made again, whose first end is not known."""


@contextmanager
def once() -> Iterator[None]:
    """Within it no request follows one that may have been carried out; it is a `Repeated` instead.

    Only for clients that were made with `traces`.
    """
    token = _asked.set([])
    try:
        yield
    finally:
        _asked.reset(token)


def traces() -> aiohttp.TraceConfig:
    """What a client needs so that `once` is heeded; for the library's `http_trace`."""
    trace: aiohttp.TraceConfig = aiohttp.TraceConfig()
    trace.on_request_start.append(_begins)
    trace.on_request_end.append(_ends)
    trace.on_request_exception.append(_breaks)
    return trace


async def _begins(
    session: aiohttp.ClientSession,
    context: SimpleNamespace,
    request: aiohttp.TraceRequestStartParams,
) -> None:
    del session, context, request
    if unknown := _asked.get():
        raise Repeated(unknown[0])


async def _ends(
    session: aiohttp.ClientSession, context: SimpleNamespace, request: aiohttp.TraceRequestEndParams
) -> None:
    del session, context
    asked, status = _asked.get(), request.response.status
    if asked is not None and status >= _SERVERS_FAULT:
        asked.append(f"Discord has trouble: HTTP {status}")


async def _breaks(
    session: aiohttp.ClientSession,
    context: SimpleNamespace,
    request: aiohttp.TraceRequestExceptionParams,
) -> None:
    del session, context
    asked = _asked.get()
    if asked is not None:
        asked.append(f"No answer came from Discord: {request.exception!r}")
