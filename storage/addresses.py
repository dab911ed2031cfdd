"""Addresses on their way into columns and back."""

from dataclasses import replace

from sqlalchemy import ColumnElement, and_
from sqlmodel import col

from bot.domain.errors import UserError
from bot.domain.people import Channel, Message, Person, Workspace


def address(place: Workspace | Channel | Message | Person) -> str:
    """As it is written; a UserError when it could not be read back."""
    text = str(place)
    if type(place).parse(text) != place:
        raise UserError(
            f"`{text[:200]}` is not an address; one looks like `terminal:local/papers`."
        )
    return text


def person(text: str, name: str) -> Person:
    """Somebody, with the name to show."""
    return replace(Person.parse(text), name=name)


def inside(column: str, place: Channel | Workspace) -> ColumnElement[bool]:
    """Whether a column of channels names this one, or one of this workspace."""
    if isinstance(place, Channel):
        return col(column) == str(place)
    return beginning(column, f"{place}/")


def beginning(column: str | None, start: str) -> ColumnElement[bool]:
    """Whether a key begins so, letter case and all: as a range, which every database finds in an index."""
    key = col(column)
    return and_(key >= start, key < start[:-1] + chr(ord(start[-1]) + 1))
