"""Pieces of modals and of the Home tab, as dictionaries of Block Kit.

Figures: docs.slack.dev/reference/views and /block-kit.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from adapters.slack.layout import Block, divider, plain
from adapters.slack.limits import OPTION, OPTION_VALUE, VIEW_BLOCKS, size
from adapters.slack.render import blocks_of, divide
from bot.domain.posts import Post

View = dict[str, Any]

TITLE = 24
"""Characters of a modal's title and of its two buttons."""
METADATA = 3_000
"""Characters of private_metadata."""
CONFIRM = 300
"""Characters of the question before something is done."""


def modal(
    title: str,
    blocks: Iterable[Block],
    *,
    id: str,
    submit: str = "",
    close: str = "Close",
    state: Mapping[str, Any] | None = None,
) -> View:
    """A modal; `state` travels with it and comes back with whatever is done in it."""
    view = {
        "type": "modal",
        "callback_id": id,
        "title": plain(title, TITLE),
        "close": plain(close, TITLE),
        "blocks": list(blocks)[:VIEW_BLOCKS],
        "private_metadata": packed(state or {}),
    }
    if submit:
        view["submit"] = plain(submit, TITLE)
    return view


def packed(state: Mapping[str, Any]) -> str:
    """What travels with a view; nothing rather than too much."""
    text = json.dumps(state, ensure_ascii=False, separators=(",", ":"))
    return text if size(text) <= METADATA else "{}"


def unpacked(view: Mapping[str, Any]) -> dict[str, Any]:
    """What travelled with a view; {} when nothing did."""
    try:
        state = json.loads(view.get("private_metadata") or "{}")
    except ValueError:
        return {}
    return state if isinstance(state, dict) else {}


def confirmation(question: str, *, yes: str, no: str = "Keep it") -> Block:
    """What is asked before something is done."""
    return {
        "title": plain("Are you sure?"),
        "text": plain(question, CONFIRM),
        "confirm": plain(yes),
        "deny": plain(no),
        "style": "danger",
    }


def option(label: str, value: str) -> Block:
    """One of the things to choose from."""
    return {"text": plain(label, OPTION), "value": value[:OPTION_VALUE]}


def field(
    id: str,
    label: str,
    element: Mapping[str, Any],
    *,
    hint: str = "",
    optional: bool = False,
    at_once: bool = False,
    turn: int = 0,
) -> Block:
    """A field of a form, its block and its element of one id; `at_once` tells us of every change.

    Slack keeps what was typed as long as the block's id stays; another `turn` empties the field.
    """
    block: Block = {
        "type": "input",
        "block_id": f"{id}#{turn}" if turn else id,
        "label": plain(label),
        "element": {**element, "action_id": id},
        "optional": optional,
        "dispatch_action": at_once,
    }
    return {**block, "hint": plain(hint)} if hint else block


def typed(view: Mapping[str, Any], id: str) -> str | None:
    """What stands in a field, whichever turn it is; None when the field is not there."""
    values = (view.get("state") or {}).get("values") or {}
    for block, elements in values.items():
        if str(block).partition("#")[0] == id:
            return next((_value(one) for one in elements.values()), "")
    return None


def _value(element: Mapping[str, Any]) -> str:
    match element:
        case {"selected_options": list(chosen)}:
            return ",".join(str(one["value"]) for one in chosen)
        case {"selected_option": chosen}:
            return str(chosen["value"]) if chosen else ""
        case _:
            names = ("value", "selected_time", "selected_conversation")
            return str(next((element[name] for name in names if element.get(name)), ""))


def spread(posts: Sequence[Post], most: int, prefix: str, *, controls: bool = True) -> list[Block]:
    """Several posts one below the other in at most `most` blocks; ids of controls begin with `prefix`."""
    blocks: list[Block] = []
    for number, part in enumerate(part for post in posts for part in divide(post)):
        left = most - len(blocks) - bool(blocks)
        if left < FEWEST:
            break
        lead = f"{prefix}:{number}" if number else prefix
        more = blocks_of(part, controls=controls, most=left, prefix=lead)
        blocks += [*([divider()] if blocks else []), *more]
    return blocks[:most]


def without_pictures(view: View) -> View:
    """The same, should Slack be unable to fetch one of its pictures."""
    return {**view, "blocks": [_bare(block) for block in view["blocks"]]}


def _bare(block: Block) -> Block:
    if (block.get("accessory") or {}).get("type") != "image":
        return block
    return {name: value for name, value in block.items() if name != "accessory"}


FEWEST = 4
"""Blocks below which a post says too little to be shown."""
