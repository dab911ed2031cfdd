"""Charts become pictures when they are sent, off the event loop, one at a time."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeAlias, TypeVar

from bot.domain.charts import Chart, Drawn
from bot.domain.posts import Digest, Panel, Post, chart_of

__all__ = ["HINT", "Artist", "Illustrate", "as_it_is"]

log = logging.getLogger(__name__)

HINT = "Pictures of figures take matplotlib: install paperbot with its extra `charts`."

P = TypeVar("P", bound=Post)
Illustrate: TypeAlias = Callable[[Post], Awaitable[Post]]


class Artist:
    """Draws. Whatever goes wrong costs the picture and nothing else."""

    def __init__(self, paint: Callable[[Chart], bytes] | None = None) -> None:
        """`paint` makes a PNG; without it matplotlib does, where it is installed."""
        self._paint = paint or _paint
        self._one_at_a_time = asyncio.Lock()
        self._told = False

    async def illustrate(self, post: P) -> P:
        """The post with its chart drawn; as it was where it has none, or where it cannot be drawn."""
        chart = chart_of(post)
        if chart is None or isinstance(chart, Drawn) or not isinstance(post, Digest | Panel):
            return post
        async with self._one_at_a_time:
            png = await self._drawn(chart)
        if not png:
            return post
        return replace(post, chart=_with(chart, png))

    async def _drawn(self, chart: Chart) -> bytes:
        try:
            return await asyncio.to_thread(self._paint, chart)
        except ImportError:
            if not self._told:
                log.warning("drawing.off hint=%s", HINT)
            self._told = True
        except Exception:
            log.exception("drawing.failed chart=%s", chart.title)
        return b""


async def as_it_is(post: Post) -> Post:
    """For those who show no pictures."""
    return post


def _with(chart: Chart, png: bytes) -> Drawn:
    return Drawn(
        title=chart.title, subtitle=chart.subtitle, alt=chart.alt, plots=chart.plots, png=png
    )


def _paint(chart: Chart) -> bytes:
    from bot.drawing.painting import paint

    return paint(chart)
