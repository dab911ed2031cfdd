"""Buttons and menus say what they do, whichever process made them."""

from typing import Any

import pytest

from adapters.slack.controls import button, chosen, page_value
from adapters.slack.render import blocks_of, render
from bot.domain.papers import Paper, PaperId
from bot.domain.people import Person
from bot.domain.posts import Digest, Entry, PaperCard, PaperList, Post
from tests.support.slack_rules import elements_of

ENTRIES = tuple(
    Entry(
        paper=Paper(id=PaperId(f"2511.0000{n}"), title=f"T{n}", code_url="https://c.example"),
        number=n,
    )
    for n in (1, 2)
)


def used(post: Post, prefix: str = "p") -> dict[str, list[Any]]:
    """What Slack tells us when each control is used, in each way, and what we make of it."""
    said: dict[str, list[Any]] = {}
    for _, element in elements_of(blocks_of(post, prefix=prefix)):
        action = {key: element[key] for key in ("action_id", "value", "url") if key in element}
        ways = [{"selected_option": option} for option in element.get("options", ())] or [{}]
        said[element["action_id"]] = [chosen(action | way) for way in ways]
    return said


def test_a_menu_beside_each_paper() -> None:
    """Save it, look closer, see the like; let go only where somebody has saved it."""
    saved = Entry(paper=ENTRIES[1].paper, number=2, saved_by=(Person("slack", "T1.U1"),))
    assert used(Digest(title="D", entries=(ENTRIES[0], saved))) == {
        "p:more:1": [(act, "2511.00001") for act in ("save", "show", "similar")],
        "p:more:2": [(act, "2511.00002") for act in ("save", "show", "similar", "unsave")],
    }


def test_buttons_below_a_card() -> None:
    """A full card needs no further details, and lets go of what is saved."""
    short, full = PaperCard(entry=ENTRIES[0]), PaperCard(entry=ENTRIES[1], full=True)
    places = [("link", "https://arxiv.org/abs/2511.00001"), ("link", "https://c.example")]
    assert used(short) == {
        "p:save:1": [("save", "2511.00001")],
        "p:show:1": [("show", "2511.00001")],
        "p:similar:1": [("similar", "2511.00001")],
        "p:link:1:0": places[:1],
        "p:link:1:1": places[1:],
    }
    assert list(used(full)) == [
        "p:save:2",
        "p:similar:2",
        "p:nominate:2",
        "p:link:2:0",
        "p:link:2:1",
    ]
    assert used(full)["p:nominate:2"] == [("nominate", "2511.00002")]
    ballot = PaperCard(entry=ENTRIES[0], ballot=True)
    assert used(ballot)["p:vote:1"] == [("vote", "2511.00001")]
    saved = Entry(paper=ENTRIES[0].paper, saved_by=(Person("slack", "T1.U1"),))
    assert used(PaperCard(entry=saved, full=True))["p:unsave:1"] == [("unsave", "2511.00001")]


def test_pages_are_turned_by_commands() -> None:
    """The command of the page without what calls us, whatever that is."""
    page = PaperList(title="x", back="/paper search a & <b> page:1", forth="/p_2  x page:3")
    assert used(page) == {
        "p:page:back": [("page", "search a & <b> page:1")],
        "p:page:forth": [("page", "x page:3")],
    }
    assert page_value("/paper") == page_value(None) == page_value("/paper " + "x" * 2_001) == ""
    assert page_value("today page:2") == "today page:2"


def test_a_prefix_may_have_parts() -> None:
    """Views have several lists; what their controls mean is the same, but there is no room for similar papers."""
    assert used(PaperList(title="x", entries=ENTRIES[:1]), "p:home:team") == {
        "p:home:team:more:1": [("save", "2511.00001"), ("show", "2511.00001")]
    }


@pytest.mark.parametrize(
    "action",
    [
        {},
        {"action_id": None},
        {"action_id": "x"},
        {"action_id": "p:setup:start", "value": "2511.00001"},
        {"action_id": "p:save:1"},
        {"action_id": "p:save:1", "value": "2511.00001; drop"},
        {"action_id": "p:more:1", "selected_option": None},
        {"action_id": "p:more:1", "selected_option": {"value": "eat:2511.00001"}},
        {"action_id": "p:page:forth", "value": ""},
    ],
)
def test_nonsense_means_nothing(action: dict[str, Any]) -> None:
    """Slack's payloads are read like anything else from outside."""
    assert chosen(action) is None


def test_posts_without_controls_have_none() -> None:
    """Where nobody could press them, they would only disappoint."""
    page = PaperList(title="x", entries=ENTRIES, forth="/paper x page:2")
    for post in (page, PaperCard(entry=ENTRIES[0]), Digest(title="D", entries=ENTRIES)):
        assert not list(elements_of(render(post, controls=False).blocks))


def test_labels_are_cut_to_fit() -> None:
    """A button has room for 75 characters."""
    assert len(button("p:x", "w" * 99)["text"]["text"]) == 75
    assert button("p:x", "Go", value="v", primary=True)["style"] == "primary"
