"""What comes first, and why: names before words, words before votes, each paper once."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.huggingface.payload import read_item
from adapters.sample import SampleFeed
from bot.domain.papers import Paper
from bot.domain.search import Field, Has, Query, Sort, Word
from storage.ranking import FRESHNESS, VOTES, fuse, prior
from storage.reasons import MEANING, SPELLING, alike, why
from storage.terms import NAMED as SIGN
from storage.terms import completions, names_key
from tests.support.search import NOON, fill, ids, many, paper, words
from tests.support.storage import Place, temporary_storage

floats = st.floats(0, 1, width=32)


@given(st.lists(st.tuples(floats, floats), min_size=1, max_size=30), floats)
def test_relevance_is_between_nothing_and_one(pairs: list[tuple[float, float]], share: float):
    """And grows with either of its two reasons."""
    said, near = np.array(pairs, np.float32).T
    relevance = fuse(said, [near], [share])
    assert ((relevance >= 0) & (relevance <= 1.0001)).all()
    best = int(np.lexsort((near, said))[-1])
    if said[best] == said.max() and near[best] == near.max():
        assert relevance[best] == relevance.max()


def test_a_paper_without_a_vector_is_judged_by_its_words() -> None:
    """It does not gain over those that have one, and the next model may know it."""
    said = np.array([1.0, 1.0, 0.5], np.float32)
    first = np.array([np.nan, 0.9, 0.1], np.float32)
    assert fuse(said, [first], [0.3]).tolist() == pytest.approx([0.7, 1.0, 0.35])
    second = np.array([0.8, 0.1, 0.2], np.float32)
    assert fuse(said, [first, second], [0.3, 0.4])[0] == pytest.approx(1.0)
    assert fuse(said, [], []).tolist() == [1.0, 1.0, 0.5]


@given(
    st.lists(st.tuples(st.integers(-9, 2**31 - 1), st.integers(-9, 10**6)), min_size=1),
    st.floats(0, 1e6),
)
def test_votes_and_freshness_never_weigh_much(facts: list[tuple[int, int]], crowd: float) -> None:
    """Whatever the figures: papers that differ more in relevance than this keep their order."""
    votes, ages = np.array(facts, np.int64).T
    worth = prior(votes, ages, crowd)
    assert ((worth >= 0) & (worth <= VOTES + FRESHNESS + 1e-6)).all()
    assert VOTES + FRESHNESS <= 0.05


async def test_votes_decide_among_equals_only(tmp_path: Path) -> None:
    """A paper that says it is before one that everybody likes."""
    twin = paper("2505.00001", "Sparse attention", published=date(2025, 5, 1))
    liked = replace(twin, id="2505.00002", upvotes=500)
    famous = paper(
        "2505.00003",
        "Large models",
        abstract="Among other things, sparse data and attention. " * 9,
        upvotes=9_000,
        published=date(2025, 5, 20),
    )
    async with temporary_storage(tmp_path) as storage:
        await fill(storage, [twin, liked, famous])
        assert ids(await storage.search.search(words("sparse attention"))) == [
            liked.id,
            twin.id,
            famous.id,
        ]


NAMED = (
    paper("2401.00001", "Graph networks", authors=("Ada King", "Bo Li")),
    paper("2401.00002", "King of graphs: Ada", abstract="Ada King, Ada King, and a king."),
    paper("2401.00003", "Graph networks for graph networks", abstract="Graph networks. " * 9),
    paper("2401.00004", "On 2401.00001", abstract="2401.00001 is wrong about graph networks."),
)


@pytest.mark.parametrize(
    ("text", "first", "reason"),
    [
        ("2401.00001", "2401.00001", "its arXiv id"),
        ("graph networks", "2401.00001", "its title"),
        ("Ada King", "2401.00001", "ada, king"),
        ("https://arxiv.org/pdf/2401.00004", "2401.00004", "its arXiv id"),
    ],
)
async def test_what_is_called_so_comes_first(
    tmp_path: Path, text: str, first: str, reason: str
) -> None:
    """An id, a whole title, an author's whole name, however often others say the words."""
    async with temporary_storage(tmp_path) as storage:
        await fill(storage, NAMED)
        best = (await storage.search.search(words(text))).hits[0]
        assert (best.paper.id, best.why) == (first, reason)


async def test_slips_are_forgiven_where_nothing_matches(place: Place) -> None:
    """And said so; a word that is right is taken as it is."""
    async with temporary_storage(place) as storage:
        await fill(storage, many(12))
        found = await storage.search.search(words("retreival"))
        assert {hit.why for hit in found.hits[:2]} == {SPELLING}
        assert {hit.paper.title.split()[1] for hit in found.hits[:2]} == {"retrieval"}
        assert (await storage.search.search(words("diffusionn -robots"))).total >= 2
        right = await storage.search.search(words("robots"))
        assert SPELLING not in {hit.why for hit in right.hits}


FACTS = (
    paper("2501.00001", "Vision one", published=date(2025, 1, 1), code_url="https://a.b", stars=3),
    paper("2501.00002", "Vision two", published=date(2025, 1, 2), upvotes=40, ai_summary="Short."),
    paper("2501.00003", "Vision three", featured=date(2025, 1, 3), media=("https://a.b/c.mp4",)),
    paper("2501.00004", "Vision undated", authors=("Jo Doe",), organization="ACME", upvotes=7),
    paper("2501.00005", "Seeing machines", abstract="They look.", keywords=("vision",)),
)
EVERY = {one.id[-1] for one in FACTS}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query(since=date(2025, 1, 2)), "23"),
        (Query(until=date(2025, 1, 2)), "12"),
        (Query(min=7), "24"),
        (Query(has=frozenset({Has.CODE})), "1"),
        (Query(has=frozenset({Has.VIDEO})), "3"),
        (Query(has=frozenset({Has.SUMMARY})), "2"),
        (Query(author="doe"), "4"),
        (Query(organization="acme"), "4"),
        (Query(keyword="vision"), "5"),
        (Query(within=frozenset({FACTS[0].id, FACTS[3].id})), "14"),
        (Query(within=frozenset()), ""),
        (Query(min=7, within=frozenset({FACTS[0].id, FACTS[3].id})), "4"),
    ],
)
async def test_every_filter_holds_for_similar_papers_too(
    place: Place, query: Query, expected: str
) -> None:
    """By words and by meaning, and in every order, nothing passes that should not."""
    async with temporary_storage(place) as storage:
        await fill(storage, FACTS)
        for sort in Sort:
            for text in ("vision", "visual perception", "vision -acme-unheard"):
                spoken = replace(query, words=words(text).words, sort=sort)
                found = {id[-1] for id in ids(await storage.search.search(spoken))}
                assert found <= set(expected)
                if text == "vision":
                    assert found == set(expected)


async def test_excluded_words_hold_for_similar_papers_too(tmp_path: Path) -> None:
    """What is near in meaning but has the word is left out."""
    async with temporary_storage(tmp_path) as storage:
        await fill(storage, FACTS)
        query = Query(words=(Word("vision"), Word("machines", excluded=True)))
        assert "2501.00005" not in ids(await storage.search.search(query))


def sample() -> list[Paper]:
    papers = (one for _, some in SampleFeed(read_item).batches() for one in some)
    return [*{one.id: one for one in papers}.values()]


async def test_one_short_word_also_brings_its_neighbours(tmp_path: Path) -> None:
    """`clip`: CLIP's own papers first, then clipped estimators, and CutMix, which never says the word."""
    async with temporary_storage(tmp_path) as storage:
        await fill(storage, sample())
        found = (await storage.search.search(words("clip"), limit=40)).hits
        titles = [hit.paper.title for hit in found]
        assert all("CLIP" in title for title in titles[:10])
        assert any("Missing-Not-At-Random" in title for title in titles)
        assert any("OOD" in title for title in titles)
        (cutmix,) = [hit for hit in found if hit.paper.title.startswith("CutMix")]
        assert cutmix.why == MEANING


async def test_similar_papers_come_without_their_doubles(place: Place) -> None:
    """Neither the paper itself, nor the same again, nor two versions of one."""
    clip = paper("2501.00001", "Contrastive pretraining of images and text", abstract="Pairs.")
    double = replace(clip, id="2501.00002")
    other = paper("2501.00003", "Contrastive learning for image and caption pairs")
    again = replace(other, id="2501.00004", title=other.title + ".")
    far = [paper(f"2501.0001{n}", f"Soil of {place}") for n, place in enumerate(("Peru", "Mali"))]
    async with temporary_storage(place) as storage:
        await fill(storage, [clip, double, other, again, *far])
        found = await storage.search.similar(clip.id)
        assert ids(found)[0] in {other.id, again.id}
        assert len({other.id, again.id} & set(ids(found))) == 1
        assert not {clip.id, double.id} & set(ids(found))
        assert found.total == len(found.hits)
        assert found.hits[0].why
        (second,) = (await storage.search.similar(clip.id, offset=1, limit=1)).hits
        assert second.paper.id == ids(found)[1]


async def test_what_is_unknown_is_like_nothing(place: Place) -> None:
    """No error: it may have gone meanwhile."""
    async with temporary_storage(place) as storage:
        await fill(storage, many(12))
        assert (await storage.search.similar("2401.99999")).total == 0
        fresh = paper("2505.90000", "On robots number9000")
        await storage.archive.keep([fresh], as_of=NOON)
        assert (await storage.search.similar(fresh.id)).hits[0].paper.title.startswith("On robots")


def test_reasons_are_few_words() -> None:
    """Stems count, so do names; a single word goes without saying."""
    one = paper(
        "2501.00001", "Dying suns", abstract="Snake_case and naïve dies.", authors=("Bo Li",)
    )
    assert why(words("die naive"), one) == "die, naive"
    assert why(words("dying lights"), one) == "dying"
    assert why(words("suns"), one) == ""
    assert why(words("cases li zebra"), one) == "cases, li"
    assert why(words("zebra lion"), one) == MEANING
    assert why(Query(), one) == ""
    plain = replace(one, abstract="A b c d e f g: snake_case.")
    assert why(words("cases a1 b c d e f"), plain) == "cases, b, c, d …"
    assert alike(one, replace(one, keywords=("Suns",))) == "dying, suns"
    assert alike(replace(one, keywords=("suns",)), replace(one, keywords=("Suns",))) == "Suns"
    assert alike(one, paper("2501.00002", "Else")) == MEANING


async def test_names_complete_from_any_of_their_words(place: Place) -> None:
    """Those of most papers first, written as they are, without regard to accents and case."""
    papers = [
        paper(
            "2501.00001", "a", authors=("Łukasz Kaiser", "Ada King"), keywords=("Vision-Language",)
        ),
        paper("2501.00002", "b", authors=("Ada King",), organization="Kinetic Labs"),
        paper("2501.00003", "c", authors=("Bo Kin",), keywords=("kinematics",)),
    ]
    async with temporary_storage(place) as storage:
        await fill(storage, papers)

        async def names(field: Field, typed: str, limit: int = 10) -> list[str]:
            return await storage.search.names(field, typed, limit)

        assert await names(Field.AUTHOR, "kin") == ["Ada King", "Bo Kin"]
        assert await names(Field.AUTHOR, "LUK") == ["Łukasz Kaiser"]
        assert await names(Field.AUTHOR, "kaiser ł") == ["Łukasz Kaiser"]
        assert await names(Field.AUTHOR, "ada kin") == ["Ada King"]
        assert await names(Field.ORGANIZATION, "lab") == ["Kinetic Labs"]
        assert await names(Field.KEYWORD, "language") == ["Vision-Language"]
        assert await names(Field.KEYWORD, "kin") == ["kinematics"]
        assert len(await names(Field.AUTHOR, "")) == 3
        assert await names(Field.AUTHOR, "k", 0) == await names(Field.AUTHOR, "zebra") == []


async def test_ids_complete_before_titles(place: Place) -> None:
    """An id that begins so, then titles with the number."""
    async with temporary_storage(place) as storage:
        await fill(storage, [*many(3), paper("2401.00009", "About 2505 things")])
        found = await storage.search.titles("2505")
        assert [one.id for one in found][-1] == "2401.00009"
        assert len(found) == 4
        assert [one.id for one in await storage.search.titles("2505.00001")] == ["2505.00001"]
        assert await storage.search.titles("2505", 0) == []


@given(st.text(st.characters(), max_size=80))
def test_whatever_is_being_typed_can_be_completed(text: str) -> None:
    """Any characters at all make a term that a name can be led back from."""
    for term in completions(Field.AUTHOR, text):
        lead, sign, name = term.partition(SIGN)
        assert (lead.startswith("author:"), sign, name.isspace()) == (True, SIGN, False)
    assert SIGN not in names_key(Field.KEYWORD, text)
