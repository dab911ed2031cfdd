"""Discord's section of the config file, checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from bot.domain.errors import ConfigError

API = "https://discord.com/api/v10"
GATEWAY = "wss://gateway.discord.gg/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the operator decided."""

    token: str
    api_url: str = API
    gateway_url: str = GATEWAY
    """Other than the defaults, these two point at a stand-in."""
    admin_role: int = 0
    """Whoever has it may subscribe a channel, as may those with Manage Server; 0 is nobody."""
    pings: Mapping[str, int] = field(default_factory=dict)
    """Id of a channel or a server -> the role that is pinged there with a new edition."""
    publish: bool = False
    """Whether posts in announcement channels are published to the channels that follow them."""
    guilds: tuple[int, ...] = ()
    """Where commands are registered; everywhere when empty."""

    def __repr__(self) -> str:
        """Without the token."""
        return f"Settings(api_url={self.api_url!r})"


def read_settings(settings: Mapping[str, Any]) -> Settings:
    """Raises ConfigError, naming key and fix."""
    known = {one.name for one in fields(Settings)}
    if unknown := sorted(set(settings) - known):
        raise ConfigError(
            f"Discord has no setting `{unknown[0]}`; it has {', '.join(sorted(known))}."
        )
    given = {key: value for key, value in settings.items() if value is not None}
    token = str(given.get("token") or "").strip().removeprefix("Bot ")
    if not token or any(map(str.isspace, token)):
        raise ConfigError(
            "discord.token must be the bot's token, without spaces; set DISCORD_TOKEN. "
            "The Developer Portal shows it under Bot › Reset Token."
        )
    if not str(given.get("gateway_url", GATEWAY)).startswith(("ws://", "wss://")):
        raise ConfigError("discord.gateway_url must begin with wss:// or ws://.")
    return Settings(**{**given, "token": token, "guilds": tuple(given.get("guilds", ()))})
