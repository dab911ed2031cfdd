"""Killed between any two steps, the bot carries on: nothing lost, nothing twice."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MESSAGES = 3
"""A digest of two papers as a thread."""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL and no fork")
def test_a_kill_between_any_two_steps_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """SIGKILL after each step of plan, claim, send and record, and so before the next; then a new process."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.support.crash", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    results = json.loads(run.stdout)
    *killed, survivor = results.values()
    assert len(killed) > 15, run.stderr
    assert all(ended == signal.SIGKILL for ended, _ in killed), run.stderr
    assert survivor[0] == 0, run.stderr
    for step, (_, times) in results.items():
        assert len(times) == MESSAGES, f"lost at step {step}: {times}"
        assert set(times.values()) == {1}, f"doubled at step {step}: {times}"
