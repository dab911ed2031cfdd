"""Search through the product's own path: how good its answers are, how quick, and what the index costs.

Judged collections (BEIR's layout), a recording of daily lists and a file of papers are named as arguments;
the bundled sample needs none. Every figure has beside it what words alone, or plain FTS5, make of the same.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from benchmarks.judged import Collection, Quality, evaluate, known_items, paired, paraphrased, read
from benchmarks.machine import machine
from benchmarks.search_speed import NOON, TOGETHER, measure, number, recorded
from bot.app import sample_batches
from bot.config import Config
from bot.domain.papers import Paper
from bot.domain.search import Model, Query, Word
from bot.domain.stores import View
from storage import Storage, open_storage
from storage.index import Index

SHOWN = 40
"""Results of `clip` that are looked at."""


def asked(text: str) -> Query:
    """A question as the command line splits it."""
    return Query(words=tuple(map(Word, text.split())))


@asynccontextmanager
async def archive(
    papers: Sequence[Paper], folder: Path, model: Model | None = None
) -> AsyncIterator[tuple[Storage, float]]:
    """The papers in a new database with its index, and how many a second were indexed."""
    url = f"sqlite:///{folder / 'bench.db'}"
    async with open_storage(url, folder / "index", model=model) as storage:
        for at in range(0, len(papers), TOGETHER):
            await storage.archive.keep_all([View(papers=papers[at : at + TOGETHER], as_of=NOON)])
        begun = time.perf_counter()
        await storage.search.rebuild()
        yield storage, len(papers) / (time.perf_counter() - begun)


async def rankings(
    search: Index, questions: Mapping[str, str], ids: Mapping[str, str]
) -> dict[str, list[str]]:
    """What is found for each question, as the collection calls it."""
    found = {}
    for name, text in questions.items():
        answer = await search.search(asked(text), limit=100)
        found[name] = [ids[hit.paper.id] for hit in answer.hits]
    return found


async def quality(collection: Collection) -> tuple[Quality, Quality]:
    """How well words alone answer, and the whole search."""
    papers, ids = stood_for(collection)
    with tempfile.TemporaryDirectory() as folder:
        async with archive(papers, Path(folder)) as (storage, _):
            words = Index(storage.database, Path(folder) / "words")
            await words.rebuild()
            return (
                evaluate(collection, await rankings(words, collection.questions, ids)),
                evaluate(collection, await rankings(storage.search, collection.questions, ids)),
            )


async def better(collection: Collection, model: Model) -> tuple[Quality, float]:
    """How well the search answers with a better model, and how many papers a second that reads."""
    papers, ids = stood_for(collection)
    with tempfile.TemporaryDirectory() as folder:
        async with archive(papers, Path(folder), model) as (storage, _):
            begun = time.perf_counter()
            await storage.search.finish()
            rate = len(papers) / (time.perf_counter() - begun)
            found = await rankings(storage.search, collection.questions, ids)
            return evaluate(collection, found), rate


def stood_for(collection: Collection) -> tuple[list[Paper], dict[str, str]]:
    """Papers with the documents' texts, and which document each is."""
    papers, ids = [], {}
    for place, (name, (title, text)) in enumerate(collection.documents.items()):
        papers.append(Paper(id=number(place), title=title or text[:80], abstract=text))
        ids[papers[-1].id] = name
    return papers, ids


async def tell_quality(collection: Collection, model: Model | None) -> None:
    words, both = await quality(collection)
    print(f"{collection.name:10} words alone {words}")
    print(f"{'':10} the search  {both}  {paired(words, both)}", flush=True)
    if model:
        best, rate = await better(collection, model)
        print(f"{'':10} with model  {best}  {paired(words, best)}, {rate:.0f} papers/s", flush=True)


async def tell_clip() -> None:
    """The bundled sample's answers to one short word."""
    papers = [paper for batch in sample_batches() for paper in batch.papers]
    with tempfile.TemporaryDirectory() as folder:
        async with archive(papers, Path(folder)) as (storage, _):
            found = await storage.search.search(asked("clip"), limit=SHOWN)
            print(
                f"clip       {found.total} of {storage.search and len(papers)} papers of the sample"
            )
            for place, hit in enumerate(found.hits, 1):
                print(f"  {place:3} {hit.paper.title[:80]:80} {hit.why}")


def main() -> None:
    """What is named is measured; without arguments the sample."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--judged", type=Path, nargs="*", default=[], help="folders of collections")
    parser.add_argument("--daily", type=Path, help="recorded daily lists, JSONL, also .gz")
    parser.add_argument("--model", help="a better model, as in `[search] model`")
    parser.add_argument("--papers", type=Path, help="JSONL.gz of papers, for latency")
    parser.add_argument(
        "--count", type=int, nargs="*", default=[6_000, 20_000], help="how many of them"
    )
    parser.add_argument("--rounds", type=int, default=20, help="how often each question is asked")
    parser.add_argument("--times", type=int, default=1, help="how often all of that is done")
    options = parser.parse_args()
    print(machine())
    model = Config.model_validate({"search": {"model": options.model or ""}}).model
    for folder in options.judged:
        asyncio.run(tell_quality(read(folder), model))
    if options.daily:
        asyncio.run(tell_quality(known_items(options.daily), model))
        asyncio.run(tell_quality(paraphrased(options.daily), model))
    if not (options.judged or options.daily or options.papers):
        asyncio.run(tell_clip())
    if options.papers:
        papers = recorded(options.papers)
        for count in options.count:
            measure(papers, count, options.rounds, options.times)


if __name__ == "__main__":
    main()
