"""The models that searches by meaning may use, each loaded when it is first needed."""

import logging
from collections.abc import Callable
from threading import Lock

from storage.gist import Floats
from storage.vectors import Embedder, stem_of

log = logging.getLogger(__name__)


class Tier:
    """A model, and how much its word weighs beside the words themselves.

    `floor` is the cosine from which on a paper is shown that has none of the words, and `alone` that from which on
    it is where no paper has any of them. A `slow` model's vectors are made in the background; another's with the index.
    """

    def __init__(
        self,
        load: Callable[[], Embedder],
        *,
        share: float,
        floor: float,
        alone: float,
        slow: bool = False,
    ) -> None:
        self.share = share
        self.floor = floor
        self.alone = alone
        self.slow = slow
        self._load = load
        self._lock = Lock()
        self._asked = False
        self._embedder: Embedder | None = None

    @property
    def embedder(self) -> Embedder | None:
        """None when it cannot be had: searches then do without."""
        with self._lock:
            if not self._asked:
                self._asked = True
                try:
                    self._embedder = self._load()
                except Exception as e:  # noqa: BLE001 -- a model's library may raise anything
                    log.warning("index.no_model error=%s", e)
            return self._embedder

    @property
    def together(self) -> int:
        """Papers it is given at once in the background."""
        return 1_000

    def ask(self, question: str) -> Floats | None:
        """The vector of a question; None when it means nothing to the model, or the model fails."""
        if (model := self.embedder) is None:
            return None
        try:
            ask = getattr(model, "ask", None)  # some want to be told that it is a question
            vector: Floats = ask(question) if ask else model.embed([question])[0]
        except Exception as e:  # noqa: BLE001 -- as above
            log.warning("index.model_failed error=%s", e)
            return None
        return vector if vector.any() else None

    @property
    def stem(self) -> str | None:
        """What its files are called."""
        model = self.embedder
        return stem_of(model.name, model.dims) if model else None


def bundled() -> Tier:
    """The small model that comes with the program."""

    def load() -> Embedder:
        from storage.meaning.static import StaticModel

        model = StaticModel()
        model.load()
        return model

    return Tier(load, share=0.3, floor=0.2, alone=0.35)
