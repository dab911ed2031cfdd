"""me: how somebody wants to be reached, and everything that goes by it."""

from datetime import UTC, datetime, time

import pytest

from bot.domain.people import Channel, Workspace
from bot.domain.posts import Notice, Panel
from bot.domain.subscriptions import Edition, Manner, Pace, Reach, Subscription
from tests.support.fakes import CHANNEL, NOW
from tests.support.rooms import ANN, BOB, Office
from tests.support.wishes import OWN

ALONE = Channel(Workspace("terminal", "@ann"), "dm")


@pytest.fixture
def office() -> Office:
    return Office()


async def shown(office: Office, line: str, channel: Channel = CHANNEL) -> dict[str, str]:
    reply = await office.says(line, channel=channel, admin=False)
    (panel,) = reply.posts
    assert isinstance(panel, Panel), panel
    return {row.label: row.text for row in panel.rows}


def digest(office: Office) -> Subscription | None:
    return next(
        (s for s in office.subscriptions.known.values() if s.edition is Edition.PERSONAL), None
    )


async def test_at_first_everything_is_as_usual(office: Office) -> None:
    """Looking changes nothing."""
    rows = await shown(office, "me")
    assert rows["Follows"] == "by direct message, as papers are featured"
    assert rows["Digest"] == "off"
    assert rows["Quiet hours"] == "none"
    assert rows["You have"] == "0 follows and 0 watched papers: `/paper follow` lists them"
    assert office.reaches.said == {}


async def test_a_digest_is_ordered_changed_and_ended(office: Office) -> None:
    """There is one of it, at the person's hour."""
    rows = await shown(office, "me weekly at:08:00 tz:Europe/Berlin")
    assert rows["Digest"] == "weekly at 08:00 Europe/Berlin, on Mon"
    one = digest(office)
    assert one
    assert (one.channel, one.terms.home) == (OWN, CHANNEL.workspace)
    assert one.next_run_at == datetime(2025, 5, 26, 6, tzinfo=UTC)
    rows = await shown(office, "me daily")
    assert rows["Digest"] == "daily at 08:00 Europe/Berlin"
    changed = digest(office)
    assert changed
    assert (changed.id, changed.created_at) == (one.id, one.created_at)
    assert changed.next_run_at == datetime(2025, 5, 23, 6, tzinfo=UTC)
    await shown(office, "me off")
    assert digest(office) is None


async def test_follows_go_by_what_is_said_later(office: Office) -> None:
    """Both ways, and a watch keeps coming."""
    await office.says("follow robots")
    await office.says("follow vision here")
    await shown(office, "me follows:daily quiet:22-7 tz:Berlin")
    mine, channels = office.subscriptions.known["s1"], office.subscriptions.known["s2"]
    assert (mine.terms.manner, mine.terms.quiet) == (Manner.DAILY, (time(22), time(7)))
    assert (channels.terms.manner, channels.terms.quiet) == (None, None)
    assert digest(office)
    await shown(office, "me follows:now quiet:off")
    mine = office.subscriptions.known["s1"]
    assert (mine.terms.manner, mine.terms.quiet) == (None, None)
    assert office.reaches.said[ANN].quiet is None


async def test_follows_that_wait_for_a_digest_bring_one_about(office: Office) -> None:
    """And without a digest they come at once again."""
    assert (await shown(office, "me follows:daily"))["Digest"].startswith("daily at")
    rows = await shown(office, "me off")
    assert rows["Follows"] == "by direct message, as papers are featured"
    assert office.reaches.said[ANN] == Reach(home=CHANNEL.workspace)


async def test_off_is_off(office: Office) -> None:
    """Nothing comes, and the list says so."""
    await office.says("follow robots")
    rows = await shown(office, "me follows:off")
    assert rows["Follows"] == "off: nothing comes from what you follow"
    assert office.subscriptions.known["s1"].held
    panel = await office.says_one("follow")
    assert isinstance(panel, Panel)
    assert panel.rows[0].text == "robots (off)"


async def test_by_e_mail_takes_an_address_that_agreed(office: Office) -> None:
    """Else nothing changes."""
    await office.says("follow robots")
    answer = await office.says_one("me follows:email")
    assert isinstance(answer, Notice)
    assert "I know no e-mail address of yours" in answer.text
    assert office.reaches.said == {}
    assert office.subscriptions.known["s1"].channel == OWN


async def test_a_watch_below_a_post_stays_there(office: Office) -> None:
    """What everybody reads has no quiet hours."""
    order = Subscription(
        id="w",
        channel=CHANNEL,
        edition=Edition.WATCH,
        created_by=ANN,
        created_at=NOW,
        next_run_at=NOW,
    )
    await office.subscriptions.add(order)
    await shown(office, "me quiet:20:00-08:30")
    assert office.subscriptions.known["w"] == order


async def test_the_team_is_where_the_digest_was_asked_for(office: Office) -> None:
    """A place of one's own is nobody's team, and does not take its place."""
    await shown(office, "me daily", ALONE)
    assert office.reaches.said[ANN].home is None
    await shown(office, "me weekly")
    assert office.reaches.said[ANN].home == CHANNEL.workspace
    await shown(office, "me daily", ALONE)
    assert office.reaches.said[ANN].home == CHANNEL.workspace


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("me quiet:22", "are no hours of the day"),
        ("me quiet:25-7", "is not a time of day"),
        ("me quiet:7-7", "no time or all day"),
        ("me hourly", "`hourly`"),
        ("me follows:sometimes", "is not one of"),
        ("me tz:Atlantis", "Atlantis"),
    ],
)
async def test_a_mistake_changes_nothing(office: Office, line: str, problem: str) -> None:
    """And is answered with what would be right."""
    answer = await office.says_one(line)
    assert isinstance(answer, Notice)
    assert problem in answer.text
    assert office.reaches.said == {}


@pytest.mark.parametrize(
    ("text", "quiet"),
    [
        ("22-7", (time(22), time(7))),
        ("22:00-07:30", (time(22), time(7, 30))),
        ("10pm-7am", (time(22), time(7))),
        ("20:15–06:45", (time(20, 15), time(6, 45))),
    ],
)
async def test_quiet_hours_are_read_as_people_write_them(
    office: Office, text: str, quiet: tuple[time, time]
) -> None:
    """From one time of day to another."""
    rows = await shown(office, f"me quiet:{text}")
    assert office.reaches.said[ANN].quiet == quiet
    assert rows["Quiet hours"].startswith(f"{quiet[0]:%H:%M} to {quiet[1]:%H:%M} UTC")


async def test_what_one_person_says_is_theirs(office: Office) -> None:
    """Bob's follows and digest stay as they are."""
    await office.says("follow robots", BOB)
    await shown(office, "me follows:off daily")
    assert office.subscriptions.known["s1"].terms.manner is None
    assert BOB not in office.reaches.said
    assert office.reaches.said[ANN].digest is Pace.DAILY
