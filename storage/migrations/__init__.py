"""Alembic, run in process by `storage.database`; there is no ini file."""
