"""How quick a search is through the whole command path, how quickly its index is built, and what it takes of memory.

The papers are written down and indexed first; questions are asked of another process, as after a restart.
"""

import argparse
import asyncio
import gzip
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from adapters.sample import SampleFeed
from bot.app import open_app
from bot.config import Config
from bot.domain.papers import Paper, PaperId
from bot.domain.people import Channel, Person, Workspace
from bot.domain.ports import Caller
from bot.domain.search import Field
from bot.domain.stores import View
from storage import Storage, open_storage
from storage.asking import STOP
from storage.terms import names

NOON = datetime(2025, 12, 1, 12, tzinfo=UTC)
TOGETHER = 2_000
ANN = Caller(
    channel=Channel(Workspace("terminal", "here"), "main"),
    person=Person("terminal", "ann", "Ann"),
    admin=True,
)
SHORT = (
    "clip",
    "diffusion transformer",
    "speculative decoding",
    "gaussian splatting",
    "agents",
    "reward model",
    "chain of thought",
    "video generation",
    "retrieval",
    "quantization llm",
)
LONG = (
    "papers about how to make large language models answer faster without losing quality",
    "find me work on training vision language models with synthetic captions",
    "what do we know about hallucination in long documents and how can it be detected early",
    "recommend studies that compare reinforcement learning with supervised fine tuning for reasoning",
    "methods that keep attention cheap when the context has a million tokens",
    "I am looking for a benchmark of agents which use tools in a web browser",
    "does instruction tuning hurt the calibration of probabilities in classification",
    "robust estimation of depth and camera motion from a single moving camera",
)
NARROW = (
    "video generation since:2025-06-01 min:20",
    'diffusion author:"wei" sort:upvotes',
    '"large language models" reasoning -benchmark until:2025-09',
)
PREFIXES = ("a", "di", "visi", "large lang", "attention is", "2403.0", "diffusion mod")
PEOPLE = ("a", "zh", "wei", "yang l", "smi", "chen", "x", "li", "j", "mar")


def number(place: int) -> PaperId:
    """An id for the paper at this place of a collection."""
    month, serial = divmod(place, 90_000)
    return PaperId(f"{7 + month // 12:02}{month % 12 + 1:02}.{serial + 1:05}")


def recorded(path: Path) -> list[Paper]:
    """Papers of a file with one JSON object a line: title, authors, summary."""
    papers = []
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for place, line in enumerate(file):
            item: dict[str, Any] = json.loads(line)
            papers.append(
                Paper(
                    id=number(place),
                    title=" ".join(item["title"].split()),
                    abstract=" ".join(item["summary"].split()),
                    authors=tuple(item["authors"]),
                    published=date(2025, 1, 1) + timedelta(days=place % 500),
                    upvotes=place % 97,
                )
            )
    return papers


def scaled(papers: Sequence[Paper], count: int) -> Iterator[Paper]:
    """So many papers: the given ones, then others whose sentences are theirs, mixed."""
    dice = random.Random(5)
    yield from papers[:count]
    for place in range(len(papers), count):
        one, two = dice.choice(papers), dice.choice(papers)
        mixed = one.abstract.split(". ")[::2] + two.abstract.split(". ")[1::2]
        dice.shuffle(mixed)
        yield replace(
            one,
            id=number(place),
            title=f"{one.title[: len(one.title) // 2]} {two.title[len(two.title) // 2 :]}",
            abstract=". ".join(mixed),
            authors=one.authors[::2] + two.authors[1::2],
        )


async def build(papers: Iterator[Paper], folder: Path) -> None:
    """Write the papers down, index them, and say how quickly the latter went."""
    async with open_storage(Config(data=folder).database_url) as storage:
        count, some = 0, []
        for paper in papers:
            some.append(paper)
            if len(some) == TOGETHER:
                await storage.archive.keep_all([View(papers=some, as_of=NOON)])
                count, some = count + len(some), []
        await storage.archive.keep_all([View(papers=some, as_of=NOON)])
        count += len(some)
        begun, busy = time.perf_counter(), time.process_time()
        await storage.search.rebuild()
        taken = time.perf_counter() - begun
        busy = time.process_time() - busy
        size = size_of(folder)
        print(
            f"{count:>9,} papers: {count / taken:,.0f} indexed a second "
            f"({busy / count * 1e6:.0f} us of processor each), index {size / 1e6:.0f} MB",
            flush=True,
        )


def size_of(folder: Path) -> int:
    """Bytes of the index in it."""
    return sum(path.stat().st_size for path in folder.rglob("*.index/**/*") if path.is_file())


async def ask(folder: Path, rounds: int) -> None:
    """What another process makes of it."""
    source = SampleFeed(lambda _: None)  # type: ignore[arg-type,return-value]  # never asked
    async with open_app(Config(data=folder), doors={}, source=source) as app:

        async def taken(texts: Sequence[str], rounds: int) -> list[float]:
            found = []
            for text in texts * rounds:
                begun = time.perf_counter()
                reply = await app.desk.say(ANN, f"/paper search {text}")
                found.append(time.perf_counter() - begun)
                assert reply.posts
            return sorted(found)

        (first,) = await taken(("clip",), 1)
        print(f"          first search {first * 1e3:.0f} ms after the start")
        for kind, texts in (("short", SHORT), ("long", LONG), ("narrow", NARROW)):
            await taken(texts, 1)
            busy = time.process_time()
            found = await taken(texts, rounds)
            busy = (time.process_time() - busy) / len(found) * 1e3
            print(f"          {kind:8} {spread(found)}, {busy:.1f} ms of processor")
        await tell_completion(app.storage, rounds)
        print(f"          {resident():.0f} MB resident, {load()}", flush=True)


async def tell_completion(storage: Storage, rounds: int) -> None:
    """Titles and ids, then names."""
    found = []
    for prefix in PREFIXES * rounds:
        begun = time.perf_counter()
        await storage.search.titles(prefix, 25)
        found.append(time.perf_counter() - begun)
    print(f"          titles   {spread(sorted(found))}")
    found = []
    for prefix in PEOPLE * rounds:
        begun = time.perf_counter()
        await storage.search.names(Field.AUTHOR, prefix, 25)
        found.append(time.perf_counter() - begun)
    print(f"          names    {spread(sorted(found))}")


def tell_fts5(papers: Sequence[Paper]) -> None:
    """SQLite's own index by words: stemmed, and the same stop words left out."""
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE t USING fts5(title, text, tokenize='porter unicode61')")
    base.executemany("INSERT INTO t VALUES (?, ?)", ((p.title, p.abstract) for p in papers))
    for kind, texts in (("short", SHORT), ("long", LONG)):
        taken = []
        for text in texts * 2:
            words = [word for word in names(text) if word not in STOP]
            match = " OR ".join(f'"{word}"' for word in words)
            asked = "SELECT rowid FROM t WHERE t MATCH ? ORDER BY rank LIMIT 10"
            begun = time.perf_counter()
            base.execute(asked, (match,)).fetchall()
            taken.append(time.perf_counter() - begun)
        print(f"          FTS5, {kind:5} {spread(sorted(taken))}", flush=True)


def spread(taken: Sequence[float]) -> str:
    """Median and the slowest but one in twenty, in milliseconds."""
    half, late = taken[len(taken) // 2] * 1e3, taken[int(len(taken) * 0.95)] * 1e3
    return f"p50 {half:5.1f}  p95 {late:5.1f} ms"


def resident() -> float:
    """Megabytes of this process in memory now, mapped files that were read included; 0 where nobody tells."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    found = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(found.split()[1]) / 1024


def load() -> str:
    """What else the machine has to do."""
    return f"load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""


def measure(papers: Sequence[Paper], count: int, rounds: int, times: int) -> None:
    """One archive of so many papers."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(build(scaled(papers, count), Path(folder)))
        for _ in range(times):
            command = [sys.executable, "-m", "benchmarks.search_speed", folder, str(rounds)]
            subprocess.run(command, check=True)
    if count <= 100_000:
        tell_fts5([*scaled(papers, count)])


def main() -> None:
    """To be run by `benchmarks.search`: asks what lies in a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("rounds", type=int)
    options = parser.parse_args()
    asyncio.run(ask(options.folder, options.rounds))


if __name__ == "__main__":
    main()
