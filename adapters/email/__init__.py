"""E-mail: papers in an inbox, for whoever said yes. Importing it does not load the mail library; building the door does."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adapters.email.letterbox import EmailDoor

__all__ = ["door"]


def door(settings: Mapping[str, Any], data: Path | None) -> "EmailDoor":  # noqa: ARG001 -- every door's signature
    """The bot's way to a mail server. Raises ConfigError."""
    from adapters.email.letterbox import EmailDoor
    from adapters.email.settings import read_settings

    return EmailDoor(read_settings(settings))
