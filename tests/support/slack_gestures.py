"""What people do in Slack: type a command, choose a shortcut, press a button."""

import re
from collections.abc import Mapping
from typing import Any

from tests.support import slack_payloads as payloads
from tests.support.slack_interaction import Interaction
from tests.support.slack_modals import Modals, control
from tests.support.slack_state import Message, Team
from tests.support.slack_views import entry, initial, payload_of
from tests.support.slack_world import View

NAMED = (
    (re.compile(r"(?<![<\w])@(\w+)"), "users", "<@{id}|{name}>"),
    (re.compile(r"(?<![<\w])#([\w-]+)"), "places", "<#{id}|{name}>"),
)
LINK = re.compile(r"https?://[^\s|>]+")


class Gestures(Modals):
    """Each is one call that waits for the app's ack as Slack's client does."""

    async def command(
        self, team: str, user: str, channel: str, command: str, text: str = ""
    ) -> Interaction:
        """Somebody types a slash command; the app has asked for ids in place of names."""
        there, who, place = self._scene(team, user, channel)
        told = payloads.command(there, who, place, command, _escaped(there, text))
        return await self._interacts(there, "slash_commands", told, who, place=place)

    async def shortcut(
        self,
        team: str,
        user: str,
        callback_id: str,
        channel: str = "",
        message: Message | str | None = None,
    ) -> Interaction:
        """Somebody chooses a shortcut: on a message, or without one a global one."""
        ts = self.world.clock.ts()
        if not channel:
            there, who = self.world.teams[team], self.world.user(team, user)
            told = payloads.global_shortcut(there, who, callback_id, ts)
            return await self._interacts(there, "interactive", told, who)
        there, who, place = self._scene(team, user, channel)
        assert message is not None, "a message shortcut is used on a message"
        chosen = self._message(place, message)
        assert not chosen.ephemeral, "Slack offers no shortcuts on ephemeral messages"
        told = payloads.message_shortcut(there, who, place, chosen, callback=callback_id, ts=ts)
        return await self._interacts(there, "interactive", told, who, place=place, source=chosen)

    async def press(
        self,
        team: str,
        user: str,
        channel: str = "",
        message: Message | str | None = None,
        *,
        action_id: str,
        value: Any = None,
        selected_option: Any = None,
        view: View | str | None = None,
        values: Mapping[str, Any] | None = None,
    ) -> Interaction:
        """Somebody uses a control in a message or a view.

        `value` is what they choose or type where there is a choice; `values` are fields of the view that
        they had filled in before. Raises LookupError when no such control is shown.
        """
        given = selected_option if selected_option is not None else value
        if view is not None:
            seen = self.current(view)
            assert (seen.team, seen.user) == (team, user), "nobody else can see that view"
            return await self._press_in_view(seen, action_id, given, values or {})
        there, who, place = self._scene(team, user, channel)
        assert message is not None, "a control is used in a message or in a view"
        chosen = self._message(place, message)
        assert chosen.to in ("", user), "an ephemeral message is seen by one person only"
        block, element = control(chosen.blocks, action_id)
        told = payloads.message_action(
            there, who, place, chosen, self._action(block, element, given)
        )
        return await self._interacts(there, "interactive", told, who, place=place, source=chosen)

    async def _press_in_view(
        self, view: View, action_id: str, given: Any, values: Mapping[str, Any]
    ) -> Interaction:
        there, who = self.world.teams[view.team], self.world.user(view.team, view.user)
        view = self.fill(view, values)
        block, element = control(view.content["blocks"], action_id)
        if element["type"] not in {"button", "overflow"}:
            view = self.fill(view, {action_id: given})
        told = payloads.view_action(
            there, who, payload_of(view, self.world), self._action(block, element, given)
        )
        return await self._interacts(there, "interactive", told, who, view=view)

    def _action(self, block: dict[str, Any], element: dict[str, Any], given: Any) -> dict[str, Any]:
        kind = element["type"]
        told = {"action_id": element["action_id"], "block_id": block["block_id"], "type": kind}
        told["action_ts"] = self.world.clock.ts()
        if kind == "button":
            assert given in (None, element.get("value")), "a button has one value"
            named = ("text", "value", "style", "url")
            return told | {name: element[name] for name in named if name in element}
        return told | (initial(element) if given is None else entry(element, given))


def _escaped(team: Team, text: str) -> str:
    """People's and channels' names as ids, as `should_escape` in the manifest asks."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = LINK.sub(lambda found: f"<{found[0]}>", text)
    for pattern, table, form in NAMED:
        known = {one.name: one for one in getattr(team, table).values()}

        def told(found: re.Match[str], known: dict[str, Any] = known, form: str = form) -> str:
            one = known.get(found[1])
            return form.format(id=one.id, name=one.name) if one else found[0]

        text = pattern.sub(told, text)
    return text
