"""An archive on its way to another database: all of it, once, and broken off wherever you like."""

import asyncio
import hashlib
import shutil
import signal
import sqlite3
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.club import Meeting, Nomination, Vote
from bot.domain.deliveries import Delivery, Outcome, Plan, Run, Shown, State
from bot.domain.errors import StorageError
from bot.domain.library import Note, Opinion
from bot.domain.mailing import Invitation, Limits, mail_channel
from bot.domain.papers import Listing, Paper, PaperId
from bot.domain.people import Channel, Message, Person, Workspace
from bot.domain.posts import Digest, Entry
from bot.domain.search import Query, Word
from bot.domain.stores import Installation, Save, View
from bot.domain.subscriptions import Edition, Reach, Subscription, Terms
from storage import Storage, open_storage
from storage.moving import BATCH, TABLES, move
from storage.sealing import new_key
from tests.support.storage import Place, temporary_database, temporary_storage

NOON = datetime(2025, 5, 22, 12, 30, 0, 123456, tzinfo=UTC)
DAY = NOON.date()
LOCAL = Workspace("terminal", "local")
CHANNEL = Channel(LOCAL, "papers")
ADA = Person("terminal", "ada", "Ada \U0001f496")
KEY = new_key()
TEXTS = (
    "plain",
    "\u202eright to left, NUL \0 and half \ud800 a sign",
    "'; DROP TABLE paper; -- %s {} \\ \" \n\r\t",
    "e\u0301 is not \u00e9, Z\u0337a\u0321l\u0322g\u0321o",
    "\U0001f4a9" * 300,
)


def papers(count: int) -> list[Paper]:
    return [
        Paper(
            id=PaperId(f"2505.{number:05}"),
            title=TEXTS[number % len(TEXTS)],
            abstract=TEXTS[(number + 1) % len(TEXTS)],
            authors=TEXTS[: number % 4],
            keywords=(TEXTS[number % len(TEXTS)],),
            published=date(2025, 5, 1) if number % 2 else None,
            featured=date.max if number % 3 else date.min,
            upvotes=10**12 if number % 2 else 0,
            stars=None if number % 2 else number,
            media=("https://a.b/c.mp4",) if number % 5 else (),
        )
        for number in range(count)
    ]


def order(number: int) -> Subscription:
    return Subscription(
        id=f"order-{number}",
        channel=replace(CHANNEL, id="x" * 900) if number % 2 else CHANNEL,
        edition=Edition.DAILY,
        terms=Terms(at=time(9, 30), tz="Europe/Berlin", include=TEXTS),
        created_by=ADA if number % 2 else None,
        created_at=NOON,
        next_run_at=NOON + timedelta(days=number),
        paused=TEXTS[1] if number % 3 else None,
    )


def plan(number: int, paper: Paper) -> Plan:
    subscription = order(number)
    delivery = Delivery(
        key=f"{subscription.id}:{DAY}:1",
        subscription=subscription.id,
        channel=subscription.channel,
        edition=str(DAY),
        part=1,
        post=Digest(title=TEXTS[2], entries=(Entry(paper=paper, number=1, why=TEXTS[1]),)),
        reply_to=TEXTS[3],
        next_attempt_at=NOON,
    )
    run = Run(
        subscription=subscription.id,
        edition=str(DAY),
        due_at=NOON,
        outcome=Outcome.POSTED,
        reason=TEXTS[1],
        finished_at=NOON,
    )
    return Plan(run=run, deliveries=(delivery,), next_run_at=NOON + timedelta(days=9))


async def fill(storage: Storage, count: int) -> None:
    """Something of everything."""
    many = papers(count)
    view = View(papers=many[:50], as_of=NOON, listing=Listing.day(DAY))
    await storage.archive.keep_all([view])
    await storage.archive.keep(many, as_of=NOON)
    await storage.archive.fetched(Listing.trending(), at=NOON, etag=TEXTS[1], settled=True)
    for number in range(4):
        await storage.subscriptions.add(order(number))
        await storage.outbox.plan(plan(number, many[number]))
    claimed = await storage.outbox.claim(NOON, NOON + timedelta(minutes=2), limit=3)
    message = Message(CHANNEL, "1")
    await storage.outbox.sent(claimed[0].key, message, NOON)
    await storage.outbox.put_back(claimed[1].key, State.UNKNOWN, at=NOON, reason=TEXTS[1])
    await storage.library.remember(Shown(message=Message(CHANNEL, "2"), papers={1: many[1].id}))
    for origin in ("command", *TEXTS):
        await storage.library.save(
            Save(person=ADA, workspace=LOCAL, paper=many[0].id, at=NOON, origin=origin)
        )
    for number, text in enumerate(TEXTS):
        on: dict[str, Any] = {
            "person": ADA,
            "workspace": LOCAL,
            "paper": many[number].id,
            "at": NOON,
        }
        await storage.notes.note(Note(**on, text=text, shared=bool(number % 2)))
        await storage.notes.tag(**on, add=TEXTS)
        await storage.notes.mark(**on, read=True)
    await storage.privacy.forget(Person("terminal", "somebody-else"))
    await storage.heard.first(TEXTS[1], NOON, timedelta(days=1))
    installed = Installation(workspace=LOCAL, token="secret", bot="b", name=TEXTS[1], at=NOON)
    await storage.installations.keep(installed)
    await storage.reaches.set_reach(ADA, Reach(tz="Europe/Berlin"))
    opinion = Opinion(person=ADA, workspace=LOCAL, paper=many[0].id, likes=True, at=NOON)
    await storage.opinions.say(opinion)
    await found_club(storage, many[0].id, many[1].id)
    asked = Invitation(
        id="a",
        address=mail_channel("me@lab.org"),
        person=ADA,
        channel=CHANNEL,
        edition=Edition.WEEKLY,
        terms=Terms(top=3),
        at=NOON,
    )
    await storage.mailing.invite(asked, Limits(NOON, 3, 10, 5))
    await storage.mailing.accept("a", NOON)


async def found_club(storage: Storage, nominated: PaperId, picked: PaperId) -> None:
    """A nomination with a vote, and a meeting."""
    club = storage.club
    await club.nominate(Nomination(channel=CHANNEL, paper=nominated, by=ADA, at=NOON))
    await club.show(Message(CHANNEL, "3"), nominated)
    await club.vote(Vote(channel=CHANNEL, paper=nominated, person=ADA, origin=TEXTS[1], at=NOON))
    meeting = Meeting(
        id="club",
        channel=CHANNEL,
        paper=picked,
        day=DAY,
        at=time(16),
        tz="Europe/Berlin",
        picked_by=ADA,
        picked_at=NOON,
    )
    terms = Terms(once=DAY, at=time(16), tz="Europe/Berlin", paper=picked, shared=True)
    ordered = replace(order(0), id="club", edition=Edition.CLUB, terms=terms)
    await club.pick(meeting, ordered)


async def filled(url: str, index: Path, count: int = 30) -> None:
    async with open_storage(url, index, keys=[KEY]) as storage:
        await fill(storage, count)


def files(directory: Path) -> list[Path]:
    return [*directory.iterdir()]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def file(tmp_path: Path) -> Place:
    return Place(tmp_path)


async def test_an_archive_moves_to_a_server_and_back(
    file: Place, bare: Place, tmp_path: Path
) -> None:
    """Every table, hostile texts and all; the source is left as it was, to the last byte."""
    await filled(file.url, file.index)
    before = digest(tmp_path / "paperbot.db")
    steps: list[tuple[str, int, int]] = []
    there = await move(file.url, bare.url, lambda *step: steps.append(step))
    assert digest(tmp_path / "paperbot.db") == before
    assert {*there.tables} == {table.name for table in TABLES}
    assert all(there.tables.values())
    assert there.copied == there.rows
    assert {("paper", 0, 30), ("paper", 30, 30)} <= {*steps}
    back = await move(bare.url, f"sqlite:///{tmp_path / 'back.db'}")
    assert back.tables == there.tables
    assert "postgres@" not in there.target + back.source


async def test_the_bot_goes_on_where_it_was(file: Place, bare: Place) -> None:
    """Nothing is posted twice, tokens can be read, the index need not be built anew, new messages have numbers."""
    await filled(file.url, file.index)
    async with open_storage(file.url, file.index) as storage:
        count = await storage.search.catch_up()
        known = await storage.archive.papers(one.id for one in papers(30))
    await move(file.url, bare.url)
    async with open_storage(bare.url, file.index, keys=[KEY]) as storage:
        assert count == 30
        assert await storage.search.catch_up() == 0
        assert (await storage.search.search(Query(words=(Word("plain"),)))).total > 0
        assert await storage.archive.papers(known) == known
        assert not await storage.outbox.plan(plan(0, papers(1)[0]))
        found = await storage.installations.of(LOCAL)
        assert found
        assert found.token == "secret"
        newest = Shown(message=Message(CHANNEL, "3"), papers={1: PaperId("2505.00003")})
        await storage.library.remember(newest)
        assert await storage.library.latest(CHANNEL, ADA) == newest
        kept = await storage.archive.keep([Paper(id=PaperId("2506.1"), title="x")], as_of=NOON)
        assert kept.new == 1


async def test_moving_twice_is_moving_once(file: Place, bare: Place) -> None:
    """The second time only checks; once the bot has run there, it says that they differ, and changes nothing."""
    await filled(file.url, file.index)
    first = await move(file.url, bare.url)
    again = await move(file.url, bare.url)
    assert (again.copied, again.tables) == (0, first.tables)
    async with temporary_storage(bare) as storage:
        await storage.subscriptions.remove("order-0")
    with pytest.raises(StorageError, match=r"subscription differs: 5 .* 4 .*used since"):
        await move(file.url, bare.url)
    async with temporary_storage(bare) as storage:
        assert await storage.subscriptions.get("order-0") is None


PROGRAM = """
import asyncio, os, signal, sys
from storage import moving

def step(table, done, total):
    if (table, done) == ("paper", moving.BATCH):
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(moving.move(sys.argv[1], sys.argv[2], step))
"""


@pytest.mark.parametrize("to", ["server", "file"])
async def test_a_move_that_was_killed_goes_on(
    file: Place, bare: Place, tmp_path: Path, to: str
) -> None:
    """With what had not arrived yet; until then, nobody takes the half for a whole."""
    await filled(file.url, file.index, BATCH + 7)
    target = bare.url if to == "server" else f"sqlite:///{tmp_path / 'other.db'}"
    args = (sys.executable, "-c", PROGRAM, file.url, target)
    process = await asyncio.create_subprocess_exec(*args)
    assert await process.wait() == -signal.SIGKILL
    with pytest.raises(StorageError, match=r"only a part.*paperbot migrate"):
        async with open_storage(target, tmp_path / "index"):
            pass
    with pytest.raises(StorageError, match="only a part"):
        await move(target, f"sqlite:///{tmp_path / 'third.db'}")
    moved = await move(file.url, target)
    assert moved.tables["paper"] == BATCH + 7
    assert 7 <= moved.copied <= moved.rows - BATCH
    async with open_storage(target, tmp_path / "index") as storage:
        assert (await storage.archive.counts()).papers == BATCH + 7


async def test_what_a_killed_bot_had_written_moves_too(file: Place, tmp_path: Path) -> None:
    """It may still stand in the journal beside the file alone; signs in the file's name mean nothing."""
    odd = tmp_path / "a #%20?.db"
    async with open_storage(file.url, file.index, keys=[KEY]) as storage:
        await fill(storage, 30)
        for end in ("", "-wal"):
            shutil.copy(tmp_path / f"paperbot.db{end}", f"{odd}{end}")
    moved = await move(str(odd), f"sqlite:///{tmp_path / 'other.db'}")
    assert moved.tables["paper"] == 30


async def test_only_an_empty_database_is_moved_to(place: Place, tmp_path: Path) -> None:
    """Another archive, or the same one under its own name: refused, and nothing is changed."""
    old = f"sqlite:///{tmp_path / 'old' / 'own.db'}"
    await filled(old, tmp_path / "index")
    async with temporary_storage(place) as storage:
        await storage.subscriptions.add(order(0))
    with pytest.raises(StorageError, match=r"something else .* Name an empty database"):
        await move(old, place.url)
    with pytest.raises(StorageError, match="is where the archive is"):
        await move(old, str(tmp_path / "old" / ".." / "old" / "own.db"))
    async with temporary_storage(place) as storage:
        assert await storage.subscriptions.all() == [order(0)]
        assert (await storage.archive.counts()).papers == 0


async def test_a_source_that_changed_between_two_runs_is_noticed(
    file: Place, tmp_path: Path
) -> None:
    """What was copied first is not what is there now: the target stays closed."""
    await filled(file.url, file.index)
    target = f"sqlite:///{tmp_path / 'other.db'}"

    def fail(table: str, done: int, total: int) -> None:
        if (table, done) == ("paper", total):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await move(file.url, target, fail)
    async with temporary_storage(file) as storage:
        changed = replace(papers(1)[0], upvotes=77)
        await storage.archive.keep([changed], as_of=NOON + timedelta(days=1))
    with pytest.raises(StorageError, match=r"paper differs.*written to since.*stop every bot"):
        await move(file.url, target)
    with pytest.raises(StorageError, match="only a part"):
        await move(target, f"sqlite:///{tmp_path / 'third.db'}")


@pytest.mark.parametrize(
    ("version", "message"), [("9999", "newer paperbot"), ("0002", "older paperbot.*doctor")]
)
async def test_a_source_of_another_schema_is_refused(
    file: Place, tmp_path: Path, version: str, message: str
) -> None:
    """Before anything is made at the target."""
    async with temporary_database(file):
        pass
    raw = sqlite3.connect(tmp_path / "paperbot.db")
    with raw:
        raw.execute("UPDATE alembic_version SET version_num = ?", (version,))
    raw.close()
    with pytest.raises(StorageError, match=message):
        await move(file.url, f"sqlite:///{tmp_path / 'other.db'}")
    assert not (tmp_path / "other.db").exists()


async def test_a_source_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """A mistyped name is told as one; a file that is empty, too."""
    (tmp_path / "empty.db").touch()
    for name, message in (("none.db", "There is no database"), ("empty.db", "has no archive")):
        with pytest.raises(StorageError, match=message):
            await move(str(tmp_path / name), str(tmp_path / "other.db"))
    assert {path.name for path in files(tmp_path)} == {"empty.db"}
