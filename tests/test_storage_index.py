"""Search: what is found and in which order, and an index that may be lost at any time."""

import asyncio
import json
import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import tantivy
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.errors import StorageError
from bot.domain.papers import Paper, PaperId
from bot.domain.search import Field, Found, Has, Query, Sort, Word
from storage import Storage
from storage.asking import STOP
from storage.index import Index
from storage.shelf import Shelf
from tests.support.storage import Place, temporary_storage

NOON = datetime(2025, 5, 22, 12, tzinfo=UTC)


def paper(id: str, title: str, **changes: object) -> Paper:
    return replace(Paper(id=PaperId(id), title=title), **changes)


CLIP = paper(
    "2103.00020",
    "Learning Transferable Visual Models",
    abstract="We train CLIP on pairs of images and captions.",
    authors=("Alec Radford", "Jong Wook Kim"),
    published=date(2021, 2, 26),
    upvotes=50,
    keywords=("contrastive learning", "zero-shot"),
    organization="OpenAI",
    code_url="https://github.com/openai/CLIP",
    stars=900,
    ai_summary="Captions supervise vision.",
)
ATTENTION = paper(
    "1706.03762",
    "Attention Is All You Need",
    abstract="The transformer needs no recurrence.",
    authors=("Ashish Vaswani", "Noam Shazeer", "Łukasz Kaiser"),
    published=date(2017, 6, 12),
    upvotes=90,
    stars=5,
)
SURVEY = paper(
    "2505.00001",
    "A Survey of Transformers and Attention in Vision",
    abstract="Attention, attention, attention: what a transformer needs.",
    authors=("Wei Smith", "Zhang Lee"),
    featured=date(2025, 5, 22),
    published=date(2025, 5, 1),
    upvotes=3,
    media=("https://a.b/c.mp4",),
)
ALL = (CLIP, ATTENTION, SURVEY)


def words(text: str) -> Query:
    """As the command line splits it: quotes for phrases, a dash to exclude."""
    found = []
    for part in text.split("|"):
        excluded = part.startswith("-")
        text = part.removeprefix("-")
        found.append(Word(text.strip('"'), phrase=text.startswith('"'), excluded=excluded))
    return Query(words=tuple(found))


async def fill(storage: Storage, papers: tuple[Paper, ...] = ALL) -> None:
    await storage.archive.keep(papers, as_of=NOON)
    await storage.search.catch_up()


def ids(found: Found) -> list[str]:
    return [hit.paper.id for hit in found.hits]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("clip", [CLIP]),
        ("transformers", [SURVEY, ATTENTION]),
        ("captioning", [CLIP]),
        ("papers|about|clip", [CLIP]),
        ("find|me|the|image", [CLIP]),
        ('"visual models"', [CLIP]),
        ('"models visual"', []),
        ('"jong wook"', [CLIP]),
        ("transformer|-survey", [ATTENTION]),
        ("-survey|-clip", [ATTENTION]),
        ("-attention", [CLIP]),
        ("1706.03762", [ATTENTION]),
        ("https://arxiv.org/abs/1706.03762v5", [ATTENTION]),
        ("attention|is|all|you|need", [ATTENTION, SURVEY]),
        ('"attention is all you need"', [ATTENTION]),
        ("kaiser", [ATTENTION]),
        ("lukasz", [ATTENTION]),
        ("openai", [CLIP]),
        ("you", [ATTENTION]),
        ("zebra", []),
        ("!!!", []),
        ("zebra|clip", [CLIP]),
    ],
)
async def test_words_find_papers(tmp_path: Path, text: str, expected: list[Paper]) -> None:
    """Stems, alternatives, phrases, exclusions, names, ids; an exact title comes first."""
    async with temporary_storage(tmp_path) as storage:
        await fill(storage)
        found = await storage.search.search(words(text))
        assert [hit.paper for hit in found.hits] == expected
        assert found.total == len(expected)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query(author="radford"), [CLIP]),
        (Query(author="Alec Radford"), [CLIP]),
        (Query(author="jong kim"), [CLIP]),
        (Query(author="wei lee"), []),
        (Query(author="vision"), []),
        (Query(author="!"), []),
        (Query(organization="openai"), [CLIP]),
        (Query(keyword="contrastive"), [CLIP]),
        (Query(keyword="zero-shot"), [CLIP]),
        (Query(keyword="transformer"), []),
        (Query(author="radford", has=frozenset({Has.CODE, Has.SUMMARY})), [CLIP]),
        (Query(author="radford", has=frozenset({Has.VIDEO})), []),
        (replace(words("attention"), since=date(2020, 1, 1)), [SURVEY]),
        (replace(words("attention"), until=date(2017, 6, 12)), [ATTENTION]),
        (replace(words("attention"), min=4), [ATTENTION]),
        (replace(words("attention"), sort=Sort.UPVOTES), [ATTENTION, SURVEY]),
        (replace(words("attention"), sort=Sort.NEW), [SURVEY, ATTENTION]),
        (replace(words("attention"), sort=Sort.STARS), [ATTENTION, SURVEY]),
    ],
)
async def test_filters_and_orders(tmp_path: Path, query: Query, expected: list[Paper]) -> None:
    """With words: a featured day counts before the published one."""
    async with temporary_storage(tmp_path) as storage:
        await fill(storage)
        found = await storage.search.search(query)
        assert [hit.paper for hit in found.hits] == expected
        assert found.total == len(expected)


PLAIN = (
    (Query(), [SURVEY, CLIP, ATTENTION]),
    (Query(sort=Sort.UPVOTES), [ATTENTION, CLIP, SURVEY]),
    (Query(sort=Sort.STARS), [CLIP, ATTENTION, SURVEY]),
    (Query(has=frozenset({Has.CODE})), [CLIP]),
    (Query(has=frozenset({Has.SUMMARY})), [CLIP]),
    (Query(has=frozenset({Has.VIDEO})), [SURVEY]),
    (Query(min=50), [CLIP, ATTENTION]),
    (Query(since=date(2021, 2, 26), until=date(2025, 5, 21)), [CLIP]),
)


async def test_the_database_alone_filters_and_orders(place: Place) -> None:
    """Without words the index is not asked."""
    async with temporary_storage(place) as storage:
        await storage.archive.keep(ALL, as_of=NOON)
        for query, expected in PLAIN:
            found = await storage.search.search(query)
            assert [hit.paper for hit in found.hits] == expected, query
            assert found.total == len(expected)


def crowd(count: int) -> tuple[Paper, ...]:
    """Papers by chance, the same each time."""
    chance = random.Random(7)
    day = date(2024, 1, 1)
    return tuple(
        paper(
            f"2505.{number:05}",
            chance.choice(("Vision", "Speech", "Vision and speech")),
            published=chance.choice((None, day + timedelta(days=chance.randrange(300)))),
            featured=chance.choice((None, day + timedelta(days=chance.randrange(300)))),
            upvotes=chance.randrange(40),
            stars=chance.choice((None, 0, 7)),
            code_url=chance.choice((None, "https://a.b")),
        )
        for number in range(count)
    )


@pytest.mark.parametrize("sort", Sort)
async def test_pages_never_overlap_and_lose_nothing(place: Place, sort: Sort) -> None:
    """Filters are exact among hundreds of matches, and the database agrees with the index."""
    since, until = date(2024, 2, 1), date(2024, 9, 1)
    everybody = crowd(600)
    expected = {
        one.id
        for one in everybody
        if "ision" in one.title
        and (day := one.featured or one.published)
        and since <= day <= until
        and one.upvotes >= 5
        and one.code_url
    }
    query = Query(since=since, until=until, min=5, has=frozenset({Has.CODE}), sort=sort)
    async with temporary_storage(place) as storage:
        await fill(storage, everybody)
        spoken = replace(query, words=(Word("vision"),))
        pages = [await storage.search.search(spoken, offset=o, limit=30) for o in range(0, 240, 30)]
        found = [id for page in pages for id in ids(page)]
        assert len(found) == len(set(found)) == pages[0].total
        assert set(found) == expected
        plain = await storage.search.search(query, limit=1_000)
        if sort is not Sort.RELEVANCE:
            assert [id for id in ids(plain) if id in expected] == found


async def test_why_says_what_matched(tmp_path: Path) -> None:
    """In a few words."""
    async with temporary_storage(tmp_path) as storage:
        await fill(storage)

        async def why(text: str) -> str:
            return (await storage.search.search(words(text))).hits[0].why

        assert await why("images|of|zebras|captions") == "images, captions"
        assert await why("1706.03762") == "its arXiv id"
        assert await why("Attention|is|all|you|need") == "its title"
        assert await why("radford") == "radford"
        assert await why('"jong wook"') == "jong, wook"


async def test_titles_complete_what_is_being_typed(tmp_path: Path) -> None:
    """The last word may be unfinished, the others must be there; the most liked come first."""
    async with temporary_storage(tmp_path) as storage:
        await fill(storage)

        async def titles(prefix: str) -> list[str]:
            return [one.id for one in await storage.search.titles(prefix)]

        assert await titles("att") == [ATTENTION.id, SURVEY.id]
        assert await titles("Attention surv") == [SURVEY.id]
        assert await titles("transf") == [CLIP.id, SURVEY.id]
        assert await titles("x.*") == await titles("") == await titles("(") == []


async def test_the_index_follows_the_archive(place: Place) -> None:
    """A search sees what was kept before it, changes of old papers too, without being told."""
    async with temporary_storage(place) as storage:
        await fill(storage)
        renamed = replace(CLIP, title="A zebra")
        await storage.archive.keep([renamed], as_of=NOON + timedelta(hours=1))
        assert ids(await storage.search.search(words("zebra"))) == [CLIP.id]
        assert ids(await storage.search.search(words("transferable"))) == []
        assert await storage.search.catch_up() == 0


async def test_catching_up_says_how_many_papers_it_took(place: Place) -> None:
    """What it knows already is left alone, over a restart too."""
    async with temporary_storage(place) as storage:
        await storage.archive.keep(ALL, as_of=NOON)
        assert await storage.search.catch_up() == 3
    async with temporary_storage(place) as storage:
        await storage.archive.keep([*ALL, paper("2505.00009", "New")], as_of=NOON)
        assert await storage.search.catch_up() == 1


def delete(index: Path) -> None:
    shutil.rmtree(index)


def empty(index: Path) -> None:
    for path in index.rglob("*.term"):
        path.write_bytes(b"")


def tear(index: Path) -> None:
    for path in index.rglob("*.store"):
        path.unlink()


def forget_meta(index: Path) -> None:
    next(index.rglob("meta.json")).unlink()


def spoil_meta(index: Path) -> None:
    next(index.rglob("meta.json")).write_bytes(b"\xff garbage")


def spoil_mark(index: Path) -> None:
    next(index.rglob("revision.json")).write_text('{"revision": "x"}')


def spoil_current(index: Path) -> None:
    (index / "current.json").write_bytes(b"[]")


def point_elsewhere(index: Path) -> None:
    current = json.loads((index / "current.json").read_text())
    (index / "current.json").write_text(json.dumps({**current, "shelf": "../../etc"}))


def age(index: Path) -> None:
    current = json.loads((index / "current.json").read_text())
    (index / "current.json").write_text(json.dumps({**current, "version": 0}))


HARMS = (
    delete,
    tear,
    forget_meta,
    spoil_meta,
    spoil_mark,
    spoil_current,
    point_elsewhere,
    age,
)


@pytest.mark.parametrize("harm", HARMS)
async def test_an_index_lost_while_running_is_built_anew(
    tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    """The next search notices, and gets its answer all the same."""
    async with temporary_storage(tmp_path) as storage:
        await fill(storage)
        harm(tmp_path / "paperbot.index")
        await storage.archive.keep([paper("2505.00007", "A new clip")], as_of=NOON)
        found = await storage.search.search(words("clip"))
        assert set(ids(found)) == {CLIP.id, "2505.00007"}


@pytest.mark.parametrize("harm", [*HARMS, empty])
async def test_a_lost_index_is_built_anew(tmp_path: Path, harm: Callable[[Path], None]) -> None:
    """Deleted, torn, garbage, of another version: noticed when it is opened."""
    async with temporary_storage(tmp_path) as storage:
        await fill(storage)
    harm(tmp_path / "paperbot.index")
    async with temporary_storage(tmp_path) as storage:
        assert ids(await storage.search.search(words("clip"))) == [CLIP.id]
        assert ids(await storage.search.search(words("clip"))) == [CLIP.id]


async def test_an_index_of_another_database_is_not_used(place: Place) -> None:
    """A database put in the place of another has its own."""
    async with temporary_storage(place) as storage:
        await fill(storage)
        async with storage.database.write() as session:
            connection = await session.connection()
            await connection.exec_driver_sql("UPDATE meta SET value='x' WHERE name='identity'")
    async with temporary_storage(place) as storage:
        assert await storage.search.catch_up() == 3


async def test_a_database_put_back_to_an_older_state_is_noticed(tmp_path: Path) -> None:
    """The index knows papers that the backup does not."""
    async with temporary_storage(tmp_path) as storage:
        await storage.archive.keep([CLIP], as_of=NOON)
    backup = (tmp_path / "paperbot.db").read_bytes()
    async with temporary_storage(tmp_path) as storage:
        await fill(storage)
    (tmp_path / "paperbot.db").write_bytes(backup)
    async with temporary_storage(tmp_path) as storage:
        assert ids(await storage.search.search(words("attention"))) == []
        assert ids(await storage.search.search(words("clip"))) == [CLIP.id]


async def test_where_no_index_can_be_a_search_finds_nothing(tmp_path: Path) -> None:
    """A file in its place: no error for the searcher, one clear line for who rebuilds it."""
    (tmp_path / "paperbot.index").touch()
    async with temporary_storage(tmp_path) as storage:
        await storage.archive.keep(ALL, as_of=NOON)
        assert await storage.search.search(words("clip")) == Found((), 0)
        assert await storage.search.titles("clip") == []
        assert (await storage.search.search(Query())).total == 3
        with pytest.raises(StorageError, match="cannot be written"):
            await storage.search.rebuild()


async def test_rebuilding_reports_its_progress(place: Place) -> None:
    """Searches are answered meanwhile; nothing of the old index is left over."""
    steps: list[tuple[int, int]] = []
    async with temporary_storage(place) as storage:
        await fill(storage)
        count = await storage.search.rebuild(lambda done, total: steps.append((done, total)))
        assert (count, steps) == (3, [(3, 3)])
        assert ids(await storage.search.search(words("clip"))) == [CLIP.id]
        shelves = [path for path in (place.index).iterdir() if path.is_dir()]
        assert len(shelves) == 1


async def test_a_writer_elsewhere_is_left_alone(tmp_path: Path) -> None:
    """The lock belongs to another process: the search is answered from what there is."""
    async with temporary_storage(tmp_path) as storage:
        await fill(storage)
        current = json.loads((tmp_path / "paperbot.index/current.json").read_text())
        other = tantivy.Index.open(str(tmp_path / "paperbot.index" / current["shelf"]))
        writer = other.writer(15_000_000, 1)
        await storage.archive.keep([paper("2505.00009", "A new clip")], as_of=NOON)
        assert await storage.search.catch_up() == 0
        assert ids(await storage.search.search(words("clip"))) == [CLIP.id]
        writer.wait_merging_threads()
        assert await storage.search.catch_up() == 1


async def test_one_process_sees_what_another_has_indexed(place: Place) -> None:
    """An import beside the running bot, and a rebuild."""
    async with temporary_storage(place) as one, temporary_storage(place) as two:
        await fill(one)
        assert ids(await two.search.search(words("clip"))) == [CLIP.id]
        await one.search.rebuild()
        await fill(one, (paper("2505.00009", "A new zebra"),))
        assert ids(await two.search.search(words("zebra"))) == ["2505.00009"]


async def test_a_search_does_not_wait_for_a_long_way_to_go(place: Place) -> None:
    """It answers with what is indexed; the rest goes on behind it."""
    async with temporary_storage(place) as storage:
        await storage.archive.keep(crowd(600), as_of=NOON)
        hasty = Index(storage.database, place.directory / "elsewhere", patience=0)
        await hasty.search(words("vision"))
        await asyncio.wait_for(hasty.catch_up(), 10)
        assert (await hasty.search(words("vision"))).total > 300
        await hasty.close()


anything = st.text(st.characters(), max_size=200)
queries = st.builds(
    Query,
    words=st.lists(
        st.builds(Word, text=anything, phrase=st.booleans(), excluded=st.booleans()), max_size=5
    ).map(tuple),
    author=anything,
    organization=st.just("") | anything,
    keyword=st.just("") | anything,
    since=st.none() | st.dates(),
    until=st.none() | st.dates(),
    has=st.frozensets(st.sampled_from(Has)),
    min=st.integers(-5, 2**70),
    sort=st.sampled_from(Sort),
)


@settings(max_examples=60, deadline=None)
@given(queries, anything)
def test_no_query_is_an_error(
    tmp_path_factory: pytest.TempPathFactory, query: Query, prefix: str
) -> None:
    """Any characters at all, halves of characters too: an answer, and the index stays sound."""
    shelf = _shelf(tmp_path_factory)
    shelf.find(query, 0, 10)
    shelf.titles(prefix, 10)
    shelf.titles(f"2{prefix}", 10)
    for field in Field:
        shelf.names(field, prefix, 10)
    shelf.find(replace(query, within=frozenset({CLIP.id, PaperId(prefix)})), 3, 10)
    assert shelf.find(Query(), 0, 10)[1] == 3


@pytest.mark.parametrize(
    "text",
    [
        "x" * 10_000,
        "a " * 5_000,
        " ".join(map(str, range(3_000))),
        '"' * 100,
        "title:x^5 AND (a OR [b TO c]) NOT *",
        "\0",
        "\ud800",
        "🔖🔖",
        "".join(STOP),
        ".*",
        "١٢٣ ﷽ ǅ ß İ",
    ],
)
@pytest.mark.parametrize("phrase", [True, False])
async def test_hostile_words_are_words(tmp_path: Path, text: str, phrase: bool) -> None:
    """Syntax of other engines, endless text, nothing but signs."""
    async with temporary_storage(tmp_path) as storage:
        await fill(storage)
        query = Query(words=(Word(text, phrase=phrase), Word(text, excluded=True)), author=text)
        assert (await storage.search.search(query, offset=3, limit=0)).hits == ()
        await storage.search.search(replace(query, author=""), offset=-1, limit=-1)
        for one in (Query(min=10**30), replace(query, min=10**30)):
            assert (await storage.search.search(one, offset=10**30, limit=10**30)).total == 0
        await storage.search.titles(text)
        assert ids(await storage.search.search(words("clip"))) == [CLIP.id]


_SHELVES: dict[str, Shelf] = {}


def _shelf(factory: pytest.TempPathFactory) -> Shelf:
    """One index for all examples."""
    if "one" not in _SHELVES:
        shelf = Shelf.create(factory.mktemp("index") / "shelf")
        shelf.add(ALL, 1)
        _SHELVES["one"] = shelf
    return _SHELVES["one"]
