"""Who speaks, where, and with which rights: read from Slack's payloads, which name it in four ways."""

from typing import Any

from slack_bolt.request.internals import extract_team_id

from adapters.slack.addresses import channel, person
from adapters.slack.bench import Bench, Body
from adapters.slack.people import Profile
from adapters.slack.settings import Settings
from bot.domain.people import Channel
from bot.domain.ports import Caller


def team_of(body: Body) -> str:
    """The workspace that installed us, also where channels or organisations are shared; "" without one."""
    return str(extract_team_id(dict(body)) or "")


def user_of(body: Body) -> str:
    """Who used us."""
    user = body.get("user")
    id = user.get("id") if isinstance(user, dict) else user
    return str(body.get("user_id") or id or "")


def name_of(body: Body) -> str:
    """The handle that Slack sends along; "" when it does not."""
    user = body.get("user")
    known = user if isinstance(user, dict) else {}
    return str(body.get("user_name") or known.get("username") or known.get("name") or "")


def channel_of(body: Body) -> str:
    """Where it was; "" in a modal, in the Home tab and for a global shortcut."""
    id = body.get("channel_id") or _part(body, "channel").get("id")
    return str(id or _part(body, "container").get("channel_id") or "")


def thread_of(body: Body) -> str | None:
    """The thread in which a message of ours was used."""
    thread = _part(body, "container").get("thread_ts") or _part(body, "message").get("thread_ts")
    return str(thread) if thread else None


def is_direct(place: Channel) -> bool:
    """Whether a place is somebody's direct conversation; ids of those begin with D."""
    return place.id.startswith("D")


async def caller(bench: Bench, body: Body, *, rights: bool = False) -> Caller:
    """Who used us. Without a channel it was in the direct conversation with that person.

    `rights` asks Slack who that is; only then `admin` can be true, and the name is the one people see.
    """
    team, user, where = team_of(body), user_of(body), channel_of(body)
    place = channel(team, where) if where else await bench.people.direct(team, user)
    if not rights:
        return Caller(person=person(team, user, name_of(body)), channel=place)
    profile = await bench.people.profile(team, user)
    return Caller(
        person=person(team, user, profile.name or name_of(body)),
        channel=place,
        admin=may_subscribe(profile, bench.settings),
    )


def may_subscribe(profile: Profile, settings: Settings) -> bool:
    """Every full member, or those who administer the workspace; nobody whom Slack would not describe."""
    if settings.subscribers == "admins":
        return profile.admin
    return profile.member


def _part(body: Body, name: str) -> dict[str, Any]:
    found = body.get(name)
    return found if isinstance(found, dict) else {}
