"""A new archive gets all of Daily Papers, the newest days first, beside everything else and however long it takes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import Final

from bot.domain.errors import PaperbotError, Unavailable
from bot.domain.papers import FIRST_DAY
from bot.domain.stores import Archive
from bot.ingest import Ingest

log = logging.getLogger(__name__)

PAUSE: Final = 1.0
"""Seconds between two days: of the 500 requests in 5 minutes that Hugging Face allows, 200 are left for people."""
AGAIN: Final = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15))
"""How long Hugging Face, or the database, is left in peace when it fails; at last it is always so long."""
REPORT: Final = 100
"""Days after which a line in the log says how far it has come."""

Sleep = Callable[[float], Awaitable[object]]


def days_before(today: date, count: int) -> list[date]:
    """Today and so many days before it, the newest first; none from before there were Daily Papers."""
    days = (today - timedelta(days=n) for n in range(count + 1))
    return [day for day in days if day >= FIRST_DAY]


async def fill(
    ingest: Ingest,
    archive: Archive,
    *,
    days: int,
    clock: Callable[[], datetime],
    sleep: Sleep = asyncio.sleep,
) -> None:
    """Fetch what the archive lacks of so many days before today. What is final is not asked for again."""
    failures = 0
    missing: list[date] | None = None
    while missing is None or missing:
        before = missing
        try:
            if missing is None:
                missing = await archive.unsettled(days_before(clock().date(), days))
                log.info("backfill.begun days=%d", len(missing))
            missing = await _some(ingest, missing, sleep)
        except PaperbotError as e:
            failures = failures + 1 if missing == before else 1
            wait = _wait(e, failures)
            log.warning("backfill.waits minutes=%.0f reason=%s", wait / 60, e)
            await sleep(wait)
    log.info("backfill.done")


async def _some(ingest: Ingest, missing: list[date], sleep: Sleep) -> list[date]:
    """Fetch these days until one fails; those that are left. Raises when it is the first one that fails."""
    done = new = 0
    try:
        async for tally in ingest.backfill(missing):
            done, new = tally.days, tally.new
            if done % REPORT == 0:
                log.info(
                    "backfill day=%s new=%d left=%d", missing[done - 1], new, len(missing) - done
                )
            await sleep(PAUSE)
    except PaperbotError:
        if not done:
            raise
    return missing[done:]


def _wait(error: PaperbotError, failures: int) -> float:
    """Seconds."""
    wait = AGAIN[min(failures, len(AGAIN)) - 1]
    if isinstance(error, Unavailable) and error.retry_after:
        wait = max(wait, error.retry_after)
    return wait.total_seconds()
