"""Recommendations on real days: readers who keep the papers of one topic, and how many of the next weeks' papers that
are proposed to them are of it.

A reader's topic is a keyword that Hugging Face gave to enough papers; the model never sees keywords, only title and
abstract. Beside it: the most upvoted papers of the same days, and any. The recording is named as an argument.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from adapters.huggingface.files import read_file
from benchmarks.machine import machine
from bot.domain.papers import Paper, PaperId
from bot.ingest import Ingest
from storage import open_storage
from storage.taste import foryou
from storage.view import View

TOPICS = 40
"""Readers; each has a keyword of its own, the most frequent ones."""
KEPT = 20
"""Papers that a reader has kept, at most: the latest before the day of the test."""
WEEKS = 4
"""Papers of so long a time are proposed."""
SHOWN = 10
TOO_COMMON = 0.06
"""A keyword that more of all papers have is no topic."""


@dataclass(frozen=True)
class Reader:
    """What they kept, and what they would keep of what is to come."""

    topic: str
    kept: tuple[PaperId, ...]
    wanted: frozenset[PaperId]


def readers(papers: Sequence[Paper], today: date) -> list[Reader]:
    """Those whose topic has enough papers on either side of today."""
    topics: dict[str, list[Paper]] = {}
    for paper in papers:
        for keyword in {keyword.lower() for keyword in paper.keywords}:
            topics.setdefault(keyword, []).append(paper)
    found = []
    for topic, theirs in sorted(topics.items(), key=lambda item: (-len(item[1]), item[0])):
        before = [p.id for p in theirs if p.featured and p.featured < today][-KEPT:]
        after = frozenset(p.id for p in theirs if p.featured and p.featured >= today)
        count = len(theirs)
        if (
            count <= TOO_COMMON * len(papers)
            and len(before) >= KEPT // 2
            and len(after) >= SHOWN // 2
        ):
            found.append(Reader(topic, tuple(before), after))
        if len(found) == TOPICS:
            break
    return found


def precision(shown: Sequence[PaperId], reader: Reader) -> float:
    return len(reader.wanted.intersection(shown[:SHOWN])) / SHOWN


def judged(view: View, papers: Mapping[PaperId, Paper], today: date) -> dict[str, list[float]]:
    """Every reader's precision at ten, by each way to choose."""
    coming = [p for p in papers.values() if p.featured and p.featured >= today]
    popular = [p.id for p in sorted(coming, key=lambda paper: -paper.upvotes)]
    dice = random.Random(7)
    found: dict[str, list[float]] = {"for you": [], "most upvoted": [], "any": []}
    for reader in readers(list(papers.values()), today):
        proposed = [one.paper for one in foryou(view, reader.kept, (), today, SHOWN)]
        anything = dice.sample([p.id for p in coming], SHOWN)
        for name, shown in (("for you", proposed), ("most upvoted", popular), ("any", anything)):
            found[name].append(precision(shown, reader))
    return found


def timed(view: View, papers: Mapping[PaperId, Paper], times: int = 50) -> list[float]:
    """Milliseconds to learn a reader's taste and to rank every paper by it."""
    ids = list(papers)
    took = []
    for number in range(times):
        kept = random.Random(number).sample(ids, KEPT)
        begun = time.perf_counter()
        foryou(view, kept, (), date(2000, 1, 1), SHOWN)
        took.append((time.perf_counter() - begun) * 1_000)
    return sorted(took)


async def run(path: Path, folder: Path) -> None:
    """The table."""
    async with open_storage(f"sqlite:///{folder / 'bench.db'}", folder / "index") as storage:
        ingest = Ingest(None, storage.archive, storage.search, lambda: None)  # type: ignore[arg-type,return-value]
        async for _ in ingest.take(read_file(path)):
            pass
        view = (await storage.search._current())._view()  # noqa: SLF001 -- as a search sees it
        ids = view.ledger.ids(range(len(view.ledger)))
        papers = dict(sorted((await storage.archive.papers(ids)).items(), key=_day))
        last = max(p.featured for p in papers.values() if p.featured)
        totals: dict[str, list[float]] = {}
        for back in (1, 2, 3):
            today = last - timedelta(weeks=WEEKS * back)
            seen = {
                id: p
                for id, p in papers.items()
                if p.featured and p.featured < today + timedelta(weeks=WEEKS)
            }
            for name, values in judged(view, seen, today).items():
                totals.setdefault(name, []).extend(values)
        print(f"{len(papers):,} papers, {len(totals['any'])} readers, precision at {SHOWN}")
        for name, values in totals.items():
            print(f"  {name:14} {statistics.mean(values):.3f}")
        took = timed(view, papers)
        print(f"learn and rank {len(papers):,}: p50 {took[25]:.1f} ms, p95 {took[47]:.1f} ms")


def _day(item: tuple[PaperId, Paper]) -> date:
    return item[1].featured or date.min


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recording", type=Path, help="daily lists, as `paperbot import` takes them")
    wanted = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory(prefix="paperbot-") as folder:
        asyncio.run(run(wanted.recording, Path(folder)))


if __name__ == "__main__":
    main()
