"""What an operator writes under [email], and what they are told when it is wrong."""

from pathlib import Path
from typing import Any

import pytest

from adapters.email.settings import Mailbox, read_settings
from bot.config import load
from bot.domain.errors import ConfigError
from bot.doors import open_doors

FILE = """
[email]
host = "smtp.lab.org"
user = "papers"
from = "Daily Papers <papers@lab.org>"
[web]
url = "https://papers.lab.org/bot/"
"""


def given(**changes: Any) -> dict[str, Any]:
    """A section that works."""
    return {"host": "smtp.lab.org", "sender": "papers@lab.org"} | changes


def test_host_and_from_switch_it_on(tmp_path: Path) -> None:
    """The password comes from the environment, the rest has defaults."""
    path = tmp_path / "config.toml"
    path.write_text(FILE)
    config = load(path, {"PAPERBOT_EMAIL_PASSWORD": "secret"})
    door = open_doors(config)["email"]
    settings = door._settings  # type: ignore[attr-defined]
    assert (settings.port, settings.security) == (587, "starttls")
    assert (settings.user, settings.password) == ("papers", "secret")
    assert settings.sender == Mailbox("papers@lab.org", "Daily Papers")
    assert settings.list_id == "paperbot.lab.org"
    assert settings.url == "https://papers.lab.org/bot"
    assert "secret" not in repr(settings)
    path.write_text('[email]\nhost = "smtp.lab.org"\n')
    assert "email" not in open_doors(load(path, {}))


def test_the_environment_can_say_all_of_it() -> None:
    """By the names of the file."""
    names = {"HOST": "127.0.0.1", "FROM": "papers@lab.org", "SECURITY": "plain"}
    config = load(None, {f"PAPERBOT__EMAIL__{name}": value for name, value in names.items()})
    assert config.email.on
    assert config.email.sender == "papers@lab.org"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"sender": "nobody"}, "email.from"),
        ({"sender": "a@lab.org, b@lab.org"}, "email.from"),
        ({"sender": "papers@lab.org\r\nBcc: x@y.org"}, "email.from"),
        ({"reply_to": "@"}, "email.reply_to"),
        ({"host": "smtp lab"}, "email.host"),
        ({"user": "papers"}, "PAPERBOT_EMAIL_PASSWORD"),
        ({"password": "secret"}, "email.user"),
        ({"security": "plain"}, "in the clear"),
        ({"security": "plain", "host": "10.0.0.1"}, "in the clear"),
        ({"ca_file": "/nowhere/ca.pem"}, "email.ca_file"),
        ({"list_id": "papers>"}, "email.list_id"),
        ({"colour": "red"}, "no setting `colour`"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], told: str) -> None:
    """With the fix, in one line, and never with the password."""
    with pytest.raises(ConfigError) as caught:
        read_settings(given(**changes))
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "port"),
    [
        ({"security": "tls"}, 465),
        ({"security": "plain", "host": "127.0.0.1"}, 25),
        ({"security": "plain", "host": "localhost"}, 25),
        ({"port": 2525}, 2525),
    ],
)
def test_ports_follow_the_way_it_is_secured(changes: dict[str, Any], port: int) -> None:
    """Unless one is named."""
    assert read_settings(given(**changes)).port == port


def test_an_unknown_way_is_refused(tmp_path: Path) -> None:
    """By the file's own reading."""
    path = tmp_path / "config.toml"
    path.write_text('[email]\nsecurity = "ssl"\n')
    with pytest.raises(ConfigError, match=r"email\.security"):
        load(path, {})
