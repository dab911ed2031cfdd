"""similar, and searches among what was saved or posted: through the desk, and by the buttons of the doors."""

from pathlib import Path

import pytest

from bot.domain.ports import Caller
from bot.domain.posts import Notice, PaperList, entries_of
from tests.support.discord import PAPERS, ids, words, world
from tests.support.fakes import CHANNEL, NOW, paper
from tests.support.rooms import ANN, BOB, Office, numbers, titles
from tests.support.slack import slack_office
from tests.support.slack_asking import words as slack_words
from tests.support.slack_server import slack_server

CALLER = Caller(person=ANN, channel=CHANNEL, admin=True)


@pytest.fixture
async def office() -> Office:
    office = Office()
    clips = [
        paper(f"2505.000{n}", f"CLIP number {n}", authors=(f"Ada {n}", "Bo Li"), keywords=("vqa",))
        for n in range(10, 33)
    ]
    await office.archive.keep([*clips, paper("2505.00099", "Else")], as_of=NOW)
    return office


async def test_similar_papers_are_a_list_like_any_other(office: Office):
    """Numbered, with reasons, in pages; the paper may be a number of the last list."""
    await office.says("search clip limit:3")
    answer = await office.says_one("similar 2 limit:5 page:2")
    assert isinstance(answer, PaperList)
    assert answer.title == "Similar to CLIP number 11"
    assert numbers(answer) == [6, 7, 8, 9, 10]
    assert "CLIP number 11" not in titles(answer)
    assert {entry.why for entry in entries_of(answer)} == {"similar in meaning"}
    assert answer.back
    assert titles(await office.says_one("like 2505.00011")) != titles(answer)


async def test_a_paper_unlike_all_others_says_so(office: Office):
    """With a way on."""
    answer = await office.says_one("similar 2505.00099")
    assert isinstance(answer, Notice)
    assert "Else" in answer.text
    assert answer.hints


async def test_a_search_among_what_was_saved(office: Office):
    """My papers, or the team's."""
    await office.says("save 2505.00010")
    await office.says("save 2505.00020", BOB)
    assert titles(await office.says_one("search clip saved:me")) == ["CLIP number 10"]
    assert titles(await office.says_one("search clip saved:me", BOB)) == ["CLIP number 20"]
    team = titles(await office.says_one("search clip saved:team"))
    assert set(team) == {"CLIP number 10", "CLIP number 20"}
    assert isinstance(await office.says_one("search else saved:team"), Notice)


async def test_a_search_among_what_was_posted_here(office: Office):
    """What only one person was shown does not count."""
    here = PaperList(title="x", entries=entries_of(await office.says_one("search clip limit:2")))
    assert isinstance(await office.says_one("search clip posted:here"), Notice)
    await office.shows(here)
    found = await office.says_one("search clip posted:here")
    assert set(titles(found)) == {"CLIP number 10", "CLIP number 11"}
    await office.says("save 2505.00011")
    both = await office.says_one("search clip posted:here saved:me")
    assert titles(both) == ["CLIP number 11"]


async def test_names_are_proposed_while_they_are_typed(office: Office):
    """Quoted where they have spaces, so that the line is right as it stands."""
    suggest = office.desk.suggest
    assert await suggest(CALLER, "search clip author:bo") == ['author:"Bo Li"']
    assert await suggest(CALLER, "search keyword:v") == ["keyword:vqa"]
    assert await suggest(CALLER, "search org:zebra") == []
    assert await suggest(CALLER, "similar clip") != []


async def test_discord_s_button_shows_similar_papers(tmp_path: Path):
    """Below a card, and in a menu below a list."""
    async with world(tmp_path) as w:
        card = await w.bob.slash(w.papers, "paper show", paper=PAPERS[4].id)
        assert card.response
        assert f"p:similar:{PAPERS[4].id}" in ids(card.response)
        alike = await w.bob.click(card.response, custom_id=f"p:similar:{PAPERS[4].id}")
        assert alike.ephemeral
        assert PAPERS[4].title in words(alike.response)
        listed = await w.bob.slash(w.papers, "paper today")
        assert listed.response
        chosen = await w.bob.select(
            listed.response, [f"1:{PAPERS[0].id}"], custom_id="p:pick:similar"
        )
        assert PAPERS[0].title in words(chosen.response)


async def test_slack_s_button_shows_similar_papers():
    """From the menu beside a paper; the digest stays as it is."""
    async with slack_server() as slack, slack_office(slack) as o:
        digest = await o.posts()
        done = await slack.press(
            "T1", "U2", "C1", digest, action_id="p:more:2", selected_option="similar:2505.00002"
        )
        (said,) = await done.answered()
        assert "Attention to diffusion" in slack_words(said)
        assert said["replace_original"] is False
