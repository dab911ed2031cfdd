"""What somebody follows by e-mail: to an address of theirs that agreed, and kept for them when that leaves."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time

import pytest

from bot.desk import FrontDesk
from bot.domain.mailing import Consent, mail_channel
from bot.domain.people import Channel, Person
from bot.domain.posts import Panel
from bot.domain.subscriptions import Edition, Manner, Reach
from bot.postmaster import Postmaster
from tests.support.fakes import CHANNEL, NOW
from tests.support.rooms import ANN, BOB, Office
from tests.support.wishes import OWN

ADDRESS, OTHER = mail_channel("ann@lab.org"), mail_channel("bob@lab.org")


@dataclass
class Agreed:
    """Those who said yes."""

    consents_: list[Consent] = field(default_factory=list)

    async def consents(self, person: Person, channel: Channel | None) -> Sequence[Consent]:
        return [one for one in self.consents_ if one.person == person or one.channel == channel]

    async def end(self, address: Channel, at: datetime) -> bool:
        self.consents_ = [one for one in self.consents_ if one.address != address]
        return True


@pytest.fixture
def agreed() -> Agreed:
    said = {"channel": CHANNEL, "at": NOW}
    return Agreed(
        [
            Consent(address=OTHER, person=BOB, shared=True, **said),  # type: ignore[arg-type]
            Consent(address=OTHER, person=ANN, shared=True, **said),  # type: ignore[arg-type]
            Consent(address=ADDRESS, person=ANN, **said),  # type: ignore[arg-type]
        ]
    )


@pytest.fixture
def office(agreed: Agreed) -> Office:
    made = Office()
    made.room = replace(made.room, mail=postmaster(made, agreed))
    made.desk = FrontDesk(made.room)
    return made


def postmaster(office: Office, agreed: Agreed) -> Postmaster:
    return Postmaster(
        mailing=agreed,  # type: ignore[arg-type]
        subscriptions=office.subscriptions,
        clock=lambda: NOW,
        new_id=lambda: "x" * 32,
    )


async def test_follows_and_the_digest_go_to_an_address_of_ones_own(office: Office) -> None:
    """Not to one that somebody asked for in a channel's name; and back again."""
    await office.says("follow robots")
    await office.says("me daily quiet:22-7 follows:email")
    orders = office.subscriptions.known.values()
    assert {one.channel for one in orders} == {ADDRESS}
    assert {one.edition for one in orders} == {Edition.FOLLOW, Edition.PERSONAL}
    assert office.subscriptions.known["s1"].terms.quiet is None
    await office.says("me follows:now")
    assert {one.channel for one in orders} == {OWN}
    assert office.subscriptions.known["s1"].terms.quiet == (time(22), time(7))


async def test_a_new_follow_goes_there_too(office: Office) -> None:
    """And says so."""
    office.reaches.said[ANN] = Reach(follows=Manner.EMAIL)
    assert "by e-mail" in str(await office.says("follow robots"))
    assert office.subscriptions.known["s1"].channel == ADDRESS


async def test_one_click_ends_the_mails_and_keeps_what_is_followed(
    office: Office, agreed: Agreed
) -> None:
    """It is off until its person says how it shall reach them."""
    await office.says("follow robots")
    await office.says("me daily follows:email")
    await postmaster(office, agreed).end(ADDRESS)
    (left,) = office.subscriptions.known.values()
    assert (left.id, left.held) == ("s1", True)
    panel = await office.says_one("follow")
    assert isinstance(panel, Panel)
    assert panel.rows[0].text == "robots (off)"
    shown = await office.says_one("me")
    assert isinstance(shown, Panel)
    assert {row.label: row.text for row in shown.rows}["Digest"] == "off"
    await office.says("me follows:now")
    assert (office.subscriptions.known["s1"].channel, left.id) == (OWN, "s1")
    assert not office.subscriptions.known["s1"].held


async def test_whoever_shares_an_address_does_not_read_what_another_follows(
    office: Office, agreed: Agreed
) -> None:
    """`email` tells about what goes there, but for what is one person's own."""
    agreed.consents_.append(Consent(address=ADDRESS, person=BOB, channel=CHANNEL, at=NOW))
    await office.says("follow secrets")
    await office.says("me follows:email")
    assert "secrets" not in str(await office.says("email", BOB))
