"""Migrations, run in process. Imported only when the schema is not the newest: Alembic takes its time to load."""

import io

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from bot.domain.errors import StorageError

_ADVISORY_LOCK = 0x70617065
"""Held on PostgreSQL while migrating, so that replicas that start together do it once."""


def config(connection: Connection | None = None) -> Config:
    """Alembic's settings, without an ini file."""
    made = Config(stdout=io.StringIO())
    made.set_main_option("script_location", "storage:migrations")
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made


def migrate(connection: Connection, name: str, version: str | None) -> None:
    """Bring the schema to the newest version, inside the caller's transaction."""
    settings = config(connection)
    known = {script.revision for script in ScriptDirectory.from_config(settings).walk_revisions()}
    if version is not None and version not in known:
        raise StorageError(
            f"The database {name} was written by a newer paperbot (schema {version}). "
            "Update this one, or use another database."
        )
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
    command.upgrade(settings, "head")
