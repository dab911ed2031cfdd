"""Everything Slack tells us is acknowledged at once, done afterwards, and done once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any
from weakref import WeakValueDictionary

from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.response import BoltResponse

from adapters.slack import asking, tables
from adapters.slack.answers import at_once, error, reason, respond
from adapters.slack.bench import Bench, Body, Submission
from adapters.slack.callers import team_of
from adapters.slack.failures import ERRORS
from bot.domain.errors import PaperbotError, StorageError, WorkspaceRefused
from bot.domain.ports import Desk
from bot.domain.posts import Reply

log = logging.getLogger(__name__)

Work = Callable[[], Awaitable[None]]

APOLOGY = error(
    "Something went wrong here, and it is not your fault. It has been logged; please try again."
)
LATER = error("Slack or the network has trouble just now. Please try again in a minute.")
PAST = error(
    "I do not know this control any more: it comes from another version of me.",
    "Run the command again.",
)
FAREWELLS = {"app_uninstalled", "tokens_revoked"}
"""Events of a workspace that has just sent us away."""
REPEATED = timedelta(hours=26)
"""So long Slack may repeat an event: hourly for 24 hours where that is switched on (Slack, "Events API")."""
PATIENCE = 0.5
"""Seconds for what is being done when we are told to stop."""


class Listening:
    """The listener on both transports: Bolt checks and reads what comes, the tables say what follows."""

    def __init__(self, bench: Bench, views: Mapping[str, Submission] = tables.VIEWS) -> None:
        self._bench = bench
        self._views = views
        self._tasks: set[asyncio.Task[None]] = set()
        self._lanes: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        quiet = logging.getLogger(f"{__name__}.bolt")
        quiet.setLevel(logging.CRITICAL)  # it logs bodies and signatures; we say what matters
        self._app = AsyncApp(
            name="paperbot",
            logger=quiet,
            signing_secret=bench.settings.signing_secret,
            authorize=_authorize,
            ignoring_self_events_enabled=False,
            attaching_function_token_enabled=False,
        )
        self._app.use(_Acknowledge(self.take))

    @property
    def desk(self) -> Desk:
        """Where every question goes."""
        return self._bench.desk

    async def hear(self, request: AsyncBoltRequest) -> BoltResponse:
        """What Slack is told: whether the signature is right, and that we heard."""
        response = await self._app.async_dispatch(request)
        if response.status >= 500:  # noqa: PLR2004 -- HTTP's own
            log.error("slack.not_heard kind=%s", kind_of(request.body))
        return response

    def take(self, body: Body) -> BoltResponse:
        """Acknowledge, and begin the work. Nobody is asked before that, neither database nor Slack."""
        if body.get("type") == "view_submission":
            return self._submitted(body)
        self.begin(body, self._work(body))
        options: dict[str, Any] = {"options": []}
        return BoltResponse(status=200, body=options if _suggests(body) else "")

    def begin(self, body: Body, work: Work | None) -> None:
        """Do it in a task of its own."""
        if work is None:
            return
        task = asyncio.create_task(self._once(body, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """What is being done gets a moment."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=PATIENCE)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- what follows

    def _work(self, body: Body) -> Work | None:
        kind = str(body.get("type") or "")
        if body.get("command"):
            return lambda: asking.command(self._bench, body)
        if kind == "event_callback":
            return self._event(body)
        if kind == "block_actions":
            return lambda: self._acts(body)
        if kind in ("shortcut", "message_action"):
            return lambda: self._shortcut(body)
        if kind == "app_rate_limited":
            log.warning("slack.events_lost team=%s reason=%s", team_of(body), kind)
        return None

    def _event(self, body: Body) -> Work | None:
        event = _event_of(body)
        hear = tables.EVENTS.get(str(event.get("type")))
        return (lambda: hear(self._bench, team_of(body), event)) if hear else None

    async def _acts(self, body: Body) -> None:
        for action in body.get("actions") or ():
            if act := tables.act_of(str(action.get("action_id", ""))):
                await act(self._bench, body, action)
            elif body.get("response_url"):
                await respond(self._bench, body, at_once(PAST))

    async def _shortcut(self, body: Body) -> None:
        if act := tables.SHORTCUTS.get(str(body.get("callback_id"))):
            await act(self._bench, body, {})
        else:
            await respond(self._bench, body, at_once(PAST))

    def _submitted(self, body: Body) -> BoltResponse:
        view = body.get("view")
        id = str(view.get("callback_id")) if isinstance(view, dict) else ""
        submission = self._views.get(id)
        if submission is None:
            self.begin(body, lambda: respond(self._bench, body, at_once(PAST)))
            return BoltResponse(status=200)
        try:
            told = submission.answer(self._bench, body)
        except Exception:
            log.exception("slack.view_error view=%s", id)
            self.begin(body, lambda: self._say(body, APOLOGY))
            return BoltResponse(status=200)
        if not told or told.get("response_action") != "errors":
            self.begin(body, lambda: submission.work(self._bench, body))
        return BoltResponse(status=200, body=dict(told) if told else "")

    # --- doing it

    async def _once(self, body: Body, work: Work) -> None:
        """One after the other what happens to one person or channel: an emoji comes before it is taken away."""
        async with self._lane(body):
            try:
                if await self._first(body):
                    await self._admitted(body, work)
            except Exception:
                log.exception("slack.error kind=%s", kind_of(body))
                await self._say(body, APOLOGY)

    async def _admitted(self, body: Body, work: Work) -> None:
        team, kind = team_of(body), kind_of(body)
        try:
            if kind not in FAREWELLS:
                await self._bench.api.grants.of(team)
            await work()
        except WorkspaceRefused as e:
            log.warning("slack.not_installed team=%s kind=%s reason=%s", team, kind, e)
            await self._say(body, error(str(e)))
        except (*ERRORS, PaperbotError) as e:
            log.warning("slack.not_done team=%s kind=%s reason=%s", team, kind, reason(e))
            await self._say(body, LATER)

    async def _first(self, body: Body) -> bool:
        """Slack repeats what it thinks we missed, and anybody may repeat a signed request for a while."""
        id = body.get("event_id") or body.get("trigger_id")
        if not id:
            return True
        try:
            return await self._bench.desk.first(f"slack:{id}", REPEATED)
        except StorageError as e:  # then the answer will say what is wrong, once more than needed
            log.error("slack.not_told_apart error=%s", e)  # noqa: TRY400 -- one line
            return True

    async def _say(self, body: Body, reply: Reply) -> None:
        """Tell the person; an event has nobody who waits for an answer."""
        if body.get("type") == "event_callback":
            return
        try:
            await respond(self._bench, body, at_once(reply))
        except (*ERRORS, PaperbotError) as e:
            log.warning("slack.answer_lost team=%s reason=%s", team_of(body), reason(e))

    def _lane(self, body: Body) -> asyncio.Lock:
        event = _event_of(body)
        if not event:
            return asyncio.Lock()
        return self._lanes.setdefault(f"{team_of(body)}/{_whose(event)}", asyncio.Lock())


def _whose(event: Mapping[str, Any]) -> str:
    """Whose affair it is: a person's what they do to messages, else the channel's."""
    if str(event.get("type")).startswith("reaction_"):
        return str(event.get("user") or "")
    return str(event.get("channel") or event.get("user") or "")


class _Acknowledge(AsyncMiddleware):
    """Comes after Bolt's own, and answers everything that got so far: nothing stays unacknowledged."""

    def __init__(self, take: Callable[[Body], BoltResponse]) -> None:
        self._take = take

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,  # noqa: ARG002 -- Bolt's signature
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: ARG002
    ) -> BoltResponse:
        return self._take(req.body)


async def _authorize(team_id: str | None, enterprise_id: str | None) -> AuthorizeResult:
    """Bolt wants a token before anything is acknowledged. Ours are looked up afterwards, by the work."""
    return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)


def kind_of(body: Body) -> str:
    """What came, in one word."""
    return str(_event_of(body).get("type") or body.get("command") or body.get("type") or "unknown")


def _event_of(body: Body) -> Mapping[str, Any]:
    event = body.get("event") if body.get("type") == "event_callback" else None
    return event if isinstance(event, dict) else {}


def _suggests(body: Body) -> bool:
    return body.get("type") == "block_suggestion"
