"""Where the database is: what people write in `[storage] url`, read and shown without its secrets."""

import re
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from bot.domain.errors import StorageError

_POSTGRESQL = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
    "postgresql+psycopg_async": "postgresql+psycopg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}
"""What may be written -> the driver that is meant."""

_EXAMPLES = "sqlite:///paperbot.db or postgresql://user:password@host/database"
_ESCAPES = "In a password, the signs @ : / ? # % are written %40 %3A %2F %3F %23 %25."


def parse_url(url: str) -> URL:
    """`sqlite:///file`, a bare file path, or a PostgreSQL URL, as SQLAlchemy wants it for asyncio."""
    if "://" not in url and not re.match(r"postgres(ql)?(\+\w+)?:", url):
        return _file(URL.create("sqlite", database=url))
    try:
        parsed = make_url(url)
    except (
        ArgumentError,
        ValueError,
    ):  # neither the URL nor the cause is shown: a password is in it
        raise StorageError(
            f"`[storage] url` cannot be read as a database URL; one looks like {_EXAMPLES}. {_ESCAPES}"
        ) from None
    match parsed.get_backend_name():
        case "sqlite":
            return _file(parsed)
        case "postgresql" | "postgres":
            return _server(parsed)
        case other:
            raise StorageError(
                f"`[storage] url` names {other}; sqlite and postgresql are known here."
            )


def _file(url: URL) -> URL:
    if url.database in (None, "", ":memory:"):
        raise StorageError(f"`[storage] url` must name a file: sqlite:///paperbot.db, not {url}")
    return url.set(drivername="sqlite+aiosqlite")


def _server(url: URL) -> URL:
    driver = _POSTGRESQL.get(url.drivername)
    if driver is None:
        raise StorageError(
            f"`[storage] url` names the driver {url.drivername}; write postgresql:// for psycopg, "
            "or postgresql+asyncpg:// where that is installed."
        )
    return url.set(drivername=driver)


def is_sqlite(url: URL) -> bool:
    """Whether it is a file."""
    return url.get_backend_name() == "sqlite"


def read_only(url: URL) -> URL:
    """The same database, opened so that nothing can be written to it; a file has to exist."""
    if not is_sqlite(url):
        return url
    place = Path(url.database or "").absolute().as_uri()
    return url.set(database=place, query={"mode": "ro", "uri": "true"})


def name_of(url: URL) -> str:
    """What logs and errors call it: a file's path, or database and host; never a user or a password."""
    if is_sqlite(url):
        return url.database or ""
    host = url.host or url.query.get("host") or "this machine"
    host = host if isinstance(host, str) else ",".join(host)
    port = f":{url.port}" if url.port else ""
    return f"{url.database or 'postgres'} at {host}{port}"
