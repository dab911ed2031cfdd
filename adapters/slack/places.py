"""Coming to a channel, leaving it, and what happened to channels and workspaces while we were away."""

import logging
from collections.abc import Mapping

from adapters.slack.addresses import PLATFORM, channel, workspace
from adapters.slack.answers import reason
from adapters.slack.bench import Bench, Body, Hear
from adapters.slack.failures import ERRORS, UNAUTHORISED, code_of
from adapters.slack.grants import Grant
from adapters.slack.presence import Presence, presence
from adapters.slack.welcome import greeting
from bot.domain.errors import DeliveryError, WorkspaceRefused
from bot.domain.people import Channel

log = logging.getLogger(__name__)

MOST_LISTED = 200
"""Channels in one answer; Slack recommends no more (conversations methods, "limit")."""
KINDS = {"public_channel": "channels:read", "private_channel": "groups:read"}
"""Kinds of channels we are invited to, and the scope that each takes to be listed."""


# --- what we are told


async def joined(bench: Bench, team: str, event: Body) -> None:
    """Somebody came to a channel; if that is us, say hello and take up what waits there."""
    if not await _is_us(bench, team, event):
        return
    where = str(event.get("channel", ""))
    resumed = await bench.desk.returned(channel(team, where))
    log.info("slack.joined channel=%s/%s resumed=%d", team, where, resumed)
    message = dict(greeting(bench, team, where, resumed))
    try:
        await bench.api.ask(team, "chat.postMessage", **{"channel": where, **message})
    except ERRORS as e:
        log.warning("slack.no_welcome channel=%s/%s reason=%s", team, where, reason(e))


async def left(bench: Bench, team: str, event: Body) -> None:
    """Somebody was taken out of a channel, or went; if that is us, what is ordered there waits."""
    if await _is_us(bench, team, event):
        await gone(bench, team, event)


async def gone(bench: Bench, team: str, event: Body) -> None:
    """A channel was archived or deleted, or we were taken out of it."""
    where = channel(team, str(event.get("channel", "")))
    if paused := await bench.desk.left(where):
        log.info("slack.channel_gone channel=%s paused=%d", where, paused)


async def reopened(bench: Bench, team: str, event: Body) -> None:
    """A channel is no longer archived."""
    where = channel(team, str(event.get("channel", "")))
    if await presence(bench, where) is Presence.HERE and await bench.desk.returned(where):
        log.info("slack.channel_back channel=%s", where)


async def revoked(bench: Bench, team: str, event: Body) -> None:
    """Tokens were taken back; users' tokens are none of ours."""
    tokens = event.get("tokens")
    if not isinstance(tokens, dict) or tokens.get("bot"):
        await uninstalled(bench, team, event)


async def uninstalled(bench: Bench, team: str, _event: Body) -> None:
    """A workspace sent us away: what is ordered there waits, and its token is forgotten.

    Slack may tell it late, when we are installed anew: a token that still works stays.
    """
    bench.api.grants.forget(team)
    bench.people.forget(team)
    welcome = await _still_welcome(bench, team)
    if welcome:
        log.info("slack.uninstall_outdated team=%s", team)
        return
    if bench.installations and welcome is False:
        await bench.installations.remove(workspace(team))
        bench.api.grants.forget(team)
    paused = await bench.desk.left(workspace(team))
    log.info("slack.uninstalled team=%s paused=%d", team, paused)


async def _still_welcome(bench: Bench, team: str) -> bool | None:
    """None when Slack cannot be asked."""
    try:
        await bench.api.read(team, "auth.test")
    except WorkspaceRefused:
        return False
    except ERRORS as e:
        return False if code_of(e) in UNAUTHORISED else None
    return True


async def _is_us(bench: Bench, team: str, event: Body) -> bool:
    grant = await bench.api.grants.of(team)
    return bool(grant.bot_user) and event.get("user") == grant.bot_user


EVENTS: Mapping[str, Hear] = {
    "member_joined_channel": joined,
    "member_left_channel": left,
    "channel_left": gone,
    "group_left": gone,
    "channel_archive": gone,
    "group_archive": gone,
    "channel_deleted": gone,
    "group_deleted": gone,
    "channel_unarchive": reopened,
    "group_unarchive": reopened,
    "app_uninstalled": uninstalled,
    "tokens_revoked": revoked,
}


# --- what we were not told


async def compare(bench: Bench) -> None:
    """What is ordered where against where we are: done at start, since nobody tells us what we missed."""
    ordered: dict[str, list[Channel]] = {}
    for place in await bench.desk.channels(PLATFORM):
        ordered.setdefault(place.workspace.id, []).append(place)
    for team, places in ordered.items():
        await _compare_team(bench, team, places)


async def _compare_team(bench: Bench, team: str, places: list[Channel]) -> None:
    try:
        grant = await bench.api.grants.of(team)
    except WorkspaceRefused:
        for place in places:
            await bench.desk.left(place)
        return
    except DeliveryError as e:
        log.warning("slack.places_unknown team=%s reason=%s", team, e)
        return
    here = await _memberships(bench, grant)
    for place in places:
        found = Presence.HERE if place.id in here else await presence(bench, place)
        if found is Presence.HERE:
            await bench.desk.returned(place)
        elif found is not Presence.UNKNOWN:
            await bench.desk.left(place)


async def _memberships(bench: Bench, grant: Grant) -> set[str]:
    """The channels we are in, as far as Slack lists them: few requests for many channels."""
    found: set[str] = set()
    kinds = [kind for kind, scope in KINDS.items() if scope in grant.scopes]
    cursor = "" if kinds else None
    try:
        while cursor is not None:
            answer = await bench.api.read(
                grant.team,
                "users.conversations",
                types=",".join(kinds),
                exclude_archived=True,
                limit=MOST_LISTED,
                cursor=cursor or None,
            )
            found |= {str(one["id"]) for one in answer.get("channels") or () if "id" in one}
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or None
    except ERRORS as e:
        log.debug("slack.memberships_unlisted team=%s reason=%s", grant.team, reason(e))
    return found
