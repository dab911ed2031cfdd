"""A call of Slack's Web API, its arguments however they came, and the table of methods."""

import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from tests.support.slack_errors import Refused
from tests.support.slack_state import Place, Team
from tests.support.slack_world import World

STRUCTURED = {"blocks", "attachments", "metadata", "view", "unfurls", "files", "source"}
"""Arguments that are JSON inside a form."""
MALFORMED = {"blocks": "invalid_blocks_format", "metadata": "invalid_metadata_format"}
NO_JSON = frozenset(
    [
        "chat.getPermalink",
        "conversations.history",
        "conversations.info",
        "conversations.list",
        "conversations.members",
        "conversations.replies",
        "files.getUploadURLExternal",
        "oauth.v2.access",
        "reactions.get",
        "reactions.list",
        "team.info",
        "users.conversations",
        "users.info",
    ]
)
"""Methods whose arguments Slack reads from forms and query strings only."""


@dataclass
class Call:
    """One call, and who makes it."""

    world: World
    method: str
    args: dict[str, Any]
    token: str = ""
    _team: Team | None = None
    basic: tuple[str, str] = ("", "")

    @property
    def team(self) -> Team:
        """Whose token it is. Raises Refused."""
        if self._team is None:
            raise Refused("not_allowed_token_type")
        return self._team

    def text(self, name: str) -> str:
        value = self.args.get(name)
        return "" if value is None else str(value)

    def flag(self, name: str) -> bool:
        return str(self.args.get(name, "")).lower() in {"1", "true"}

    def number(self, name: str, default: int) -> int:
        """Raises Refused."""
        try:
            return int(self.args.get(name) or default)
        except ValueError:
            raise Refused("invalid_arguments", f"{name} must be a number") from None

    def place(self, name: str = "channel") -> Place:
        """The conversation that is meant. Raises Refused."""
        return self.team.place(self.args.get(name))

    def paged(self, found: list[Any], key: str, default: int = 100) -> dict[str, Any]:
        """One page of an answer. Raises Refused."""
        limit, start = self.number("limit", default), 0
        if cursor := self.text("cursor"):
            before, _, where = cursor.partition(":")
            if before != "page" or not where.isdigit():
                raise Refused("invalid_cursor")
            start = int(where)
        rest = start + limit < len(found)
        after = f"page:{start + limit}" if rest else ""
        told = {key: found[start : start + limit], "response_metadata": {"next_cursor": after}}
        return told | ({"has_more": rest} if key == "messages" else {})


Method = Callable[[Call], dict[str, Any]]


@dataclass(frozen=True)
class Known:
    """A method: what answers, the scopes of which it needs one, and its arguments' names."""

    answer: Method
    scopes: tuple[str, ...] = ()
    arguments: frozenset[str] = field(default_factory=frozenset)
    app: bool = False
    """Whether it takes an app-level token."""
    anyone: bool = False
    """Whether it takes none."""


METHODS: dict[str, Known] = {}


def method(
    name: str, *scopes: str, app: bool = False, anyone: bool = False
) -> Callable[[Method], Method]:
    """Enter a function in the table."""

    def entered(answer: Method) -> Method:
        METHODS[name] = Known(answer, scopes, _arguments(name), app, anyone)
        return answer

    return entered


def _arguments(name: str) -> frozenset[str]:
    """What slack_sdk's own client would send."""
    spelled = inspect.signature(getattr(AsyncWebClient, name.replace(".", "_"))).parameters
    return frozenset(spelled) - {"self", "kwargs"} | {"token", "team_id"}


async def arguments_of(request: web.Request) -> dict[str, Any]:
    """From the query string, a form or JSON, whatever came. Raises Refused."""
    found: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        body = await request.text()
        found |= _parsed(body, "invalid_json") if body else {}
    elif request.content_type in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        found |= dict(await request.post())
    elif await request.read():
        raise Refused("invalid_post_type")
    for name in STRUCTURED & found.keys():
        if isinstance(found[name], str):
            found[name] = _parsed(found[name], MALFORMED.get(name, "invalid_arguments"))
    return {name: value for name, value in found.items() if value is not None}


def _parsed(text: str, otherwise: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise Refused(otherwise) from None


def remarks(name: str, args: Mapping[str, Any], content_type: str) -> list[str]:
    """What Slack would have passed over in silence."""
    known = METHODS[name].arguments
    found = [f"{name} has no argument `{one}`" for one in sorted(args) if one not in known]
    if content_type == "application/json" and name in NO_JSON:
        found.append(f"{name} does not read JSON")
    return found
