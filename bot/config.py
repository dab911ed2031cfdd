"""config.toml and the environment, read once at the door into a frozen Config.

The environment wins over the file, the file over the defaults. `[storage] url` in the file is
PAPERBOT__STORAGE__URL in the environment; names that are customary elsewhere work too.
"""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot.domain.errors import ConfigError
from bot.sections import Config

__all__ = ["Config", "load"]

PREFIX = "PAPERBOT__"
CUSTOMARY = {
    "HF_TOKEN": ("huggingface", "token"),
    "DISCORD_TOKEN": ("discord", "token"),
    "SLACK_BOT_TOKEN": ("slack", "bot_token"),
    "SLACK_APP_TOKEN": ("slack", "app_token"),
    "SLACK_SIGNING_SECRET": ("slack", "signing_secret"),
    "SLACK_CLIENT_ID": ("slack", "client_id"),
    "SLACK_CLIENT_SECRET": ("slack", "client_secret"),
    "PAPERBOT_KEYS": ("storage", "keys"),
    "PAPERBOT_EMAIL_PASSWORD": ("email", "password"),
}
"""Customary environment variables -> our keys; PAPERBOT__ ones win over them."""


def load(path: Path | None, environment: Mapping[str, str]) -> Config:
    """Raises ConfigError, one line that names the key and the fix.

    With no path, `config.toml` in the working folder is read if it is there.
    """
    settings = _read(path)
    for key, value in _from(environment):
        _set(settings, key, value)
    try:
        config = Config.model_validate(settings)
    except ValidationError as e:
        raise ConfigError(_explain(e, path)) from None
    _refuse_twins(config)
    _refuse_gaps(config)
    return config


def _read(path: Path | None) -> dict[str, Any]:
    asked, path = path is not None, path or Path("config.toml")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if not asked:
            return {}
        raise ConfigError(
            f"There is no file {path}; copy config.example.toml there, or name another with --config."
        ) from None
    except OSError as e:
        raise ConfigError(f"{path} cannot be read: {e.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise ConfigError(f"{path} is not valid TOML: {e}.") from None


def _from(environment: Mapping[str, str]) -> list[tuple[tuple[str, ...], str]]:
    """Keys and values that the environment sets, the stronger ones last."""
    found: list[tuple[tuple[str, ...], str]] = [
        (key, environment[name]) for name, key in CUSTOMARY.items() if environment.get(name)
    ]
    for name, value in sorted(environment.items()):
        if name.startswith(PREFIX):
            found.append((tuple(name.removeprefix(PREFIX).lower().split("__")), value))
    return found


def _set(settings: dict[str, Any], key: tuple[str, ...], value: str) -> None:
    table = settings
    for name in key[:-1]:
        table = table.setdefault(name, {})
        if not isinstance(table, dict):
            raise ConfigError(f"{_variable(key)}: [{name}] is not a table in the file.")
    table[key[-1]] = _value(value)


def _value(text: str) -> object:
    """Lists and tables are written as JSON in the environment; everything else is taken as it is."""
    if text.lstrip().startswith(("[", "{")):
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            return text
    return text


def _variable(key: tuple[str, ...]) -> str:
    return PREFIX + "__".join(key).upper()


def _explain(error: ValidationError, path: Path | None) -> str:
    """The first problem, in one line; never the value itself, which may be a secret."""
    problem = error.errors(include_input=False, include_url=False)[0]
    key = ".".join(str(part) for part in problem["loc"])
    where = str(path or "config.toml")
    if not any(isinstance(part, int) for part in problem["loc"]):
        where += f" or {_variable(tuple(map(str, problem['loc'])))}"
    if problem["type"] == "extra_forbidden":
        return f"`{key}` is no setting ({where}); config.example.toml lists all of them."
    if problem["type"] == "missing":
        return f"`{key}` is missing ({where})."
    return f"`{key}` is wrong ({where}): {_sentence(problem['msg'])}"


def _sentence(message: str) -> str:
    return message.removeprefix("Value error, ").removeprefix("Input ").rstrip(".") + "."


def _refuse_twins(config: Config) -> None:
    names = [declared.name for declared in config.subscription]
    if twin := next((name for name in names if names.count(name) > 1), None):
        raise ConfigError(
            f"Two [[subscription]] tables are called `{twin}`; give each its own name."
        )


def _refuse_gaps(config: Config) -> None:
    """Settings that need another one, each in one line that says which."""
    slack = config.slack
    many = slack.on and not slack.bot_token
    if slack.on and slack.signing_secret and not (slack.app_token or config.web.listen):
        raise ConfigError(
            "web.listen is missing: without slack.app_token (Socket Mode) Slack calls us over HTTP. Set "
            '`listen = "127.0.0.1:8080"` under [web], or SLACK_APP_TOKEN.'
        )
    if many and not (config.web.listen and config.web.url):
        raise ConfigError(
            "web.listen or web.url is missing: workspaces install the bot on a page of ours. Set both under "
            "[web], or slack.bot_token for one workspace."
        )
    if many and not config.storage.keys:
        raise ConfigError(
            "storage.keys is missing: tokens of workspaces are kept encrypted. `paperbot key` makes a key; put "
            "it in the environment as PAPERBOT_KEYS."
        )
    if many and config.team.shared and not config.team.workspaces:
        raise ConfigError(
            "team.workspaces is missing: any workspace may install the bot, so name those that share a library."
        )
