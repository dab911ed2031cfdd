"""A new database gets the newest schema at once: a quick start without Alembic. A test holds both roads together."""

from uuid import uuid4

from sqlalchemy import Connection, insert, text
from sqlmodel import SQLModel

from storage.tables import MetaRow

_FOUNDING = 0x70617065
"""The advisory lock of those who make or change the schema."""


def wait_for_founders(connection: Connection) -> None:
    """Replicas that start together make or change the schema once: on PostgreSQL the others wait here, however
    long that takes; on SQLite a writer is alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _FOUNDING})


def found(connection: Connection, version: str) -> None:
    """Every table, the database's own name, and the mark that Alembic goes on from."""
    SQLModel.metadata.create_all(connection)
    facts = {"identity": uuid4().hex, "revision": "0"}
    rows = [{"name": name, "value": value} for name, value in facts.items()]
    connection.execute(insert(MetaRow), rows)
    connection.execute(
        text(
            "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
            "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
        )
    )
    connection.execute(text("INSERT INTO alembic_version VALUES (:version)"), {"version": version})
