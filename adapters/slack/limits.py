"""What Slack takes, in one table. Every renderer computes against these figures and no others.

Figures marked D stand in Slack's documentation of Block Kit and chat.postMessage, figures marked S also in the
validators of slack_sdk.models.blocks, and figures marked O are observed only.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

BLOCKS = 45
"""Blocks of a message; Slack takes 50 (D), five are left for whoever puts something around."""
VIEW_BLOCKS = 100
"""Blocks of a modal or a Home tab (D)."""
BYTES = 11_000
"""Bytes of a message's blocks as JSON: `msg_blocks_too_long` comes at about 13,200 although each is legal (O)."""
TEXT = 4_000
"""Characters of a message's text that Slack advises to keep to; it cuts at 40,000 (D)."""
SECTION = 3_000
"""Characters of a section's text (D, S)."""
CONTEXT = 2_000
"""Characters of one text in a context block; kept smaller than the 3,000 of text objects (D)."""
HEADER = 150
"""Characters of a header, which is plain text (D, S)."""
BUTTON = 75
"""Characters on a button (D, S)."""
VALUE = 2_000
"""Characters of a button's value (D, S)."""
OPTION = 75
"""Characters of an option in a menu (D, S)."""
OPTION_VALUE = 150
"""Characters of its value (D, S)."""
OVERFLOW = (2, 5)
"""Options of an overflow menu (D)."""
ACTIONS = 25
"""Elements of an actions block (D, S)."""
ID = 255
"""Characters of an action_id or block_id (D, S); unique in a message (D)."""
URL = 3_000
"""Characters of a button's address and of a picture's (D, S)."""
ALT = 2_000
"""Characters of a picture's description (D, S)."""


def size(text: str) -> int:
    """The length of a text in UTF-16 units, the largest way anybody counts characters."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def weight(blocks: Sequence[Mapping[str, Any]] | str) -> int:
    """Bytes as JSON in its longest spelling, where every character beyond ASCII takes six or twelve."""
    return len(json.dumps(blocks))


def crop(text: str, limit: int) -> str:
    """At most `limit` long, the last character … when something was cut off."""
    if size(text) <= limit:
        return text
    if limit < 1:
        return ""
    kept = text[: limit - 1]
    while size(kept) > limit - 1:
        kept = kept[:-1]
    return kept.rstrip() + "…"
