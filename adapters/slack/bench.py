"""What every listener has at hand, and the tables in which the rooms of this door say what they listen to."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from adapters.slack.api import Api
from adapters.slack.people import People
from adapters.slack.settings import Settings
from bot.domain.ports import Desk
from bot.domain.stores import Installations

Body = Mapping[str, Any]
"""A payload of Slack's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Listeners hold nothing themselves."""

    desk: Desk
    api: Api
    people: People
    settings: Settings
    clock: Callable[[], datetime]
    installations: Installations | None = None


Act = Callable[[Bench, Body, Body], Awaitable[None]]
"""What follows when a control is used: the whole payload, and the one action of it."""
Hear = Callable[[Bench, str, Body], Awaitable[None]]
"""What follows an event: the team, and the event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What follows when a modal is submitted.

    `answer` decides at once, asking nobody, what Slack is told (errors beside fields, another view, None to
    close); when it told no errors, `work` follows.
    """

    answer: Callable[[Bench, Body], Mapping[str, Any] | None]
    work: Callable[[Bench, Body], Awaitable[None]]
