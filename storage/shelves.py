"""Which search index is the current one: a directory of shelves, and a file that names one of them."""

import json
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

from tantivy.tantivy import __version__ as engine

from storage.handed import hand_down
from storage.mark import BrokenShelf, write_whole
from storage.shelf import Shelf
from storage.tiers import Tier

VERSION = 2
"""To be raised when what is indexed changes: every index is then built anew."""

_CURRENT = "current.json"
_ABANDONED = 3_600.0
"""Seconds after which a shelf that is not the current one belongs to nobody any more."""


class Shelves:
    """The shelves for one database. All calls block."""

    def __init__(self, root: Path, identity: str, tiers: Sequence[Tier] = ()) -> None:
        self._root = root
        self._tiers = tiers
        self._label = {"version": VERSION, "engine": engine, "database": identity}
        self._open: Shelf | None = None
        self._before: Shelf | None = None

    def current(self) -> Shelf:
        """The current shelf; a BrokenShelf when there is none, or one of another kind."""
        name = self._named()
        if self._open is None or self._open.path.name != name:
            self._open = Shelf.open(self._root / name, self._tiers)
        if self._before is not None and self._before.revision <= self._open.revision:
            self._before = None
        return self._open

    def best(self) -> Shelf:
        """The current one; while that is being filled, or cannot be had, the one before it as it was last seen."""
        try:
            current = self.current()
        except BrokenShelf:
            if (before := self._before or (self._open and self._open.freeze())) is None:
                raise
            return before
        return self._before or current

    def forget(self) -> None:
        """The one before was wrong: it does not answer any more."""
        self._before = None

    def draft(self) -> Shelf:
        """A new one that nobody sees yet."""
        quick = frozenset(tier.stem for tier in self._tiers if not tier.slow)
        try:
            shelf = Shelf.create(self._root / uuid4().hex[:12], self._tiers)
            if left := self._left():
                hand_down(left, shelf.path, quick)
        except OSError as e:
            raise BrokenShelf(str(e)) from e
        return shelf

    def _left(self) -> Path | None:
        """The folder of the current one, whatever state or kind it is of."""
        try:
            name = str(json.loads((self._root / _CURRENT).read_bytes())["shelf"])
        except (ValueError, KeyError, TypeError, OSError):
            return None
        return self._root / name if name.isalnum() else None

    def publish(self, shelf: Shelf) -> None:
        """Make it the current one, and clear away what nobody uses."""
        before = self._open.path if self._open else None
        self._before = self._before or (self._open and self._open.freeze())
        try:
            write_whole(self._root / _CURRENT, {**self._label, "shelf": shelf.path.name})
        except OSError as e:
            raise BrokenShelf(str(e)) from e
        self._open = shelf
        for path in self._root.iterdir():
            if path.is_dir() and path != shelf.path and (path == before or _abandoned(path)):
                shutil.rmtree(path, ignore_errors=True)

    def check(self) -> None:
        """Open the current one anew and look into it; a BrokenShelf when it is not sound."""
        self._before = self._before or (self._open and self._open.freeze())
        self._open = None
        self.current().check()

    def _named(self) -> str:
        try:
            found = json.loads((self._root / _CURRENT).read_bytes())
            name = str(found.pop("shelf"))
        except (ValueError, KeyError, AttributeError, TypeError, OSError) as e:
            raise BrokenShelf(f"there is no index: {e}") from e
        if found != self._label or not name.isalnum():
            raise BrokenShelf("it is of another version, or another database's")
        return name


def _abandoned(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > _ABANDONED
    except OSError:
        return False
