"""Everything that goes on in the stand-in for Slack, in one place."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from tests.support.slack_clock import Clock, Pulse
from tests.support.slack_errors import Refused
from tests.support.slack_faults import Faults
from tests.support.slack_state import Message, Place, Team, User, ids_filled

TRIGGER_SECONDS = 3
RESPONSES, RESPONSE_SECONDS = 5, 30 * 60
"""docs.slack.dev/interactivity/handling-user-interaction: 5 times within 30 minutes."""


class Called(NamedTuple):
    """A call as it came."""

    method: str
    team: str
    arguments: dict[str, Any]


@dataclass
class Trigger:
    """The right to show somebody a modal, once and soon."""

    team: str
    user: str
    born: float
    view: str = ""
    """In which view it was got."""
    channel: str = ""
    """Where its person was then."""
    used: bool = False


@dataclass
class Hook:
    """A response_url. `source` is the message whose control was used."""

    id: str
    team: str
    user: str
    channel: str
    born: float
    source: Message | None = None
    answers: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class View:
    """A modal or a Home tab as somebody sees it at a time."""

    id: str
    team: str
    user: str
    content: dict[str, Any]
    hash: str
    how: str
    """open, push, update or publish."""
    root: str = ""
    previous: str | None = None
    channel: str = ""
    """Where its person was when it opened."""
    typed: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What was filled in, by block_id and action_id."""

    def __getattr__(self, name: str) -> Any:
        """The parts of a view by their names; None for one that it lacks."""
        if name.startswith("_"):
            raise AttributeError(name)
        return self.content.get(name)


@dataclass
class UploadedFile:
    """A file on its way in, and where it was shared."""

    id: str
    team: str
    name: str
    length: int
    content: bytes = b""
    title: str = ""
    channel: str = ""
    thread_ts: str = ""
    comment: str = ""


@dataclass
class Grant:
    """What somebody allowed on the page with the green button."""

    team: str
    user: str
    scopes: frozenset[str]
    redirect_uri: str
    enterprise: bool = False
    used: bool = False


class World:
    """State and the few things that every part of the stand-in does."""

    app_token = "xapp-1"
    app_scopes = frozenset({"connections:write"})
    client_id = "1.2"
    client_secret = "client-secret"
    signing_secret = "signing-secret"

    def __init__(self) -> None:
        self.clock = Clock()
        self.pulse = Pulse()
        self.faults = Faults()
        self.base = ""
        self.teams: dict[str, Team] = {}
        self.calls: list[Called] = []
        self.noted: list[str] = []
        self.triggers: dict[str, Trigger] = {}
        self.hooks: dict[str, Hook] = {}
        self.responses: list[dict[str, Any]] = []
        self.ephemerals: list[Message] = []
        self.views: list[View] = []
        self.live: dict[str, View] = {}
        self.files: dict[str, UploadedFile] = {}
        self.grants: dict[str, Grant] = {}
        self.tickets: dict[str, bool] = {}
        self.emit: Callable[[str, dict[str, Any]], None] = lambda team, event: None

    # --- who and where

    def holder(self, token: str) -> Team:
        """Whose token it is. Raises Refused."""
        for team in self.teams.values():
            if team.token == token:
                if team.gone:
                    raise Refused(team.gone)
                return team
        raise Refused("invalid_auth")

    def user(self, team: str, user: str) -> User:
        return self.teams[team].users[user]

    def place(self, team: str, channel: str) -> Place:
        return self.teams[team].places[channel]

    # --- messages

    def post(self, team: Team, place: Place, said: dict[str, Any], **facts: Any) -> Message:
        """A message by the bot, seen by everybody there or by `to` alone."""
        message = Message(
            team=team.id,
            channel=place.id,
            ts=self.clock.ts(),
            user=facts.pop("user", team.bot_user),
            bot_id=facts.pop("bot_id", team.bot_id),
            thread_ts=said.get("thread_ts"),
            said=said,
            **facts,
        )
        self.rewrite(message, said)
        (self.ephemerals if message.to else place.messages).append(message)
        for parent in place.messages:
            parent.replies += parent.ts == message.thread_ts and not message.to
        self.pulse.beat()
        return message

    def rewrite(self, message: Message, said: dict[str, Any]) -> None:
        """What a message says from now on."""
        message.text = str(said.get("text") or "")[:40_000]
        message.blocks = ids_filled(said.get("blocks") or (), self.clock)
        message.attachments = list(said.get("attachments") or ())
        if "metadata" in said:
            message.metadata = said["metadata"] or None
        self.pulse.beat()

    def erase(self, message: Message) -> None:
        message.deleted = True
        kept = self.ephemerals if message.to else self.place(message.team, message.channel).messages
        kept.remove(message)
        self.pulse.beat()

    # --- gestures leave these

    def trigger(self, team: str, user: str, view: str = "", channel: str = "") -> str:
        """A new trigger_id."""
        id = f"{self.clock.id('')}.{len(self.triggers)}.{self.clock.id('f')}"
        self.triggers[id] = Trigger(team, user, self.clock.now(), view, channel)
        return id

    def hook(self, team: str, user: str, channel: str, source: Message | None = None) -> Hook:
        """A new response_url."""
        hook = Hook(self.clock.id("R"), team, user, channel, self.clock.now(), source)
        self.hooks[hook.id] = hook
        return hook

    def url(self, hook: Hook) -> str:
        return f"{self.base}/response/{hook.team}/{hook.id}"

    # --- views

    def show(self, view: View) -> View:
        """A new view, or a new state of one."""
        self.live[view.id] = view
        self.views.append(view)
        self.pulse.beat()
        return view

    def change(self, view: View, content: dict[str, Any], how: str = "update") -> View:
        """Other content in the same place; what was typed stays where its field stays."""
        content = self.filled(content)
        fields = set(_fields(content["blocks"]))
        typed = {
            block: kept
            for block, given in view.typed.items()
            if (kept := {name: value for name, value in given.items() if (block, name) in fields})
        }
        fresh = self.clock.id("h")
        return self.show(replace(view, content=content, hash=fresh, how=how, typed=typed))

    def filled(self, content: dict[str, Any]) -> dict[str, Any]:
        return content | {"blocks": ids_filled(content.get("blocks") or (), self.clock)}

    def close(self, view: View) -> None:
        self.live.pop(view.id, None)
        self.pulse.beat()

    def stack(self, team: str, user: str) -> list[View]:
        """The open modals of somebody, the topmost last."""
        return [
            view
            for view in self.live.values()
            if (view.team, view.user, view.content["type"]) == (team, user, "modal")
        ]


def _fields(blocks: Iterable[dict[str, Any]]) -> Iterable[tuple[str, str]]:
    for block in blocks:
        held = [block.get("accessory"), block.get("element"), *(block.get("elements") or ())]
        for one in held:
            if isinstance(one, dict) and "action_id" in one:
                yield block["block_id"], one["action_id"]
