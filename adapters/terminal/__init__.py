"""Chat in a terminal: the first door everyone meets, and the test driver of the whole bot."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from adapters.terminal.door import TerminalDoor
from adapters.terminal.files import hand_over
from adapters.terminal.render import plain, render
from adapters.terminal.screen import show
from adapters.terminal.settings import read_settings

__all__ = ["TerminalDoor", "door", "hand_over", "plain", "render", "show"]


# The entry point's name: from here on it hides the submodule, which is imported by its path.
def door(settings: Mapping[str, Any], data: Path | None) -> TerminalDoor:
    """The terminal on standard input and output, with its memory in `data`. Raises ConfigError."""
    return TerminalDoor(**read_settings(settings), data=data)
