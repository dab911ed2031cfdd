"""Exports on the shell: into a file, into a pipe, onto a terminal."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.exports import read_bibtex
from tests.support.shell import Shell

CUTMIX = "1905.04899"


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """One archive with one saved paper: no test changes it."""
    shell = Shell(tmp_path_factory.mktemp("export"))
    shell("import", "--sample")
    shell("paper", "save", CUTMIX)
    return shell


def test_a_pipe_gets_the_file_and_nothing_else(shell: Shell) -> None:
    """`paperbot paper export bibtex > refs.bib` is a bibliography."""
    done = shell("paper", "export", "bibtex")
    assert (done.returncode, done.stderr) == (0, "")
    (entry,) = read_bibtex(done.stdout)
    assert entry.fields["eprint"] == CUTMIX


def test_out_names_the_file(shell: Shell) -> None:
    """It takes the place of an older one; what was done is said aside."""
    path = shell.folder / "refs.ris"
    path.write_text("old")
    done = shell("paper", "export", "ris", "--out", "refs.ris")
    assert (done.returncode, done.stdout) == (0, "")
    assert "It is in refs.ris." in done.stderr
    assert path.read_bytes().startswith(b"TY  - UNPB\r\n")
    assert shell("paper", "export", "--out", "-").stdout.startswith("@misc{")


def test_a_place_that_cannot_be_written_is_one_line(shell: Shell) -> None:
    """Which says what to do."""
    done = shell("paper", "export", "--out", "nowhere/refs.bib")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "paperbot: nowhere/refs.bib cannot be written: No such file or directory. Use --out FILE."
    ]


def test_nothing_to_export_writes_nothing(tmp_path: Path) -> None:
    """The status is 1, the reason stands on standard error, and an older file is left alone."""
    shell = Shell(tmp_path)
    path = shell.folder / "refs.bib"
    path.write_text("old")
    for arguments in (("export",), ("subscriptions", "--out", "refs.bib")):
        done = shell("paper", *arguments)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.strip()
    assert path.read_text() == "old"


def test_json_with_out_does_both(shell: Shell) -> None:
    """For scripts that want the file and an answer they can read."""
    answer = shell.json("export", "csv", "--out", "papers.csv")
    assert (answer["kind"], answer["status"]) == ("file", 0)
    assert (shell.folder / "papers.csv").read_bytes().startswith(b"\xef\xbb\xbfid,")


def test_a_terminal_gets_a_file_in_the_current_folder(shell: Shell) -> None:
    """Instead of a flood; an older one is not overwritten."""
    for name in ("saved-papers.bib", "saved-papers-2.bib"):
        ours, theirs = pty.openpty()
        done = subprocess.run(
            [sys.executable, "-m", "bot", "paper", "export"],
            cwd=shell.folder,
            env=shell.environment(),
            stdout=theirs,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=50,
        )
        os.close(theirs)
        os.close(ours)
        assert done.returncode == 0
        assert f"It is in {name}." in done.stderr
        assert (shell.folder / name).read_text().startswith("@misc{")
