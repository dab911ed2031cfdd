"""A better model than the bundled one: fetched and loaded behind the searches, which do without it until it is there."""

import logging
import time
from collections.abc import Callable
from pathlib import Path

from bot.domain.errors import PaperbotError
from bot.domain.search import Model
from storage.aside import Aside
from storage.tiers import Tier
from storage.vectors import Embedder

log = logging.getLogger(__name__)

SHARE = 0.42
"""What its word weighs beside the words themselves: measured, and much the same from .35 to .5."""

_FLOOR, _ALONE = 0.2, 0.3
"""How far from unrelated to equal a paper has to be to be shown."""

CALM = 2.0
"""Seconds after which slow work begins: a process that answers one question and ends does none."""

_AGAIN = 600.0
"""Seconds after which a model that could not be had is tried again."""


class Better(Tier):
    """A sentence transformer. Whoever asks for its `embedder` does not wait for it."""

    def __init__(
        self, model: Model, *, calm: float = CALM, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(_behind_us, share=SHARE, floor=1.0, alone=1.0, slow=True)
        self.model = model
        self.calm = calm
        self.state = "is not loaded yet"
        """What it waits for; empty when it is there."""
        self.broken = False
        """Whether somebody has to see to that."""
        self._clock = clock
        self._tried: float | None = None

    @property
    def embedder(self) -> Embedder | None:
        return self._embedder

    @property
    def together(self) -> int:
        """What takes some ten seconds: less is lost then, and found sooner, but each time the whole index is looked at."""
        return 128

    async def load(self, aside: Aside, *, fetch: bool = False) -> None:
        """Have it loaded if that can be; without `fetch` only what is on this machine. Says once what is wrong."""
        from storage.meaning.fetching import fetched, there
        from storage.meaning.sentences import runtime

        late = self._tried is None or self._clock() - self._tried > _AGAIN
        if self._embedder or not late:
            return
        try:
            await aside.run(runtime)  # before anything is fetched for nothing
            folder = await fetched(self.model) if fetch else there(self.model)
            if folder is None:
                self.state = f"is still to be fetched from {self.model.hub}"
                return
            await aside.run(lambda: self._open(folder, aside.breathe))
        except PaperbotError as e:
            self._tried, self.broken = self._clock(), True
            self._mind(f"cannot be used: {e}")

    def _open(self, folder: Path, breathe: Callable[[], None]) -> None:
        from storage.meaning.sentences import SentenceModel
        from storage.meaning.unrelated import unrelated

        loaded = SentenceModel(folder, breathe)
        far = unrelated(loaded.ask, loaded.embed)
        self.floor, self.alone = (far + part * (1 - far) for part in (_FLOOR, _ALONE))
        self._embedder, self.state, self.broken = loaded, "", False
        log.info("model.loaded name=%s folder=%s", loaded.name, folder)

    def _mind(self, state: str) -> None:
        if state != self.state:
            log.warning("model.missing %s %s Searches go on without it.", self.model.name, state)
        self.state = state


def _behind_us() -> Embedder:
    """Nobody gets here: a `Better` overrides whatever would load the model at once."""
    raise AssertionError("a better model is loaded by `load` alone")
