"""A Hugging Face on loopback: speaks what the papers API speaks, and fails on command."""

import asyncio
import hashlib
import json
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, Self

from aiohttp import web

Item = dict[str, Any]
Fault = Callable[[web.Request], web.StreamResponse | Awaitable[web.StreamResponse]]

DEFAULT_LIMIT, MAX_LIMIT = 50, 100


def make_item(
    id: str,
    title: str = "A Study of Things",
    *,
    upvotes: int = 1,
    day: date | None = None,
    comments: int = 1,
    top: Item | None = None,
    **fields: Any,
) -> Item:
    """An item as `/api/daily_papers` gives it. `fields` go into its `paper`, `top` beside it.

    Without `day` the paper was never featured. A field that is None is left out.
    """
    featured = datetime(day.year, day.month, day.day, 1, 7, 30, tzinfo=UTC) if day else None
    published = (
        featured - timedelta(days=1, hours=9) if featured else datetime(2024, 1, 15, tzinfo=UTC)
    )
    paper = {
        "id": id,
        "authors": [
            {"_id": "6" * 24, "name": name, "hidden": False} for name in ("Ada Byron", "Wei Li")
        ],
        "publishedAt": _stamp(published),
        "submittedOnDailyAt": _stamp(featured) if featured else None,
        "title": title,
        "summary": f"{title} is looked at closely. Nothing was found.",
        "upvotes": upvotes,
        "discussionId": "6" * 23 + "a",
        **fields,
    }
    paper = {key: value for key, value in paper.items() if value is not None}
    item = {
        "paper": paper,
        "publishedAt": _stamp(published - timedelta(hours=4)),
        "title": paper.get("title"),
        "summary": paper.get("summary"),
        "thumbnail": f"https://cdn-thumbnails.huggingface.co/social-thumbnails/papers/{id}.png",
        "numComments": comments,
        "submittedBy": {"_id": "7" * 24, "fullname": "Sub Mitter", "name": "sub", "type": "user"},
        "isAuthorParticipating": False,
        **(top or {}),
    }
    return {key: value for key, value in item.items() if value is not None}


def _stamp(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it came in."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]


@dataclass
class FakeHub:
    """`async with FakeHub() as hub`: then `hub.url` answers from what was put into it."""

    today: date = date(2025, 6, 30)
    """The current day as the hub sees it; later ones are refused with 400."""
    requests: list[Seen] = field(default_factory=list)
    etags: bool = True
    quota: int = 500
    url: str = ""

    def __post_init__(self) -> None:
        self._days: dict[date, list[Item]] = {}
        self._others: dict[str, Item] = {}
        self._trending: list[str] = []
        self._faults: deque[Fault] = deque()
        self._hanging = asyncio.Event()

    # --- what it knows

    def put_day(self, day: date, items: Iterable[Item]) -> None:
        """The list of that day, instead of what it was; ordered by upvotes as the real one is."""
        self._days[day] = sorted(items, key=lambda item: -item["paper"]["upvotes"])

    def add(self, day: date, *items: Item) -> None:
        """Late additions."""
        self.put_day(day, [*self._days.get(day, []), *items])

    def remove(self, day: date, id: str) -> None:
        """A paper vanishes from a list."""
        self._days[day] = [item for item in self._days[day] if item["paper"]["id"] != id]

    def vote(self, id: str, upvotes: int) -> None:
        """On every list the paper is on."""
        for day, items in self._days.items():
            for item in items:
                if item["paper"]["id"] == id:
                    item["paper"]["upvotes"] = upvotes
            self.put_day(day, items)

    def put_paper(self, item: Item) -> None:
        """A paper that is indexed and was never featured."""
        self._others[item["paper"]["id"]] = item

    def put_trending(self, *ids: str) -> None:
        """In this order; otherwise the upvotes decide."""
        self._trending = list(ids)

    # --- how it fails: one fault per request, in order

    def fail(self, *statuses: int, error: str = "something broke", **headers: str) -> None:
        """Answer with these statuses; header names are written with `_` for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        for status in statuses:
            self._faults.append(partial(_error_as, {"error": error}, status, named))

    def limit_rate(self, seconds: int, times: int = 1) -> None:
        """429 with the seconds until the window is over."""
        headers = {
            "RateLimit": f'"api";r=0;t={seconds}',
            "RateLimit-Policy": f'"fixed window";"api";q={self.quota};w=300',
        }
        for _ in range(times):
            self._faults.append(
                lambda _: web.json_response({"error": "too many"}, status=429, headers=headers)
            )

    def answer(
        self, text: str | bytes, content_type: str = "application/json", **headers: str
    ) -> None:
        """200 with this body, whatever was asked."""
        body = text.encode() if isinstance(text, str) else text
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._faults.append(
            lambda _: web.Response(body=body, content_type=content_type, headers=named)
        )

    def show_html(self) -> None:
        """200 with a page instead of data, as robot checks and proxies do."""
        self.answer("<!doctype html><title>Are you human?</title>", "text/html")

    def send_items(self, *items: object) -> None:
        """200 with just these items, malformed ones too."""
        self.answer(json.dumps(list(items)))

    def redirect(self, location: str, status: int = 302) -> None:
        self._faults.append(lambda _: web.Response(status=status, headers={"Location": location}))

    def hang(self) -> None:
        """Take the request and say nothing until the hub is closed."""
        self._faults.append(self._wait)

    def slow(self, seconds: float) -> None:
        """Answer properly, but late."""

        async def late(request: web.Request) -> web.StreamResponse:
            await asyncio.sleep(seconds)
            return self._route(request)

        self._faults.append(late)

    def reset(self) -> None:
        """Drop the connection without a word."""
        self._faults.append(self._drop)

    def truncate(self) -> None:
        """Announce a body, send half of it, drop the connection."""
        self._faults.append(self._half)

    async def _wait(self, _: web.Request) -> web.StreamResponse:
        await self._hanging.wait()
        return web.Response(status=503)

    async def _drop(self, request: web.Request) -> web.StreamResponse:
        assert request.transport
        request.transport.abort()
        return web.Response()

    async def _half(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(
            headers={"Content-Type": "application/json", "Content-Length": "1000"}
        )
        await response.prepare(request)
        await response.write(b'[{"paper": {"id": "25')
        assert request.transport
        request.transport.abort()
        return response

    # --- running

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._hanging.set()
        await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(Seen(request.path, dict(request.query), dict(request.headers)))
        if self._faults:
            answer = self._faults.popleft()(request)
            return answer if isinstance(answer, web.StreamResponse) else await answer
        return self._route(request)

    def _route(self, request: web.Request) -> web.StreamResponse:
        match request.path.strip("/").split("/"):
            case ["api", "daily_papers"]:
                return self._daily(request)
            case ["api", "papers", "search"]:
                return self._search(request)
            case ["api", "papers", id]:
                return self._paper(request, id)
        return _error(404, "Sorry, we can't find the page you are looking for.")

    def _daily(self, request: web.Request) -> web.StreamResponse:
        try:
            limit = int(request.query.get("limit", DEFAULT_LIMIT))
            page = int(request.query.get("p", 0))
            items = self._listing(dict(request.query))
        except ValueError as e:
            return _error(400, str(e))
        if not 1 <= limit <= MAX_LIMIT or page < 0:
            return _error(400, f"limit must be between 1 and {MAX_LIMIT}")
        shown = items[page * limit : (page + 1) * limit]
        headers = {}
        if len(items) > (page + 1) * limit:
            following = request.rel_url.update_query(p=page + 1)
            headers["Link"] = f'<{following}>; rel="next"'
        return self._json(request, shown, headers)

    def _listing(self, query: dict[str, str]) -> list[Item]:
        if "date" in query:
            day = date.fromisoformat(query["date"])
            if day > self.today:
                raise ValueError(f"date must not be later than {self.today}")
            return self._days.get(day, [])
        if "week" in query:
            year, week = query["week"].split("-W")
            return self._best(lambda day: day.isocalendar()[:2] == (int(year), int(week)))
        if "month" in query:
            first = date.fromisoformat(f"{query['month']}-01")
            return self._best(lambda day: (day.year, day.month) == (first.year, first.month))
        everything = self._best(lambda day: day <= self.today)
        if query.get("sort") == "trending" and self._trending:
            known = {item["paper"]["id"]: item for item in [*everything, *self._others.values()]}
            return [known[id] for id in self._trending]
        if query.get("sort") == "trending":
            return everything
        return sorted(
            everything, key=lambda item: item["paper"]["submittedOnDailyAt"], reverse=True
        )

    def _best(self, wanted: Callable[[date], bool]) -> list[Item]:
        items = {
            item["paper"]["id"]: item
            for day in self._days
            if wanted(day)
            for item in self._days[day]
        }
        return sorted(items.values(), key=lambda item: -item["paper"]["upvotes"])

    def _search(self, request: web.Request) -> web.StreamResponse:
        query = request.query.get("q", "")
        limit = int(request.query.get("limit", 120))
        if len(query) > 250 or not 1 <= limit <= 120:
            return _error(400, "q has at most 250 characters, limit is between 1 and 120")
        words = query.lower().split()
        every = [*self._best(lambda _: True), *self._others.values()]
        found = [item for item in every if all(w in json.dumps(item).lower() for w in words)]
        return self._json(request, [_highlighted(item) for item in found[:limit]], {})

    def _paper(self, request: web.Request, id: str) -> web.StreamResponse:
        every = [*self._best(lambda _: True), *self._others.values()]
        for item in every:
            if item["paper"]["id"] == id:
                return self._json(
                    request, {**item["paper"], "numTotalModels": 0, "linkedModels": []}, {}
                )
        return _error(404, "Paper not found")

    def _json(
        self, request: web.Request, data: object, headers: dict[str, str]
    ) -> web.StreamResponse:
        body = json.dumps(data).encode()
        tag = f'W/"{hashlib.sha1(body, usedforsecurity=False).hexdigest()[:16]}"'
        if self.etags:
            headers = {**headers, "ETag": tag}
            if request.headers.get("If-None-Match") == tag:
                return web.Response(status=304, headers=headers)
        left = max(self.quota - len(self.requests), 0)
        headers = {**headers, "RateLimit": f'"api";r={left};t=120'}
        return web.Response(body=body, content_type="application/json", headers=headers)


def _highlighted(item: Item) -> Item:
    """A search hit is an item with a few things more and no submitter."""
    marked = [{"type": "highlight", "text": item["title"]}]
    return {
        **{k: v for k, v in item.items() if k != "submittedBy"},
        "upvoted": False,
        "highlightedTitle": marked,
    }


def _error_as(body: Item, status: int, headers: dict[str, str], _: web.Request) -> web.Response:
    return web.json_response(body, status=status, headers=headers)


def _error(status: int, text: str) -> web.Response:
    return web.json_response({"error": text}, status=status, headers={"X-Error-Message": text})
