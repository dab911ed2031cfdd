"""A journal club by buttons and emoji on Slack."""

import json
from typing import Any

from bot.domain.people import Person
from tests.support.slack import PAPERS, SlackOffice, slack_office
from tests.support.slack_asking import answer, asked, words
from tests.support.slack_server import slack_server

PAPER = PAPERS[1]


async def votes(o: SlackOffice, who: str) -> tuple[int, bool]:
    """How many the first of the ranking has, and whether theirs is among them."""
    (one,) = await o.office.club.ranking(o.channel, Person("slack", f"T1.{who}"))
    return one.votes, one.mine


def asking(o: SlackOffice) -> Any:
    """The message that asks for votes."""
    (found,) = [one for one in o.slack.messages("T1", "C1") if "nominated it" in one.text]
    return found


def button(message: Any, act: str) -> str:
    """The id of a control in a message."""
    elements = [e for block in message.blocks for e in block.get("elements", ())]
    return next(e["action_id"] for e in elements if f":{act}:" in e.get("action_id", ""))


async def test_a_card_nominates_for_everybody_to_see() -> None:
    """The card is one person's, the nomination the channel's, with the name that others know; once is enough."""
    async with slack_server() as slack, slack_office(slack) as o:
        await answer(o, f"show {PAPER.id}")
        (card,) = [one for one in slack.ephemerals if "p:nominate:" in json.dumps(one.blocks)]
        id = button(card, "nominate")
        await slack.press("T1", "U1", "C1", card, action_id=id)
        await slack.until(lambda: slack.messages("T1", "C1"))
        assert "Ann" in asking(o).text
        done = await slack.press("T1", "U1", "C1", card, action_id=id)
        (said,) = await done.answered()
        assert "It is nominated already" in words(said)
        assert said["response_type"] == "ephemeral"


async def test_votes_by_button_and_emoji() -> None:
    """Each is one person's; what an emoji did goes with it."""
    async with slack_server() as slack, slack_office(slack) as o:
        await asked(o, f"club nominate {PAPER.id}")
        await slack.until(lambda: slack.messages("T1", "C1"))
        await o.settled()
        message = asking(o)
        done = await slack.press("T1", "U1", "C1", message, action_id=button(message, "vote"))
        (said,) = await done.answered()
        assert "Your vote counts" in words(said)
        assert said["response_type"] == "ephemeral"
        await slack.react("T1", "U2", message, "ballot_box_with_ballot")
        await o.settled()
        assert await votes(o, "U2") == (2, True)
        await slack.react("T1", "U2", message, "+1")
        await slack.unreact("T1", "U2", message, "ballot_box_with_ballot")
        await o.settled()
        assert await votes(o, "U2") == (2, True)
        await slack.unreact("T1", "U2", message, "+1")
        await o.settled()
        assert await votes(o, "U2") == (1, False)


async def test_who_may_subscribe_may_pick() -> None:
    """Every full member, as the operator left it."""
    async with slack_server() as slack, slack_office(slack) as o:
        line = f"club pick {PAPER.id} on:tomorrow at:16:00 tz:Europe/Berlin"
        assert f"Picked: {PAPER.title}" in await answer(o, line)
    async with slack_server() as slack, slack_office(slack, subscribers="admins") as o:
        assert "Only people who may manage this channel" in await answer(o, line, who="U2")
