"""help: written from the declarations."""

from bot.commands.catalogue import COMMANDS
from bot.domain.posts import Notice, Panel
from tests.support.rooms import Office


async def test_help_lists_every_command():
    """With what it does, and how to save by reaction."""
    panel = await Office().says_one("/paper")
    assert isinstance(panel, Panel)
    assert [row.label for row in panel.rows] == [command.name for command in COMMANDS]
    assert "🔖" in panel.notes[1]


async def test_help_on_one_command():
    """Usage, each parameter with what it takes, examples, who may use it."""
    panel = await Office().says_one("help subscribe")
    assert isinstance(panel, Panel)
    rows = {row.label: row.text for row in panel.rows}
    assert rows["Usage"].startswith("/paper subscribe [edition] [at:…] [tz:…]")
    assert "may be given several times" in rows["include:"]
    assert rows["edition"].endswith("(daily, live, weekly, monthly, trending, rising, recap)")
    assert "manage the channel" in panel.notes[0]


async def test_help_on_every_command():
    """Each one, itself included, in any spelling."""
    for command in COMMANDS:
        for line in (f"help {command.name}", f"help /{command.name.upper()}"):
            assert isinstance(await Office().says_one(line), Panel)


async def test_help_on_nothing_we_know():
    """A near miss is put right."""
    answer = await Office().says_one("help serch")
    assert isinstance(answer, Notice)
    assert "`/paper search`" in answer.text
