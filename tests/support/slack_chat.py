"""chat.* and reactions.* of the stand-in."""

import re
from typing import Any

from tests.support.slack_calls import Call, method
from tests.support.slack_errors import Refused
from tests.support.slack_rules import check_message
from tests.support.slack_state import Message, Place

EMOJI = re.compile(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?")
SPOKEN = ("text", "blocks", "attachments", "metadata", "thread_ts")


def addressee(call: Call) -> Place:
    """Where a message goes: a person's id is the direct conversation with them. Raises Refused."""
    wanted = call.text("channel")
    if wanted in call.team.users:
        return call.team.direct(wanted)
    return call.team.place(wanted)


def check_speaking(call: Call, place: Place) -> None:
    """Raises Refused."""
    if place.archived:
        raise Refused("is_archived")
    if not place.member and "chat:write.public" not in call.team.scopes:
        raise Refused("not_in_channel")


@method("chat.postMessage", "chat:write")
def post_message(call: Call) -> dict[str, Any]:
    place = addressee(call)
    check_speaking(call, place)
    said = dict(call.args)
    check_message(said)
    if parent := call.text("thread_ts"):
        said["thread_ts"] = _parent(call, place, parent)
    message = call.world.post(call.team, place, said, broadcast=call.flag("reply_broadcast"))
    told = message.payload(metadata=True)
    return {"channel": place.id, "ts": message.ts, "message": told}


def _parent(call: Call, place: Place, ts: str) -> str:
    """Threads have one level; who answers an answer is told off in `noted`."""
    found = next((message for message in place.messages if message.ts == ts), None)
    if not found or found.thread_ts not in (None, ts):
        call.world.noted.append(f"{call.method}: thread_ts {ts} is no message that has a thread")
    return found.thread_ts or ts if found else ts


@method("chat.postEphemeral", "chat:write")
def post_ephemeral(call: Call) -> dict[str, Any]:
    place = call.place()
    if place.archived:
        raise Refused("is_archived")
    if not place.member:
        raise Refused("not_in_channel")
    user = call.text("user")
    if user not in call.team.users or not place.has(user):
        raise Refused("user_not_in_channel")
    check_message(call.args)
    message = call.world.post(call.team, place, dict(call.args), to=user)
    return {"message_ts": message.ts}


def _own(call: Call, otherwise: str) -> Message:
    message = call.place().message(call.text("ts"))
    if message.bot_id != call.team.bot_id:
        raise Refused(otherwise)
    return message


@method("chat.update", "chat:write")
def update(call: Call) -> dict[str, Any]:
    message = _own(call, "cant_update_message")
    check_message(call.args)
    said = {"blocks": message.blocks, "attachments": message.attachments, **call.args}
    said.setdefault("text", message.text)
    call.world.rewrite(message, said)
    message.edited = True
    told = message.payload(metadata=True)
    return {"channel": message.channel, "ts": message.ts, "text": message.text, "message": told}


@method("chat.delete", "chat:write")
def delete(call: Call) -> dict[str, Any]:
    message = _own(call, "cant_delete_message")
    call.world.erase(message)
    return {"channel": message.channel, "ts": message.ts}


@method("chat.getPermalink")
def permalink(call: Call) -> dict[str, Any]:
    place = call.place()
    message = place.message(call.text("message_ts"))
    link = (
        f"https://{call.team.domain}.slack.com/archives/{place.id}/p{message.ts.replace('.', '')}"
    )
    if message.thread_ts:
        link += f"?thread_ts={message.thread_ts}&cid={place.id}"
    return {"channel": place.id, "permalink": link}


@method("chat.unfurl", "links:write")
def unfurl(call: Call) -> dict[str, Any]:
    unfurls = call.args.get("unfurls")
    if not isinstance(unfurls, dict):
        raise Refused("missing_unfurls" if unfurls is None else "invalid_unfurls_format")
    for shown in unfurls.values():
        check_message({"text": "x", "attachments": [shown]})
    if call.text("unfurl_id") and call.text("source") in {"composer", "conversations_history"}:
        call.world.pulse.beat()
        return {}
    try:
        message = call.place().message(call.text("ts"))
    except Refused as error:
        found = {
            "message_not_found": "cannot_find_message",
            "channel_not_found": "cannot_find_channel",
        }
        raise Refused(found[error.code]) from None
    missing = [url for url in unfurls if url not in message.text.replace("&amp;", "&")]
    if missing:
        raise Refused("cannot_unfurl_url")
    message.unfurls |= unfurls
    call.world.pulse.beat()
    return {}


def _reacted(call: Call) -> tuple[Place, Message]:
    if not call.text("channel") or not call.text("timestamp"):
        raise Refused("no_item_specified")
    place = call.place()
    return place, place.message(call.text("timestamp"))


@method("reactions.get", "reactions:read")
def get_reactions(call: Call) -> dict[str, Any]:
    place, message = _reacted(call)
    told = message.payload()
    if not call.flag("full"):
        for one in told.get("reactions", ()):
            one["users"] = one["users"][:50]
    return {"type": "message", "channel": place.id, "message": told}


@method("reactions.add", "reactions:write")
def add_reaction(call: Call) -> dict[str, Any]:
    place, message = _reacted(call)
    name = call.text("name").strip(":")
    if not EMOJI.fullmatch(name):
        raise Refused("invalid_name")
    if place.archived:
        raise Refused("is_archived")
    users = message.reactions.setdefault(name, [])
    if call.team.bot_user in users:
        raise Refused("already_reacted")
    users.append(call.team.bot_user)
    call.world.emit(place.team, reaction_event(message, call.team.bot_user, name))
    return {}


@method("reactions.remove", "reactions:write")
def remove_reaction(call: Call) -> dict[str, Any]:
    place, message = _reacted(call)
    name = call.text("name").strip(":")
    if call.team.bot_user not in message.reactions.get(name, ()):
        raise Refused("no_reaction")
    unreacted(message, call.team.bot_user, name)
    call.world.emit(place.team, reaction_event(message, call.team.bot_user, name, added=False))
    return {}


@method("reactions.list", "reactions:read")
def list_reactions(call: Call) -> dict[str, Any]:
    user = call.text("user") or call.team.bot_user
    items = [
        {"type": "message", "channel": place.id, "message": message.payload()}
        for place in call.team.places.values()
        if place.member
        for message in reversed(place.messages)
        if any(user in users for users in message.reactions.values())
    ]
    return call.paged(items, "items")


def unreacted(message: Message, user: str, name: str) -> None:
    message.reactions[name].remove(user)
    if not message.reactions[name]:
        del message.reactions[name]


def reaction_event(message: Message, user: str, name: str, *, added: bool = True) -> dict[str, Any]:
    """As Slack tells it; without item_user when an incoming webhook posted the message."""
    event: dict[str, Any] = {
        "type": "reaction_added" if added else "reaction_removed",
        "user": user,
    }
    event |= {"reaction": name, "event_ts": message.ts}
    event["item"] = {"type": "message", "channel": message.channel, "ts": message.ts}
    return event | ({"item_user": message.user} if message.user else {})
