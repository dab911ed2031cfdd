"""Measure the archive: import daily lists into a fresh database with its index, then search it.

    python benchmarks/archive.py daily.jsonl.gz

Each line of the file is `{"date": ..., "items": [...]}`, the items as Hugging Face's API gives them.
"""

import asyncio
import platform
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from adapters.huggingface.files import read_file

from bot.domain.papers import Batch, Listing
from bot.domain.search import Query, Word
from storage import Storage, open_storage

WORDS = (
    "clip",
    "diffusion transformer",
    "vision language models for robots",
    "papers about speculative decoding for large language models",
    "chain of thought reasoning with reinforcement learning",
    "3d gaussian splatting",
    "hinton",
    "a survey of agents",
    "efficient long context attention for video generation",
    "mamba",
)
AS_OF = datetime(2026, 1, 1, tzinfo=UTC)


async def load(storage: Storage, batches: list[Batch]) -> tuple[int, int, int]:
    """Keep every list and index it; (new, updated, unchanged) papers."""
    new = updated = unchanged = 0
    for batch in batches:
        listing = Listing.day(batch.day) if batch.day else None
        kept = await storage.archive.keep(batch.papers, as_of=AS_OF, listing=listing)
        new, updated, unchanged = (
            new + kept.new,
            updated + kept.updated,
            unchanged + kept.unchanged,
        )
    await storage.search.catch_up()
    return new, updated, unchanged


async def search(storage: Storage, rounds: int = 20) -> list[float]:
    """Milliseconds of each search, hits loaded from the database."""
    taken = []
    for _ in range(rounds):
        for text in WORDS:
            began = time.perf_counter()
            await storage.search.search(Query(words=tuple(map(Word, text.split()))))
            taken.append((time.perf_counter() - began) * 1_000)
    return taken


async def measure(batches: list[Batch], directory: Path) -> None:
    """Print one line a measurement."""
    async with open_storage(f"sqlite:///{directory / 'bench.db'}") as storage:
        for run in ("first run", "second run"):
            began = time.perf_counter()
            new, updated, unchanged = await load(storage, batches)
            seconds = time.perf_counter() - began
            count = new + updated + unchanged
            print(
                f"{run}: {count} papers in {seconds:.2f} s = {count / seconds:,.0f} papers/s "
                f"({new} new, {updated} updated, {unchanged} unchanged)"
            )
        taken = sorted(await search(storage))
        print(
            f"search: p50 {statistics.median(taken):.1f} ms, "
            f"p95 {taken[int(len(taken) * 0.95)]:.1f} ms ({len(taken)} searches)"
        )
        began = time.perf_counter()
        count = await storage.search.rebuild()
        seconds = time.perf_counter() - began
        print(f"index rebuilt: {count} papers in {seconds:.2f} s = {count / seconds:,.0f} papers/s")


def machine() -> str:
    """What this ran on."""
    names = [
        line.partition(":")[2].strip()
        for line in _lines(Path("/proc/cpuinfo"))
        if line.startswith("model name")
    ]
    name = names[0] if names else platform.processor() or platform.machine()
    return f"{name} x {len(names) or '?'}, Python {platform.python_version()}, {platform.system()}"


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def main() -> None:
    """Parsing is measured apart: it is not the archive's."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    began = time.perf_counter()
    batches = list(read_file(Path(sys.argv[1])))
    papers = sum(len(batch.papers) for batch in batches)
    seconds = time.perf_counter() - began
    print(f"parsed: {papers} papers in {seconds:.2f} s = {papers / seconds:,.0f} papers/s")
    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(measure(batches, Path(directory)))
    print(f"machine: {machine()}")


if __name__ == "__main__":
    main()
