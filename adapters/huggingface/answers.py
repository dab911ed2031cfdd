"""What an HTTP answer means for us: data, nothing new, or an error of ours."""

import json
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

from adapters.huggingface.payload import error_text
from bot.domain.errors import Unavailable

BIGGEST_BODY = 50 * 2**20
"""Bytes, unpacked; the largest answer on record has 240 KB."""

_LONGEST_WAIT = timedelta(hours=1)
_RATE_LIMIT = re.compile(r"r\s*=\s*(\d{1,9})\s*;\s*t\s*=\s*(\d{1,9})")
_WORTH_ANOTHER_TRY = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})


class TryAgain(Unavailable):
    """It may work in a moment; `retry_after` is the server's own figure where it gave one."""


async def read_body(response: httpx.Response) -> bytes:
    """The whole body, if it is not absurdly large."""
    kept = bytearray()
    async for chunk in response.aiter_bytes():
        kept += chunk
        if len(kept) > BIGGEST_BODY:
            raise Unavailable(
                f"Hugging Face sent more than {BIGGEST_BODY >> 20} MB; that is no list of papers."
            )
    return bytes(kept)


def read_json(response: httpx.Response, body: bytes) -> object:
    """The data in a good answer. A page where JSON should be is mostly a check for robots, or a proxy's."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        kind = response.headers.get("content-type", "unknown")[:60]
        raise Unavailable(
            f"Hugging Face sent something that is not JSON (content type {kind})."
        ) from None


def problem(response: httpx.Response, body: bytes, *, with_token: bool) -> Unavailable:
    """The error that an answer other than 200, 304, 400 and 404 stands for."""
    status = response.status_code
    said = error_text(body)
    detail = f"{status}: {said}" if said else f"{status}"
    if status in (401, 403):
        fix = "check HF_TOKEN, or unset it" if with_token else "set HF_TOKEN to an access token"
        return Unavailable(f"Hugging Face refuses us ({detail}); {fix}.")
    if status == 429:  # noqa: PLR2004
        return TryAgain("Hugging Face says we ask too often (429).", retry_after(response.headers))
    if status in _WORTH_ANOTHER_TRY:
        return TryAgain(f"Hugging Face has trouble ({detail}).", retry_after(response.headers))
    return Unavailable(f"Hugging Face answered {detail}.")


def retry_after(headers: httpx.Headers) -> timedelta | None:
    """When to come back: a second after the used-up bucket refills, else what `Retry-After` says."""
    found = _RATE_LIMIT.findall(headers.get("ratelimit", ""))
    if found:
        used_up = [int(seconds) for rest, seconds in found if int(rest) == 0]
        return _sane(timedelta(seconds=1 + max(used_up or [int(seconds) for _, seconds in found])))
    said = headers.get("retry-after", "").strip()
    if said.isascii() and said.isdecimal() and len(said) < 10:  # noqa: PLR2004
        return _sane(timedelta(seconds=int(said)))
    if (until := _http_date(said)) is None:
        return None
    return _sane(until - (_http_date(headers.get("date", "")) or datetime.now(UTC)))


def _http_date(text: str) -> datetime | None:
    try:
        time = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time


def _sane(delay: timedelta) -> timedelta:
    return min(max(delay, timedelta(0)), _LONGEST_WAIT)
