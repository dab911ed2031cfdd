"""What a Slack knows: workspaces, people, places, messages. Plain records."""

import json
import re
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from tests.support.slack_clock import Clock
from tests.support.slack_errors import Refused

BOT_SCOPES = frozenset(
    [
        "app_mentions:read",
        "channels:history",
        "channels:join",
        "channels:read",
        "chat:write",
        "chat:write.public",
        "commands",
        "files:write",
        "groups:history",
        "groups:read",
        "im:history",
        "im:read",
        "im:write",
        "links:read",
        "links:write",
        "mpim:history",
        "mpim:read",
        "reactions:read",
        "reactions:write",
        "team:read",
        "users:read",
    ]
)
"""Everything an app like ours could be given."""
PING = re.compile(r"<(?:!(?:channel|here|everyone|subteam\^)|@[UW])[^>]*>")


@dataclass
class User:
    """Somebody in a workspace."""

    id: str
    team: str
    name: str
    tz: str = "Europe/Berlin"
    tz_offset: int = 3600
    locale: str = "en-US"
    admin: bool = False
    owner: bool = False
    guest: bool = False
    bot: bool = False
    deleted: bool = False

    @property
    def payload(self) -> dict[str, Any]:
        """As users.info tells."""
        profile = {"real_name": self.name, "display_name": self.name, "team": self.team}
        told = {"id": self.id, "team_id": self.team, "name": self.name.lower().replace(" ", "")}
        return told | {
            "deleted": self.deleted,
            "real_name": self.name,
            "tz": self.tz,
            "tz_label": self.tz,
            "tz_offset": self.tz_offset,
            "profile": profile,
            "is_admin": self.admin or self.owner,
            "is_owner": self.owner,
            "is_primary_owner": False,
            "is_restricted": self.guest,
            "is_ultra_restricted": False,
            "is_bot": self.bot,
            "is_app_user": False,
            "updated": 1,
        }


@dataclass
class Message:
    """A message as it stands now. `to` is who alone sees it."""

    team: str
    channel: str
    ts: str
    text: str = ""
    blocks: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    metadata: dict[str, Any] | None = None
    thread_ts: str | None = None
    user: str = ""
    bot_id: str = ""
    to: str = ""
    edited: bool = False
    deleted: bool = False
    files: list[dict[str, Any]] = field(default_factory=list)
    unfurls: dict[str, Any] = field(default_factory=dict)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    broadcast: bool = False
    replies: int = 0
    said: dict[str, Any] = field(default_factory=dict)
    """The arguments it was said with."""

    @property
    def ephemeral(self) -> bool:
        return bool(self.to)

    @property
    def pings(self) -> list[str]:
        """Whom it calls, wherever that stands."""
        written = json.dumps([self.text, self.blocks, self.attachments], ensure_ascii=False)
        found = PING.findall(written)
        return found + [name for name in ("link_names", "parse") if self.said.get(name)]

    def payload(self, *, metadata: bool = False) -> dict[str, Any]:
        """As Slack tells it."""
        told: dict[str, Any] = {"type": "message", "ts": self.ts, "text": self.text}
        told |= {"team": self.team, "user": self.user}
        named: dict[str, Any] = {
            "bot_id": self.bot_id,
            "thread_ts": self.thread_ts,
            "files": self.files,
        }
        named |= {"blocks": self.blocks, "attachments": self.attachments}
        if self.bot_id:
            named["app_id"] = "A1"
        if metadata and self.metadata:
            named["metadata"] = self.metadata
        if self.replies:
            named |= {"thread_ts": self.ts, "reply_count": self.replies}
        if self.edited:
            named["edited"] = {"user": self.user, "ts": self.ts}
        told |= {name: value for name, value in named.items() if value}
        if self.reactions:
            told["reactions"] = [
                {"name": name, "users": list(users), "count": len(users)}
                for name, users in self.reactions.items()
            ]
        return deepcopy(told)


@dataclass
class Place:
    """A channel, public or private, or a direct conversation."""

    id: str
    team: str
    name: str
    kind: str = "channel"
    member: bool = True
    """Whether the bot is in it."""
    archived: bool = False
    members: set[str] = field(default_factory=set)
    """Nobody named: everybody."""
    user: str = ""
    """With whom, when it is a direct conversation."""
    deleted: bool = False
    messages: list[Message] = field(default_factory=list)

    @property
    def private(self) -> bool:
        return self.kind != "channel"

    @property
    def scope(self) -> str:
        """What scopes about such places begin with."""
        return {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}[self.kind]

    def has(self, user: str) -> bool:
        return user == self.user if self.kind == "im" else not self.members or user in self.members

    @property
    def payload(self) -> dict[str, Any]:
        """As conversations.info tells."""
        told: dict[str, Any] = {"id": self.id, "created": 1, "is_archived": self.archived}
        told |= {f"is_{kind}": self.kind == kind for kind in ("channel", "group", "im", "mpim")}
        told |= {"is_private": self.private, "context_team_id": self.team, "updated": 1}
        if self.kind == "im":
            return told | {"user": self.user, "is_open": True}
        return told | {
            "name": self.name,
            "name_normalized": self.name,
            "is_member": self.member,
            "is_general": False,
            "topic": {"value": "", "creator": "", "last_set": 0},
            "purpose": {"value": "", "creator": "", "last_set": 0},
        }

    def message(self, ts: str) -> Message:
        """Raises Refused."""
        for message in self.messages:
            if message.ts == ts:
                return message
        raise Refused("message_not_found")


@dataclass
class Team:
    """A workspace that has us. `gone` is what its token is refused with."""

    id: str
    token: str
    bot_user: str
    bot_id: str
    name: str
    scopes: set[str]
    users: dict[str, User] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    gone: str = ""

    @property
    def domain(self) -> str:
        return self.name.lower().replace(" ", "-")

    def place(self, id: Any) -> Place:
        """One that the bot can see. Raises Refused."""
        found = self.places.get(str(id or ""))
        if not found or found.deleted or (found.private and not found.member):
            raise Refused("channel_not_found")
        return found

    def user(self, id: Any) -> User:
        """Raises Refused."""
        if found := self.users.get(str(id or "")):
            return found
        raise Refused("user_not_found")

    def direct(self, user: str) -> Place:
        """The conversation with somebody, opened when there was none."""
        for place in self.places.values():
            if place.kind == "im" and place.user == user and place.member:
                return place
        self.places[f"D{user}"] = Place(f"D{user}", self.id, "directmessage", "im", user=user)
        return self.places[f"D{user}"]

    def require(self, *wanted: str) -> None:
        """One of these scopes. Raises Refused."""
        if not self.scopes.intersection(wanted):
            provided = ",".join(sorted(self.scopes))
            raise Refused("missing_scope", needed=wanted[0], provided=provided)


def ids_filled(blocks: Iterable[dict[str, Any]], clock: Clock) -> list[dict[str, Any]]:
    """Blocks as Slack keeps them: those without ids get some."""
    kept = deepcopy(list(blocks))
    for block in kept:
        block.setdefault("block_id", clock.id("b"))
        held = [block.get("accessory"), block.get("element"), *(block.get("elements") or ())]
        for one in held:
            if isinstance(one, dict) and one.get("type") not in {"image", "mrkdwn", "plain_text"}:
                one.setdefault("action_id", clock.id("a"))
    return kept
