"""Draws docs/demo.svg: the bundled sample in the terminal, by the program itself. `make picture` runs it."""

import asyncio
import re
import tempfile
from datetime import timedelta
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI

from adapters.terminal.door import TerminalDoor
from bot.app import open_app, sample_batches, sample_feed
from bot.config import Config
from bot.demo import SAMPLE_NOW
from bot.domain.people import Channel, Workspace
from bot.domain.subscriptions import Edition, Subscription, Terms

HERE = Path(__file__).parent
LINES = ("react 3 🔖", "/paper search clip has:code sort:new limit:3", "/paper saved")


async def draw(folder: Path) -> str:
    """The digest of a morning, a save, a search and the saved list, as SVG."""
    console = Console(record=True, file=StringIO(), width=88, force_terminal=True)
    console._environ = {}  # noqa: SLF001 -- the same picture in every shell
    door = TerminalDoor(user="ann", downloads=folder, console=console, now=lambda: SAMPLE_NOW)
    config = Config(data=folder)
    app_of = open_app(
        config, doors={"terminal": door}, source=sample_feed(), clock=lambda: SAMPLE_NOW
    )
    async with app_of as app:
        async for _ in app.ingest.take(sample_batches()):
            pass
        order = Subscription(
            id="morning",
            channel=Channel(Workspace("terminal", "local"), "papers"),
            edition=Edition.DAILY,
            terms=Terms(top=3),
            created_at=SAMPLE_NOW - timedelta(days=1),
            next_run_at=SAMPLE_NOW,
        )
        await app.storage.subscriptions.add(order)
        await app.tick()
        await door.play(app.desk, LINES)
    return console.export_svg(title="paperbot", theme=MONOKAI)


def main() -> None:
    """Write the picture; without the web fonts that Rich links, so that it loads nothing."""
    with tempfile.TemporaryDirectory() as folder:
        svg = asyncio.run(draw(Path(folder)))
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    (HERE / "demo.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
