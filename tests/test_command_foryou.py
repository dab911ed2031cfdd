"""`/paper foryou`: papers by what somebody saved."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.people import Channel, Workspace
from bot.domain.ports import Reaction
from bot.domain.posts import Entry, Notice, PaperCard, PaperList
from tests.support.fakes import CHANNEL, NOW
from tests.support.fakes import papers as some
from tests.support.rooms import ANN, BOB, Office

P = dict(enumerate(some(5), start=1))
DAY = (NOW - timedelta(days=1)).date()


@pytest.fixture
def office() -> Office:
    """Five papers of yesterday, each recommended to whoever likes another."""
    office = Office()
    papers = [replace(one, featured=DAY) for one in some(5)]
    office.archive.known |= {one.id: one for one in papers}
    office.tastes.papers = papers
    return office


def ids(post: object) -> list[str]:
    assert isinstance(post, PaperList)
    return [entry.paper.id for entry in post.entries]


async def test_each_paper_says_because_of_which_it_is_there(office: Office) -> None:
    """And none is one of those that were saved."""
    await office.says(f"save {P[1].id}")
    post = await office.says_one("foryou")
    assert ids(post) == [P[n].id for n in range(2, 6)]
    assert isinstance(post, PaperList)
    assert {entry.why for entry in post.entries} == {f"Because you saved {P[1].id}"}
    assert "1 kept paper" in post.notes[0]
    assert "a guess" in post.notes[0]


async def test_without_saves_it_says_so_and_shows_what_is_trending(office: Office) -> None:
    """A beginner sees something worth reading, and how to begin."""
    reply = await office.says("foryou")
    first = reply.posts[0]
    assert isinstance(first, Notice)
    assert "Nothing was saved yet" in first.text
    assert "save 3" in first.text


async def test_what_is_not_wanted_goes_and_what_is_liked_counts(office: Office) -> None:
    """The last word on a paper holds."""
    await office.says(f"foryou like:{P[1].id}")
    assert ids(await office.says_one("foryou")) == [P[n].id for n in (2, 3, 4, 5)]
    post = await office.says_one(f"foryou not:{P[3].id}")
    assert isinstance(post, Notice)
    assert post.text == f"Less like it: {P[3].title}"
    assert ids(await office.says_one("foryou")) == [P[n].id for n in (2, 4, 5)]
    await office.says(f"foryou like:{P[3].id}")
    assert ids(await office.says_one("foryou")) == [P[n].id for n in (2, 4, 5)]
    assert office.tastes.asked[-1] == (P[3].id, P[1].id)


async def test_a_saved_paper_that_is_not_wanted_any_more_teaches_nothing(office: Office) -> None:
    """It is not shown, and what is like it is not looked for."""
    await office.says(f"save {P[1].id}")
    await office.says(f"save {P[2].id}")
    await office.says(f"foryou not:{P[1].id}")
    await office.says("foryou")
    assert office.tastes.asked[-1] == (P[2].id,)


async def test_a_numbered_paper_of_the_list_can_be_sent_away(office: Office) -> None:
    """By its number, as everywhere."""
    await office.says(f"save {P[1].id}")
    await office.says("foryou")
    await office.says("foryou not:2")
    assert ids(await office.says_one("foryou")) == [P[n].id for n in (2, 4, 5)]


async def test_the_team_is_everybody_here_and_nobody_elsewhere(office: Office) -> None:
    """Somebody else's saves and words count for the team, not for me, and not in another workspace."""
    await office.says(f"save {P[1].id}", BOB)
    await office.says(f"foryou not:{P[2].id}", BOB)
    assert ids(await office.says_one("foryou team")) == [P[n].id for n in (3, 4, 5)]
    assert isinstance((await office.says("foryou")).posts[0], Notice)
    other = Channel(Workspace("terminal", "elsewhere"), "papers")
    assert isinstance((await office.says("foryou team", channel=other)).posts[0], Notice)


async def test_only_papers_since_a_day_are_proposed(office: Office) -> None:
    """Without one, those of the archive's last weeks."""
    await office.says(f"save {P[1].id}")
    assert ids(await office.says_one(f"foryou since:{DAY}"))
    reply = await office.says(f"foryou since:{DAY + timedelta(days=1)}")
    assert isinstance(reply.posts[0], Notice)
    assert "like what was saved" in reply.posts[0].text


async def test_it_is_paged(office: Office) -> None:
    """With the way to the next page."""
    await office.says(f"save {P[1].id}")
    post = await office.says_one("foryou limit:2")
    assert isinstance(post, PaperList)
    assert (post.page, post.pages, post.total) == (1, 2, 4)
    assert post.forth == "/paper foryou page:2 limit:2"
    assert ids(await office.says_one("foryou limit:2 page:2")) == [P[4].id, P[5].id]


@pytest.mark.parametrize(
    ("up", "down"),
    [("👍", "👎"), ("👍🏽", "👎🏿"), ("+1", "thumbsdown"), (":thumbsup::skin-tone-2:", ":-1:")],
)
async def test_a_thumb_on_a_card_is_an_opinion(office: Office, up: str, down: str) -> None:
    """Up or down, the last one counts; taking it away takes back just that. Nothing is answered."""
    message = await office.shows(PaperCard(entry=Entry(paper=P[1])))
    assert await office.reacts(message, up) is None
    assert await office.opinions.said(ANN, CHANNEL.workspace, P[1].id) is True
    assert await office.reacts(message, down) is None
    await office.reacts(message, up, added=False)
    assert await office.opinions.said(ANN, CHANNEL.workspace, P[1].id) is False
    await office.reacts(message, down, added=False)
    assert await office.opinions.said(ANN, CHANNEL.workspace, P[1].id) is None


async def test_a_thumb_on_a_list_is_for_nobody_in_particular(office: Office) -> None:
    """It saves nothing and teaches nothing."""
    entries = tuple(Entry(paper=P[n], number=n) for n in (1, 2))
    message = await office.shows(PaperList(title="Two", entries=entries))
    assert await office.reacts(message, "👍") is None
    assert office.opinions.last == {}


async def test_thumbs_that_nobody_heard_are_made_up_for_once(office: Office) -> None:
    """A second look changes nothing."""
    message = await office.shows(PaperCard(entry=Entry(paper=P[1])))
    thumb = Reaction(message=message, person=BOB, emoji="👎")
    await office.desk.reconcile(message, [thumb])
    first = office.opinions.last
    await office.desk.reconcile(message, [thumb])
    assert office.opinions.last == first
    assert await office.opinions.said(BOB, CHANNEL.workspace, P[1].id) is False
