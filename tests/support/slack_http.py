"""Slack's requests to an app over HTTP, signed; and such as nobody should believe."""

import asyncio
import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import urlencode

import aiohttp

from tests.support.slack_transport import Ack, Envelope, Signed, Undeliverable

ROBOT = "Slackbot 1.0 (+https://api.slack.com/robots)"


class HttpMode:
    """Posts to one address."""

    def __init__(self, url: str, secret: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.secret = secret
        self.session = session

    async def deliver(self, envelope: Envelope, within: float) -> Ack:
        """Raises Undeliverable, TimeoutError."""
        async with asyncio.timeout(within):
            return await self.send(signed(*_written(envelope), self.secret, retry=envelope))

    async def send(self, request: Signed) -> Ack:
        """As it is. Raises Undeliverable."""
        began = time.perf_counter()
        try:
            async with self.session.post(
                self.url, data=request.body, headers=request.headers, allow_redirects=False
            ) as answer:
                text = await answer.text()
                return Ack(
                    after=time.perf_counter() - began,
                    body=_read(text),
                    status=answer.status,
                    request=request,
                    headers={name.lower(): value for name, value in answer.headers.items()},
                )
        except aiohttp.ClientError as error:
            raise Undeliverable(f"{type(error).__name__}: {error}") from error


def _written(envelope: Envelope) -> tuple[bytes, str]:
    """The body and its type."""
    form = "application/x-www-form-urlencoded"
    if envelope.kind == "events_api":
        return json.dumps(envelope.payload).encode(), "application/json"
    if envelope.kind == "slash_commands":
        return urlencode(envelope.payload).encode(), form
    return urlencode({"payload": json.dumps(envelope.payload)}).encode(), form


def signed(
    body: bytes, content_type: str, secret: str, *, age: float = 0, retry: Envelope | None = None
) -> Signed:
    """A request with a signature, made `age` seconds ago."""
    stamp = str(int(time.time() - age))
    base = b"v0:" + stamp.encode() + b":" + body
    digest = hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": content_type,
        "User-Agent": ROBOT,
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest}",
    }
    if retry and retry.attempt:
        headers["X-Slack-Retry-Num"] = str(retry.attempt)
        headers["X-Slack-Retry-Reason"] = retry.reason
    return Signed(body, headers)


def _read(text: str) -> Any:
    if not text:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text
