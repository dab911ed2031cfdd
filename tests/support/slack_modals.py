"""What people do in modals and on the Home tab: fill in, submit, close."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tests.support import slack_payloads as payloads
from tests.support.slack_errors import Refused
from tests.support.slack_interaction import Interaction, Sender
from tests.support.slack_rules import check_view, elements_of
from tests.support.slack_views import MODALS, add, entry, payload_of, values_of
from tests.support.slack_world import Trigger, View


class Modals(Sender):
    """A person before a view. Raises LookupError for what they could not see."""

    def current(self, view: View | str) -> View:
        """The view as it stands now. Raises LookupError."""
        id = view if isinstance(view, str) else view.id
        if id not in self.world.live:
            raise LookupError("that view is closed")
        return self.world.live[id]

    def fill(self, view: View, values: Mapping[str, Any]) -> View:
        """Type into fields, by block_id or action_id. Raises LookupError."""
        view = self.current(view)
        typed = {block: dict(given) for block, given in view.typed.items()}
        for name, given in values.items():
            found = [
                (block, element)
                for block, element in elements_of(view.content["blocks"])
                if name in (block["block_id"], element["action_id"])
            ]
            if not found:
                raise LookupError(f"the view has no field {name}")
            block, element = found[0]
            if isinstance(given, Mapping) and set(given) == {element["action_id"]}:
                given = given[element["action_id"]]  # noqa: PLW2901 -- {block: {action: value}} is meant too
            typed.setdefault(block["block_id"], {})[element["action_id"]] = entry(element, given)
        view = replace(view, typed=typed)
        self.world.live[view.id] = view
        return view

    async def submit(
        self, view: View | str, values: Mapping[str, Any] | None = None, *, checked: bool = True
    ) -> Interaction:
        """Somebody fills in a modal and submits it; `.ack` is the answer, and it has been followed.

        Raises AssertionError for what Slack's client does not even send; one that is not `checked` does.
        """
        seen = self.fill(self.current(view), values or {})
        assert seen.content.get("submit") or not _typed(seen), "the modal has no submit button"
        if checked:
            _check_fields(seen, values_of(seen, self.world.teams[seen.team]))
        there, who = self.world.teams[seen.team], self.world.user(seen.team, seen.user)
        urls = self._response_urls(seen)
        told = payloads.view_submission(there, who, payload_of(seen, self.world), urls)
        done = await self._interacts(there, "interactive", told, who, view=seen)
        if done.acked:
            self._follow(seen, done)
        return done

    async def close(self, view: View | str, *, cleared: bool = False) -> Interaction | None:
        """Somebody closes a modal; the app is told if it wished so."""
        seen = self.current(view)
        self.world.close(seen)
        if not seen.content.get("notify_on_close"):
            return None
        there, who = self.world.teams[seen.team], self.world.user(seen.team, seen.user)
        told = payloads.view_closed(there, who, payload_of(seen, self.world), cleared=cleared)
        return await self.interact(there, "interactive", told)

    async def suggest(self, view: View | str, action_id: str, value: str) -> Interaction:
        """Somebody types into a menu whose options the app gives."""
        seen = self.current(view)
        there, who = self.world.teams[seen.team], self.world.user(seen.team, seen.user)
        block, element = control(seen.content["blocks"], action_id)
        asked = {"action_id": action_id, "block_id": block["block_id"], "type": element["type"]}
        told = payloads.suggestion(there, who, payload_of(seen, self.world), asked, value)
        return await self.interact(there, "interactive", told)

    def _response_urls(self, view: View) -> list[dict[str, str]]:
        urls = []
        values = values_of(view, self.world.teams[view.team])
        for block, element in elements_of(view.content["blocks"]):
            if not element.get("response_url_enabled"):
                continue
            where = values[block["block_id"]][element["action_id"]]
            channel = where.get("selected_conversation") or where.get("selected_channel")
            if channel:
                hook = self.world.hook(view.team, view.user, channel)
                ids = {"block_id": block["block_id"], "action_id": element["action_id"]}
                urls.append({**ids, "channel_id": channel, "response_url": self.world.url(hook)})
        return urls

    def _follow(self, view: View, done: Interaction) -> None:
        """What Slack does with the answer to a submission."""
        answer = done.ack if isinstance(done.ack, dict) else {}
        if done.ack and not answer.get("response_action"):
            done.error = "We had some trouble connecting. Try again?"
            return
        try:
            done.views += self._followed(view, answer)
        except Refused as error:
            done.error = f"{error.code}: {'; '.join(error.messages)}"

    def _followed(self, view: View, answer: dict[str, Any]) -> list[View]:
        match answer.get("response_action"):
            case None:
                self.world.close(view)
            case "clear":
                for one in self.world.stack(view.team, view.user):
                    self.world.close(one)
            case "errors":
                fields = {b["block_id"] for b in view.content["blocks"] if b["type"] == "input"}
                if not answer.get("errors") or (unknown := set(answer["errors"]) - fields):
                    raise Refused("invalid_arguments", f"no such input blocks: {unknown}")
            case "update":
                check_view(answer["view"])
                return [self.world.change(view, answer["view"])]
            case "push":
                check_view(answer["view"])
                if len(self.world.stack(view.team, view.user)) >= MODALS:
                    raise Refused("push_limit_reached")
                trigger = Trigger(view.team, view.user, 0.0, view.id)
                return [add(self.world, trigger, answer["view"], "push")]
            case other:
                raise Refused("invalid_arguments", f"response_action {other}")
        return []


def control(blocks: list[dict[str, Any]], action_id: str) -> tuple[Any, Any]:
    """The block and the element that has this id. Raises LookupError."""
    shown = list(elements_of(blocks))
    for block, element in shown:
        if element["action_id"] == action_id:
            return block, element
    there = ", ".join(element["action_id"] for _, element in shown) or "nothing"
    raise LookupError(f"{action_id} is not shown; there is {there}")


def _typed(view: View) -> bool:
    return any(block["type"] == "input" for block in view.content["blocks"])


def _check_fields(view: View, values: Mapping[str, Any]) -> None:
    """Slack's client sends no modal in which a field that is wanted is empty."""
    for block in view.content["blocks"]:
        if block["type"] != "input":
            continue
        held = values[block["block_id"]][block["element"]["action_id"]]
        given = next(value for name, value in held.items() if name != "type")
        assert given or block.get("optional"), f"{block['block_id']} must be filled in"
        most = block["element"].get("max_length", 3000)
        assert not isinstance(given, str) or len(given) <= most, f"{block['block_id']} is too long"
