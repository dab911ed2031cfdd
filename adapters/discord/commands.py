"""The core's commands as Discord's: one group with a subcommand for each, and two for any message."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from keyword import iskeyword
from typing import Any

import discord
from discord import app_commands

from adapters.discord.addresses import Interaction
from bot.domain.forms import Field, Form

NAME = 32
HELP = 100
"""Discord's limits of names and descriptions, in characters."""
CHOICES = 25
OPTIONS = 25
EVERYWHERE = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True)
INSTALLS = app_commands.AppInstallationType(guild=True, user=True)
SAVE_FROM = "Save papers in this message"
DETAILS_OF = "Paper details"

Run = Callable[[Interaction, Form, Mapping[str, str]], Any]
Suggest = Callable[[Interaction, Form, Field, str], Any]


def group(
    forms: Sequence[Form], run: Run, suggest: Suggest, *, name: str = "paper"
) -> app_commands.Group:
    """`/paper` with everything under it, some of it under headings."""
    root = app_commands.Group(
        name=name,
        description="Hugging Face Daily Papers: read, search, save, subscribe",
        allowed_contexts=EVERYWHERE,
        allowed_installs=INSTALLS,
    )
    for heading in dict.fromkeys(form.group for form in forms):
        under = [form for form in forms if form.group == heading]
        if not heading:
            place = root
        else:
            names = ", ".join(form.name for form in under)
            place = app_commands.Group(name=heading, description=names[:HELP], parent=root)
        for form in under:
            place.add_command(_command(form, run, suggest))
    return root


def _command(form: Form, run: Run, suggest: Suggest) -> app_commands.Command[Any, ..., Any]:
    fields = sorted(form.parameters[:OPTIONS], key=lambda field: not field.required)
    spelt = {_python(field): field.name for field in fields}

    async def callback(interaction: Interaction, **options: object) -> None:
        given = {spelt[name]: str(value) for name, value in options.items() if value is not None}
        await run(interaction, form, given)

    # What Discord is told about a command is read off a signature: this writes one.
    first = inspect.Parameter("interaction", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = [first, *map(_parameter, fields)]
    callback.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command: app_commands.Command[Any, ..., Any] = app_commands.Command(
        name=form.name, description=form.summary[:HELP], callback=callback
    )
    for field in fields:
        if field.span is None and not _fixed(field) and field.suggests:
            command.autocomplete(_python(field))(_completion(form, field, suggest))
    choices = {
        _python(field): [app_commands.Choice(name=value, value=value) for value in field.choices]
        for field in fields
        if _fixed(field)
    }
    command = app_commands.choices(**choices)(command)
    command = app_commands.rename(**spelt)(command)
    return app_commands.describe(**{_python(field): field.help[:HELP] for field in fields})(command)


def _python(field: Field) -> str:
    """Its name as a signature takes it."""
    return f"{field.name}_" if iskeyword(field.name) else field.name


def _parameter(field: Field) -> inspect.Parameter:
    kind: Any = str
    if field.span is not None:
        kind = app_commands.Range[int, field.span[0], field.span[1]]
    default = inspect.Parameter.empty if field.required else None
    return inspect.Parameter(
        _python(field),
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        default=default,
        annotation=kind if field.required else kind | None,
    )


def _fixed(field: Field) -> bool:
    """Whether Discord lets people pick one of a few values, and type nothing else."""
    return 0 < len(field.choices) <= CHOICES and not field.repeated


def _completion(form: Form, field: Field, suggest: Suggest) -> Any:
    async def complete(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        return [
            app_commands.Choice(name=label[:HELP], value=value)
            for value, label in await suggest(interaction, form, field, current)
            if 0 < len(value) <= HELP
        ][:CHOICES]

    return complete


def menus(
    save: Callable[[Interaction, discord.Message], Any],
    show: Callable[[Interaction, discord.Message], Any],
) -> tuple[app_commands.ContextMenu, ...]:
    """What the Apps menu of a message offers. Discord hands its text over without any intent."""

    async def save_papers(interaction: Interaction, message: discord.Message) -> None:
        await save(interaction, message)

    async def paper_details(interaction: Interaction, message: discord.Message) -> None:
        await show(interaction, message)

    return tuple(
        app_commands.ContextMenu(
            name=name,
            callback=callback,
            type=discord.AppCommandType.message,
            allowed_contexts=EVERYWHERE,
            allowed_installs=INSTALLS,
        )
        for name, callback in ((SAVE_FROM, save_papers), (DETAILS_OF, paper_details))
    )
