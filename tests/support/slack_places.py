"""conversations.*, users.* and team.info of the stand-in."""

from typing import Any

from tests.support.slack_calls import Call, method
from tests.support.slack_errors import Refused
from tests.support.slack_state import Message, Place

READING = ("channels:read", "groups:read", "im:read", "mpim:read")
HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")
PREFIX = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}


def _readable(call: Call, what: str) -> Place:
    """The place, if the scope for its kind is there. Raises Refused."""
    place = call.place()
    call.team.require(f"{place.scope}:{what}")
    return place


@method("conversations.info", *READING)
def info(call: Call) -> dict[str, Any]:
    place = _readable(call, "read")
    told = place.payload
    if call.flag("include_num_members"):
        told["num_members"] = len(_members(call, place))
    return {"channel": told}


def _members(call: Call, place: Place) -> list[str]:
    people = [user for user in call.team.users if place.has(user) and user != call.team.bot_user]
    return people + ([call.team.bot_user] if place.member else [])


@method("conversations.members", *READING)
def members(call: Call) -> dict[str, Any]:
    place = _readable(call, "read")
    return call.paged(_members(call, place), "members")


@method("conversations.list", *READING)
def listed(call: Call) -> dict[str, Any]:
    return _listed(call, lambda place: place.member or not place.private)


@method("users.conversations", *READING)
def conversations(call: Call) -> dict[str, Any]:
    user = call.text("user")
    if user and user != call.team.bot_user:
        return _listed(call, lambda place: place.has(user) and (place.member or not place.private))
    return _listed(call, lambda place: place.member)


def _listed(call: Call, wanted: Any) -> dict[str, Any]:
    types = (call.text("types") or "public_channel").replace(" ", "").split(",")
    if any(one not in PREFIX for one in types):
        raise Refused("invalid_types")
    kinds = {PREFIX[one] for one in types}
    for kind in kinds:
        call.team.require(f"{Place('', '', '', kind).scope}:read")
    found = [
        place.payload
        for place in call.team.places.values()
        if place.kind in kinds
        and not place.deleted
        and wanted(place)
        and not (call.flag("exclude_archived") and place.archived)
    ]
    return call.paged(found, "channels")


@method("conversations.history", *HISTORY)
def history(call: Call) -> dict[str, Any]:
    place = _readable(call, "history")
    if not place.member:
        raise Refused("not_in_channel")
    newest = [one for one in reversed(place.messages) if not one.thread_ts or one.broadcast]
    return _told(call, _between(call, newest))


@method("conversations.replies", *HISTORY)
def replies(call: Call) -> dict[str, Any]:
    place = _readable(call, "history")
    if not place.member:
        raise Refused("not_in_channel")
    ts = call.text("ts")
    found = [one for one in place.messages if ts in (one.ts, one.thread_ts)]
    if not found:
        raise Refused("thread_not_found")
    parent = found[0] if found[0].ts == ts else None
    rest = _between(call, found[1:] if parent else found)
    return _told(call, [parent, *rest] if parent else rest)


def _between(call: Call, messages: list[Message]) -> list[Message]:
    """Neither end counts unless `inclusive`; without one, `oldest` alone counts from there on."""
    bounds = []
    for name, default in (("oldest", 0.0), ("latest", 1e12)):
        try:
            bounds.append(float(call.text(name) or default))
        except ValueError:
            raise Refused(f"invalid_ts_{name}") from None
    oldest, latest = bounds
    if call.flag("inclusive"):
        return [one for one in messages if oldest <= float(one.ts) <= latest]
    return [one for one in messages if oldest < float(one.ts) < latest]


def _told(call: Call, messages: list[Message]) -> dict[str, Any]:
    metadata = call.flag("include_all_metadata")
    if call.number("limit", 100) > 999:
        raise Refused("invalid_arguments", "limit must be less than 1000")
    return call.paged([one.payload(metadata=metadata) for one in messages], "messages")


@method("conversations.open", "im:write", "mpim:write")
def opened(call: Call) -> dict[str, Any]:
    users = [user for user in call.text("users").split(",") if user]
    if channel := call.text("channel"):
        return {"channel": {"id": call.team.place(channel).id}}
    if not users:
        raise Refused("users_list_not_supplied")
    if len(users) > 1:
        raise Refused("method_not_supported_for_channel_type")
    call.team.require("im:write")
    user = call.team.user(users[0])
    if user.deleted or user.id == call.team.bot_user:
        raise Refused("user_disabled" if user.deleted else "cannot_dm_bot")
    known = {place.id for place in call.team.places.values()}
    place = call.team.direct(user.id)
    told = place.payload if call.flag("return_im") else {"id": place.id}
    again = {"no_op": True, "already_open": True} if place.id in known else {}
    return {"channel": told, **again}


@method("conversations.join", "channels:join")
def join(call: Call) -> dict[str, Any]:
    place = call.place()
    if place.kind != "channel":
        raise Refused("method_not_supported_for_channel_type")
    if place.archived:
        raise Refused("is_archived")
    if place.member:
        return {"channel": place.payload, "warning": "already_in_channel"}
    place.member = True
    call.world.emit(
        place.team,
        {
            "type": "member_joined_channel",
            "user": call.team.bot_user,
            "channel": place.id,
            "channel_type": "C",
            "team": place.team,
        },
    )
    return {"channel": place.payload}


@method("conversations.leave", "channels:manage", "channels:write", "groups:write")
def leave(call: Call) -> dict[str, Any]:
    place = call.place()
    place.member = False
    return {}


@method("users.info", "users:read")
def user_info(call: Call) -> dict[str, Any]:
    user = call.team.user(call.args.get("user"))
    told = user.payload
    if call.flag("include_locale"):
        told["locale"] = user.locale
    return {"user": told}


@method("bots.info", "users:read")
def bot_info(call: Call) -> dict[str, Any]:
    if call.text("bot") != call.team.bot_id:
        raise Refused("bot_not_found")
    bot = call.team.users[call.team.bot_user]
    told = {"id": call.team.bot_id, "deleted": False, "name": bot.name, "app_id": "A1"}
    return {"bot": told | {"user_id": bot.id}}


@method("team.info", "team:read")
def team_info(call: Call) -> dict[str, Any]:
    team = call.team
    return {"team": {"id": team.id, "name": team.name, "domain": team.domain, "icon": {}}}
