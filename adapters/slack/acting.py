"""Buttons and menus below our messages. All they need to know is in them, so they outlive restarts."""

from collections.abc import Mapping

from adapters.slack.answers import respond
from adapters.slack.asking import CLUB, PERSONAL, asked_for, asker
from adapters.slack.bench import Act, Bench, Body
from adapters.slack.callers import caller
from adapters.slack.controls import chosen


async def pressed(bench: Bench, body: Body, action: Body) -> None:
    """Save a paper, no longer save it, show all about it or what is like it, nominate it or vote, or turn a page."""
    found = chosen(action)
    if found is None:
        return
    act, value = found
    if act == "page":
        await _turn(bench, body, value)
    elif act in ("nominate", "vote"):
        await _club(bench, body, act, value)
    elif act in ("save", "unsave", "show", "similar"):
        asks = await caller(bench, body, rights=act in PERSONAL)
        await respond(bench, body, bench.desk.call(asks, act, {"paper": value}))


async def _club(bench: Bench, body: Body, act: str, paper: str) -> None:
    """Nominate a paper, which everybody sees, or vote for it."""
    asks = await caller(bench, body, rights=True)
    asked = bench.desk.call(asks, CLUB, {"action": act, "paper": paper})
    await respond(bench, body, asked, private=act != "nominate")


async def _turn(bench: Bench, body: Body, text: str) -> None:
    """Another page: in the place of this one where that is private, else beside it."""
    container = body.get("container")
    replace = isinstance(container, dict) and bool(container.get("is_ephemeral"))
    form = asked_for(bench.desk.commands, text, bench.settings.command)
    asks = await asker(bench, body, form)
    await respond(bench, body, bench.desk.say(asks, text), replace=replace)


ACTIONS: Mapping[str, Act] = dict.fromkeys(
    (
        "p:more",
        "p:save",
        "p:unsave",
        "p:show",
        "p:similar",
        "p:nominate",
        "p:vote",
        "p:page",
        "p:link",
    ),
    pressed,
)
