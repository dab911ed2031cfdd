"""Block Kit's blocks, as far as we use them in posts. No text in them is empty: Slack refuses that."""

from collections.abc import Sequence
from typing import Any

from adapters.slack.limits import HEADER, crop

Block = dict[str, Any]


def plain(text: str, limit: int = 0) -> Block:
    """A text without any markup; nothing in it needs escaping."""
    return {"type": "plain_text", "text": crop(text, limit) if limit else text}


def mrkdwn(text: str) -> Block:
    """A text in Slack's markup, in which names and addresses are not looked for."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def header(text: str) -> Block:
    """A large line; emoji names from outside stay words."""
    return {"type": "header", "text": plain(text, HEADER) | {"emoji": False}}


def section(text: str, accessory: Block | None = None, *, whole: bool = False) -> Block:
    """A paragraph and what stands at its right; the `whole` of it is shown, else Slack folds long ones."""
    block: Block = {"type": "section", "text": mrkdwn(text)}
    block |= {"accessory": accessory} if accessory else {}
    return block | ({"expand": True} if whole else {})


def context(text: str) -> Block:
    """Small print."""
    return {"type": "context", "elements": [mrkdwn(text)]}


def actions(elements: Sequence[Block]) -> Block:
    """A row of buttons."""
    return {"type": "actions", "elements": list(elements)}


def divider() -> Block:
    """A thin line."""
    return {"type": "divider"}


def image(url: str, alt: str) -> Block:
    """A picture to stand beside a section."""
    return {"type": "image", "image_url": url, "alt_text": alt}
