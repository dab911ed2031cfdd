"""What stands in Slack's markup, read by other rules than it was written by."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

_LINK = re.compile(r"<(https?://[!-;=?-{}]+)\|([^<>|\n]+)>")
_OURS = re.compile(r"<!date\^\d+\^[^<>|^]+\|[^<>|^]*>|<#[CG][A-Z0-9]+>")
_CODE = re.compile(r"`[^`\n]+`")
_BOLD = re.compile(r"^\*(.+?)\*(?= · |$)", re.MULTILINE)
_ENTITY = re.compile(r"&(?:amp|lt|gt);")
_ACTIVE = re.compile(r"(?:^|[^A-Za-z0-9])[*_~＊＿]|[*_~＊＿](?:$|[^A-Za-z0-9])|[`｀]", re.MULTILINE)
_QUOTE = re.compile(r"^\s*(?:&gt;|＞)", re.MULTILINE)
_EMOJI = re.compile(r":[a-z0-9_+'-]+:", re.IGNORECASE)


def faults(text: str) -> list[str]:
    """What in this mrkdwn text would do something that no text from outside may do.

    Links that are whole, dates, channels, `commands` and a *bold* beginning of a line are ours.
    """
    return list(_faults(text))


def mrkdwn(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every mrkdwn text object inside of blocks."""
    if isinstance(value, Mapping):
        if value.get("type") == "mrkdwn":
            yield value
        for one in value.values():
            yield from mrkdwn(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from mrkdwn(one)


def links(text: str) -> list[str]:
    """Where its links lead."""
    return [url for url, _ in _LINK.findall(text)]


def _faults(text: str) -> Iterator[str]:
    rest = _bare(text, code="x")
    if found := re.search(r"[<>]|&(?!amp;|lt;|gt;)", rest):
        yield f"{found[0]!r} is no entity in {text!r}"
    plain = _ENTITY.sub("x", rest)
    if found := _ACTIVE.search(plain):
        yield f"{found[0]!r} formats in {text!r}"
    if found := _EMOJI.search(_ENTITY.sub("x", _bare(text, code=" "))):
        yield f"{found[0]!r} is an emoji in {text!r}"
    if found := _QUOTE.search(rest):
        yield f"{found[0]!r} quotes in {text!r}"
    if "://" in plain or re.search(r"@(?:everyone|here|channel)", plain):
        yield f"an address or everybody in {text!r}"


def _bare(text: str, *, code: str) -> str:
    """Without what is ours; `code` stands for a command in backticks, which no emoji's name goes across."""
    rest = _LINK.sub(lambda match: match[2], _CODE.sub(code, _OURS.sub("x", text)))
    return _BOLD.sub(lambda match: match[1], rest)
