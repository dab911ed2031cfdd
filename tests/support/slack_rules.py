"""What Slack refuses to show: slack_sdk's own models of Block Kit, and the rules they lack."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

from tests.support.slack_errors import Refused

BLOCKS = {"message": 50, "view": 100}
"""docs.slack.dev/reference/block-kit/blocks."""
CHARACTERS = 13_200
"""All blocks of a message together; not documented, reported in slackapi/bolt-js#2509."""
MARKDOWN = 12_000
"""All markdown blocks of a payload together."""
VIEW_BYTES = 250_000
ATTACHMENTS = 100
TEXT = 40_000
"""chat.postMessage: what is longer is cut."""
METADATA = 8_000
"""The figure is not published; this is a guess on the safe side."""
ELSEWHERE = {
    "message": {"file_input"},
    "view": {"file", "markdown", "table", "card", "carousel", "task_card", "plan"},
}
"""Blocks and elements that have no place there."""
PLAIN = {
    "header": ("text",),
    "button": ("text",),
    "input": ("label", "hint"),
    "image": ("title",),
    "modal": ("title", "submit", "close"),
}
"""Texts that must be plain."""
LENGTHS = {"section": {"fields": 2000}, "context": {"elements": 3000}}
"""Text objects that slack_sdk does not measure."""


def check_blocks(blocks: Sequence[Mapping[str, Any]], where: str = "message") -> None:
    """Raises Refused with the code that Slack would answer; `where` is message or view."""
    faults = list(_faults(blocks, where))
    if faults:
        raise Refused("invalid_blocks", *faults)
    if where == "message" and len(json.dumps(list(blocks), ensure_ascii=False)) > CHARACTERS:
        raise Refused("msg_blocks_too_long")


def check_view(view: Mapping[str, Any]) -> None:
    """Raises Refused."""
    faults = list(_view_faults(view))
    if faults:
        raise Refused("invalid_arguments", *faults)
    check_blocks(view.get("blocks", ()), "view")
    if len(json.dumps(view)) > VIEW_BYTES:
        raise Refused("view_too_large")


def check_message(said: Mapping[str, Any]) -> None:
    """Text, blocks, attachments and metadata of a message. Raises Refused."""
    blocks, attachments = said.get("blocks") or (), said.get("attachments") or ()
    if not isinstance(blocks, Sequence) or isinstance(blocks, str):
        raise Refused("invalid_blocks_format")
    if len(attachments) > ATTACHMENTS:
        raise Refused("too_many_attachments")
    if not (said.get("text") or blocks or attachments or said.get("files")):
        raise Refused("no_text")
    check_blocks(blocks)
    for attachment in attachments:
        check_blocks(attachment.get("blocks") or ())
    if said.get("metadata"):
        check_metadata(said["metadata"])


def check_metadata(metadata: Any) -> None:
    """Raises Refused."""
    match metadata:
        case {"event_type": str(kind), "event_payload": dict(payload)} if (
            kind and len(metadata) == 2
        ):
            if len(json.dumps(payload)) > METADATA:
                raise Refused("metadata_too_large")
        case _:
            raise Refused("invalid_metadata_format")


def elements_of(blocks: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Mapping[str, Any], Any]]:
    """Every (block, element that a person can use)."""
    for block in blocks:
        held = [block.get("accessory"), block.get("element"), *(block.get("elements") or ())]
        for one in held:
            if isinstance(one, Mapping) and one.get("type") in INTERACTIVE:
                yield block, one


INTERACTIVE = {
    "button",
    "checkboxes",
    "datepicker",
    "datetimepicker",
    "email_text_input",
    "file_input",
    "number_input",
    "overflow",
    "plain_text_input",
    "radio_buttons",
    "rich_text_input",
    "timepicker",
    "url_text_input",
    *(
        f"{kind}_select"
        for one in ("static", "external", "users", "conversations", "channels")
        for kind in (one, f"multi_{one}")
    ),
}


def _faults(blocks: Sequence[Mapping[str, Any]], where: str) -> Iterator[str]:
    if len(blocks) > BLOCKS[where]:
        yield f"no more than {BLOCKS[where]} items allowed [json-pointer:/blocks]"
    for index, block in enumerate(blocks):
        for fault in _block_faults(block, where):
            yield f"{fault} [json-pointer:/blocks/{index}]"
    yield from _twice("block_id", [block.get("block_id") for block in blocks])
    yield from _twice("action_id", [one.get("action_id") for _, one in elements_of(blocks)])
    written = (len(block.get("text", "")) for block in blocks if block.get("type") == "markdown")
    if sum(written) > MARKDOWN:
        yield f"markdown blocks must be less than {MARKDOWN + 1} characters together"


def _block_faults(block: Mapping[str, Any], where: str) -> Iterator[str]:
    try:
        parsed = Block.parse(dict(block))
        understood = parsed.to_dict() if parsed else None
    except (SlackObjectFormationError, TypeError, KeyError, AttributeError, ValueError) as error:
        yield f"{block.get('type')}: {error}"
        return
    if understood is None:
        yield f"unsupported type: {block.get('type')}"
        return
    yield from (f"invalid additional property: {name}" for name in _lost(block, understood))
    for one in _objects(block):
        yield from _object_faults(one, where)


def _object_faults(one: Mapping[str, Any], where: str) -> Iterator[str]:
    kind = one.get("type", "option" if "value" in one else "")
    if kind in ELSEWHERE[where]:
        yield f"{kind} is not supported in a {where}"
    for name in PLAIN.get(kind, ()):
        if isinstance(one.get(name), Mapping) and one[name].get("type") != "plain_text":
            yield f"{kind}.{name} must be plain_text"
    for name, most in LENGTHS.get(kind, {}).items():
        if any(len(text.get("text", "")) > most for text in one.get(name) or ()):
            yield f"{kind}.{name}: must be less than {most + 1} characters"
    yield from _choice_faults(one, kind)
    yield from FAULTS.get(kind, _no_faults)(one)


def _no_faults(one: Mapping[str, Any]) -> Iterator[str]:
    yield from ()


def _image_faults(image: Mapping[str, Any]) -> Iterator[str]:
    if not str(image.get("image_url", "https:")).startswith(("https:", "http:")):
        yield "image_url must be a web address"
    if not image.get("alt_text"):
        yield "image.alt_text is missing"


def _text_faults(text: Mapping[str, Any]) -> Iterator[str]:
    if not isinstance(text.get("text"), str) or not text["text"]:
        yield "text must be more than 0 characters"
    if "verbatim" in text and text["type"] == "plain_text":
        yield "invalid additional property: verbatim"
    if "emoji" in text and text["type"] == "mrkdwn":
        yield "invalid additional property: emoji"


def _company_faults(block: Mapping[str, Any]) -> Iterator[str]:
    """Whether the parts of a block may stand in it."""
    kind = block["type"]
    if kind != "section" and not block.get("elements"):
        yield f"{kind}.elements: must have at least 1 item"
    fitting = {"image", "mrkdwn", "plain_text"} if kind == "context" else INTERACTIVE
    for part in block.get("elements") or ():
        if part.get("type") not in fitting:
            yield f"{kind} cannot hold {part.get('type')}"
    accessory = block.get("accessory")
    if accessory and accessory.get("type") not in INTERACTIVE | {"image"}:
        yield f"section cannot have {accessory.get('type')} beside it"


FAULTS = {
    "plain_text": _text_faults,
    "mrkdwn": _text_faults,
    "actions": _company_faults,
    "context": _company_faults,
    "section": _company_faults,
    "image": _image_faults,
}


def _choice_faults(one: Mapping[str, Any], kind: str) -> Iterator[str]:
    """Options: at least one, told apart by their values, and what is chosen first is among them."""
    if "options" not in one and "option_groups" not in one:
        return
    options = [*(one.get("options") or ())]
    options += [option for group in one.get("option_groups") or () for option in group["options"]]
    if not options:
        yield f"{kind}.options: must have at least 1 item"
    yield from _twice("value", [option.get("value") for option in options])
    chosen = (
        [one["initial_option"]] if one.get("initial_option") else one.get("initial_options", ())
    )
    if any(option not in options for option in chosen):
        yield f"{kind}: what is chosen first must be one of the options"


def _view_faults(view: Mapping[str, Any]) -> Iterator[str]:
    kind = view.get("type")
    if kind not in {"modal", "home"}:
        yield "view.type must be modal or home"
    if kind == "modal" and not view.get("title"):
        yield "missing required field: title"
    for name in PLAIN["modal"]:
        text = view.get(name)
        if text is None:
            continue
        if kind == "home":
            yield f"invalid additional property: {name}"
        elif text.get("type") != "plain_text" or not 0 < len(text.get("text", "")) <= 24:
            yield f"{name} must be plain_text of 1 to 24 characters"
    if "blocks" not in view:
        yield "missing required field: blocks"
    limits = {"private_metadata": 3000, "callback_id": 255, "external_id": 255}
    yield from (
        f"{name}: must be less than {most + 1} characters"
        for name, most in limits.items()
        if len(view.get(name) or "") > most
    )
    typed = any(block.get("type") == "input" for block in view.get("blocks", ()))
    if kind == "modal" and typed and not view.get("submit"):
        yield "a modal with input blocks needs submit"
    known = {"type", "blocks", "private_metadata", "callback_id", "external_id", *PLAIN["modal"]}
    known |= {"clear_on_close", "notify_on_close", "submit_disabled"}
    yield from (f"invalid additional property: {name}" for name in view if name not in known)


def _twice(name: str, ids: Sequence[str | None]) -> Iterator[str]:
    given = [one for one in ids if one is not None]
    yield from (
        f"{name} `{one}` already exists" for one in sorted(set(given)) if given.count(one) > 1
    )
    if name != "value" and any(not one for one in given):
        yield f"{name} must be more than 0 characters"


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        yield value
        for one in value.values():
            yield from _objects(one)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for one in value:
            yield from _objects(one)


def _lost(given: Any, understood: Any) -> Iterator[str]:
    """Names that slack_sdk's models dropped since they do not know them."""
    if isinstance(given, Mapping) and isinstance(understood, Mapping):
        for name, value in given.items():
            if name in understood:
                yield from _lost(value, understood[name])
            elif value not in (None, "", [], ()):
                yield name
    elif (
        isinstance(given, Sequence) and not isinstance(given, str) and isinstance(understood, list)
    ):
        for one, two in zip(given, understood, strict=False):
            yield from _lost(one, two)
