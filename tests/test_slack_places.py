"""Channels and workspaces: coming, going, and what happened to them while nobody listened."""

import pytest

from adapters.slack.presence import Presence, presence_in
from bot.domain.people import Channel, Workspace
from bot.domain.stores import Installation
from bot.domain.subscriptions import Edition, Subscription
from bot.presence import GONE
from tests.support.fakes import NOW
from tests.support.rooms import Office
from tests.support.slack import FakeInstallations, SlackOffice, furnished, peopled, slack_office
from tests.support.slack_server import slack_server

LAB = Workspace("slack", "T1")


async def ordered(office: Office, *places: str, team: str = "T1") -> None:
    """A daily subscription in each of these channels."""
    for place in places:
        channel = Channel(Workspace("slack", team), place)
        await office.subscriptions.add(
            Subscription(
                id=f"s-{team}-{place}",
                channel=channel,
                edition=Edition.DAILY,
                created_at=NOW,
                next_run_at=NOW,
            )
        )


async def paused(o: SlackOffice) -> set[str]:
    """The channels whose subscriptions wait since we are gone."""
    return {one.channel.id for one in await o.office.subscriptions.all() if one.paused == GONE}


async def test_on_coming_to_a_channel_we_say_hello() -> None:
    """Once, with one button to set it up; the arrival of others is none of our business."""
    async with slack_server() as slack, slack_office(slack) as o:
        done = await slack.invite("T1", "C2", "U1")
        (hello,) = await slack.said("T1", "C2")
        ids = [e["action_id"] for block in hello.blocks for e in block.get("elements", [])]
        assert ids == ["p:setup:start"]
        await slack.repeat(done)
        await slack.joins("T1", "C2", "U2")
        await o.settled()
        assert len(slack.messages("T1", "C2")) == 1


async def test_what_waits_in_a_channel_runs_again_when_we_are_back() -> None:
    """And the greeting says so."""
    async with slack_server() as slack, slack_office(slack) as o:
        await o.settled()
        await ordered(o.office, "C1", "C2")
        await slack.kick("T1", "C1")
        await o.settled()
        assert await paused(o) == {"C1"}
        await slack.invite("T1", "C1", "U1")
        (hello,) = await slack.said("T1", "C1")
        assert "runs again" in hello.text
        assert await paused(o) == set()


async def test_leaving_and_coming_back_is_seen_in_that_order() -> None:
    """However soon one follows the other, and however long the first takes."""
    async with slack_server() as slack, slack_office(slack) as o:
        await o.settled()
        await ordered(o.office, "C1")
        slack.delay("auth.test", 0.05)
        o.door.api.grants.forget("T1")
        await slack.kick("T1", "C1")
        await slack.invite("T1", "C1", "U1")
        await slack.said("T1", "C1")
        await o.settled()
        assert await paused(o) == set()


async def test_a_channel_that_cannot_be_greeted_does_no_harm(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """One line in the log."""
    async with slack_server() as slack, slack_office(slack) as o:
        slack.fail("chat.postMessage", error="restricted_action")
        await slack.invite("T1", "C2", "U1")
        await o.settled()
    assert "slack.no_welcome" in caplog.text
    assert "Traceback" not in caplog.text


async def test_somebody_else_leaving_changes_nothing() -> None:
    """We are told of everybody who leaves a channel that we are in."""
    async with slack_server() as slack, slack_office(slack) as o:
        await o.settled()
        await ordered(o.office, "C1")
        for user, gone in (("U2", set[str]()), ("UBOT", {"C1"})):
            event = {"type": "member_left_channel", "user": user, "channel": "C1"}
            await slack.event("T1", event)
            await o.settled()
            assert await paused(o) == gone


@pytest.mark.parametrize("place", ["C1", "G1"])
async def test_an_archived_channel_waits_until_it_is_opened_again(place: str) -> None:
    """Public or private."""
    async with slack_server() as slack, slack_office(slack) as o:
        await o.settled()
        await ordered(o.office, place)
        await slack.archive("T1", place, "U1")
        await o.settled()
        assert await paused(o) == {place}
        await slack.unarchive("T1", place, "U1")
        await o.settled()
        assert await paused(o) == set()


async def test_a_channel_that_opens_without_us_goes_on_waiting() -> None:
    """Slack may have taken us out of it meanwhile."""
    async with slack_server() as slack, slack_office(slack) as o:
        await o.settled()
        await ordered(o.office, "C1")
        await slack.archive("T1", "C1", "U1")
        slack.world.place("T1", "C1").member = False
        await slack.unarchive("T1", "C1", "U1")
        await o.settled()
        assert await paused(o) == {"C1"}


async def test_a_deleted_channel() -> None:
    """Pauses; who comes back finds everything as it was."""
    async with slack_server() as slack, slack_office(slack) as o:
        await o.settled()
        await ordered(o.office, "C1", "C2")
        await slack.delete_channel("T1", "C1")
        await o.settled()
        assert await paused(o) == {"C1"}


# --- whole workspaces


def installed(slack_token: str = "xoxb-T1") -> FakeInstallations:
    kept = FakeInstallations()
    kept.kept[LAB] = Installation(workspace=LAB, token=slack_token, bot="UBOT", at=NOW)
    return kept


async def test_a_workspace_that_sends_us_away_is_forgotten_and_its_orders_wait() -> None:
    """The token goes; the orders stay for the day we are asked back."""
    async with slack_server() as slack:
        peopled(slack)
        tokens = installed()
        async with slack_office(slack, oauth=True, installations=tokens) as o:
            await o.settled()
            await ordered(o.office, "C1", "C2")
            await ordered(o.office, "C9", team="T2")
            await slack.uninstall("T1")
            await o.settled()
            assert tokens.kept == {}
            assert await paused(o) == {"C1", "C2"}
            done = await slack.command("T1", "U1", "C1", "/paper", "today")
            await o.settled()
            assert done.acked


@pytest.mark.parametrize("kind", ["app_uninstalled", "tokens_revoked"])
async def test_old_news_of_an_uninstallation_does_not_undo_the_new_one(kind: str) -> None:
    """Slack delivers events late; a token that works is no token that was taken back."""
    async with slack_server() as slack:
        peopled(slack)
        tokens = installed()
        async with slack_office(slack, oauth=True, installations=tokens) as o:
            await o.settled()
            await ordered(o.office, "C1")
            await slack.event("T1", {"type": kind})
            await o.settled()
            assert tokens.kept
            assert await paused(o) == set()


async def test_tokens_of_users_are_none_of_ours() -> None:
    """Nobody is asked then."""
    async with slack_server() as slack:
        peopled(slack)
        async with slack_office(slack, oauth=True, installations=installed()) as o:
            await o.settled()
            before = len(slack.calls)
            event = {"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": []}}
            await slack.event("T1", event)
            await o.settled()
            assert len(slack.calls) == before


async def test_the_workspace_of_a_configured_token_can_send_us_away_too() -> None:
    """What is ordered there waits for another token."""
    async with slack_server() as slack, slack_office(slack) as o:
        await o.settled()
        await ordered(o.office, "C1")
        await slack.uninstall("T1")
        await o.settled()
        assert await paused(o) == {"C1"}


# --- while we were away


async def test_at_start_what_is_ordered_is_compared_with_where_we_are() -> None:
    """Left, archived and lost channels wait; those we are in run, direct conversations too."""
    async with slack_server() as slack:
        peopled(slack)
        office = furnished()
        direct = slack.direct("T1", "U1")
        slack.add_channel("T1", "C3", "old", archived=True)
        slack.add_channel("T1", "G2", "secret", private=True, member=False)
        await ordered(office, "C1", "C2", "C3", "G1", "G2", "C404", direct)
        await office.subscriptions.pause("s-T1-C1", GONE)
        async with slack_office(slack, office=office) as o:
            await slack.until(lambda: slack.called("users.conversations"))
            await o.settled()
            assert await paused(o) == {"C2", "C3", "G2", "C404"}


async def test_many_channels_take_few_questions() -> None:
    """A list of those we are in, page by page; the others are asked for one by one."""
    async with slack_server() as slack:
        peopled(slack)
        office = furnished()
        places = [f"C{n}" for n in range(1000, 1300)]
        for place in places:
            slack.add_channel("T1", place)
        await ordered(office, *places)
        async with slack_office(slack, office=office) as o:
            await slack.until(lambda: slack.called("users.conversations"))
            await o.settled()
            assert await paused(o) == set()
            assert len(slack.called("users.conversations")) == 2
            assert slack.called("conversations.info") == []


async def test_when_slack_does_not_tell_everything_stays_as_it_is() -> None:
    """No right to list channels, or an outage: nobody's orders are paused on a guess."""
    async with slack_server() as slack:
        peopled(slack)
        office = furnished()
        await ordered(office, "C1", "C2")
        slack.fail("users.conversations", error="missing_scope", times=None)
        slack.fail("conversations.info", error="missing_scope", times=None)
        async with slack_office(slack, office=office) as o:
            await slack.until(lambda: len(slack.called("conversations.info")) == 2)
            await o.settled()
            assert await paused(o) == set()


async def test_without_the_list_each_channel_is_asked_for() -> None:
    """It takes more scopes than we need for anything else."""
    async with slack_server() as slack:
        peopled(slack)
        office = furnished()
        await ordered(office, "C1", "C2")
        slack.fail("users.conversations", error="missing_scope", times=None)
        async with slack_office(slack, office=office) as o:
            await slack.until(lambda: len(slack.called("conversations.info")) == 2)
            await o.settled()
            assert await paused(o) == {"C2"}


async def test_orders_of_a_workspace_that_is_gone_wait() -> None:
    """It was uninstalled while nobody listened."""
    async with slack_server() as slack:
        peopled(slack)
        office = furnished()
        await ordered(office, "C1")
        await ordered(office, "C7", team="T7")
        async with slack_office(slack, office=office, oauth=True, installations=installed()) as o:
            await slack.until(lambda: slack.called("conversations.info"))
            await o.settled()
            assert await paused(o) == {"C7"}


@pytest.mark.parametrize(
    ("info", "found"),
    [
        ({"is_member": True}, Presence.HERE),
        ({"is_member": False}, Presence.OUTSIDE),
        ({}, Presence.OUTSIDE),
        ({"is_im": True}, Presence.HERE),
        ({"is_member": True, "is_archived": True}, Presence.CLOSED),
    ],
)
def test_presence(info: dict[str, bool], found: Presence) -> None:
    """As Slack describes channels."""
    assert presence_in(info) is found
