"""The last few results of costly pure work, found again by the very thing they were made from."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

V = TypeVar("V")

MOST = 256


class Recent(Generic[V]):
    """A small memory. Things must not change; two that are equal are two, which saves comparing them."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: OrderedDict[Hashable, tuple[object, V]] = OrderedDict()

    def of(self, thing: object, how: Hashable, make: Callable[[], V]) -> V:
        """What `make` made the last time of this thing in this way; made now, if that is forgotten."""
        key = (id(thing), how)
        found = self._known.pop(key, None) or (thing, make())  # what is held keeps its id
        self._known[key] = found
        if len(self._known) > self._most:
            self._known.popitem(last=False)
        return found[1]
