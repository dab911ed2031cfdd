"""The prompt on a real pseudo-terminal."""

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.terminal import seen

_CHAT = """
import asyncio, sys
from pathlib import Path
from adapters.terminal import TerminalDoor
from bot.domain.ports import Outgoing
from bot.domain.posts import Notice
from tests.support.terminal import ScriptedDesk, digest, paper


class Desk(ScriptedDesk):
    async def say(self, caller, text):
        asyncio.get_running_loop().call_later(0.1, lambda: asyncio.ensure_future(later()))
        return await super().say(caller, text)


async def later():
    post = digest(paper(1), title="It is nine")
    await door.messenger.send(Outgoing(channel=door.channel, post=post, key="k"))


door = TerminalDoor(user="ann", data=Path(sys.argv[1]))
asyncio.run(door.run(Desk(words=("search",))))
print("left")
"""


class _Chat:
    """A process on a pseudo-terminal: type to it, wait until something is on its screen."""

    def __init__(self, data: Path) -> None:
        self._end, inner = pty.openpty()
        env = {"TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1", "PYTHONPATH": ".", "COLUMNS": "80"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", _CHAT, str(data)],
            stdin=inner,
            stdout=inner,
            stderr=inner,
            start_new_session=True,
            env={"PATH": os.environ["PATH"], "HOME": str(data), "LANG": "C.UTF-8"} | env,
        )
        os.close(inner)
        self._read = ""

    def type(self, keys: str) -> None:
        os.write(self._end, keys.encode())

    def until(self, text: str) -> str:
        """Read on until `text` has come; everything read for it."""
        deadline = time.monotonic() + 40
        while text not in self._read:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._end], [], [], left)[0]:
                pytest.fail(f"{text!r} never came; on the screen: {self._read!r}")
            self._read += seen(os.read(self._end, 65_536).decode("utf-8", "replace"))
        before, _, self._read = self._read.partition(text)
        return before + text

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._end)


def test_a_person_chats_at_a_prompt(tmp_path: Path) -> None:
    """Tab completes, answers follow, posts come in above the prompt, Ctrl-C clears, Ctrl-D leaves."""
    chat = _Chat(tmp_path)
    try:
        chat.until("papers ▸")
        chat.type("/paper se\t")
        chat.until("arch")
        chat.type("clip\r")
        chat.until("You said: /paper search clip")
        chat.until("It is nine")
        chat.until("papers ▸")
        chat.type("half a line\x03")
        chat.until("papers ▸")
        chat.type("react 1\r")
        chat.until("Saved.")
        chat.until("papers ▸")
        chat.type("\x04")
        chat.until("left")
        assert chat.process.wait(20) == 0
    finally:
        chat.close()
    assert "+/paper search clip" in (tmp_path / "terminal" / "history").read_text("utf-8")
