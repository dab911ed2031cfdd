"""What somebody sees of views in the stand-in for Slack, and waiting until they see it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.support.slack_interaction import Interaction
from tests.support.slack_rules import elements_of
from tests.support.slack_server import SlackServer
from tests.support.slack_world import View


@dataclass(frozen=True)
class Screen:
    """One person's."""

    slack: SlackServer
    user: str = "U1"
    team: str = "T1"

    async def modal(self, text: str = "") -> View:
        """The topmost modal, once it shows `text`."""
        return await self._until(lambda: self.slack.modal(self.team, self.user), text)

    async def home(self, text: str = "") -> View:
        """The Home tab, likewise."""
        return await self._until(lambda: self.slack.home(self.team, self.user), text)

    async def _until(self, find: Any, text: str) -> View:
        view: View
        try:
            view = await self.slack.until(lambda: (v := find()) and text in words(v) and v)
        except TimeoutError:
            raise AssertionError(
                f"{text!r} is not to be seen: {find() and words(find())}"
            ) from None
        return view

    async def press(self, view: View, id: str, value: Any = None, **values: Any) -> Interaction:
        """Use a control whose id begins so; `values` are fields filled in before."""
        found = next(one for one in ids(view) if one.startswith(id))
        return await self.slack.press(
            self.team, self.user, action_id=found, value=value, view=view, values=values
        )


def words(view: View | Mapping[str, Any]) -> str:
    """Everything that can be read in a view, one text a line."""
    content = view.content if isinstance(view, View) else view
    return "\n".join(_texts(content))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        if value.get("type") in ("plain_text", "mrkdwn"):
            yield str(value["text"])
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)


def ids(view: View | Mapping[str, Any]) -> list[str]:
    """The ids of all that can be used in a view."""
    content = view.content if isinstance(view, View) else view
    return [element["action_id"] for _, element in elements_of(content["blocks"])]
