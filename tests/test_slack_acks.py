"""Acknowledged at once, done once, and answered whatever happens on the way."""

import asyncio
import logging

import pytest

from bot.domain.posts import Notice, Reply
from tests.support.slack import furnished, slack_office
from tests.support.slack_asking import BreaksOnce, Busy, Forgets, Says, answer, asked, words
from tests.support.slack_server import slack_server

transports = pytest.mark.parametrize("http", [False, True], ids=["socket", "http"])


@transports
async def test_acks_wait_for_no_work(http: bool) -> None:
    """Fifty commands at once are acknowledged while the database answers none of them; then all are answered."""
    async with slack_server() as slack:
        office = furnished()
        busy = Busy(office.desk)
        async with slack_office(slack, http=http, office=office, desk=busy) as o:
            done = await asyncio.gather(*(asked(o, "search clip") for _ in range(50)))
            assert all(one.acked for one in done)
            assert not any(one.answers for one in done)
            busy.free.set()
            for one in done:
                await one.answered(within=20)


@transports
async def test_the_ack_waits_for_nobody(http: bool) -> None:
    """Not for Slack, which is asked afterwards who we are."""
    async with slack_server() as slack:
        slack.delay("auth.test", 0.3)
        async with slack_office(slack, http=http) as o:
            done = await asked(o, "today")
            assert done.acked
            assert done.answers == []
            await done.answered()


@transports
async def test_what_comes_again_is_done_once(http: bool) -> None:
    """The same trigger_id, as often as Slack or anybody else repeats it."""
    async with slack_server() as slack, slack_office(slack, http=http) as o:
        done = await asked(o, "subscribe")
        await slack.said("T1", "C1")
        for _ in range(3):
            assert (await slack.repeat(done)).acked
        await o.settled()
        assert len(await o.office.subscriptions.all()) == 1
        assert len(slack.messages("T1", "C1")) == 1


async def test_an_answer_after_half_an_hour_is_whispered() -> None:
    """The address that came along is good for 30 minutes; the list can be pointed at all the same."""
    async with slack_server() as slack, slack_office(slack) as o:
        slack.fail("response_url", error="expired_url")
        done = await asked(o, "today")
        await slack.until(lambda: slack.ephemerals)
        assert done.answers == []
        (said,) = slack.called("chat.postEphemeral")
        assert said["user"] == "U1"
        await o.settled()
        await answer(o, "save 2")
        assert o.saved() == ["2505.00002"]


async def test_an_answer_that_cannot_be_whispered_comes_directly() -> None:
    """Where we are not in the channel."""
    async with slack_server() as slack, slack_office(slack) as o:
        slack.fail("response_url", error="used_url")
        await asked(o, "today", where="C2")
        (said,) = await slack.said("T1", slack.direct("T1", "U1"))
        assert "CLIP sees everything" in said.text


async def test_an_answer_in_the_direct_conversation_stays_there() -> None:
    """It needs no whispering: nobody else reads it."""
    async with slack_server() as slack, slack_office(slack) as o:
        direct = slack.direct("T1", "U1")
        slack.fail("response_url", error="used_url")
        await asked(o, "today", where=direct)
        await slack.said("T1", direct)
        assert slack.called("chat.postEphemeral") == []


async def test_an_answer_that_reaches_nobody_is_one_line_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The door goes on."""
    async with slack_server() as slack, slack_office(slack) as o:
        for method in ("response_url", "chat.postEphemeral", "chat.postMessage"):
            slack.fail(method, error="fatal_error", times=None)
        await asked(o, "today")
        await slack.until(lambda: slack.called("chat.postMessage"))
        await o.settled()
        slack.recover()
        assert "CLIP" in await answer(o, "today")
    assert "slack.not_done" in caplog.text
    assert "Traceback" not in caplog.text


async def test_a_long_answer_uses_the_address_five_times_and_goes_on_without() -> None:
    """In order, and it ends somewhere."""
    reply = Reply(posts=tuple(Notice(text=f"Part {n}") for n in range(20)))
    async with slack_server() as slack:
        desk = Says(furnished().room, reply)
        async with slack_office(slack, desk=desk) as o:
            done = await asked(o, "today")
            await slack.until(lambda: len(slack.ephemerals) == 10)
            await o.settled()
            assert len(done.answers) == 5
            assert [one.text for one in slack.ephemerals] == [f"Part {n}" for n in range(10)]


async def test_blocks_that_slack_dislikes_are_said_plainly() -> None:
    """Once."""
    async with slack_server() as slack, slack_office(slack) as o:
        slack.fail("response_url", error="invalid_blocks")
        done = await asked(o, "today")
        (said,) = await done.answered()
        assert "blocks" not in said
        assert "CLIP sees everything" in said["text"]


async def test_a_workspace_that_never_installed_us_is_answered(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """With what to do; nothing of another workspace is read."""
    async with slack_server() as slack, slack_office(slack) as o:
        slack.add_team("T2", bot_token="xoxb-T2")
        slack.add_user("T2", "U9", "Eve")
        slack.add_channel("T2", "C9", "theirs")
        done = await slack.command("T2", "U9", "C9", "/paper", "today")
        (said,) = await done.answered()
        assert "not installed" in words(said)
        assert "CLIP" not in words(said)
        assert o.ailment() == ""
    assert "Traceback" not in caplog.text


async def test_when_slack_cannot_be_asked_the_person_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """In words to them, and in a line to us."""
    async with slack_server() as slack, slack_office(slack) as o:
        await o.settled()
        o.door.api.grants.forget("T1")
        slack.fail("auth.test", status=503, times=None)
        done = await asked(o, "today")
        (said,) = await done.answered()
        assert "try again" in words(said)
    assert "Traceback" not in caplog.text
    assert "slack.not_done" in caplog.text


async def test_a_bug_is_logged_and_apologised_for(caplog: pytest.LogCaptureFixture) -> None:
    """Once; the next question is answered as if nothing had been."""
    async with slack_server() as slack:
        desk = BreaksOnce(furnished().room)
        async with slack_office(slack, desk=desk) as o:
            assert "not your fault" in await answer(o, "today")
            assert "CLIP" in await answer(o, "today")
    (record,) = [one for one in caplog.records if one.levelno >= logging.ERROR]
    assert record.exc_info


async def test_a_database_that_is_away_silences_nobody() -> None:
    """What comes twice cannot be told then; the answer is given."""
    desk = Forgets(furnished().room)
    async with slack_server() as slack, slack_office(slack, desk=desk) as o:
        assert "CLIP" in await answer(o, "today")


async def test_no_token_is_ever_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Nor the address of an answer, with which anybody could answer."""
    caplog.set_level(logging.DEBUG)
    async with slack_server() as slack, slack_office(slack) as o:
        await answer(o, "today")
        slack.fail("response_url", error="used_url")
        await asked(o, "today")
        await slack.until(lambda: len(slack.ephemerals) == 2)
        ours = [r.getMessage() for r in caplog.records if not r.name.startswith("aiohttp.access")]
        for secret in (o.settings.bot_token, o.settings.app_token, "/response/"):
            assert not [line for line in ours if secret in line]
