"""Links to papers that people post get a short card below them, with restraint; the operator switches it on.

Not again within half an hour in the same channel, and nothing below a message with three links or more: that
is a list, and whoever wrote it has said what there is to say. (So does GitHub's app for Slack.)
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from slack_sdk.errors import SlackApiError

from adapters.slack.addresses import channel, person
from adapters.slack.bench import Bench, Body, Hear
from adapters.slack.failures import TRANSPORT, code_of
from adapters.slack.render import blocks_of
from bot.domain.papers import PaperId, parse_paper_id
from bot.domain.ports import Caller
from bot.domain.posts import PaperCard

log = logging.getLogger(__name__)

QUIET = timedelta(minutes=30)
MOST_LINKS = 2
MOST_BLOCKS = 5
COMPOSER = "COMPOSER"
"""The channel of a link that is still being written (docs.slack.dev/reference/events/link_shared)."""


async def shared(bench: Bench, team: str, event: Body) -> None:
    """Somebody posted links to domains of ours."""
    if not bench.settings.unfurl:
        return
    where, user = str(event.get("channel") or ""), str(event.get("user") or "")
    asks = Caller(person=person(team, user), channel=channel(team, where))
    unfurls: dict[str, Any] = {}
    for url, paper in papers_in(event):
        fresh = await bench.desk.first(f"slack:unfurl:{asks.channel}/{paper}", QUIET)
        if fresh and (blocks := await _card(bench, asks, paper)):
            unfurls[url] = {"blocks": blocks}
    if not unfurls:
        return
    try:
        ts = str(event.get("message_ts") or "")
        await bench.api.ask(team, "chat.unfurl", channel=where, ts=ts, unfurls=unfurls)
    except (SlackApiError, *TRANSPORT) as e:
        reason = code_of(e) or type(e).__name__
        log.warning("slack.not_unfurled channel=%s/%s reason=%s", team, where, reason)


def papers_in(event: Body) -> tuple[tuple[str, PaperId], ...]:
    """Which links to show, as they were written, and the papers they lead to: each paper once."""
    composed = event.get("source") == "composer" or event.get("channel") in (None, "", COMPOSER)
    if composed or event.get("is_unfurl_refresh"):
        return ()
    links = tuple(dict.fromkeys(_urls(event)))
    if len(links) > MOST_LINKS:
        return ()
    found: dict[PaperId, str] = {}
    for url in links:
        if paper := parse_paper_id(url):
            found.setdefault(paper, url)
    return tuple((url, paper) for paper, url in found.items())


def _urls(event: Body) -> Iterator[str]:
    links = event.get("links")
    for link in links if isinstance(links, list) else ():
        url = link.get("url") if isinstance(link, dict) else None
        if isinstance(url, str) and url:
            yield url


async def _card(bench: Bench, asks: Caller, paper: PaperId) -> list[Mapping[str, Any]]:
    """Something short about a paper; nothing about one that the desk does not know."""
    reply = await bench.desk.call(asks, "show", {"paper": paper})
    for post in reply.posts:
        if isinstance(post, PaperCard):
            return list(blocks_of(_short(post), most=MOST_BLOCKS))
    return []


def _short(card: PaperCard) -> PaperCard:
    """One line of what it is about. Who saved it is left out: people of other teams may read along."""
    paper = card.entry.paper
    paper = replace(paper, ai_summary=paper.summary, abstract="", keywords=())
    return PaperCard(entry=replace(card.entry, paper=paper, saved_by=()), full=True)


EVENTS: Mapping[str, Hear] = {"link_shared": shared}
