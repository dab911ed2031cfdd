"""A better model behind the searches: the newest papers first, kept as it goes, and never in anybody's way."""

import asyncio
import json
import os
import shutil
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import tantivy

from bot.app import open_app
from bot.config import Config
from bot.doctor import checks
from bot.domain.papers import Paper, PaperId
from bot.domain.posts import Panel
from bot.domain.search import Learned, Model, Query, Word
from bot.shell import caller
from storage import Storage
from storage.aside import Aside, Stopped
from storage.better import Better
from storage.index import Index
from storage.tiers import Tier, bundled
from tests.support.slow_model import NOBODY, Slow
from tests.support.storage import temporary_storage
from tests.support.tiny_model import write_model

NOON = datetime(2025, 5, 22, 12, tzinfo=UTC)


def paper(number: int, title: str = "", **changes: object) -> Paper:
    """The higher the number, the newer."""
    day = date(2024, 1, 1) + timedelta(days=number)
    made = Paper(id=PaperId(f"2401.{number:05}"), title=title or f"Thing {number}", featured=day)
    return replace(made, **changes)


def words(text: str) -> Query:
    return Query(words=tuple(map(Word, text.split())))


@asynccontextmanager
async def index(storage: Storage, where: Path, *tiers: Tier) -> AsyncIterator[Index]:
    made = Index(storage.database, where, tiers=lambda: tiers)
    try:
        yield made
    finally:
        await made.close()


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[Storage]:
    async with temporary_storage(tmp_path) as storage:
        yield storage


async def fill(storage: Storage, *papers: Paper) -> None:
    await storage.archive.keep(papers, as_of=NOON)


async def until(index: Index, papers: int) -> Learned:
    """Wait for so many papers to have a vector."""
    while (learned := await index.learned()) is None or learned.papers < papers:  # noqa: ASYNC110 -- it calls nobody
        await asyncio.sleep(0.01)
    return learned


def first_words(tier: Slow) -> list[str]:
    return [text.split(".")[0] for text in tier.read]


async def test_both_models_serve_while_one_is_learning(storage: Storage, tmp_path: Path) -> None:
    """What the better one does not know yet is found as before; what it knows, by its meaning."""
    await fill(storage, paper(1, "Car races"), *(paper(n) for n in range(2, 200)))
    slow = Slow()
    slow.free = 1
    async with index(storage, tmp_path / "i", slow, bundled()) as there:
        assert [hit.paper.title for hit in (await there.search(words("races"))).hits] == [
            "Car races"
        ]
        assert (await there.search(words("automobile"))).hits == ()
        slow.gate.set()
        await there.finish()
        (hit,) = (await there.search(words("automobile"))).hits
        assert (hit.paper.title, hit.why) == ("Car races", "similar in meaning")


async def test_the_newest_are_learned_first_and_kept_as_it_goes(
    storage: Storage, tmp_path: Path
) -> None:
    """Broken off, it goes on where it was; nothing is read twice."""
    await fill(storage, *(paper(n) for n in range(300)))
    first, second = Slow(), Slow()
    first.free = first.together + 5
    async with index(storage, tmp_path / "i", first) as there:
        await there.catch_up()
        learned = await until(there, 1)
        assert str(learned) == f"slow-1, {first.together} of 300 papers so far"
    newest = [f"Thing {n}" for n in range(299, 299 - first.together, -1)]
    assert first_words(first)[: first.together] == newest
    async with index(storage, tmp_path / "i", second) as there:
        await there.finish()
        assert str(await there.learned()) == "slow-1, all 300 papers"
    assert set(first_words(second)) == {f"Thing {n}" for n in range(300)} - set(newest)
    assert len(second.read) == 300 - first.together


async def test_only_what_changed_is_read_again(storage: Storage, tmp_path: Path) -> None:
    """A new paper and a new abstract; upvotes are none of its business."""
    await fill(storage, *(paper(n) for n in range(9)))
    slow = Slow()
    async with index(storage, tmp_path / "i", slow) as there:
        await there.finish()
        slow.read.clear()
        later = NOON + timedelta(days=1)
        changed = (paper(1, upvotes=9), paper(2, abstract="Now with one."), paper(20))
        await storage.archive.keep(changed, as_of=later)
        await there.finish()
    assert sorted(slow.read) == ["Thing 2. Now with one.", "Thing 20. "]


async def test_another_model_reads_everything_and_the_first_is_not_forgotten(
    storage: Storage, tmp_path: Path
) -> None:
    """Vectors of two models cannot be compared; going back costs nothing."""
    await fill(storage, *(paper(n) for n in range(9)))
    for name, read in (("one", 9), ("two", 9), ("one", 0)):
        slow = Slow(name)
        async with index(storage, tmp_path / "i", slow) as there:
            await there.finish()
            assert len(slow.read) == read


@pytest.mark.parametrize("how", ["rebuilt", "torn", "older", "twice"])
async def test_a_new_index_knows_what_the_old_one_knew(
    storage: Storage, tmp_path: Path, how: str
) -> None:
    """What took an hour is not made again, whatever became of the words."""
    await fill(storage, *(paper(n) for n in range(150)))
    slow, root = Slow(), tmp_path / "i"
    async with index(storage, root, slow, bundled()) as there:
        await there.finish()
        assert len(slow.read) == 150
        if how in {"rebuilt", "twice"}:
            await there.rebuild()
        if how == "twice":
            await there.rebuild()
    current = json.loads((root / "current.json").read_text())
    if how == "torn":
        (root / current["shelf"] / "papers.rows").write_bytes(b"")
    if how == "older":
        (root / "current.json").write_text(json.dumps(current | {"version": 0}))
    await fill(storage, paper(500))
    async with index(storage, root, slow, bundled()) as there:
        await there.finish()
        assert str(await there.learned()) == "slow-1, all 151 papers"
        (hit, *_) = (await there.search(words("500"))).hits
        assert hit.paper.id == paper(500).id
    assert len(slow.read) == 151
    assert not [*root.rglob("known-*")]


async def test_an_index_that_was_deleted_is_learned_anew(storage: Storage, tmp_path: Path) -> None:
    """It may be, at any time."""
    await fill(storage, *(paper(n) for n in range(5)))
    slow = Slow()
    async with index(storage, tmp_path / "i", slow) as there:
        await there.finish()
        shutil.rmtree(tmp_path / "i")
        await there.finish()
        assert (await there.learned()) == Learned("slow-1", 5, 5)


async def test_a_text_that_breaks_the_model_breaks_nothing_else(
    storage: Storage, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """One line in the log, no endless loop, and searches as before."""
    await fill(storage, paper(1), paper(2, "Poison"))
    slow = Slow()
    slow.broken_by = "Poison"
    async with index(storage, tmp_path / "i", slow, bundled()) as there:
        await there.finish()
        assert [hit.paper.title for hit in (await there.search(words("poison"))).hits] == ["Poison"]
    assert [record.getMessage() for record in caplog.records] == [
        "index.not_learned error=it stumbled"
    ]


async def test_a_writer_elsewhere_is_waited_for(storage: Storage, tmp_path: Path) -> None:
    """What was made meanwhile is kept when it has finished, and not made twice."""
    await fill(storage, *(paper(n) for n in range(5)))
    slow, root = Slow(), tmp_path / "i"
    async with index(storage, root) as there:
        await there.catch_up()
    current = json.loads((root / "current.json").read_text())
    writer = tantivy.Index.open(str(root / current["shelf"])).writer(15_000_000, 1)
    async with index(storage, root, slow) as there:
        waiting = asyncio.create_task(there.finish())
        while len(slow.read) < 5:  # noqa: ASYNC110 -- it calls nobody
            await asyncio.sleep(0.01)
        writer.wait_merging_threads()
        await waiting
        assert str(await there.learned()) == "slow-1, all 5 papers"
    assert len(slow.read) == 5


async def test_searches_are_right_while_it_learns(storage: Storage, tmp_path: Path) -> None:
    """Papers come in meanwhile, too."""
    await fill(storage, *(paper(n) for n in range(300)))
    slow = Slow()
    async with index(storage, tmp_path / "i", slow, bundled()) as there:
        learning = asyncio.create_task(there.finish())
        for number in range(300, 320):
            await fill(storage, paper(number, f"Zebra{number} grazing"))
            found = await there.search(words(f"zebra{number}"))
            assert found.hits[0].paper.id == paper(number).id
        await learning
        await there.finish()
        assert str(await there.learned()) == "slow-1, all 320 papers"


async def test_stopping_waits_for_no_paper(storage: Storage, tmp_path: Path) -> None:
    """In the midst of a hundred of them."""
    await fill(storage, *(paper(n) for n in range(100)))
    slow = Slow()
    slow.free = 3
    async with index(storage, tmp_path / "i", slow) as there:
        await there.catch_up()
        while len(slow.read) < 3:  # noqa: ASYNC110 -- it calls nobody
            await asyncio.sleep(0.01)
        begun = time.monotonic()
    assert time.monotonic() - begun < 1


async def test_what_is_done_aside_steps_back() -> None:
    """Its thread has a lower priority where threads have one, rests, and ends when it is told to."""
    aside = Aside()
    if sys.platform == "linux":
        nice = await aside.run(lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        assert nice > os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    assert await aside.run(aside.breathe) is None
    begun = threading.Event()

    def long() -> None:
        begun.set()
        while True:
            aside.breathe()

    task = asyncio.create_task(aside.run(long))
    await asyncio.to_thread(begun.wait)
    aside.close()
    with pytest.raises(Stopped):
        await task


async def test_a_real_model_from_a_folder(storage: Storage, tmp_path: Path) -> None:
    """The whole way: a folder, onnxruntime, vectors on disk, and a paper found that has none of the words."""
    folder = write_model(tmp_path / "tiny")
    await fill(storage, paper(1, "Feline"), paper(2, "Poem"), paper(3, "Quantum tree"))
    model = Model(str(folder), tmp_path / "models", NOBODY)
    async with index(storage, tmp_path / "i", Better(model, calm=0), bundled()) as there:
        await there.finish()
        found = await there.search(words("cat"))
        assert [(hit.paper.title, hit.why) for hit in found.hits] == [
            ("Feline", "similar in meaning")
        ]
    async with index(storage, tmp_path / "i", Better(model), bundled()) as there:
        found = await there.search(words("cat"))  # the first search waits for what is here
        assert [hit.paper.title for hit in found.hits] == ["Feline"]


async def test_without_its_model_everything_goes_on(
    storage: Storage, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """One clear line; tried again later, and then it is there."""
    await fill(storage, paper(1, "Feline"), paper(2, "Poem"))
    now = 0.0
    folder = tmp_path / "tiny"
    model = Model(str(folder), tmp_path / "models", NOBODY)
    tier = Better(model, calm=0, clock=lambda: now)
    async with index(storage, tmp_path / "i", tier, bundled()) as there:
        for _ in range(3):
            await there.finish()
            now += 700
        assert [hit.paper.title for hit in (await there.search(words("poem"))).hits] == ["Poem"]
        learned = await there.learned()
        assert learned
        assert learned.broken
        assert "no folder here" in str(learned)
        (line,) = [record.getMessage() for record in caplog.records]
        assert line.startswith(f"model.missing {folder} cannot be used: ")
        write_model(folder)
        now += 700
        await there.finish()
        assert (await there.search(words("cat"))).hits[0].paper.title == "Feline"


async def test_a_model_that_must_be_fetched_holds_up_nobody(
    storage: Storage, tmp_path: Path
) -> None:
    """Not the first search, and not the bundled model's vectors."""
    await fill(storage, paper(1, "Poem"))
    tier = Better(Model("minilm", tmp_path / "models", NOBODY), calm=60)
    async with index(storage, tmp_path / "i", tier, bundled()) as there:
        begun = time.monotonic()
        assert (await there.search(words("poem"))).total == 1
        assert time.monotonic() - begun < 5
        assert str(await there.learned()) == f"minilm is still to be fetched from {NOBODY}"


async def test_settings_status_and_doctor_name_the_model(tmp_path: Path) -> None:
    """One line in the config, one in `/paper status`, one in `paperbot doctor`."""
    folder = write_model(tmp_path / "tiny")
    settings = {"data": tmp_path, "search": {"model": str(folder)}, "huggingface": {"url": NOBODY}}
    config = Config.model_validate(settings)
    assert config.model == Model(str(folder), tmp_path / "models", NOBODY)
    plain = Config.model_validate({"data": tmp_path})
    assert plain.model is None
    assert await told_by_status(plain) is None
    assert await told_by_status(config) == f"{folder}, all 0 papers"
    found = {one.name: one async for one in checks(lambda: config, patience=0.2)}
    assert found["Search model"].fine
    assert str(folder) in found["Search model"].text
    broken = Config.model_validate(settings | {"search": {"model": "nonsense"}})
    found = {one.name: one async for one in checks(lambda: broken, patience=0.2)}
    assert not found["Search model"].fine
    assert "`[search] model`" in found["Search model"].text


async def told_by_status(config: Config) -> str | None:
    async with open_app(config, doors={}) as app:
        await app.storage.search.catch_up()
        (panel,) = (await app.desk.answer(caller(config), ["status"])).posts
    assert isinstance(panel, Panel)
    return {row.label: row.text for row in panel.rows}.get("Search model")
