"""Slack: commands, posts, reactions, a Home tab. Importing it does not load Slack's library; building the door does."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adapters.slack.connection import SlackDoor

__all__ = ["door"]


def door(settings: Mapping[str, Any], data: Path | None) -> "SlackDoor":  # noqa: ARG001 -- every door's signature
    """The bot's connection to Slack. Raises ConfigError."""
    from adapters.slack.connection import SlackDoor
    from adapters.slack.settings import read_settings

    return SlackDoor(read_settings(settings))
