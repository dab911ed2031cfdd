"""Who was asked and who agreed, on both databases: counted, closed once, and forgotten with the person."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import tickets
from bot.domain.errors import UserError
from bot.domain.mailing import Excess, Invitation, Limits, mail_channel
from bot.domain.people import Channel, Person
from bot.domain.subscriptions import Edition, Layout, Subscription, Terms
from storage.mailing import Mailing
from storage.moving import move
from tests.support.fakes import NOW
from tests.support.storage import Place, temporary_database, temporary_storage

ANN, BOB = Person("slack", "T1.U1", "Ann"), Person("slack", "T1.U2", "Bob")
ME, YOU = mail_channel("me@lab.org"), mail_channel("you@lab.org")
HERE = Channel.parse("slack:T1/C1")
DAY = timedelta(days=1)
LIMITS = Limits(NOW - DAY, 3, 10, 5)


def invitation(id: str = "a", **changes: object) -> Invitation:
    """Ann's, for herself."""
    given = {
        "id": id,
        "address": ME,
        "person": ANN,
        "channel": HERE,
        "edition": Edition.WEEKLY,
        "terms": Terms(top=5, layout=Layout.DIGEST, include=("diffusion",)),
        "at": NOW,
    }
    return Invitation(**given | changes)  # type: ignore[arg-type]


async def test_an_invitation_comes_back_and_is_accepted_once(place: Place) -> None:
    """Of many who say yes at once, one is heard."""
    async with temporary_database(place) as database:
        mailing = Mailing(database)
        assert await mailing.invite(invitation(), LIMITS) is None
        assert await mailing.invitation("a") == invitation()
        assert not await mailing.agreed(ME)
        said = await asyncio.gather(*(mailing.accept("a", NOW) for _ in range(4)))
        assert sorted(said) == [False, False, False, True]
        assert await mailing.agreed(ME)
        (consent,) = await mailing.consents(ANN, None)
        assert (consent.address, consent.person.name, consent.channel) == (ME, "Ann", HERE)
        assert await mailing.accept("unknown", NOW) is False


async def test_invitations_are_counted_by_address_and_by_person(place: Place) -> None:
    """Also when they come all at once."""
    async with temporary_database(place) as database:
        mailing = Mailing(database)
        asked = [
            mailing.invite(invitation(f"{n}", person=Person("slack", f"T1.V{n}")), LIMITS)
            for n in range(6)
        ]
        answers = await asyncio.gather(*asked)
        assert answers.count(None) == 3
        assert answers.count(Excess.ADDRESS) == 3
        own = [
            invitation(f"b{n}", person=BOB, address=mail_channel(f"m{n}@lab.org"))
            for n in range(12)
        ]
        answers = await asyncio.gather(*(mailing.invite(one, LIMITS) for one in own))
        assert (answers.count(None), answers.count(Excess.PERSON)) == (10, 2)
        later = replace(LIMITS, since=NOW)
        assert await mailing.invite(invitation("c", at=NOW + DAY), later) is None
        await mailing.withdraw("c")
        assert await mailing.invitation("c") is None
        assert await mailing.forget(NOW + DAY) == 13


async def test_codes_are_counted_however_fast_they_come(place: Place) -> None:
    """Five of ten guesses at once see the invitation."""
    async with temporary_database(place) as database:
        mailing = Mailing(database)
        await mailing.invite(invitation(), LIMITS)
        found = await asyncio.gather(*(mailing.guess(ANN, LIMITS) for _ in range(10)))
        assert sum(map(len, found)) == 5
        assert await mailing.guess(BOB, LIMITS) == []
        assert len(await mailing.waiting(ANN, NOW - DAY)) == 1
        assert await mailing.waiting(ANN, NOW) == []


async def test_an_end_closes_everything(place: Place) -> None:
    """Every yes, whoever asked, and what is still open; another address stays."""
    async with temporary_database(place) as database:
        mailing = Mailing(database)
        people = {"a": ANN, "b": BOB, "c": ANN}
        for id, person in people.items():
            await mailing.invite(invitation(id, person=person), LIMITS)
        await mailing.invite(invitation("d", address=YOU), LIMITS)
        for id in ("a", "b", "d"):
            await mailing.accept(id, NOW)
        assert await mailing.end(ME, NOW)
        assert not await mailing.end(ME, NOW)
        assert not await mailing.accept("c", NOW)
        assert not await mailing.agreed(ME)
        assert await mailing.agreed(YOU)


async def test_what_is_for_a_channel_is_seen_there(place: Place) -> None:
    """And what is somebody's own is not."""
    async with temporary_database(place) as database:
        mailing = Mailing(database)
        await mailing.invite(invitation("a", shared=True), LIMITS)
        await mailing.invite(invitation("b", address=YOU), LIMITS)
        for id in ("a", "b"):
            await mailing.accept(id, NOW)
        assert [one.address for one in await mailing.consents(BOB, HERE)] == [ME]
        assert await mailing.consents(BOB, None) == []
        assert await mailing.consents(BOB, Channel.parse("slack:T1/C2")) == []
        assert {one.address for one in await mailing.consents(ANN, None)} == {ME, YOU}


async def test_the_secret_is_made_once(place: Place) -> None:
    """By whoever asks first, for everybody, for good."""
    async with temporary_database(place) as database:
        found = await asyncio.gather(*(Mailing(database).secret() for _ in range(5)))
        assert len(set(found)) == 1
        assert len(found[0]) == 64
        assert await Mailing(database).secret() == found[0]


async def test_consents_and_the_secret_move_along(tmp_path: Path) -> None:
    """Links in old mails stay good on another database."""
    place = Place(tmp_path)
    async with temporary_storage(place) as storage:
        await storage.mailing.invite(invitation(), LIMITS)
        await storage.mailing.accept("a", NOW)
        secret = await storage.mailing.secret()
    target = f"sqlite:///{tmp_path / 'new.db'}"
    moved = await move(place.url, target)
    assert (moved.tables["mail_consent"], moved.tables["mail_invitation"]) == (1, 1)
    from storage import open_storage

    async with open_storage(target, tmp_path / "index") as storage:
        assert await storage.mailing.agreed(ME)
        assert await storage.mailing.secret() == secret


async def test_who_is_forgotten_takes_their_inbox_along(place: Place) -> None:
    """Their address and what was ordered for it; a list of the channel's stays, without their name."""
    async with temporary_storage(place) as storage:
        mailing = storage.mailing
        await mailing.invite(invitation("a"), LIMITS)
        await mailing.invite(invitation("b", address=YOU, shared=True), LIMITS)
        for id, address in (("a", ME), ("b", YOU)):
            await mailing.accept(id, NOW)
            order = Subscription(
                id=id,
                channel=address,
                edition=Edition.DAILY,
                created_by=ANN,
                created_at=NOW,
                next_run_at=NOW,
            )
            await storage.subscriptions.add(order)
        about = await storage.privacy.about(ANN)
        assert about.counts["mail_consent"] == 2
        await storage.privacy.forget(ANN)
        assert not await mailing.agreed(ME)
        assert [one.channel for one in await storage.subscriptions.all()] == [YOU]
        assert [one.address for one in await mailing.consents(BOB, HERE)] == [YOU]
        assert await mailing.invitation("a") is None
        assert (await storage.privacy.about(ANN)).counts == {}


# --- tickets


@given(text=st.text(max_size=60), other=st.text(max_size=80))
@settings(max_examples=100)
def test_nobody_else_can_make_a_ticket(text: str, other: str) -> None:
    """It is read back by whoever has the secret, for one purpose; anything else is nothing."""
    secret = "s" * 64
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    ticket = tickets.issue(secret, "leave", text)
    assert tickets.read(secret, "leave", ticket) == text
    assert tickets.read(secret, "confirm", ticket) is None
    assert tickets.read("t" * 64, "leave", ticket) is None
    assert tickets.read(secret, "leave", other) is None
    assert tickets.read(secret, "leave", f"{ticket}{other}") in (None, text)
    assert all(c.isalnum() or c in "-_." for c in ticket)
    assert len(tickets.code(secret, text)) == 6


def test_no_part_of_a_ticket_can_be_changed() -> None:
    """Not a single letter."""
    ticket = tickets.issue("s", "leave", "email:lab.org/me@lab.org")
    for place in range(len(ticket)):
        changed = f"{ticket[:place]}{'A' if ticket[place] != 'A' else 'B'}{ticket[place + 1 :]}"
        assert tickets.read("s", "leave", changed) is None


# --- addresses


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("me@lab.org", "me@lab.org"),
        (" Me.Too+papers@LAB.Org ", "me.too+papers@lab.org"),
        ("<mailto:me@lab.org|me@lab.org>", "me@lab.org"),
        ("mailto:me@lab.org", "me@lab.org"),
        ("o'brien@lab.org", "o'brien@lab.org"),
        ("me@bücher.example", "me@xn--bcher-kva.example"),
        ("me@xn--bcher-kva.example", "me@xn--bcher-kva.example"),
    ],
)
def test_an_address_has_one_spelling(typed: str, read: str) -> None:
    """However it is typed, or made a link of by a chat."""
    channel = mail_channel(typed)
    assert channel.id == read
    assert Channel.parse(str(channel)) == channel


@pytest.mark.parametrize(
    "typed",
    [
        *("", "me", "@lab.org", "me@", "me@lab", "me@127.0.0.1", "me@[127.0.0.1]", "me@-lab.org"),
        *("a@b@lab.org", "me@lab.org,you@lab.org", "Ann <me@lab.org>", "me@lab.org\r\nBcc: x@y.z"),
        *(
            "me@lab..org",
            ".me@lab.org",
            "m..e@lab.org",
            '"me"@lab.org',
            "me@lab.org/x",
            "a/b@lab.org",
        ),
        *("m\u0435@lab.org", "me@straße.example", "a%b@lab.org", "a!b@lab.org", "me@lab.org\x00"),
        *("x" * 65 + "@lab.org", "me@" + "x" * 64 + ".org", "me@" + "abc." * 70 + "org"),
    ],
)
def test_what_is_no_address_is_refused_kindly(typed: str) -> None:
    """In a sentence that says what is wrong."""
    with pytest.raises(UserError) as caught:
        mail_channel(typed)
    assert str(caught.value).endswith(".")


@given(text=st.text(max_size=300))
@settings(max_examples=200)
def test_whatever_is_typed_is_an_address_or_a_mistake(text: str) -> None:
    """What is taken can stand in a header and in a channel."""
    try:
        channel = mail_channel(f"{text}@lab.org")
    except UserError:
        return
    assert channel.id.isascii()
    assert channel.id.isprintable()
    assert not set(channel.id) & set(' <>",;:\\()[]/`#')
    assert Channel.parse(str(channel)) == channel
