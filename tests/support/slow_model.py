"""A better model that needs no library: it is there at once, can be held up, and knows what it has read."""

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bot.domain.errors import ConfigError
from bot.domain.search import Model
from storage.aside import Aside
from storage.better import Better
from tests.support.tiny_model import SAME

NOBODY = "http://127.0.0.1:9"


class Slow(Better):
    """Loaded at once; knows what it has read, and waits at a gate before each paper but the first `free`."""

    name, dims = "slow-1", 8

    def __init__(self, name: str = "slow-1") -> None:
        super().__init__(Model(name, Path("nowhere"), NOBODY), calm=0)
        self.name = name
        self.read: list[str] = []
        self.free = 10**9
        self.gate = threading.Event()
        self.broken_by = ""
        self.breathe = lambda: None

    async def load(self, aside: Aside, *, fetch: bool = False) -> None:
        self.breathe = aside.breathe
        self.floor = self.alone = 0.9
        self._embedder = self

    def ask(self, question: str) -> np.ndarray:
        return _vector(question, self.dims)

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        made = []
        for text in texts:
            while len(self.read) >= self.free and not self.gate.wait(0.01):
                self.breathe()
            if self.broken_by and self.broken_by in text:
                raise ConfigError("it stumbled")
            self.read.append(text)
            made.append(_vector(text, self.dims))
        return np.stack(made)


def _vector(text: str, dims: int) -> np.ndarray:
    """Of the first word alone, and the same for words that mean the same."""
    word = text.lower().split()[0].strip(".")
    dice = np.random.default_rng([ord(c) for c in SAME.get(word, word)])
    vector = dice.normal(size=dims).astype(np.float32)
    return vector / np.linalg.norm(vector)
