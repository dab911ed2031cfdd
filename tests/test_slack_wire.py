"""Answers that are none: what stands between us and Slack says all kinds of things."""

import pytest
from aiohttp import web
from slack_sdk.errors import SlackApiError

from adapters.slack.failures import (
    TRANSPORT,
    undelivered,
)
from bot.domain.errors import OutcomeUnknown, TryLater
from tests.support.slack_posts import Known, answering, calling

BODIES = [
    (200, "application/json", b""),
    (200, "application/json", b"null"),
    (200, "application/json", b"[]"),
    (200, "application/json", b"[1]"),
    (200, "application/json", b'"ok"'),
    (200, "application/json", b"17"),
    (200, "application/json", b"{"),
    (200, "application/json", b'{"ok": tru'),
    (200, "application/json", b"\xff\xfe\x00"),
    (200, "application/json", b"[" * 100_000),
    (200, "text/plain", b"ok"),
    (200, "text/html", b"<html>Please sign in to the network</html>"),
    (200, "application/gzip", b"\x1f\x8b"),
    (502, "text/html", b"<html>Bad Gateway</html>"),
    (502, "application/json", b"<html>"),
    (503, "text/plain", b"busy"),
    (500, "application/json", b'{"ok": false, "error": "channel_not_found"}'),
]


@pytest.mark.parametrize(("status", "kind", "body"), BODIES)
async def test_an_answer_that_makes_no_sense_is_a_lost_one(
    status: int, kind: str, body: bytes
) -> None:
    """Broken JSON, a proxy's page, nothing at all: the post may be there."""

    def answer() -> web.Response:
        return web.Response(status=status, body=body, headers={"Content-Type": kind})

    known = Known()
    async with answering(answer) as url, calling(url, lambda _: known) as api:
        for call in (api.ask, api.read):
            with pytest.raises((SlackApiError, *TRANSPORT)) as caught:
                await call("T1", "chat.postMessage", channel="C1", text="x")
            assert isinstance(undelivered(caught.value), OutcomeUnknown)


async def test_a_page_that_says_too_many_is_obeyed() -> None:
    """Even one that is no JSON."""

    def answer() -> web.Response:
        return web.Response(
            status=429, text="<html>", content_type="text/html", headers={"Retry-After": "9"}
        )

    async with answering(answer) as url, calling(url, lambda _: Known()) as api:
        with pytest.raises(SlackApiError) as caught:
            await api.ask("T1", "chat.postMessage", channel="C1", text="x")
        failure = undelivered(caught.value)
        assert isinstance(failure, TryLater)
        assert failure.retry_after
        assert failure.retry_after.total_seconds() == 9
