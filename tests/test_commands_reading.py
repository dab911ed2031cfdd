"""today, date, week, month, trending, show, random, through the desk."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain.papers import Listing, PaperId
from bot.domain.posts import Digest, Entry, Notice, PaperCard, PaperList
from tests.support.fakes import NOW, paper, papers
from tests.support.rooms import ANN, BOB, Office, numbers, titles

TODAY = date(2025, 5, 22)


@pytest.fixture
def office() -> Office:
    """Twelve papers today, three yesterday."""
    office = Office()
    office.archive.has(Listing.day(TODAY), *papers(12))
    office.archive.has(Listing.day(TODAY - timedelta(days=1)), *papers(3, first=101))
    return office


async def test_today_is_numbered_over_its_pages(office: Office):
    """Page two goes on where page one ended, and each knows the other."""
    first = await office.says_one("/paper today")
    assert isinstance(first, PaperList)
    assert (first.page, first.pages, first.total) == (1, 2, 12)
    assert first.title == "Daily Papers · Thursday 22 May 2025"
    assert numbers(first) == list(range(1, 11))
    assert first.back is None
    assert first.forth
    second = await office.says_one(first.forth)
    assert isinstance(second, PaperList)
    assert numbers(second) == [11, 12]
    assert second.forth is None
    assert second.back
    assert titles(await office.says_one(second.back)) == titles(first)


async def test_a_page_keeps_its_limit(office: Office):
    """Turning pages does not forget what else was asked."""
    first = await office.says_one("today limit:5")
    assert isinstance(first, PaperList)
    assert first.forth == "/paper today page:2 limit:5"
    assert numbers(await office.says_one(first.forth)) == [6, 7, 8, 9, 10]


async def test_beyond_the_last_page(office: Office):
    """The answer says how many there are."""
    answer = await office.says_one("today page:3")
    assert isinstance(answer, Notice)
    assert answer.tone == "error"
    assert "2 pages (12 papers)" in answer.text


async def test_before_todays_list_the_latest_one_is_shown(office: Office):
    """On Monday morning that is Friday's, and the answer says so."""
    office.now = datetime(2025, 5, 26, 3, 0, tzinfo=UTC)
    answer = await office.says_one("today")
    assert isinstance(answer, PaperList)
    assert answer.title == "Daily Papers · Thursday 22 May 2025"
    assert answer.notes[0].startswith("There is no list for Monday 26 May 2025 yet")
    asked = [listing.key for listing in office.refresher.asked]
    assert asked == ["2025-05-26", "2025-05-23", "2025-05-22"], "no weekend day is asked for"


async def test_a_new_list_is_fetched_first(office: Office):
    """What is upstream and not here yet is in the answer."""
    day = date(2025, 5, 23)
    office.now = NOW + timedelta(days=1)
    office.refresher.upstream[Listing.day(day)] = (paper("2505.99999", "Fresh"),)
    assert titles(await office.says_one("today")) == ["Fresh"]


async def test_without_hugging_face_the_archive_answers_and_says_so(office: Office):
    """How old it is, and why it is not newer."""
    office.refresher.problem = "Hugging Face could not be reached"
    office.now = NOW + timedelta(hours=3)
    answer = await office.says_one("today")
    assert isinstance(answer, PaperList)
    assert answer.notes == ("Hugging Face could not be reached; this is as of 3 hours ago.",)


async def test_an_empty_archive_is_not_an_error_of_the_person():
    """A warning, and where to look."""
    answer = await Office().says_one("today")
    assert isinstance(answer, Notice)
    assert answer.tone == "warning"


async def test_a_weekend_has_no_list_but_neighbours(office: Office):
    """The nearest lists before and after are offered as commands."""
    office.now = datetime(2025, 5, 27, 12, 0, tzinfo=UTC)
    office.archive.has(Listing.day(date(2025, 5, 26)), *papers(2, first=201))
    answer = await office.says_one("date 2025-05-24")
    assert isinstance(answer, Notice)
    assert "weekend" in answer.text
    assert [hint.split("`")[1] for hint in answer.hints] == [
        "/paper date 2025-05-22",
        "/paper date 2025-05-26",
    ]


async def test_a_day_the_archive_lacks(office: Office):
    """The reason stands beside it when the archive could not ask."""
    office.refresher.problem = "Hugging Face could not be reached"
    answer = await office.says_one("date 2025-05-20")
    assert isinstance(answer, Notice)
    assert answer.text == "The archive has no list for Tuesday 20 May 2025."
    assert "could not be reached" in answer.hints[0]


async def test_a_week_is_what_its_days_had_and_what_its_own_list_adds(office: Office):
    """Most upvotes first, each paper once."""
    more = paper("2505.77777", "From the week's list", upvotes=500)
    office.refresher.upstream[Listing.week(TODAY)] = (more, *papers(2))
    answer = await office.says_one("week")
    assert isinstance(answer, PaperList)
    assert answer.title == "Papers of the week · 19 – 25 May 2025"
    assert titles(answer)[0] == "From the week's list"
    assert answer.total == 16


async def test_month_and_trending(office: Office):
    """A month by its number; trending in its own order."""
    assert isinstance(await office.says_one("month 2025-05"), PaperList)
    assert isinstance(await office.says_one("month 2024-05"), Notice)
    listing = Listing.trending()
    office.refresher.upstream[listing] = (paper("2505.00007", "B"), paper("2505.00001", "A"))
    assert titles(await office.says_one("trending")) == ["B", "A"]


async def test_show_by_id_link_and_number(office: Office):
    """All lead to the same paper, with who saved it."""
    await office.says("today")
    await office.says("save 2505.00003", BOB)
    for text in ("show 2505.00003v2", "show https://hf.co/papers/2505.00003", "show #3"):
        card = await office.says_one(text)
        assert isinstance(card, PaperCard)
        assert card.full
        assert card.entry.paper.id == "2505.00003"
        assert card.entry.saved_by == (BOB,)


async def test_a_list_that_one_person_sees_alone_numbers_nothing_for_others(office: Office):
    """Between the digest and Bob's `save 1` Ann searched for herself: Bob still means the digest."""
    digest = Digest(title="Today", entries=(Entry(paper=paper("2505.00009", "Nine")),))
    await office.shows(digest)
    await office.says("today")
    card = await office.says_one("show 1", BOB)
    assert isinstance(card, PaperCard)
    assert card.entry.paper.id == "2505.00009"


async def test_a_number_means_the_last_list_here(office: Office):
    """On page two the numbers go on, and one that is not shown is refused with those that are."""
    await office.says("today page:2")
    card = await office.says_one("show 11")
    assert isinstance(card, PaperCard)
    assert card.entry.paper.id == "2505.00011"
    await office.says("today page:2")
    answer = await office.says_one("show 3")
    assert isinstance(answer, Notice)
    assert "the numbers 11 to 12, not 3" in answer.text


async def test_a_card_does_not_take_the_numbers_from_the_list(office: Office):
    """One looks at the third, then at the fourth, and saves that one."""
    await office.says("today")
    assert titles(await office.says_one("show 3")) == ["Paper 2505.00003"]
    assert titles(await office.says_one("show 4")) == ["Paper 2505.00004"]
    await office.says("save 4")
    assert [save.paper for save in office.library.saves] == ["2505.00004"]


async def test_a_card_alone_can_be_numbered(office: Office):
    """Where no list is shown, 1 is the paper that is."""
    await office.says("show 2505.00003")
    await office.says("show 2505.00005")
    await office.says("save 1")
    assert [save.paper for save in office.library.saves] == ["2505.00005"]


async def test_a_number_without_a_list(office: Office):
    """There is nothing to count in yet."""
    answer = await office.says_one("show 3")
    assert isinstance(answer, Notice)
    assert "No list has been shown here yet" in answer.text


async def test_an_unknown_paper_is_looked_up(office: Office):
    """What Hugging Face has is fetched; what it lacks is said clearly."""
    office.refresher.pages[PaperId("2103.00020")] = paper("2103.00020", "CLIP")
    assert titles(await office.says_one("show 2103.00020")) == ["CLIP"]
    answer = await office.says_one("show 2103.00021")
    assert isinstance(answer, Notice)
    assert "`2103.00021` is not in the archive" in answer.text


async def test_random_follows_the_dice(office: Office):
    """The dice decide, and an empty archive is no crash."""
    office.dice = 0.999
    assert titles(await office.says_one("random")) == ["Paper 2505.00103"]
    answer = await Office().says_one("random")
    assert isinstance(answer, Notice)


async def test_readers_are_answered_in_private(office: Office):
    """Reading fills nobody's channel."""
    assert (await office.says("today", ANN)).private
