"""The controls below our posts, and shortcuts on messages: pressed in Slack, answered by the desk."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from adapters.slack.asking import written
from bot.domain.papers import find_paper_ids
from bot.domain.people import Person
from bot.domain.ports import Caller, Outgoing
from tests.support.slack import PAPERS, slack_office
from tests.support.slack_asking import answer, asked, words
from tests.support.slack_server import slack_server


async def test_paging_replaces_the_answer() -> None:
    """One list, not a growing pile; what it shows then can be pointed at."""
    async with slack_server() as slack, slack_office(slack) as o:
        done = await asked(o, "today limit:2")
        await done.answered()
        (shown,) = slack.ephemerals
        turned = await slack.press("T1", "U1", "C1", shown, action_id="p:page:forth")
        (said,) = await turned.answered()
        assert said["replace_original"] is True
        assert "A survey of surveys" in words(said)
        assert len(slack.ephemerals) == 1
        await o.settled()
        await answer(o, "save 3")
        assert o.saved() == ["2505.00003"]


async def test_paging_what_everybody_sees_answers_beside_it() -> None:
    """The others are still reading."""
    async with slack_server() as slack, slack_office(slack) as o:
        ann = Caller(person=Person("slack", "T1.U1", "Ann"), channel=o.channel)
        (post,) = (await o.desk.say(ann, "today limit:2")).posts
        sent = await o.door.messenger.send(Outgoing(channel=o.channel, post=post, key="list/1"))
        message = slack.world.place("T1", "C1").message(sent.id)
        before = message.text
        done = await slack.press("T1", "U2", "C1", message, action_id="p:page:forth")
        (said,) = await done.answered()
        assert said["replace_original"] is False
        assert said["response_type"] == "ephemeral"
        assert message.text == before


async def test_a_page_that_is_gone_leaves_the_list_as_it_is() -> None:
    """What is wrong is told beside it."""
    async with slack_server() as slack, slack_office(slack) as o:
        for paper in PAPERS[:2]:
            await answer(o, f"save {paper.id}")
        listed = len(slack.ephemerals)
        await answer(o, "saved limit:1")
        shown = slack.ephemerals[listed]
        await answer(o, "unsave 2505.00001")
        done = await slack.press("T1", "U1", "C1", shown, action_id="p:page:forth")
        (said,) = await done.answered()
        assert "There is no page 2" in words(said)
        assert said["replace_original"] is False
        assert "Your saved papers" in shown.text


async def test_every_paper_of_a_digest_can_be_saved_looked_at_and_let_go() -> None:
    """From the menu beside it; the digest stays as it is."""
    async with slack_server() as slack, slack_office(slack) as o:
        digest = await o.posts()
        for option, sign in (
            ("save:2505.00002", "Saved"),
            ("show:2505.00002", "Attention to diffusion"),
        ):
            done = await slack.press(
                "T1", "U2", "C1", digest, action_id="p:more:2", selected_option=option
            )
            (said,) = await done.answered()
            assert sign in words(said)
            assert said["replace_original"] is False
        assert o.saved("U2") == ["2505.00002"]
        (card,) = [one for one in slack.ephemerals if "p:unsave:" in json.dumps(one.blocks)]
        ids = [
            e["action_id"] for b in card.blocks for e in b.get("elements", []) if "action_id" in e
        ]
        unsave = next(id for id in ids if id.startswith("p:unsave:"))
        await (await slack.press("T1", "U2", "C1", card, action_id=unsave)).answered()
        assert o.saved("U2") == []


async def test_buttons_outlive_the_process() -> None:
    """Another door, another day: all that a button needs is in it."""
    async with slack_server() as slack:
        async with slack_office(slack) as o:
            digest = await o.posts()
        async with slack_office(slack) as o:
            done = await slack.press(
                "T1", "U1", "C1", digest, action_id="p:more:1", selected_option="save:2505.00001"
            )
            await done.answered()
            assert o.saved() == ["2505.00001"]


async def test_a_control_nobody_knows_any_more_is_answered() -> None:
    """Of an older version of ours; silence would look broken."""
    async with slack_server() as slack, slack_office(slack) as o:
        button = {
            "type": "button",
            "action_id": "old:thing",
            "text": {"type": "plain_text", "text": "x"},
        }
        blocks = [{"type": "actions", "elements": [button]}]
        await o.door.api.ask("T1", "chat.postMessage", channel="C1", text="x", blocks=blocks)
        (message,) = slack.messages("T1", "C1")
        done = await slack.press("T1", "U1", "C1", message, action_id="old:thing")
        (said,) = await done.answered()
        assert "older version" in words(said) or "another version" in words(said)


async def test_a_link_button_needs_no_answer() -> None:
    """Slack opens it by itself, and wants just the ack."""
    async with slack_server() as slack, slack_office(slack) as o:
        card = await o.posts(PAPERS[0])
        links = [
            element["action_id"]
            for block in card.blocks
            for element in block.get("elements", [])
            if str(element.get("action_id", "")).startswith("p:link:")
        ]
        for id in links:
            done = await slack.press("T1", "U1", "C1", card, action_id=id)
            assert done.acked
            await o.settled()
            assert done.answers == []


# --- shortcuts


async def test_every_paper_that_a_message_links_to_is_saved() -> None:
    """Also in a thread, where there are no slash commands: the answer comes into the thread."""
    async with slack_server() as slack, slack_office(slack) as o:
        parent = await slack.says("T1", "U2", "C1", "look")
        text = "<https://arxiv.org/abs/2505.00001v2> and <https://hf.co/papers/2505.00004|this>"
        message = await slack.says("T1", "U2", "C1", text, parent.ts)
        done = await slack.shortcut("T1", "U1", "save_papers", channel="C1", message=message)
        (said,) = await done.answered()
        assert "2 papers" in words(said)
        assert said["thread_ts"] == parent.ts
        assert o.saved() == ["2505.00001", "2505.00004"]


async def test_the_papers_of_our_own_digest_are_saved_too() -> None:
    """Its links are read like anybody's."""
    async with slack_server() as slack, slack_office(slack) as o:
        digest = await o.posts(*PAPERS[:3])
        await (
            await slack.shortcut("T1", "U1", "save_papers", channel="C1", message=digest)
        ).answered()
        assert sorted(o.saved()) == ["2505.00001", "2505.00002", "2505.00003"]


async def test_details_of_papers_in_a_message() -> None:
    """One card each."""
    async with slack_server() as slack, slack_office(slack):
        links = "arxiv.org/abs/2505.00002 https://www.alphaxiv.org/abs/2505.00003"
        message = await slack.says("T1", "U2", "C1", links)
        done = await slack.shortcut("T1", "U1", "paper_details", channel="C1", message=message)
        said = "".join(words(one) for one in await done.answered(2))
        assert "Diffusion explained" in said
        assert "Surveys explained" in said


async def test_a_message_without_papers_says_so() -> None:
    """And what would count as one."""
    async with slack_server() as slack, slack_office(slack):
        message = await slack.says("T1", "U2", "C1", "lunch?")
        done = await slack.shortcut("T1", "U1", "save_papers", channel="C1", message=message)
        (said,) = await done.answered()
        assert "no link to a paper" in words(said)


async def test_a_shortcut_nobody_knows_is_answered() -> None:
    """In the direct conversation when it came from nowhere."""
    async with slack_server() as slack, slack_office(slack):
        done = await slack.shortcut("T1", "U1", "old_shortcut")
        assert done.acked
        direct = slack.direct("T1", "U1")
        (said,) = await slack.said("T1", direct)
        assert "another version" in said.text


LINKED = {
    "text": "see",
    "blocks": [
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_list",
                    "elements": [
                        {
                            "type": "rich_text_section",
                            "elements": [
                                {"type": "link", "url": "https://arxiv.org/abs/2505.00001"},
                                {"type": "text", "text": "huggingface.co/papers/2505.00002"},
                            ],
                        }
                    ],
                }
            ],
        },
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": "<https://arxiv.org/pdf/2505.00003|x>"},
            "accessory": {"type": "button", "url": "https://hf.co/papers/2505.00004"},
        },
    ],
    "attachments": [
        {"title_link": "https://www.alphaxiv.org/abs/2505.00005", "fallback": "x"},
        {"message_blocks": [{"message": {"blocks": [{"text": "arxiv.org/abs/2505.00006"}]}}]},
    ],
}


def test_links_are_found_wherever_slack_keeps_them() -> None:
    """Text, rich text, buttons, previews, quoted messages; in the order of the message."""
    found = list(find_paper_ids(written(LINKED)))
    assert found == [f"2505.0000{n}" for n in range(1, 7)]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["text", "blocks", "elements", "url", "x"]), inner, max_size=4
        )
    ),
    max_leaves=30,
)


@given(st.dictionaries(st.sampled_from(["text", "blocks", "attachments"]), values, max_size=3))
def test_no_message_is_too_strange_to_be_read(message: dict[str, Any]) -> None:
    """Other apps write them."""
    assert isinstance(written(message), str)
