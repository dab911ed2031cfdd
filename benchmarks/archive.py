"""Import daily lists from a file into a new database with its index, once and again, then search them."""

import argparse
import asyncio
import gzip
import json
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from adapters.huggingface.files import read_file
from adapters.sample import SampleFeed
from benchmarks.machine import machine, spread
from bot.domain.search import Query, Word
from bot.ingest import Ingest, Tally
from storage import Storage, open_storage

QUERIES = (
    "clip",
    "diffusion transformer",
    "vision language models for robots",
    "papers about speculative decoding for large language models",
    "chain of thought reasoning with reinforcement learning",
    "3d gaussian splatting",
    "a survey of agents",
    "efficient long context attention for video generation",
)
VOCABULARY = tuple({word for query in QUERIES for word in query.split()}) + tuple(
    f"{a}{b}{c}" for a in ("neuro", "multi", "meta", "sparse") for b in "aeiou" for c in "lmnrst"
)
PAPERS, A_DAY = 6_000, 15


def made_up(papers: int) -> Iterator[dict[str, Any]]:
    """Days of items in the API's shape: invented words, the same at every run."""
    dice = random.Random(7)

    def words(count: int) -> str:
        return " ".join(dice.choices(VOCABULARY, k=count))

    for n in range(papers // A_DAY):
        day = date(2007, 4, 1) + timedelta(days=n)
        items = [
            {
                "paper": {
                    "id": f"{7 + n // 1200:02}{n % 12 + 1:02}.{n // 12 % 100:02}{k:03}",
                    "title": words(9),
                    "summary": words(180),
                    "ai_summary": words(25),
                    "authors": [{"name": words(2), "hidden": False} for _ in range(7)],
                    "publishedAt": f"{day}T00:00:00.000Z",
                    "upvotes": dice.randrange(200),
                }
            }
            for k in range(A_DAY)
        ]
        yield {"date": day.isoformat(), "items": items}


def made_up_file(folder: Path, papers: int = PAPERS) -> Path:
    """So many made-up papers as a file to import."""
    path = folder / "made-up.jsonl.gz"
    with gzip.open(path, "wt", compresslevel=1) as file:
        for day in made_up(papers):
            file.write(json.dumps(day) + "\n")
    return path


async def load(storage: Storage, path: Path) -> tuple[Tally, float]:
    """Import as `paperbot import` does, index included; what came of it, and seconds."""
    source = SampleFeed(lambda _: None)  # type: ignore[arg-type,return-value]  # never asked
    ingest = Ingest(source, storage.archive, storage.search, lambda: datetime.now(UTC))
    tally = Tally()
    begun = time.perf_counter()
    async for latest in ingest.take(read_file(path)):
        tally = latest
    return tally, time.perf_counter() - begun


async def searches(storage: Storage, rounds: int) -> list[float]:
    """Seconds of each search, papers loaded from the database."""
    taken = []
    for text in QUERIES * rounds:
        begun = time.perf_counter()
        await storage.search.search(Query(words=tuple(map(Word, text.split()))))
        taken.append(time.perf_counter() - begun)
    return taken


async def measure(path: Path, folder: Path) -> None:
    """Print a line for each figure."""
    async with open_storage(f"sqlite:///{folder / 'bench.db'}", folder / "index") as storage:
        for run in ("import", "import again"):
            tally, seconds = await load(storage, path)
            count = tally.new + tally.updated + tally.unchanged
            print(
                f"{run:13} {count / seconds:,.0f} papers/s ({count} papers: {tally.new} new, "
                f"{tally.updated} updated, {tally.unchanged} unchanged, {len(tally.rejected)} rejected)"
            )
        await searches(storage, 1)
        taken = sorted(await searches(storage, 25))
        print(f"search        {spread(taken)}, p95 {taken[int(len(taken) * 0.95)] * 1e3:.1f} ms")


def main() -> None:
    """A recorded file if one is named, made-up days otherwise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, nargs="?", help="JSON or JSONL of daily lists, also .gz")
    options = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        asyncio.run(measure(options.file or made_up_file(folder), folder))


if __name__ == "__main__":
    main()
