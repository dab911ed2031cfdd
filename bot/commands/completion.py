"""How a line could go on: commands, names of qualifiers, values. Pure; ids and titles are the desk's."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.commands.grammar import PREFIX, without_group, without_prefix
from bot.commands.spec import Command, Parameter
from bot.commands.tokens import Token, quote, tokens
from bot.commands.values import SUGGESTIONS, Prose, Words, starting
from bot.domain.errors import UserError


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """Where a line stops: behind which command, in which parameter, after which letters."""

    command: Command | None = None
    parameter: Parameter | None = None
    lead: str = ""
    """What stands before the value in the last word: `since:`."""
    typed: str = ""
    given: frozenset[str] = frozenset()
    """Names of parameters that the line has already."""
    begins: bool = False
    """The line has nothing before its last word."""


def cursor(text: str, commands: Sequence[Command], *, prefix: str = PREFIX) -> Cursor | None:
    """None when there is nothing to complete."""
    try:
        found = tokens(text, unfinished=True)
    except UserError:
        return None
    last = found.pop() if found and not text[-1:].isspace() else Token(raw="", text="")
    before = without_group(without_prefix(found, prefix), commands)
    if not before:
        return Cursor(typed=last.raw, begins=not found)
    command = next((c for c in commands if c.called(before[0].raw.removeprefix("/"))), None)
    return _behind(command, before[1:], last) if command else None


def _behind(command: Command, before: Sequence[Token], last: Token) -> Cursor:
    given = {p.name for token in before if (p := command.parameter(token.name))}
    slots = [p for p in command.positional if not isinstance(p.type, Words | Prose)]
    slots = [p for p in slots if p.name not in given]
    plain = sum(not command.parameter(token.name) for token in before)
    given |= {slot.name for slot in slots[:plain]}
    if last.name and (parameter := command.parameter(last.name)):
        return Cursor(
            command=command,
            parameter=parameter,
            lead=f"{last.name}:",
            typed=last.text,
            given=frozenset(given),
        )
    slot = slots[plain] if plain < len(slots) else None
    typed = last.text if last.quoted else last.raw
    return Cursor(command=command, parameter=slot, typed=typed, given=frozenset(given))


def complete(text: str, commands: Sequence[Command], *, prefix: str = PREFIX) -> list[str]:
    """Words that could stand in the place of the last one, the likeliest first."""
    at = cursor(text, commands, prefix=prefix)
    return [] if at is None else completions(at, commands, prefix=prefix)


def completions(at: Cursor, commands: Sequence[Command], *, prefix: str = PREFIX) -> list[str]:
    """What the declarations alone know to say."""
    if at.command is None:
        names = starting(at.typed, (command.name for command in commands))
        return [*(starting(at.typed, [prefix]) if at.begins and at.typed else []), *names]
    values = at.parameter.type.suggest(at.typed) if at.parameter else []
    found = [f"{at.lead}{quote(value)}" for value in values]
    if not at.lead:
        found += starting(at.typed, _qualifiers(at.command, at.given))
    return found[:SUGGESTIONS]


def _qualifiers(command: Command, given: frozenset[str]) -> list[str]:
    return [
        f"{parameter.name}:"
        for parameter in command.parameters
        if not parameter.positional and (parameter.repeated or parameter.name not in given)
    ]
