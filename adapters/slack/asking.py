"""What people ask with the slash command and with shortcuts on messages, handed to the desk."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from adapters.slack.addresses import user_of
from adapters.slack.answers import at_once, error, respond
from adapters.slack.bench import Act, Bench, Body
from adapters.slack.callers import caller, is_direct
from adapters.slack.presence import Presence, presence
from adapters.slack.searching import open_search
from bot.domain.errors import DeliveryError
from bot.domain.forms import Form
from bot.domain.papers import PaperId, find_paper_ids
from bot.domain.ports import Caller, Desk
from bot.domain.posts import Notice, Panel, Reply, Row

SUBSCRIBE = "subscribe"
CLUB = "club"
PERSONAL = {"status", "subscriptions", "save", CLUB}
"""The first two show all of the workspace to those who may see it; a paper is saved or nominated under the name
that others know, and who may manage a channel picks the day of its club."""
MOST_SAVED = 25
MOST_SHOWN = 3
DEEPEST = 12
"""Levels of blocks within blocks; Slack has four."""
NOT_OURS = error(
    "I am no part of this conversation, so I cannot post here.",
    "Subscribe in a channel, or in your direct conversation with me.",
)
NO_LINK = "There is no link to a paper in this message."
_LINK = re.compile(r"<(https?://[^<>|\s]+)(?:\|[^<>]*)?>")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


async def command(bench: Bench, body: Body) -> None:
    """Answer a line of text; nothing but the command itself opens the search."""
    text = typed(str(body.get("text") or ""))
    if not text:
        await open_search(bench, body)
        return
    form = asked_for(bench.desk.commands, text, str(body.get("command") or bench.settings.command))
    asks = await asker(bench, body, form)
    refusal = None
    if form and form.name == SUBSCRIBE and asks.admin:
        refusal = await hindrance(bench, asks)
    if refusal:
        await respond(bench, body, at_once(refusal))
        return
    private = form.private if form else True
    await respond(bench, body, bench.desk.say(asks, text), private=private)


def typed(text: str) -> str:
    """What somebody wrote: Slack puts links in brackets and writes `&` and brackets as entities."""
    text = _LINK.sub(r"\1", text)
    for entity, char in _ENTITIES:
        text = text.replace(entity, char)
    return text.strip()


def asked_for(forms: Sequence[Form], text: str, prefix: str) -> Form | None:
    """The command that a line begins with, be it after another `/paper`."""
    words = text.split(maxsplit=2)
    if words and words[0].lower() in {prefix.lower(), "/paper"}:
        words = words[1:]
    return next((form for form in forms if words and form.called(words[0])), None)


async def asker(bench: Bench, body: Body, form: Form | None) -> Caller:
    """Who asks; as Slack describes them where the command wants to know. What arrives in our direct
    conversation is everybody's own business."""
    if form is None or not (form.admin or form.name in PERSONAL):
        return await caller(bench, body)
    asks = await caller(bench, body, rights=True)
    own = is_direct(asks.channel) and (form.admin or form.name == CLUB)
    return replace(asks, admin=True) if own else asks


async def hindrance(bench: Bench, asks: Caller) -> Reply | None:
    """What keeps us from posting where somebody asks, and how it is mended; None when nothing does."""
    place = asks.channel
    if is_direct(place):
        return None if await _is_with_us(bench, asks) else NOT_OURS
    found = await presence(bench, place)
    if found is Presence.CLOSED:
        return error("This channel is archived.", "Unarchive it, or subscribe in another one.")
    if found in (Presence.OUTSIDE, Presence.HIDDEN):
        grant = await bench.api.grants.of(place.workspace.id)
        return error(
            "I am not in this channel, so I cannot post here.",
            f"Write `/invite @{grant.name or 'paperbot'}` here, then try again.",
        )
    return None


async def _is_with_us(bench: Bench, asks: Caller) -> bool:
    """Whether a direct conversation is theirs with us, and not one of two people."""
    try:
        return await bench.people.direct(*user_of(asks.person)) == asks.channel
    except DeliveryError:
        return True  # nothing is known against it


# --- shortcuts on messages


async def save_papers(bench: Bench, body: Body, _action: Body) -> None:
    """Save every paper that a message links to."""
    await _each(bench, body, "save", MOST_SAVED)


async def paper_details(bench: Bench, body: Body, _action: Body) -> None:
    """All about the papers that a message links to."""
    await _each(bench, body, "show", MOST_SHOWN)


SHORTCUTS: Mapping[str, Act] = {"save_papers": save_papers, "paper_details": paper_details}


async def _each(bench: Bench, body: Body, command: str, most: int) -> None:
    papers = list(find_paper_ids(written(body.get("message") or {})))[:most]
    if not papers:
        hint = "Links to arXiv, Hugging Face papers and alphaXiv are understood."
        await respond(bench, body, at_once(error(NO_LINK, hint)))
        return
    asks = await caller(bench, body, rights=command in PERSONAL)
    await respond(bench, body, in_turn(bench.desk, asks, command, papers))


async def in_turn(desk: Desk, asks: Caller, command: str, papers: Sequence[PaperId]) -> Reply:
    """The same command for several papers; short answers are put together in one."""
    replies = [await desk.call(asks, command, {"paper": paper}) for paper in papers]
    posts = [post for reply in replies for post in reply.posts]
    notices = [post for post in posts if isinstance(post, Notice)]
    if len(posts) < 2 or len(notices) < len(posts):  # noqa: PLR2004 -- nothing to put together
        return Reply(posts=tuple(posts))
    rows = tuple(Row(paper, notice.text) for paper, notice in zip(papers, notices, strict=False))
    return Reply(posts=(Panel(title=f"{len(papers)} papers", rows=rows, notes=notices[-1].hints),))


def written(message: Mapping[str, Any]) -> str:
    """All text and links of a message: its text, blocks, attachments."""
    return "\n".join(typed(text) for text in _texts(message, DEEPEST))


def _texts(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif depth and isinstance(value, Mapping):
        for key, one in value.items():
            if key in _WRITTEN:
                yield from _texts(one, depth - 1)
    elif depth and isinstance(value, list):
        for one in value:
            yield from _texts(one, depth - 1)


_WRITTEN = {
    "text",
    "blocks",
    "attachments",
    "elements",
    "accessory",
    "fields",
    "url",
    "title_link",
    "from_url",
    "original_url",
    "title",
    "pretext",
    "fallback",
    "value",
    "message_blocks",
    "message",
}
"""Where words and links stand in messages, their blocks and attachments."""
