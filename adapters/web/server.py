"""Pages on aiohttp: a request becomes a Visit, whoever has the page answers it."""

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aiohttp import web
from multidict import CIMultiDict

from bot.domain.errors import ConfigError
from bot.domain.web import Handler, Page, Visit

log = logging.getLogger(__name__)

LARGEST = 1024 * 1024
"""Bytes of a request's body; what Slack sends is far smaller."""


@asynccontextmanager
async def serve(listen: str, pages: Mapping[tuple[str, str], Handler]) -> AsyncIterator[str]:
    """Serve these pages on `host:port` until the end; the address it really has is handed out.

    Raises ConfigError when the address cannot be had.
    """
    host, port = address(listen)
    app = web.Application(client_max_size=LARGEST)
    app.router.add_route("*", "/{path:.*}", _Pages(pages).answer)
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=3)
    await runner.setup()
    try:
        try:
            site = web.TCPSite(runner, host, port)
            await site.start()
        except OSError as e:
            reason = e.strerror or str(e)
            raise ConfigError(f"web.listen: {listen} cannot be listened on: {reason}.") from e
        taken = runner.addresses[0]
        url = f"http://{f'[{host}]' if ':' in host else host}:{taken[1]}"
        log.info("web.listening url=%s pages=%d", url, len(pages))
        yield url
    finally:
        await runner.cleanup()


def address(listen: str) -> tuple[str, int]:
    """Host and port of `127.0.0.1:8080`, `[::1]:8080` or `:8080`, which is every address."""
    host, colon, port = listen.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65_535:  # noqa: PLR2004 -- ports have 16 bits
        raise ConfigError(f"web.listen must look like `127.0.0.1:8080`, not `{listen}`.")
    return host.strip("[]") or "0.0.0.0", int(port)  # noqa: S104 -- what `:8080` asks for


class _Pages:
    def __init__(self, pages: Mapping[tuple[str, str], Handler]) -> None:
        self._pages = pages
        self._paths = {path for _, path in pages}

    async def answer(self, request: web.Request) -> web.StreamResponse:
        method = "GET" if request.method == "HEAD" else request.method
        handler = self._pages.get((method, request.path))
        if handler is None:
            status = 405 if request.path in self._paths else 404
            return web.Response(status=status, text="There is nothing here.\n")
        visit = Visit(
            method=method,
            path=request.path,
            query=request.rel_url.raw_query_string,
            headers={name.lower(): value for name, value in request.headers.items()},
            body=await request.read(),
        )
        try:
            page = await handler(visit)
        except Exception:
            log.exception("web.error path=%s", request.path)
            page = Page(status=500, body=b"Something went wrong here. It has been logged.\n")
        return web.Response(status=page.status, body=page.body, headers=CIMultiDict(page.headers))
