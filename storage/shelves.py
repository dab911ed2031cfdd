"""Which search index is the current one: a directory of shelves, and a file that names one of them."""

import json
import shutil
import time
from pathlib import Path
from uuid import uuid4

from tantivy.tantivy import __version__ as engine

from storage.shelf import BrokenShelf, Shelf, write_whole

VERSION = 1
"""To be raised when what is indexed changes: every index is then built anew."""

_CURRENT = "current.json"
_ABANDONED = 3_600.0
"""Seconds after which a shelf that is not the current one belongs to nobody any more."""


class Shelves:
    """The shelves for one database. All calls block."""

    def __init__(self, root: Path, identity: str) -> None:
        self._root = root
        self._label = {"version": VERSION, "engine": engine, "database": identity}
        self._open: Shelf | None = None

    def current(self) -> Shelf:
        """The current shelf; a BrokenShelf when there is none, or one of another kind."""
        name = self._named()
        if self._open is None or self._open.path.name != name:
            self._open = Shelf.open(self._root / name)
        return self._open

    def draft(self) -> Shelf:
        """A new one that nobody sees yet."""
        try:
            return Shelf.create(self._root / uuid4().hex[:12])
        except OSError as e:
            raise BrokenShelf(str(e)) from e

    def publish(self, shelf: Shelf) -> None:
        """Make it the current one, and clear away what nobody uses."""
        before = self._open.path if self._open else None
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
