"""The front desk: every question gets an answer, whatever happens behind it."""

import logging

import pytest

from bot.commands.room import Room
from bot.commands.spec import Answer, Command, Request
from bot.desk import APOLOGY, FrontDesk
from bot.domain.errors import NotAllowed, StorageError, Unavailable, UserError
from bot.domain.papers import Listing
from bot.domain.people import Message
from bot.domain.ports import Caller, Desk
from bot.domain.posts import Notice
from tests.support.fakes import CHANNEL, NOW, paper, papers
from tests.support.rooms import ANN, Office, titles

CALLER = Caller(person=ANN, channel=CHANNEL, admin=True)


@pytest.fixture
def office() -> Office:
    office = Office()
    office.archive.has(Listing.day(NOW.date()), *papers(3))
    return office


def failing(error: Exception) -> FrontDesk:
    """A desk whose only command fails."""

    async def run(room: Room, request: Request) -> Answer:
        raise error

    return FrontDesk(Office().room, [Command(name="fail", summary="Fails", run=run)])


def test_it_is_the_desk_that_doors_know():
    """The port is met, by name too."""
    desk: Desk = FrontDesk(Office().room)
    assert desk


async def test_a_mistake_is_answered_in_private(office: Office):
    """Even where the right command would have been public."""
    reply = await office.says("subscribe at:noonish")
    assert reply.private
    assert isinstance(reply.posts[0], Notice)
    assert reply.posts[0].tone == "error"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (UserError("Do it otherwise."), "Do it otherwise."),
        (NotAllowed("Ask Bob."), "Ask Bob."),
        (Unavailable("It is away."), "It is away. Please try again in a while."),
        (StorageError("disk full: /data/x"), "The archive cannot be used just now"),
        (RuntimeError("secret"), APOLOGY),
    ],
)
async def test_every_error_becomes_one_clear_line(error: Exception, text: str):
    """What people can mend is said as it is; what they cannot stays in the log."""
    reply = await failing(error).say(CALLER, "fail")
    (notice,) = reply.posts
    assert isinstance(notice, Notice)
    assert notice.text.startswith(text)
    assert notice.tone == "error"


async def test_a_bug_is_logged_with_its_traceback(caplog: pytest.LogCaptureFixture):
    """The person gets an apology, the operator the truth."""
    with caplog.at_level(logging.ERROR):
        await failing(RuntimeError("broken")).say(CALLER, "fail")
    assert caplog.records[0].exc_info


async def test_a_shell_gets_errors_as_errors(office: Office):
    """It has exit codes for them."""
    reply = await office.desk.answer(CALLER, ["today", "limit:1"])
    assert titles(reply.posts[0]) == ["Paper 2505.00001"]
    with pytest.raises(UserError):
        await office.desk.answer(CALLER, ["serach"])
    with pytest.raises(StorageError):
        await failing(StorageError("locked")).answer(CALLER, ["fail"])


async def test_typed_options_and_text_lead_to_the_same(office: Office):
    """A platform with forms gets what a platform with lines gets."""
    called = await office.desk.call(CALLER, "today", {"limit": "2", "page": ""})
    assert called == await office.desk.say(CALLER, "/paper today limit:2")
    wrong = await office.desk.call(CALLER, "today", {"limit": "many"})
    assert isinstance(wrong.posts[0], Notice)


async def test_a_broken_archive_is_one_line_everywhere(office: Office):
    """For commands, reactions and messages alike."""
    message = await office.shows(await office.says_one("show 2505.00001"))
    office.archive.break_down()
    answer = await office.says_one("today")
    assert isinstance(answer, Notice)
    assert "archive cannot be used" in answer.text
    reaction = await office.reacts(message, "🔖")
    assert isinstance(reaction, Notice)
    assert "archive cannot be used" in reaction.text


async def test_a_message_without_papers_is_not_remembered(office: Office):
    """Numbers keep meaning the last list that had papers."""
    await office.says("today")
    await office.says("help")
    await office.desk.shown(Message(CHANNEL, "notice"), Notice(text="hello"))
    assert titles(await office.says_one("show 2")) == ["Paper 2505.00002"]


async def test_suggestions_know_what_is_here(office: Office):
    """Titles become ids, and a channel's subscriptions are offered."""
    await office.archive.keep([paper("2103.00020", "CLIP learns from text")], as_of=NOW)
    await office.says("subscribe top:3")
    (found,) = await office.desk.suggest(CALLER, "show lear")
    assert found == "2103.00020"
    assert getattr(found, "label", "") == "CLIP learns from text"
    assert await office.desk.suggest(CALLER, "unsubscribe ") == ["s1", "all"]
    assert "s1" in await office.desk.suggest(CALLER, "preview s")
    assert await office.desk.suggest(CALLER, "/paper sub") == ["subscribe", "subscriptions"]
    assert await office.desk.suggest(CALLER, "subscribe tz:tok") == ["tz:Asia/Tokyo"]
    assert not await office.desk.suggest(CALLER, "nonsense ")
    assert not await office.desk.suggest(CALLER, "x" * 5000)
