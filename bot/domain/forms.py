"""What a door may know of a command: enough for a form of it on its platform."""

from collections.abc import Sequence
from typing import Protocol


class Field(Protocol):
    """One thing a command takes."""

    @property
    def name(self) -> str:
        """At most 32 characters."""
        ...

    @property
    def help(self) -> str:
        """At most 100 characters."""
        ...

    @property
    def required(self) -> bool: ...

    @property
    def repeated(self) -> bool:
        """Several values may be given, with commas between them."""
        ...

    @property
    def choices(self) -> tuple[str, ...]:
        """Every value it takes, where these are few; else ()."""
        ...

    @property
    def span(self) -> tuple[int, int] | None:
        """For a whole number the least and the greatest."""
        ...

    @property
    def suggests(self) -> bool:
        """Whether the desk has values to propose while it is typed."""
        ...


class Form(Protocol):
    """One thing people can ask for."""

    @property
    def name(self) -> str: ...

    @property
    def summary(self) -> str: ...

    @property
    def private(self) -> bool:
        """Whether the answer is for the caller's eyes only."""
        ...

    @property
    def admin(self) -> bool:
        """Whether it takes the right to manage the channel."""
        ...

    @property
    def group(self) -> str:
        """The heading it may stand under where there is no room for all side by side; "" is none."""
        ...

    @property
    def parameters(self) -> Sequence[Field]: ...

    def called(self, name: str) -> bool:
        """Whether people may call it so: its name or an alias, in any case."""
        ...
