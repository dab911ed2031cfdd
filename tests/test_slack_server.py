"""The stand-in for Slack keeps the rules of Slack's Web API; judged by Slack's own client."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from tests.support.slack_calls import METHODS
from tests.support.slack_lab import SECTION, lab, refused

# --- the Web API


async def test_arguments_are_read_from_wherever_they_stand() -> None:
    """Form, JSON and query string; the token in the header or as an argument."""
    said = {"channel": "C1", "text": "hi", "blocks": [SECTION]}
    form = {**said, "blocks": json.dumps([SECTION]), "token": "xoxb-T1"}
    bearer = {"Authorization": "Bearer xoxb-T1"}
    async with lab() as (slack, _), aiohttp.ClientSession() as session:
        url = f"{slack.api_url}/chat.postMessage"
        for sent in ({"data": form}, {"json": said, "headers": bearer}, {"params": form}):
            async with session.post(url, **sent) as answer:
                assert (await answer.json())["ok"], sent
        assert slack.called("chat.postMessage") == [said] * 3
        assert [message.text for message in slack.messages("T1", "C1")] == ["hi"] * 3


async def test_timestamps_never_repeat() -> None:
    """However fast messages come."""
    async with lab() as (slack, client):
        await asyncio.gather(*(client.chat_postMessage(channel="C1", text="x") for _ in range(20)))
        stamps = [message.ts for message in slack.messages("T1", "C1")]
        assert stamps == sorted(set(stamps), key=float)


async def test_history_comes_newest_first_in_pages() -> None:
    """Metadata only when asked for, replies not at all, ephemeral messages never."""
    async with lab() as (slack, client):
        kept = {"event_type": "kind", "event_payload": {"key": "k"}}
        first = await client.chat_postMessage(channel="C1", text="1", metadata=kept)
        await client.chat_postMessage(channel="C1", text="reply", thread_ts=first["ts"])
        await client.chat_postEphemeral(channel="C1", user="U1", text="psst")
        for number in (2, 3):
            await client.chat_postMessage(channel="C1", text=str(number))
        page = await client.conversations_history(channel="C1", limit=2)
        assert [one["text"] for one in page["messages"]] == ["3", "2"]
        assert page["has_more"]
        cursor = page["response_metadata"]["next_cursor"]
        rest = await client.conversations_history(channel="C1", limit=2, cursor=cursor)
        assert [one["text"] for one in rest["messages"]] == ["1"]
        assert "metadata" not in rest["messages"][0]
        told = await client.conversations_history(
            channel="C1", oldest=first["ts"], inclusive=True, limit=99, include_all_metadata=True
        )
        assert told["messages"][-1]["metadata"] == kept
        after = await client.conversations_history(channel="C1", oldest=first["ts"])
        assert [one["text"] for one in after["messages"]] == ["3", "2"]
        thread = await client.conversations_replies(channel="C1", ts=first["ts"])
        assert [one["text"] for one in thread["messages"]] == ["1", "reply"]
        assert slack.noted == []


async def test_scopes_are_needed_and_named() -> None:
    """A refusal says which scope is lacking, and every answer which are there."""
    async with lab() as (slack, client):
        slack.team().scopes -= {"channels:history", "chat:write.public"}
        answer = await refused(client.conversations_history(channel="C1"))
        assert (answer["error"], answer["needed"]) == ("missing_scope", "channels:history")
        assert "chat:write" in answer["provided"].split(",")
        told = await client.auth_test()
        assert "channels:history" not in told.headers["x-oauth-scopes"].split(",")
        slack.add_channel("T1", "C2", member=False)
        assert (await refused(client.chat_postMessage(channel="C2", text="x")))["error"] == (
            "not_in_channel"
        )


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"archived": True}, "is_archived"),
        ({"private": True, "member": False}, "channel_not_found"),
    ],
)
async def test_places_where_nothing_can_be_said(facts: dict[str, Any], code: str) -> None:
    """Each has its code."""
    async with lab() as (slack, client):
        slack.add_channel("T1", "C2", **facts)
        assert (await refused(client.chat_postMessage(channel="C2", text="x")))["error"] == code


async def test_tokens_belong_to_workspaces() -> None:
    """A token opens one workspace, an app token none, and a revoked one nothing."""
    async with lab() as (slack, client):
        slack.add_team("T2")
        slack.add_channel("T2", "C9")
        assert (await refused(client.chat_postMessage(channel="C9", text="x")))["error"] == (
            "channel_not_found"
        )
        app = AsyncWebClient(slack.app_token, base_url=slack.api_url)
        wrong = await refused(app.chat_postMessage(channel="C1", text="x"))
        assert wrong["error"] == "not_allowed_token_type"
        await client.auth_revoke()
        assert (await refused(client.auth_test()))["error"] == "token_revoked"


async def test_a_message_to_a_person_opens_the_direct_conversation() -> None:
    """The answer names it, and it is the one that conversations.open gives."""
    async with lab() as (slack, client):
        sent = await client.chat_postMessage(channel="U1", text="hello")
        assert sent["channel"] == slack.direct("T1", "U1")
        assert (await client.conversations_open(users="U1"))["channel"]["id"] == sent["channel"]
        assert (await client.users_info(user="U1"))["user"]["tz"] == "Asia/Tokyo"


async def test_files_are_uploaded_in_three_steps() -> None:
    """Address, bytes, completion; it is shared where it was asked for."""
    async with lab() as (slack, client):
        place = slack.direct("T1", "U1")
        await client.files_upload_v2(channel=place, filename="a.bib", content="@misc{}", title="A")
        (file,) = slack.files
        assert (file.content, file.channel, file.title) == (b"@misc{}", place, "A")
        assert slack.messages("T1", place)[0].files[0]["id"] == file.id


# --- what goes wrong


@pytest.mark.parametrize("method", sorted(METHODS))
async def test_every_method_can_be_limited(method: str) -> None:
    """429 with Retry-After, and none of it happens."""
    async with lab() as (slack, client):
        slack.fail("*", status=429, retry_after=2)
        answer = await refused(client.api_call(method, params={"channel": "C1", "text": "x"}))
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "2")
        assert slack.messages("T1", "C1") == []


async def test_a_limit_ends_with_time() -> None:
    """Until then every call is told how long is left; other methods go on."""
    async with lab() as (slack, client):
        slack.limit("chat.postMessage", 30)
        slack.pass_time(10)
        answer = await refused(client.chat_postMessage(channel="C1", text="x"))
        assert answer.headers["Retry-After"] == "20"
        await client.users_info(user="U1")
        slack.pass_time(20)
        await client.chat_postMessage(channel="C1", text="x")


@pytest.mark.parametrize("stored", [True, False])
async def test_an_answer_can_be_lost(stored: bool) -> None:
    """After the message was posted, or before: the caller cannot tell."""
    async with lab() as (slack, client):
        slack.lose_answer("chat.postMessage", stored=stored)
        with pytest.raises(aiohttp.ClientError):
            await client.chat_postMessage(channel="C1", text="x")
        assert len(slack.messages("T1", "C1")) == stored
        await client.chat_postMessage(channel="C1", text="x")


async def test_errors_and_delays_on_demand() -> None:
    """Codes, server errors, and answers that come late."""
    async with lab() as (slack, client):
        slack.fail("chat.postMessage", error="fatal_error", when=lambda said: "blocks" in said)
        await client.chat_postMessage(channel="C1", text="x")
        said = client.chat_postMessage(channel="C1", text="x", blocks=[SECTION])
        assert (await refused(said))["error"] == "fatal_error"
        slack.fail("chat.postMessage", status=503)
        assert (await refused(client.chat_postMessage(channel="C1", text="x"))).status_code == 503
        slack.delay("users.info", 0.1, times=1)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.users_info(user="U1"), 0.02)
        await client.users_info(user="U1")


async def test_a_patient_client_gets_through() -> None:
    """slack_sdk's own handler of limits understands ours."""
    async with lab() as (slack, client):
        client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
        slack.fail("chat.postMessage", status=429, retry_after=0)
        await client.chat_postMessage(channel="C1", text="x")
        assert len(slack.called("chat.postMessage")) == 2


async def test_arguments_that_slack_does_not_know_are_noted() -> None:
    """Slack passes over them in silence, a test need not."""
    async with lab() as (slack, client):
        await client.api_call("chat.postMessage", json={"channel": "C1", "text": "x", "txet": "y"})
        await client.api_call("users.info", json={"user": "U1"})
        assert slack.noted == [
            "chat.postMessage has no argument `txet`",
            "users.info does not read JSON",
        ]
