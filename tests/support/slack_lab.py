"""A small Slack to try things in, and things to show there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.support.slack_server import SlackServer, slack_server

LABEL: dict[str, Any] = {"type": "plain_text", "text": "Go"}
BUTTON: dict[str, Any] = {"type": "button", "action_id": "go", "text": LABEL, "value": "7"}
MENU: dict[str, Any] = {
    "type": "overflow",
    "action_id": "more",
    "options": [{"text": LABEL, "value": "save:1"}, {"text": LABEL, "value": "show:1"}],
}
SECTION: dict[str, Any] = {
    "type": "section",
    "text": {"type": "mrkdwn", "text": "*hi*"},
    "accessory": MENU,
}
CONTROLS: list[dict[str, Any]] = [SECTION, {"type": "actions", "elements": [BUTTON]}]
FIELD: dict[str, Any] = {"type": "plain_text_input", "action_id": "words", "initial_value": "clip"}
HOUR = {"type": "timepicker", "action_id": "hour", "initial_time": "09:00"}
INPUTS: list[dict[str, Any]] = [
    {"type": "input", "block_id": "words", "label": LABEL, "element": FIELD},
    {"type": "input", "block_id": "when", "label": LABEL, "element": HOUR, "optional": True},
]


def modal(blocks: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
    base = {"type": "modal", "callback_id": "m", "title": LABEL, "submit": LABEL}
    return base | {"blocks": INPUTS if blocks is None else blocks} | more


@asynccontextmanager
async def lab() -> AsyncIterator[tuple[SlackServer, AsyncWebClient]]:
    """One workspace, one channel, Ann; and a client that repeats nothing by itself."""
    async with slack_server() as slack:
        slack.add_team("T1")
        slack.add_user("T1", "U1", "Ann", tz="Asia/Tokyo")
        slack.add_channel("T1", "C1", "papers")
        yield slack, client_of(slack)


def client_of(slack: SlackServer, team: str = "T1") -> AsyncWebClient:
    return AsyncWebClient(f"xoxb-{team}", base_url=slack.api_url, retry_handlers=[], timeout=2)


async def refused(call: Any) -> Any:
    """The answer of a call that is refused."""
    with pytest.raises(SlackApiError) as caught:
        await call
    return caught.value.response
