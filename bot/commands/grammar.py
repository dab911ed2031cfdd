"""From what somebody typed to what was asked, and back. Nothing but UserError is raised."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from bot.commands.spec import Asked, Command, Parameter
from bot.commands.tokens import Token, clean, pieces, tokens
from bot.commands.values import Prose, Words, echo, format_value, listing, nearest
from bot.domain.errors import UserError
from bot.domain.papers import parse_paper_id

PREFIX = "/paper"


def parse(
    text: str | Sequence[str], commands: Sequence[Command], today: date, *, prefix: str = PREFIX
) -> Asked:
    """Read a line, or the words of a shell; the prefix may be left out, and nothing asks for help."""
    if verbatim := _verbatim(text, commands, prefix):
        command, rest = verbatim
        return _Reader(command, today, prefix).read_verbatim(rest)
    found = without_group(without_prefix(tokens(text), prefix), commands)
    if not found:
        return Asked(command=find("help", commands, prefix))
    command = find(found[0].raw, commands, prefix, found[1:])
    return _Reader(command, today, prefix).read(found[1:])


def bind(
    name: str,
    options: Mapping[str, str],
    commands: Sequence[Command],
    today: date,
    *,
    prefix: str = PREFIX,
) -> Asked:
    """Read options that a platform has told apart; an empty one was not given."""
    command = find(name, commands, prefix)
    reader = _Reader(command, today, prefix)
    for option, text in options.items():
        reader.take_option(option, text)
    return reader.done()


def faults(
    name: str, options: Mapping[str, str], commands: Sequence[Command], today: date
) -> dict[str, str]:
    """What is wrong with which option; {} when `bind` would take them all."""
    found: dict[str, str] = {}
    for option, text in options.items():
        try:
            reader = _Reader(find(name, commands), today, PREFIX)
            reader.take_option(option, text)
        except UserError as e:
            found[option] = str(e).removeprefix(f"{option}: ")
    return found


def render(asked: Asked, *, prefix: str = PREFIX) -> str:
    """The line that asks for the same."""
    parts = [prefix, asked.command.name]
    in_order = True
    for parameter in sorted(asked.command.parameters, key=_place_in_line):
        value = asked.values.get(parameter.name)
        if value is None:
            in_order = in_order and not parameter.positional
            continue
        prose = isinstance(parameter.type, Prose)
        bare = (
            parameter.positional and (in_order or isinstance(parameter.type, Words)) and not prose
        )
        lead = "" if bare else f"{parameter.name}:"
        each = value if parameter.repeated and isinstance(value, tuple) else (value,)
        parts += [f"{lead}{format_value(parameter.type, one)}" for one in each]
    return " ".join(parts)


def _place_in_line(parameter: Parameter) -> int:
    """What takes the rest of a line stands last in it."""
    return 2 if isinstance(parameter.type, Prose) else int(not parameter.positional)


def on_page(asked: Asked, page: int) -> Asked:
    """The same, another page of it."""
    return replace(asked, values={**asked.values, "page": page})


def without_prefix(found: list[Token], prefix: str) -> list[Token]:
    """The tokens after `/paper`."""
    named = bool(found) and found[0].raw.lower() in (prefix, prefix.lstrip("/"))
    return found[1:] if named else found


def without_group(found: list[Token], commands: Sequence[Command]) -> list[Token]:
    """The tokens after a heading, where one of its commands follows."""
    words = [token.raw.lower() for token in found[:2]]
    if len(words) == 2 and not any(command.called(words[0]) for command in commands):  # noqa: PLR2004 -- heading and command
        under = (command for command in commands if command.group == words[0])
        if any(command.called(words[1]) for command in under):
            return found[1:]
    return found


def _verbatim(
    text: str | Sequence[str], commands: Sequence[Command], prefix: str
) -> tuple[Command, str] | None:
    """A command that takes the rest of its line as it is, and that rest."""
    line = clean(text if isinstance(text, str) else " ".join(text)).strip()
    name, _, rest = line.partition(" ")
    if name.lower() in (prefix, prefix.lstrip("/")):
        name, _, rest = rest.strip().partition(" ")
    command = next((one for one in commands if one.called(name.removeprefix("/"))), None)
    return (command, rest) if command and command.prose else None


def find(
    name: str, commands: Sequence[Command], prefix: str = PREFIX, rest: Sequence[Token] = ()
) -> Command:
    """The command of this name, or a UserError with what was probably meant."""
    wanted = name.lower().removeprefix("/")
    for command in commands:
        if command.called(wanted):
            return command
    line = " ".join((clean(name), *(token.raw for token in rest)))
    if id := parse_paper_id(name):
        raise UserError(f"To see that paper: `{prefix} show {id}`.")
    names = [n for command in commands for n in (command.name, *command.aliases)]
    if near := nearest(wanted, names):
        again = echo(" ".join((prefix, near, *(token.raw for token in rest))))
        hint = f"Did you mean {again}?"
    else:
        hint = f"To look for it: {echo(f'{prefix} search {line}')}."
    raise UserError(f"There is no command {echo(name)}. {hint} `{prefix} help` lists all.")


def _unquoted(text: str) -> str:
    """What one pair of quotation marks holds, if nothing stands outside of it."""
    whole = len(text) > 1 and text[0] == text[-1] == '"' and text.count('"') == 2  # noqa: PLR2004 -- a pair
    return text[1:-1] if whole else text


class _Reader:
    """Collects the values of one command."""

    def __init__(self, command: Command, today: date, prefix: str) -> None:
        self._command = command
        self._today = today
        self._called = f"{prefix} {command.name}"
        self._values: dict[str, list[object]] = {}
        self._words: list[Token] = []

    def read(self, found: Sequence[Token]) -> Asked:
        waiting = list(found)
        while waiting:
            token, *more = self._unnamed(waiting.pop(0))
            waiting[:0] = more
            parameter = self._named(token)
            if parameter is None:
                self._place(token)
                continue
            if not token.text and not token.quoted and waiting and not waiting[0].name:
                token = waiting.pop(0)
            text = token.text if token.name or token.quoted else token.raw
            if not text:
                raise UserError(f"`{parameter.name}:` has no value; write {parameter.type.hint}.")
            many = parameter.repeated and not token.quoted
            for piece in (pieces(text) or [text]) if many else [text]:
                self.take(parameter, piece)
        return self.done()

    def read_verbatim(self, rest: str) -> Asked:
        """What stands before the prose word by word, and then all of it."""
        prose = self._command.prose
        assert prose is not None  # noqa: S101 -- only such commands are read so
        while rest := rest.strip():
            word, _, after = rest.partition(" ")
            name, colon, value = word.partition(":")
            named = self._command.parameter(name) if colon else None
            if named is prose:
                rest = _unquoted(rest.partition(":")[2].strip())
                break
            if named is None or not value or named.name in self._values:
                named, value = next(iter(self._open_slots()), None), word
            if named is None:
                break
            self.take(named, value)
            rest = after
        if text := rest.strip():
            self.take(prose, text)
        return self.done()

    def take_option(self, name: str, text: str) -> None:
        """Read what a platform has told apart; an empty one was not given."""
        parameter = self._command.parameter(name)
        if parameter is None:
            raise UserError(self.unknown(name))
        if cleaned := " ".join(clean(text).split()):
            for piece in pieces(cleaned) if parameter.repeated else [cleaned]:
                self.take(parameter, piece)

    def take(self, parameter: Parameter, text: str) -> None:
        """Read one value."""
        given = self._values.setdefault(parameter.name, [])
        if given and not parameter.repeated:
            raise UserError(f"`{parameter.name}` was given twice; once is enough.")
        try:
            value = parameter.type.parse(text, self._today)
        except UserError as e:
            where = "" if parameter.positional else f"{parameter.name}: "
            raise UserError(f"{where}{e}") from None
        if value != ():
            given.append(value)

    def done(self) -> Asked:
        free = self._command.free_text
        if free and (words := Words().of(self._words)):
            self._values[free.name] = [words]
        values: dict[str, object] = {}
        for parameter in self._command.parameters:
            given = self._values.get(parameter.name)
            if given:
                values[parameter.name] = tuple(given) if parameter.repeated else given[0]
            elif parameter.required:
                raise UserError(self._missing(parameter))
        return Asked(command=self._command, values=values)

    def unknown(self, name: str) -> str:
        """What to say about a qualifier that this command does not have."""
        names = [parameter.name for parameter in self._command.parameters]
        if near := self._near(name):
            return f"`{self._called}` has no {echo(f'{name}:')}. Did you mean `{near}:`?"
        if not names:
            return f"`{self._called}` takes nothing more; leave out {echo(f'{name}:')}."
        there = listing((f"{known}:" for known in names), "and")
        return f"`{self._called}` has no {echo(f'{name}:')}; it has {there}."

    def _near(self, name: str) -> str | None:
        known = (n for p in self._command.parameters for n in (p.name, *p.aliases))
        return nearest(name, known)

    def _unnamed(self, token: Token) -> list[Token]:
        """Words need no name; those that were given one all the same are taken out of it."""
        free = self._command.free_text
        named = (
            bool(token.name) and free is not None and self._command.parameter(token.name) is free
        )
        return tokens(token.text) if named and token.text else [token]

    def _named(self, token: Token) -> Parameter | None:
        """The parameter a token names; None when it is a plain word."""
        if not token.name or parse_paper_id(token.raw):
            return None
        parameter = self._command.parameter(token.name)
        if parameter and not isinstance(parameter.type, Words):
            if token.excluded:
                raise UserError(
                    f"A minus works before words only; leave it out of `-{token.name}:`."
                )
            return parameter
        free = self._command.free_text
        pasted = free is not None and not token.text and not token.quoted
        if not pasted and self._near(token.name):
            raise UserError(self.unknown(token.name))
        if free or self._open_slots():
            return None
        raise UserError(self.unknown(token.name))

    def _open_slots(self) -> list[Parameter]:
        """What a plain word can still be the value of."""
        return [
            parameter
            for parameter in self._command.positional
            if parameter.name not in self._values and not isinstance(parameter.type, Words | Prose)
        ]

    def _place(self, token: Token) -> None:
        text = token.text if token.quoted and not token.name else token.raw
        slots = self._open_slots()
        slot = next((one for one in slots if not self._is_word(one, text)), None)
        if slot is None and slots and not self._command.free_text:
            slot = slots[0]  # which says what would be right
        if slot:
            self.take(slot, text)
        elif self._command.free_text:
            self._words.append(token)
        else:
            usage = f"{self._called.split()[0]} {self._command.usage}"
            raise UserError(f"{echo(text)} is too much here; write `{usage}`.")

    def _is_word(self, slot: Parameter, text: str) -> bool:
        """Whether it is none of the few values that could stand first."""
        return bool(slot.choices) and not slot.required and text.lower() not in slot.choices

    def _missing(self, parameter: Parameter) -> str:
        example = self._command.examples[0] if self._command.examples else self._command.usage
        prefix = self._called.split()[0]
        return (
            f"`{self._called}` lacks its {parameter.name}: write {parameter.type.hint}. "
            f"For example: `{prefix} {example}`."
        )
