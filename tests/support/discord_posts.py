"""Posts for a Discord in tests, and envelopes for them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.papers import Paper, PaperId
from bot.domain.people import Channel, Workspace
from bot.domain.ports import Outgoing
from bot.domain.posts import Digest, Entry, PaperCard, Post
from tests.support.discord_state import GUILD

WORKSPACE = Workspace("discord", str(GUILD))


def papers(count: int = 2, **fields: Any) -> tuple[Entry, ...]:
    return tuple(
        Entry(paper=Paper(id=PaperId(f"2511.{n:05}"), title=f"Paper {n}", **fields), number=n)
        for n in range(1, count + 1)
    )


def digest(title: str = "Daily Papers", **fields: Any) -> Digest:
    return Digest(title=title, entries=papers(**fields))


def card(**fields: Any) -> PaperCard:
    return PaperCard(entry=papers(1, **fields)[0])


def out(
    channel: int, post: Post | None = None, key: str = "sub:2025-12-01:1", **how: Any
) -> Outgoing:
    address = Channel(WORKSPACE, str(channel))
    return Outgoing(channel=address, post=post or digest(), key=key, **how)


def long_ago() -> datetime:
    return datetime.now(UTC) - timedelta(days=1)
