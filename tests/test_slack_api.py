"""Calls of Slack's Web API against the stand-in: once or again, and for whom a method is closed."""

import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.errors import SlackApiError

from adapters.slack.api import Api, _is_slacks
from adapters.slack.client import proxy_for
from adapters.slack.failures import (
    ERRORS,
    code_of,
    is_limited,
    is_uncertain,
    undelivered,
)
from adapters.slack.grants import InstalledGrants
from adapters.slack.settings import API
from bot.domain.errors import OutcomeUnknown, TryLater
from tests.support.slack_posts import FakeInstallations, Known, Time, calling, chosen, installed
from tests.support.slack_server import SlackServer, slack_server

METHODS = [
    "auth.test",
    "chat.delete",
    "chat.getPermalink",
    "chat.postEphemeral",
    "chat.postMessage",
    "chat.unfurl",
    "chat.update",
    "conversations.history",
    "conversations.info",
    "conversations.join",
    "conversations.list",
    "conversations.members",
    "conversations.open",
    "conversations.replies",
    "files.completeUploadExternal",
    "files.getUploadURLExternal",
    "reactions.add",
    "reactions.get",
    "reactions.list",
    "team.info",
    "users.conversations",
    "users.info",
    "views.open",
    "views.publish",
    "views.push",
    "views.update",
]


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


# --- what is asked again


@pytest.mark.parametrize(
    "trouble",
    [{"error": "internal_error"}, {"error": "fatal_error"}, {"status": 500}, {"status": 503}],
)
async def test_a_question_is_asked_again(
    slack: SlackServer, api: Api, trouble: dict[str, Any]
) -> None:
    """Twice at most, after a pause."""
    slack.fail("users.info", times=2, **trouble)
    said = await api.read("T1", "users.info", user="U1")
    assert said["user"]["name"] == "ann"
    assert len(slack.called("users.info")) == 3
    slack.fail("users.info", times=None, **trouble)
    with pytest.raises(SlackApiError):
        await api.read("T1", "users.info", user="U1")
    assert len(slack.called("users.info")) == 6


async def test_a_question_whose_answer_was_lost_is_asked_again(
    slack: SlackServer, api: Api
) -> None:
    """It changes nothing."""
    slack.lose_answer("users.info", times=2)
    assert (await api.read("T1", "users.info", user="U1"))["ok"]


async def test_a_no_is_a_no(slack: SlackServer, api: Api) -> None:
    """What Slack refuses is not asked for again."""
    with pytest.raises(SlackApiError) as caught:
        await api.read("T1", "users.info", user="U9")
    assert code_of(caught.value) == "user_not_found"
    assert len(slack.called("users.info")) == 1


@pytest.mark.parametrize("trouble", ["lost", "forgotten", "internal_error", "500"])
async def test_what_can_be_seen_is_asked_for_once(
    slack: SlackServer, api: Api, trouble: str
) -> None:
    """Whether the answer was lost, or Slack had trouble: at most one message."""
    match trouble:
        case "lost" | "forgotten":
            slack.lose_answer("chat.postMessage", stored=trouble == "lost")
        case "500":
            slack.fail("chat.postMessage", status=500)
        case code:
            slack.fail("chat.postMessage", error=code)
    with pytest.raises(ERRORS) as caught:
        await api.ask("T1", "chat.postMessage", channel="C1", text="once")
    assert is_uncertain(caught.value)
    assert len(slack.called("chat.postMessage")) == 1
    assert len(slack.messages("T1", "C1")) == (trouble == "lost")


async def test_slow_answers_are_lost_ones(slack: SlackServer) -> None:
    """Nobody waits for ever, and nobody posts twice for that."""
    slack.delay("chat.postMessage", 0.2)
    async with calling(slack.api_url, total=0.05) as api:
        await api.grants.of("T1")
        with pytest.raises(TimeoutError) as caught:
            await api.ask("T1", "chat.postMessage", channel="C1", text="once")
        assert isinstance(undelivered(caught.value), OutcomeUnknown)


async def test_without_a_connection_nothing_was_said() -> None:
    """The post goes out later."""
    async with calling("http://127.0.0.1:9/api") as api:
        with pytest.raises(TryLater):
            await api.ask("T1", "chat.postMessage", channel="C1", text="x")
        with pytest.raises(aiohttp.ClientConnectorError) as caught:
            await api.client("xoxb-x").api_call("chat.postMessage")
        assert isinstance(undelivered(caught.value), TryLater)


# --- closed methods


@pytest.mark.parametrize("method", METHODS)
async def test_every_method_may_be_closed(slack: SlackServer, method: str) -> None:
    """A question waits as long as Slack says; what is asked once fails at once, and says for how long."""
    time = Time()
    async with calling(slack.api_url, clock=time, sleep=time.sleep) as api:
        await api.grants.of("T1")
        slack.fail(method, status=429, retry_after=7)
        with suppress(SlackApiError):  # without arguments few say yes
            await api.read("T1", method)
        assert time.slept == [7.0]
        slack.fail(method, status=429, retry_after=11)
        with pytest.raises(SlackApiError) as caught:
            await api.ask("T1", method)
        failure = undelivered(caught.value)
        assert isinstance(failure, TryLater)
        assert failure.retry_after
        assert failure.retry_after.total_seconds() == 11


async def test_only_that_method_of_that_workspace_is_closed(slack: SlackServer) -> None:
    """While it is, Slack is not even asked; the others go on."""
    kept = FakeInstallations()
    for team in ("T1", "T2"):
        await kept.keep(installed(team, f"xoxb-{team}"))
    slack.add_team("T2")
    slack.add_channel("T2", "C2")
    time = Time()
    async with calling(
        slack.api_url, lambda s: InstalledGrants(kept, s), clock=time, sleep=time.sleep
    ) as api:
        slack.fail("chat.postMessage", status=429, retry_after=20)
        for _ in range(3):
            with pytest.raises(SlackApiError) as caught:
                await api.ask("T1", "chat.postMessage", channel="C1", text="x")
            assert is_limited(caught.value)
        assert len(slack.called("chat.postMessage")) == 1
        await api.ask("T2", "chat.postMessage", channel="C2", text="x")
        await api.ask("T1", "chat.postEphemeral", channel="C1", user="U1", text="x")
        time.now += 20
        await api.ask("T1", "chat.postMessage", channel="C1", text="x")
        assert len(slack.messages("T1", "C1")) == 1
        assert time.slept == []


async def test_patience_has_an_end(slack: SlackServer) -> None:
    """A minute is left to whoever asked."""
    time = Time()
    async with calling(slack.api_url, clock=time, sleep=time.sleep) as api:
        slack.fail("conversations.history", status=429, retry_after=60)
        with pytest.raises(SlackApiError) as caught:
            await api.read("T1", "conversations.history", channel="C1")
        assert is_limited(caught.value)
        assert time.slept == []


# --- how it is asked


async def test_arguments_arrive_as_they_were_meant(slack: SlackServer, api: Api) -> None:
    """Nothing that is None, and nothing that Slack does not know; structures survive both ways."""
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "ünï & <ode>"}}]
    said = {"channel": "C1", "text": "x", "thread_ts": None, "blocks": blocks}
    await api.ask("T1", "chat.postMessage", unfurl_links=False, **said)
    await api.read("T1", "chat.postMessage", unfurl_links=False, **said)
    asked, read = slack.called("chat.postMessage")
    assert asked == {"channel": "C1", "text": "x", "blocks": blocks, "unfurl_links": False}
    assert read == {"channel": "C1", "text": "x", "blocks": blocks, "unfurl_links": "false"}
    assert slack.noted == []


async def test_we_say_who_we_are() -> None:
    """Slack's people see paperbot in their logs; no cookie is kept."""
    seen: list[tuple[str, str]] = []

    @web.middleware
    async def note(request: web.Request, handler: Any) -> web.StreamResponse:
        seen.append((request.headers["User-Agent"], request.headers.get("Cookie", "")))
        answer = web.json_response({"ok": True})
        answer.set_cookie("b", "tracked")
        return answer

    app = web.Application(middlewares=[note])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://localhost:{runner.addresses[0][1]}"
    async with calling(f"{url}/api", lambda _: Known()) as api:
        await api.ask("T1", "chat.postMessage")
        await api.read("T1", "users.info")
        await api.respond(f"{url}/response", {"text": "x"})
    await runner.cleanup()
    assert len(seen) == 3
    assert all(agent.startswith("paperbot/") and not cookie for agent, cookie in seen)


def test_proxies_are_used_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library alone would send what is for this machine there too."""
    for name in ("NO_PROXY", "no_proxy", "https_proxy", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    assert proxy_for(API) == "http://proxy.example:3128"
    assert proxy_for("http://127.0.0.1:80/api") is None
    assert proxy_for("http://localhost:80/api") is None
    monkeypatch.setenv("NO_PROXY", "slack.com")
    assert proxy_for(API) is None


# --- addresses that Slack sends along

SERVERS = ("aiohttp.access", "aiohttp.server", "asyncio")
"""Loggers of the stand-in."""


async def test_an_answer_goes_where_slack_said(slack: SlackServer, api: Api) -> None:
    """The payload arrives whole; an address that is used up says so."""
    hook = slack.world.hook("T1", "U1", "C1")
    url = slack.world.url(hook)
    await api.respond(url, {"text": "für dich", "response_type": "ephemeral", "blocks": None})
    assert slack.responses[-1]["text"] == "für dich"
    for _ in range(4):
        await api.respond(url, {"text": "x"})
    with pytest.raises(SlackApiError) as caught:
        await api.respond(url, {"text": "x"})
    assert code_of(caught.value) in {"used_url", "expired_url"}


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/commands/1",
        "http://127.0.0.1.evil.example/",
        "file:///etc/passwd",
        "https://hooks.slack.com@evil.example/",
        "http://[::1",
        "",
    ],
)
async def test_nothing_is_sent_to_others(slack: SlackServer, api: Api, url: str) -> None:
    """An address that does not lead to Slack is not followed, and not named in the error."""
    with pytest.raises(ConnectionRefusedError) as caught:
        await api.respond(url, {"text": "x"})
    assert not url or url not in str(caught.value)


def test_slacks_other_hosts_are_slacks() -> None:
    """hooks.slack.com belongs to slack.com; nothing is sent there unencrypted."""
    assert _is_slacks("https://hooks.slack.com/commands/T1/2/3", API)
    assert _is_slacks("https://files.slack.com/upload/v1/x", API)
    assert not _is_slacks("http://hooks.slack.com/commands/T1/2/3", API)
    assert not _is_slacks("https://hooks.notslack.com/", API)


async def test_no_secret_is_ever_told(slack: SlackServer, caplog: pytest.LogCaptureFixture) -> None:
    """Neither tokens nor addresses that speak for us stand in an error, a log or a repr."""
    caplog.set_level(logging.DEBUG)
    secret = "xoxb-T1"
    hook = slack.world.hook("T1", "U1", "C1")
    texts: list[str] = []
    async with calling(slack.api_url, total=0.1) as api:
        texts.append(repr(await api.grants.of("T1")))
        for trouble in ({"error": "invalid_blocks"}, {"status": 500}, {"status": 429}):
            slack.fail("chat.postMessage", **trouble)
            with pytest.raises(ERRORS) as caught:
                await api.ask("T1", "chat.postMessage", channel="C1", text="x")
            texts += [str(caught.value), repr(caught.value), str(undelivered(caught.value))]
        slack.lose_answer("users.info", times=None)
        slack.lose_answer("response_url")
        slack.fail("response_url", status=500)
        slack.delay("response_url", 0.15)
        with pytest.raises(ERRORS) as caught:
            await api.read("T1", "users.info", user="U1")
        texts += [str(caught.value), repr(caught.value)]
        for _ in range(3):
            with pytest.raises(ERRORS) as caught:
                await api.respond(slack.world.url(hook), {"text": "x"})
            texts += [str(caught.value), repr(caught.value)]
    logs = [one.getMessage() for one in caplog.records if not one.name.startswith(SERVERS)]
    told = "\n".join([*texts, *logs, repr(chosen(slack.api_url))])
    assert secret not in told
    assert hook.id not in told
