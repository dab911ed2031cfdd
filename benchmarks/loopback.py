"""A server on loopback, in a process of its own, that takes posts and answers as Slack does."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from multiprocessing import get_context
from multiprocessing.connection import Connection

from aiohttp import web

SPAWN = get_context("spawn")


def serve(say: Connection) -> None:
    """A process that takes posts and answers as Slack does."""
    ts = count(1)

    async def post(request: web.Request) -> web.Response:
        said = await request.json()
        message = {"type": "message", "user": "UBOT", "text": said["text"][:100]}
        return web.json_response(
            {"ok": True, "channel": said["channel"], "ts": f"1700000000.{next(ts):06}"}
            | {"message": message}
        )

    async def run() -> None:
        app = web.Application(client_max_size=2**24)
        app.router.add_post("/api/chat.postMessage", post)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        say.send(f"http://127.0.0.1:{runner.addresses[0][1]}/api")
        await asyncio.Event().wait()

    asyncio.run(run())


@contextmanager
def serving() -> Iterator[str]:
    """The URL of its API."""
    here, there = SPAWN.Pipe()
    process = SPAWN.Process(target=serve, args=(there,), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        process.kill()
        process.join()
