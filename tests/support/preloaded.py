"""A process that has loaded `paperbot` and forks it whenever it is asked: a command begins at once.

    python -m tests.support.preloaded

Each line that it reads is a JSON object: arguments, folder, environment, and the files for what goes in and out. It
prints the exit status of each.
"""

import atexit
import json
import os
import subprocess
import sys
import traceback
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
LOADED = (
    "adapters.huggingface.client",
    "adapters.sample",
    "adapters.terminal.render",
    "aiosqlite",
    "bot.app",
    "bot.cli",
    "bot.operate",
    "bot.shell",
    "sqlalchemy.dialects.sqlite.aiosqlite",
    "storage.club",
    "storage.founding",
    "storage.index",
    "storage.library",
    "storage.mailing",
    "storage.outbox",
    "storage.papers",
    "storage.subscriptions",
)
"""What most commands load: more than a second's work. Nothing that starts threads, which a fork would lose."""


def main() -> None:
    """Fork for each line, until there are no more."""
    for name in LOADED:
        import_module(name)
    import_module("sqlalchemy.orm").configure_mappers()
    asked = os.fdopen(os.dup(0), "rb", buffering=0)  # a child's standard input has to be untouched
    told = os.dup(1)
    while line := asked.readline():
        child = os.fork()
        if child == 0:
            _run(json.loads(line))
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os.write(told, f"{status}\n".encode())


def _run(wanted: dict[str, Any]) -> None:
    """What the interpreter does around a program; never returns."""
    status = 1
    try:
        for place, flags in ((0, os.O_RDONLY), (1, os.O_WRONLY), (2, os.O_WRONLY)):
            os.dup2(os.open(wanted["files"][place], flags), place)
        os.environ.clear()
        os.environ.update(wanted["environment"])
        os.chdir(wanted["folder"])
        sys.argv = ["paperbot", *wanted["arguments"]]
        from bot.cli import main

        main()
        status = 0
    except SystemExit as e:
        status = e.code if isinstance(e.code, int) else int(e.code is not None)
    except BaseException:  # noqa: BLE001 -- a fork must not go on as its parent
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


# --- the other side


@cache
def process() -> "subprocess.Popen[str]":
    """This process's own; it ends when this one does."""
    made = subprocess.Popen(
        [sys.executable, "-m", "tests.support.preloaded"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(made.communicate)
    return made


def run(
    arguments: tuple[str, ...], folder: Path, environment: dict[str, str], input: str, files: Path
) -> "subprocess.CompletedProcess[str]":
    """As `subprocess.run` would; `files` is an empty folder for what goes in and out."""
    places = [files / name for name in ("in", "out", "error")]
    for place, text in zip(places, (input, "", ""), strict=True):
        place.write_text(text)
    wanted = {"arguments": arguments, "folder": str(folder), "environment": environment}
    there = process()
    assert there.stdin
    assert there.stdout
    there.stdin.write(json.dumps(wanted | {"files": [*map(str, places)]}) + "\n")
    there.stdin.flush()
    status = int(there.stdout.readline())
    _, out, error = (place.read_text() for place in places)
    return subprocess.CompletedProcess([*arguments], status, out, error)


if __name__ == "__main__":
    main()
