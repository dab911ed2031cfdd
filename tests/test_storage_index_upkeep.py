"""The index beside the database: written by one, read by all, lost at any time, and never in a searcher's way."""

import asyncio
import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from bot.domain.papers import Paper
from bot.domain.search import Found, Query, Word
from storage import Storage
from storage.index import Index
from storage.mark import BusyShelf
from storage.shelf import Shelf
from tests.support.search import NOON, TOPICS, Letters, fill, ids, many, tier, words
from tests.support.storage import Place, temporary_storage


def of_topic(papers: Sequence[Paper], topic: str) -> set[str]:
    """Ids of the papers that have the word."""
    return {one.id for one in papers if topic in one.title}


async def literally(storage: Storage, topic: str) -> Found:
    """Everything that has the word, and nothing that is only similar."""
    query = Query(words=(Word(topic, phrase=True),))
    return await storage.search.search(query, limit=5_000)


async def test_searches_while_a_thousand_papers_come_in(place: Place) -> None:
    """Each finds all that was there when it was asked, and nothing else."""
    papers = many(1_200)
    async with temporary_storage(place) as storage:
        await fill(storage, papers[:200])

        async def ingest() -> None:
            for at in range(200, 1_200, 100):
                await storage.archive.keep(papers[at : at + 100], as_of=NOON)

        coming, begun, done = asyncio.create_task(ingest()), of_topic(papers[:200], "speech"), False
        while not done:
            done = coming.done()
            found = await literally(storage, "speech")
            assert begun <= set(ids(found)) <= of_topic(papers, "speech")
            assert (await storage.search.search(words("number7"))).hits[0].paper == papers[7]
        await coming
        assert set(ids(await literally(storage, "speech"))) == of_topic(papers, "speech")


async def test_searches_while_the_index_is_rebuilt(place: Place) -> None:
    """As if nothing were going on; papers that come in meanwhile are in the new one, too."""
    papers = many(900)
    async with temporary_storage(place) as storage:
        await fill(storage, papers[:800])
        building = asyncio.create_task(storage.search.rebuild())
        await storage.archive.keep(papers[800:], as_of=NOON)
        done = False
        while not done:
            done = building.done()
            there = set(ids(await literally(storage, "robots")))
            assert of_topic(papers[:800], "robots") <= there <= of_topic(papers, "robots")
        assert await building >= 800
        assert set(ids(await literally(storage, "robots"))) == of_topic(papers, "robots")


async def test_the_lost_index_answers_until_its_successor_is_there(place: Place) -> None:
    """The folder is deleted under a running bot that has no time to wait: what was open still answers."""
    papers = many(3_000)
    async with temporary_storage(place) as storage:
        hasty = Index(storage.database, place.directory / "hasty", patience=0)
        await storage.archive.keep(papers, as_of=NOON)
        await hasty.catch_up()
        query = Query(words=(Word("proteins", phrase=True),))
        whole = await hasty.search(query, limit=3_000)
        shutil.rmtree(place.directory / "hasty")
        for _ in range(3):
            assert await hasty.search(query, limit=3_000) == whole
        await hasty.catch_up()
        anew = await hasty.search(query, limit=3_000)
        assert (set(ids(anew)), anew.total) == (set(ids(whole)), whole.total)
        await hasty.close()


async def test_an_older_database_is_not_answered_from_memory(tmp_path: Path) -> None:
    """What was open knows papers that are no more: it must not answer for its successor."""
    async with temporary_storage(tmp_path) as storage:
        await fill(storage, many(30))
        async with storage.database.write() as session:
            connection = await session.connection()
            await connection.exec_driver_sql("DELETE FROM paper WHERE id > '2505.00009'")
            await connection.exec_driver_sql("UPDATE meta SET value='10' WHERE name='revision'")
        assert (await literally(storage, "number20")).total == 0
        assert (await literally(storage, "number7")).total == 1


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])


def spoil(path: Path) -> None:
    path.write_bytes(b"\x5a" * path.stat().st_size)


@pytest.mark.parametrize("harm", [Path.unlink, cut, spoil])
@pytest.mark.parametrize("file", ["*.marks", "*.codes", "papers.rows", "revision.json"])
async def test_whatever_is_torn_is_made_good(
    tmp_path: Path, harm: Callable[[Path], None], file: str
) -> None:
    """Vectors, rows, the mark: words find what they found before, and then meaning does, too."""
    papers = many(60)
    async with temporary_storage(tmp_path) as storage:
        await fill(storage, papers)
    for path in [*(tmp_path / "paperbot.index").glob(f"*/{file}")]:
        harm(path)
    async with temporary_storage(tmp_path) as storage:
        assert set(ids(await literally(storage, "speech"))) == of_topic(papers, "speech")
        assert (await storage.search.search(words("speech recognition"))).total >= 10
        await storage.search.finish()
        assert (
            (await storage.search.similar(papers[2].id)).hits[0].paper.title.startswith("On spee")
        )


async def test_what_was_written_but_not_noted_is_written_again(tmp_path: Path) -> None:
    """A crash between the words and the mark: no paper is there twice."""
    shelf = Shelf.create(tmp_path / "shelf", [tier(Letters())])
    shelf.add(many(40), 40)
    mark = (shelf.path / "revision.json").read_bytes()
    shelf.add(many(40, 40), 80)
    (shelf.path / "revision.json").write_bytes(mark)
    again = Shelf.open(shelf.path, [tier(Letters())])
    assert again.revision == 40
    again.add(many(40, 40), 80)
    assert again.papers == 80
    assert again.find(words("number50"), 0, 10).ids[0] == "2505.00050"


async def test_one_writes_at_a_time(tmp_path: Path) -> None:
    """Whoever comes second is told so, and may when the first has finished."""
    shelf = Shelf.create(tmp_path / "shelf")
    writing = shelf.writing(1)
    with pytest.raises(BusyShelf):
        Shelf.open(shelf.path).writing(1)
    writing.add(many(3), 3)
    writing.close()
    Shelf.open(shelf.path).add(many(3, 3), 6)
    assert shelf.find(words("diffusion"), 0, 10).total >= 1


async def test_another_model_reads_every_paper_anew(place: Place) -> None:
    """Vectors bear their model's name: the old one's are not compared with the new one's questions."""
    papers, root = many(50), place.directory / "models"
    async with temporary_storage(place) as storage:
        await storage.archive.keep(papers, as_of=NOON)
        for name in ("letters-1", "letters-1", "letters-2"):
            model = Letters(name)
            index = Index(storage.database, root, tiers=lambda model=model: (tier(model),))
            assert (await index.search(words("robots"))).total >= 8
            await index.finish()
            await index.close()
            read = [text for text in model.read if text.startswith("On ")]
            stems = {path.name.partition("-16-")[0] for path in root.glob("*/*.codes")}
            assert (name in stems, len(read)) == (True, len(read))
            if name == "letters-2":
                assert len(read) == 50
                break


async def test_a_model_that_fails_leaves_the_words(place: Place) -> None:
    """The search does without it."""

    class Broken(Letters):
        def embed(self, texts: Sequence[str]) -> object:  # type: ignore[override]
            raise RuntimeError("no memory")

    async with temporary_storage(place) as storage:
        await storage.archive.keep(many(12), as_of=NOON)
        index = Index(storage.database, place.directory / "b", tiers=lambda: (tier(Broken()),))
        assert (await index.search(words("robots"))).total == 2
        await index.close()


async def test_pages_are_the_same_while_nothing_changes(place: Place) -> None:
    """Candidates and what words alone bring after them: each paper once, over all pages."""
    papers = many(900)
    async with temporary_storage(place) as storage:
        await fill(storage, papers)
        query = words(" ".join(TOPICS[:3]))
        pages = [
            await storage.search.search(query, offset=at, limit=70) for at in range(0, 980, 70)
        ]
        found = [id for page in pages for id in ids(page)]
        assert len(found) == len(set(found)) == pages[0].total
        assert set(found) >= {one.id for one in papers if one.title.split()[1] in TOPICS[:3]}


async def test_an_index_folder_says_what_it_is_of(tmp_path: Path) -> None:
    """Version, engine and database: another one's is not opened."""
    async with temporary_storage(tmp_path) as storage:
        await fill(storage, many(3))
    current = json.loads((tmp_path / "paperbot.index" / "current.json").read_text())
    assert current.keys() == {"version", "engine", "database", "shelf"}
