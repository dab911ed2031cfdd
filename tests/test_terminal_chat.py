"""A conversation in a terminal: lines in, answers out, reactions that find their paper."""

import asyncio
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest

from bot.domain.errors import StorageError, UserError
from bot.domain.posts import Entry, File, Notice, PaperCard, PaperList
from tests.support.terminal import ScriptedDesk, Terminal, digest, paper

TODAY = {"/paper today": digest(paper(1), paper(2), paper(3))}


async def test_an_answer_with_papers_becomes_a_message() -> None:
    """It is shown, written down, and reported to the desk under its address."""
    desk = ScriptedDesk(TODAY)
    terminal = Terminal(desk)
    text = await terminal.say("/paper today")
    assert "2.  Paper number 2" in text
    ((message, post),) = desk.remembered
    assert str(message) == "terminal:local/papers/1"
    assert post is TODAY["/paper today"]
    assert desk.callers[0] == terminal.door.caller


async def test_react_points_at_a_paper_of_the_last_message() -> None:
    """The number is the position, the save emoji is the default, and taking away works alike."""
    desk = ScriptedDesk(TODAY)
    terminal = Terminal(desk)
    await terminal.say("paper today")
    assert "Saved." in await terminal.say("react 3 👍")
    await terminal.say("unreact 2")
    put, taken = desk.reactions
    assert (put.emoji, put.position, put.added) == ("👍", 3, True)
    assert (taken.emoji, taken.position, taken.added) == ("🔖", 2, False)
    assert str(put.message) == "terminal:local/papers/1"
    assert put.person == terminal.door.caller.person


async def test_a_keycap_is_an_emoji_like_any_other() -> None:
    """What it means is the desk's business."""
    desk = ScriptedDesk(TODAY)
    terminal = Terminal(desk)
    await terminal.say("/paper today")
    await terminal.say("react 2️⃣")
    assert (desk.reactions[0].emoji, desk.reactions[0].position) == ("2️⃣", None)


async def test_react_refers_to_digests_too_and_to_threads_as_a_whole() -> None:
    """A post that came by itself is the last message just as an answer is."""
    desk = ScriptedDesk(TODAY)
    terminal = Terminal(desk)
    await terminal.say("/paper today")
    head = await terminal.post(digest())
    cards = [PaperCard(entry=Entry(paper=paper(n), number=n)) for n in (1, 2)]
    sent = [await terminal.post(card, reply_to=head) for card in cards]
    await terminal.say("react 1")
    await terminal.say("react 🔖")
    assert [reaction.message for reaction in desk.reactions] == sent


async def test_react_explains_itself() -> None:
    """No message yet, no such paper, or a reaction that says too little."""
    terminal = Terminal(ScriptedDesk(TODAY, reaction=None))
    assert "`/paper today` first" in await terminal.say("react 1")
    await terminal.say("/paper today")
    assert "no paper 9; it has 1, 2, 3" in await terminal.say("react 9")
    assert "`react 1 🔖`" in await terminal.say("react 🔖")


async def test_next_and_back_turn_the_pages_of_the_last_list() -> None:
    """They stand for the commands that the list names."""
    page = PaperList(title="List", entries=(Entry(paper=paper(1)),), forth="search a page:2")
    desk = ScriptedDesk({"/paper search a": page})
    terminal = Terminal(desk)
    assert "no list yet" in await terminal.say("next")
    await terminal.say("/paper search a")
    await terminal.say("next")
    assert desk.said[-1] == "search a page:2"
    assert "no such page" in await terminal.say("back")


async def test_help_speaks_of_commands_and_of_the_terminal() -> None:
    """The bot's own help first, then what only this door understands."""
    terminal = Terminal(ScriptedDesk({"/paper help": Notice(text="All commands.")}))
    text = await terminal.say("help")
    assert "All commands." in text
    assert "unreact 3" in text


async def test_errors_are_sentences(caplog: pytest.LogCaptureFixture) -> None:
    """What a person or the machine did wrong is said; a bug of ours is logged, not shown."""
    terminal = Terminal(
        ScriptedDesk(
            {
                "/paper a": UserError("Try `b`."),
                "/paper c": StorageError("Locked."),
                "/paper d": ZeroDivisionError("secret"),
            }
        )
    )
    assert "✗ Try `b`." in await terminal.say("/paper a")
    assert "✗ Locked." in await terminal.say("/paper c")
    text = await terminal.say("/paper d")
    assert "went wrong" in text
    assert "secret" not in text
    assert "ZeroDivisionError" in caplog.text


async def test_files_are_handed_over(tmp_path: Path) -> None:
    """An export lies in the downloads folder, and the screen says where."""
    file = File(name="saved.bib", media_type="text/x-bibtex", content=b"@misc{a}")
    terminal = Terminal(ScriptedDesk({"/paper export": file}), downloads=tmp_path)
    text = await terminal.say("paper export")
    assert "@misc{a}" in text
    assert (tmp_path / "saved.bib").read_bytes() == b"@misc{a}"


async def test_completion_asks_the_desk_for_commands() -> None:
    """And knows the terminal's own words, and the numbers on the screen."""
    desk = ScriptedDesk(TODAY, words=("search", "sea\x1brch"))
    terminal = Terminal(desk)
    assert await terminal.door.suggest(desk, "/paper se") == ["search", "search"]
    assert await terminal.door.suggest(desk, "/paper") == ["/paper "]
    assert await terminal.door.suggest(desk, "/pa") == ["/paper "]
    await terminal.say("/paper today")
    assert await terminal.door.suggest(desk, "react ") == ["1", "2", "3", "🔖"]


async def test_a_tour_shows_what_is_typed() -> None:
    """Prompt, line and answer in turn; `quit` ends it."""
    terminal = Terminal(ScriptedDesk({"/paper x": Notice(text="X.")}))
    await terminal.door.play(terminal.desk, ["/paper x", "quit", "/paper y"])
    assert terminal.shown == "papers ▸ /paper x\n• X.\n\npapers ▸ quit\n"


async def test_lines_from_a_file_are_answered_then_it_waits() -> None:
    """A service without a terminal stays until it is cancelled; `quit` ends it."""
    terminal = Terminal(ScriptedDesk(TODAY), input=StringIO("/paper today\n\nreact 1\n"))
    running = asyncio.create_task(terminal.door.run(terminal.desk))
    await terminal.until("Saved.")
    assert "papers ▸ /paper today\n" in terminal.shown
    assert not running.done()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    leaving = Terminal(ScriptedDesk(), input=StringIO("quit\n/paper today\n"))
    await leaving.door.run(leaving.desk)
    assert leaving.desk.said == []  # type: ignore[attr-defined]


async def test_lines_from_a_pipe_are_answered_as_they_come() -> None:
    """Half a line waits for its other half, and a torn character does no harm."""
    read, write = os.pipe()
    with os.fdopen(read) as stream:
        terminal = Terminal(ScriptedDesk(), input=stream)
        running = asyncio.create_task(terminal.door.run(terminal.desk))
        umlaut = "ü".encode()
        os.write(write, b"/paper a\r\n/paper " + umlaut[:1])
        await terminal.until("You said: /paper a\n")
        os.write(write, umlaut[1:] + b"\nquit")
        os.close(write)
        await asyncio.wait_for(running, 10)
    assert "You said: /paper ü" in terminal.shown


_PIPED = """
import asyncio
from adapters.terminal import door
from tests.support.terminal import ScriptedDesk, digest, paper
desk = ScriptedDesk({"/paper today": digest(*(paper(n) for n in range(1, 50)))})
asyncio.run(door({"user": "ann"}, None).run(desk))
print("more for nobody")
"""


def _piped(lines: str, **how: str) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen(
        [sys.executable, "-c", _PIPED],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **how} | {"PYTHONPATH": "."},
    )
    assert process.stdin
    process.stdin.write(lines.encode())
    process.stdin.flush()
    return process


def test_a_reader_that_goes_away_ends_it_quietly() -> None:
    """`paperbot … | head -1` leaves no traceback behind."""
    process = _piped("/paper today\n")
    assert process.stdout
    assert process.stderr
    assert process.stdout.readline()
    process.stdout.close()
    assert process.stdin
    with process.stdin:
        for _ in range(50):
            try:
                process.stdin.write(b"/paper today\n")
                process.stdin.flush()
            except BrokenPipeError:
                break
        assert process.wait(30) == 0
    with process.stderr:
        assert process.stderr.read() == b""


def test_a_narrow_character_set_is_no_obstacle() -> None:
    """What it lacks becomes a question mark."""
    process = _piped("/paper today\nquit\n", PYTHONIOENCODING="ascii")
    output, errors = process.communicate(timeout=30)
    assert b"Paper number 7" in output
    assert b"\x1b" not in output
    assert errors == b""


def test_importing_the_door_does_not_load_the_prompt() -> None:
    """Only a chat at a real terminal pays for it."""
    code = "import sys, adapters.terminal; print('prompt_toolkit' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.strip() == b"False"
