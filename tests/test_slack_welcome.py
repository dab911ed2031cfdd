"""What the bot says on coming to a channel."""

import pytest

from adapters.slack.setup import START
from adapters.slack.welcome import welcome
from tests.support.slack import slack_office
from tests.support.slack_rules import elements_of
from tests.support.slack_server import slack_server


async def test_a_channel_is_greeted_in_a_few_lines_with_one_button() -> None:
    """It says what to type, under the name that the operator gave the command."""
    async with slack_server() as slack, slack_office(slack, command="/readings"):
        await slack.invite("T1", "C2", "U1")
        (message,) = await slack.said("T1", "C2")
        ((_, button),) = elements_of(message.blocks)
        assert button["action_id"] == START
        assert button["text"]["text"] == "Set up this channel"
        assert "🔖" in message.text
        assert "/readings" in message.text
        assert "/paper" not in message.text
        assert message.text.count("\n") <= 3


async def test_only_our_own_coming_is_greeted() -> None:
    """Others join without a word from us."""
    async with slack_server() as slack, slack_office(slack) as o:
        await slack.joins("T1", "C1", "U2")
        await o.settled()
        assert slack.messages("T1", "C1") == []


@pytest.mark.parametrize(("resumed", "words"), [(1, "the subscription"), (3, "3 subscriptions")])
def test_coming_back_is_said_as_it_is(resumed: int, words: str) -> None:
    """What ran before runs again, so there is nothing to set up."""
    text = welcome("/paper", resumed)
    assert words in text
    assert "button" not in text
