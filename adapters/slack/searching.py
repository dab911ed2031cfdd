"""The search modal at work: `/paper` alone and the global shortcut open it, and everything happens in it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from adapters.slack.addresses import message
from adapters.slack.bench import Act, Bench, Body, Submission
from adapters.slack.callers import caller, channel_of, user_of
from adapters.slack.controls import chosen
from adapters.slack.modals import follow, show, turn
from adapters.slack.search_view import (
    FIND,
    WORDS,
    Looking,
    again,
    paper_view,
    search_for,
    search_view,
    waiting,
)
from adapters.slack.views import View, typed
from bot.domain.errors import DeliveryError
from bot.domain.people import Message
from bot.domain.ports import Caller
from bot.domain.posts import Notice, Post

SEARCHING = "Looking …"
KEEPING = {"save", "unsave"}
NOTHING = "Write a word or two, or press one of the buttons."


async def open_search(bench: Bench, body: Body) -> None:
    """The modal, before anything is looked for; it remembers the channel where it was opened."""
    view = search_view(Looking(channel=channel_of(body)))
    await show(bench, body, _ready(view), view)


async def open_paper(bench: Bench, body: Body, paper: str) -> None:
    """All about one paper, over whatever the person looks at."""
    before = Looking.of(body.get("view") or {})
    looking = Looking(channel=before.channel or channel_of(body), paper=paper)
    await show(bench, body, _about(bench, body, looking), waiting(looking))


async def _ready(view: View) -> View:
    return view


async def _act(bench: Bench, body: Body, action: Body) -> None:
    """A control of the modal, or of one paper's."""
    looking = Looking.of(body["view"])
    match chosen(action) or _asked(action):
        case "show", paper:
            await open_paper(bench, body, paper)
        case ("save" | "unsave") as act, paper if looking.paper:
            making = _about(bench, body, looking, note=(act, paper))
            await turn(bench, body, making, waiting(looking))
        case ("save" | "unsave") as act, paper:
            making = _found(bench, body, looking, note=(act, paper))
            await turn(bench, body, making, search_view(looking, doing=SEARCHING))
        case "page" | "ask", str(text) if text:
            looking = replace(looking, asked=text)
            making = _found(bench, body, looking)
            await turn(bench, body, making, search_view(looking, doing=SEARCHING))
        case _:
            return


def _asked(action: Body) -> tuple[str, str] | None:
    """The command of a quick choice, or for what was typed."""
    id = str(action.get("action_id") or "")
    value = str(action.get("value") or "")
    if id == WORDS:
        return ("ask", search_for(value)) if value.strip() else None
    return ("ask", value) if id.startswith(f"{FIND}:ask:") else None


def _answer(_bench: Bench, body: Body) -> Mapping[str, Any]:
    words = typed(body["view"], WORDS) or ""
    if not words.strip():
        return {"response_action": "errors", "errors": {WORDS: NOTHING}}
    looking = replace(Looking.of(body["view"]), asked=search_for(words))
    return {"response_action": "update", "view": search_view(looking, doing=SEARCHING)}


async def _search(bench: Bench, body: Body) -> None:
    words = typed(body["view"], WORDS) or ""
    looking = replace(Looking.of(body["view"]), asked=search_for(words))
    await follow(bench, body, _found(bench, body, looking), search_view(looking))


async def _found(
    bench: Bench, body: Body, looking: Looking, *, note: tuple[str, str] | None = None
) -> View:
    """The modal with the answer to a command, after a paper was saved or let go."""
    asks = await _caller(bench, body, looking)
    told = await _kept(bench, asks, note)
    reply = await bench.desk.say(asks, looking.asked)
    for post in reply.posts:
        await bench.desk.shown(_place(body, asks), post, to=asks.person)
    looking = replace(looking, channel=asks.channel.id, asked=again(looking.asked, reply.posts))
    return search_view(looking, reply.posts, note=told)


async def _about(
    bench: Bench, body: Body, looking: Looking, *, note: tuple[str, str] | None = None
) -> View:
    """The modal of one paper, likewise."""
    asks = await _caller(bench, body, looking)
    told = await _kept(bench, asks, note)
    reply = await bench.desk.call(asks, "show", {"paper": looking.paper})
    return paper_view(replace(looking, channel=asks.channel.id), reply.posts, note=told)


async def _kept(bench: Bench, asks: Caller, note: tuple[str, str] | None) -> Notice | None:
    """What became of saving a paper or letting it go."""
    if note is None:
        return None
    act, paper = note
    reply = await bench.desk.call(asks, act, {"paper": paper})
    return first_notice(reply.posts)


def first_notice(posts: tuple[Post, ...]) -> Notice | None:
    """The sentence in an answer."""
    return next((post for post in posts if isinstance(post, Notice)), None)


async def _caller(bench: Bench, body: Body, looking: Looking) -> Caller:
    """Who uses the modal, in the channel where it was opened; without one, and without a direct
    conversation, it is nowhere in particular: nothing here is posted."""
    try:
        return await caller(bench, {**body, "channel": {"id": looking.channel}})
    except DeliveryError:
        return await caller(bench, {**body, "channel": {"id": user_of(body)}})


def _place(body: Body, asks: Caller) -> Message:
    """A modal's list stands in no message; its made-up address is one person's."""
    return message(asks.channel.workspace.id, asks.channel.id, f"view-{body['view'].get('id')}")


async def _shortcut(bench: Bench, body: Body, _action: Body) -> None:
    await open_search(bench, body)


ACTIONS: Mapping[str, Act] = {FIND: _act}
SHORTCUTS: Mapping[str, Act] = {"search_papers": _shortcut}
VIEWS: Mapping[str, Submission] = {FIND: Submission(answer=_answer, work=_search)}
