"""Cards below links to papers: short, rare, and only where the operator wants them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.slack.manifest import UNFURLED
from adapters.slack.unfurl import papers_in
from bot.domain.people import Person, Workspace
from bot.domain.stores import Save
from tests.support import slack_payloads as payloads
from tests.support.fakes import NOW
from tests.support.hostile import BAD
from tests.support.rooms import Office
from tests.support.slack import PAPERS, SlackOffice, furnished, peopled, slack_office
from tests.support.slack_server import slack_server
from tests.support.slack_state import Message

ARXIV = "https://arxiv.org/abs/2505.00001"
PAGE = "https://huggingface.co/papers/2505.00002"
THIRD = "https://www.alphaxiv.org/overview/2505.00003"


@asynccontextmanager
async def unfurling(office: Office | None = None, **changes: Any) -> AsyncIterator[SlackOffice]:
    """A door that unfurls, unless said otherwise."""
    async with slack_server() as slack:
        peopled(slack)
        there = office or furnished()
        async with slack_office(slack, office=there, **({"unfurl": True} | changes)) as o:
            yield o


async def posted(o: SlackOffice, *links: str, channel: str = "C1", **facts: Any) -> Message:
    """Somebody posts links, and Slack tells us of those with a domain of ours."""
    message = await o.slack.says("T1", "U1", channel, " and ".join(links))
    told = [{"domain": urlsplit(link).hostname, "url": link} for link in links]
    event = {"type": "link_shared", "user": "U1", "channel": channel, "message_ts": message.ts}
    event |= {"source": "conversations_history", "links": told}
    await o.slack.event("T1", event | facts)
    await o.settled()
    return message


async def test_a_link_to_a_paper_gets_a_card() -> None:
    """Its title, what it is about, and a way to save it."""
    async with unfurling() as o:
        message = await posted(o, ARXIV)
        told = str(message.unfurls[ARXIV])
        assert "CLIP sees everything" in told
        assert "CLIP explained." in told
        assert "More follows" not in told
        assert "p:save:" in told
        assert len(message.unfurls[ARXIV]["blocks"]) <= 5
        assert o.slack.noted == []


async def test_two_links_get_two_cards() -> None:
    """In one call."""
    async with unfurling() as o:
        message = await posted(o, ARXIV, PAGE)
        assert message.unfurls.keys() == {ARXIV, PAGE}
        assert len(o.slack.called("chat.unfurl")) == 1


async def test_three_links_get_none() -> None:
    """That is a list: whoever wrote it has said what there is to say."""
    async with unfurling() as o:
        assert (await posted(o, ARXIV, PAGE, THIRD)).unfurls == {}
        assert (await posted(o, ARXIV, PAGE, "https://arxiv.org/list/cs.CL")).unfurls == {}


async def test_not_again_within_half_an_hour() -> None:
    """In the same channel; however the link is written."""
    async with unfurling() as o:
        assert (await posted(o, ARXIV)).unfurls
        o.office.now += timedelta(minutes=29)
        assert (await posted(o, ARXIV)).unfurls == {}
        assert (await posted(o, "https://arxiv.org/pdf/2505.00001v2")).unfurls == {}
        assert (await posted(o, ARXIV, channel="G1")).unfurls
        o.office.now += timedelta(minutes=2)
        assert (await posted(o, ARXIV)).unfurls


async def test_only_when_it_is_switched_on() -> None:
    """Whatever the app's manifest says."""
    async with unfurling(unfurl=False) as o:
        assert (await posted(o, ARXIV)).unfurls == {}
        assert o.slack.called("chat.unfurl") == []


async def test_what_is_still_being_written_is_left_alone() -> None:
    """It would count as shown before anybody saw it."""
    async with unfurling() as o:
        assert (await posted(o, ARXIV, source="composer")).unfurls == {}
        for told in ({"channel": "COMPOSER"}, {"channel_id": "COMPOSER", "channel": None}):
            event = {"type": "link_shared", "user": "U1", "links": [{"url": ARXIV}]} | told
            await o.slack.event("T1", event)
        await o.settled()
        assert o.slack.called("chat.unfurl") == []
        assert (await posted(o, ARXIV)).unfurls


async def test_a_paper_that_nobody_knows_gets_none() -> None:
    """Nor does a link that leads elsewhere on these sites; nobody is told that there is nothing."""
    async with unfurling() as o:
        message = await posted(o, "https://arxiv.org/abs/2401.99999", "https://hf.co/papers")
        assert message.unfurls == {}
        assert len(o.slack.messages("T1", "C1")) == 1
        assert o.slack.ephemerals == []


async def test_who_saved_it_is_not_told() -> None:
    """People of other teams may be in the channel."""
    async with unfurling() as o:
        bob = Person("slack", "T1.U2", "Bob")
        place = Workspace("slack", "T1")
        await o.office.library.save(
            Save(person=bob, workspace=place, paper=PAPERS[0].id, at=NOW, origin="command")
        )
        assert "Bob" not in str((await posted(o, ARXIV)).unfurls)


async def test_it_can_be_saved_from_its_card() -> None:
    """The answer is for whoever pressed the button."""
    async with unfurling() as o:
        message = await posted(o, ARXIV)
        (row,) = [one for one in message.unfurls[ARXIV]["blocks"] if one["type"] == "actions"]
        button = next(one for one in row["elements"] if one["action_id"].startswith("p:save:"))
        await used(o, message, {**button, "block_id": "b1", "action_ts": "1.1"})
        await o.settled()
        assert o.saved("U2") == ["2505.00001"]
        (answer,) = o.slack.responses
        assert answer.get("response_type", "ephemeral") == "ephemeral"


async def used(o: SlackOffice, message: Message, action: dict[str, Any]) -> None:
    """Bob uses a control in an attachment, which is what Slack makes of a card."""
    slack = o.slack
    team, user, place = slack.team(), slack.world.user("T1", "U2"), slack.world.place("T1", "C1")
    told = payloads.message_action(team, user, place, message, action)
    told["container"] |= {"type": "message_attachment", "attachment_id": 1}
    told["app_unfurl"] = {"id": 1, "app_unfurl_url": ARXIV, "is_app_unfurl": True}
    await slack._interacts(team, "interactive", told, user, place=place, source=message)


@pytest.mark.parametrize(
    "trouble", [{"error": "cannot_unfurl_url"}, {"error": "missing_scope"}, {"status": 500}]
)
async def test_when_slack_does_not_want_it(
    trouble: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """One line in the log, nothing in the channel, and it is not tried again."""
    async with unfurling() as o:
        o.slack.fail("chat.unfurl", **trouble)
        await posted(o, ARXIV)
        assert len(o.slack.called("chat.unfurl")) == 1
        assert [one.message for one in caplog.records if "not_unfurled" in one.message]
        assert not [one for one in caplog.records if one.exc_info]
        assert len(o.slack.messages("T1", "C1")) == 1


@pytest.mark.parametrize("title", BAD)
async def test_hostile_titles_stay_text(title: str) -> None:
    """The stand-in refuses what Slack would refuse."""
    office = furnished()
    office.archive.known[PAPERS[0].id] = replace(PAPERS[0], title=title, thumbnail=title)
    async with unfurling(office) as o:
        assert (await posted(o, ARXIV)).unfurls.keys() == {ARXIV}


# --- which links


def test_a_paper_that_is_linked_twice_has_one_card() -> None:
    """Below the first link."""
    twice = {"channel": "C1", "links": [{"url": ARXIV}, {"url": f"{ARXIV}v3"}]}
    assert papers_in(twice) == ((ARXIV, "2505.00001"),)
    same = {"channel": "C1", "links": [{"url": ARXIV}] * 5}
    assert papers_in(same) == ((ARXIV, "2505.00001"),)


def test_refreshing_a_card_is_left_to_slack() -> None:
    """It is there already."""
    event = {"channel": "C1", "links": [{"url": ARXIV}], "is_unfurl_refresh": True}
    assert papers_in(event) == ()


def test_every_domain_of_the_manifest_is_understood() -> None:
    """Else Slack would tell us of links for nothing."""
    known = [
        *(f"https://{name}/papers/2505.00001" for name in ("huggingface.co", "hf.co")),
        ARXIV,
        THIRD,
    ]
    found = {
        urlsplit(url).hostname
        for url in known
        if papers_in({"channel": "C1", "links": [{"url": url}]})
    }
    assert {str(name).removeprefix("www.") for name in found} == set(UNFURLED)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(links=_JSON, channel=_JSON)
@settings(max_examples=80)
def test_whatever_comes_is_read_without_falling_over(links: Any, channel: Any) -> None:
    """An event is from outside."""
    found = papers_in({"channel": channel, "links": links})
    assert len(found) <= 2
