"""/paper on Discord: one tree from the core's declarations, typed, completed, answered in time and in private."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import discord
import pytest
from discord import app_commands

from adapters.discord.client import PaperClient, plant
from adapters.discord.registration import fingerprint
from adapters.discord.settings import Settings
from bot.commands.catalogue import COMMANDS
from tests.support.discord import PAPERS, World, words, world


def tree() -> list[dict[str, Any]]:
    planted = plant(PaperClient(Settings(token="t")), COMMANDS)
    return [command.to_dict(planted) for command in planted.get_commands()]


def characters(node: dict[str, Any]) -> int:
    """As Discord counts the size of a command."""
    choices = node.get("choices", [])
    own = len(node["name"]) + len(node.get("description", ""))
    own += sum(len(choice["name"]) + len(str(choice["value"])) for choice in choices)
    return own + sum(map(characters, node.get("options", [])))


def nodes(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [node, *(below for child in node.get("options", []) for below in nodes(child))]


def test_every_command_is_there_with_all_its_parameters() -> None:
    """The terminal has no command that Discord lacks."""
    (group,) = [command for command in tree() if command["type"] == 1]
    subs = [(sub, "") for sub in group["options"] if sub["type"] == 1]
    headings = [sub for sub in group["options"] if sub["type"] == 2]
    subs += [(sub, one["name"]) for one in headings for sub in one["options"]]
    told = {
        (where, sub["name"]): {o["name"] for o in sub.get("options", [])} for sub, where in subs
    }
    assert told == {(c.group, c.name): {p.name for p in c.parameters} for c in COMMANDS}


def test_the_tree_keeps_discords_limits() -> None:
    """32 characters a name, 100 a description, 25 options and choices, 8000 in all."""
    for command in tree():
        assert characters(command) <= 8000
        for node in nodes(command):
            assert 1 <= len(node["name"]) <= 32
            assert len(node.get("description", "")) <= 100
            assert len(node.get("options", [])) <= 25
            assert len(node.get("choices", [])) <= 25
            required = [option.get("required", False) for option in node.get("options", [])]
            assert required == sorted(required, reverse=True)


def test_options_are_typed() -> None:
    """Numbers have ranges, few words are choices, papers and zones are completed."""
    (group,) = [command for command in tree() if command["type"] == 1]
    subscribe = next(sub for sub in group["options"] if sub["name"] == "subscribe")
    option = {one["name"]: one for one in subscribe["options"]}
    assert (option["top"]["type"], option["top"]["min_value"], option["top"]["max_value"]) == (
        4,
        1,
        50,
    )
    assert option["edition"]["choices"][0]["value"] == "daily"
    assert option["tz"]["autocomplete"]


def test_people_can_install_it_for_themselves() -> None:
    """Commands and message menus work in servers, in direct messages and in group chats."""
    for command in tree():
        assert command["integration_types"] == [0, 1]
        assert command["contexts"] == [0, 1, 2]


async def test_names_can_be_translated(tmp_path: Path) -> None:
    """A translator gets every name and description."""

    class Shouting(app_commands.Translator):
        async def translate(
            self, string: app_commands.locale_str, locale: discord.Locale, context: Any
        ) -> str | None:
            return str(string).upper() if locale is discord.Locale.german else None

    planted = plant(PaperClient(Settings(token="t")), COMMANDS)
    group = planted.get_commands(type=discord.AppCommandType.chat_input)[0]
    payload = await group.get_translated_payload(planted, Shouting())
    assert payload["description_localizations"]["de"].startswith("HUGGING FACE")
    assert payload["options"][0]["description_localizations"]["de"]


async def test_an_answer_is_for_the_one_who_asked(tmp_path: Path) -> None:
    """A search is answered at once, out of sight of the others, with controls."""
    async with world(tmp_path) as w:
        result = await w.bob.slash(w.papers, "paper search", words="clip")
        assert result.ephemeral
        assert not result.deferred
        assert "CLIP sees everything" in words(result.response)


async def test_a_mistake_is_explained_in_private(tmp_path: Path) -> None:
    """What is wrong and what would be right."""
    async with world(tmp_path) as w:
        result = await w.bob.slash(w.papers, "paper date", day="someday")
        assert result.ephemeral
        assert "is not a day" in words(result.response)


async def test_what_takes_long_is_announced(tmp_path: Path) -> None:
    """Discord waits for three seconds; we say before that it will take longer, and answer then."""
    async with world(tmp_path) as w:
        w.refresher.pause = lambda: asyncio.sleep(5)
        result = await w.bob.slash(w.papers, "paper today")
        assert result.deferred
        await w.env.advance_time(10)
        assert result.ephemeral
        assert "Attention to diffusion" in words(result.response)


async def test_numbers_go_on_from_a_private_list(tmp_path: Path) -> None:
    """`save 2` after a list is the second paper of it."""
    async with world(tmp_path) as w:
        await w.bob.slash(w.papers, "paper today")
        await w.bob.slash(w.papers, "paper save", paper="2")
        assert await w.saved(w.bob) == {"Attention to diffusion"}


async def test_an_export_is_a_file(tmp_path: Path) -> None:
    """Ready to be opened, with one line that says what it is."""
    async with world(tmp_path) as w:
        await w.bob.slash(w.papers, "paper save", paper=PAPERS[0].id)
        result = await w.bob.slash(w.papers, "paper export", format="bibtex")
        assert result.response
        assert result.response.attachments[0].filename.endswith(".bib")


@pytest.mark.parametrize(
    ("command", "option", "typed", "expected"),
    [
        ("paper show", "paper", "diffu", ("Attention to diffusion", "2512.00002")),
        ("paper subscribe", "tz", "new y", ("America/New_York", "America/New_York")),
        ("paper search", "has", "code,vi", ("code,video", "code,video")),
        ("paper date", "day", "yest", ("yesterday", "yesterday")),
        ("paper help", "command", "sear", ("search", "search")),
    ],
)
async def test_options_are_completed(
    tmp_path: Path, command: str, option: str, typed: str, expected: tuple[str, str]
) -> None:
    """Titles, zones, lists of words: what is shown, and what is sent when it is chosen."""
    async with world(tmp_path) as w:
        begun = time.perf_counter()
        choices = await w.bob.autocomplete(w.papers, command, option, typed)
        assert time.perf_counter() - begun < 0.5  # the simulation's own time included
        assert (choices[0]["name"], choices[0]["value"]) == expected


async def test_what_is_let_go_of_is_completed_from_what_was_saved(tmp_path: Path) -> None:
    """Nobody is offered a paper to unsave that they never saved."""
    async with world(tmp_path) as w:
        await w.bob.slash(w.papers, "paper save", paper=PAPERS[3].id)
        choices = await w.bob.autocomplete(w.papers, "paper unsave", "paper", "")
        assert [choice["name"] for choice in choices] == ["Robots that fold laundry"]
        assert await w.ann.autocomplete(w.papers, "paper unsave", "paper", "") == []


async def test_subscriptions_are_completed(tmp_path: Path) -> None:
    """Those of this channel."""
    async with world(tmp_path) as w:
        await w.orders("tulip")
        choices = await w.ann.autocomplete(w.papers, "paper unsubscribe", "id", "")
        assert choices[0]["value"] == "tulip"


async def test_only_those_who_manage_the_server_subscribe_it(tmp_path: Path) -> None:
    """Checked in code: Discord's own switches for commands may say what they like."""
    async with world(tmp_path) as w:
        refused = await w.bob.slash(w.papers, "paper subscribe", edition="daily")
        assert refused.ephemeral
        assert await w.subscriptions() == []
        told = await w.ann.slash(w.papers, "paper subscribe", edition="weekly", at="10:00")
        assert not told.ephemeral
        (order,) = await w.subscriptions()
        assert order.edition == "weekly"


async def test_a_role_can_be_trusted_with_subscribing(tmp_path: Path) -> None:
    """The operator names it in the config file."""
    async with world(tmp_path) as w:
        role = w.guild.create_role("librarian")
        carol = w.guild.add_member(w.env.create_user("carol"), roles=[role])
        w.settings = Settings(token="t", admin_role=role.id)
        await w.restart()
        await carol.slash(w.papers, "paper subscribe", edition="daily")
        assert len(await w.subscriptions()) == 1


async def test_a_channel_where_we_may_not_post_is_not_subscribed(tmp_path: Path) -> None:
    """What lacks is named, and the way to give it."""
    async with world(tmp_path) as w:
        me = w.guild.me
        assert me
        deny = discord.PermissionOverwrite(send_messages=False)
        closed = w.guild.create_text_channel("closed", overwrites={me: deny})
        result = await w.ann.slash(closed, "paper subscribe", edition="daily")
        assert "Send Messages" in words(result.response)
        assert "Edit Channel" in words(result.response)
        assert await w.storage.subscriptions.all() == []


async def test_papers_of_any_message_can_be_saved_and_looked_at(tmp_path: Path) -> None:
    """From the Apps menu of a message with links; a message without is told so."""
    async with world(tmp_path) as w:
        text = f"see https://arxiv.org/abs/{PAPERS[0].id} and <https://hf.co/papers/{PAPERS[2].id}>"
        message = await w.ann.send(w.papers, text)
        saved = await w.bob.context_menu(w.papers, "Save papers in this message", message)
        assert saved.ephemeral
        assert await w.saved(w.bob) == {PAPERS[0].title, PAPERS[2].title}
        shown = await w.bob.context_menu(w.papers, "Paper details", message)
        assert PAPERS[0].title in words(shown.response)
        assert PAPERS[2].title in words(shown.followups[0])
        plain = await w.ann.send(w.papers, "good morning")
        told = await w.bob.context_menu(w.papers, "Paper details", plain)
        assert "no link to a paper" in words(told.response)


async def test_papers_of_our_own_digest_can_be_saved_from_its_menu(tmp_path: Path) -> None:
    """All of them at once."""
    async with world(tmp_path) as w:
        digest = await w.posts(*PAPERS[:3])
        await w.bob.context_menu(w.papers, "Save papers in this message", digest)
        assert await w.saved(w.bob) == {paper.title for paper in PAPERS[:3]}


async def test_in_a_direct_message_ones_papers_are_ones_own(tmp_path: Path) -> None:
    """Two people who talk to the bot alone share nothing, not even their team."""
    async with world(tmp_path) as w:
        await w.ann.user.slash("paper save", paper=PAPERS[0].id)
        mine = await w.ann.user.slash("paper saved")
        assert PAPERS[0].title in words(mine.response)
        theirs = await w.bob.user.slash("paper saved", whose="team")
        assert PAPERS[0].title not in words(theirs.response)


def registrations(w: World) -> int:
    return sum(
        entry.method == "PUT" and entry.path.endswith("/commands") for entry in w.env.http_requests
    )


async def test_commands_are_registered_once_and_again_when_they_change(tmp_path: Path) -> None:
    """Not at every start, and never at a reconnection."""
    async with world(tmp_path) as w:
        assert registrations(w) == 1
        await w.restart()
        assert registrations(w) == 1
        (tmp_path / "discord" / "commands.sha256").write_text("of an older version")
        await w.restart()
        assert registrations(w) == 2


def test_the_fingerprint_knows_application_and_servers() -> None:
    """Another application has none of our commands yet."""
    planted = plant(PaperClient(Settings(token="t")), COMMANDS)
    assert fingerprint(planted, 1, ()) == fingerprint(planted, 1, ())
    assert len({fingerprint(planted, a, g) for a in (1, 2) for g in ((), (7,))}) == 4
    assert json.dumps(tree())


async def test_discord_refusing_the_commands_does_not_keep_the_bot_from_starting(
    tmp_path: Path,
) -> None:
    """It is logged, posts go on, and the next start tries again."""
    async with world(tmp_path) as w:
        (tmp_path / "discord" / "commands.sha256").unlink()
        w.env.inject_error("PUT", "/applications/*/commands", status=403, code=50001)
        await w.restart()
        assert not (tmp_path / "discord" / "commands.sha256").exists()
        await w.restart()
        assert (tmp_path / "discord" / "commands.sha256").exists()


async def test_decoration_that_discord_dislikes_is_left_out(tmp_path: Path) -> None:
    """Rather plain than not at all."""
    async with world(tmp_path) as w:
        w.env.inject_error("POST", "/interactions/*/*/callback", status=400, code=50035)
        result = await w.bob.slash(w.papers, "paper today")
        assert "CLIP sees everything" in words(result.response)
