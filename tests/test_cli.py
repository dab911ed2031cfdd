"""The `paperbot` command, run as a stranger would."""

import asyncio
import os
import re
import signal
import sqlite3
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.huggingface import FakeHub, make_item
from tests.support.shell import ROOT, Shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def one_line(text: str) -> str:
    """What a person's mistake may print: one line, no traceback."""
    assert "Traceback" not in text
    assert len(text.strip().splitlines()) == 1, text
    return text.strip()


def test_the_demo_is_a_tour_where_nobody_can_type(shell: Shell) -> None:
    """Digest, search, details, save by reaction, saved list, export; and it ends by itself."""
    done = shell("demo")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "bundled sample" in done.stdout
    steps = ["Daily Papers ·", "/paper search clip", "CLIP", "/paper show", "Abstract"]
    steps += ["react 🔖", "Saved:", "/paper saved", "/paper export bibtex", "@misc{"]
    position = 0
    for step in steps:
        position = done.stdout.find(step, position)
        assert position >= 0, step
    assert "\x1b" not in done.stdout
    assert list(shell.folder.iterdir()) == []


async def test_the_demo_shows_what_hugging_face_has(shell: Shell) -> None:
    """Where it can be reached, the digest is of its latest finished day."""
    async with FakeHub() as hub:
        hub.today = datetime.now(UTC).date()
        for back in range(5):
            day = hub.today - timedelta(days=back)
            hub.put_day(day, [make_item(f"2601.0000{back}", title=f"Fresh {back}", day=day)])
        shell.hub = hub.url
        done = await asyncio.to_thread(shell, "demo")
    assert done.returncode == 0, done.stderr
    assert "bundled sample" not in done.stdout
    assert re.search(r"Fresh \d", done.stdout)


def test_commands_work_in_a_shell_with_no_bot_running(shell: Shell) -> None:
    """Import, search, save, saved: the same commands, the same archive, as terminal:<user>."""
    done = shell.fresh("import", "--sample")
    assert done.returncode == 0, done.stderr
    assert "72 new" in done.stdout
    found = shell.json("search", "clip", "limit:40")
    assert found["status"] == 0
    assert found["kind"] == "list"
    assert found["total"] >= 25
    assert len(found["papers"]) == min(found["total"], 40)
    assert {"id", "title", "url", "published", "upvotes", "summary", "saved_by"} <= set(
        found["papers"][0]
    )
    assert shell.json("save", "https://arxiv.org/abs/1905.04899v2")["kind"] == "notice"
    (saved,) = shell.json("saved")["papers"]
    assert saved["id"] == "1905.04899"
    assert saved["saved_by"][0].startswith("terminal:")
    assert shell("paper", "export", "bibtex").stdout.startswith("@misc{")
    again = shell("import", "--sample")
    assert "0 new, 0 updated, 72 unchanged" in again.stdout


def test_a_mistake_is_told_in_one_line_and_ends_with_2(shell: Shell) -> None:
    """With --json as an object, otherwise on standard error."""
    answer = shell.json("serch", "clip")
    assert (answer["kind"], answer["status"]) == ("error", 2)
    assert "search" in answer["message"]
    done = shell("paper", "subscribe", "daily", "tz:CEST")
    assert done.returncode == 2
    assert "Europe/" in one_line(done.stderr)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("fetch", "--from", "2025-05-22", "--to", "2025-05-20"), "swap them"),
        (("fetch",), "--days N"),
        (("fetch", "--from", "someday"), "is not a day"),
        (("import",), "--sample"),
        (("import", "nothing.json"), "There is no file"),
        (("run",), "[terminal]"),
        (("paper", "status", "--config", "nothing.toml"), "config.example.toml"),
        (("--config", "nothing.toml", "paper", "status"), "config.example.toml"),
        (("fetch", "--days", "1"), "Hugging Face cannot be reached"),
    ],
)
def test_every_command_tells_what_is_wrong(
    shell: Shell, arguments: tuple[str, ...], expected: str
) -> None:
    """In one line that says what would be right."""
    done = shell(*arguments)
    assert done.returncode in (1, 2)
    assert expected in one_line(done.stderr)


def test_a_broken_database_is_one_clear_line(shell: Shell) -> None:
    """Not a traceback, and the file is not touched."""
    (shell.folder / "data").mkdir()
    broken = shell.folder / "data" / "paperbot.db"
    broken.write_bytes(b"this is no database" * 200)
    done = shell("paper", "today")
    assert done.returncode == 1
    assert "paperbot.db" in one_line(done.stderr)
    assert broken.read_bytes() == b"this is no database" * 200


def test_a_locked_database_is_one_clear_line(shell: Shell) -> None:
    """After a few seconds of waiting."""
    shell("import", "--sample")
    holder = sqlite3.connect(shell.folder / "data" / "paperbot.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    done = shell("paper", "save", "1905.04899")
    holder.close()
    assert done.returncode == 1
    assert "lock" in one_line(done.stderr)


async def test_fetching_days_brings_them_and_repeats_nothing(shell: Shell) -> None:
    """A second run asks only for what was not final."""
    async with FakeHub() as hub:
        for day in ("2025-05-20", "2025-05-21"):
            when = datetime.fromisoformat(day).date()
            number = when.day
            hub.put_day(when, [make_item(f"2505.{number}{n:03}", day=when) for n in range(120)])
        shell.hub = hub.url
        span = ("fetch", "--from", "2025-05-19", "--to", "2025-05-21")
        done = await asyncio.to_thread(shell, *span)
        assert "fetched 3 days: 240 new" in done.stdout, done.stderr
        asked = len(hub.requests)
        done = await asyncio.to_thread(shell, *span)
        assert "0 new" in done.stdout
        assert len(hub.requests) == asked


def test_an_index_can_be_thrown_away_and_rebuilt(shell: Shell) -> None:
    """It is derived: searching works without it, and reindex makes it anew."""
    import shutil

    shell("import", "--sample")
    (index,) = (shell.folder / "data").glob("*.index")
    shutil.rmtree(index)
    assert shell.json("search", "cutmix")["papers"][0]["id"] == "1905.04899"
    shutil.rmtree(index)
    assert "indexed 72 papers" in shell("reindex").stdout
    assert shell.json("search", "cutmix")["papers"][0]["id"] == "1905.04899"


def test_run_answers_lines_and_stops_cleanly(shell: Shell) -> None:
    """Lines on standard input are commands; SIGINT ends it without a word of Python."""
    shell("import", "--sample")
    config = "[terminal]\nenabled = true\nuser = 'ann'\n"
    (shell.folder / "config.toml").write_text(config)
    process = shell.start("run", "--config", "config.toml")
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("/paper search cutmix\nreact 1\n/paper saved\n")
    process.stdin.flush()
    seen = ""
    while "Your saved papers" not in seen:
        line = process.stdout.readline()
        assert line, process.stderr.read() if process.stderr else ""
        seen += line
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode in (0, 130)
    assert "Traceback" not in errors
    assert "Saved: CutMix" in seen


async def test_ctrl_c_ends_a_fetch_without_a_word(shell: Shell) -> None:
    """With the status that a shell expects, and what was fetched is kept."""
    async with FakeHub() as hub:
        hub.hang()
        shell.hub = hub.url
        process = shell.start("fetch", "--days", "1")
        while not hub.requests:  # noqa: ASYNC110 -- another process asks
            await asyncio.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, errors = await asyncio.to_thread(process.communicate, timeout=20)
    assert process.returncode == 130
    assert errors == ""


def test_help_is_quick_because_nothing_heavy_is_loaded() -> None:
    """`--help` loads no database, no network, no rendering."""
    import subprocess

    program = (
        "import sys, bot.cli\n"
        "heavy = {'sqlalchemy', 'httpx', 'pydantic', 'tantivy', 'discord', 'prompt_toolkit'}\n"
        "sys.exit(' '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=os.environ, check=False, capture_output=True
    )
    assert done.returncode == 0, done.stderr


def test_the_version_can_be_asked(shell: Shell) -> None:
    """For bug reports."""
    assert re.fullmatch(r"paperbot \d+\.\d+\.\d+\n", shell("--version").stdout)
