"""A new database gets the newest schema at once: a quick start without Alembic. A test holds both roads together."""

from uuid import uuid4

from sqlalchemy import Connection, insert, text
from sqlmodel import SQLModel

from storage.tables import MetaRow


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
