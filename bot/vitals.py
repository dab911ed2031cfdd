"""Is the bot well? Two pages for machines: /healthz for a supervisor, /metrics for Prometheus."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.domain.errors import StorageError
from bot.domain.ports import Door, Watched
from bot.domain.stores import Archive, Outbox
from bot.domain.web import Handler, Page, Visit
from bot.meter import Meter

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

LATE = timedelta(minutes=5)
"""A clock that has not ticked for so long stands still."""
_JSON = (("content-type", "application/json"), ("cache-control", "no-store"))


@dataclass(slots=True, kw_only=True)
class Vitals:
    """What there is to know about a running bot."""

    archive: Archive
    outbox: Outbox
    doors: Mapping[str, Door]
    clock: Callable[[], datetime]
    meter: Meter = field(default_factory=Meter)
    beat: datetime | None = None
    """When the clock last ticked to its end."""

    @property
    def pages(self) -> Mapping[tuple[str, str], Handler]:
        """Where this is asked for."""
        return {("GET", "/healthz"): self.health, ("GET", "/metrics"): self.metrics}

    async def ailments(self) -> dict[str, str]:
        """What is wrong, by the part that ails; {} when all is well."""
        found = {}
        try:
            await self.outbox.owed()
        except StorageError as e:
            found["database"] = str(e)
        if self.beat and self.clock() - self.beat > LATE:
            found["clock"] = f"has not ticked since {self.beat:%Y-%m-%d %H:%M:%S} UTC"
        for name, door in self.doors.items():
            if isinstance(door, Watched) and (ailment := door.ailment()):
                found[name] = ailment
        return found

    async def health(self, _: Visit) -> Page:
        """200 while all is well, 503 with what is not."""
        found = await self.ailments()
        body = {"status": "ailing" if found else "ok", "ailments": found}
        return Page(
            status=503 if found else 200, body=json.dumps(body).encode() + b"\n", headers=_JSON
        )

    async def metrics(self, _: Visit) -> Page:
        """Counters since the start, and the state of things as it is now."""
        from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

        registry = CollectorRegistry()
        self._counters(registry)
        await self._gauges(registry)
        return Page(
            body=generate_latest(registry), headers=(("content-type", CONTENT_TYPE_LATEST),)
        )

    def _counters(self, registry: "CollectorRegistry") -> None:
        from prometheus_client import Counter

        made: dict[str, Counter] = {}
        for (name, labels), count in self.meter.counts.items():
            names = [label for label, _ in labels]
            if name not in made:
                made[name] = Counter(f"paperbot_{name}", _MEANINGS[name], names, registry=registry)
            made[name].labels(*(value for _, value in labels)).inc(count)

    async def _gauges(self, registry: "CollectorRegistry") -> None:
        from prometheus_client import Gauge

        def gauge(name: str, meaning: str, value: float) -> None:
            Gauge(f"paperbot_{name}", meaning, registry=registry).set(value)

        counts = await self.archive.counts()
        gauge("papers", "Papers in the archive", counts.papers)
        gauge("saves", "Papers saved by people", counts.saves)
        gauge("subscriptions", "Standing orders", counts.subscriptions)
        gauge("owed", "Messages that are neither sent nor given up", await self.outbox.owed())
        if self.beat:
            age = (self.clock() - self.beat).total_seconds()
            gauge("tick_age_seconds", "Seconds since the clock last ticked", age)
        up = Gauge(
            "paperbot_up", "Whether a platform is connected", ["platform"], registry=registry
        )
        for name, door in self.doors.items():
            up.labels(name).set(0 if isinstance(door, Watched) and door.ailment() else 1)


_MEANINGS = {
    "commands": "Commands asked, by platform and command",
    "deliveries": "Attempts at deliveries, by platform and how they ended",
}
