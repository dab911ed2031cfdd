"""Slack's requests over HTTP, signed: events, commands and everything that is pressed come to one address."""

import logging
from collections.abc import Awaitable, Callable

from slack_bolt.async_app import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from adapters.slack.manifest import REQUESTS
from bot.domain.web import Page, Visit

log = logging.getLogger(__name__)

EVENTS = REQUESTS
CLOSED = Page(status=503, body=b"starting", headers=(("retry-after", "5"),))
"""Slack sends events again; people see that the app did not answer."""
UNREADABLE = Page(status=400, body=b"unreadable")
UNSIGNED = Page(status=401, body=b"not signed by Slack")

Hear = Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]


class Webhooks:
    """The page at which Slack calls; nobody hears before the door runs."""

    def __init__(self, hear: Callable[[], Hear | None]) -> None:
        self._hear = hear
        self._refused = 0

    async def page(self, visit: Visit) -> Page:
        """What Slack is told."""
        hear = self._hear()
        if hear is None:
            return CLOSED
        page = await _heard(hear, visit) if _may_be_signed(visit) else UNSIGNED
        if page.status == UNSIGNED.status:
            self._complain()
        return page

    def _complain(self) -> None:
        """Rarely: anybody may knock."""
        self._refused += 1
        if set(str(self._refused)[1:]) <= {"0"} and str(self._refused)[0] == "1":
            log.warning(
                "slack.signature_refused times=%d: if these were Slack's, SLACK_SIGNING_SECRET or the "
                "clock of this machine is wrong",
                self._refused,
            )


async def _heard(hear: Hear, visit: Visit) -> Page:
    try:
        request = AsyncBoltRequest(
            body=visit.body.decode(), query=visit.query, headers=dict(visit.headers)
        )
    except (
        ValueError,
        AttributeError,
        TypeError,
        RecursionError,
    ):  # it is read before it is verified
        return UNREADABLE
    response = await hear(request)
    headers = tuple((name, value) for name, values in response.headers.items() for value in values)
    return Page(status=response.status, body=response.body.encode(), headers=headers)


def _may_be_signed(visit: Visit) -> bool:
    """Whether the signature has the form of one: Bolt stumbles over others. Slack's own check of our
    certificate carries none."""
    time = visit.headers.get("x-slack-request-timestamp", "0")
    signature = visit.headers.get("x-slack-signature", "")
    return time.isascii() and time.isdigit() and len(time) <= 20 and signature.isascii()  # noqa: PLR2004
