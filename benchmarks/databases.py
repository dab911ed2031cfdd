"""The same measurement on SQLite and, where it is wanted, on a PostgreSQL of its own."""

import argparse
import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from benchmarks.machine import machine
from tests.support.postgres import Server

Measure = Callable[..., Awaitable[None]]
"""Takes a database's URL, a folder, and numbers."""


def main(measure: Measure, about: str | None, *, times: int) -> None:
    """Read what is wanted from the command line, and print the figures."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--acts", type=int, default=100_000)
    parser.add_argument("--papers", type=int, default=45_000)
    parser.add_argument("--times", type=int, default=times)
    parser.add_argument("--server", action="store_true", help="also on a PostgreSQL of its own")
    options = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        async def on(url: str, beside: Path) -> None:
            await measure(url, beside, options.acts, options.papers, options.times)

        print("--- SQLite")
        asyncio.run(on(f"sqlite:///{folder / 'bench.db'}", folder))
        if not options.server:
            return
        print("--- PostgreSQL")
        server = Server(folder / "server")
        server.start()
        try:
            with server.database() as url:
                asyncio.run(on(url, folder / "beside"))
        finally:
            server.kill()
