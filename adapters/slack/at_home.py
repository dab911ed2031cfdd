"""The Home tab at work: drawn when somebody opens it, and anew after whatever they do in it."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from adapters.slack.addresses import channel, person
from adapters.slack.answers import reason
from adapters.slack.bench import Act, Bench, Body, Hear
from adapters.slack.callers import team_of, user_of
from adapters.slack.controls import chosen
from adapters.slack.failures import ERRORS
from adapters.slack.files import upload
from adapters.slack.home import HOME, Choice, Content, home_view, same
from adapters.slack.searching import first_notice, open_paper
from bot.domain.errors import DeliveryError
from bot.domain.ports import Caller
from bot.domain.posts import File, Notice, PaperList, Post

log = logging.getLogger(__name__)

ALL = {"where": "all"}
SENT = "{name} is in our direct conversation, on the Messages tab."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Visitor:
    """Whose tab it is."""

    asks: Caller
    """In the direct conversation, where they may do everything."""
    admin: bool = False
    """Whether they administer the workspace."""
    problem: Notice | None = None
    """Why there is no direct conversation."""


async def opened(bench: Bench, team: str, event: Body) -> None:
    """Draw the tab as it was left, unless it looks so already."""
    if event.get("tab", "home") == "home":
        earlier = event.get("view")
        await _publish(bench, team, str(event.get("user", "")), earlier=earlier)


async def refresh(bench: Bench, team: str, user: str) -> None:
    """Draw the tab anew, from the beginning: something that stands in it has changed."""
    await _publish(bench, team, user)


async def _act(bench: Bench, body: Body, action: Body) -> None:
    """A control of the tab."""
    choice = Choice.of(body.get("view"))
    name = str(action.get("action_id") or "").removeprefix(f"{HOME}:").partition(":")[0]
    value = str((action.get("selected_option") or {}).get("value") or action.get("value") or "")
    note: Notice | None = None
    match name:
        case "words":
            choice = choice.turned(words=" ".join(value.split()))
        case "clear":
            choice = choice.turned(words="")
        case "whose":
            choice = choice.turned(whose=value)
        case "turn":
            choice = choice.turned(page=value)
        case "export":
            choice = choice.turned(page=choice.page)
            note = await _export(bench, body, {"format": value, "whose": choice.whose})
        case "end":
            note = await _said(bench, body, "unsubscribe", {"id": value})
        case "saved":
            match chosen(action):
                case "show", paper:
                    await open_paper(bench, body, paper)
                    return
                case ("save" | "unsave") as act, paper:
                    note = await _said(bench, body, act, {"paper": paper})
        case _:
            return
    await _publish(bench, team_of(body), user_of(body), choice, note=note)


async def _said(
    bench: Bench, body: Body, command: str, options: Mapping[str, str]
) -> Notice | None:
    visitor = await _visitor(bench, team_of(body), user_of(body))
    if visitor.problem and command == "unsubscribe":
        return visitor.problem
    return first_notice((await bench.desk.call(visitor.asks, command, options)).posts)


async def _export(bench: Bench, body: Body, options: Mapping[str, str]) -> Notice | None:
    """Put the file where people find it, and say so."""
    visitor = await _visitor(bench, team_of(body), user_of(body))
    reply = await bench.desk.call(visitor.asks, "export", options)
    file = next((post for post in reply.posts if isinstance(post, File)), None)
    if file is None:
        return first_notice(reply.posts)
    try:
        await upload(bench.api, team_of(body), visitor.asks.channel.id, file)
    except DeliveryError as e:
        log.warning("slack.file_refused team=%s reason=%s", team_of(body), reason(e))
        return Notice(text=f"I could not send you {file.name}.", tone="error", hints=(str(e),))
    return Notice(text=SENT.format(name=file.name), tone="done")


async def _publish(
    bench: Bench,
    team: str,
    user: str,
    choice: Choice | None = None,
    *,
    note: Notice | None = None,
    earlier: Body | None = None,
) -> None:
    """Draw the tab. Without a `choice` it is the `earlier` one's."""
    visitor = await _visitor(bench, team, user)
    choice = choice or Choice.of(earlier)
    saved, digest, orders, status = await asyncio.gather(
        _saved(bench, visitor, choice),
        _own(bench, visitor),
        _wide(bench, visitor, "subscriptions"),
        _wide(bench, visitor, "status"),
    )
    content = Content(
        saved=saved,
        digest=digest,
        orders=orders,
        status=status,
        formats=_formats(bench),
        command=bench.settings.command,
        note=note,
    )
    view = home_view(choice, content)
    if same(view, earlier):
        return
    try:
        await bench.api.ask(team, "views.publish", user_id=user, view=view)
    except ERRORS as e:
        log.warning("slack.home_unpublished team=%s reason=%s", team, reason(e))


async def _visitor(bench: Bench, team: str, user: str) -> _Visitor:
    profile = await bench.people.profile(team, user)
    who = person(team, user, profile.name)
    try:
        place = await bench.people.direct(team, user)
    except DeliveryError as e:
        problem = Notice(text=str(e), tone="error")
        asks = Caller(person=who, channel=channel(team, user))
        return _Visitor(asks=asks, admin=profile.admin, problem=problem)
    asks = Caller(person=who, channel=place, admin=True)
    return _Visitor(asks=asks, admin=profile.admin)


async def _saved(bench: Bench, visitor: _Visitor, choice: Choice) -> Sequence[Post]:
    """The chosen page of saved papers; the first one when that is gone."""
    reply = await bench.desk.call(visitor.asks, "saved", choice.options)
    if choice.page != "1" and not any(isinstance(post, PaperList) for post in reply.posts):
        options = {**choice.options, "page": "1"}
        reply = await bench.desk.call(visitor.asks, "saved", options)
    return reply.posts


async def _own(bench: Bench, visitor: _Visitor) -> Sequence[Post]:
    """What comes to the direct conversation."""
    if visitor.problem:
        return (visitor.problem,)
    return (await bench.desk.call(visitor.asks, "subscriptions", {})).posts


async def _wide(bench: Bench, visitor: _Visitor, command: str) -> Sequence[Post]:
    """What those who administer the workspace may know of all of it."""
    if not visitor.admin:
        return ()
    asks = replace(visitor.asks, admin=True)
    return (await bench.desk.call(asks, command, ALL)).posts


def _formats(bench: Bench) -> Sequence[str]:
    """The kinds of file that there are."""
    for form in bench.desk.commands:
        for parameter in form.parameters if form.name == "export" else ():
            if parameter.name == "format":
                return parameter.choices
    return ()


ACTIONS: Mapping[str, Act] = {HOME: _act}
EVENTS: Mapping[str, Hear] = {"app_home_opened": opened}
