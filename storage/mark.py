"""How far an index on disk has come: a small file that is written last, so that what lies there half does not count."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

_FILE = "revision.json"


class BrokenShelf(Exception):
    """The index cannot be used as it is; build another."""


class BusyShelf(Exception):
    """Another process is writing to it."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Papers up to `revision` are in it. `edition` changes with everything that is written."""

    revision: int = 0
    papers: int = 0
    rows: int = 0
    """Papers in the ledger."""
    edition: int = 0

    @classmethod
    def read(cls, folder: Path) -> Self:
        """A BrokenShelf when there is none, or another kind of file."""
        try:
            found = json.loads((folder / _FILE).read_bytes())
            return cls(*(int(found[name]) for name in ("revision", "papers", "rows", "edition")))
        except (ValueError, KeyError, TypeError, OSError) as e:
            raise BrokenShelf(f"its mark cannot be read: {e}") from e

    def write(self, folder: Path) -> None:
        """From now on it is so."""
        write_whole(folder / _FILE, asdict(self))


def write_whole(path: Path, content: object) -> None:
    """Replace a small JSON file at once: nobody ever reads half of it."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(content))
    draft.replace(path)
