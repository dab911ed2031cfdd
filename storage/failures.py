"""The database's own errors, told in one line each to whoever runs the bot."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.domain.errors import StorageError

_ADVICE = {
    "SQLITE_BUSY": "is locked: another process holds it. Stop that one, or wait until it is done",
    "SQLITE_LOCKED": "is locked: another process holds it. Stop that one, or wait until it is done",
    "SQLITE_NOTADB": "is not a database. Name another file in `[storage] url`, or put a backup there",
    "SQLITE_CORRUPT": "is damaged. Put a backup there, or move it away to begin anew",
    "SQLITE_FULL": "cannot grow: the disk is full. Make room, then start again",
    "SQLITE_READONLY": "is read-only. Let this user write to the file and its directory",
    "SQLITE_PERM": "may not be opened. Let this user write to the file and its directory",
    "SQLITE_AUTH": "may not be opened. Let this user write to the file and its directory",
    "SQLITE_CANTOPEN": "cannot be opened. `[storage] url` must name a file that this user may write",
    "SQLITE_IOERR": "cannot be read or written: look after the disk",
}


def explain(name: str, error: Exception) -> StorageError:
    """One line for the operator: which database, what is wrong, what helps."""
    vendor = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(vendor, "sqlite_errorname", "") or ""
    for known, advice in _ADVICE.items():
        if code == known or code.startswith(f"{known}_"):
            return StorageError(f"The database {name} {advice}.")
    if isinstance(error, PoolTimeout):
        return StorageError(f"The database {name} is too busy to answer. Try again shortly.")
    lines = str(vendor).strip().splitlines() or [type(vendor).__name__]
    return StorageError(f"The database {name} refused: {lines[0][:300]}.")


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Turn what the database raises inside into a StorageError."""
    try:
        yield
    except (DBAPIError, PoolTimeout, sqlite3.Error, OSError) as e:
        raise explain(name, e) from e
