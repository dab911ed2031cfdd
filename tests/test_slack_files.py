"""People who are told something directly, and files that are handed over."""

from typing import Any

import pytest

from adapters.slack.addresses import person
from adapters.slack.api import Api
from adapters.slack.files import upload
from adapters.slack.messenger import SlackMessenger
from bot.domain.errors import (
    ChannelRefused,
    ContentRefused,
    DeliveryError,
    OutcomeUnknown,
    TryLater,
    WorkspaceRefused,
)
from bot.domain.people import Person
from bot.domain.posts import File, Notice, PaperList
from tests.support.slack_posts import out, papers
from tests.support.slack_server import SlackServer

ANN = person("T1", "U1", "Ann")


async def test_somebody_is_told_directly(slack: SlackServer, messenger: SlackMessenger) -> None:
    """In their conversation with the bot, without a key."""
    await messenger.tell(ANN, Notice(text="I could not post."))
    (told,) = slack.messages("T1", slack.direct("T1", "U1"))
    assert "I could not post." in told.text
    assert told.metadata is None


async def test_whoever_cannot_be_told_is_a_refusal(
    slack: SlackServer, messenger: SlackMessenger
) -> None:
    """Unknown people, other platforms', those whose messages tab is off."""
    for nobody in (person("T1", "U9"), Person("slack", "U1"), Person("discord", "42")):
        with pytest.raises((ChannelRefused, WorkspaceRefused)):
            await messenger.tell(nobody, Notice(text="x"))
    slack.fail("chat.postMessage", error="messages_tab_disabled")
    with pytest.raises(ChannelRefused, match="Messages tab"):
        await messenger.tell(ANN, Notice(text="x"))


async def test_what_is_told_is_told_plainly_if_need_be(
    slack: SlackServer, messenger: SlackMessenger
) -> None:
    """Nobody else would try again."""
    slack.fail("chat.postMessage", error="invalid_blocks")
    await messenger.tell(ANN, PaperList(title="x", entries=papers()))
    assert len(slack.messages("T1", slack.direct("T1", "U1"))) == 1


BIB = File(name="my papers.bib", media_type="x", content=b"@article{a}", text="One <paper>.")


async def test_a_file_is_handed_over(slack: SlackServer, messenger: SlackMessenger) -> None:
    """Its bytes, its name and the line that says what it is."""
    await messenger.tell(ANN, BIB)
    (file,) = slack.files
    assert (file.content, file.name, file.title) == (BIB.content, *["my-papers.bib"] * 2)
    assert file.channel == slack.direct("T1", "U1")
    assert file.comment == "One &lt;paper&gt;."


async def test_a_file_can_stand_in_a_thread(slack: SlackServer, messenger: SlackMessenger) -> None:
    """Below the message it answers."""
    above = await messenger.send(out())
    sent = await messenger.send(out(BIB, reply_to=above))
    assert slack.files[0].thread_ts == above.id
    assert sent.id == slack.files[0].id


@pytest.mark.parametrize(
    ("method", "trouble", "expected"),
    [
        ("files.getUploadURLExternal", {"status": 429, "retry_after": 90}, TryLater),
        ("files.getUploadURLExternal", {"status": 500, "times": None}, TryLater),
        ("files.getUploadURLExternal", {"error": "file_uploads_disabled"}, ContentRefused),
        ("upload", {"status": 500}, TryLater),
        ("upload", {"status": 413}, ContentRefused),
        ("files.completeUploadExternal", {"status": 500}, OutcomeUnknown),
        ("files.completeUploadExternal", {"error": "not_in_channel"}, ChannelRefused),
        ("files.completeUploadExternal", {"error": "invalid_auth"}, WorkspaceRefused),
    ],
)
async def test_a_file_that_does_not_arrive_says_why(
    slack: SlackServer,
    api: Api,
    method: str,
    trouble: dict[str, Any],
    expected: type[DeliveryError],
) -> None:
    """Only the last of the three steps can be seen."""
    slack.fail(method, **trouble)
    with pytest.raises(expected):
        await upload(api, "T1", "C1", BIB)
    assert slack.messages("T1", "C1") == []


async def test_without_the_scope_no_file_is_handed_over(slack: SlackServer, api: Api) -> None:
    """Who reads that knows what to add; the channel is not blamed. Empty files are not sent."""
    slack.team().scopes.discard("files:write")
    with pytest.raises(ContentRefused, match="files:write"):
        await upload(api, "T1", "C1", BIB)
    with pytest.raises(ContentRefused, match="empty"):
        await upload(api, "T1", "C1", File(name="x.bib", media_type="x", content=b""))
