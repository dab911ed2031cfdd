"""Sparing IDENTIFY: Discord allows 1000 in 24 hours, and takes the token away from who uses more.

The times are kept in a file, so that a process that crashes and is started again is slowed down too.
"""

import asyncio
import json
import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

log = logging.getLogger(__name__)

DAY = timedelta(hours=24)
FREE = 20
"""So many a day and shard are made at once: restarts while somebody sets the bot up."""
SLOW = 100
SHORT = timedelta(seconds=5)
"""What Discord asks for between two anyway."""
LONG = timedelta(minutes=1)
LONGEST = timedelta(minutes=10)
"""With it a loop of crashes makes fewer than 300 a day."""


def earliest(past: Sequence[datetime], now: datetime, shards: int = 1) -> datetime:
    """When the next IDENTIFY may be sent, after those of the past."""
    recent = [time for time in past if now - DAY < time <= now]
    if not recent:
        return now
    count = len(recent) / max(shards, 1)
    wait = SHORT if count < FREE else LONG if count < SLOW else LONGEST
    return max(now, max(recent) + wait)


class Identifies:
    """The times of the last day's IDENTIFYs, in a file if there is a data folder."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._past = _read(file)

    async def wait(self, shards: int = 1) -> None:
        """Return when the next one may be sent, and count it."""
        now = datetime.now(UTC)
        until = earliest(self._past, now, shards)
        if until - now > SHORT:
            log.warning("discord.identify_waits seconds=%d", (until - now).total_seconds())
        await asyncio.sleep((until - now).total_seconds())
        self.count(datetime.now(UTC))

    def count(self, now: datetime) -> None:
        """Note one."""
        self._past = [time for time in self._past if now - DAY < time] + [now]
        if self._file is None:
            return
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.write_text(json.dumps([time.isoformat() for time in self._past]))
        except OSError as e:
            log.warning("discord.identifies_unwritten reason=%s", e)


def _read(file: Path | None) -> list[datetime]:
    try:
        return (
            [datetime.fromisoformat(text) for text in json.loads(file.read_text())] if file else []
        )
    except (OSError, ValueError, TypeError):
        return []
