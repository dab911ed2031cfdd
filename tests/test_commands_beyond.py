"""What Hugging Face's own search adds to ours."""

import pytest

from bot.domain.papers import PaperId
from bot.domain.posts import Entry, Notice, PaperList
from tests.support.fakes import NOW, paper
from tests.support.rooms import Office

HERE = [paper(f"2505.0000{n}", f"Diffusion here {n}", upvotes=n) for n in range(1, 8)]
THERE = [paper(f"2401.0000{n}", f"Diffusion there {n}", upvotes=n) for n in range(1, 5)]


@pytest.fixture
async def office() -> Office:
    """Seven papers here, four more at Hugging Face."""
    office = Office()
    await office.archive.keep(HERE, as_of=NOW)
    office.refresher.pages |= {one.id: one for one in THERE}
    return office


async def entries(office: Office, text: str) -> tuple[Entry, ...]:
    post = await office.says_one(text)
    assert isinstance(post, PaperList), post
    return post.entries


async def test_enough_of_our_own_asks_nobody(office: Office) -> None:
    """Seven papers are an answer."""
    assert len(await entries(office, "search diffusion")) == 7
    assert office.refresher.sought == []


async def test_where_little_is_found_hugging_face_adds_to_it(office: Office) -> None:
    """After our own, marked, and kept from then on."""
    found = await entries(office, "search there")
    assert [entry.paper for entry in found] == THERE
    assert {entry.why for entry in found} == {"found by Hugging Face"}
    assert office.refresher.sought == ["there"]
    assert THERE[0].id in office.archive.known


async def test_ours_come_first_and_none_comes_twice(office: Office) -> None:
    """What Hugging Face finds and we have found is ours."""
    for one in HERE[3:]:
        del office.archive.known[PaperId(one.id)]
    office.refresher.pages[HERE[0].id] = HERE[0]
    found = await entries(office, "search diffusion")
    assert [entry.paper for entry in found] == [*HERE[:3], *THERE]
    assert [entry.why for entry in found[:4]] == [*["in the title"] * 3, "found by Hugging Face"]


async def test_everywhere_asks_in_any_case_and_is_paged(office: Office) -> None:
    """The last page of ours is filled up with theirs."""
    post = await office.says_one("search diffusion where:everywhere limit:8")
    assert isinstance(post, PaperList)
    assert [entry.paper for entry in post.entries] == [*HERE, THERE[0]]
    assert (post.total, post.pages) == (11, 2)
    assert post.forth == "/paper search diffusion where:everywhere page:2 limit:8"


async def test_filters_hold_for_what_comes_from_there(office: Office) -> None:
    """Votes, excluded words and whatever else was asked."""
    found = await entries(office, "search there min:3")
    assert [entry.paper for entry in found] == THERE[2:]
    found = await entries(office, "search there -4 where:everywhere")
    assert THERE[3] not in [entry.paper for entry in found]


@pytest.mark.parametrize("text", ["saved:me", "posted:here"])
async def test_what_is_only_about_our_own_asks_nobody(office: Office, text: str) -> None:
    """Nobody else knows what was saved or posted here."""
    assert isinstance(await office.says_one(f"search there {text} where:everywhere"), Notice)
    assert office.refresher.sought == []


async def test_without_hugging_face_there_is_what_there_is(office: Office) -> None:
    """No error, and no reason to wait."""
    office.refresher.problem = "Hugging Face cannot be reached."
    assert isinstance(await office.says_one("search there"), Notice)
    assert len(await entries(office, "search diffusion where:everywhere")) == 7
