"""Daily Papers over HTTP, as a `PaperSource`."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from typing import Self

import httpx

from adapters.huggingface.pace import Pace
from adapters.huggingface.payload import read_item, read_items
from adapters.huggingface.transport import Answer, Call, Transport
from bot.domain.errors import NotYet, Unavailable
from bot.domain.papers import HOME, Fetched, Listing, Paper, PaperId, Rejected, parse_paper_id

PAGE = 100
"""The most items on a page of `/api/daily_papers`; without asking it would be 50, fewer than a full day has."""

PAGES = {"day": 5, "week": 10, "month": 30, "trending": 1}
"""How far to page. Trending goes on without end; the longest day on record has 78 papers, a week about 100."""

LONGEST_QUERY, MOST_FOUND = 250, 120
"""Limits of `/api/papers/search`."""


def introduction(contact: str = "") -> str:
    """Our User-Agent; `contact` is an address of whoever runs the bot."""
    try:
        name = f"paperbot/{version('paperbot')}"
    except PackageNotFoundError:
        name = "paperbot"
    return f"{name} (+{contact})" if contact else name


class HuggingFace:
    """Every call keeps to its budget and raises nothing but Unavailable and NotYet."""

    def __init__(
        self,
        base_url: str = HOME,
        *,
        token: str | None = None,
        user_agent: str | None = None,
        pace: Pace | None = None,
        backoff: float = 0.4,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """ConfigError for a `base_url` or `token` that cannot be one.

        Where the server names no time, the first pause before another try is `backoff` seconds, up to
        twice that, and each one after it is twice as long.
        """
        self._web = Transport(
            base_url,
            token=token,
            user_agent=user_agent or introduction(),
            pace=pace or Pace(),
            backoff=backoff,
            transport=transport,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections that are kept open."""
        await self._web.aclose()

    async def fetch(
        self, listing: Listing, *, etag: str | None = None, budget: float = 20.0
    ) -> Fetched:
        """The whole list. A day to come is NotYet, a day without a list is empty."""
        first = self._web.url("/api/daily_papers", _parameters(listing))
        async with self._web.within(budget) as call:
            answer = await self._web.get(call, first, etag)
            if answer.unchanged and etag:
                return Fetched(etag=etag, unchanged=True)
            _check(answer, listing)
            pages = [answer, *await self._further(call, listing, answer)]
        papers, rejected = _gather(pages, listing)
        # Only the first page can be asked about; what has more pages may have changed on those.
        tag = answer.etag if len(pages) == 1 else None
        return Fetched(papers=tuple(papers), rejected=tuple(rejected), etag=tag)

    async def search(self, text: str, *, limit: int = 20, budget: float = 3.0) -> Fetched:
        """Papers by meaning and words, over all that Hugging Face has indexed."""
        query = " ".join(text.split())[:LONGEST_QUERY]
        if not query:
            return Fetched()
        limit = min(max(limit, 1), MOST_FOUND)
        url = self._web.url("/api/papers/search", {"q": query, "limit": limit})
        async with self._web.within(budget) as call:
            answer = await self._web.get(call, url)
        if not answer.ok:
            raise _unexpected(answer)
        papers, rejected = _read(answer, "search")
        return Fetched(papers=tuple(_once(papers))[:limit], rejected=tuple(rejected))

    async def paper(self, id: PaperId, *, budget: float = 3.0) -> Paper | None:
        """One paper, also if it was never featured; None when Hugging Face has no page for it."""
        if (key := parse_paper_id(id)) is None:
            return None
        async with self._web.within(budget) as call:
            answer = await self._web.get(call, self._web.url(f"/api/papers/{key}"))
        if answer.status == httpx.codes.NOT_FOUND:
            return None
        if not answer.ok:
            raise _unexpected(answer)
        try:
            return read_item(answer.data)
        except ValueError as e:
            raise Unavailable(f"Hugging Face's page for {key} cannot be read: {e}.") from e

    async def _further(self, call: Call, listing: Listing, answer: Answer) -> list[Answer]:
        """The pages after the first, until one is short or the list is longer than any has been."""
        pages: list[Answer] = []
        for number in range(1, PAGES[listing.kind]):
            url = answer.next
            if url is None:
                if not isinstance(answer.data, list) or len(answer.data) < PAGE:
                    break
                url = self._web.url("/api/daily_papers", {**_parameters(listing), "p": number})
            answer = await self._web.get(call, url)
            if not answer.ok:
                raise _unexpected(answer)
            if not answer.data:
                break
            pages.append(answer)
        return pages


def _parameters(listing: Listing) -> Mapping[str, str | int]:
    if listing.kind == "trending":
        return {"sort": "trending", "limit": PAGE}
    name = "date" if listing.kind == "day" else listing.kind
    return {name: listing.key, "limit": PAGE}


def _check(answer: Answer, listing: Listing) -> None:
    if answer.refused and listing.kind != "trending":
        said = f" ({answer.said})" if answer.said else ""
        raise NotYet(f"Hugging Face has no list for {listing.key} yet{said}.")
    if not answer.ok:
        raise _unexpected(answer)


def _unexpected(answer: Answer) -> Unavailable:
    said = f": {answer.said}" if answer.said else ""
    return Unavailable(f"Hugging Face answered {answer.status}{said}.")


def _read(answer: Answer, where: str) -> tuple[list[Paper], list[Rejected]]:
    try:
        return read_items(answer.data, where)
    except ValueError as e:
        raise Unavailable(f"Hugging Face's list cannot be read: {e}.") from e


def _gather(pages: list[Answer], listing: Listing) -> tuple[list[Paper], list[Rejected]]:
    """All pages as one list, each paper where it stood first: pages shift while votes come in."""
    papers: list[Paper] = []
    rejected: list[Rejected] = []
    for number, page in enumerate(pages, 1):
        where = str(listing) if len(pages) == 1 else f"{listing} page {number}"
        good, bad = _read(page, where)
        papers += good
        rejected += bad
    day = date.fromisoformat(listing.key) if listing.kind == "day" else None
    return [p if p.featured else replace(p, featured=day) for p in _once(papers)], rejected


def _once(papers: list[Paper]) -> list[Paper]:
    return list({paper.id: paper for paper in reversed(papers)}.values())[::-1]
