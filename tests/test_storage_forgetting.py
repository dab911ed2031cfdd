"""Deleting everything about a person, and what is not theirs alone."""

from dataclasses import replace
from datetime import timedelta

from sqlmodel import SQLModel

from bot.domain.deliveries import Shown
from bot.domain.library import Note, Save, SavedQuery, Whose
from bot.domain.people import Channel, Message, Person, Workspace
from bot.domain.stores import Installation
from bot.domain.subscriptions import Edition, Subscription
from storage import Storage, open_storage
from storage.sealing import new_key
from tests.support.library_model import NOON, PAPERS
from tests.support.storage import Place

HERE, THERE = Workspace("slack", "T1"), Workspace("slack", "T2")
CHANNEL = Channel(HERE, "C1")
ADA = Person("slack", "T1.U1", "Ada Lovelace")
GRACE = Person("slack", "T1.U11", "Grace")
"""An id that begins like the other's."""
FIRST, SECOND = PAPERS[0].id, PAPERS[1].id


async def fill(storage: Storage) -> None:
    """Something of everything, of both."""
    await storage.archive.keep(PAPERS, as_of=NOON)
    for minutes, who in enumerate((ADA, GRACE)):
        at = NOON + timedelta(minutes=minutes)
        message = Message(CHANNEL, f"m-{minutes}")
        for where in (HERE, THERE):
            save = Save(person=who, workspace=where, paper=FIRST, at=at, origin="command")
            await storage.library.save(save)
            await storage.notes.tag(who, where, FIRST, add=["rl"], at=at)
            await storage.notes.mark(who, where, FIRST, read=True, at=at)
            note = Note(person=who, workspace=where, paper=FIRST, text="Hm.", at=at, shared=True)
            await storage.notes.note(note)
        await storage.library.remember(Shown(message=message, papers={1: FIRST}, to=who))
        await storage.subscriptions.add(order(who))
    save = Save(person=ADA, workspace=HERE, paper=SECOND, at=NOON, origin=f"{CHANNEL}/m#🔖")
    await storage.library.save(replace(save, message=Message(CHANNEL, "m")))
    await storage.library.remember(Shown(message=Message(CHANNEL, "m"), papers={1: SECOND}))
    installed = Installation(workspace=HERE, token="t", bot="b", installed_by=ADA, at=NOON)
    await storage.installations.keep(installed)


def order(who: Person) -> Subscription:
    return Subscription(
        id=f"of-{who.id}",
        channel=CHANNEL,
        edition=Edition.DAILY,
        created_by=who,
        created_at=NOON,
        next_run_at=NOON,
    )


async def everything(storage: Storage) -> dict[str, list[str]]:
    """All rows of all tables, as text."""
    found = {}
    async with storage.database.read() as session:
        connection = await session.connection()
        for table in SQLModel.metadata.sorted_tables:
            rows = (await connection.execute(table.select())).all()
            found[table.name] = [repr(tuple(row)) for row in rows]
    return found


async def test_nothing_is_left_of_somebody(place: Place) -> None:
    """No table has their address or their name in any row; everybody else's rows are as they were."""
    async with open_storage(place.url, place.index, keys=[new_key()]) as storage:
        await fill(storage)
        before = await everything(storage)
        assert sum("slack:T1.U1'" in row for rows in before.values() for row in rows) > 10
        await storage.privacy.forget(ADA)
        after = await everything(storage)
        text = "\n".join(row for rows in after.values() for row in rows)
        assert "slack:T1.U1'" not in text
        assert "Ada" not in text
        for name, rows in before.items():
            of_grace = [row for row in rows if "T1.U11" in row]
            assert [row for row in after[name] if "T1.U11" in row] == of_grace, name
        assert (await storage.privacy.about(ADA)).counts == {}


async def test_the_library_adds_up_afterwards(place: Place) -> None:
    """What others saved too stays, since when they did; what nobody else saved is gone."""
    async with open_storage(place.url, place.index, keys=[new_key()]) as storage:
        await fill(storage)
        team = SavedQuery(reader=GRACE, channel=CHANNEL, whose=Whose.TEAM)
        assert (await storage.library.saved(team)).total == 2
        await storage.privacy.forget(ADA)
        (left,) = (found := await storage.library.saved(team)).papers
        assert found.total == 1
        assert (left.paper.id, left.by, left.at) == (FIRST, (GRACE,), NOON + timedelta(minutes=1))
        assert left.marks.tags == ("rl",)
        assert await storage.library.people(HERE) == [GRACE]
        await storage.privacy.forget(GRACE)
        assert (await storage.library.saved(team)).total == 0
        assert await storage.library.people(HERE) == []


async def test_what_a_team_relies_on_goes_on(place: Place) -> None:
    """A subscription stays, and is still not the config file's; an installation keeps its token."""
    async with open_storage(place.url, place.index, keys=[new_key()]) as storage:
        await fill(storage)
        await storage.privacy.forget(ADA)
        left = await storage.subscriptions.get("of-T1.U1")
        assert left
        assert not left.declared
        assert left.created_by == Person("slack", "nobody")
        installed = await storage.installations.of(HERE)
        assert installed
        assert installed.token == "t"
        assert installed.installed_by is None


async def test_everything_about_somebody_can_be_taken_along(place: Place) -> None:
    """From every workspace, as plain data; no token is in it."""
    async with open_storage(place.url, place.index, keys=[new_key()]) as storage:
        await fill(storage)
        about = await storage.privacy.about(ADA)
        assert about.counts == {
            "save": 3,
            "note": 2,
            "read_mark": 2,
            "tag": 2,
            "subscription": 1,
            "shown": 1,
            "installation": 1,
        }
        assert {one["workspace"] for one in about.records["save"]} == {"slack:T1", "slack:T2"}
        assert about.records["save"][0]["at"] == NOON.isoformat()
        assert not any("token" in record for found in about.records.values() for record in found)


async def test_reactions_that_were_left_standing_are_known(place: Place) -> None:
    """On messages from before; what was shown later is another matter, and so is everybody else."""
    async with open_storage(place.url, place.index, keys=[new_key()]) as storage:
        await fill(storage)
        privacy, old = storage.privacy, Message(CHANNEL, "m")
        assert await privacy.forgotten(old, [ADA, GRACE]) == frozenset()
        await privacy.forget(ADA)
        assert await privacy.forgotten(old, [ADA, GRACE]) == {ADA}
        later = Message(CHANNEL, "later")
        await storage.library.remember(Shown(message=later, papers={1: FIRST}))
        assert await privacy.forgotten(later, [ADA, GRACE]) == frozenset()
        await privacy.forget(ADA)
        assert await privacy.forgotten(later, [ADA]) == {ADA}


async def test_forgetting_nobody_harms_nobody(place: Place) -> None:
    """Strange ids too."""
    async with open_storage(place.url, place.index, keys=[new_key()]) as storage:
        await fill(storage)
        before = await everything(storage)
        for id in ("%", "_", "T1.U", "x" * 999, "\0", "'; DROP TABLE save; --", "nobody"):
            await storage.privacy.forget(Person("slack", id))
        after = await everything(storage)
        del before["forgotten"], after["forgotten"]
        assert after == before
