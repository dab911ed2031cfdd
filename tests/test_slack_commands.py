"""Slash commands: asked in Slack, answered by the desk, and subscriptions told to the channel."""

from dataclasses import replace

import pytest

from adapters.slack.asking import typed
from bot.desk import FrontDesk
from bot.domain.people import Channel
from bot.domain.subscriptions import Edition
from tests.support.slack import furnished, slack_office
from tests.support.slack_asking import answer, asked, words
from tests.support.slack_server import slack_server

transports = pytest.mark.parametrize("http", [False, True], ids=["socket", "http"])


@transports
async def test_a_command_is_answered_for_the_callers_eyes(http: bool) -> None:
    """The same over both transports: an empty ack, then the list."""
    async with slack_server() as slack, slack_office(slack, http=http) as o:
        done = await asked(o, "today")
        assert done.ack is None
        (said,) = await done.answered()
        assert "CLIP sees everything" in words(said)
        assert said["response_type"] == "ephemeral"
        assert said["unfurl_links"] is False
        assert slack.messages("T1", "C1") == []
        assert slack.noted == []


async def test_a_mistyped_verb_is_corrected() -> None:
    """The whole line as it was meant, in words of this platform."""
    async with slack_server() as slack, slack_office(slack) as o:
        assert "/paper search clip" in await answer(o, "serach clip")


async def test_another_name_for_the_command_is_used_everywhere() -> None:
    """Another app may have taken `/paper`."""
    office = furnished()
    office.desk = FrontDesk(replace(office.room, names={"slack": "/hfpapers"}))
    async with slack_server() as slack, slack_office(slack, office=office, command="/hfpapers"):
        done = await slack.command("T1", "U1", "C1", "/hfpapers", "serach clip")
        (said,) = await done.answered()
        assert "/hfpapers search clip" in words(said)


async def test_a_command_that_slack_calls_differently_is_answered_all_the_same() -> None:
    """Whatever name the app's settings give it: nobody is left without an answer."""
    async with slack_server() as slack, slack_office(slack) as o:
        done = await slack.command("T1", "U1", "C1", "/papers-of-old", "help")
        assert await done.answered()
        assert o.ailment() == ""


async def test_links_and_entities_are_read_as_they_were_typed() -> None:
    """Slack puts links in brackets and writes `&` as an entity."""
    async with slack_server() as slack, slack_office(slack) as o:
        await answer(o, "save https://arxiv.org/abs/2505.00002")
        assert o.saved() == ["2505.00002"]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("search a &amp; b", "search a & b"),
        ("search &amp;lt;b&amp;gt;", "search &lt;b&gt;"),
        (
            "save <https://hf.co/papers/2505.00001|hf.co/papers/2505.00001>",
            "save https://hf.co/papers/2505.00001",
        ),
        ("saved <@U1|ann>", "saved <@U1|ann>"),
        ("  today ", "today"),
    ],
)
def test_typed(raw: str, text: str) -> None:
    """What stood in the person's box."""
    assert typed(raw) == text


async def test_an_answer_can_be_pointed_at() -> None:
    """`3` is the third of the list that this person saw, and nobody else's."""
    async with slack_server() as slack, slack_office(slack) as o:
        await answer(o, "today")
        await o.settled()
        assert "A survey of surveys" in await answer(o, "save 3")
        assert o.saved() == ["2505.00003"]
        await answer(o, "save 3", who="U2")
        assert o.saved("U2") == []


async def test_it_works_where_we_are_not() -> None:
    """The address that comes with a command needs no invitation."""
    async with slack_server() as slack, slack_office(slack) as o:
        assert "CLIP sees everything" in await answer(o, "today", where="C2")
        assert slack.called("chat.postMessage") == []


async def test_reading_takes_no_question_to_slack() -> None:
    """Who somebody is, is asked only where rights matter."""
    async with slack_server() as slack, slack_office(slack) as o:
        await o.settled()
        before = len(slack.calls)
        await answer(o, "today")
        assert len(slack.calls) == before


async def test_an_export_comes_into_the_direct_conversation() -> None:
    """Answers carry no files, so this one says where it is."""
    async with slack_server() as slack, slack_office(slack) as o:
        await answer(o, "save 2505.00001")
        said = await answer(o, "export bibtex")
        assert "direct conversation" in said
        (file,) = slack.files
        assert b"{CLIP} sees everything" in file.content
        assert file.channel == slack.direct("T1", "U1")


async def test_a_file_that_may_not_be_sent_is_explained() -> None:
    """It takes a scope that not every app has."""
    async with slack_server() as slack:
        slack.add_team("T1", scopes={"commands", "chat:write", "im:write", "users:read"})
        slack.add_user("T1", "U1", "Ann")
        slack.add_channel("T1", "C1", "papers")
        async with slack_office(slack) as o:
            await answer(o, "save 2505.00001")
            assert "files:write" in await answer(o, "export bibtex")


# --- subscribing


async def test_a_subscription_is_announced_to_the_channel() -> None:
    """With the name of who did it; the one who asked is told no second time."""
    async with slack_server() as slack, slack_office(slack) as o:
        done = await asked(o, "subscribe at:9:00")
        (said,) = await slack.said("T1", "C1")
        assert "Ann subscribed this channel" in said.text
        await o.settled()
        assert done.answers == []
        (order,) = await o.office.subscriptions.all()
        assert (order.channel, order.edition) == (o.channel, Edition.DAILY)


@pytest.mark.parametrize(("where", "who"), [("C2", "U1"), ("G1", "U1")])
async def test_where_we_are_not_nothing_is_stored(where: str, who: str) -> None:
    """A public channel nobody invited us to, a private one we cannot see: what helps is said."""
    async with slack_server() as slack, slack_office(slack) as o:
        slack.world.place("T1", "G1").member = False
        said = await answer(o, "subscribe", where=where, who=who)
        assert "/invite @paperbot" in said
        assert await o.office.subscriptions.all() == []
        assert slack.called("chat.postMessage") == []


async def test_an_archived_channel_cannot_be_subscribed() -> None:
    """It would take no posts."""
    async with slack_server() as slack, slack_office(slack) as o:
        slack.world.place("T1", "C1").archived = True
        assert "archived" in await answer(o, "subscribe")
        assert await o.office.subscriptions.all() == []


async def test_a_guest_may_read_but_not_subscribe() -> None:
    """Except their own direct conversation."""
    async with slack_server() as slack, slack_office(slack) as o:
        assert "CLIP" in await answer(o, "today", who="UGUS")
        assert "Only people who may manage" in await answer(o, "subscribe", who="UGUS")
        assert await o.office.subscriptions.all() == []
        direct = slack.direct("T1", "UGUS")
        await asked(o, "subscribe", who="UGUS", where=direct)
        await slack.said("T1", direct)
        (order,) = await o.office.subscriptions.all()
        assert order.channel == Channel(o.channel.workspace, direct)


async def test_a_conversation_of_two_others_takes_no_posts() -> None:
    """Slack lets people type there, and tells us nothing but its id."""
    async with slack_server() as slack, slack_office(slack) as o:
        slack.add_channel("T1", "D77", "bob", private=True, member=False, members={"U1", "U2"})
        said = await answer(o, "subscribe", where="D77")
        assert "no part of this conversation" in said
        assert await o.office.subscriptions.all() == []


async def test_operators_may_leave_subscribing_to_admins() -> None:
    """`slack.subscribers = "admins"`."""
    async with slack_server() as slack, slack_office(slack, subscribers="admins") as o:
        assert "Only people who may manage" in await answer(o, "subscribe", who="U1")
        await asked(o, "subscribe", who="UADA")
        assert await slack.said("T1", "C1")


async def test_nobody_subscribes_whom_slack_does_not_describe() -> None:
    """A question that fails gives no rights."""
    async with slack_server() as slack, slack_office(slack) as o:
        slack.fail("users.info", error="user_not_found")
        assert "Only people who may manage" in await answer(o, "subscribe")


async def test_a_lost_announcement_is_not_made_twice() -> None:
    """It may be in the channel; who asked is told privately."""
    async with slack_server() as slack, slack_office(slack) as o:
        slack.lose_answer("chat.postMessage")
        done = await asked(o, "subscribe")
        (said,) = await done.answered()
        assert said["response_type"] == "ephemeral"
        await o.settled()
        assert len(slack.messages("T1", "C1")) == 1


async def test_an_announcement_that_the_channel_refuses_comes_another_way() -> None:
    """The address that came along needs no right to post."""
    async with slack_server() as slack, slack_office(slack) as o:
        slack.fail("chat.postMessage", error="restricted_action")
        done = await asked(o, "subscribe")
        (said,) = await done.answered()
        assert said["response_type"] == "in_channel"
