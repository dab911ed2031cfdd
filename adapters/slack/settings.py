"""Slack's section of the config file, checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from bot.domain.errors import ConfigError

API = "https://slack.com/api"
COMMAND = re.compile(r"/[a-z0-9_-]{1,31}")
"""Slack's rule for slash commands: at most 32 characters with the slash, no capitals, no spaces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the operator decided."""

    bot_token: str = ""
    """One workspace's; without it workspaces install us by OAuth."""
    app_token: str = ""
    """Socket Mode; without it Slack's requests come over HTTP."""
    signing_secret: str = ""
    client_id: str = ""
    client_secret: str = ""
    api_url: str = API
    """Other than the default, this points at a stand-in."""
    command: str = "/paper"
    subscribers: Literal["members", "admins"] = "members"
    """Who may subscribe channels: every full member, or those who administer the workspace."""
    unfurl: bool = False
    """Whether links to papers are unfurled; takes a manifest of its own."""
    url: str = ""
    """Where our web server is seen from outside: https://papers.example.org."""

    def __repr__(self) -> str:
        """Without tokens and secrets."""
        return f"Settings(api_url={self.api_url!r}, command={self.command!r})"

    @property
    def socket_mode(self) -> bool:
        """Whether we connect to Slack, or Slack to us."""
        return bool(self.app_token)

    @property
    def oauth(self) -> bool:
        """Whether workspaces install us by themselves."""
        return not self.bot_token


def read_settings(settings: Mapping[str, Any]) -> Settings:
    """Raises ConfigError, naming key and fix."""
    known = {one.name for one in fields(Settings)}
    if unknown := sorted(set(settings) - known):
        raise ConfigError(
            f"Slack has no setting `{unknown[0]}`; it has {', '.join(sorted(known))}."
        )
    given: dict[str, Any] = {
        key: value.strip() if isinstance(value, str) else value
        for key, value in settings.items()
        if value is not None
    }
    read = Settings(**given)
    _check_tokens(read)
    _check_ways(read)
    if not COMMAND.fullmatch(read.command):
        raise ConfigError(
            "slack.command must look like `/paper`: a slash, then small letters, digits, - or _."
        )
    return read


def _check_tokens(settings: Settings) -> None:
    wanted = {"bot_token": ("xoxb-", "SLACK_BOT_TOKEN"), "app_token": ("xapp-", "SLACK_APP_TOKEN")}
    for key, (prefix, variable) in wanted.items():
        token = getattr(settings, key)
        if token and (not token.startswith(prefix) or any(map(str.isspace, token))):
            raise ConfigError(
                f"slack.{key} must be a token that begins with {prefix}; set {variable} to the one "
                "that api.slack.com/apps shows for your app."
            )


def _check_ways(settings: Settings) -> None:
    if settings.oauth and not (settings.client_id and settings.client_secret):
        raise ConfigError(
            "slack.bot_token is missing: set SLACK_BOT_TOKEN (OAuth & Permissions › Bot User OAuth "
            "Token), or slack.client_id and slack.client_secret to let workspaces install the bot."
        )
    if not settings.app_token and not settings.signing_secret:
        raise ConfigError(
            "slack.app_token is missing: set SLACK_APP_TOKEN (Basic Information › App-Level Tokens, "
            "with connections:write) for Socket Mode, or SLACK_SIGNING_SECRET for HTTP."
        )
