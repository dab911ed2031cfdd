"""Posts on their way to Slack, over HTTP, with the real library: once, in the right place, found again."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from adapters.slack.addresses import channel, message
from adapters.slack.division import PER_DIGEST
from adapters.slack.history import EVENT
from adapters.slack.messenger import SlackMessenger
from bot.domain.errors import (
    ChannelRefused,
    ContentRefused,
    DeliveryError,
    OutcomeUnknown,
    TryLater,
    WorkspaceRefused,
)
from bot.domain.posts import Digest, Notice
from tests.support.slack_posts import (
    HOME,
    Known,
    Time,
    answering,
    calling,
    card,
    digest,
    long_ago,
    out,
    papers,
    speaking,
)
from tests.support.slack_server import SlackServer

KEY = out().key


async def test_a_post_arrives_and_is_found_again(
    slack: SlackServer, messenger: SlackMessenger
) -> None:
    """Sending returns its address, and the key leads back to it."""
    sent = await messenger.send(out())
    (posted,) = slack.messages("T1", "C1")
    assert str(sent) == f"slack:T1/C1/{posted.ts}"
    assert posted.metadata == {"event_type": EVENT, "event_payload": {"key": KEY}}
    assert await messenger.find(HOME, KEY, long_ago()) == sent
    assert await messenger.find(HOME, f"{KEY}0", long_ago()) is None
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert await messenger.find(HOME, KEY, later) is None


@pytest.mark.parametrize("how", [{"plain": True}, {"post": card()}, {"post": Digest(title="x")}])
async def test_every_kind_of_delivery_is_found(
    messenger: SlackMessenger, how: dict[str, Any]
) -> None:
    """Plain ones, cards and headings without papers have the key too."""
    sent = await messenger.send(out(**how))
    assert await messenger.find(HOME, KEY, long_ago()) == sent


async def test_nobody_is_called_and_nothing_previewed(
    slack: SlackServer, messenger: SlackMessenger
) -> None:
    """Whatever papers are called."""
    await messenger.send(out(digest("<!channel> @here <@U1>")))
    (said,) = slack.called("chat.postMessage")
    assert "link_names" not in said
    assert "parse" not in said
    assert said["unfurl_links"] is False
    assert said["unfurl_media"] is False
    assert "<!" not in said["text"]
    assert "<@" not in said["text"]
    assert [b["type"] for b in said["blocks"] if "<!channel>" in str(b)] == ["header"]  # plain text


async def test_only_our_own_messages_are_found(
    slack: SlackServer, messenger: SlackMessenger
) -> None:
    """Somebody's app that copies our metadata fools nobody."""
    await messenger.send(out())
    slack.messages("T1", "C1")[0].user = "U7"
    slack.messages("T1", "C1")[0].bot_id = "B7"
    assert await messenger.find(HOME, KEY, long_ago()) is None


# --- once


@pytest.mark.parametrize(
    "trouble", ["lost", "500", "502", "fatal_error", "request_timeout", "slow"]
)
async def test_what_stays_unanswered_is_unknown(
    slack: SlackServer, time: Time, trouble: str
) -> None:
    """It is asked for once; whether it is there is found out by looking."""
    async with calling(slack.api_url, clock=time, sleep=time.sleep, total=0.1) as api:
        messenger = speaking(api, time)
        await api.grants.of("T1")
        match trouble:
            case "lost":
                slack.lose_answer("chat.postMessage")
            case "slow":
                slack.delay("chat.postMessage", 0.15, times=1)
            case "500" | "502":
                slack.fail("chat.postMessage", status=int(trouble))
            case code:
                slack.fail("chat.postMessage", error=code)
        with pytest.raises(OutcomeUnknown):
            await messenger.send(out())
        await asyncio.sleep(0.1 if trouble == "slow" else 0)
        assert len(slack.called("chat.postMessage")) == 1
        found = await messenger.find(HOME, KEY, long_ago())
        assert bool(found) == (trouble in {"lost", "slow"})


# --- refusals


@pytest.mark.parametrize(
    ("error", "expected", "words"),
    [
        ("not_in_channel", ChannelRefused, "/invite @papers-bot"),
        ("channel_not_found", ChannelRefused, "/invite @papers-bot"),
        ("is_archived", ChannelRefused, "Unarchive"),
        ("restricted_action", ChannelRefused, "administer"),
        ("missing_scope", ChannelRefused, "manifest"),
        ("token_revoked", WorkspaceRefused, "Install the app again"),
        ("account_inactive", WorkspaceRefused, "removed"),
        ("invalid_blocks", ContentRefused, "form"),
        ("msg_blocks_too_long", ContentRefused, "too long"),
        ("metadata_too_large", ContentRefused, "key"),
        ("ratelimited", TryLater, "patience"),
        ("message_limit_exceeded", TryLater, "as many"),
    ],
)
async def test_refusals_are_told_apart(
    slack: SlackServer,
    messenger: SlackMessenger,
    error: str,
    expected: type[DeliveryError],
    words: str,
) -> None:
    """By who can mend them, with the fix and the name that the bot has there."""
    slack.team().users["UBOT"].name = "papers-bot"
    slack.fail("chat.postMessage", error=error)
    with pytest.raises(expected, match=words):
        await messenger.send(out())
    assert slack.messages("T1", "C1") == []


async def test_the_channels_own_state_is_noticed(
    slack: SlackServer, messenger: SlackMessenger
) -> None:
    """Not invited, archived, private, somebody else's workspace."""
    slack.team().scopes.discard("chat:write.public")
    slack.add_channel("T1", "C2", member=False)
    slack.add_channel("T1", "C3", archived=True)
    slack.add_channel("T1", "C4", private=True, member=False)
    for where in ("C2", "C3", "C4"):
        with pytest.raises(ChannelRefused):
            await messenger.send(out(where=where))
    with pytest.raises(WorkspaceRefused, match="not installed"):
        await messenger.send(replace(out(), channel=channel("T2", "C1")))


async def test_a_rate_limit_is_left_to_the_outbox(
    slack: SlackServer, messenger: SlackMessenger, time: Time
) -> None:
    """Nobody sleeps in the middle of a delivery; until then Slack is not asked again."""
    slack.fail("chat.postMessage", status=429, retry_after=30)
    for _ in range(2):
        with pytest.raises(TryLater) as caught:
            await messenger.send(out())
        assert caught.value.retry_after
        assert 28 < caught.value.retry_after.total_seconds() <= 30
    assert len(slack.called("chat.postMessage")) == 1
    time.now += 30
    await messenger.send(out())


# --- several messages, threads


async def test_a_long_post_takes_several_messages(
    slack: SlackServer, messenger: SlackMessenger, time: Time
) -> None:
    """The later ones stand in the thread of the first, each with a key of its own; the address is the first's."""
    words = " ".join(f"word{n}" for n in range(900))
    sent = await messenger.send(out(Notice(text=words)))
    first, *others = slack.messages("T1", "C1")
    assert others
    assert sent == message("T1", "C1", first.ts)
    assert first.thread_ts is None
    assert {one.thread_ts for one in others} == {first.ts}
    keys = [one.metadata["event_payload"]["key"] for one in (first, *others) if one.metadata]
    assert keys == [KEY, *(f"{KEY}/{n}" for n in range(2, len(others) + 2))]
    assert await messenger.find(HOME, f"{KEY}/2", long_ago()) == message("T1", "C1", others[0].ts)
    assert sum(time.slept) >= len(others)


@pytest.mark.parametrize(
    "trouble", [{"status": 429, "retry_after": 5}, {"error": "invalid_blocks"}, {"status": 500}]
)
async def test_what_stands_is_not_sent_again_for_the_sake_of_the_rest(
    slack: SlackServer, messenger: SlackMessenger, trouble: dict[str, Any]
) -> None:
    """A later message that meets trouble is waited for or sent plainly; the first is there once."""
    entries = papers(PER_DIGEST + 2)
    slack.fail("chat.postMessage", when=lambda args: bool(args.get("thread_ts")), **trouble)
    sent = await messenger.send(out(Digest(title="Daily Papers", entries=entries)))
    posted = slack.messages("T1", "C1")
    assert posted[0].ts == sent.id
    assert len(posted) == (1 if trouble.get("status") == 500 else 2)


async def test_a_channel_that_closes_meanwhile_cuts_a_post_short(
    slack: SlackServer, messenger: SlackMessenger
) -> None:
    """The first message has its address all the same."""
    slack.fail(
        "chat.postMessage", error="is_archived", times=None, when=lambda a: bool(a.get("thread_ts"))
    )
    sent = await messenger.send(out(Digest(title="x", entries=papers(PER_DIGEST * 3))))
    assert [one.ts for one in slack.messages("T1", "C1")] == [sent.id]


async def test_answers_stand_in_the_thread(slack: SlackServer, messenger: SlackMessenger) -> None:
    """Below the message they answer, where they are found too."""
    above = await messenger.send(out(key="heading"))
    sent = await messenger.send(out(card(), reply_to=above))
    first, second = slack.messages("T1", "C1")
    assert (second.thread_ts, sent.id) == (first.ts, second.ts)
    assert await messenger.find(HOME, KEY, long_ago()) == sent


async def test_a_thread_that_takes_no_answers_is_left(
    slack: SlackServer, messenger: SlackMessenger
) -> None:
    """Somebody deleted the heading: the papers come all the same."""
    slack.fail("chat.postMessage", error="thread_not_found")
    sent = await messenger.send(out(reply_to=message("T1", "C1", "1.000001")))
    (posted,) = slack.messages("T1", "C1")
    assert (posted.ts, posted.thread_ts) == (sent.id, None)


@pytest.mark.parametrize(
    "trouble", [{"status": 429, "retry_after": 600}, {"error": "invalid_blocks", "times": None}]
)
async def test_the_rest_is_not_waited_for_without_end(
    slack: SlackServer, messenger: SlackMessenger, time: Time, trouble: dict[str, Any]
) -> None:
    """A delivery's lease ends, and a plain rendering is tried once."""
    slack.fail("chat.postMessage", when=lambda args: bool(args.get("thread_ts")), **trouble)
    sent = await messenger.send(out(Digest(title="x", entries=papers(PER_DIGEST + 1))))
    assert [one.ts for one in slack.messages("T1", "C1")] == [sent.id]
    assert sum(time.slept) < 60


async def test_a_yes_without_an_address_is_an_unknown_outcome(time: Time) -> None:
    """Reactions to it could not be understood: it is looked for."""
    async with (
        answering(lambda: web.json_response({"ok": True, "ts": 17})) as url,
        calling(url, lambda _: Known(), clock=time, sleep=time.sleep) as api,
    ):
        with pytest.raises(OutcomeUnknown):
            await speaking(api, time).send(out())
