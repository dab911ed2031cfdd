"""data, forget: what is kept about somebody, and its end."""

import json

import pytest

from bot.domain.people import Message
from bot.domain.ports import Reaction
from bot.domain.posts import File, Notice
from tests.support.fakes import NOW, paper
from tests.support.rooms import ANN, BOB, Office, titles


@pytest.fixture
async def office() -> Office:
    office = Office()
    await office.archive.keep([paper(f"2505.0000{n}", f"CLIP {n}") for n in range(1, 4)], as_of=NOW)
    for who in (ANN, BOB):
        await office.says("save 2505.00001", who)
        await office.says("note 2505.00001 Hm.", who)
        await office.says("tag 2505.00001 rl vision", who)
        await office.says("read 2505.00001", who)
    return office


async def test_forgetting_is_asked_for_twice(office: Office):
    """The first time it only says what would go, in numbers."""
    asked = await office.says_one("forget me")
    assert isinstance(asked, Notice)
    assert asked.tone == "warning"
    assert asked.text == (
        "This would delete everything kept about you, wherever we met: "
        "1 act of saving, 1 note, 2 tags and 1 read mark."
    )
    assert "`/paper forget me yes`" in asked.hints[-1]
    assert len(office.library.saves) == 2


async def test_then_it_is_done(office: Office):
    """Of this person everything, of the others nothing; and it can be said again."""
    done = await office.says_one("forget me yes")
    assert isinstance(done, Notice)
    assert done.tone == "done"
    assert done.text.startswith("Everything kept about you has been deleted: 1 act of saving")
    assert [save.person for save in office.library.saves] == [BOB]
    assert titles(await office.says_one("saved", BOB)) == ["CLIP 1"]
    again = await office.says_one("forget me yes")
    assert isinstance(again, Notice)
    assert again.text == "Nothing is kept about you."


async def test_nobody_else_can_be_forgotten(office: Office):
    """Only `me` is taken, whoever asks."""
    for line in ("forget", "forget bob", "forget yes", "forget bob yes"):
        answer = await office.says_one(line)
        assert isinstance(answer, Notice)
        assert answer.tone == "error"
    assert len(office.library.saves) == 2


async def test_ones_data_is_a_file(office: Office):
    """Everything in it is one's own."""
    for line in ("data", "mydata", "my data"):
        file = await office.says_one(line)
        assert isinstance(file, File)
        assert file.text == (
            "Everything kept about you: 1 act of saving, 1 note, 2 tags and 1 read mark."
        )
        found = json.loads(file.content)
        assert found["person"] == "terminal:ann"
        assert [record["tag"] for record in found["tag"]] == ["rl", "vision"]
        assert "bob" not in file.content.decode()


async def test_an_emoji_that_was_left_standing_brings_nothing_back(office: Office):
    """What was reacted before being forgotten is not caught up with later; anything new counts."""
    shown = await office.shows(await office.says_one("show 2505.00002"))
    await office.says("forget me yes")
    standing = [Reaction(message=shown, person=who, emoji="🔖") for who in (ANN, BOB)]
    assert await office.desk.reconcile(shown, standing) == 1
    assert [save.person for save in office.library.saves if save.paper == "2505.00002"] == [BOB]
    later: Message = await office.shows(await office.says_one("show 2505.00003"))
    assert (
        await office.desk.reconcile(later, [Reaction(message=later, person=ANN, emoji="🔖")]) == 1
    )
