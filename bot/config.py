"""config.toml and the environment, read once at the door into a frozen Config.

The environment wins over the file, the file over the defaults. `[storage] url` in the file is
PAPERBOT__STORAGE__URL in the environment; names that are customary elsewhere work too.
"""

import json
import tomllib
from collections.abc import Mapping
from datetime import date, time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
)

from bot.commands.clock import Time, Weekdays, Zone
from bot.domain.errors import ConfigError, UserError
from bot.domain.people import Channel
from bot.domain.subscriptions import STANDARD, Edition, Layout, Terms
from bot.planning import Rules

PREFIX = "PAPERBOT__"
CUSTOMARY = {
    "HF_TOKEN": ("huggingface", "token"),
    "DISCORD_TOKEN": ("discord", "token"),
    "SLACK_BOT_TOKEN": ("slack", "bot_token"),
    "SLACK_APP_TOKEN": ("slack", "app_token"),
    "SLACK_SIGNING_SECRET": ("slack", "signing_secret"),
}
"""Customary environment variables -> our keys; PAPERBOT__ ones win over them."""

_ANY_DAY = date(2000, 1, 1)


def _typed(kind: Time | Zone | Weekdays) -> BeforeValidator:
    """The same spellings as in a command, `9:30pm` and `berlin` among them."""

    def parse(value: object) -> object:
        if isinstance(value, list):
            value = ",".join(map(str, value))
        try:
            return kind.parse(value, _ANY_DAY) if isinstance(value, str) else value
        except UserError as e:
            raise ValueError(str(e)) from e

    return BeforeValidator(parse)


def _address(value: str) -> str:
    try:
        return str(Channel.parse(value))
    except UserError as e:
        raise ValueError(str(e)) from e


def _web(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise ValueError("write a URL that begins with https:// or http://")
    return value.rstrip("/")


Url = Annotated[str, AfterValidator(_web)]
Folder = Annotated[Path, AfterValidator(Path.expanduser)]
Words = Annotated[tuple[str, ...], Field(max_length=20)]


class Section(BaseModel):
    """A table of the file: frozen, and a key nobody knows is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Wishes(Section):
    """What an edition looks like; None is not said."""

    at: Annotated[time | None, _typed(Time())] = None
    tz: Annotated[str | None, _typed(Zone())] = None
    on: Annotated[frozenset[int] | None, _typed(Weekdays())] = None
    day: int | None = Field(default=None, ge=1, le=28)
    top: int | None = Field(default=None, ge=1, le=100)
    min: int | None = Field(default=None, ge=0)
    layout: Layout | None = None
    again: int | None = Field(default=None, ge=0)
    over: int | None = Field(default=None, ge=1)

    def terms(self) -> Terms:
        return Terms(**{name: getattr(self, name) for name in Wishes.model_fields})


class Declared(Wishes):
    """A `[[subscription]]`: a standing order that lives in the file."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")
    channel: Annotated[str, AfterValidator(_address)]
    edition: Edition = Edition.DAILY
    include: Words = ()
    exclude: Words = ()

    def terms(self) -> Terms:
        wishes = {name: getattr(self, name) for name in Wishes.model_fields}
        return Terms(**wishes, include=self.include, exclude=self.exclude)


class Storage(Section):
    url: str = ""
    index: Folder | None = None


class HuggingFace(Section):
    url: Url = "https://huggingface.co"
    token: SecretStr | None = None
    contact: str = ""
    poll_minutes: int = Field(default=15, ge=1, le=1440)
    backfill_days: int = Field(default=7, ge=0, le=3650)


class Delivery(Section):
    catch_up_hours: float = Field(default=36, ge=0)
    retry_minutes: float = Field(default=10, gt=0)
    patience_minutes: float = Field(default=60, ge=0)
    lost_answer: Literal["send again", "let it be"] = "send again"


class Reactions(Section):
    save: Annotated[tuple[str, ...], Field(min_length=1)] = ("🔖",)


class Terminal(Section):
    enabled: bool = False
    workspace: str = "local"
    channels: Annotated[tuple[str, ...], Field(min_length=1)] = ("papers",)
    user: str = ""
    downloads: Folder = Path()


class Discord(Section):
    token: SecretStr | None = None
    api_url: Url = "https://discord.com/api/v10"
    gateway_url: str = "wss://gateway.discord.gg/"
    admin_role: int = Field(default=0, ge=0)
    pings: dict[str, int] = Field(default_factory=dict)
    publish: bool = False
    guilds: tuple[int, ...] = ()


class Slack(Section):
    bot_token: SecretStr | None = None
    app_token: SecretStr | None = None
    signing_secret: SecretStr | None = None
    api_url: Url = "https://slack.com/api"


class Config(Section):
    """Everything an operator can decide."""

    data: Folder = Field(default_factory=lambda: Path(platformdirs.user_data_dir("paperbot")))
    log: Literal["debug", "info", "warning", "error"] = "info"
    tick_seconds: float = Field(default=5, gt=0, le=60)
    storage: Storage = Storage()
    huggingface: HuggingFace = HuggingFace()
    digest: Wishes = Wishes()
    delivery: Delivery = Delivery()
    reactions: Reactions = Reactions()
    terminal: Terminal = Terminal()
    discord: Discord = Discord()
    slack: Slack = Slack()
    adapters: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Settings of adapters from other packages, by their name."""
    subscription: tuple[Declared, ...] = ()

    @property
    def database_url(self) -> str:
        return self.storage.url or f"sqlite:///{self.data / 'paperbot.db'}"

    @property
    def index(self) -> Path:
        """Beside the database when that is a file, else among the data."""
        if self.storage.index:
            return self.storage.index
        scheme, _, path = self.database_url.partition(":///")
        if scheme.startswith("sqlite"):
            return Path(path).expanduser().with_suffix(".index")
        return self.data / "paperbot.index"

    @property
    def defaults(self) -> Terms:
        return self.digest.terms().resolved(STANDARD)

    @property
    def rules(self) -> Rules:
        return Rules(
            defaults=self.defaults,
            catch_up=timedelta(hours=self.delivery.catch_up_hours),
            retry_every=timedelta(minutes=self.delivery.retry_minutes),
            patience=timedelta(minutes=self.delivery.patience_minutes),
            at_least_once=self.delivery.lost_answer == "send again",
        )


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
