"""The terminal as a chat platform."""

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest

from bot.domain.errors import ChannelRefused, TryLater, WorkspaceRefused
from bot.domain.people import Channel, Person
from bot.domain.ports import Messenger, Outgoing
from bot.domain.posts import Entry, File, Notice, PaperCard
from tests.support.terminal import NOON, ScriptedDesk, Terminal, digest, paper


async def test_a_post_is_shown_and_found_again() -> None:
    """Sending returns the address under which the key is found."""
    terminal = Terminal(ScriptedDesk())
    messenger: Messenger = terminal.door.messenger
    message = await terminal.post(digest(paper(1)), key="k")
    assert str(message) == "terminal:local/papers/1"
    assert "Paper number 1" in terminal.shown
    assert "paperbot · #papers ·" in terminal.shown
    assert await messenger.find(terminal.door.channel, "k", NOON) == message
    late = NOON + timedelta(minutes=1)
    assert await messenger.find(terminal.door.channel, "k", late) is None


async def test_a_post_survives_a_crash_before_it_was_printed(tmp_path: Path) -> None:
    """It is found, and shown once at the next start."""
    first = Terminal(ScriptedDesk(), data=tmp_path)
    first.output.close()  # the screen is gone between writing down and printing
    with pytest.raises(ValueError, match="closed"):
        await first.post(digest(paper(7)), key="k")
    second = Terminal(ScriptedDesk(), data=tmp_path, input=StringIO("quit"))
    assert await second.door.messenger.find(second.door.channel, "k", NOON)
    await second.door.run(second.desk)
    assert "Paper number 7" in second.shown
    third = Terminal(ScriptedDesk(), data=tmp_path, input=StringIO("quit"))
    await third.door.run(third.desk)
    assert third.shown == "papers ▸ quit\n"


async def test_an_unknown_channel_is_refused_with_the_fix() -> None:
    """The error says what to write where."""
    door = Terminal(ScriptedDesk()).door
    other = Channel(door.channel.workspace, "ml")
    with pytest.raises(ChannelRefused, match=r'channels = \["papers", "ml"\]'):
        await door.messenger.send(Outgoing(channel=other, post=digest(), key="k"))
    elsewhere = Channel.parse("terminal:other/papers")
    with pytest.raises(WorkspaceRefused, match="terminal:local"):
        await door.messenger.send(Outgoing(channel=elsewhere, post=digest(), key="k"))


async def test_a_second_channel_is_told_apart() -> None:
    """The line above a post names its channel."""
    terminal = Terminal(ScriptedDesk(), channels=("papers", "ml"))
    other = Channel(terminal.door.channel.workspace, "ml")
    await terminal.door.messenger.send(Outgoing(channel=other, post=digest(paper(1)), key="k"))
    assert "#ml" in terminal.shown


async def test_whoever_sits_here_has_a_channel_of_their_own() -> None:
    """Posts arrive there without being declared; nobody of another platform has one."""
    terminal = Terminal(ScriptedDesk())
    messenger = terminal.door.messenger
    place = await messenger.direct(Person("terminal", "ann"))
    assert str(place) == "terminal:local/@ann"
    message = await messenger.send(Outgoing(channel=place, post=digest(paper(1)), key="k"))
    assert await messenger.find(place, "k", NOON) == message
    with pytest.raises(ChannelRefused, match="nobody"):
        await messenger.direct(Person("slack", "T1.U1"))


async def test_replies_in_a_thread_are_indented() -> None:
    """An arrow marks what answers an earlier message."""
    terminal = Terminal(ScriptedDesk(), width=40)
    head = await terminal.post(digest())
    before = len(terminal.shown)
    await terminal.post(PaperCard(entry=Entry(paper=paper(1, title="w " * 50))), reply_to=head)
    lines = terminal.shown[before:].rstrip().splitlines()
    assert lines[0].startswith("↳ 1.  w")
    assert all(line.startswith("  ") for line in lines[1:])
    assert max(map(len, lines)) <= 40 + len("https://")


async def test_a_transcript_that_cannot_be_written_is_tried_later(tmp_path: Path) -> None:
    """Nothing was posted then, and the outbox keeps it owed."""
    terminal = Terminal(ScriptedDesk(), data=tmp_path)
    transcript = tmp_path / "terminal" / "local.jsonl"
    transcript.unlink()
    transcript.mkdir()
    with pytest.raises(TryLater, match="transcript"):
        await terminal.post(digest(paper(1)), key="k")
    assert terminal.shown == ""


async def test_plain_means_plain() -> None:
    """A post that is to go out without decoration carries no escape sequence."""
    terminal = Terminal(ScriptedDesk(), styled=True)
    outgoing = Outgoing(channel=terminal.door.channel, post=digest(paper(1)), key="", plain=True)
    await terminal.door.messenger.send(outgoing)
    assert "\n1.  Paper number 1" in terminal.output.getvalue()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd", "etc-passwd"),
        ("/abs.bib", "abs.bib"),
        (".hidden", "hidden"),
        ("..", "file"),
        ("", "file"),
        ("a\x00b\n.bib", "ab-.bib"),
        ("C:\\x.bib", "C-x.bib"),
        ("ü" * 300 + ".bib", "ü" * 75),
    ],
)
async def test_files_never_leave_the_folder(tmp_path: Path, name: str, expected: str) -> None:
    """Whatever a file calls itself, it lands in the downloads folder under a tame name."""
    terminal = Terminal(ScriptedDesk(), downloads=tmp_path / "d")
    await terminal.post(File(name=name, media_type="text/plain", content=b"x"))
    (written,) = (tmp_path / "d").iterdir()
    assert written.name.startswith(expected)
    assert f"Saved as {written}\n" in terminal.shown


async def test_files_never_overwrite(tmp_path: Path) -> None:
    """A second file of the same name gets a number."""
    terminal = Terminal(ScriptedDesk(), downloads=tmp_path)
    for content in (b"1", b"2", b"3"):
        await terminal.post(File(name="name.bib", media_type="text/plain", content=content))
    assert [(tmp_path / n).read_bytes() for n in ("name.bib", "name-2.bib", "name-3.bib")] == [
        b"1",
        b"2",
        b"3",
    ]


async def test_a_folder_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    """One line says why and which setting helps."""
    (tmp_path / "file").write_text("in the way")
    terminal = Terminal(ScriptedDesk(), downloads=tmp_path / "file")
    await terminal.post(File(name="a.bib", media_type="text/plain", content=b"x"))
    assert "could not be saved" in terminal.shown
    assert "`downloads`" in terminal.shown
    await terminal.post(Notice(text="still here"))
    assert "still here" in terminal.shown
