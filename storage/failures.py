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


_STATES = {
    "08": "cannot be reached. Look whether it runs, and whether `[storage] url` names its host",
    "25006": "is read-only: a stand-by. `[storage] url` must name the primary",
    "28": "does not let us in. Look after user and password in `[storage] url`",
    "3D000": "does not exist. Create it, or name another in `[storage] url`",
    "40": "has too many writers at one place just now. Try again shortly",
    "42501": "does not let us do that: make the user of `[storage] url` the database's owner",
    "53100": "cannot grow: its server's disk is full. Make room there",
    "53300": "has no connection left for us. Raise max_connections there, or put PgBouncer before it",
    "55P03": "is locked: somebody else holds what is needed. Try again shortly",
    "57P": "is being stopped or started. Nothing is lost; it is tried again",
}
"""By PostgreSQL's error codes, or what these begin with."""


def explain(name: str, error: Exception) -> StorageError:
    """One line for the operator: which database, what is wrong, what helps."""
    vendor = error.orig if isinstance(error, DBAPIError) else error
    if advice := _file(vendor) or _server(vendor):
        return StorageError(f"The database {name} {advice}.")
    if isinstance(error, PoolTimeout):
        return StorageError(f"The database {name} is too busy to answer. Try again shortly.")
    return StorageError(f"The database {name} refused: {_first_line(vendor)}.")


def _file(vendor: BaseException | None) -> str | None:
    code = getattr(vendor, "sqlite_errorname", "") or ""
    names = (name for name in _ADVICE if code == name or code.startswith(f"{name}_"))
    return next((_ADVICE[name] for name in names), None)


def _server(vendor: BaseException | None) -> str | None:
    state = getattr(vendor, "sqlstate", None) or ""
    for known, advice in _STATES.items():
        if state.startswith(known):
            return advice
    if not state and _is_lost(vendor):  # psycopg has the server's words then, and no code
        said = _first_line(vendor).rpartition("FATAL:")[2].strip()
        return f"cannot be reached ({said}). Look whether it runs, and at `[storage] url`"
    return None


def _is_lost(vendor: BaseException | None) -> bool:
    names = {(kind.__module__, kind.__name__) for kind in type(vendor).__mro__}
    return ("psycopg", "OperationalError") in names or isinstance(
        vendor, ConnectionError | TimeoutError
    )


def _first_line(vendor: BaseException | None) -> str:
    lines = str(vendor).strip().splitlines() or [type(vendor).__name__]
    return lines[0][:300].rstrip(".")


def newer(name: str, version: str) -> StorageError:
    """A schema that this program does not know."""
    return StorageError(
        f"The database {name} was written by a newer paperbot (schema {version}). "
        "Update this one, or use another database."
    )


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Turn what the database raises inside into a StorageError."""
    try:
        yield
    except (DBAPIError, PoolTimeout, sqlite3.Error, OSError) as e:
        raise explain(name, e) from e
