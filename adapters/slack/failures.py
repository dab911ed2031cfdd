"""Slack's errors as ours, sorted by who can mend them. The codes are those of its method pages (docs.slack.dev,
"Errors"); what no rule knows is sorted by its HTTP status."""

import math
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.errors import (
    ChannelRefused,
    ContentRefused,
    DeliveryError,
    OutcomeUnknown,
    TryLater,
    Unavailable,
    WorkspaceRefused,
)

TRANSPORT = (aiohttp.ClientError, OSError, TimeoutError)
"""What a lost connection raises; the library passes it on as it is."""
ERRORS = (SlackApiError, *TRANSPORT, DeliveryError)
"""All that a call of `Api` may raise; the last is for a workspace whose token we lack."""
_UNWRITTEN = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    ConnectionRefusedError,
)
"""Nothing of the request had left us."""

HERE = "the channel"
DIRECT = "the direct conversation"
BOT = "paperbot"
"""The handle that our manifest asks for."""
SOON = timedelta(seconds=10)
PATIENCE = 30.0
"""Seconds, when Slack asks for patience without saying how much."""
AN_HOUR = 3_600.0

_INVITE = "Type `/invite @{name}` there, or subscribe in another channel."
_ASK_ADMINS = "Ask those who administer the workspace to allow it."
_NO_DIRECT = "The bot cannot write to this person directly; they can still ask it in a channel that it is in."
_CHANNEL = {
    "not_in_channel": "The bot is not in {where}. " + _INVITE,
    "channel_not_found": "The bot does not see {where}: it is private, or gone. " + _INVITE,
    "invalid_channel": "The bot does not see {where}: it is private, or gone. " + _INVITE,
    "no_permission": "The bot may not post in {where}. " + _INVITE,
    "posting_to_channel_denied": "The bot may not post in {where}. " + _INVITE,
    "is_archived": "Archived: {where} takes no posts. Unarchive it, or subscribe in another channel.",
    "is_inactive": "Frozen: {where} takes no posts. Subscribe in another channel.",
    "restricted_action": "The settings of {where} keep the bot from posting. " + _ASK_ADMINS,
    "missing_scope": (
        "The bot lacks the scope {needed}. Add it to the app (`paperbot slack manifest` prints all that it "
        "takes) and install the app again."
    ),
    "ekm_access_denied": "Posting is suspended in {where}. " + _ASK_ADMINS,
    "posting_to_general_channel_denied": "Not everybody may post in {where}. " + _ASK_ADMINS,
    "channel_type_not_supported": "That is not possible in {where}. Subscribe in a channel.",
    "method_not_supported_for_channel_type": (
        "That is not possible in {where}. Subscribe in a channel."
    ),
    "messages_tab_disabled": (
        "The bot takes no direct messages: switch on the Messages tab, under App Home in the app's settings."
    ),
    "user_not_found": _NO_DIRECT,
    "users_not_found": _NO_DIRECT,
    "user_not_visible": _NO_DIRECT,
    "user_disabled": _NO_DIRECT,
    "user_is_bot": _NO_DIRECT,
    "user_is_restricted": _NO_DIRECT,
    "cannot_dm_bot": _NO_DIRECT,
    "invalid_user_combination": _NO_DIRECT,
}
_AGAIN = "Install the app again; a single workspace's new token belongs in SLACK_BOT_TOKEN."
_TOKEN = f"Slack does not accept the bot's token any more. {_AGAIN}"
_WORKSPACE = {
    "invalid_auth": _TOKEN,
    "not_authed": _TOKEN,
    "token_revoked": _TOKEN,
    "token_expired": _TOKEN,
    "not_allowed_token_type": (
        "Slack wants the bot's token (xoxb-…) and was given another kind. Put the Bot User OAuth Token in "
        "SLACK_BOT_TOKEN."
    ),
    "account_inactive": f"The bot was removed from the workspace. {_AGAIN}",
    "team_access_not_granted": "The organisation has not let the bot into this workspace. "
    + _ASK_ADMINS,
    "access_denied": "The workspace denies the bot access. " + _ASK_ADMINS,
    "accesslimited": "The workspace does not let the bot in from this network. " + _ASK_ADMINS,
    "two_factor_setup_required": "The workspace wants two-factor authentication. " + _ASK_ADMINS,
}
UNAUTHORISED = frozenset(_WORKSPACE)
"""The token is not what it was."""
_CONTENT = {
    "invalid_blocks": "Slack dislikes the form of the post",
    "invalid_blocks_format": "Slack dislikes the form of the post",
    "invalid_attachments": "Slack dislikes the form of the post",
    "msg_blocks_too_long": "Slack finds the post too long",
    "msg_too_long": "Slack finds the post too long",
    "metadata_too_large": "Slack finds the delivery's key too long",
    "invalid_metadata_format": "Slack dislikes the delivery's key",
    "invalid_metadata_schema": "Slack dislikes the delivery's key",
    "metadata_must_be_sent_from_app": "Slack wants no key on a post from here",
    "too_many_attachments": "Slack finds the post too large",
    "no_text": "Slack finds the post empty",
    "markdown_text_conflict": "Slack dislikes the form of the post",
    "invalid_arguments": "Slack dislikes the form of the post",
    "blocked_file_type": "The workspace does not take files of this type",
    "file_upload_size_restricted": "The workspace does not take files that large",
    "file_uploads_disabled": "The workspace takes no files",
    "storage_limit_reached": "The workspace has no room for more files",
}
_LATER = {
    "ratelimited": "Slack asks for patience",
    "rate_limited": "Slack asks for patience",
    "message_limit_exceeded": "The workspace is sending as many messages as Slack allows",
    "team_added_to_org": "The workspace is moving to another organisation",
    "org_login_required": "The workspace is moving to another organisation",
    "external_channel_migrating": "The channel is moving",
}
_LIMITED = frozenset({"ratelimited", "rate_limited"})
_UNCERTAIN = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})
"""Slack's pages: some aspect of the operation may have succeeded before."""
_OK, _TIMEOUT, _TOO_LARGE, _TOO_MANY, _SERVERS_FAULT = 200, 408, 413, 429, 500
_CODE = re.compile(r"[a-z0-9_.]{1,80}")


def code_of(error: BaseException) -> str:
    """Slack's word for what went wrong; "" when it said none, or was not heard."""
    code = _said(error).get("error")
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""


def needed_by(error: BaseException) -> str:
    """The scopes that a `missing_scope` names."""
    needed = _said(error).get("needed")
    scopes = re.findall(r"[a-z.:_]{3,40}", needed) if isinstance(needed, str) else []
    return ", ".join(f"`{scope}`" for scope in scopes[:6]) or "that this takes"


def is_limited(error: BaseException) -> bool:
    """Whether the method is closed for a while."""
    return _status(error) == _TOO_MANY or code_of(error) in _LIMITED


def wait_of(error: BaseException) -> float:
    """The seconds that Slack asks for (`Retry-After`), within reason."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    lower = {str(name).lower(): value for name, value in headers.items()}
    with suppress(ValueError, TypeError, OverflowError):
        seconds = float(lower.get("retry-after", ""))
        if math.isfinite(seconds):
            return min(max(seconds, 1.0), AN_HOUR)
    return PATIENCE


def is_uncertain(error: BaseException) -> bool:
    """Whether Slack may or may not have done what it was asked."""
    if isinstance(error, SlackApiError):
        status, code = _status(error), code_of(error)
        broken = status >= _SERVERS_FAULT or status == _TIMEOUT or (status == _OK and not code)
        return broken or code in _UNCERTAIN
    return isinstance(error, TRANSPORT) and not isinstance(error, _UNWRITTEN)


def undelivered(error: BaseException, where: str = HERE, *, name: str = BOT) -> DeliveryError:
    """What an error that a request for a post met means for its delivery; `name` is the bot's handle there."""
    if isinstance(error, DeliveryError):
        return error
    if isinstance(error, SlackApiError):
        return _answered(error, where, name or BOT)
    if isinstance(error, _UNWRITTEN):
        return TryLater("Slack cannot be reached.", SOON)
    return OutcomeUnknown(f"No answer came from Slack ({type(error).__name__}).")


def unasked(error: BaseException, where: str = HERE, *, name: str = BOT) -> DeliveryError:
    """The same for a request that came before the post: without an answer nothing was sent."""
    failure = undelivered(error, where, name=name)
    return TryLater(str(failure), SOON) if isinstance(failure, OutcomeUnknown) else failure


def untold(error: BaseException, where: str = HERE, *, name: str = BOT) -> Unavailable:
    """The same for a question: with `retry_after` when asking again may help."""
    failure = unasked(error, where, name=name)
    wait = (failure.retry_after or SOON) if isinstance(failure, TryLater) else None
    return Unavailable(str(failure), wait)


def answer(
    method: str,
    data: Mapping[str, Any],
    *,
    status: int = _OK,
    headers: Mapping[str, str] | None = None,
) -> SlackApiError:
    """An error as the library raises it, for answers that do not come through it."""
    response = AsyncSlackResponse(
        client=None,
        http_verb="POST",
        api_url=method,
        req_args={},
        data=dict(data),
        headers=dict(headers or {}),
        status_code=status,
    )
    return SlackApiError(f"{method}: HTTP {status}", response)  # type: ignore[no-untyped-call]


def _answered(error: SlackApiError, where: str, name: str) -> DeliveryError:
    code = code_of(error)
    if is_limited(error):
        return TryLater(f"{_LATER['ratelimited']}.", timedelta(seconds=wait_of(error)))
    if is_uncertain(error):
        return OutcomeUnknown(f"Slack has trouble: {code or f'HTTP {_status(error)}'}")
    known = "restricted_action" if code.startswith("restricted_action") else code
    if known in _CHANNEL:
        inviting = _CHANNEL[known].endswith(_INVITE)
        text = _NO_DIRECT if inviting and where == DIRECT else _CHANNEL[known]
        return ChannelRefused(text.format(where=where, name=name, needed=needed_by(error)))
    return _by_code(code) or _by_status(_status(error))


def _by_code(code: str) -> DeliveryError | None:
    if code in _LATER:
        return TryLater(f"{_LATER[code]}.", timedelta(minutes=1))
    if code in _WORKSPACE:
        return WorkspaceRefused(_WORKSPACE[code])
    said = _CONTENT.get(code, "Slack refuses the post")
    return ContentRefused(f"{said} ({code}).") if code else None


def _by_status(status: int) -> DeliveryError:
    if status == _TOO_LARGE:
        return ContentRefused("Slack finds the post too large.")
    return TryLater(f"Something on the way to Slack answered HTTP {status}.", timedelta(minutes=1))


def _said(error: BaseException) -> Mapping[str, Any]:
    data = getattr(getattr(error, "response", None), "data", None)
    return data if isinstance(data, Mapping) else {}


def _status(error: BaseException) -> int:
    response = getattr(error, "response", None)
    status = getattr(response, "status_code", None) or getattr(response, "status", None)
    return status if isinstance(status, int) else 0
