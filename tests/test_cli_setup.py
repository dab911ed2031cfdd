"""What an operator runs once: a key, a manifest, a move to another database."""

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from storage.sealing import Seal
from tests.support.shell import Shell
from tests.support.storage import Place


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_a_key_seals_and_is_never_the_same(shell: Shell) -> None:
    """It can be put into the environment as it is printed."""
    one, two = (shell("key").stdout.strip() for _ in range(2))
    assert one != two
    seal = Seal([one])
    assert seal.open(seal.seal("xoxb-1")) == "xoxb-1"


def test_slack_s_manifest_needs_no_token(shell: Shell) -> None:
    """It is what a token is got with; the command's name is in it."""
    told = shell("slack", "manifest", PAPERBOT__SLACK__COMMAND="/arxiv")
    assert told.returncode == 0, told.stderr
    assert 'command: "/arxiv"' in told.stdout
    assert "socket_mode_enabled: true" in told.stdout
    link = shell("slack", "manifest", "--link").stdout.strip()
    (manifest,) = parse_qs(urlsplit(link).query)["manifest_json"]
    assert json.loads(manifest)["features"]["slash_commands"][0]["command"] == "/paper"


def test_the_manifest_follows_the_transport(shell: Shell) -> None:
    """Over HTTP Slack is told where we are."""
    web = {"PAPERBOT__WEB__URL": "https://papers.example.org", "PAPERBOT__WEB__LISTEN": ":0"}
    told = shell("slack", "manifest", SLACK_SIGNING_SECRET="s", **web)
    assert "socket_mode_enabled: false" in told.stdout
    assert "https://papers.example.org/slack/events" in told.stdout


def test_an_archive_moves_to_a_server_and_works_there(shell: Shell, bare: Place) -> None:
    """Every row is there, the old one too; and what is wrong is told in one line."""
    assert shell("import", "--sample").returncode == 0
    moved = shell("migrate", "--to", bare.server)
    assert moved.returncode == 0, moved.stderr
    assert "paper                    72 rows, the same on both sides" in moved.stdout
    found = shell("paper", "search", "clip", "--json", PAPERBOT__STORAGE__URL=bare.server)
    assert json.loads(found.stdout)["total"] >= 25
    again = shell("migrate", "--to", "mysql://somewhere/else")
    assert again.returncode == 1
    assert "sqlite and postgresql" in again.stderr
