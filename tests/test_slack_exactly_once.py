"""A post whose answer was lost, and the core that asks after it: exactly one message, or what was agreed on."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.slack.addresses import message
from adapters.slack.messenger import SlackMessenger
from bot.delivery import PostOffice
from bot.domain.deliveries import Delivery, State
from bot.planning import Rules
from tests.support.fakes import FakeOutbox, FakeSubscriptions
from tests.support.slack_posts import HOME, Time, digest, out
from tests.support.slack_server import SlackServer

KEY = out().key


@dataclass
class Channel:
    """A delivery owed to the channel, and the part of the core that pays it."""

    slack: SlackServer
    office: PostOffice
    outbox: FakeOutbox

    @property
    def state(self) -> State:
        return self.outbox.deliveries[KEY].state

    @property
    def arrived(self) -> int:
        return len(self.slack.messages("T1", "C1"))


def owing(slack: SlackServer, messenger: SlackMessenger, **rules: Any) -> Channel:
    now = datetime.now(UTC)
    moments = iter(now + timedelta(seconds=10 * step) for step in range(1_000))
    outbox = FakeOutbox()
    outbox.deliveries[KEY] = Delivery(
        key=KEY,
        subscription="sub",
        channel=HOME,
        edition="2025-12-01",
        part=1,
        post=digest(),
        next_attempt_at=now,
    )
    office = PostOffice(
        subscriptions=FakeSubscriptions(),
        outbox=outbox,
        messengers={"slack": messenger},
        clock=lambda: next(moments),
        rules=Rules(**rules),
    )
    return Channel(slack, office, outbox)


@pytest.mark.parametrize("stored", [True, False])
@pytest.mark.parametrize("times", [1, 2, 3])
async def test_a_lost_answer_makes_exactly_one_message(
    slack: SlackServer, messenger: SlackMessenger, time: Time, stored: bool, times: int
) -> None:
    """Whether Slack had heard it or not, and however often the line breaks."""
    it = owing(slack, messenger)
    slack.lose_answer("chat.postMessage", times, stored=stored)
    for _ in range(5):
        time.now += 60
        await it.office.send()
        await it.office.settle()
    assert it.state is State.SENT
    assert it.arrived == 1
    assert it.outbox.deliveries[KEY].message == message(
        "T1", "C1", slack.messages("T1", "C1")[0].ts
    )


@pytest.mark.parametrize("policy", [(False, State.FAILED, 1), (True, State.SENT, 2)])
async def test_where_we_may_not_look_back_the_policy_decides(
    slack: SlackServer, messenger: SlackMessenger, time: Time, policy: tuple[bool, State, int]
) -> None:
    """At most once, or at least once: said beforehand, and known from our scopes."""
    slack.team().scopes -= {"channels:history", "groups:history"}
    assert not await messenger.recalls(HOME)
    at_least_once, *expected = policy
    it = owing(slack, messenger, at_least_once=at_least_once)
    slack.lose_answer("chat.postMessage")
    for _ in range(3):
        time.now += 60
        await it.office.send()
        await it.office.settle()
    assert [it.state, it.arrived] == expected
    assert slack.called("conversations.history") == []


async def test_a_refused_decoration_is_sent_plainly_once(
    slack: SlackServer, messenger: SlackMessenger
) -> None:
    """The core asks for it; text without any block, which says all the same."""
    it = owing(slack, messenger)
    slack.fail("chat.postMessage", error="invalid_blocks")
    await it.office.send()
    assert it.state is State.SENT
    first, second = slack.called("chat.postMessage")
    assert first["blocks"]
    assert "blocks" not in second
    assert "Paper 1" in second["text"]
