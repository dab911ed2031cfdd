"""search, through the desk."""

from datetime import date

import pytest

from bot.domain.posts import Notice, PaperList, entries_of
from bot.domain.search import Has, Query, Sort, Word
from tests.support.fakes import NOW, paper
from tests.support.rooms import Office, numbers, titles


@pytest.fixture
async def office() -> Office:
    office = Office()
    clips = [paper(f"2505.000{n}", f"CLIP number {n}", upvotes=n) for n in range(10, 33)]
    await office.archive.keep([*clips, paper("2505.00099", "Else")], as_of=NOW)
    return office


async def test_results_are_paged_and_numbered(office: Office):
    """With the reason for each, and the line that was typed as the title."""
    answer = await office.says_one("search clip min:20 page:2 limit:5")
    assert isinstance(answer, PaperList)
    assert answer.title == "Search: clip min:20"
    assert numbers(answer) == [6, 7, 8, 9, 10]
    assert {entry.why for entry in entries_of(answer)} == {"in the title"}
    assert (answer.back, answer.forth) == (
        "/paper search clip min:20 page:1 limit:5",
        "/paper search clip min:20 page:3 limit:5",
    )
    assert titles(await office.says_one(answer.back or "")) == titles(
        await office.says_one("search clip min:20 limit:5")
    )


async def test_every_filter_reaches_the_search(office: Office):
    """What was typed is what is looked for."""
    await office.says(
        'search "vision language" -toy author:"Jane Doe" org:mit keyword:vqa since:2025-01 '
        "until:2025-03 has:code has:video min:20 sort:stars"
    )
    assert office.search.queries == [
        Query(
            words=(Word("vision language", phrase=True), Word("toy", excluded=True)),
            author="Jane Doe",
            organization="mit",
            keyword="vqa",
            since=date(2025, 1, 1),
            until=date(2025, 3, 31),
            has=frozenset({Has.CODE, Has.VIDEO}),
            min=20,
            sort=Sort.STARS,
        )
    ]


async def test_a_filter_alone_is_enough(office: Office):
    """Without words the filters decide."""
    assert isinstance(await office.says_one("search min:30"), PaperList)


async def test_an_empty_search_asks_what_for(office: Office):
    """With an example to copy."""
    for line in ("search", "search sort:new"):
        answer = await office.says_one(line)
        assert isinstance(answer, Notice)
        assert "`/paper search clip`" in answer.text


async def test_a_search_without_results_says_how_to_widen_it(office: Office):
    """Each hint fits what was typed."""
    answer = await office.says_one('search "quite unheard of" clip min:5')
    assert isinstance(answer, Notice)
    assert answer.tone == "info"
    assert len(answer.hints) == 4
    plain = await office.says_one("search unheard")
    assert isinstance(plain, Notice)
    assert len(plain.hints) == 1


async def test_since_after_until_is_a_slip(office: Office):
    """It would find nothing, and says why."""
    answer = await office.says_one("search clip since:2025-05 until:2025-04")
    assert isinstance(answer, Notice)
    assert "swap" in answer.text
