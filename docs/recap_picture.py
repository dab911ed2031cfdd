"""Draws docs/recap.png: a team's weeks and a recap, of the bundled sample, as they look by day and by night."""

import asyncio
import random
import sys
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path

from PIL import Image
from rich.console import Console

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from adapters.terminal.door import TerminalDoor  # noqa: E402 -- beside this folder
from bot.app import App, open_app, sample_batches, sample_feed  # noqa: E402
from bot.config import Config  # noqa: E402
from bot.demo import SAMPLE_NOW  # noqa: E402
from bot.domain.papers import Paper  # noqa: E402
from bot.domain.people import Channel, Person, Workspace  # noqa: E402
from bot.domain.ports import Caller  # noqa: E402
from bot.domain.posts import Post, picture_of  # noqa: E402
from bot.domain.stores import Save  # noqa: E402
from bot.domain.subscriptions import Edition, Subscription, Terms  # noqa: E402
from bot.drawing import Artist  # noqa: E402

PLACE = Channel(Workspace("terminal", "local"), "papers")
PEOPLE = [Person("terminal", name.lower(), name) for name in ("Ann", "Ben", "Chloe", "Dan", "Eve")]
DAY, NIGHT = "#ffffff", "#313338"
EDGE = 40
WIDTH = 1_000
SMALLER = 0.8


async def answers(folder: Path) -> list[Post]:
    """What `stats` says, and a recap of the last week."""
    now = SAMPLE_NOW

    def clock() -> datetime:
        return now

    door = TerminalDoor(user="ann", downloads=folder, console=Console(file=StringIO()), now=clock)
    config = Config(data=folder)
    async with open_app(config, doors={"terminal": door}, source=sample_feed(), clock=clock) as app:
        async for _ in app.ingest.take(sample_batches()):
            pass
        await subscribe(app, SAMPLE_NOW - timedelta(days=7))
        for day in range(7, -1, -1):
            now = SAMPLE_NOW - timedelta(days=day)
            await app.tick()
        now = SAMPLE_NOW + timedelta(hours=7)
        await save(app, [one for batch in sample_batches() if batch.day for one in batch.papers])
        caller = Caller(person=PEOPLE[0], channel=PLACE, admin=True)
        said = [await app.desk.say(caller, line) for line in ("stats", "preview recap top:8")]
        posts = [post for reply in said for post in reply.posts]
        return [await Artist().illustrate(post) for post in posts]


async def subscribe(app: App, since: datetime) -> None:
    """The three best of every day."""
    order = Subscription(
        id="morning",
        channel=PLACE,
        edition=Edition.DAILY,
        terms=Terms(top=3),
        created_at=since,
        next_run_at=since,
    )
    await app.storage.subscriptions.add(order)


async def save(app: App, papers: Sequence[Paper]) -> None:
    """Twelve weeks in which a team saved this and that, the liked more often."""
    dice = random.Random(5)  # noqa: S311 -- the same picture each time
    best = sorted(papers, key=lambda paper: -paper.upvotes)
    for week in range(12):
        for number in range(dice.randrange(4, 11) + week // 2):
            paper = best[int(len(best) * dice.random() ** 2)]
            at = app.clock() - timedelta(weeks=11 - week, hours=dice.randrange(3, 90))
            for person in dice.sample(PEOPLE, dice.choice((1, 1, 1, 2, 3))):
                at += timedelta(minutes=20)
                await app.storage.library.save(
                    Save(
                        person=person,
                        workspace=PLACE.workspace,
                        paper=paper.id,
                        at=at,
                        origin=f"picture {week} {number}",
                        channel=PLACE,
                    )
                )


def framed(png: bytes, colour: str, height: int) -> Image.Image:
    """On the background of a chat."""
    picture = Image.open(BytesIO(png))
    frame = Image.new("RGB", (WIDTH + 2 * EDGE, height + 2 * EDGE), colour)
    frame.paste(picture, (EDGE, EDGE), picture)
    return frame


def main() -> None:
    """Write the picture, in as many colours as it takes to look the same."""
    with tempfile.TemporaryDirectory() as folder:
        posts = asyncio.run(answers(Path(folder)))
    pngs = [file.content for file in map(picture_of, posts) if file]
    height = max(Image.open(BytesIO(png)).height for png in pngs)
    frames = [framed(png, colour, height) for png, colour in zip(pngs, (DAY, NIGHT), strict=True)]
    both = Image.new("RGB", (sum(one.width for one in frames), frames[0].height))
    for number, frame in enumerate(frames):
        both.paste(frame, (number * frame.width, 0))
    size = (round(both.width * SMALLER), round(both.height * SMALLER))
    small = both.resize(size, Image.Resampling.LANCZOS)
    small.quantize(128, dither=Image.Dither.NONE).save(HERE / "recap.png", optimize=True)


if __name__ == "__main__":
    main()
