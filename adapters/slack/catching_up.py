"""Making up for what happened while no connection stood: nobody tells us what we missed."""

import asyncio
import logging

from adapters.slack import places, reactions
from adapters.slack.answers import reason
from adapters.slack.bench import Bench
from adapters.slack.failures import ERRORS
from adapters.slack.rounds import Rounds
from bot.domain.errors import PaperbotError, WorkspaceRefused

log = logging.getLogger(__name__)

CALM = 60.0
"""Seconds between two rounds at least, however often connections come and go."""


class CatchingUp:
    """Runs in the background; each round asks Slack about our channels and our latest digests.

    Of several replicas that want one at the same time, as `rounds` tells, one makes it.
    """

    def __init__(self, bench: Bench, *, calm: float = CALM, rounds: Rounds | None = None) -> None:
        self._bench = bench
        self._calm = calm
        self._rounds = rounds
        self._due = asyncio.Event()
        self.ailment = ""
        """What keeps us from asking Slack at all."""

    def wanted(self) -> None:
        """Something may have been missed."""
        self._due.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._due.wait()
            self._due.clear()
            if not await self._round():
                self._due.set()
            await asyncio.sleep(self._calm)

    async def _round(self) -> bool:
        """False when it should be tried again."""
        try:
            await self._bench.api.grants.teams()
            self.ailment = ""
            changed = await self._catch_up()
        except WorkspaceRefused as e:
            log.error("slack: %s", e)  # noqa: TRY400 -- one line for the operator
            self.ailment = str(e)
        except (*ERRORS, PaperbotError) as e:
            log.warning("slack.not_caught_up reason=%s", reason(e))
            return False
        except Exception:
            log.exception("slack.error kind=catching_up")
        else:
            log.info("slack.caught_up saves=%d", changed)
        return True

    async def _catch_up(self) -> int:
        if self._rounds is None:
            return await self._alone()
        async with self._rounds.ours() as ours:
            return await self._alone() if ours else 0

    async def _alone(self) -> int:
        await places.compare(self._bench)
        return await reactions.catch_up(self._bench)
