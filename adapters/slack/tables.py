"""All that the rooms of this door listen to, in four tables."""

from collections.abc import Mapping
from typing import TypeVar

from adapters.slack import (
    acting,
    asking,
    at_home,
    places,
    reactions,
    searching,
    setting_up,
    unfurl,
    welcome,
)
from adapters.slack.bench import Act, Hear, Submission

T = TypeVar("T")

ROOMS = (acting, asking, at_home, places, reactions, searching, setting_up, unfurl, welcome)


def _all(name: str) -> Mapping[str, T]:
    """What every room says under this name; two must not claim the same."""
    found: dict[str, T] = {}
    for room in ROOMS:
        table: Mapping[str, T] = getattr(room, name, {})
        if twice := found.keys() & table.keys():
            raise ValueError(f"{room.__name__}.{name} repeats {sorted(twice)}")
        found.update(table)
    return found


ACTIONS: Mapping[str, Act] = _all("ACTIONS")
EVENTS: Mapping[str, Hear] = _all("EVENTS")
SHORTCUTS: Mapping[str, Act] = _all("SHORTCUTS")
VIEWS: Mapping[str, Submission] = _all("VIEWS")


def act_of(action_id: str) -> Act | None:
    """What follows when a control with this id is used: `p:save` knows `p:save:3`, the longest wins."""
    parts = action_id.split(":")
    for end in range(len(parts), 0, -1):
        key = ":".join(parts[:end])
        if act := ACTIONS.get(key) or ACTIONS.get(key + ":"):
            return act
    return None
