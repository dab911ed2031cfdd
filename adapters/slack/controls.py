"""Buttons and menus in messages and views: how they are made, and what they say when they are used.

Their ids are `<prefix>:<act>:<number>`, the prefix `p` in messages; what is meant stands in the value:

p:more:3          a menu beside paper 3; its options are `save:2511.01234`, `unsave:…`, `show:…` and `similar:…`
p:save:3          a button; its value is the paper's id. `unsave`, `show`, `similar`, `nominate` and `vote`
                  are the like.
p:page:forth      another page of a list; the value is a command without its `/paper`
p:link:3:0        a web address; Slack opens it and tells us, which means nothing to us
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from adapters.slack.layout import Block, plain
from adapters.slack.limits import BUTTON, URL, VALUE, weight
from adapters.slack.text import safe_url
from bot.domain.posts import Entry, PaperList

Act = Literal["save", "unsave", "show", "similar", "nominate", "vote", "page", "link"]

PREFIX = "p"
"""What ids of controls in messages begin with."""

_ID = re.compile(
    r"(?P<prefix>.+?):(?P<act>more|save|unsave|show|similar|nominate|vote|page|link):.+", re.DOTALL
)
_OPTION = re.compile(r"(?P<act>save|unsave|show|similar):(?P<paper>\d{4}\.\d{4,5})", re.ASCII)
_PAPER = re.compile(r"\d{4}\.\d{4,5}", re.ASCII)
_COMMAND = re.compile(r"\A/[a-z0-9_-]{1,31}(?:\s+|\Z)")
_LABELS: Mapping[Act, str] = {
    "save": "Save",
    "show": "Details",
    "similar": "Similar",
    "unsave": "Unsave",
    "nominate": "Nominate",
    "vote": "Vote",
}
_ACTS: Mapping[str, Act] = {act: act for act in _LABELS}


def chosen(action: Mapping[str, Any]) -> tuple[Act, str] | None:
    """What an action of a payload asks for, and of what: a paper's id, a command, an address.

    None for what no control of ours says.
    """
    named = _ID.fullmatch(str(action.get("action_id") or ""))
    if not named:
        return None
    option = action.get("selected_option") or {}
    value = str(option.get("value") or action.get("value") or "")
    match named["act"]:
        case "more":
            said = _OPTION.fullmatch(value)
            return (_ACTS[said["act"]], said["paper"]) if said else None
        case "page":
            return ("page", value) if value else None
        case "link":
            return "link", str(action.get("url") or "")
        case act:
            return (_ACTS[act], value) if _PAPER.fullmatch(value) else None


def more(entry: Entry, prefix: str = PREFIX, *, terse: bool = False) -> Block:
    """The menu beside a paper in a list; where that is terse, all else is left to the paper's details.

    A view has no room for another list: similar papers are asked for in messages.
    """
    acts: list[Act] = ["save", "show"]
    if not terse:
        acts += ["similar"] if prefix == PREFIX else []
        acts += ["unsave"] if entry.saved_by else []
    options = [{"text": plain(_LABELS[act]), "value": f"{act}:{entry.paper.id}"} for act in acts]
    return {"type": "overflow", "action_id": f"{prefix}:more:{entry.number}", "options": options}


def paper_buttons(
    entry: Entry, prefix: str = PREFIX, *, full: bool = False, ballot: bool = False
) -> list[Block]:
    """What stands below a paper that is alone: save it, look closer or let go, and where it leads.

    It can be nominated where a channel is known, which a view is not in; a `ballot` asks for votes.
    """
    buttons = [_about("save", entry, prefix, primary=True)]
    if not full:
        buttons.append(_about("show", entry, prefix))
    elif entry.saved_by:
        buttons.append(_about("unsave", entry, prefix))
    if prefix == PREFIX:
        buttons.append(_about("similar", entry, prefix))
    if ballot:
        buttons.append(_about("vote", entry, prefix))
    elif full and prefix == PREFIX:
        buttons.append(_about("nominate", entry, prefix))
    for place, (label, url) in enumerate(_links(entry)):
        id = f"{prefix}:link:{entry.number}:{place}"
        buttons.append(button(id, label, url=url))
    return buttons


def page_buttons(post: PaperList, prefix: str = PREFIX, limit: int = VALUE) -> list[Block]:
    """Back and forth, as far as there is a page and its command can be carried in `limit` bytes."""
    turns = (("back", "◀ Back", post.back), ("forth", "Next ▶", post.forth))
    return [
        button(f"{prefix}:page:{way}", label, value=value)
        for way, label, text in turns
        if (value := page_value(text, limit))
    ]


def page_value(text: str | None, limit: int = VALUE) -> str:
    """The command of a page as a button carries it; "" when there is none or it is too long."""
    value = _COMMAND.sub("", (text or "").strip())
    return value if weight(value) <= limit else ""


def button(
    id: str, label: str, *, value: str = "", url: str = "", primary: bool = False
) -> dict[str, Any]:
    """Something to press; `url` leads somewhere, `value` comes back to us."""
    element: dict[str, Any] = {"type": "button", "action_id": id, "text": plain(label, BUTTON)}
    element |= {"value": value} if value else {}
    element |= {"url": url} if url else {}
    return element | ({"style": "primary"} if primary else {})


def _about(act: Act, entry: Entry, prefix: str, *, primary: bool = False) -> Block:
    id = f"{prefix}:{act}:{entry.number}"
    return button(id, _LABELS[act], value=entry.paper.id, primary=primary)


def _links(entry: Entry) -> Iterator[tuple[str, str]]:
    paper = entry.paper
    places = (("arXiv", paper.arxiv_url), ("Code", paper.code_url), ("Project", paper.project_url))
    for label, address in places:
        if url := safe_url(address, URL):
            yield label, url
