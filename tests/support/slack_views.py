"""views.* of the stand-in, and what a person fills in."""

from collections.abc import Mapping
from typing import Any

from tests.support.slack_calls import Call, method
from tests.support.slack_errors import Refused
from tests.support.slack_rules import check_view, elements_of
from tests.support.slack_state import Place, Team
from tests.support.slack_world import TRIGGER_SECONDS, Trigger, View, World

MODALS = 3
"""docs.slack.dev/surfaces/modals: at most three stand on one another."""
PICKED = {
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "users_select": "selected_user",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
}
MANY = {"checkboxes", "multi_static_select", "multi_external_select"}
ONE = {"static_select", "external_select", "radio_buttons", "overflow"}


def payload_of(view: View, world: World) -> dict[str, Any]:
    """A view as Slack tells it."""
    team = world.teams[view.team]
    told = {
        "id": view.id,
        "team_id": view.team,
        "state": {"values": values_of(view, team)},
        "hash": view.hash,
        "previous_view_id": view.previous,
        "root_view_id": view.root,
        "app_id": "A1",
        "app_installed_team_id": view.team,
        "bot_id": team.bot_id,
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "title": None,
        "close": None,
        "submit": None,
        "clear_on_close": False,
        "notify_on_close": False,
    }
    return told | view.content


def values_of(view: View, team: Team) -> dict[str, dict[str, Any]]:
    """What stands in the fields: typed by the person, or there from the beginning."""
    values: dict[str, dict[str, Any]] = {}
    for block, element in elements_of(view.content["blocks"]):
        if element["type"] in {"button", "overflow"}:
            continue
        typed = view.typed.get(block["block_id"], {}).get(element["action_id"])
        before = initial(element) | _here(element, team.places.get(view.channel))
        kept = before if typed is None else typed
        values.setdefault(block["block_id"], {})[element["action_id"]] = kept
    return values


def initial(element: dict[str, Any]) -> dict[str, Any]:
    """What a field holds before anybody touched it."""
    kind = element["type"]
    if kind in MANY:
        return {"type": kind, "selected_options": list(element.get("initial_options") or ())}
    if kind in ONE:
        return {"type": kind, "selected_option": element.get("initial_option")}
    if name := PICKED.get(kind):
        return {"type": kind, name: element.get(name.replace("selected", "initial"))}
    if kind.startswith("multi_"):
        name = kind.removeprefix("multi_").removesuffix("_select")
        return {"type": kind, f"selected_{name}": list(element.get(f"initial_{name}") or ())}
    return {"type": kind, "value": element.get("initial_value")}


def _here(element: Mapping[str, Any], place: Place | None) -> dict[str, Any]:
    """The conversation that somebody was in, where a menu wants that and offers it."""
    if not place or not element.get("default_to_current_conversation"):
        return {}
    if "initial_conversation" in element:
        return {}
    kind = {"channel": "public", "group": "private"}.get(place.kind, place.kind)
    if kind not in element.get("filter", {}).get("include", [kind]):
        return {}
    return {"selected_conversation": place.id}


def entry(element: dict[str, Any], given: Any) -> dict[str, Any]:
    """What a field holds after somebody chose or typed `given`. Raises LookupError."""
    kind = element["type"]
    if kind in ONE:
        return {"type": kind, "selected_option": None if given is None else option(element, given)}
    if kind in MANY:
        return {"type": kind, "selected_options": [option(element, one) for one in given]}
    if name := PICKED.get(kind):
        return {"type": kind, name: given}
    if kind.startswith("multi_"):
        name = kind.removeprefix("multi_").removesuffix("_select")
        return {"type": kind, f"selected_{name}": list(given)}
    return {"type": kind, "value": given or None}


def option(element: dict[str, Any], given: Any) -> dict[str, Any]:
    """One of an element's options, by its value or whole. Raises LookupError."""
    options = [*(element.get("options") or ())]
    options += [one for group in element.get("option_groups") or () for one in group["options"]]
    for one in options:
        if given in (one, one["value"]):
            return dict(one)
    if element["type"] == "external_select" and isinstance(given, dict):
        return given
    raise LookupError(f"{element.get('action_id')} offers no {given!r}")


def exchanged(call: Call) -> Trigger:
    """The trigger, used up. Raises Refused."""
    trigger = call.world.triggers.get(call.text("trigger_id"))
    if trigger is None or trigger.team != call.team.id:
        raise Refused("invalid_trigger_id")
    if trigger.used:
        raise Refused("exchanged_trigger_id")
    if call.world.clock.now() - trigger.born > TRIGGER_SECONDS:
        raise Refused("expired_trigger_id")
    trigger.used = True
    return trigger


def _content(call: Call, kind: str) -> dict[str, Any]:
    """The view that came. Raises Refused."""
    content = call.args.get("view")
    if not isinstance(content, dict):
        raise Refused("invalid_arguments", "missing required field: view")
    check_view(content)
    if content["type"] != kind:
        raise Refused("invalid_arguments", f"must be a {kind}")
    return content


def _check_external(call: Call, content: dict[str, Any], own: str = "") -> None:
    wanted = content.get("external_id")
    for view in call.world.live.values():
        if wanted and view.id != own and (view.external_id, view.team) == (wanted, call.team.id):
            raise Refused("duplicate_external_id")


def add(world: World, trigger: Trigger, content: dict[str, Any], how: str) -> View:
    """A modal for the person of the trigger; a pushed one lies on that in which it was got."""
    id = world.clock.id("V")
    below = world.live[trigger.view] if how == "push" else None
    view = View(
        id=id,
        team=trigger.team,
        user=trigger.user,
        content=world.filled(content),
        hash=world.clock.id("h"),
        how=how,
        root=below.root if below else id,
        previous=below.id if below else None,
        channel=below.channel if below else trigger.channel,
    )
    if how == "open":
        for other in world.stack(trigger.team, trigger.user):
            world.close(other)
    return world.show(view)


@method("views.open")
def open_view(call: Call) -> dict[str, Any]:
    trigger = exchanged(call)
    content = _content(call, "modal")
    _check_external(call, content)
    return {"view": payload_of(add(call.world, trigger, content, "open"), call.world)}


@method("views.push")
def push_view(call: Call) -> dict[str, Any]:
    trigger = exchanged(call)
    content = _content(call, "modal")
    _check_external(call, content)
    if trigger.view not in call.world.live:
        raise Refused("not_found")
    if len(call.world.stack(trigger.team, trigger.user)) >= MODALS:
        raise Refused("push_limit_reached")
    return {"view": payload_of(add(call.world, trigger, content, "push"), call.world)}


@method("views.update")
def update_view(call: Call) -> dict[str, Any]:
    content = _content(call, "modal")
    view = _live(call)
    if call.text("hash") and call.text("hash") != view.hash:
        raise Refused("hash_conflict")
    _check_external(call, content, view.id)
    return {"view": payload_of(call.world.change(view, content), call.world)}


def _live(call: Call) -> View:
    wanted = call.text("view_id"), call.text("external_id")
    for view in call.world.live.values():
        if view.team == call.team.id and (
            view.id == wanted[0] or (wanted[1] and view.external_id == wanted[1])
        ):
            return view
    raise Refused("not_found")


@method("views.publish")
def publish_view(call: Call) -> dict[str, Any]:
    content = _content(call, "home")
    user = call.team.user(call.args.get("user_id")).id
    before = home_of(call.world, call.team.id, user)
    if before and call.text("hash") and call.text("hash") != before.hash:
        raise Refused("hash_conflict")
    if before:
        return {"view": payload_of(call.world.change(before, content, "publish"), call.world)}
    world = call.world
    id, content = world.clock.id("V"), world.filled(content)
    view = View(id, call.team.id, user, content, world.clock.id("h"), "publish", id)
    return {"view": payload_of(world.show(view), world)}


def home_of(world: World, team: str, user: str) -> View | None:
    """What somebody's Home tab shows."""
    for view in world.live.values():
        if (view.team, view.user, view.content["type"]) == (team, user, "home"):
            return view
    return None
