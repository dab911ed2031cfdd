"""What is typed is understood, or answered with a hint."""

from importlib.metadata import entry_points
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.terminal import TerminalDoor, door
from adapters.terminal.door import login_name
from adapters.terminal.lines import Ask, Puzzle, React, Word, own_words, understand, word_start
from bot.domain.errors import ConfigError, StorageError
from bot.domain.ports import Door


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ("/paper search clip", Ask("/paper search clip")),
        ("  paper today ", Ask("/paper today")),
        ("/paper", Ask("/paper")),
        ("react 3 🔖", React("🔖", 3)),
        ("react 🔖 3", React("🔖", 3)),
        ("REACT #3", React("", 3)),
        ("react 1️⃣", React("1️⃣")),
        ("react :bookmark:", React(":bookmark:")),
        ("react", React()),
        ("unreact 3", React("", 3, added=False)),
        ("help", Word("help")),
        ("/help", Word("help")),
        ("exit", Word("quit")),
        ("", Word("")),
    ],
)
def test_lines_are_understood(line: str, meaning: object) -> None:
    """Each form that people may type has one meaning."""
    assert understand(line) == meaning


@pytest.mark.parametrize("line", ["search clip", "react three", "react 1 2", "papers", "quit now"])
def test_other_lines_get_a_hint(line: str) -> None:
    """A line that means nothing is answered with one that would."""
    assert isinstance(understand(line), Puzzle)


@given(st.text())
def test_no_line_is_too_strange(line: str) -> None:
    """Anything typed has a meaning, be it a puzzle."""
    assert understand(line)
    assert 0 <= word_start(line) <= len(line)
    assert isinstance(own_words(line, [1], "🔖"), list)


def test_the_last_word_begins_after_a_space_outside_quotes() -> None:
    """A quoted phrase is completed as a whole."""
    assert word_start("/paper search cl") == 14
    assert word_start('/paper search author:"Yann L') == 14
    assert word_start("/paper ") == 7


def test_the_terminal_finishes_its_own_words() -> None:
    """Verbs, the numbers on the screen, and the emoji that is hard to type."""
    assert own_words("rea", [], "🔖") == ["react "]
    assert own_words("react", [], "🔖") == ["react "]
    assert own_words("react ", [1, 12], "🔖") == ["1", "12", "🔖"]
    assert own_words("react 1", [1, 12], "🔖") == ["1", "12"]
    assert own_words("react 1 ", [1, 12], "🔖") == ["🔖"]
    assert own_words("hello wor", [], "🔖") == []
    assert "/paper " in own_words("", [], "🔖")


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"channel": ["papers"]}, "`channel`"),
        ({"channels": "papers"}, "`channels`"),
        ({"channels": []}, "`channels`"),
        ({"channels": ["a b"]}, "`channels`"),
        ({"workspace": "a/b"}, "`workspace`"),
        ({"user": 5}, "`user`"),
        ({"downloads": 5}, "`downloads`"),
    ],
)
def test_wrong_settings_are_named(settings: dict[str, object], named: str) -> None:
    """The error names the key and what would be right."""
    with pytest.raises(ConfigError, match=named):
        door(settings, None)


def test_the_door_is_made_from_settings(tmp_path: Path) -> None:
    """The first channel is where the person is, with every right."""
    settings = {"workspace": "home", "channels": ["a", "b"], "user": "ann", "downloads": "~"}
    made: Door = door(settings, tmp_path)
    assert isinstance(made, TerminalDoor)
    assert str(made.caller.channel) == "terminal:home/a"
    assert str(made.caller.person) == "terminal:ann"
    assert made.caller.admin
    plain = {"enabled": True, "user": "", "channels": ("papers",), "downloads": Path()}
    assert door(plain, None).caller.person.id


def test_the_entry_point_is_the_factory() -> None:
    """The factory and the submodule share a name; either import finds what it means."""
    (entry,) = entry_points(group="paperbot.adapters", name="terminal")
    assert entry.load() is door
    assert callable(door)
    assert door({}, None).caller.person.id == login_name()


def test_a_data_folder_that_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    """No traceback of the operating system's."""
    (tmp_path / "terminal").write_text("in the way")
    with pytest.raises(StorageError, match="transcript"):
        door({}, tmp_path)
