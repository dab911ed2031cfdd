"""save, unsave, saved, export: one scenario, and its edges."""

import json

import pytest

from bot.domain.people import Channel, Workspace
from bot.domain.ports import Caller
from bot.domain.posts import File, Notice, PaperList, entries_of
from tests.support.fakes import CHANNEL, NOW, paper
from tests.support.rooms import ANN, BOB, Office, titles


@pytest.fixture
async def office() -> Office:
    office = Office()
    found = [paper(f"2505.0000{n}", f"CLIP {n}", authors=("Ann Smith",)) for n in range(1, 6)]
    await office.archive.keep(found, as_of=NOW)
    return office


async def test_search_save_saved_unsave_export(office: Office):
    """The whole way of a paper through somebody's library."""
    await office.says("search clip")
    first = await office.says_one("save 2")
    assert isinstance(first, Notice)
    assert (first.text, first.tone) == ("Saved: CLIP 2", "done")
    await office.says("save 2505.00004")
    saved = await office.says_one("saved")
    assert isinstance(saved, PaperList)
    assert titles(saved) == ["CLIP 4", "CLIP 2"]
    gone = await office.says_one("unsave 1")
    assert isinstance(gone, Notice)
    assert gone.text == "No longer saved: CLIP 4"
    file = await office.says_one("export json")
    assert isinstance(file, File)
    assert [one["id"] for one in json.loads(file.content)] == ["2505.00002"]
    assert file.text == "1 saved paper as JSON."


async def test_saving_twice_is_said_kindly(office: Office):
    """It stays saved once."""
    await office.says("save 2505.00001")
    again = await office.says_one("save https://arxiv.org/abs/2505.00001v3")
    assert isinstance(again, Notice)
    assert again.text == "You had saved it already: CLIP 1"
    assert len(office.library.saves) == 1


async def test_unsaving_what_was_not_saved(office: Office):
    """Nothing happens, and that is said."""
    answer = await office.says_one("unsave 2505.00001")
    assert isinstance(answer, Notice)
    assert answer.text == "You had not saved it: CLIP 1"


async def test_mine_and_the_teams(office: Office):
    """`saved` is mine, `saved team` everybody's in the workspace, with names."""
    await office.says("save 2505.00001", ANN)
    await office.says("save 2505.00001", BOB)
    await office.says("save 2505.00002", BOB)
    assert titles(await office.says_one("saved", ANN)) == ["CLIP 1"]
    team = await office.says_one("saved team", ANN)
    assert {entry.paper.title: entry.saved_by for entry in entries_of(team)} == {
        "CLIP 1": (ANN, BOB),
        "CLIP 2": (BOB,),
    }


async def test_another_workspace_sees_nothing(office: Office):
    """Saved papers stay in the house."""
    await office.says("save 2505.00001")
    elsewhere = Channel(Workspace("terminal", "other"), "papers")
    reply = await office.says("saved team", channel=elsewhere)
    assert isinstance(reply.posts[0], Notice)


async def test_nothing_saved_says_how(office: Office):
    """The emoji and the command."""
    for line in ("saved", "export", "saved team"):
        answer = await office.says_one(line)
        assert isinstance(answer, Notice)
        assert "🔖" in answer.hints[0]


async def test_export_has_everything_at_once(office: Office):
    """However many pages the list has."""
    many = [paper(f"2504.{n:05}") for n in range(1, 701)]
    await office.archive.keep(many, as_of=NOW)
    for one in many:
        await office.desk.say(Caller(person=ANN, channel=CHANNEL), f"save {one.id}")
    file = await office.says_one("export csv")
    assert isinstance(file, File)
    assert len(file.content.decode().splitlines()) == 701


async def test_saved_papers_are_found_by_their_words(office: Office):
    """`saved` takes words as search does, with or without saying whose."""
    for number in (1, 2, 3):
        await office.says(f"save 2505.0000{number}")
    for line in ('saved "clip 2"', 'saved me "clip 2"', 'saved team "clip 2"'):
        found = await office.says_one(line)
        assert isinstance(found, PaperList)
        assert titles(found) == ["CLIP 2"]
    none = await office.says_one("saved diffusion")
    assert isinstance(none, Notice)
    assert none.text == "No saved paper has all of these words."
