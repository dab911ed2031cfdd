"""Workspaces install us by themselves: to Slack, where somebody agrees, and back with a code for a token.

(docs.slack.dev/authentication/installing-with-oauth)
"""

import logging
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode

from aiohttp import encode_basic_auth
from slack_sdk.errors import SlackApiError

from adapters.slack import install_pages as say
from adapters.slack.addresses import person, workspace
from adapters.slack.api import Api
from adapters.slack.browser import moved
from adapters.slack.failures import TRANSPORT, code_of, is_limited, is_uncertain
from adapters.slack.install_pages import INSTALL
from adapters.slack.manifest import REDIRECT
from adapters.slack.scopes import wanted
from adapters.slack.settings import Settings
from adapters.slack.state import VALID, browser_of, cookie, issue, nonce_of
from bot.domain.errors import StorageError
from bot.domain.ports import Desk
from bot.domain.stores import Installation, Installations
from bot.domain.text import visible
from bot.domain.web import Handler, Page, Visit

log = logging.getLogger(__name__)

REMEMBERED = VALID + timedelta(minutes=10)
"""So long a state that was used is remembered: longer than it is valid."""
STALE_CODES = {"invalid_code", "code_already_used", "code_expired"}
NONSENSE = (AttributeError, ValueError, RecursionError)
"""What Slack's library raises for an answer that is no JSON object."""
_ID = re.compile(r"[A-Z0-9]{1,32}")
_MOST_FIELDS = 20


def pages(
    settings: Settings,
    *,
    installations: Installations | None,
    api: Api,
    desk: Callable[[], Desk | None],
    clock: Callable[[], datetime],
    token: Callable[[], str] = lambda: secrets.token_hex(16),
) -> Mapping[tuple[str, str], Handler]:
    """What stands where; nothing when we work for the one workspace of our token."""
    if not settings.oauth or installations is None:
        return {}
    installer = _Installer(
        settings=settings,
        installations=installations,
        api=api,
        desk=desk,
        clock=clock,
        token=token,
    )
    return {("GET", INSTALL): installer.begin, ("GET", REDIRECT): installer.end}


class _Ended(Exception):
    """It goes no further; the page says why."""

    def __init__(self, page: Page) -> None:
        super().__init__(page.status)
        self.page = page


@dataclass(frozen=True, slots=True, kw_only=True)
class _Installer:
    """Both pages, and what they need."""

    settings: Settings
    installations: Installations
    api: Api
    desk: Callable[[], Desk | None]
    clock: Callable[[], datetime]
    token: Callable[[], str]

    async def begin(self, visit: Visit) -> Page:
        """Send somebody to Slack, with a state that brings them back here."""
        settings = self.settings
        nonce, browser = self.token(), self.token()
        query = {
            "client_id": settings.client_id,
            "scope": ",".join(scope.name for scope in wanted(unfurl=settings.unfurl)),
            "state": issue(settings.client_secret, self.clock(), nonce, browser),
            "redirect_uri": self._redirect,
            "team": _id_in(_fields(visit).get("team")),
        }
        told = urlencode({key: value for key, value in query.items() if value})
        address = f"{settings.api_url.rstrip('/').removesuffix('/api')}/oauth/v2/authorize"
        return moved(f"{address}?{told}", cookie=cookie(browser, settings.url))

    async def end(self, visit: Visit) -> Page:
        """Somebody is back: keep the token, or say what went wrong."""
        try:
            answer = await self._trade(await self._code(visit))
            installation = _installation(self.settings, answer, self.clock())
            await self.installations.keep(installation)
        except _Ended as e:
            return e.page
        except StorageError as e:
            log.error("slack.not_installed error=%s", e)  # noqa: TRY400 -- one line for the operator
            return say.unkept(self.settings)
        self.api.grants.forget(installation.workspace.id)
        log.info("slack.installed team=%s", installation.workspace.id)
        resumed = await self._resume(installation)
        return say.installed(self.settings, installation, resumed, _id_in(answer.get("app_id")))

    async def _code(self, visit: Visit) -> str:
        """Slack's code, if this browser was sent for it by us, of late, and is back for the first time."""
        told = _fields(visit)
        if error := told.get("error"):
            raise _Ended(say.declined(self.settings, error))
        browser = browser_of(visit.headers.get("cookie", ""))
        secret = self.settings.client_secret
        nonce = nonce_of(told.get("state", ""), secret, self.clock(), browser)
        code = told.get("code")
        if nonce is None or not code:
            raise _Ended(say.stale(self.settings))
        desk = self.desk()
        if desk is None:
            raise _Ended(say.starting(self.settings))
        if not await desk.first(f"slack:install:{nonce}", REMEMBERED):
            raise _Ended(say.used(self.settings))
        return code

    async def _trade(self, code: str) -> dict[str, Any]:
        """The token, and whose it is."""
        told = {"code": code, "redirect_uri": self._redirect}
        who = encode_basic_auth(self.settings.client_id, self.settings.client_secret)
        try:
            answer = await self.api.client().api_call(
                "oauth.v2.access",
                data={key: value for key, value in told.items() if value},
                headers={"Authorization": who},
            )
        except (SlackApiError, *TRANSPORT, *NONSENSE) as e:
            raise _Ended(self._untraded(e)) from e
        return answer.data if isinstance(answer.data, dict) else {}

    def _untraded(self, error: Exception) -> Page:
        """Slack gave no token."""
        reason = code_of(error)
        if reason in STALE_CODES:
            return say.stale(self.settings)
        if not reason or is_limited(error) or is_uncertain(error):
            log.warning("slack.not_installed reason=%s", reason or type(error).__name__)
            return say.unreachable(self.settings)
        log.error("slack.not_installed reason=%s", reason)
        return say.refused(self.settings, reason)

    async def _resume(self, installation: Installation) -> int:
        """How many subscriptions run again; the installation stands whatever becomes of them."""
        desk = self.desk()
        try:
            return await desk.returned(installation.workspace) if desk else 0
        except StorageError as e:
            log.warning("slack.not_resumed team=%s error=%s", installation.workspace.id, e)
            return 0

    @property
    def _redirect(self) -> str | None:
        """Told at both ends, it must be the same; without an address Slack takes the manifest's."""
        url = self.settings.url.rstrip("/")
        return f"{url}{REDIRECT}" if url else None


def _installation(settings: Settings, answer: Mapping[str, Any], now: datetime) -> Installation:
    """What Slack granted, read with care."""
    team, token, by = (answer.get(key) for key in ("team", "access_token", "authed_user"))
    if answer.get("is_enterprise_install") or not isinstance(team, dict):
        raise _Ended(say.whole_organisation(settings))
    if answer.get("refresh_token"):
        log.error("slack.not_installed reason=token_rotation_enabled")
        raise _Ended(say.rotating(settings))
    id, bot = _id_in(team.get("id")), _id_in(answer.get("bot_user_id"))
    if not id or not bot or not isinstance(token, str) or not token:
        raise _Ended(say.refused(settings, "incomplete_answer"))
    user = _id_in(by.get("id")) if isinstance(by, dict) else ""
    return Installation(
        workspace=workspace(id),
        token=token,
        bot=bot,
        name=" ".join(visible(str(team.get("name") or "")).split()),
        scopes=frozenset(filter(None, str(answer.get("scope") or "").split(","))),
        installed_by=person(id, user) if user else None,
        at=now,
    )


def _fields(visit: Visit) -> Mapping[str, str]:
    """What stood behind the question mark; what stood there twice does not count."""
    try:
        found = parse_qs(visit.query, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return {}
    return {key: values[0] for key, values in found.items() if len(values) == 1}


def _id_in(value: object) -> str:
    """An id of Slack's, "" for anything else."""
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""
