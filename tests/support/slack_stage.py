"""A loopback Slack, time that passes when somebody sleeps, and what speaks there: fixtures, known to every test."""

from collections.abc import AsyncIterator

import pytest

from adapters.slack.api import Api
from adapters.slack.messenger import SlackMessenger
from tests.support.slack_posts import Time, calling, lab, speaking
from tests.support.slack_server import SlackServer


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    """One workspace that has installed us."""
    async with lab() as slack:
        yield slack


@pytest.fixture
def time() -> Time:
    """The seconds that the bot has slept."""
    return Time()


@pytest.fixture
async def api(slack: SlackServer, time: Time) -> AsyncIterator[Api]:
    """Calls to it."""
    async with calling(slack.api_url, clock=time, sleep=time.sleep) as api:
        yield api


@pytest.fixture
def messenger(api: Api, time: Time) -> SlackMessenger:
    """What posts there."""
    return speaking(api, time)
