"""help: written from the declarations, so that it is never out of date."""

from collections.abc import Sequence

from bot.commands.grammar import find
from bot.commands.room import Room
from bot.commands.spec import Answer, Command, Parameter, Request
from bot.commands.values import Key
from bot.domain.posts import Panel, Row


def help_on(others: Sequence[Command]) -> Command:
    """The help command for these commands and itself."""

    async def run(room: Room, request: Request) -> Answer:
        known = (*others, request.command)
        wanted = request.one("command", str)
        return _one(room, find(wanted, known, room.command)) if wanted else _all(room, known)

    return Command(
        name="help",
        summary="All commands, or all about one of them",
        run=run,
        parameters=(
            Parameter(
                name="command",
                help="The command to explain",
                type=Key(tuple(command.name for command in others), hint="a command's name"),
                positional=True,
            ),
        ),
        aliases=("?",),
        examples=("help", "help search"),
    )


def _all(room: Room, commands: Sequence[Command]) -> Panel:
    emoji = " or ".join(room.save_emoji)
    react = f"React with {emoji} to a paper, or with 1️⃣ to 🔟 to one of a list, to save it."
    return Panel(
        title=f"{room.command}: papers of the day, and all before them",
        rows=tuple(Row(command.name, command.summary) for command in commands),
        notes=(f"{room.says('help search')} explains one command.", react),
    )


def _one(room: Room, command: Command) -> Panel:
    rows = [Row("Usage", f"{room.command} {command.usage}")]
    rows += [Row(_label(parameter), _explained(parameter)) for parameter in command.parameters]
    if command.group:
        rows.append(Row("Also", f"{room.command} {command.group} {command.name}"))
    rows += [Row("Example", f"{room.command} {example}") for example in command.examples]
    notes = []
    if command.admin:
        notes.append("Only people who may manage the channel can use it.")
    if not command.private:
        notes.append(command.seen or "Everybody in the channel sees the answer.")
    return Panel(title=command.summary, rows=tuple(rows), notes=tuple(notes))


def _label(parameter: Parameter) -> str:
    return parameter.name if parameter.positional else f"{parameter.name}:"


def _explained(parameter: Parameter) -> str:
    again = "; may be given several times" if parameter.repeated else ""
    return f"{parameter.help} ({parameter.type.hint}{again})"
