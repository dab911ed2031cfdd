"""`paperbot doctor`: what is in order, what is not, and how that is mended."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.config import Config
from bot.doctor import checks, discord_invite, discord_sync, doctor
from bot.domain.errors import ConfigError
from bot.domain.people import Channel, Person
from bot.domain.subscriptions import Edition, Subscription
from storage import open_storage
from tests.support.discord_api import furnish, standing_in
from tests.support.huggingface import FakeHub
from tests.support.storage import copy_template

NOW = datetime(2025, 5, 22, 12, tzinfo=UTC)


@pytest.fixture
async def hub() -> AsyncIterator[FakeHub]:
    async with FakeHub() as there:
        yield there


def config(tmp_path: Path, hub: FakeHub, **more: Any) -> Config:
    copy_template(tmp_path / "paperbot.db")
    return Config.model_validate(
        {"data": tmp_path, "huggingface": {"url": hub.url}, "terminal": {"enabled": True}} | more
    )


async def looked_at(wanted: Config) -> dict[str, tuple[bool, str]]:
    return {one.name: (one.fine, one.text) async for one in checks(lambda: wanted, patience=0.2)}


async def test_where_all_is_well_it_says_so(
    tmp_path: Path, hub: FakeHub, capsys: pytest.CaptureFixture[str]
) -> None:
    """A ✓ for each thing, and exit status 0."""
    wanted = config(tmp_path, hub)
    assert await doctor(lambda: wanted) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[:2] for line in lines] == ["✓ "] * 4
    assert "switched on: terminal" in lines[0]


async def test_a_broken_config_is_the_only_line(capsys: pytest.CaptureFixture[str]) -> None:
    """With the key and the fix, and exit status 1."""

    def broken() -> Config:
        raise ConfigError("`colour` is no setting")

    assert await doctor(broken) == 1
    assert capsys.readouterr().out == "✗ Config: `colour` is no setting\n"


async def test_each_thing_is_looked_at_whatever_the_others_are_like(tmp_path: Path) -> None:
    """A database that cannot be opened, and a Hugging Face that does not answer."""
    async with FakeHub() as hub:
        wanted = config(tmp_path, hub)
    (tmp_path / "paperbot.db").write_bytes(b"this is no database" * 100)
    found = await looked_at(wanted)
    assert [name for name, (fine, _) in found.items() if not fine] == ["Database", "Hugging Face"]


async def test_discord_is_asked_about_each_subscribed_channel(tmp_path: Path, hub: FakeHub) -> None:
    """Those of the config file and those subscribed by command, each once."""
    async with standing_in() as there:
        furnish(there)
        wanted = config(
            tmp_path,
            hub,
            discord={
                "token": "good",
                "api_url": there.settings.api_url,
                "gateway_url": there.settings.gateway_url,
            },
            subscription=[{"name": "mine", "channel": "discord:500000001/2"}],
        )
        async with open_storage(wanted.database_url, wanted.index) as storage:
            order = Subscription(
                id="a",
                channel=Channel.parse("discord:500000001/1"),
                edition=Edition.DAILY,
                created_by=Person("discord", "1"),
                created_at=NOW,
                next_run_at=NOW,
            )
            await storage.subscriptions.add(order)
        found = await looked_at(wanted)
    assert found["Discord token"][0]
    assert found["Discord 500000001/1"] == (True, "every permission is there")
    fine, text = found["Discord 500000001/2"]
    assert not fine
    assert "Send Messages" in text


async def test_discord_commands_need_a_token(tmp_path: Path, hub: FakeHub) -> None:
    """And say where it goes."""
    wanted = config(tmp_path, hub)
    with pytest.raises(ConfigError, match="DISCORD_TOKEN"):
        await discord_sync(wanted, None)
    with pytest.raises(ConfigError, match="DISCORD_TOKEN"):
        await discord_invite(wanted)


async def test_the_invitation_is_printed_with_its_reasons(
    tmp_path: Path, hub: FakeHub, capsys: pytest.CaptureFixture[str]
) -> None:
    """The link first, so that it can be piped."""
    async with standing_in() as there:
        settings = {"token": "good", "api_url": there.settings.api_url}
        assert await discord_invite(config(tmp_path, hub, discord=settings)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("https://discord.com/oauth2/authorize?client_id=200000001")
    assert any("Send Messages: to post papers" in line for line in lines)
