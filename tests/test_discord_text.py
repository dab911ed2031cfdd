"""Text from outside, made harmless for Discord."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.limits import crop, size
from adapters.discord.text import escape, line, link, prose, safe_url


def test_outside_text_is_shown_as_it_is() -> None:
    """No markup, mention, link, emoji or timestamp comes from outside."""
    assert escape("**a** _b_ ~~c~~ `d` ||e||") == r"\*\*a\*\* \_b\_ \~\~c\~\~ \`d\` \|\|e\|\|"
    assert escape("[x](https://e.vil)") == r"\[x\](https\://e.vil)"
    assert escape("<@&1> <t:0:R> <:a:1>").count("\\<") == 3
    assert escape("@everyone") == "@\u200beveryone"
    assert escape("# a\n> b\n- c\n-# d\n2. e") == "\\# a\n\\> b\n\\- c\n\\-# d\n2\u200b. e"
    assert escape("see :smile:, GPT: yes") == r"see \:smile:, GPT: yes"
    assert escape("discord.gg/x") == "discord.\u200bgg/x"
    assert escape("C:\\dir") == r"C:\\dir"


def test_hidden_characters_are_gone() -> None:
    """Controls, bidi overrides and piles of accents do not reach anybody."""
    assert line("a\x00b\u202ec\u2066d\n e") == "abcd e"
    assert len(line("a" + "\u0301" * 100)) <= 5
    assert line("👩‍👧") == "👩‍👧"


@given(st.text(max_size=200), st.integers(1, 80))
def test_cropping_counts_what_escaping_adds(text: str, limit: int) -> None:
    """The limit holds for what is sent, and no backslash is cut from what it escapes."""
    shown = line(text, limit)
    assert size(shown) <= limit
    assert size(crop(text, limit)) <= limit
    assert (len(shown) - len(shown.rstrip("\\"))) % 2 == 0


def test_what_is_to_be_typed_looks_so() -> None:
    """Backticks around a command survive, hostile words between them do not get out."""
    assert prose("Write `/paper save 3`, *now*.") == r"Write `/paper save 3`, \*now\*."
    assert prose("` @everyone") == "\\` @\u200beveryone"


def test_links_lead_where_they_say() -> None:
    """Only plain web addresses become links, and no label ends its link early."""
    assert link("a](b", "https://x.example") == "[a)(b](https://x.example)"
    assert link("a", None) == "a"
    assert safe_url("https://x.example/a(b)") == "https://x.example/a%28b%29"
    for bad in ("javascript:x", "ftp://x", "https://u@x.example", "https://[", "x" * 9, "\ud800"):
        assert safe_url(bad) is None
