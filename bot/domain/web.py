"""Pages that a door wants to serve: the bot has one web server, and doors say what stands where."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A request as it came; names of headers are in lower case."""

    method: str
    path: str
    query: str = ""
    """What stood behind the question mark, as it was written."""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What is answered."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = (("content-type", "text/plain; charset=utf-8"),)


Handler = Callable[[Visit], Awaitable[Page]]


@runtime_checkable
class Hosted(Protocol):
    """A door that has pages."""

    @property
    def pages(self) -> Mapping[tuple[str, str], Handler]:
        """(Method, path) -> who answers there."""
        ...
