"""The doors that are switched on, and the settings they get."""

import logging
from importlib.metadata import entry_points
from typing import Any

from pydantic import SecretStr

from bot.config import Config
from bot.domain.ports import Door

log = logging.getLogger(__name__)


def open_doors(config: Config) -> dict[str, Door]:
    """The adapters that are installed and switched on, by the entry-point group `paperbot.adapters`."""
    found = {entry.name: entry for entry in entry_points(group="paperbot.adapters")}
    doors: dict[str, Door] = {}
    for name, settings in _switched_on(config).items():
        if name in found:
            doors[name] = found[name].load()(settings, config.data)
        else:
            log.warning("%s is switched on, but this installation has no adapter for it", name)
    return doors


def _switched_on(config: Config) -> dict[str, dict[str, Any]]:
    """Platform -> its settings: those we have sections for, then those of other packages."""
    ours = {
        "terminal": config.terminal if config.terminal.enabled else None,
        "discord": config.discord if config.discord.token else None,
        "slack": config.slack if config.slack.on else None,
        "email": config.email if config.email.on else None,
    }
    on = {name: plain(section.model_dump()) for name, section in ours.items() if section}
    for name in {"slack", "email"} & on.keys():
        on[name]["url"] = config.web.url
    return on | {name: dict(settings) for name, settings in config.adapters.items()}


def plain(settings: dict[str, Any]) -> dict[str, Any]:
    """Settings as an adapter gets them: secrets opened."""
    return {
        key: value.get_secret_value() if isinstance(value, SecretStr) else value
        for key, value in settings.items()
    }
