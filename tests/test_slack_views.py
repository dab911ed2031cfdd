"""The pieces that modals and the Home tab are made of."""

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.slack.layout import image, section
from adapters.slack.limits import size
from adapters.slack.views import (
    METADATA,
    field,
    modal,
    packed,
    spread,
    typed,
    unpacked,
    without_pictures,
)
from bot.domain.posts import Digest, Entry, Notice, Post
from tests.support.hostile import Pile, papers, texts
from tests.support.slack_marks import faults, mrkdwn
from tests.support.slack_rules import check_blocks, check_view


@given(st.dictionaries(st.text(max_size=9), st.text(max_size=900), max_size=6))
def test_what_travels_with_a_view_comes_back_or_nothing_does(state: dict[str, str]) -> None:
    """Slack takes 3,000 characters; half a state would be worse than none."""
    text = packed(state)
    assert size(text) <= METADATA
    assert unpacked({"private_metadata": text}) in (state, {})
    if sum(size(k) + size(v) for k, v in state.items()) < 400:
        assert unpacked({"private_metadata": text}) == state


@settings(max_examples=20, deadline=None)
@given(papers(), texts, st.integers(4, 100))
def test_several_posts_keep_to_their_room(pile: Pile, text: str, most: int) -> None:
    """With ids that are used once, and harmless whatever they say."""
    entries = tuple(Entry(paper=paper, number=n) for n, paper in enumerate(pile, 1))
    posts: list[Post] = [Notice(text=text), Digest(title=text, entries=entries), Notice(text=text)]
    blocks = spread(posts, most, "p:x")
    assert len(blocks) <= most
    check_blocks(blocks, "view")
    assert [fault for one in mrkdwn(blocks) for fault in faults(one["text"])] == []


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_titles_and_buttons_fit(title: str, submit: str, close: str) -> None:
    """24 characters are all that Slack shows of them."""
    view = modal(f"T{title}", [section("x")], id="p:x", submit=submit, close=f"C{close}")
    check_view(view)


def test_a_view_can_do_without_pictures() -> None:
    """Everything else in it stays."""
    pictured = section("a", image("https://example.org/a.png", "a"))
    view = modal("T", [pictured, section("b")], id="p:x")
    assert without_pictures(view)["blocks"] == [section("a"), section("b")]
    assert without_pictures(view)["title"] == view["title"]


def test_a_field_is_read_in_whichever_turn_it_is() -> None:
    """Emptied, chosen, ticked or not there."""
    made = field("p:x:words", "Words", {"type": "plain_text_input"}, turn=3)
    assert made["block_id"] != made["element"]["action_id"] == "p:x:words"

    def read(**state: object) -> str | None:
        view = {"state": {"values": {made["block_id"]: {"p:x:words": state}}}}
        return typed(view, "p:x:words")

    assert read(type="plain_text_input", value="clip") == "clip"
    assert read(type="plain_text_input", value=None) == ""
    assert read(type="static_select", selected_option={"value": "daily"}) == "daily"
    assert read(type="static_select", selected_option=None) == ""
    assert read(type="checkboxes", selected_options=[{"value": "a"}, {"value": "b"}]) == "a,b"
    assert read(type="timepicker", selected_time="09:00") == "09:00"
    assert typed({"state": {"values": {}}}, "p:x:words") is None
    assert typed({}, "p:x:words") is None
