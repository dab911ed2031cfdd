"""What is in a library stays in step with the acts of saving, whoever does what at the same time."""

import asyncio
import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.domain.deliveries import Shown
from bot.domain.library import Save, SavedQuery, Whose
from bot.domain.people import Channel, Message, Person, Workspace
from storage import Storage
from storage.migrate import migrate
from storage.urls import parse_url
from tests.support.library_model import NOON, PAPERS
from tests.support.storage import Place, temporary_storage

HERE = Workspace("slack", "T1")
CHANNEL = Channel(HERE, "C1")
PEOPLE = [Person("slack", f"T1.U{n}", f"Person {n}") for n in range(6)]
COUNTED = (
    "SELECT workspace, person, paper, min(at) FROM save GROUP BY workspace, person, paper"
    " UNION SELECT workspace, '', paper, min(at) FROM save GROUP BY workspace, paper"
)


COLUMNS = ("person", "paper", "origin", "name", "message", "at")
INSERT = (
    "INSERT INTO save (workspace, person, paper, origin, person_name, message, at)"
    " VALUES ('slack:T1', :person, :paper, :origin, :name, :message, :at)"
)


async def check(storage: Storage) -> None:
    """Nothing is held that was not saved, nor the other way round, and the numbers are right."""
    async with storage.database.read() as session:
        connection = await session.connection()

        async def rows(statement: str) -> set[tuple[object, ...]]:
            return {tuple(row) for row in await connection.execute(text(statement))}

        held = await rows("SELECT workspace, person, paper, at FROM holding")
        assert held == await rows(COUNTED)
        numbers = await rows("SELECT workspace, person, papers FROM holder")
        assert numbers == await rows(
            "SELECT workspace, person, count(*) FROM holding GROUP BY workspace, person"
        )


async def test_people_who_save_and_let_go_at_once(place: Place) -> None:
    """Many at the same time, of the same few papers, and one who is forgotten meanwhile."""
    dice = random.Random(3)
    async with temporary_storage(place) as storage:
        await storage.archive.keep(PAPERS, as_of=NOON)
        library = storage.library

        async def act(number: int) -> None:
            who, paper = dice.choice(PEOPLE), dice.choice(PAPERS[:3]).id
            at = NOON + timedelta(seconds=dice.randrange(100))
            if number == 60:
                await storage.privacy.forget(who)
            elif dice.random() < 0.4:
                await library.unsave(who, HERE, paper, dice.choice((None, "a")))
            else:
                origin = dice.choice(("a", "b"))
                save = Save(person=who, workspace=HERE, paper=paper, at=at, origin=origin)
                await library.save(save)

        await asyncio.gather(*map(act, range(120)))
        await check(storage)


async def test_a_name_is_the_latest(place: Place) -> None:
    """Whoever renames themselves is found under the new name."""
    async with temporary_storage(place) as storage:
        for number, name in enumerate(("Ann", "", "Anna")):
            who = Person("slack", "T1.U1", name)
            paper = PAPERS[number].id
            save = Save(person=who, workspace=HERE, paper=paper, at=NOON, origin="command")
            await storage.library.save(save)
        (found,) = await storage.library.people(HERE)
        assert found.name == "Anna"


async def test_where_a_paper_was_discussed(place: Place) -> None:
    """Where everybody saw it and somebody saved it; an answer that one person saw alone is no such place."""
    first, second = PAPERS[0].id, PAPERS[1].id
    public, private = Message(CHANNEL, "1"), Message(CHANNEL, "2")
    async with temporary_storage(place) as storage:
        await storage.library.remember(Shown(message=public, papers={1: first, 2: second}))
        await storage.library.remember(Shown(message=private, papers={1: second}, to=PEOPLE[0]))
        for message, paper in ((public, first), (private, second)):
            save = Save(
                person=PEOPLE[0],
                workspace=HERE,
                paper=paper,
                at=NOON,
                origin=f"{message}#🔖",
                message=message,
            )
            await storage.library.save(save)
        elsewhere = Channel(HERE, "C2")
        assert await storage.library.discussed(elsewhere, [first, second]) == {first: public}
        stranger = Channel(Workspace("slack", "T2"), "C1")
        assert await storage.library.discussed(stranger, [first, second]) == {}


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A database without a table."""
    if request.param == "sqlite":
        return Place(tmp_path, f"sqlite:///{tmp_path / 'old.db'}")
    found: Place = request.getfixturevalue("bare")
    return found


async def test_what_was_saved_before_there_were_libraries_is_in_them(old: Place) -> None:
    """An archive of an earlier version is brought up to date with everything in it."""
    url = parse_url(old.url)
    engine = create_async_engine(url)
    rows = [
        ("slack:T1.U1", "2505.00000", "command", "Ann", None, NOON.replace(day=22)),
        ("slack:T1.U1", "2505.00000", "x#🔖", "Anna", "slack:T1/C1/1.5", NOON.replace(day=23)),
        ("slack:T1.U2", "2505.00000", "y#🔖", "Bob", "slack:T1/C1/1.5", NOON.replace(day=21)),
        ("slack:T1.U2", "2505.00001", "command", "Bob", None, NOON.replace(day=24)),
    ]
    async with engine.begin() as connection:
        await connection.run_sync(lambda c: migrate(c, "old", None, "0004"))
        for row in rows:
            await connection.execute(text(INSERT), dict(zip(COLUMNS, row, strict=True)))
    await engine.dispose()
    async with temporary_storage(old) as storage:
        await storage.archive.keep(PAPERS, as_of=NOON)
        await check(storage)
        query = SavedQuery(reader=PEOPLE[1], channel=CHANNEL, whose=Whose.TEAM)
        found = await storage.library.saved(query)
        assert [one.paper.id for one in found.papers] == ["2505.00001", "2505.00000"]
        assert [one.name for one in await storage.library.people(HERE)] == ["Bob", "Anna"]
        here = await storage.library.saved(replace(query, whose=Whose.HERE))
        assert [one.paper.id for one in here.papers] == ["2505.00000"]
