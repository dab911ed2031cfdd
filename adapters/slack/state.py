"""The state that goes with somebody to Slack and back: ours, fresh, of this browser. (RFC 6749, 10.12)"""

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

COOKIE = "paperbot-install"
VALID = timedelta(minutes=10)
"""Slack's own code lives as long (docs.slack.dev/authentication/installing-with-oauth)."""
SKEW = timedelta(minutes=1)
"""Another replica's clock may be ahead by so much."""
_VALUE = re.compile(r"[0-9A-Za-z]{1,64}")


def issue(secret: str, now: datetime, nonce: str, browser: str) -> str:
    """A state that only whoever has `secret` can make; `browser` is what its cookie holds."""
    issued = str(int(now.timestamp()))
    return f"{issued}.{nonce}.{_signature(secret, issued, nonce, browser)}"


def nonce_of(state: str, secret: str, now: datetime, browser: str) -> str | None:
    """The nonce of a state of ours that is still valid in this browser; else None."""
    issued, _, rest = state.partition(".")
    nonce, _, signature = rest.partition(".")
    wanted = _signature(secret, issued, nonce, browser)
    if not browser or not hmac.compare_digest(wanted.encode(), signature.encode(errors="replace")):
        return None
    age = now - datetime.fromtimestamp(int(issued), UTC)
    return nonce if -SKEW <= age <= VALID else None


def cookie(browser: str, url: str) -> str:
    """The header that gives a browser its cookie; with `browser` "" it takes it away."""
    address = urlsplit(url)
    age = int(VALID.total_seconds()) if browser else 0
    secure = "; Secure" if address.scheme == "https" else ""
    path = f"{address.path.rstrip('/')}/slack"
    return f"{COOKIE}={browser}; Path={path}; Max-Age={age}; HttpOnly; SameSite=Lax{secure}"


def browser_of(header: str) -> str:
    """What our cookie holds, from all that a browser sent; "" without one."""
    # The standard library's parser gives up at the first cookie of others that it does not like.
    for one in header.split(";"):
        name, _, value = one.strip().partition("=")
        if name == COOKIE and _VALUE.fullmatch(value):
            return value
    return ""


def _signature(secret: str, issued: str, nonce: str, browser: str) -> str:
    told = f"paperbot install\0{issued}\0{nonce}\0{browser}"
    return hmac.new(secret.encode(), told.encode(errors="replace"), hashlib.sha256).hexdigest()
