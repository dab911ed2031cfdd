"""Notes, tags and read marks: whose they are, and who sees them."""

from dataclasses import replace

import pytest

from bot.domain.library import UNMARKED, Marks, Note, Save
from bot.domain.papers import PaperId
from bot.domain.people import Person, Sharing, Workspace
from bot.domain.posts import Remark
from storage import open_storage
from storage.columns import tidy_key
from tests.support.hostile import BAD
from tests.support.library_model import NOON
from tests.support.storage import Place, temporary_storage

HERE, THERE = Workspace("terminal", "local"), Workspace("terminal", "other")
ADA, GRACE = Person("terminal", "ada", "Ada"), Person("terminal", "grace", "Grace")
ONE, TWO = PaperId("2505.00001"), PaperId("2505.00002")
NOTE = Note(person=ADA, workspace=HERE, paper=ONE, text="Compare with ours.", at=NOON)


async def test_a_note_is_its_writers_alone(place: Place) -> None:
    """Nobody else sees it; in another workspace not even the writer does."""
    async with temporary_storage(place) as storage:
        assert await storage.notes.note(NOTE) is None
        mine = await storage.notes.marks(ADA, HERE, [ONE, TWO])
        assert mine == {ONE: Marks(remarks=(Remark("Compare with ours."),))}
        assert await storage.notes.marks(GRACE, HERE, [ONE]) == {}
        assert await storage.notes.marks(ADA, THERE, [ONE]) == {}


async def test_a_note_for_the_team_bears_its_writers_name(place: Place) -> None:
    """The reader's own comes first."""
    async with temporary_storage(place) as storage:
        await storage.notes.note(replace(NOTE, shared=True))
        await storage.notes.note(replace(NOTE, person=GRACE, text="Mine."))
        seen = (await storage.notes.marks(GRACE, HERE, [ONE]))[ONE].remarks
        assert seen == (Remark("Mine."), Remark("Compare with ours.", ADA, shared=True))
        assert seen[1].by
        assert seen[1].by.name == "Ada"


async def test_there_is_one_note_of_each(place: Place) -> None:
    """The earlier one is handed back, and no text takes it away."""
    async with temporary_storage(place) as storage:
        await storage.notes.note(replace(NOTE, shared=True))
        old = await storage.notes.note(replace(NOTE, text="Better."))
        assert old == replace(NOTE, shared=True)
        assert await storage.notes.marks(GRACE, HERE, [ONE]) == {}
        gone = await storage.notes.note(replace(NOTE, text=""))
        assert gone
        assert gone.text == "Better."
        assert await storage.notes.note(replace(NOTE, text="")) is None
        assert await storage.notes.marks(ADA, HERE, [ONE]) == {}


async def test_tags_are_the_teams_and_each_takes_off_their_own(place: Place) -> None:
    """The commonest come first; which are the reader's is known."""
    async with temporary_storage(place) as storage:
        notes = storage.notes
        await notes.tag(ADA, HERE, ONE, add=["rl", "vision", "rl"], at=NOON)
        await notes.tag(GRACE, HERE, ONE, add=["vision"], at=NOON)
        await notes.tag(GRACE, HERE, TWO, add=["vision"], at=NOON)
        assert (await notes.marks(ADA, HERE, [ONE]))[ONE] == Marks(
            tags=("vision", "rl"), own=frozenset({"rl", "vision"})
        )
        await notes.tag(GRACE, HERE, ONE, remove=["rl", "vision"], at=NOON)
        assert (await notes.marks(GRACE, HERE, [ONE]))[ONE] == Marks(tags=("rl", "vision"))
        assert await notes.tags(HERE) == {"vision": 2, "rl": 1}
        assert [*await notes.tags(HERE)] == ["vision", "rl"]
        assert await notes.tags(HERE, GRACE) == {"vision": 1}
        assert await notes.tags(THERE) == {}


async def test_what_was_read_is_ones_own(place: Place) -> None:
    """Marking twice says so."""
    async with temporary_storage(place) as storage:
        notes = storage.notes
        assert await notes.mark(ADA, HERE, ONE, read=True, at=NOON)
        assert not await notes.mark(ADA, HERE, ONE, read=True, at=NOON)
        assert (await notes.marks(ADA, HERE, [ONE]))[ONE].read
        assert await notes.marks(GRACE, HERE, [ONE]) == {}
        assert await notes.mark(ADA, HERE, ONE, read=False, at=NOON)
        assert not await notes.mark(ADA, HERE, ONE, read=False, at=NOON)


async def test_a_team_of_workspaces_has_one_set_of_notes(place: Place) -> None:
    """What was written in one is changed and taken away in another."""
    async with open_storage(place.url, place.index, sharing=Sharing(shared=True)) as storage:
        notes = storage.notes
        await notes.note(NOTE)
        await notes.tag(ADA, HERE, ONE, add=["rl"], at=NOON)
        await notes.mark(ADA, HERE, ONE, read=True, at=NOON)
        await storage.library.save(
            Save(person=ADA, workspace=HERE, paper=ONE, at=NOON, origin="command")
        )
        assert not await notes.mark(ADA, THERE, ONE, read=True, at=NOON)
        old = await notes.note(replace(NOTE, workspace=THERE, text="Anew."))
        assert old
        assert old.text == NOTE.text
        await notes.tag(ADA, THERE, ONE, remove=["rl"], at=NOON)
        await notes.mark(ADA, THERE, ONE, read=False, at=NOON)
        assert await notes.marks(ADA, THERE, [ONE]) == {ONE: Marks(remarks=(Remark("Anew."),))}


@pytest.mark.parametrize("text", [*BAD, "half \ud800 a sign", "'; DROP TABLE note; --"])
async def test_anything_can_be_noted(place: Place, text: str) -> None:
    """It comes back as it was, but for what no database takes."""
    async with temporary_storage(place) as storage:
        await storage.notes.note(replace(NOTE, text=text or "-", person=replace(ADA, name=text)))
        await storage.notes.tag(ADA, HERE, ONE, add=[text], at=NOON)
        found = (await storage.notes.marks(ADA, HERE, [ONE])).get(ONE, UNMARKED)
        assert len(found.remarks) == 1
        assert found.tags == (tidy_key(text, 160),)
