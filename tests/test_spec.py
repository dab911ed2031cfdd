"""The declarations: what every door builds its forms from."""

import re
from datetime import date

import pytest

from bot.commands.catalogue import COMMANDS
from bot.commands.grammar import parse, render
from bot.commands.spec import Command
from bot.commands.values import Choice, Words

TODAY = date(2025, 5, 22)
NAME = re.compile(r"[a-z][a-z-]{0,31}")


@pytest.fixture(params=COMMANDS, ids=lambda command: command.name)
def command(request: pytest.FixtureRequest) -> Command:
    return request.param


def test_it_fits_the_platforms(command: Command):
    """Names of 32 characters, help of 100, 25 parameters, 25 choices: the limits of Discord."""
    assert NAME.fullmatch(command.name)
    assert 0 < len(command.summary) <= 100
    assert len(command.parameters) <= 25
    for parameter in command.parameters:
        assert NAME.fullmatch(parameter.name)
        assert 0 < len(parameter.help) <= 100
        if isinstance(parameter.type, Choice):
            assert 0 < len(parameter.type.values) <= 25


def test_required_parameters_come_first(command: Command):
    """Discord refuses a required option after one that is not."""
    required = [parameter.required for parameter in command.parameters]
    assert required == sorted(required, reverse=True)


def test_one_name_means_one_parameter(command: Command):
    """Names and aliases do not meet."""
    names = [name for p in command.parameters for name in (p.name, *p.aliases)]
    assert len(names) == len(set(names))


def test_at_most_one_parameter_takes_the_rest(command: Command):
    """Free text stands last among the positional ones."""
    free = [isinstance(p.type, Words) for p in command.positional]
    assert sum(free) <= 1
    assert not any(free[:-1])


def test_its_examples_work(command: Command):
    """What help shows can be typed as it is, and reads back the same."""
    assert command.examples
    for example in command.examples:
        asked = parse(example, COMMANDS, TODAY)
        assert asked.command is command
        assert parse(render(asked), COMMANDS, TODAY) == asked


def test_names_are_unique():
    """No command hides another."""
    names = [name for command in COMMANDS for name in (command.name, *command.aliases)]
    assert len(names) == len(set(names))


def test_there_is_room_for_all_on_discord():
    """25 commands and headings side by side, and 25 under each heading; no heading hides a command."""
    headings = {command.group for command in COMMANDS} - {""}
    under = {name: [c for c in COMMANDS if c.group == name] for name in ("", *headings)}
    assert len(under[""]) + len(headings) <= 25
    assert all(len(there) <= 25 for there in under.values())
    assert not any(command.called(name) for command in COMMANDS for name in headings)


def test_a_heading_may_be_named_before_its_commands():
    """What people got used to on one platform works on the others."""
    grouped = next(command for command in COMMANDS if command.group)
    line = f"{grouped.group} {grouped.examples[0]}"
    assert parse(line, COMMANDS, TODAY) == parse(grouped.examples[0], COMMANDS, TODAY)


def test_only_changes_to_the_channel_need_rights_and_are_public():
    """Everything else is for everybody, and for their eyes only."""
    assert {command.name for command in COMMANDS if command.admin} == {"subscribe", "unsubscribe"}
    assert {command.name for command in COMMANDS if not command.private} == {
        "club",
        "stats",
        "subscribe",
        "unsubscribe",
    }
