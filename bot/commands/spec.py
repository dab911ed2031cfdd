"""What a command is: declared once, it gives every door its form, its help and its completion."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Self, TypeVar

from bot.commands.room import Room
from bot.commands.values import (
    Choice,
    Integer,
    Key,
    Kind,
    Known,
    Member,
    PaperRef,
    Prose,
    Tag,
    Words,
)
from bot.domain.ports import Caller
from bot.domain.posts import Post, Reply

T = TypeVar("T")

Answer = Post | tuple[Post, ...] | Reply
"""A `Reply` says by itself who can see it, where the command as such is for everybody."""

_OF_THE_DESK = (PaperRef, Key, Known, Member, Tag)
"""Types whose values only the desk knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One thing a command takes. Name and help keep to Discord's limits of 32 and 100 characters."""

    name: str
    help: str
    type: Kind
    required: bool = False
    positional: bool = False
    """It is written without its name, in the order of declaration."""
    repeated: bool = False
    """It may be given several times; the value is a tuple."""
    aliases: tuple[str, ...] = ()

    @property
    def usage(self) -> str:
        """`<words>`, `[day]` or `[sort:…]`."""
        if not self.positional:
            return f"[{self.name}:…]"
        return f"<{self.name}>" if self.required else f"[{self.name}]"

    @property
    def choices(self) -> tuple[str, ...]:
        """Every value it takes, where these are few."""
        return tuple(map(str, self.type.values)) if isinstance(self.type, Choice) else ()

    @property
    def span(self) -> tuple[int, int] | None:
        """For a whole number the least and the greatest."""
        return (self.type.lo, self.type.hi) if isinstance(self.type, Integer) else None

    @property
    def suggests(self) -> bool:
        """Whether there are values to propose while it is typed."""
        return isinstance(self.type, _OF_THE_DESK) or bool(self.type.suggest(""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One thing people can ask for."""

    name: str
    summary: str
    run: Callable[[Room, "Request"], Awaitable[Answer]]
    parameters: tuple[Parameter, ...] = ()
    private: bool = True
    """Whether the answer is for the caller's eyes only."""
    seen: str = ""
    """Who sees the answer, in words for help, where that depends on it."""
    admin: bool = False
    """Whether it takes the right to manage the channel."""
    aliases: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    """Lines that work as they are, without the `/paper`."""
    group: str = ""
    """The heading under which it stands where a platform has no room for all commands side by side; a line
    may name it before the command."""

    @property
    def usage(self) -> str:
        """The command with its parameters, positional ones first."""
        ordered = sorted(self.parameters, key=lambda parameter: not parameter.positional)
        return " ".join((self.name, *(parameter.usage for parameter in ordered)))

    @property
    def positional(self) -> tuple[Parameter, ...]:
        return tuple(parameter for parameter in self.parameters if parameter.positional)

    @property
    def free_text(self) -> Parameter | None:
        """The parameter that takes all the words that are left over."""
        return next((p for p in self.parameters if isinstance(p.type, Words)), None)

    @property
    def prose(self) -> Parameter | None:
        """The parameter that takes the rest of the line as it is."""
        return next((p for p in self.parameters if isinstance(p.type, Prose)), None)

    def parameter(self, name: str) -> Parameter | None:
        """By its name or an alias, in any case."""
        name = name.lower()
        return next((p for p in self.parameters if name in (p.name, *p.aliases)), None)

    def called(self, name: str) -> bool:
        return name.lower() in (self.name, *self.aliases)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A command and the values for its parameters, read and checked."""

    command: Command
    values: Mapping[str, object] = field(default_factory=dict)

    def one(self, name: str, type: type[T]) -> T | None:
        """The value, or None when it was not given."""
        value = self.values.get(name)
        return value if isinstance(value, type) else None

    def many(self, name: str, type: type[T]) -> tuple[T, ...]:
        """All values of a repeated parameter, or the words of a free text; () when not given."""
        values = self.values.get(name, ())
        return tuple(v for v in values if isinstance(v, type)) if isinstance(values, tuple) else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Asked):
    """What was asked, and by whom."""

    caller: Caller

    @classmethod
    def of(cls, asked: Asked, caller: Caller) -> Self:
        return cls(command=asked.command, values=asked.values, caller=caller)


class Suggestion(str):
    """What would finish a line; `label` says it in words where the text alone does not."""

    __slots__ = ("label",)
    label: str

    def __new__(cls, text: str, label: str = "") -> Self:
        self = super().__new__(cls, text)
        self.label = label or text
        return self
