"""Discord: commands, posts, reactions. Importing it does not load discord.py; building the door does."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adapters.discord.connection import DiscordDoor

__all__ = ["door"]


def door(settings: Mapping[str, Any], data: Path | None) -> "DiscordDoor":
    """The bot's connection to Discord, with what it has to remember in `data`. Raises ConfigError."""
    from adapters.discord.connection import DiscordDoor
    from adapters.discord.settings import read_settings

    return DiscordDoor(read_settings(settings), data)
