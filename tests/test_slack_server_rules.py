"""The stand-in for Slack refuses what Slack refuses."""

from typing import Any

import pytest

from tests.support.slack_errors import Refused
from tests.support.slack_lab import BUTTON, LABEL, MENU, SECTION, modal
from tests.support.slack_rules import check_blocks, check_metadata, check_view

# --- rules


@pytest.mark.parametrize(
    "blocks",
    [
        [{"type": "divider"}] * 51,
        [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
        [{"type": "divider", "block_id": "a"}, {"type": "divider", "block_id": "a"}],
        [{"type": "actions", "elements": [BUTTON, BUTTON]}],
        [{"type": "actions", "elements": []}],
        [{"type": "actions", "elements": [{**BUTTON, "value": "x" * 2001}]}],
        [{"type": "context", "elements": [BUTTON]}],
        [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}],
        [{"type": "section", "text": {"type": "mrkdwn", "text": ""}}],
        [{"type": "section", "text": {"type": "mrkdwn", "text": "x", "emoji": True}}],
        [{"type": "section", "text": LABEL, "accessory": {**MENU, "options": MENU["options"] * 3}}],
        [{"type": "section", "text": LABEL, "colour": "red"}],
        [{"type": "section", "fields": [{"type": "mrkdwn", "text": "x" * 2001}]}],
        [{"type": "image", "image_url": "file:///etc/passwd", "alt_text": "x"}],
        [{"type": "image", "image_url": "https://x.org/a.png"}],
        [{"type": "marquee"}],
    ],
)
def test_blocks_that_slack_refuses(blocks: list[dict[str, Any]]) -> None:
    """All with the same code, and words about where."""
    with pytest.raises(Refused) as caught:
        check_blocks(blocks)
    assert caught.value.code == "invalid_blocks"
    assert caught.value.messages


def test_a_message_may_be_too_long_although_every_block_is_legal() -> None:
    """Slack has a cap on all of it together."""
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2900}}
    check_blocks([section] * 4)
    with pytest.raises(Refused, match="msg_blocks_too_long"):
        check_blocks([section] * 5)
    check_blocks([section] * 5, "view")


@pytest.mark.parametrize(
    "view",
    [
        modal(title={"type": "plain_text", "text": "x" * 25}),
        modal(submit=None),
        modal(private_metadata="x" * 3001),
        modal([{"type": "divider"}] * 101),
        modal(id="V1"),
        {"type": "home", "blocks": [SECTION], "title": LABEL},
        {"type": "modal", "blocks": [SECTION]},
    ],
)
def test_views_that_slack_refuses(view: dict[str, Any]) -> None:
    """What slack_sdk would have let pass is among them."""
    with pytest.raises(Refused):
        check_view({name: value for name, value in view.items() if value is not None})


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        ({"event_type": "x"}, "invalid_metadata_format"),
        ({"event_type": "x", "event_payload": {"k": "v" * 9000}}, "metadata_too_large"),
    ],
)
def test_metadata_that_slack_refuses(metadata: dict[str, Any], code: str) -> None:
    """Its form, and its size."""
    with pytest.raises(Refused, match=code):
        check_metadata(metadata)
