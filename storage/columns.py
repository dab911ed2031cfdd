"""Column types: what a platform sends is made fit for a column here, the same on SQLite and PostgreSQL."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, String, Text, TypeDecorator
from sqlalchemy.types import TypeEngine
from sqlmodel import SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Here, since whoever defines a table imports this before."""

MAX_INT = 2**31 - 1
"""The largest number an Integer column of PostgreSQL takes."""


def clean(text: str, length: int) -> str:
    """Text that every database takes: no NUL, no half surrogates, at most `length` characters."""
    text = text.replace("\0", "")[:length]
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def tidy_key(text: str, length: int) -> str:
    """`text` itself where it fits; else a shortened one with a digest, so that no two keys fall together.

    `length` counts bytes, too: an index entry of PostgreSQL has room for 2,704 of them, however many columns it has.
    """
    fit = clean(text, length)
    if fit == text and (text.isascii() or len(text.encode()) <= length):
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[: length - 1]
    start = fit.encode()[: length - len(digest) - 1].decode(errors="ignore")
    return f"{start}#{digest}"


class UTCDateTime(TypeDecorator[datetime]):
    """Aware in, aware UTC out, on SQLite too, which forgets the offset."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Key(TypeDecorator[str]):
    """Something looked up by equality: an address, an id. Never cut in a way that makes two keys one.

    Sorted by its characters' numbers on every database, not by a language's rules.
    """

    impl = String
    cache_ok = True

    def __init__(self, length: int = 255) -> None:
        super().__init__(length)
        self.length = length

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        collation = "C" if dialect.name == "postgresql" else None
        return dialect.type_descriptor(String(self.length, collation=collation))

    def process_bind_param(self, value: str | None, _: Dialect) -> str | None:
        return None if value is None else tidy_key(value, self.length)


class Line(TypeDecorator[str]):
    """Something shown to people; what is too long is cut."""

    impl = String
    cache_ok = True

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.length = length

    def process_bind_param(self, value: str | None, _: Dialect) -> str | None:
        return None if value is None else clean(value, self.length)


class Texts(TypeDecorator[tuple[str, ...]]):
    """Several short texts, kept as one JSON text; halves of characters become question marks."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, _: Dialect) -> str:
        text = json.dumps(value or (), ensure_ascii=False)
        return text if text.isascii() else text.encode("utf-8", "replace").decode()

    def process_result_value(self, value: Any, _: Dialect) -> tuple[str, ...]:
        return tuple(json.loads(value))
