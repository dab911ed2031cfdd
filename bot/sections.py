"""What can be set: every section of config.toml, its keys and their defaults, frozen once it is read."""

from datetime import date, time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from bot.commands.clock import Time, Weekdays, Zone
from bot.domain.errors import UserError
from bot.domain.people import Channel, Sharing, Workspace
from bot.domain.search import Model
from bot.domain.subscriptions import FOR_CHANNELS, STANDARD, Edition, Layout, Terms
from bot.planning import Rules

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


def _for_a_channel(value: Edition) -> Edition:
    if value not in FOR_CHANNELS:
        raise ValueError(f"write one of {', '.join(FOR_CHANNELS)}: the others are people's own")
    return value


class Declared(Wishes):
    """A `[[subscription]]`: a standing order that lives in the file."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")
    channel: Annotated[str, AfterValidator(_address)]
    edition: Annotated[Edition, AfterValidator(_for_a_channel)] = Edition.DAILY
    include: Words = ()
    exclude: Words = ()

    def terms(self) -> Terms:
        wishes = {name: getattr(self, name) for name in Wishes.model_fields}
        return Terms(**wishes, include=self.include, exclude=self.exclude)


def _several(value: object) -> object:
    """A list may come from the environment as words with commas between them."""
    return value.replace(",", " ").split() if isinstance(value, str) else value


class Storage(Section):
    url: str = ""
    index: Folder | None = None
    keys: Annotated[tuple[SecretStr, ...], BeforeValidator(_several)] = ()


class Search(Section):
    model: str = ""


class Web(Section):
    listen: str = ""
    url: Annotated[str, AfterValidator(lambda url: url and _web(url))] = ""


def _workspace(value: str) -> str:
    try:
        return str(Workspace.parse(value))
    except UserError as e:
        raise ValueError("write workspaces as `slack:T0123` or `discord:81384788`") from e


class Team(Section):
    shared: bool = False
    workspaces: tuple[Annotated[str, AfterValidator(_workspace)], ...] = ()


class HuggingFace(Section):
    url: Url = "https://huggingface.co"
    token: SecretStr | None = None
    contact: str = ""
    poll_minutes: int = Field(default=15, ge=1, le=1440)
    backfill_days: int = Field(default=3650, ge=0, le=3650)


class Delivery(Section):
    catch_up_hours: float = Field(default=36, ge=0)
    retry_minutes: float = Field(default=10, gt=0)
    patience_minutes: float = Field(default=60, ge=0)
    spread_minutes: float = Field(default=0, ge=0, le=60)
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
    client_id: str = ""
    client_secret: SecretStr | None = None
    api_url: Url = "https://slack.com/api"
    command: str = "/paper"
    subscribers: Literal["members", "admins"] = "members"
    unfurl: bool = False

    @property
    def on(self) -> bool:
        """Whether somebody set it up: with one workspace's token, or for workspaces that install it."""
        return bool(self.bot_token or self.client_id)


class Email(Section):
    host: str = ""
    port: int = Field(default=0, ge=0, le=65_535)
    security: Literal["starttls", "tls", "plain"] = "starttls"
    user: str = ""
    password: SecretStr = SecretStr("")
    ca_file: str = ""
    sender: str = Field(default="", alias="from")
    reply_to: str = ""
    list_id: str = ""
    per_minute: int = Field(default=60, ge=1, le=10_000)

    @property
    def on(self) -> bool:
        """Whether somebody set it up: where mail is handed in, and whom it is from."""
        return bool(self.host and self.sender)


class Config(Section):
    """Everything an operator can decide."""

    data: Folder = Field(default_factory=lambda: Path(platformdirs.user_data_dir("paperbot")))
    log: Literal["debug", "info", "warning", "error"] = "info"
    tick_seconds: float = Field(default=5, gt=0, le=60)
    storage: Storage = Storage()
    search: Search = Search()
    huggingface: HuggingFace = HuggingFace()
    digest: Wishes = Wishes()
    delivery: Delivery = Delivery()
    reactions: Reactions = Reactions()
    terminal: Terminal = Terminal()
    discord: Discord = Discord()
    slack: Slack = Slack()
    email: Email = Email()
    web: Web = Web()
    team: Team = Team()
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
    def model(self) -> Model | None:
        """A better model for searches, if one is wanted; None is the bundled one alone."""
        if not (name := self.search.model.strip()):
            return None
        token = self.huggingface.token
        return Model(
            name=name,
            cache=self.data / "models",
            hub=self.huggingface.url,
            token=token.get_secret_value() if token else None,
        )

    @property
    def defaults(self) -> Terms:
        return self.digest.terms().resolved(STANDARD)

    @property
    def sharing(self) -> Sharing:
        among = frozenset(map(Workspace.parse, self.team.workspaces))
        return Sharing(shared=self.team.shared, among=among)

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(key.get_secret_value() for key in self.storage.keys)

    @property
    def rules(self) -> Rules:
        return Rules(
            defaults=self.defaults,
            catch_up=timedelta(hours=self.delivery.catch_up_hours),
            retry_every=timedelta(minutes=self.delivery.retry_minutes),
            patience=timedelta(minutes=self.delivery.patience_minutes),
            spread=timedelta(minutes=self.delivery.spread_minutes),
            at_least_once=self.delivery.lost_answer == "send again",
        )
