"""The door as a whole: what it is made of, how it starts, how it is when something is wrong, how it ends."""

import asyncio
import logging
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.slack import door as open_door
from adapters.slack.bench import Bench, Body, Submission
from adapters.slack.connection import SlackDoor
from adapters.slack.listening import Listening
from adapters.slack.tables import ACTIONS, EVENTS, SHORTCUTS, VIEWS, act_of
from bot.domain.checks import Check
from bot.domain.errors import ConfigError
from bot.domain.people import Channel, Workspace
from bot.domain.ports import Door, Installable, Watched
from bot.domain.stores import Installation
from bot.domain.web import Hosted
from tests.support.fakes import NOW
from tests.support.slack import SlackOffice, chosen, furnished, peopled, slack_office
from tests.support.slack_server import slack_server

TOKENS = {"bot_token": "xoxb-1", "app_token": "xapp-1"}


def test_a_door_is_all_that_the_front_door_may_ask_of_one() -> None:
    """A messenger, a loop, pages, a place for tokens, and how it is."""
    door: Door = open_door(TOKENS, None)
    assert isinstance(door, Installable)
    assert isinstance(door, Watched)
    assert isinstance(door, Hosted)
    assert door.messenger.platform == "slack"
    assert isinstance(door, SlackDoor)
    assert door.ailment() == "not started"


def test_bad_settings_are_told_with_the_fix() -> None:
    """Before anything is connected."""
    with pytest.raises(ConfigError, match="SLACK_APP_TOKEN"):
        open_door({"bot_token": "xoxb-1"}, None)


def test_importing_the_adapter_does_not_load_slacks_library() -> None:
    """Who does not use Slack does not wait for it."""
    code = "import sys, adapters.slack; print([m for m in sys.modules if m.startswith('slack_')])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_variables_meant_for_others_change_nothing() -> None:
    """Bolt reads some of its own accord, among them names that our settings have too."""
    code = (
        "from adapters.slack import door; from adapters.slack.bench import Bench; "
        "from adapters.slack.listening import Listening; from adapters.slack.settings import *; "
        "s = Settings(bot_token='xoxb-1', app_token='xapp-1'); d = door({'bot_token': 'xoxb-1', "
        "'app_token': 'xapp-1'}, None); Listening(Bench(desk=None, api=d.api, people=d.people, "
        "settings=s, clock=None)); print('fine')"
    )
    named = dict.fromkeys(("TOKEN", "SIGNING_SECRET", "CLIENT_ID", "CLIENT_SECRET"), "x")
    variables = {f"SLACK_{name}": value for name, value in named.items()}
    variables["SLACK_BOT_TOKEN"] = "xoxb-other"
    found = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=os.environ | variables,
        check=False,
    )
    assert (found.stdout.strip(), found.stderr.strip()) == ("fine", "")


# --- tables


def test_every_control_leads_to_one_act() -> None:
    """The longest name wins; what nobody claims leads nowhere."""
    assert act_of("p:save:3") is ACTIONS["p:save"]
    assert act_of("p:link:1:2") is ACTIONS["p:link"]
    assert act_of("p:page:forth") is ACTIONS["p:page"]
    assert act_of("p:saved:3") is None
    assert act_of("") is None
    assert act_of(":::") is None


def test_all_that_the_manifest_promises_is_listened_to() -> None:
    """Shortcuts by their callback ids, and the events that matter."""
    assert {"save_papers", "paper_details", "search_papers"} <= SHORTCUTS.keys()
    wanted = {"reaction_added", "reaction_removed", "member_joined_channel", "app_home_opened"}
    assert wanted | {"app_uninstalled", "tokens_revoked", "link_shared"} <= EVENTS.keys()
    assert VIEWS


async def test_a_form_is_answered_with_the_ack_and_worked_on_after_it() -> None:
    """Faults end it there; else the work follows, once however often it is sent."""
    worked: list[str] = []

    def answer(_bench: Bench, body: Body) -> Mapping[str, Any] | None:
        return {"response_action": "errors", "errors": {"a": "b"}} if body.get("wrong") else None

    async def work(_bench: Bench, body: Body) -> None:
        worked.append(str(body["trigger_id"]))

    async with slack_server() as slack, slack_office(slack) as o:
        listening = Listening(bench(o), {"f": Submission(answer=answer, work=work)})
        said = {"type": "view_submission", "team": {"id": "T1"}, "user": {"id": "U1"}}
        said["view"] = {"callback_id": "f"}
        wrong = listening.take({**said, "trigger_id": "t1", "wrong": True})
        assert '"errors"' in wrong.body
        for _ in range(3):
            assert listening.take({**said, "trigger_id": "t2"}).body == ""
        await asyncio.sleep(0.05)
        await listening.close()
    assert worked == ["t2"]


async def test_a_form_nobody_knows_any_more_is_answered() -> None:
    """It closes, and the person is told directly."""
    async with slack_server() as slack, slack_office(slack) as o:
        listening = Listening(bench(o))
        body = {"type": "view_submission", "team": {"id": "T1"}, "user": {"id": "U1"}}
        assert listening.take({**body, "view": {"callback_id": "old"}}).status == 200
        assert await slack.said("T1", slack.direct("T1", "U1"))
        await listening.close()


async def test_menus_that_ask_for_options_get_an_answer() -> None:
    """None of ours does; an empty list is one."""
    async with slack_server() as slack, slack_office(slack) as o:
        listening = Listening(bench(o))
        said = listening.take({"type": "block_suggestion", "value": "x"})
        assert '"options"' in said.body
        await listening.close()


def bench(o: SlackOffice) -> Bench:
    return Bench(
        desk=o.desk,
        api=o.door.api,
        people=o.door.people,
        settings=o.settings,
        clock=lambda: datetime.now(UTC),
    )


# --- from start to end


async def test_a_refused_bot_token_is_one_line_and_the_door_stays(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The other platforms go on; people are told what is wrong."""
    async with slack_server() as slack:
        peopled(slack)
        async with slack_office(slack, bot_token="xoxb-wrong") as o:
            await slack.until(lambda: slack.called("auth.test"))
            await o.settled()
            assert "Slack does not accept the bot's token" in o.ailment()
            done = await slack.command("T1", "U1", "C1", "/paper", "today")
            (said,) = await done.answered()
            assert "SLACK_BOT_TOKEN" in said["text"]
    lines = [one for one in caplog.records if one.levelno >= logging.ERROR]
    assert len(lines) == 1
    assert "xoxb" not in caplog.text


async def test_how_it_is_can_be_asked_at_any_time() -> None:
    """Over HTTP Slack connects to us: then all is well as long as the door runs."""
    async with slack_server() as slack:
        async with slack_office(slack, http=True) as o:
            assert o.ailment() == ""
        assert o.ailment() == "not started"


async def test_it_ends_within_a_second_whatever_it_is_doing() -> None:
    """Somebody's question hangs, and so does Slack."""
    async with slack_server() as slack, slack_office(slack) as o:
        await o.settled()
        slack.delay("response_url", 30)
        await slack.command("T1", "U1", "C1", "/paper", "today")
        began = time.perf_counter()
        door = SlackDoor(o.settings)
        task = asyncio.create_task(door.run(o.desk))
        await slack.connected(2)
        await slack.command("T1", "U1", "C1", "/paper", "today")
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()
        assert time.perf_counter() - began < 1.5
        slack.recover()


async def test_it_runs_again_after_it_has_ended() -> None:
    """A supervisor may start the same door twice."""
    async with slack_server() as slack:
        peopled(slack)
        door = SlackDoor(chosen(slack, http=False, oauth=False, url=""))
        for _ in range(2):
            task = asyncio.create_task(door.run(furnished().desk))
            await slack.connected()
            done = await slack.command("T1", "U1", "C1", "/paper", "today")
            await done.answered()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_it_checks_itself_without_a_connection() -> None:
    """Tokens, scopes and channels, each with the fix."""
    async with slack_server() as slack:
        peopled(slack)
        door = SlackDoor(chosen(slack, http=False, oauth=False, url=""))
        places = [Channel.parse("slack:T1/C1"), Channel.parse("slack:T1/C2")]
        checks: list[Check] = [one async for one in door.check(places)]
        assert slack.socket.attempts == 0
        await door.api.close()
    assert any("/invite @paperbot" in one.text for one in checks if not one.fine)


async def test_an_app_that_workspaces_install_serves_each_with_its_own_token() -> None:
    """Over one connection."""
    async with slack_server() as slack, slack_office(slack, oauth=True) as o:
        for team in ("T1", "T2"):
            slack.add_team(team, bot_user=f"U{team}BOT")
            slack.add_user(team, f"U{team}", "Ann")
            slack.add_channel(team, f"C{team}", "papers")
            await install(o, team)
        for team in ("T1", "T2"):
            done = await slack.command(team, f"U{team}", f"C{team}", "/paper", "subscribe")
            await slack.said(team, f"C{team}")
            assert done.acked
        assert {call.team for call in slack.calls if call.method == "chat.postMessage"} == {
            "T1",
            "T2",
        }
        orders = await o.office.subscriptions.all()
        assert {str(one.channel) for one in orders} == {"slack:T1/CT1", "slack:T2/CT2"}


async def install(o: SlackOffice, team: str) -> None:
    await o.installations.keep(
        Installation(
            workspace=Workspace("slack", team),
            token=o.slack.team(team).token,
            bot=o.slack.team(team).bot_user,
            at=NOW,
        )
    )
