"""What `paperbot doctor` says about Slack: what is wrong comes with what to do."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from adapters.slack import operate
from adapters.slack.addresses import channel, workspace
from adapters.slack.api import Api
from adapters.slack.grants import InstalledGrants, OneGrant
from adapters.slack.operate import check
from adapters.slack.scopes import NEEDED, wanted
from adapters.slack.settings import Settings
from bot.domain.checks import Check
from bot.domain.people import Channel
from bot.domain.stores import Installation
from storage import open_storage
from storage.sealing import new_key
from tests.support.fakes import NOW
from tests.support.slack_server import SlackServer, slack_server
from tests.support.storage import copy_template

ALL = [scope.name for scope in wanted()]


@dataclass
class Doctor:
    """Somebody at a shell, a Slack with one workspace, and a bot that is not running."""

    slack: SlackServer
    settings: Settings
    api: Api

    async def sees(self, *channels: Channel, **changes: Any) -> dict[str, Check]:
        """Every check by its name."""
        settings = replace(self.settings, **changes)
        found = [one async for one in check(settings, self.api, channels)]
        assert len({one.name for one in found}) == len(found)
        return {one.name: one for one in found}


@asynccontextmanager
async def doctor(scopes: Iterable[str] = ALL, **changes: Any) -> AsyncIterator[Doctor]:
    async with slack_server() as slack:
        slack.add_team("T1", bot_token="xoxb-T1", bot_user="UBOT", name="Vision", scopes=scopes)
        settings = Settings(
            **{"bot_token": "xoxb-T1", "app_token": slack.app_token, "api_url": slack.api_url}
            | changes
        )
        yield Doctor(slack, settings, Api(settings, OneGrant(settings)))


def wrong(found: dict[str, Check]) -> dict[str, str]:
    """What needs somebody."""
    return {name: one.text for name, one in found.items() if not one.fine}


# --- tokens


async def test_when_all_is_well_it_says_so() -> None:
    """Whose token it is, that all scopes are there, and that Socket Mode works."""
    async with doctor() as d:
        d.slack.add_channel("T1", "C1", name="papers")
        found = await d.sees(channel("T1", "C1"))
        assert wrong(found) == {}
        assert found["Slack token of T1"].text == "it is @paperbot's in Vision"
        assert found["Slack scopes of T1"].text == "all are there"
        assert "Slack lets us connect" in found["Slack Socket Mode"].text
        assert found["Slack T1/C1"].text == "the bot is in #papers"


async def test_a_token_that_slack_refuses() -> None:
    """One line with the fix, and channels are not asked about one by one."""
    async with doctor(bot_token="xoxb-old") as d:
        found = await d.sees(channel("T1", "C1"))
        assert "SLACK_BOT_TOKEN" in wrong(found)["Slack token"]
        assert "see Slack token" in wrong(found)["Slack T1/C1"]
        assert d.slack.called("conversations.info") == []


async def test_no_token_is_ever_shown() -> None:
    """Whatever is wrong with it."""
    async with doctor(bot_token="xoxb-secret", app_token="xapp-secret") as d:
        for one in (await d.sees(channel("T1", "C1"))).values():
            assert "secret" not in repr(one)


async def test_when_slack_cannot_be_reached() -> None:
    """It ends, and says so."""
    async with doctor(api_url="http://127.0.0.1:9/api") as d:
        found = await d.sees()
        assert wrong(found).keys() == {"Slack token", "Slack Socket Mode"}
        assert "cannot be reached" in found["Slack token"].text


# --- scopes


async def test_scopes_that_lack_are_named_with_their_reason() -> None:
    """And with the way to get them."""
    async with doctor(scopes=set(ALL) - {"users:read", "im:write"}) as d:
        text = wrong(await d.sees())["Slack scopes of T1"]
        assert "users:read (to know a person's name" in text
        assert "im:write (" in text
        assert "reinstall the app" in text
        assert "channels:history" not in text


async def test_optional_scopes_are_no_fault() -> None:
    """What is weaker without them is told."""
    async with doctor(scopes=[scope.name for scope in NEEDED]) as d:
        found = await d.sees()
        assert wrong(found) == {}
        assert "without files:write exports cannot" in found["Slack scopes of T1"].text
        assert "without channels:history" in found["Slack scopes of T1"].text


async def test_unfurling_takes_more() -> None:
    """Only for whoever switched it on."""
    async with doctor() as d:
        assert "links:write" in wrong(await d.sees(unfurl=True))["Slack scopes of T1"]
        assert "paperbot slack manifest" in wrong(await d.sees(unfurl=True))["Slack scopes of T1"]


# --- how requests come


async def test_an_app_token_that_slack_refuses() -> None:
    """Where to make one, and with what."""
    async with doctor(app_token="xapp-old") as d:
        text = wrong(await d.sees())["Slack Socket Mode"]
        assert "App-Level Tokens" in text
        assert "connections:write" in text
        d.slack.fail("apps.connections.open", error="missing_scope")
        assert "connections:write" in wrong(await d.sees())["Slack Socket Mode"]
        d.slack.fail("apps.connections.open", error="something_new")
        assert "`something_new`" in wrong(await d.sees())["Slack Socket Mode"]


async def test_over_http_it_says_where_slack_must_come() -> None:
    """Whether it does, only Slack knows."""
    async with doctor(app_token="", signing_secret="s", url="https://papers.example.org") as d:
        found = await d.sees()
        assert "https://papers.example.org/slack/events" in found["Slack requests"].text
        assert "Slack Socket Mode" not in found
        assert d.slack.called("apps.connections.open") == []


# --- channels


async def test_every_way_of_not_being_in_a_channel() -> None:
    """Each with its fix."""
    async with doctor() as d:
        d.slack.add_channel("T1", "C1", name="open", member=False)
        d.slack.add_channel("T1", "C2", name="closed", private=True, member=False)
        d.slack.add_channel("T1", "C3", name="old", archived=True)
        places = [channel("T1", id) for id in ("C1", "C2", "C3", "C4")]
        text = wrong(await d.sees(*places))
        assert text["Slack T1/C1"] == "the bot is not in #open: type `/invite @paperbot` there"
        assert "private or gone" in text["Slack T1/C2"]
        assert "/invite @paperbot" in text["Slack T1/C2"]
        assert text["Slack T1/C3"] == "#old is archived: unarchive it, or unsubscribe it"
        assert "private or gone" in text["Slack T1/C4"]


async def test_a_direct_conversation_needs_no_invitation() -> None:
    """Nor the scope to ask about it."""
    async with doctor() as d:
        found = await d.sees(channel("T1", d.slack.direct("T1", "U1")))
        assert wrong(found) == {}


async def test_one_channel_that_cannot_be_asked_about_does_not_hide_others() -> None:
    """Whatever Slack says."""
    async with doctor() as d:
        d.slack.add_channel("T1", "C1", name="papers")
        d.slack.fail("conversations.info", error="access_denied", when=_about("C1"))
        found = await d.sees(channel("T1", "C1"), channel("T1", "C2"))
        assert "access" in wrong(found)["Slack T1/C1"]
        assert "private or gone" in wrong(found)["Slack T1/C2"]


def _about(id: str) -> Any:
    return lambda arguments: arguments.get("channel") == id


async def test_a_channel_of_a_workspace_that_has_gone() -> None:
    """It is said, and Slack is not asked with the wrong token."""
    async with doctor() as d:
        assert "not installed" in wrong(await d.sees(channel("T9", "C1")))["Slack T9/C1"]


# --- many workspaces


async def test_each_workspace_that_installed_us_is_looked_at(tmp_path: Path) -> None:
    """One that lost its token does not hide the others."""
    url = f"sqlite:///{copy_template(tmp_path / 'paperbot.db')}"
    async with doctor(bot_token="", url="https://papers.example.org") as d:
        d.slack.add_team("T2", bot_token="xoxb-T2", scopes=ALL)
        d.slack.add_channel("T2", "C2", name="papers")
        async with open_storage(url, keys=[new_key()]) as storage:
            d.api = Api(d.settings, InstalledGrants(storage.installations, d.settings))
            found = await d.sees()
            assert wrong(found) == {}
            assert "https://papers.example.org/slack/install" in found["Slack workspaces"].text
            for team, token in (("T1", "xoxb-revoked"), ("T2", "xoxb-T2")):
                await storage.installations.keep(installation(team, token))
            found = await d.sees(channel("T1", "C1"), channel("T2", "C2"))
            assert wrong(found).keys() == {"Slack token of T1", "Slack T1/C1"}
            assert found["Slack T2/C2"].text == "the bot is in #papers"


def installation(team: str, token: str) -> Installation:
    return Installation(
        workspace=workspace(team), token=token, bot="UBOT", scopes=frozenset(ALL), at=NOW
    )


def test_the_manifest_is_at_hand() -> None:
    """For the command line, beside the checks."""
    assert operate.manifest_text(forms=()).startswith("# The Slack app of paperbot.")
