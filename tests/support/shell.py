"""The `paperbot` command as a stranger runs it: another process, a folder of its own, no network."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support import preloaded

ROOT = Path(__file__).parent.parent.parent
NOWHERE = "http://127.0.0.1:9"
"""Refuses every connection."""


@dataclass
class Shell:
    """`await`-free: `shell("paper", "search", "clip")` runs to the end."""

    folder: Path
    hub: str = NOWHERE

    def environment(self, **more: str) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("PAPERBOT__")}
        ours = {
            "PAPERBOT__DATA": str(self.folder / "data"),
            "PAPERBOT__HUGGINGFACE__URL": self.hub,
            "PYTHONPATH": str(ROOT),
            "COLUMNS": "100",
        }
        return inherited | ours | more

    def __call__(
        self, *arguments: str, input: str = "", **more: str
    ) -> subprocess.CompletedProcess[str]:
        """In a fork of a process that has loaded the program, where there are forks."""
        if not hasattr(os, "fork"):
            return self.fresh(*arguments, input=input, **more)
        with tempfile.TemporaryDirectory() as files:
            environment = self.environment(**more)
            return preloaded.run(arguments, self.folder, environment, input, Path(files))

    def fresh(
        self, *arguments: str, input: str = "", **more: str
    ) -> subprocess.CompletedProcess[str]:
        """As a program of its own, which takes a second to load."""
        return subprocess.run(
            [sys.executable, "-m", "bot", *arguments],
            cwd=self.folder,
            env=self.environment(**more),
            input=input,
            capture_output=True,
            text=True,
            check=False,
            timeout=50,
        )

    def json(self, *arguments: str) -> dict[str, Any]:
        """The answer to a command, and the exit status under `status`."""
        done = self("paper", *arguments, "--json")
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer | {"status": done.returncode}

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        """A process that goes on; its input and output are pipes."""
        return subprocess.Popen(
            [sys.executable, "-m", "bot", *arguments],
            cwd=self.folder,
            env=self.environment(**more),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
