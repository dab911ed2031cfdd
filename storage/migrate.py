"""Migrations, run in process. Imported only when the schema is not the newest: Alembic takes its time to load."""

import io

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from storage.failures import newer


def config(connection: Connection | None = None) -> Config:
    """Alembic's settings, without an ini file."""
    made = Config(stdout=io.StringIO())
    made.set_main_option("script_location", "storage:migrations")
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made


def migrate(connection: Connection, name: str, version: str | None, to: str = "head") -> None:
    """Bring the schema to the newest version (or to another one), inside the caller's transaction."""
    settings = config(connection)
    known = {script.revision for script in ScriptDirectory.from_config(settings).walk_revisions()}
    if version is not None and version not in known:
        raise newer(name, version)
    command.upgrade(settings, to)
