"""An emoji saves a paper, and taking it away takes back just that."""

import pytest

from bot.domain.papers import Listing
from bot.domain.people import Message
from bot.domain.posts import Notice
from bot.reactions import plain_emoji
from tests.support.fakes import CHANNEL, NOW, papers
from tests.support.rooms import ANN, BOB, Office


@pytest.fixture
def office() -> Office:
    office = Office()
    office.archive.has(Listing.day(NOW.date()), *papers(12))
    return office


async def digest(office: Office, line: str = "today") -> Message:
    """A message of ours with the papers of this command."""
    post = await office.says_one(line)
    return await office.shows(post)


def saved(office: Office) -> list[tuple[str, str]]:
    return [(save.person.id, save.paper) for save in office.library.saves]


@pytest.mark.parametrize("emoji", ["🔖", "bookmark", ":bookmark:", "🔖\ufe0f"])
async def test_the_save_emoji_on_a_message_of_one_paper(office: Office, emoji: str):
    """In every spelling of every platform."""
    message = await digest(office, "show 2505.00003")
    answer = await office.reacts(message, emoji)
    assert isinstance(answer, Notice)
    assert (answer.text, answer.tone) == ("Saved: Paper 2505.00003", "done")
    assert saved(office) == [("ann", "2505.00003")]
    (save,) = office.library.saves
    assert save.message == message
    assert save.origin == f"{message}#🔖"


@pytest.mark.parametrize(
    ("emoji", "number"), [("3️⃣", 3), ("three", 3), ("🔟", 10), ("keycap_ten", 10), ("1⃣", 1)]
)
async def test_a_number_picks_that_paper(office: Office, emoji: str, number: int):
    """A keycap on a digest saves the paper with its number."""
    message = await digest(office)
    await office.reacts(message, emoji)
    assert saved(office) == [("ann", f"2505.{number:05}")]


async def test_a_position_picks_that_paper(office: Office):
    """Where a platform lets people point, the save emoji is enough."""
    message = await digest(office)
    await office.reacts(message, "🔖", position=4)
    await office.reacts(message, "🔖", position=5)
    assert saved(office) == [("ann", "2505.00004"), ("ann", "2505.00005")]
    await office.reacts(message, "🔖", position=4, added=False)
    assert saved(office) == [("ann", "2505.00005")]


async def test_taking_it_away_takes_back_just_that(office: Office):
    """What was saved in another way too stays saved, and so does what others saved."""
    message = await digest(office)
    await office.reacts(message, "3️⃣")
    await office.reacts(message, "3️⃣", BOB)
    await office.says("save 2505.00003")
    answer = await office.reacts(message, "3️⃣", added=False)
    assert isinstance(answer, Notice)
    assert answer.text.startswith("Still saved")
    assert saved(office) == [("bob", "2505.00003"), ("ann", "2505.00003")]
    gone = await office.reacts(message, "3️⃣", BOB, added=False)
    assert isinstance(gone, Notice)
    assert gone.text == "No longer saved: Paper 2505.00003"
    assert saved(office) == [("ann", "2505.00003")]


async def test_the_same_reaction_reported_twice_saves_once(office: Office):
    """Platforms repeat themselves."""
    message = await digest(office)
    await office.reacts(message, "1️⃣")
    again = await office.reacts(message, "1️⃣")
    assert isinstance(again, Notice)
    assert "already" in again.text
    assert len(saved(office)) == 1
    await office.reacts(message, "1️⃣", added=False)
    assert await office.reacts(message, "1️⃣", added=False) is None
    assert not saved(office)


async def test_a_foreign_message_is_nobodys_business(office: Office):
    """A bookmark there means something else."""
    assert await office.reacts(Message(CHANNEL, "foreign"), "🔖") is None
    assert not saved(office)


@pytest.mark.parametrize("emoji", ["👍", "tada", "", "::", "\ufe0f", "11"])
async def test_other_emoji_are_nobodys_business(office: Office, emoji: str):
    """Applause is not a save."""
    message = await digest(office, "show 2505.00003")
    assert await office.reacts(message, emoji) is None
    assert not saved(office)


async def test_the_save_emoji_on_many_papers_asks_which(office: Office):
    """It saves nothing, and says how to point."""
    message = await digest(office)
    answer = await office.reacts(message, "🔖")
    assert isinstance(answer, Notice)
    assert answer.text == "Which paper? This message has the numbers 1 to 10."
    assert not saved(office)
    assert await office.reacts(message, "🔖", added=False) is None


async def test_a_number_that_is_not_there(office: Office):
    """On page two 1️⃣ is not the first paper; the answer says what is there."""
    message = await digest(office, "today page:2")
    answer = await office.reacts(message, "1️⃣")
    assert isinstance(answer, Notice)
    assert answer.text == "This message has the numbers 11 to 12, not 1."
    assert "`/paper save 11`" in answer.hints[0]
    assert await office.reacts(message, "🔖", position=99, added=False) is None
    assert not saved(office)


def test_emoji_have_one_spelling():
    """Skin tones, selectors, colons and Slack's names are taken off."""
    assert plain_emoji("👍🏽") == plain_emoji("👍")
    assert plain_emoji("+1::skin-tone-3") == plain_emoji(":+1:")
    assert plain_emoji("❤️") == plain_emoji("heart") == "❤"
    assert plain_emoji("5️⃣") == "5"


async def test_who_saved_is_shown_from_then_on(office: Office):
    """A list shows the savers, the earliest first."""
    message = await digest(office)
    await office.reacts(message, "1️⃣", BOB)
    await office.reacts(message, "1️⃣", ANN)
    post = await office.says_one("today limit:1")
    assert post.entries[0].saved_by == (BOB, ANN)  # type: ignore[union-attr]
