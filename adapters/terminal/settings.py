"""The terminal's section of the config file, checked."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bot.domain.errors import ConfigError, UserError
from bot.domain.people import Workspace


def read_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings as arguments of a `TerminalDoor`. Raises ConfigError, naming key and fix."""
    given = {key: value for key, value in settings.items() if key != "enabled"}
    unknown = sorted(set(given) - set(_READERS))
    if unknown:
        raise ConfigError(
            f"The terminal has no setting `{unknown[0]}`; it has {', '.join(_READERS)}."
        )
    return {
        key: _READERS[key](key, value) for key, value in given.items() if value not in (None, "")
    }


def _word(key: str, value: Any) -> str:
    try:
        return Workspace.parse(f"terminal:{value}").id if isinstance(value, str) else _wrong(key)
    except UserError:
        return _wrong(key)


def _wrong(key: str) -> str:
    raise ConfigError(f"The terminal's `{key}` must be one word without spaces or slashes.")


def _channels(key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not value:
        raise ConfigError(f'The terminal\'s `{key}` must be a list of names: `{key} = ["papers"]`.')
    return tuple(_word(key, name) for name in value)


def _folder(key: str, value: Any) -> Path:
    if not isinstance(value, str | Path):
        raise ConfigError(f"The terminal's `{key}` must be a folder's path.")
    return Path(value).expanduser()


_READERS: dict[str, Callable[[str, Any], Any]] = {
    "workspace": _word,
    "channels": _channels,
    "user": _word,
    "downloads": _folder,
    "emoji": _word,
}
