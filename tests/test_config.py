"""config.toml and the environment become one frozen Config, and every mistake gets one clear line."""

import re
import tomllib
from datetime import time
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from bot.config import Config, load
from bot.domain.errors import ConfigError
from bot.sections import Wishes

EXAMPLE = Path(__file__).parent.parent / "config.example.toml"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def message(path: Path | None, environment: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        load(path, environment or {})
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_example_file_works_as_it_is() -> None:
    """The smallest file that works is the one we ship."""
    config = load(EXAMPLE, {})
    assert config.terminal.enabled
    assert config.subscription[0].terms().at == time(9)


def keys(model: type[BaseModel]) -> set[str]:
    found = {field.alias or name for name, field in model.model_fields.items()}
    for field in model.model_fields.values():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            found |= keys(field.annotation)
    return found


def test_every_key_is_in_the_example_file() -> None:
    """An operator finds all settings in one place."""
    text = EXAMPLE.read_text(encoding="utf-8")
    missing = [key for key in keys(Config) if not re.search(rf"^\W*{key}\W", text, re.MULTILINE)]
    assert missing == []


def test_the_defaults_in_the_example_file_are_the_defaults() -> None:
    """Uncommenting a line changes nothing."""
    text = EXAMPLE.read_text(encoding="utf-8")
    tables = re.split(r"^(?=(?:# )?\[)", text, flags=re.MULTILINE)
    shown = "".join(t for t in tables if not t.lstrip("# ").startswith("[[subscription"))
    shown = re.sub(r'^# data = .*|.*(?:token|secret|index) = "".*', "", shown, flags=re.MULTILINE)
    shown = re.sub(r"^# (\[\w+\].*)$", r"\1", shown, flags=re.MULTILINE)
    shown = re.sub(r"^# (\w+ = .*)$", r"\1", shown, flags=re.MULTILINE)
    settings = tomllib.loads(shown)
    settings["terminal"]["enabled"] = False
    ours = Config.model_validate(settings)
    assert ours.model_copy(update={"digest": Wishes()}) == Config()
    assert ours.defaults == Config().defaults


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    """[storage] url is PAPERBOT__STORAGE__URL; customary names work and ours win over them."""
    path = written(tmp_path, '[storage]\nurl = "sqlite:///a.db"\n[huggingface]\npoll_minutes = 5')
    config = load(
        path,
        {
            "PAPERBOT__STORAGE__URL": "sqlite:///b.db",
            "PAPERBOT__TERMINAL__CHANNELS": '["a", "b"]',
            "HF_TOKEN": "hf_one",
            "DISCORD_TOKEN": "d_one",
            "PAPERBOT__DISCORD__TOKEN": "d_two",
            "HOME": "/nowhere",
        },
    )
    assert config.database_url == "sqlite:///b.db"
    assert config.huggingface.poll_minutes == 5
    assert config.terminal.channels == ("a", "b")
    assert config.huggingface.token is not None
    assert config.huggingface.token.get_secret_value() == "hf_one"
    assert config.discord.token is not None
    assert config.discord.token.get_secret_value() == "d_two"
    assert "hf_one" not in repr(config)


def test_times_zones_and_days_are_spelled_as_in_commands(tmp_path: Path) -> None:
    """`9:30pm`, `berlin` and `mon-fri` mean the same in the file."""
    config = load(written(tmp_path, '[digest]\nat="9:30pm"\ntz="berlin"\non=["mon","wed"]'), {})
    terms = config.defaults
    assert (terms.at, terms.tz, terms.on) == (time(21, 30), "Europe/Berlin", frozenset({0, 2}))


def test_a_missing_file_that_was_named_is_told(tmp_path: Path) -> None:
    """But nobody needs a file: without one the defaults hold."""
    assert "config.example.toml" in message(tmp_path / "none.toml")
    assert load(None, {}) == Config()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[storag]\nurl='x'", "`storag` is no setting"),
        ("[storage]\nuri='x'", "`storage.uri` is no setting"),
        ("tick_seconds = 'soon'", "`tick_seconds` is wrong"),
        ("[huggingface]\nurl = 'ftp://x'", "https://"),
        ("[digest]\ntz = 'CEST'", "Europe/Berlin"),
        ("[digest]\nat = '25:00'", "09:00"),
        ("[digest]\ntop = 0", "`digest.top` is wrong"),
        ("[[subscription]]\nname='a'", "`subscription.0.channel` is missing"),
        ("[[subscription]]\nname='a'\nchannel='x'", "terminal:local/papers"),
        (
            "[[subscription]]\nname='a'\nchannel='terminal:local/papers'\nedition='follow'",
            "write one of daily, live",
        ),
        ("[digest\nat=1", "not valid TOML"),
        ("[digest]\nlayout = 'poem'", "`digest.layout` is wrong"),
    ],
)
def test_a_wrong_setting_is_named_with_its_fix(tmp_path: Path, text: str, expected: str) -> None:
    """One line: the key, the place, what would be right."""
    assert expected in message(written(tmp_path, text))


def test_an_unknown_variable_of_ours_is_an_error() -> None:
    """A typing error in the environment is not ignored."""
    assert "PAPERBOT__STORAGE__URI" in message(None, {"PAPERBOT__STORAGE__URI": "x"})


def test_a_secret_is_never_shown_in_an_error() -> None:
    """What is wrong about a token is told without the token."""
    told = message(None, {"PAPERBOT__DISCORD__TOKEN": '["s3cret"]'})
    assert "s3cret" not in told
    assert "discord.token" in told


def test_two_subscriptions_cannot_share_a_name(tmp_path: Path) -> None:
    """The name is the id."""
    one = "[[subscription]]\nname='a'\nchannel='terminal:local/papers'\n"
    assert "`a`" in message(written(tmp_path, one + one))


def test_a_config_cannot_be_changed() -> None:
    """It is read once, at the door."""
    with pytest.raises(ValidationError):
        Config().storage.url = "x"  # type: ignore[misc]


def test_the_index_lies_beside_the_database() -> None:
    """Unless it is told to lie elsewhere."""
    config = load(None, {"PAPERBOT__STORAGE__URL": "sqlite:////srv/bot/paper.db"})
    assert config.index == Path("/srv/bot/paper.index")
    postgres = load(None, {"PAPERBOT__STORAGE__URL": "postgresql://h/db", "PAPERBOT__DATA": "/srv"})
    assert postgres.index == Path("/srv/paperbot.index")


SLACK = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}
MANY = {
    "SLACK_CLIENT_ID": "1.2",
    "SLACK_CLIENT_SECRET": "s",
    "SLACK_SIGNING_SECRET": "s",
    "PAPERBOT__WEB__LISTEN": "127.0.0.1:8080",
    "PAPERBOT__WEB__URL": "https://papers.example.org",
    "PAPERBOT_KEYS": "k1, k2",
}


def test_two_tokens_switch_slack_on() -> None:
    """Nothing else is needed."""
    assert load(None, SLACK).slack.on
    assert not load(None, {}).slack.on


def test_keys_may_stand_side_by_side_in_the_environment() -> None:
    """The newest first; they never show."""
    config = load(None, MANY)
    assert config.keys == ("k1", "k2")
    assert "k1" not in repr(config)


@pytest.mark.parametrize(
    ("gone", "named"),
    [
        ("PAPERBOT__WEB__LISTEN", "web.listen"),
        ("PAPERBOT__WEB__URL", "web.url"),
        ("PAPERBOT_KEYS", "paperbot key"),
    ],
)
def test_what_installing_needs_is_asked_for(gone: str, named: str) -> None:
    """One line, with the key that is missing."""
    assert named in message(None, {key: value for key, value in MANY.items() if key != gone})


def test_slack_over_http_needs_an_address() -> None:
    """Or the token that makes it unnecessary."""
    told = message(None, {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s"})
    assert "web.listen" in told
    assert "SLACK_APP_TOKEN" in told


def test_a_shared_library_is_open_to_those_who_are_named_only() -> None:
    """Where anybody can install the bot, "all" would be strangers."""
    assert "team.workspaces" in message(None, MANY | {"PAPERBOT__TEAM__SHARED": "true"})
    named = {"PAPERBOT__TEAM__SHARED": "true", "PAPERBOT__TEAM__WORKSPACES": '["slack:T1"]'}
    assert load(None, MANY | named).sharing.shared
    assert "slack:T0123" in message(None, {"PAPERBOT__TEAM__WORKSPACES": '["T1"]'})
