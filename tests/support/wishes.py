"""What single people wish for, made for a world without asking for it in words."""

from dataclasses import replace
from datetime import date
from typing import Any

from bot.domain.papers import Paper
from bot.domain.people import Channel, Person
from bot.domain.posts import Digest, PaperCard
from bot.domain.subscriptions import Edition, Subscription, Terms
from bot.schedule import next_run
from bot.watching import State
from tests.support.fakes import CHANNEL
from tests.support.world import ANN, World

OWN = Channel(CHANNEL.workspace, "@ann")
"""Where Ann is alone with the bot."""
USUAL = Terms(top=50, min=0, again=0)


async def wish(
    it: World,
    edition: Edition,
    id: str,
    *,
    channel: Channel = OWN,
    by: Person = ANN,
    covered: str | None = None,
    **terms: Any,
) -> Subscription:
    """A standing order of somebody's own."""
    wanted = replace(USUAL, **terms)
    order = Subscription(
        id=id,
        channel=channel,
        edition=edition,
        terms=wanted,
        created_by=by,
        created_at=it.now,
        next_run_at=next_run(edition, wanted.resolved(it.rules.defaults), it.now),
        covered=covered,
    )
    await it.storage.subscriptions.add(order)
    return order


async def follows(it: World, id: str = "f1", **terms: Any) -> Subscription:
    """Ann follows something."""
    return await wish(it, Edition.FOLLOW, id, **terms)


async def watches(it: World, paper: Paper, id: str = "w1", **more: Any) -> Subscription:
    """Ann watches a paper as it is now."""
    return await wish(it, Edition.WATCH, id, paper=paper.id, covered=str(State.of(paper)), **more)


async def digests(it: World, **terms: Any) -> Subscription:
    """Ann gets a digest of her own."""
    return await wish(it, Edition.PERSONAL, "me-ann", **terms)


async def lists(it: World, day: str, *papers: Paper) -> None:
    """Hugging Face's list of a day is this, and the archive has it."""
    on = date.fromisoformat(day)
    it.publish(day, [replace(one, featured=on) for one in papers])
    await it.ingest.poll()


async def learns(it: World, paper: Paper) -> None:
    """The archive has seen a paper change."""
    await it.storage.archive.keep([paper], as_of=it.now)


def posted(it: World, channel: Channel = OWN) -> list[Digest | PaperCard]:
    """What a channel has got."""
    return [post for where, post in it.chat.posts if where == channel]  # type: ignore[misc]


def papers_in(it: World, channel: Channel = OWN) -> list[str]:
    """The papers of it, in the order they came."""
    return [entry.paper.id for post in posted(it, channel) for entry in post.entries]


__all__ = [
    "ANN",
    "CHANNEL",
    "OWN",
    "digests",
    "follows",
    "learns",
    "lists",
    "papers_in",
    "posted",
    "watches",
    "wish",
]
