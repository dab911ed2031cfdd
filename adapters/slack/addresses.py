"""Slack's ids as addresses of ours, and back.

slack:T1                     a workspace
slack:T1/C2                  a channel; slack:T1/D3 is the direct conversation with a person
slack:T1/C2/1700000000.0001  a message: its ts
slack:T1.U4                  a person: user ids belong to a workspace
"""

from bot.domain.people import Channel, Message, Person, Workspace
from bot.domain.text import visible

PLATFORM = "slack"


def workspace(team: str) -> Workspace:
    """A team's address."""
    return Workspace(PLATFORM, team)


def channel(team: str, id: str) -> Channel:
    """A channel's address."""
    return Channel(workspace(team), id)


def message(team: str, channel_id: str, ts: str) -> Message:
    """A message's address."""
    return Message(channel(team, channel_id), ts)


def person(team: str, user: str, name: str = "") -> Person:
    """Somebody in a team."""
    return Person(PLATFORM, f"{team}.{user}", " ".join(visible(name).split()))


def user_of(person: Person) -> tuple[str, str]:
    """The team and the user id of a person."""
    team, _, user = person.id.partition(".")
    return team, user
