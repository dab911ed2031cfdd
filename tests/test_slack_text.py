"""Text from outside, made harmless for Slack, and our own as Slack shows it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack.limits import crop, size, weight
from adapters.slack.text import block, escape, line, link, prose, safe_url
from bot.domain.people import Channel, Workspace
from bot.domain.text import instant, place
from tests.support.slack_marks import faults


def test_outside_text_formats_nothing() -> None:
    """Marks that could begin or end something are shown by their twins, entities are Slack's three."""
    assert escape("*a* _b_ ~c~ `d`") == "∗a∗ ˍbˍ ∼c∼ ˋdˋ"
    assert escape("＊a＊ ＿b＿ ｀c｀") == "﹡a﹡ ⸏b⸏ ˋcˋ"
    assert escape("<!channel> <@U1> <#C1> &amp; a > b") == (
        "&lt;!channel&gt; &lt;@\u200bU1&gt; &lt;#C1&gt; &amp;amp; a &gt; b"
    )


def test_what_marks_nothing_stays() -> None:
    """Between letters a mark means nothing to Slack, and names of code can still be copied."""
    assert escape("snake_case_name, 2*3, A~B") == "snake_case_name, 2*3, A~B"
    assert escape("GPT: yes, at 10 - 2. no # [x](y)") == "GPT: yes, at 10 - 2. no # [x](y)"


def test_outside_text_becomes_no_emoji_link_quote_or_mention() -> None:
    """Slack would make these of plain words, some only where it is not told to keep its hands off."""
    assert escape("see :smile: at https://e.vil") == "see :\u200bsmile: at https:\u200b//e.vil"
    assert escape("@everyone") == "@\u200beveryone"
    assert escape("> quote\n  ＞ quote") == "\u00ad&gt; quote\n\u00ad  ＞ quote"


def test_hidden_characters_are_gone() -> None:
    """Controls, bidi overrides and piles of accents do not reach anybody."""
    assert line("a\x00b\u202ec\u2066d\n e") == "abcd e"
    assert len(line("a" + "\u0301" * 100)) <= 5
    assert line("👩‍👧") == "👩‍👧"
    assert block("a\x00\n\n\n\n b  c") == "a\n\nb c"


@given(st.text(max_size=200), st.integers(1, 80))
def test_cropping_counts_what_escaping_adds(text: str, limit: int) -> None:
    """The limit holds for what is sent, and no entity is cut in two."""
    for shown in (line(text, limit), block(text, limit), prose(text, limit)):
        assert size(shown) <= limit
        assert faults(shown) == []
    assert size(crop(text, limit)) <= limit
    assert weight(line(text, limit)) <= 6 * limit + 2


@given(st.text("*_~`<>&|:>@\n ab1.", max_size=60))
def test_no_combination_of_marks_gets_through(text: str) -> None:
    """Alone, in a label, or between words of ours."""
    for shown in (line(text, 500), block(text, 500), link(text, "https://x.example", 500)):
        assert faults(shown) == []
        assert faults(f"Said {shown}, and more") == []


def test_what_is_to_be_typed_looks_so() -> None:
    """Backticks around a command survive, hostile words beside them do not get out."""
    assert prose("Write `/paper save <id>`, *now*.") == "Write `/paper save &lt;id&gt;`, ∗now∗."
    assert prose("` <!here> `\n`x") == "` &lt;!here&gt; `\nˋx"


def test_instants_are_in_the_readers_time_zone() -> None:
    """With the words of our own where that cannot be shown."""
    at = instant(datetime(2025, 12, 5, 8, tzinfo=UTC), "Fri 5 Dec, 09:00 <CET>")
    assert prose(f"next  {at}.") == (
        "next <!date^1764921600^{date_short_pretty} at {time}|Fri 5 Dec, 09:00 CET (08:00 UTC)>."
    )


@pytest.mark.parametrize(
    ("platform", "id", "shown"),
    [
        ("slack", "C0PAPERS", "<#C0PAPERS>"),
        ("slack", "G1", "<#G1>"),
        ("slack", "D1", "a direct conversation"),
        ("discord", "*4711*", "∗4711∗"),
        ("slack", "C1>", "C1&gt;"),
    ],
)
def test_places_are_linked_where_they_are_slacks(platform: str, id: str, shown: str) -> None:
    """Slack knows its own channels only, and a direct conversation has no name."""
    channel = Channel(Workspace(platform, "T1"), id)
    assert prose(f"in {place(channel)}, daily") == f"in {shown}, daily"


def test_cutting_keeps_what_is_whole() -> None:
    """No command, instant or channel is cut in two."""
    at = instant(datetime(2025, 12, 5, 8, tzinfo=UTC), "then")
    assert prose(f"It runs {at}", 30) == "It runs…"
    assert prose("Write `/paper save 3` now", 16) == "Write…"
    assert prose("Write `/paper save 3` now, or later", 25) == "Write `/paper save 3` no…"


def test_links_lead_where_they_say() -> None:
    """Only plain web addresses become links, and no label or address ends its link early."""
    assert link("a|b>c", "https://x.example") == "<https://x.example|a∣b›c>"
    assert link("a", None) == "a"
    assert link("", "https://x.example", otherwise="none") == "<https://x.example|none>"
    assert link("x", "https://x.example/?a=1&b=2") == "<https://x.example/?a=1&amp;b=2|x>"
    assert safe_url("https://x.example/a|b<c>d e*f~") == (
        "https://x.example/a%7Cb%3Cc%3Ed%20e%2Af%7E"
    )
    for bad in ("javascript:x", "ftp://x", "https://u@x.example", "https://[", "x" * 9, "\ud800"):
        assert safe_url(bad) is None
    assert safe_url(None) is None
