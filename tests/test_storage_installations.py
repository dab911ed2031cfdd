"""Workspaces that installed us, their sealed tokens, and events that come twice."""

import asyncio
import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.domain.errors import StorageError
from bot.domain.people import Person, Workspace
from bot.domain.stores import Installation
from storage import open_storage
from storage.heard import Heard
from storage.installations import Installations
from storage.migrate import migrate
from storage.sealing import new_key
from storage.urls import parse_url
from tests.support.fakes import NOW
from tests.support.storage import Place, temporary_database

LAB = Workspace("slack", "T1")
INSTALLED = Installation(
    workspace=LAB,
    token="xoxb-very-secret",
    bot="UBOT",
    name="Lab",
    scopes=frozenset({"commands", "chat:write"}),
    installed_by=Person("slack", "T1.U1", "Ann"),
    at=NOW,
)
DAY = timedelta(days=1)


async def test_an_installation_comes_back_as_it_was_kept(place: Place) -> None:
    """Everything, the name of who did it too."""
    async with temporary_database(place) as database:
        installations = Installations(database, [new_key()])
        await installations.keep(INSTALLED)
        found = await installations.of(LAB)
        assert found == INSTALLED
        assert found
        assert getattr(found.installed_by, "name", None) == "Ann"
        assert await installations.all("slack") == [INSTALLED]
        assert await installations.all("discord") == []
        assert await installations.of(Workspace("slack", "T2")) is None


async def test_a_token_does_not_lie_in_the_database_file(tmp_path: Path) -> None:
    """Nor does it show in logs."""
    async with temporary_database(tmp_path) as database:
        await Installations(database, [new_key()]).keep(INSTALLED)
    content = await asyncio.to_thread((tmp_path / "paperbot.db").read_bytes)
    assert b"UBOT" in content
    assert b"very-secret" not in content
    assert "very-secret" not in repr(INSTALLED)


async def test_installing_again_takes_the_place_of_the_first(place: Place) -> None:
    """A workspace has one token."""
    async with temporary_database(place) as database:
        installations = Installations(database, [new_key()])
        await installations.keep(INSTALLED)
        again = replace(INSTALLED, token="xoxb-second")
        await installations.keep(again)
        assert await installations.all("slack") == [again]
        assert await installations.remove(LAB)
        assert not await installations.remove(LAB)
        assert await installations.of(LAB) is None


async def test_keys_can_be_changed_without_losing_a_token(place: Place) -> None:
    """New key first, one start, and the old key may go."""
    old, new = new_key(), new_key()
    url = place.url
    async with open_storage(url, keys=[old]) as storage:
        await storage.installations.keep(INSTALLED)
    async with open_storage(url, keys=[new, old]):
        pass
    async with open_storage(url, keys=[new]) as storage:
        assert await storage.installations.of(LAB) == INSTALLED


async def test_a_lost_key_is_named_with_what_to_do(place: Place) -> None:
    """Nothing is deleted for it."""
    async with temporary_database(place) as database:
        await Installations(database, [new_key()]).keep(INSTALLED)
        with pytest.raises(StorageError, match=r"slack:T1.*PAPERBOT_KEYS.*install"):
            await Installations(database, [new_key()]).of(LAB)
        with pytest.raises(StorageError, match="paperbot key"):
            await Installations(database).of(LAB)


async def test_without_keys_no_token_is_kept(place: Place) -> None:
    """Better no installation than one that anybody can read."""
    async with temporary_database(place) as database:
        with pytest.raises(StorageError, match="paperbot key"):
            await Installations(database).keep(INSTALLED)
        with pytest.raises(StorageError, match="44 letters"):
            Installations(database, ["password"])


async def test_an_event_is_heard_once(place: Place) -> None:
    """And again when its time is over; what is refused does not make it younger."""
    async with temporary_database(place) as database:
        heard = Heard(database)
        assert await heard.first("slack:Ev1", NOW, DAY)
        assert not await heard.first("slack:Ev1", NOW + DAY / 2, DAY)
        assert await heard.first("slack:Ev2", NOW, DAY)
        assert await heard.first("slack:Ev1", NOW + DAY, DAY)


async def test_of_many_who_ask_at_once_one_is_the_first(place: Place) -> None:
    """Two processes that get the same event act once."""
    async with temporary_database(place) as one, temporary_database(place) as other:
        asked = [Heard(db).first("slack:Ev1", NOW, DAY) for db in (one, other) * 10]
        assert sum(await asyncio.gather(*asked)) == 1


async def test_old_events_are_let_go_of(place: Place) -> None:
    """The table does not grow for ever."""
    async with temporary_database(place) as database:
        heard = Heard(database)
        await heard.first("old", NOW - 2 * DAY, DAY)
        await heard.first("young", NOW, DAY)
        assert await heard.forget(NOW - DAY) == 1
        assert not await heard.first("young", NOW, DAY)


async def test_a_database_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    """What was in it stays."""
    path = tmp_path / "paperbot.db"
    engine = create_async_engine(parse_url(f"sqlite:///{path}"))
    async with engine.begin() as there:
        await there.run_sync(lambda c: migrate(c, "first", None, "0001"))
        await there.execute(text("INSERT INTO meta VALUES ('kept', 'yes')"))
    await engine.dispose()
    async with temporary_database(tmp_path) as database:
        assert await Heard(database).first("slack:Ev1", NOW, DAY)
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT value FROM meta WHERE name = 'kept'").fetchone() == ("yes",)
    connection.close()
