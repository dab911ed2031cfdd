"""Opening modals and changing what they show, within the three seconds that Slack gives."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from slack_sdk.errors import SlackApiError

from adapters.slack.answers import reason
from adapters.slack.bench import Bench, Body
from adapters.slack.callers import team_of
from adapters.slack.failures import ERRORS, code_of
from adapters.slack.layout import section
from adapters.slack.views import View, modal, without_pictures

log = logging.getLogger(__name__)

QUICK = 0.4
"""Seconds after which people are shown that something is under way. A trigger is good for 3."""
SETTLING = 0.2
"""Seconds in which Slack has surely read the answer to a submission."""
OUTRUN = {"hash_conflict", "not_found", "view_not_found"}
"""Somebody pressed something else meanwhile, or closed the modal."""
TOO_LATE = "Slack did not open the window. Please try again."
UNASKED = "Slack could not be asked just now. Please close this and try again."


async def show(bench: Bench, body: Body, making: Awaitable[View], meanwhile: View) -> None:
    """Open a view over what the person looks at: `meanwhile` first when it is not made quickly."""
    async with _begun(making, meanwhile) as (work, quick):
        opened = await _open(bench, body, await work if quick else meanwhile)
        if opened and not quick:
            await update(bench, body, await work, id=opened["id"], hash=opened.get("hash"))


async def turn(bench: Bench, body: Body, making: Awaitable[View], meanwhile: View) -> None:
    """Put a view in the place of the one that was used, unless that has changed meanwhile."""
    view: Mapping[str, Any] | None = body["view"]
    async with _begun(making, meanwhile) as (work, quick):
        if view and not quick:
            view = await update(bench, body, meanwhile, hash=view.get("hash"))
        if view:
            await update(bench, body, await work, hash=view.get("hash"))


@asynccontextmanager
async def _begun(
    making: Awaitable[View], meanwhile: View
) -> AsyncIterator[tuple[asyncio.Future[View], bool]]:
    """The work, and whether it was done quickly."""
    work = asyncio.ensure_future(made(making, meanwhile))
    try:
        done, _ = await asyncio.wait({work}, timeout=QUICK)
        yield work, bool(done)
    finally:
        work.cancel()


async def made(making: Awaitable[View], meanwhile: View) -> View:
    """The view, or in its place one that says that Slack could not be asked."""
    try:
        return await making
    except ERRORS as e:
        log.warning("slack.view_unmade reason=%s", reason(e))
        title, id = meanwhile["title"]["text"], meanwhile["callback_id"]
        return modal(title, [section(UNASKED)], id=id)


async def _open(bench: Bench, body: Body, view: View) -> Mapping[str, Any] | None:
    within = (body.get("view") or {}).get("type") == "modal"
    method = "views.push" if within else "views.open"
    opened = await _sent(bench, body, method, view, trigger_id=body.get("trigger_id"))
    if opened is None and (address := body.get("response_url")):
        told = {"response_type": "ephemeral", "replace_original": False, "text": TOO_LATE}
        try:
            await bench.api.respond(str(address), told)
        except ERRORS as e:
            log.warning("slack.answer_lost reason=%s", reason(e))
    return opened


async def update(
    bench: Bench, body: Body, view: View, *, id: str = "", hash: str | None = None
) -> Mapping[str, Any] | None:
    """Show something else in a modal; None when that could not be. Never raises for what Slack does."""
    where = id or str((body.get("view") or {}).get("id", ""))
    return await _sent(bench, body, "views.update", view, view_id=where, hash=hash or None)


async def _sent(
    bench: Bench, body: Body, method: str, view: View, **how: str | None
) -> Mapping[str, Any] | None:
    """The view as Slack has it now. One whose pictures Slack cannot fetch is shown without them."""
    for candidate in (view, without_pictures(view)):
        try:
            answer = await bench.api.ask(team_of(body), method, view=candidate, **how)
        except SlackApiError as e:
            if code_of(e) not in OUTRUN:
                log.warning("slack.view_refused method=%s reason=%s", method, reason(e))
            if code_of(e) != "invalid_arguments" or candidate == without_pictures(view):
                return None
        except ERRORS as e:
            log.warning("slack.view_lost method=%s reason=%s", method, reason(e))
            return None
        else:
            shown: Mapping[str, Any] = answer.get("view") or {}
            return shown
    return None


async def follow(bench: Bench, body: Body, making: Awaitable[View], meanwhile: View) -> None:
    """After a submission that was answered with `meanwhile`: put the view in its place.

    Slack may see the call before the answer, and would then show the older of the two; so it comes a little
    later.
    """
    (view, _) = await asyncio.gather(made(making, meanwhile), asyncio.sleep(SETTLING))
    await update(bench, body, view)
