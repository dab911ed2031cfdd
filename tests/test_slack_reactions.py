"""Emoji on our messages, decided from our own table: nothing that Slack sends along is relied on."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack.reactions import helpful, recent
from bot.domain.people import Person
from bot.domain.posts import Notice, Reply
from tests.support.slack import PAPERS, SlackOffice, furnished, slack_office
from tests.support.slack_server import slack_server


async def settled(o: SlackOffice) -> None:
    """Also what asks Slack for nothing."""
    await o.settled()
    await asyncio.sleep(0.02)


async def test_a_number_saves_that_paper_and_taking_it_away_unsaves() -> None:
    """The name that others see goes with it."""
    async with slack_server() as slack, slack_office(slack) as o:
        digest = await o.posts()
        await slack.react("T1", "U2", digest, "two")
        await settled(o)
        assert o.saved("U2") == ["2505.00002"]
        (save,) = o.office.library.saves
        assert save.person.name == "Bob"
        await slack.unreact("T1", "U2", digest, "two")
        await settled(o)
        assert o.saved("U2") == []


@pytest.mark.parametrize("emoji", ["bookmark", "bookmark::skin-tone-4", "one"])
async def test_the_save_emoji_saves_the_paper_of_a_message(emoji: str) -> None:
    """Whatever the colour of a hand; on a message that an earlier process posted too."""
    async with slack_server() as slack:
        office = furnished()
        async with slack_office(slack, office=office) as o:
            card = await o.posts(PAPERS[0])
        async with slack_office(slack, office=office) as o:
            await slack.react("T1", "U2", card, emoji)
            await settled(o)
            assert o.saved("U2") == ["2505.00001"]


async def test_other_emoji_and_other_messages_are_nobodys_business() -> None:
    """Nobody is asked anything then, and nothing is said."""
    async with slack_server() as slack, slack_office(slack) as o:
        digest = await o.posts()
        foreign = await slack.says("T1", "U1", "C1", "https://arxiv.org/abs/2505.00001")
        await settled(o)
        before = len(slack.calls)
        await slack.react("T1", "U2", digest, "tada")
        await settled(o)
        assert len(slack.calls) == before
        await slack.react("T1", "U2", foreign, "bookmark")
        await settled(o)
        assert o.office.library.saves == []
        assert slack.ephemerals == []
        assert len(slack.messages("T1", "C1")) == 2


async def test_our_own_emoji_save_nothing() -> None:
    """We may put them there for people to press."""
    async with slack_server() as slack, slack_office(slack) as o:
        digest = await o.posts()
        await slack.react("T1", "UBOT", digest, "one")
        await settled(o)
        assert o.office.library.saves == []


async def test_it_is_told_which_emoji_say_which_paper() -> None:
    """In words for this person alone; that something was saved needs none."""
    async with slack_server() as slack, slack_office(slack) as o:
        digest = await o.posts()
        await slack.react("T1", "U2", digest, "bookmark")
        await slack.until(lambda: slack.ephemerals)
        (advice,) = slack.ephemerals
        assert advice.to == "U2"
        assert "Which paper?" in advice.text
        await slack.react("T1", "U2", digest, "three")
        await settled(o)
        assert o.saved("U2") == ["2505.00003"]
        assert len(slack.ephemerals) == 1


@given(
    st.lists(
        st.builds(
            Notice,
            text=st.just("x"),
            tone=st.sampled_from(["info", "done", "warning", "error"]),
            hints=st.sampled_from([(), ("do this",)]),
        ),
        max_size=3,
    )
)
def test_only_what_helps_is_said(notices: list[Notice]) -> None:
    """Never a plain confirmation."""
    said = helpful(Reply(posts=tuple(notices)))
    wanted = [
        n for n in notices if n.tone in ("warning", "error") or (n.tone == "info" and n.hints)
    ]
    assert list(said.posts if said else ()) == wanted


async def test_an_item_user_is_never_relied_on() -> None:
    """Slack leaves it out for some messages, and it says nothing about ours."""
    async with slack_server() as slack, slack_office(slack) as o:
        digest = await o.posts()
        item = {"type": "message", "channel": "C1", "ts": digest.ts}
        told = {"type": "reaction_added", "user": "U2", "reaction": "one", "item": item}
        await slack.event("T1", told)
        await settled(o)
        assert o.saved("U2") == ["2505.00001"]
        await slack.event("T1", {**told, "item": {"type": "file", "file": "F1"}, "reaction": "two"})
        await slack.event("T1", {**told, "item": None, "reaction": "three"})
        await settled(o)
        assert o.saved("U2") == ["2505.00001"]


async def test_an_event_that_comes_four_times_saves_once() -> None:
    """Slack repeats what it thinks was not heard, hours later too; a change of mind meanwhile stands."""
    async with slack_server() as slack, slack_office(slack) as o:
        digest = await o.posts()
        done = await slack.react("T1", "U2", digest, "one")
        assert done
        await settled(o)
        await slack.unreact("T1", "U2", digest, "one")
        await settled(o)
        for _ in range(3):
            assert (await slack.repeat(done)).acked
        await settled(o)
        assert o.saved("U2") == []


async def test_changing_ones_mind_quickly_ends_as_it_was_meant() -> None:
    """A name is looked up for the first emoji; that it is taken away again must not overtake this."""
    async with slack_server() as slack:
        slack.delay("users.info", 0.15)
        async with slack_office(slack) as o:
            digest = await o.posts()
            await slack.react("T1", "U2", digest, "one")
            await slack.unreact("T1", "U2", digest, "one")
            await settled(o)
            await asyncio.sleep(0.2)
            assert o.office.library.saves == []


async def test_a_name_that_cannot_be_had_is_done_without() -> None:
    """The paper is saved all the same."""
    async with slack_server() as slack, slack_office(slack) as o:
        slack.fail("users.info", error="user_not_found", times=None)
        digest = await o.posts()
        await slack.react("T1", "U2", digest, "one")
        await settled(o)
        assert o.saved("U2") == ["2505.00001"]


# --- while we were away


async def test_what_was_missed_is_made_up_for_at_start() -> None:
    """Put there or taken away while nobody listened; what a command saved is left alone."""
    async with slack_server() as slack:
        office = furnished()
        async with slack_office(slack, office=office) as o:
            digest = await o.posts()
            await slack.react("T1", "U2", digest, "one")
            await settled(o)
            await (await slack.command("T1", "U2", "C1", "/paper", "save 2505.00005")).answered()
        digest.reactions["one"] = ["U1", "UBOT"]
        digest.reactions["thumbsup"] = ["U2"]
        digest.reactions["two::skin-tone-3"] = ["UADA"]
        async with slack_office(slack, office=office) as o:
            await slack.until(lambda: slack.called("reactions.get"))
            await settled(o)
            assert o.saved("U1") == ["2505.00001"]
            assert o.saved("UADA") == ["2505.00002"]
            assert o.saved("U2") == ["2505.00005"]
            names = {save.person: save.person.name for save in office.library.saves}
            assert names[Person("slack", "T1.UADA")] == "Ada"


async def test_a_connection_that_was_away_is_made_up_for_too() -> None:
    """Not after every refresh, where nothing is missed."""
    async with slack_server() as slack, slack_office(slack) as o:
        await o.posts()
        await settled(o)
        assert slack.called("reactions.get") == []
        await slack.disconnect("refresh_requested")
        await slack.connected()
        await settled(o)
        assert slack.called("reactions.get") == []


async def test_a_digest_that_somebody_deleted_does_not_stop_the_others() -> None:
    """It cannot be read any more; what was saved from it stays saved."""
    async with slack_server() as slack:
        office = furnished()
        async with slack_office(slack, office=office) as o:
            first = await o.posts(*PAPERS[:2], key="daily/1")
            await slack.react("T1", "U2", first, "one")
            second = await o.posts(*PAPERS[2:], key="daily/2")
            await settled(o)
        slack.world.erase(first)
        second.reactions["one"] = ["U2"]
        async with slack_office(slack, office=office) as o:
            await slack.until(lambda: len(slack.called("reactions.get")) == 2)
            await settled(o)
            assert sorted(o.saved("U2")) == ["2505.00001", "2505.00003"]


async def test_without_the_right_to_read_reactions_one_question_is_enough() -> None:
    """For all digests of that workspace."""
    async with slack_server() as slack:
        office = furnished()
        async with slack_office(slack, office=office) as o:
            await o.posts(key="daily/1")
            await o.posts(key="daily/2")
        slack.team().scopes.discard("reactions:read")
        async with slack_office(slack, office=office) as o:
            await slack.until(lambda: slack.called("reactions.get"))
            await settled(o)
            assert len(slack.called("reactions.get")) == 1


async def test_a_limit_on_reading_is_waited_for() -> None:
    """Commands are answered meanwhile."""
    async with slack_server() as slack:
        office = furnished()
        async with slack_office(slack, office=office) as o:
            digest = await o.posts()
        digest.reactions["one"] = ["U2"]
        slack.fail("reactions.get", status=429, retry_after=1)
        async with slack_office(slack, office=office) as o:
            await slack.until(lambda: slack.called("reactions.get"))
            await (await slack.command("T1", "U1", "C1", "/paper", "help")).answered()
            await slack.until(lambda: len(slack.called("reactions.get")) == 2)
            await settled(o)
            assert o.saved("U2") == ["2505.00001"]


NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ts", "wanted"),
    [
        (f"{(NOW - timedelta(days=2)).timestamp():.6f}", True),
        (f"{(NOW - timedelta(days=4)).timestamp():.6f}", False),
        ("answer-12.3-1", False),
        ("nan", False),
        ("1e400", False),
        ("", False),
    ],
)
def test_only_recent_digests_are_read_again(ts: str, wanted: bool) -> None:
    """A start costs a few questions, not one for each digest there ever was."""
    assert recent(ts, NOW) is wanted
