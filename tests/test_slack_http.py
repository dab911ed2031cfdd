"""Slack's requests over HTTP: believed only with a fresh signature of Slack's, and heard once."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_bolt.async_app import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from adapters.slack.connection import SlackDoor
from adapters.slack.webhooks import Webhooks
from bot.domain.web import Visit
from tests.support.slack import SlackOffice, chosen, peopled, slack_office
from tests.support.slack_http import signed
from tests.support.slack_server import SlackServer, slack_server

FORM = "application/x-www-form-urlencoded"


@asynccontextmanager
async def listening(**settings: Any) -> AsyncIterator[tuple[SlackServer, SlackOffice]]:
    async with slack_server() as slack, slack_office(slack, http=True, **settings) as o:
        yield slack, o


async def test_a_request_url_can_be_entered() -> None:
    """Slack asks for its challenge back, signed like everything."""
    async with listening() as (slack, _):
        ack = await slack.verify_url("abc")
        assert (ack.status, ack.body) == (200, {"challenge": "abc"})


async def test_a_certificate_check_is_answered() -> None:
    """It carries no signature."""
    async with listening() as (_, o), aiohttp.ClientSession() as session:
        body = {"ssl_check": "1", "token": "x"}
        async with session.post(f"{o.url}/slack/events", data=body) as answer:
            assert answer.status == 200


@pytest.mark.parametrize("how", [{"secret": "another"}, {"age": 301}, {"age": -400}])
async def test_what_slack_did_not_sign_just_now_is_refused(how: dict[str, Any]) -> None:
    """By somebody else, six minutes ago, or in the future."""
    async with listening() as (slack, o):
        done = await slack.command("T1", "U1", "C1", "/paper", "save 2505.00001")
        await done.answered()
        forged = await slack.forge(done, **how)
        assert forged.status == 401
        await o.settled()
        assert len(done.answers) == 1


async def test_refused_signatures_are_mentioned_now_and_then(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An operator with the wrong secret must see why nothing works; a stranger must not fill the disk."""
    async with listening() as (slack, _):
        done = await slack.command("T1", "U1", "C1", "/paper", "help")
        for _n in range(99):
            await slack.forge(done, secret="another")
    lines = [one for one in caplog.messages if "signature_refused" in one]
    assert len(lines) == 2
    assert "SLACK_SIGNING_SECRET" in lines[0]


async def test_a_changed_request_is_refused() -> None:
    """The signature is of every byte."""
    async with listening() as (slack, o), aiohttp.ClientSession() as session:
        done = await slack.command("T1", "U1", "C1", "/paper", "save 2505.00001")
        await done.answered()
        assert done.acked
        assert done.acked.request
        was = done.acked.request
        body = was.body.replace(b"2505.00001", b"2505.00002")
        async with session.post(f"{o.url}/slack/events", data=body, headers=was.headers) as answer:
            assert answer.status == 401
        await o.settled()
        assert o.saved() == ["2505.00001"]


async def test_a_replay_is_acknowledged_and_nothing_more() -> None:
    """Whoever recorded a request can send it again for five minutes."""
    async with listening() as (slack, o):
        done = await slack.command("T1", "U1", "C1", "/paper", "help")
        await done.answered()
        for _ in range(3):
            assert (await slack.resend(done)).status == 200
        await o.settled()
        assert len(done.answers) == 1


async def test_an_event_that_slack_sends_again_is_done_once() -> None:
    """With its number of tries in a header."""
    async with listening() as (slack, o):
        digest = await o.posts()
        done = await slack.react("T1", "U2", digest, "one")
        assert done
        await o.settled()
        await slack.unreact("T1", "U2", digest, "one")
        await o.settled()
        for _ in range(3):
            assert (await slack.repeat(done, "http_timeout")).acked
        await o.settled()
        assert o.saved("U2") == []


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xff\xfe", FORM),
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b'{"type": 5, "team": 7}', "application/json"),
        (b"payload=%7B", FORM),
        (b"payload=[]", FORM),
        (b"[" * 50_000, "application/json"),
    ],
)
async def test_what_cannot_be_read_is_refused(
    body: bytes, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Even with a good signature; without one it is not looked at closely."""
    async with listening() as (slack, o), aiohttp.ClientSession() as session:
        request = signed(body, kind, slack.signing_secret)
        address = f"{o.url}/slack/events"
        async with session.post(address, data=body, headers=request.headers) as answer:
            assert answer.status in (400, 401)
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Slack-Request-Timestamp": "now", "X-Slack-Signature": "v0=1"},
        {"X-Slack-Request-Timestamp": "9" * 5_000, "X-Slack-Signature": "v0=1"},
        {"X-Slack-Request-Timestamp": "1", "X-Slack-Signature": "v0=\u00e9"},
    ],
)
async def test_a_strange_signature_is_no_signature(
    headers: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    """Nor does it fill our log."""
    async with listening() as (_, o), aiohttp.ClientSession() as session:
        body = urlencode({"command": "/paper", "text": "secret words", "team_id": "T1"})
        headers = {"Content-Type": FORM, **headers}
        async with session.post(f"{o.url}/slack/events", data=body, headers=headers) as answer:
            assert answer.status == 401
    assert "Traceback" not in caplog.text
    assert "secret" not in caplog.text


async def heard(request: AsyncBoltRequest) -> BoltResponse:
    return BoltResponse(status=200, body={"challenge": str(request.body.get("challenge"))})


@given(
    st.binary(max_size=200),
    st.dictionaries(
        st.sampled_from(["x-slack-request-timestamp", "x-slack-signature", "content-type"]),
        st.text(max_size=20),
    ),
    st.text(max_size=20),
)
async def test_nothing_that_comes_in_raises(
    body: bytes, headers: Mapping[str, str], query: str
) -> None:
    """Anybody can knock."""
    visit = Visit(method="POST", path="/slack/events", query=query, headers=headers, body=body)
    page = await Webhooks(lambda: heard).page(visit)
    assert page.status in (200, 400, 401)


async def test_before_and_after_the_door_runs_nobody_is_heard() -> None:
    """Slack sends events again later; a command's answer is that the app did not respond."""
    async with slack_server() as slack:
        peopled(slack)
        settings = chosen(slack, http=True, oauth=False, url="")
        door = SlackDoor(settings)
        page = door.pages["POST", "/slack/events"]
        body = json.dumps({"type": "url_verification", "challenge": "x"}).encode()
        request = signed(body, "application/json", slack.signing_secret)
        headers = {name.lower(): value for name, value in request.headers.items()}
        visit = Visit(method="POST", path="/slack/events", headers=headers, body=body)
        assert (await page(visit)).status == 503


async def test_with_socket_mode_there_is_no_such_page() -> None:
    """Nobody could sign for it."""
    async with slack_server() as slack:
        peopled(slack)
        assert SlackDoor(chosen(slack, http=False, oauth=False, url="")).pages == {}


async def test_the_answer_to_a_form_comes_with_the_ack() -> None:
    """Faults beside the fields; JSON, as Slack wants it."""
    async with listening() as (slack, _):
        done = await slack.command("T1", "U1", "C1", "/paper", "")
        assert done.acked
        (view, *_) = await slack.viewed()
        sent = await slack.submit(view, {"p:find:words": "  "})
        assert sent.ack["response_action"] == "errors"
        assert sent.acked
        assert sent.acked.headers["content-type"].startswith("application/json")
