"""Whose token speaks in a workspace, and what happens when it is not what it was."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from slack_sdk.errors import SlackApiError

from adapters.slack.api import Api
from adapters.slack.failures import (
    undelivered,
)
from adapters.slack.grants import InstalledGrants, OneGrant
from bot.domain.errors import TryLater, WorkspaceRefused
from tests.support.slack_posts import (
    FakeInstallations,
    calling,
    chosen,
    installed,
)
from tests.support.slack_server import SlackServer, slack_server


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with slack_server() as slack:
        slack.add_team("T1")
        slack.add_user("T1", "U1", "Ann")
        slack.add_channel("T1", "C1")
        yield slack


@pytest.fixture
async def api(slack: SlackServer) -> AsyncIterator[Api]:
    async with calling(slack.api_url) as api:
        yield api


async def test_a_single_workspace_is_asked_who_we_are_once(slack: SlackServer) -> None:
    """However many ask at the same time; again when what is known is old."""
    grants = OneGrant(chosen(slack.api_url))
    found = await asyncio.gather(*(grants.of("T1") for _ in range(20)))
    assert len(set(found)) == 1
    assert len(slack.called("auth.test")) == 1
    grant = found[0]
    assert (grant.team, grant.bot_user, grant.bot_id) == ("T1", "UBOT", "B1")
    assert (grant.name, grant.team_name) == ("paperbot", "Team T1")
    assert "chat:write" in grant.scopes
    assert await grants.teams() == ("T1",)
    grants.forget("T2")
    await grants.of("T1")
    grants.forget("T1")
    await grants.of("T1")
    assert len(slack.called("auth.test")) == 2


async def test_other_workspaces_have_no_token(slack: SlackServer) -> None:
    """One workspace's token never speaks for another."""
    with pytest.raises(WorkspaceRefused, match="not installed"):
        await OneGrant(chosen(slack.api_url)).of("T2")
    with pytest.raises(WorkspaceRefused, match="not installed"):
        await InstalledGrants(FakeInstallations(), chosen(slack.api_url)).of("T2")


async def test_a_bad_token_and_a_bad_line_are_told_apart(slack: SlackServer) -> None:
    """One is for the operator, the other passes."""
    grants = OneGrant(chosen(slack.api_url, bot_token="xoxb-other"))
    with pytest.raises(WorkspaceRefused, match="SLACK_BOT_TOKEN"):
        await grants.of("T1")
    for trouble in ({"status": 503}, {"error": "internal_error"}, {"status": 429}):
        slack.fail("auth.test", **trouble)
        with pytest.raises(TryLater):
            await OneGrant(chosen(slack.api_url)).of("T1")
    slack.lose_answer("auth.test")
    with pytest.raises(TryLater):
        await OneGrant(chosen(slack.api_url)).of("T1")


async def test_a_workspace_that_installed_us_anew_is_not_lost(slack: SlackServer) -> None:
    """Another process was told of the new token: the old one is refused, and the call is made with the new."""
    kept = FakeInstallations()
    await kept.keep(installed("T1", "xoxb-old"))
    async with calling(slack.api_url, lambda s: InstalledGrants(kept, s)) as api:
        with pytest.raises(SlackApiError) as caught:
            await api.ask("T1", "chat.postMessage", channel="C1", text="x")
        assert isinstance(undelivered(caught.value), WorkspaceRefused)
        assert (await api.grants.of("T1")).token == "xoxb-old"
        await kept.keep(installed("T1", "xoxb-T1"))
        await api.ask("T1", "chat.postMessage", channel="C1", text="x")
        assert len(slack.messages("T1", "C1")) == 1
        assert await api.grants.teams() == ("T1",)


async def test_a_new_scope_is_noticed(slack: SlackServer, api: Api) -> None:
    """Who gave it need not restart us."""
    slack.team().scopes.discard("users:read")
    assert "users:read" not in (await api.grants.of("T1")).scopes
    with pytest.raises(SlackApiError):
        await api.read("T1", "users.info", user="U1")
    slack.team().scopes.add("users:read")
    await api.read("T1", "users.info", user="U1")
    assert "users:read" in (await api.grants.of("T1")).scopes
