"""What Slack sends to apps, as it spells it. Pure."""

from typing import Any

from tests.support.slack_state import Message, Place, Team, User

TOKEN = "verification-token"  # nobody checks it any more, it still comes along
NAMES = {"im": "directmessage", "group": "privategroup"}


def _who(team: Team, user: User) -> dict[str, Any]:
    return {
        "api_app_id": "A1",
        "token": TOKEN,
        "team": {"id": team.id, "domain": team.domain},
        "user": {
            "id": user.id,
            "username": user.payload["name"],
            "name": user.payload["name"],
            "team_id": team.id,
        },
        "enterprise": None,
        "is_enterprise_install": False,
    }


def place_of(place: Place) -> dict[str, str]:
    return {"id": place.id, "name": NAMES.get(place.kind, place.name)}


def command(team: Team, user: User, place: Place, name: str, text: str) -> dict[str, str]:
    """A slash command; everything in it is text."""
    return {
        "token": TOKEN,
        "team_id": team.id,
        "team_domain": team.domain,
        "channel_id": place.id,
        "channel_name": place_of(place)["name"],
        "user_id": user.id,
        "user_name": user.payload["name"],
        "command": name,
        "text": text,
        "api_app_id": "A1",
        "is_enterprise_install": "false",
    }


def message_action(
    team: Team, user: User, place: Place, message: Message, action: dict[str, Any]
) -> dict[str, Any]:
    """A control used in a message; of an ephemeral message its content is not sent along."""
    told = {"type": "block_actions", **_who(team, user), "channel": place_of(place)}
    told["container"] = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": place.id,
        "is_ephemeral": message.ephemeral,
    }
    if message.thread_ts:
        told["container"]["thread_ts"] = message.thread_ts
    if not message.ephemeral:
        told["message"] = message.payload()
    return told | {"state": {"values": {}}, "actions": [action]}


def view_action(
    team: Team, user: User, view: dict[str, Any], action: dict[str, Any]
) -> dict[str, Any]:
    """A control used in a modal or on the Home tab."""
    told = {"type": "block_actions", **_who(team, user), "view": view, "actions": [action]}
    return told | {"container": {"type": "view", "view_id": view["id"]}}


def message_shortcut(
    team: Team, user: User, place: Place, message: Message, *, callback: str, ts: str
) -> dict[str, Any]:
    told = {"type": "message_action", **_who(team, user), "channel": place_of(place)}
    told |= {"callback_id": callback, "action_ts": ts, "message_ts": message.ts}
    return told | {"message": message.payload()}


def global_shortcut(team: Team, user: User, callback: str, ts: str) -> dict[str, Any]:
    """It has no channel and no response_url."""
    return {"type": "shortcut", **_who(team, user), "callback_id": callback, "action_ts": ts}


def view_submission(
    team: Team, user: User, view: dict[str, Any], urls: list[dict[str, str]]
) -> dict[str, Any]:
    return {"type": "view_submission", **_who(team, user), "view": view, "response_urls": urls}


def view_closed(team: Team, user: User, view: dict[str, Any], *, cleared: bool) -> dict[str, Any]:
    return {"type": "view_closed", **_who(team, user), "view": view, "is_cleared": cleared}


def suggestion(
    team: Team, user: User, view: dict[str, Any], element: dict[str, Any], value: str
) -> dict[str, Any]:
    """What was typed so far in a menu whose options the app gives."""
    told = {"type": "block_suggestion", **_who(team, user), "view": view, "value": value}
    told |= {"action_id": element["action_id"], "block_id": element["block_id"]}
    return told | {"container": {"type": "view", "view_id": view["id"]}}


def event(team: Team, inner: dict[str, Any], id: str, at: float) -> dict[str, Any]:
    """An event in its envelope of the Events API."""
    bot = {"enterprise_id": None, "team_id": team.id, "user_id": team.bot_user, "is_bot": True}
    return {
        "token": TOKEN,
        "team_id": team.id,
        "context_team_id": team.id,
        "api_app_id": "A1",
        "event": inner,
        "type": "event_callback",
        "event_id": id,
        "event_time": int(at),
        "authorizations": [{**bot, "is_enterprise_install": False}],
        "is_ext_shared_channel": False,
        "event_context": f"4-{id}",
    }
