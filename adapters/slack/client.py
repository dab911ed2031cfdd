"""Slack's own client, set up our way: it repeats nothing by itself, writes nothing to logs, and says who we are."""

import ipaddress
import logging
from importlib.metadata import version
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.settings import Settings

CONNECT = 5.0
"""Seconds; a connection that is not there by then was never written to."""
TOTAL = 15.0
"""Seconds for one request and its answer."""

_AGENT = f"paperbot/{version('paperbot')}"

_quiet = logging.getLogger(f"{__name__}.sdk")
_quiet.setLevel(
    logging.INFO
)  # at DEBUG the library writes whole requests and answers, tokens included


def web_client(
    settings: Settings,
    token: str | None,
    session: aiohttp.ClientSession | None = None,
    total: float = TOTAL,
) -> AsyncWebClient:
    """A client for one token. Its default would send a post twice when the answer to the first is lost."""
    client = AsyncWebClient(
        token=token or None,
        base_url=settings.api_url.rstrip("/") + "/",
        timeout=int(total),
        session=session,
        user_agent_prefix=_AGENT,
        logger=_quiet,
        retry_handlers=[],
    )
    client.proxy = proxy_for(settings.api_url)
    return client


def proxy_for(url: str) -> str | None:
    """The proxy that the environment names, which the library would use for every host."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_local(host) or proxy_bypass(host):
        return None
    return getproxies().get(parts.scheme) or None


def is_local(host: str) -> bool:
    """Whether that is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
