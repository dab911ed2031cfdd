"""A Hugging Face on loopback with one day of three papers, and a client of it: fixtures, known to every test."""

from collections.abc import AsyncIterator
from datetime import date

import httpx
import pytest

from adapters.huggingface.client import HuggingFace, introduction
from tests.support.huggingface import FakeHub, make_item

DAY = date(2025, 6, 2)


@pytest.fixture
async def hub() -> AsyncIterator[FakeHub]:
    """It has a list for `DAY`."""
    async with FakeHub(today=DAY) as hub:
        hub.put_day(
            DAY, [make_item(f"2506.{n:05}", f"Paper {n}", upvotes=n, day=DAY) for n in range(1, 4)]
        )
        yield hub


@pytest.fixture
async def client(hub: FakeHub) -> AsyncIterator[HuggingFace]:
    """One that asks it."""
    async with make_client(hub.url) as client:
        yield client


def make_client(url: str, token: str | None = None) -> HuggingFace:
    """Without the environment's proxies, and with hardly a pause between tries."""
    transport = httpx.AsyncHTTPTransport()
    return HuggingFace(
        url, token=token, user_agent=introduction("ops@a.org"), backoff=0.001, transport=transport
    )
