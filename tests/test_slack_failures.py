"""Slack's errors as ours: whose turn it is, and what they can do."""

import math
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.errors import SlackApiError

from adapters.slack.failures import (
    AN_HOUR,
    DIRECT,
    PATIENCE,
    answer,
    code_of,
    is_limited,
    is_uncertain,
    unasked,
    undelivered,
    untold,
    wait_of,
)
from bot.domain.errors import (
    ChannelRefused,
    ContentRefused,
    DeliveryError,
    OutcomeUnknown,
    TryLater,
    WorkspaceRefused,
)

PAUSES_CHANNEL = [
    "channel_not_found",
    "not_in_channel",
    "is_archived",
    "restricted_action",
    "restricted_action_read_only_channel",
    "restricted_action_thread_only_channel",
    "restricted_action_made_up_tomorrow",
    "missing_scope",
    "no_permission",
    "ekm_access_denied",
    "messages_tab_disabled",
    "user_not_found",
    "cannot_dm_bot",
]
PAUSES_WORKSPACE = [
    "invalid_auth",
    "not_authed",
    "account_inactive",
    "token_revoked",
    "token_expired",
    "team_access_not_granted",
    "access_denied",
]
CONTENT = [
    "invalid_blocks",
    "invalid_blocks_format",
    "msg_blocks_too_long",
    "metadata_too_large",
    "invalid_metadata_format",
    "too_many_attachments",
    "no_text",
    "msg_too_long",
    "never_heard_of",
]
LATER = ["ratelimited", "rate_limited", "message_limit_exceeded", "team_added_to_org"]
UNSURE = ["fatal_error", "internal_error", "request_timeout", "service_unavailable"]


def refused(error: str, **said: Any) -> SlackApiError:
    return answer("chat.postMessage", {"ok": False, "error": error, **said})


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (PAUSES_CHANNEL, ChannelRefused),
        (PAUSES_WORKSPACE, WorkspaceRefused),
        (CONTENT, ContentRefused),
        (LATER, TryLater),
        (UNSURE, OutcomeUnknown),
    ],
)
def test_every_code_has_its_class(codes: list[str], expected: type[DeliveryError]) -> None:
    """As sorted by who can mend it."""
    assert {code: type(undelivered(refused(code))) for code in codes} == dict.fromkeys(
        codes, expected
    )


@pytest.mark.parametrize(
    ("code", "fix"),
    [
        ("not_in_channel", "`/invite @papers`"),
        ("channel_not_found", "`/invite @papers`"),
        ("no_permission", "`/invite @papers`"),
        ("is_archived", "Unarchive it"),
        ("restricted_action_read_only_channel", "administer"),
        ("missing_scope", "`chat:write`, `files:write`"),
        ("messages_tab_disabled", "App Home"),
        ("token_revoked", "SLACK_BOT_TOKEN"),
        ("account_inactive", "Install the app again"),
        ("team_access_not_granted", "administer"),
    ],
)
def test_a_refusal_says_how_to_mend_it(code: str, fix: str) -> None:
    """Whoever subscribed reads that."""
    error = refused(code, needed="chat:write,files:write")
    assert fix in str(undelivered(error, name="papers"))


def test_nobody_is_invited_into_a_direct_conversation() -> None:
    """There `/invite` is no help."""
    text = str(undelivered(refused("channel_not_found"), DIRECT))
    assert "/invite" not in text
    assert "directly" in text


@pytest.mark.parametrize(
    "error",
    [
        TimeoutError(),
        ConnectionResetError(),
        aiohttp.ServerDisconnectedError(),
        aiohttp.ClientPayloadError(),
        aiohttp.SocketTimeoutError(),
        aiohttp.ClientOSError(),
    ],
)
def test_what_may_have_been_heard_is_not_repeated(error: Exception) -> None:
    """The request was written, or may have been."""
    assert isinstance(undelivered(error), OutcomeUnknown)
    assert is_uncertain(error)
    failure = unasked(error)
    assert isinstance(failure, TryLater)
    assert failure.retry_after
    assert untold(error).retry_after


@pytest.mark.parametrize(
    "error", [ConnectionRefusedError(), aiohttp.ConnectionTimeoutError("no connection")]
)
def test_what_was_never_written_was_never_heard(error: Exception) -> None:
    """Without a connection nothing was sent."""
    assert isinstance(undelivered(error), TryLater)
    assert not is_uncertain(error)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (429, TryLater),
        (500, OutcomeUnknown),
        (502, OutcomeUnknown),
        (503, OutcomeUnknown),
        (408, OutcomeUnknown),
        (200, OutcomeUnknown),
        (413, ContentRefused),
        (403, TryLater),
        (404, TryLater),
    ],
)
def test_an_answer_without_a_word_is_judged_by_its_status(
    status: int, expected: type[DeliveryError]
) -> None:
    """Proxies and load balancers speak HTML."""
    assert type(undelivered(answer("chat.postMessage", {}, status=status))) is expected


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0", 1.0),
        ("-5", 1.0),
        ("1.5", 1.5),
        ("86400000", AN_HOUR),
        ("soon", PATIENCE),
        ("nan", PATIENCE),
        ("inf", PATIENCE),
        ("", PATIENCE),
        (None, PATIENCE),
    ],
)
def test_the_wait_is_slacks_own_figure_within_reason(header: str | None, seconds: float) -> None:
    """An odd header neither hurries nor silences the bot."""
    headers = {} if header is None else {"retry-AFTER": header}
    error = answer("chat.postMessage", {}, status=429, headers=headers)
    failure = undelivered(error)
    assert isinstance(failure, TryLater)
    assert failure.retry_after == timedelta(seconds=seconds)
    assert untold(error).retry_after == timedelta(seconds=seconds)


def test_our_own_errors_pass_through() -> None:
    """A workspace without a token has said all there is to say."""
    error = WorkspaceRefused("not installed")
    assert undelivered(error) is error
    assert untold(error).retry_after is None


words = st.one_of(st.text(max_size=30), st.none(), st.integers(), st.lists(st.text(max_size=3)))


@given(
    said=st.dictionaries(st.sampled_from(["ok", "error", "needed", "x"]), words),
    status=st.sampled_from([0, 200, 204, 302, 400, 401, 403, 404, 413, 418, 429, 500, 502, 599]),
    retry=st.one_of(st.none(), st.text(max_size=8), st.floats().map(str)),
)
@settings(max_examples=200)
def test_whatever_is_answered_can_be_sorted(
    said: dict[str, Any], status: int, retry: str | None
) -> None:
    """No answer of Slack's, or of what stands in its way, makes us stumble; every text is one line."""
    headers = {} if retry is None else {"Retry-After": retry}
    error = answer("chat.postMessage", said, status=status, headers=headers)
    failure = undelivered(error)
    assert isinstance(failure, DeliveryError)
    assert "\n" not in str(failure)
    assert not isinstance(unasked(error), OutcomeUnknown)
    assert math.isfinite(wait_of(error))
    assert code_of(error).isascii()
    if is_limited(error):
        assert isinstance(failure, TryLater)
        assert failure.retry_after
        assert timedelta(seconds=1) <= failure.retry_after <= timedelta(hours=1)
