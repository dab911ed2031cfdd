"""What an operator does from a shell: print the app's manifest, check what is set up."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any

from slack_sdk.errors import SlackApiError

from adapters.slack.api import Api
from adapters.slack.failures import ERRORS, TRANSPORT, code_of, is_limited, is_uncertain, unasked
from adapters.slack.grants import Grant
from adapters.slack.install_pages import INSTALL
from adapters.slack.manifest import REQUESTS, manifest_link, manifest_text
from adapters.slack.scopes import APP_TOKEN_SCOPE, Scope, lacking
from adapters.slack.settings import Settings
from bot.domain.checks import Check
from bot.domain.errors import DeliveryError, StorageError
from bot.domain.people import Channel

__all__ = ["check", "manifest_link", "manifest_text"]

NO_APP_TOKEN = {"invalid_auth", "not_authed", "not_allowed_token_type", "token_revoked"}
ALL = "*"
"""In the place of a workspace: every one."""
GONE = {"channel_not_found", "method_not_supported_for_channel_type"}


async def check(settings: Settings, api: Api, channels: Iterable[Channel]) -> AsyncIterator[Check]:
    """The tokens, their scopes, the way that requests come, and our place in each of these channels."""
    granted: dict[str, Grant | str] = {}
    own = Api(settings, api.grants)  # whoever asks may have no more use for a connection
    try:
        async for one in _tokens(settings, own, granted):
            yield one
        yield await _requests(settings, own)
        for channel in channels:
            yield await _channel(own, channel, granted)
    finally:
        await own.close()


# --- tokens and scopes


async def _tokens(
    settings: Settings, api: Api, granted: dict[str, Grant | str]
) -> AsyncIterator[Check]:
    """Each workspace's; the grants, or what is wrong with them, are handed out."""
    try:
        teams = await api.grants.teams()
    except (*ERRORS, StorageError) as e:
        granted[ALL] = "not looked at: see Slack token"
        yield Check(name="Slack token", fine=False, text=_words(e))
        return
    if not teams:
        text = f"none has installed the bot yet; they do at {settings.url}{INSTALL}"
        yield Check(name="Slack workspaces", fine=True, text=text)
    for team in teams:
        try:
            await api.read(team, "auth.test")
            grant = await api.grants.of(team)
        except (*ERRORS, StorageError) as e:
            granted[team] = _words(e)
            yield Check(name=f"Slack token of {team}", fine=False, text=_words(e))
            continue
        granted[team] = grant
        text = f"it is @{grant.name}'s in {grant.team_name or team}"
        yield Check(name=f"Slack token of {team}", fine=True, text=text)
        yield scopes_of(grant, unfurl=settings.unfurl)


def scopes_of(grant: Grant, *, unfurl: bool) -> Check:
    """Which of our scopes a token lacks, and what that means."""
    name = f"Slack scopes of {grant.team}"
    missing = lacking(grant.scopes, unfurl=unfurl)
    needed = [scope for scope in missing if scope.needed]
    if needed:
        text = (
            f"the token lacks {_each(needed)}. Take the manifest of `paperbot slack manifest`, or add them "
            "under OAuth & Permissions, and reinstall the app to the workspace"
        )
        return Check(name=name, fine=False, text=text)
    if missing:
        weaker = "; ".join(f"without {scope.name} {scope.without}" for scope in missing)
        return Check(name=name, fine=True, text=f"all that are needed; {weaker}")
    return Check(name=name, fine=True, text="all are there")


def _each(scopes: Sequence[Scope]) -> str:
    return "; ".join(f"{scope.name} ({scope.why})" for scope in scopes)


# --- how requests come


async def _requests(settings: Settings, api: Api) -> Check:
    """Over Socket Mode, which can be tried, or over HTTP, which only Slack can try."""
    if not settings.socket_mode:
        address = f"{settings.url}{REQUESTS}" if settings.url else f"your address and {REQUESTS}"
        text = f"they come over HTTP, signed; the app's request URLs must be {address}"
        return Check(name="Slack requests", fine=True, text=text)
    name = "Slack Socket Mode"
    try:
        await api.client(settings.app_token).api_call("apps.connections.open")
    except (SlackApiError, *TRANSPORT) as e:
        return Check(name=name, fine=False, text=_socket_words(e))
    return Check(name=name, fine=True, text="Slack lets us connect with the app token")


def _socket_words(error: Exception) -> str:
    code = code_of(error)
    if code in NO_APP_TOKEN:
        return (
            "Slack refuses the app token: make one under Basic Information › App-Level Tokens, with "
            f"{APP_TOKEN_SCOPE}, and set SLACK_APP_TOKEN"
        )
    if code == "missing_scope":
        return f"the app token lacks {APP_TOKEN_SCOPE}: make another one with it, and set SLACK_APP_TOKEN"
    if code and not is_uncertain(error) and not is_limited(error):
        return f"Slack says `{code}`: see that Socket Mode is on in the settings of the app token's app"
    return _words(error)


# --- channels


async def _channel(api: Api, channel: Channel, granted: Mapping[str, Grant | str]) -> Check:
    """Whether we are in it, and how we get there."""
    team = channel.workspace.id
    name = f"Slack {team}/{channel.id}"
    grant = granted.get(team) or granted.get(ALL) or "the bot is not installed in this workspace"
    if isinstance(grant, str):
        return Check(name=name, fine=False, text=grant)
    if channel.id.startswith("D"):
        return Check(name=name, fine=True, text="a direct conversation")
    invite = f"type `/invite @{grant.name}` there"
    try:
        answer = await api.read(team, "conversations.info", channel=channel.id)
    except ERRORS as e:
        if code_of(e) in GONE:
            text = f"the bot does not see it: it is private or gone. If it is there, {invite}"
            return Check(name=name, fine=False, text=text)
        return Check(name=name, fine=False, text=_words(e))
    return _membership(name, answer.get("channel") or {}, invite)


def _membership(name: str, told: Mapping[str, Any], invite: str) -> Check:
    called = f"#{told.get('name') or '?'}"
    if told.get("is_archived"):
        text = f"{called} is archived: unarchive it, or unsubscribe it"
        return Check(name=name, fine=False, text=text)
    if not told.get("is_member"):
        return Check(name=name, fine=False, text=f"the bot is not in {called}: {invite}")
    return Check(name=name, fine=True, text=f"the bot is in {called}")


def _words(error: Exception) -> str:
    """An error in a line, with what to do."""
    if isinstance(error, StorageError):
        return str(error)
    told = error if isinstance(error, DeliveryError) else unasked(error)
    return str(told)
