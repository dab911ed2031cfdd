"""How soon a command from Slack is acknowledged and answered, over Socket Mode and over signed HTTP.

Commands come at a fixed rate, whether or not the ones before were answered; Slack, the bot and the
archive share this machine. The acknowledgement is what Slack waits 3 seconds for.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from adapters.sample import SampleFeed
from adapters.slack.connection import SlackDoor
from adapters.slack.settings import Settings
from adapters.web.server import serve
from benchmarks.archive import QUERIES, load, made_up_file
from benchmarks.machine import machine
from bot.app import open_app
from bot.config import Config
from bot.domain.ports import Desk
from tests.support.slack import peopled
from tests.support.slack_server import SlackServer, slack_server


@asynccontextmanager
async def serving(
    slack: SlackServer, door: SlackDoor, desk: Desk, mode: str
) -> AsyncIterator[None]:
    """The door, running over one of the two ways."""
    running = asyncio.create_task(door.run(desk))
    try:
        if mode == "socket":
            slack.use_socket()
            await slack.connected()
            yield
        else:
            async with serve("127.0.0.1:0", door.pages) as url:
                slack.use_http(f"{url}/slack/events")
                await asyncio.sleep(0.2)
                yield
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def measure(slack: SlackServer, rate: float, count: int) -> None:
    """`count` searches, `rate` a second; prints when they were acknowledged and when answered."""
    acked: list[float] = []
    answered: list[float] = []

    async def ask(number: int) -> None:
        begun = time.perf_counter()
        text = f"search {QUERIES[number % len(QUERIES)]}"
        asked = await slack.command("T1", "U1", "C1", "/paper", text)
        acked.append(asked.acked_after)
        await asked.answered(within=60)
        answered.append(time.perf_counter() - begun)

    async with asyncio.TaskGroup() as group:
        begun = time.perf_counter()
        for number in range(count):
            await asyncio.sleep(max(0.0, begun + number / rate - time.perf_counter()))
            group.create_task(ask(number))
    print(f"  acknowledged  {told(acked)}")
    print(f"  answered      {told(answered)}")


def told(seconds: list[float]) -> str:
    """p50, p95 and the slowest, in milliseconds."""
    ordered = sorted(seconds)
    p50, p95 = (ordered[int(len(ordered) * share)] for share in (0.50, 0.95))
    return f"p50 {p50 * 1e3:.1f} ms, p95 {p95 * 1e3:.1f} ms, max {ordered[-1] * 1e3:.0f} ms"


async def run(papers: int, rate: float, count: int) -> None:
    """The whole bot behind the library's own client."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = SampleFeed(lambda _: None)  # type: ignore[arg-type,return-value]  # never asked
        filled = False
        for mode in ("socket", "http"):
            async with slack_server() as slack:
                peopled(slack)
                way = (
                    {"app_token": slack.app_token}
                    if mode == "socket"
                    else {"signing_secret": slack.signing_secret}
                )
                token = slack.team("T1").token
                door = SlackDoor(Settings(bot_token=token, api_url=slack.api_url, **way))
                app_of = open_app(Config(data=folder), doors={"slack": door}, source=source)
                async with app_of as app:
                    if not filled:
                        tally, seconds = await load(app.storage, made_up_file(folder, papers))
                        print(f"{tally.new} papers in the archive, after {seconds:.0f} s")
                        filled = True
                    async with serving(slack, door, app.desk, mode):
                        await measure_warm(slack, rate, count, mode)


async def measure_warm(slack: SlackServer, rate: float, count: int, mode: str) -> None:
    """After each query was asked once."""
    for query in QUERIES:
        asked = await slack.command("T1", "U1", "C1", "/paper", f"search {query}")
        await asked.answered(within=60)
    print(f"{mode}: {count} commands, {rate:g} a second")
    await measure(slack, rate, count)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--count", type=int, default=500)
    options = parser.parse_args()
    print(machine())
    asyncio.run(run(options.papers, options.rate, options.count))


if __name__ == "__main__":
    main()
