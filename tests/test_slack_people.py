"""People of a workspace: their names, their rights, and the conversation with each."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.slack.addresses import channel
from adapters.slack.api import Api
from adapters.slack.people import People, Profile, read_profile
from bot.domain.errors import ChannelRefused, TryLater, WorkspaceRefused
from tests.support.slack_posts import NOW, calling
from tests.support.slack_server import SlackServer, slack_server


class Clock:
    now = NOW

    def __call__(self) -> Any:
        return self.now


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with slack_server() as slack:
        slack.add_team("T1")
        slack.add_user("T1", "U1", "Ann", tz="Europe/Lisbon", locale="pt-PT")
        slack.add_user("T1", "U2", "Bob", admin=True)
        slack.add_user("T1", "U3", "Gus", guest=True)
        slack.add_user("T1", "U4", "Olga", owner=True)
        slack.add_user("T1", "U5", "Robo", bot=True)
        yield slack


@pytest.fixture
async def api(slack: SlackServer) -> AsyncIterator[Api]:
    async with calling(slack.api_url) as api:
        yield api


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def people(api: Api, clock: Clock) -> People:
    return People(api, clock)


async def test_somebody_is_known(people: People) -> None:
    """Name, zone and language, as they set them."""
    ann = await people.profile("T1", "U1")
    assert ann == Profile(known=True, name="Ann", tz="Europe/Lisbon", locale="pt-PT")
    assert ann.member


@pytest.mark.parametrize(
    ("user", "admin", "member"),
    [("U1", False, True), ("U2", True, True), ("U4", True, True), ("U3", False, False)],
)
async def test_rights_are_what_slack_says(
    people: People, user: str, admin: bool, member: bool
) -> None:
    """Admins and owners administer; guests are no full members."""
    profile = await people.profile("T1", user)
    assert (profile.admin, profile.member) == (admin, member)
    assert not (await people.profile("T1", "U5")).member


async def test_an_hour_long_nobody_is_asked_about_twice(
    slack: SlackServer, people: People, clock: Clock
) -> None:
    """Then once more: people are promoted, and move."""
    await people.profile("T1", "U1")
    slack.add_user("T1", "U1", "Ann B.")
    clock.now += timedelta(minutes=59)
    assert (await people.profile("T1", "U1")).name == "Ann"
    clock.now += timedelta(minutes=2)
    assert (await people.profile("T1", "U1")).name == "Ann B."
    assert len(slack.called("users.info")) == 2


async def test_many_who_ask_at_once_ask_once(slack: SlackServer, people: People) -> None:
    """Fifty commands of one person are one question."""
    await asyncio.gather(*(people.profile("T1", "U1") for _ in range(50)))
    assert len(slack.called("users.info")) == 1


async def test_not_everybody_is_remembered(slack: SlackServer, api: Api, clock: Clock) -> None:
    """Those who were asked about longest ago are forgotten first."""
    people = People(api, clock, most=2)
    for user in ("U1", "U2", "U1", "U3", "U1", "U2"):
        await people.profile("T1", user)
    assert [call["user"] for call in slack.called("users.info")] == ["U1", "U2", "U3", "U2"]


@pytest.mark.parametrize(
    "trouble", [{"error": "user_not_found"}, {"error": "missing_scope"}, {"status": 500}]
)
async def test_a_failure_gives_a_stranger_and_is_not_remembered(
    slack: SlackServer, people: People, trouble: dict[str, Any]
) -> None:
    """A stranger has no rights; a moment later they may be known."""
    slack.fail("users.info", times=3, **trouble)
    stranger = await people.profile("T1", "U2")
    assert stranger == Profile()
    assert not stranger.member
    assert not stranger.admin
    slack.recover()
    assert (await people.profile("T1", "U2")).admin


async def test_nobody_waits_long_for_a_name(slack: SlackServer, api: Api, clock: Clock) -> None:
    """A command is answered all the same."""
    slack.delay("users.info", 0.2)
    assert await People(api, clock, patience=0.05).profile("T1", "U1") == Profile()


async def test_other_workspaces_people_are_not_looked_up(people: People) -> None:
    """Without its token nobody there is known."""
    assert await people.profile("T9", "U1") == Profile()
    with pytest.raises(WorkspaceRefused):
        await people.direct("T9", "U1")


async def test_the_conversation_with_somebody_is_opened_once(
    slack: SlackServer, people: People
) -> None:
    """And is where they are written to."""
    found = await asyncio.gather(*(people.direct("T1", "U1") for _ in range(5)))
    assert set(found) == {channel("T1", slack.direct("T1", "U1"))}
    assert len(slack.called("conversations.open")) == 1
    people.forget("T2")
    await people.direct("T1", "U1")
    people.forget("T1")
    await people.direct("T1", "U1")
    await people.profile("T1", "U1")
    people.forget("T1")
    await people.profile("T1", "U1")
    assert len(slack.called("conversations.open")) == 2
    assert len(slack.called("users.info")) == 2


async def test_whoever_cannot_be_written_to_is_said_so(slack: SlackServer, people: People) -> None:
    """Deleted and unknown people refuse for good; a lost line passes."""
    slack.add_user("T1", "U6", "Gone", deleted=True)
    for user in ("U6", "U9"):
        with pytest.raises(ChannelRefused, match="directly"):
            await people.direct("T1", user)
    slack.lose_answer("conversations.open", times=3)
    with pytest.raises(TryLater):
        await people.direct("T1", "U1")
    slack.team().scopes.discard("im:write")
    with pytest.raises(ChannelRefused, match="im:write"):
        await people.direct("T1", "U1")


# --- pure


def somebody(**said: Any) -> Profile:
    return read_profile("T1", {"id": "U1", "team_id": "T1", **said})


def test_people_are_called_what_they_want_to_be_called() -> None:
    """Display name, real name, handle; nothing that moves the text around it."""
    names = {"display_name": "annie", "real_name": "Ann Ash"}
    assert somebody(name="ann", profile=names).name == "annie"
    assert somebody(name="ann", profile={**names, "display_name": " \u200b "}).name == "Ann Ash"
    assert somebody(name="ann", real_name="Ann A.", profile=None).name == "Ann A."
    assert somebody(name="ann").name == "ann"
    assert somebody(name="a\u202eb\n<@U2>\x00 c").name == "ab <@U2> c"
    assert len(somebody(name="x" * 500).name) == 80


@pytest.mark.parametrize(
    ("said", "guest"),
    [
        ({"is_restricted": True}, True),
        ({"is_ultra_restricted": True}, True),
        ({"is_stranger": True}, True),
        ({"team_id": "T2"}, True),
        ({"team_id": "T2", "enterprise_user": {"teams": ["T1", "T2"]}}, False),
        ({"team_id": "E1", "enterprise_user": {"teams": ["T7"]}}, True),
        ({}, False),
    ],
)
def test_guests_come_in_many_kinds(said: dict[str, Any], guest: bool) -> None:
    """Somebody of another company in a shared channel is one too."""
    assert somebody(**said).guest is guest
    assert somebody(**said).member is not guest


@pytest.mark.parametrize("zone", ["../../etc/passwd", "/etc", "Mars/Base", "", "Europe", None, 7])
def test_zones_that_are_none_are_not_taken(zone: object) -> None:
    """A form would show them."""
    assert somebody(tz=zone).tz == ""


json = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=20)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=5,
)
KEYS = "id team_id name real_name profile tz locale is_admin is_restricted is_bot enterprise_user"


@given(said=st.one_of(json, st.dictionaries(st.sampled_from(KEYS.split()), json)))
@settings(max_examples=150)
def test_whatever_slack_tells_of_somebody_can_be_read(said: object) -> None:
    """Nothing in it makes us stumble, and nobody gets rights by accident."""
    profile = read_profile("T1", said)
    assert profile.known or profile == Profile()
    assert "\n" not in profile.name
    assert profile.admin is (
        profile.known and isinstance(said, dict) and said.get("is_admin") is True
    )
