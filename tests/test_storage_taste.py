"""Recommendations: learnt from what was kept, over real vectors."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.library import Opinion
from bot.domain.papers import Paper, PaperId
from bot.domain.people import Person, Sharing, Workspace
from storage import Storage
from storage.opinions import Opinions
from storage.taste import fit
from tests.support.storage import Place, temporary_database, temporary_storage

NOON = datetime(2025, 5, 22, 12, tzinfo=UTC)
ANN, BOB = (Person("slack", f"T1.{name}") for name in ("ann", "bob"))
HERE, THERE = (Workspace("slack", name) for name in ("T1", "T2"))

ROBOTS = (
    ("Robot grasping with tactile sensors", "Fingers of a robot hand feel objects and hold them."),
    ("Learning to walk on four legs", "A legged robot learns locomotion over rough terrain."),
    ("Mobile manipulation in kitchens", "A robot arm on wheels opens drawers and moves cups."),
    ("Dexterous hands from videos", "Robot manipulation skills are learnt from human videos."),
    ("Safe navigation of drones", "Flying robots plan paths and avoid obstacles."),
    ("Bimanual assembly", "Two robot arms put parts together with force control."),
)
PROTEINS = (
    ("Folding proteins with attention", "The structure of a protein is predicted from sequence."),
    ("Docking small molecules", "Drug molecules bind to protein pockets; poses are predicted."),
    ("Language models of genomes", "DNA sequences are modelled to predict gene expression."),
    ("Designing enzymes", "Proteins with a wanted catalytic function are generated."),
    ("Single cells in time", "Gene expression of cells is followed as they develop."),
    ("Antibodies by diffusion", "Antibody sequences and structures are generated together."),
)


def papers(texts: tuple[tuple[str, str], ...], first: int, day: int) -> list[Paper]:
    return [
        Paper(
            id=PaperId(f"2505.{first + n:05}"),
            title=title,
            abstract=abstract,
            featured=date(2025, 5, day),
        )
        for n, (title, abstract) in enumerate(texts)
    ]


OLD = [*papers(ROBOTS[:3], 1, 1), *papers(PROTEINS[:3], 11, 1)]
NEW = [*papers(ROBOTS[3:], 101, 20), *papers(PROTEINS[3:], 111, 20)]
SINCE = date(2025, 5, 10)


async def test_what_is_like_the_kept_comes_first_and_says_because_of_which(place: Place) -> None:
    """Only new papers, none of those given."""
    async with temporary_storage(place) as storage:
        await storage.archive.keep([*OLD, *NEW], as_of=NOON)
        robots, proteins = ([one.id for one in OLD[at : at + 3]] for at in (0, 3))
        for kept, first in ((robots, "10"), (proteins, "11")):
            found = await storage.search.foryou(kept, since=SINCE)
            assert {hit.paper.id for hit in found.hits} == {one.id for one in NEW}
            assert all(hit.paper.id.startswith(f"2505.00{first}") for hit in found.hits[:3])
            titles = {one.title for one in OLD if one.id in kept}
            assert {hit.why.removeprefix("Because you saved ") for hit in found.hits} <= titles
        assert len((await storage.search.foryou(robots, since=SINCE, limit=2)).hits) == 2


async def test_what_is_not_wanted_turns_the_order(place: Place) -> None:
    """It is not shown again, and what is like it comes later."""
    kept = [OLD[0].id, OLD[3].id]
    async with temporary_storage(place) as storage:
        await storage.archive.keep([*OLD, *NEW], as_of=NOON)
        unwanted = [OLD[4].id, OLD[5].id, NEW[3].id]
        before = await places(storage, kept)
        after = await places(storage, kept, unwanted)
        assert NEW[3].id not in after
        assert sum(after[one.id] for one in NEW[:3]) < sum(before[one.id] for one in NEW[:3])


async def places(
    storage: Storage, kept: Sequence[PaperId], unwanted: Sequence[PaperId] = ()
) -> dict[PaperId, int]:
    """The place of each paper that is proposed."""
    found = await storage.search.foryou(kept, unwanted, since=SINCE)
    return {hit.paper.id: place for place, hit in enumerate(found.hits)}


async def test_there_is_nothing_without_a_kept_paper_that_is_known(place: Place) -> None:
    """Nor when nothing is new; an unknown id is no error."""
    async with temporary_storage(place) as storage:
        assert (await storage.search.foryou([OLD[0].id], since=SINCE)).hits == ()
        await storage.archive.keep(OLD, as_of=NOON)
        for kept in ((), (PaperId("2499.99999"),), (OLD[0].id,)):
            assert (await storage.search.foryou(kept, since=SINCE)).hits == ()


async def test_two_versions_of_a_paper_are_proposed_once(place: Place) -> None:
    """Nor is one that says what a kept one says."""
    twins = papers((ROBOTS[4], ROBOTS[4], ROBOTS[0]), 201, 21)
    async with temporary_storage(place) as storage:
        await storage.archive.keep([*OLD, *twins], as_of=NOON)
        found = await storage.search.foryou([OLD[0].id], since=SINCE)
        assert len(found.hits) == 1
        assert found.hits[0].paper.id in {twins[0].id, twins[1].id}


@given(st.integers(1, 8), st.integers(0, 8), st.integers(0, 30), st.integers(0, 2**32 - 1))
def test_a_taste_can_be_learnt_from_any_examples(
    liked: int, disliked: int, others: int, seed: int
) -> None:
    """However few there are, the weights are numbers."""
    dice = np.random.default_rng(seed)
    some = [dice.normal(size=(n, 16)).astype(np.float32) for n in (liked, disliked, others)]
    assert np.isfinite(fit(*some)).all()


async def test_the_last_word_on_a_paper_counts(place: Place) -> None:
    """For each person and workspace; a team's is everybody's in it, and elsewhere nobody's."""
    one, two = PaperId("2505.00001"), PaperId("2505.00002")
    async with temporary_database(place) as database:
        opinions = Opinions(database)

        async def say(who: Person, paper: PaperId, *, likes: bool, minute: int) -> None:
            at = NOON.replace(minute=minute)
            said = Opinion(person=who, workspace=HERE, paper=paper, likes=likes, at=at)
            await opinions.say(said)

        await say(ANN, one, likes=True, minute=1)
        await say(ANN, two, likes=True, minute=2)
        await say(BOB, two, likes=False, minute=3)
        assert await opinions.of(HERE, ANN, likes=True) == [two, one]
        await say(ANN, two, likes=False, minute=4)
        assert await opinions.of(HERE, ANN, likes=True) == [one]
        assert await opinions.of(HERE, None, likes=False) == [two]
        assert await opinions.of(THERE, None, likes=False) == []
        assert await opinions.unsay(BOB, HERE, two)
        assert not await opinions.unsay(BOB, HERE, two)
        assert await opinions.of(HERE, BOB, likes=False) == []
        shared = Opinions(database, Sharing(True))
        assert await shared.of(THERE, None, likes=True) == [one]


@pytest.mark.parametrize("limit", [1, 2])
async def test_so_many_opinions_as_asked_for_are_told(place: Place, limit: int) -> None:
    """The latest ones."""
    async with temporary_database(place) as database:
        opinions = Opinions(database)
        ids = [PaperId(f"2505.{n:05}") for n in range(3)]
        for minute, paper in enumerate(ids):
            at = NOON.replace(minute=minute)
            said = Opinion(person=ANN, workspace=HERE, paper=paper, likes=True, at=at)
            await opinions.say(said)
        assert await opinions.of(HERE, ANN, likes=True, limit=limit) == ids[::-1][:limit]
