"""The modal for a subscription at work."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from adapters.slack import at_home
from adapters.slack.answers import at_once, error, reason, respond
from adapters.slack.asking import hindrance
from adapters.slack.bench import Act, Bench, Body, Submission
from adapters.slack.callers import caller, channel_of, is_direct, team_of, user_of
from adapters.slack.failures import ERRORS
from adapters.slack.modals import follow, show, update
from adapters.slack.setup import (
    ME,
    SETUP,
    START,
    Order,
    errors,
    form,
    outcome,
    preview,
    previewing,
    refused,
    working,
)
from adapters.slack.views import View
from bot.domain.ports import Caller
from bot.domain.posts import Reply

log = logging.getLogger(__name__)

OPENING = "One moment …"
CHECKING = "Subscribing …"
MEMBERS = error(
    "Setting up a channel takes a full member of this workspace.",
    "Ask somebody who is one; your own digest you can set up on my Home tab.",
)
ADMINS = error(
    "Setting up a channel takes somebody who administers this workspace.",
    "Ask one of them; your own digest you can set up on my Home tab.",
)


async def _act(bench: Bench, body: Body, action: Body) -> None:
    """A button that leads to the form, or a control of it."""
    id = str(action.get("action_id") or "")
    view = body.get("view") or {}
    if id in (START, ME):
        order = Order(channel=channel_of(body), home="yes" if view.get("type") == "home" else "")
        making = _opened(bench, body, order, direct=id == ME)
        await show(bench, body, making, working(order, OPENING))
    elif id == f"{SETUP}:preview":
        await show(bench, body, _previewed(bench, body, Order.of(view)), previewing())
    elif id in (f"{SETUP}:edition", f"{SETUP}:tz", f"{SETUP}:back"):
        order = Order.of(view)
        await update(bench, body, form(order), hash=view.get("hash"))


async def _opened(bench: Bench, body: Body, order: Order, *, direct: bool) -> View:
    """The form, in the person's own time zone, or why they cannot have it."""
    team, user = team_of(body), user_of(body)
    if direct:
        order = replace(order, channel=(await bench.people.direct(team, user)).id)
    asks = await _caller(bench, body, order)
    if not asks.admin:
        return refused(_not_allowed(bench).posts)
    profile = await bench.people.profile(team, user)
    fixed = "yes" if order.channel else ""
    return form(replace(order, tz=profile.tz or order.tz, fixed=fixed))


async def _previewed(bench: Bench, body: Body, order: Order) -> View:
    """What would be posted on the terms as they stand in the form."""
    asks = await _caller(bench, body, order)
    reply = await bench.desk.call(asks, "preview", {"id": order.edition, **order.terms})
    return preview(reply.posts)


async def _caller(bench: Bench, body: Body, order: Order) -> Caller:
    """Who sets up, where the papers are to go. The direct conversation is everybody's own."""
    asks = await caller(bench, {**body, "channel": {"id": order.channel}}, rights=True)
    own = is_direct(asks.channel) and await _is_own(bench, body, asks)
    return replace(asks, admin=True) if own else asks


async def _is_own(bench: Bench, body: Body, asks: Caller) -> bool:
    return asks.channel == await bench.people.direct(team_of(body), user_of(body))


def _not_allowed(bench: Bench) -> Reply:
    return ADMINS if bench.settings.subscribers == "admins" else MEMBERS


# --- submitting


def _answer(bench: Bench, body: Body) -> Mapping[str, Any] | None:
    order = Order.of(body["view"])
    if wrong := errors(order, bench.desk.faults("subscribe", order.options)):
        return {"response_action": "errors", "errors": wrong}
    return {"response_action": "update", "view": working(order, CHECKING)}


async def _work(bench: Bench, body: Body) -> None:
    order = Order.of(body["view"])
    await follow(bench, body, _subscribed(bench, body, order), working(order, CHECKING))
    if order.home:
        await at_home.refresh(bench, team_of(body), user_of(body))


async def _subscribed(bench: Bench, body: Body, order: Order) -> View:
    """Enter the order and tell the channel; else say why not, and leave the way back to the form."""
    asks = await _caller(bench, body, order)
    if not asks.admin:
        return outcome(order, _not_allowed(bench).posts, done=False)
    if refusal := await hindrance(bench, asks):
        return outcome(order, refusal.posts, done=False)
    reply = await bench.desk.call(asks, "subscribe", order.options)
    if reply.private:
        return outcome(order, reply.posts, done=False)
    await _announce(bench, {**body, "channel": {"id": asks.channel.id}}, reply)
    return outcome(order, reply.posts, done=True)


async def _announce(bench: Bench, body: Body, reply: Reply) -> None:
    """Tell the channel. The order stands, heard of or not."""
    try:
        await respond(bench, body, at_once(reply), private=False)
    except ERRORS as e:
        log.warning("slack.subscribed_unheard channel=%s reason=%s", channel_of(body), reason(e))


ACTIONS: Mapping[str, Act] = {SETUP: _act}
VIEWS: Mapping[str, Submission] = {SETUP: Submission(answer=_answer, work=_work)}
