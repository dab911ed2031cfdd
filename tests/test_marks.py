"""Instants and channels in our own texts, and who may not write them."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.text import prose
from adapters.terminal.clean import clean
from bot.domain.people import Channel, Workspace
from bot.domain.text import Instant, Place, instant, pieces, place, unmarked, visible

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HERE = Channel(Workspace("discord", "1"), "42")
TEXT = f"Next: {instant(NOON, 'Sun 22 Nov, 12:00')} in {place(HERE)}."


def test_a_text_comes_apart_at_its_marks() -> None:
    """And nothing of it is lost."""
    assert list(pieces(TEXT)) == [
        "Next: ",
        Instant(NOON, "Sun 22 Nov, 12:00"),
        " in ",
        Place(HERE, "42"),
        ".",
    ]


def test_where_marks_mean_nothing_the_text_reads_well() -> None:
    """In a terminal, in JSON, in a log."""
    assert unmarked(TEXT) == clean(TEXT) == "Next: Sun 22 Nov, 12:00 in 42."


def test_discord_shows_the_reader_s_own_time_and_a_link() -> None:
    """Even beside what has to be escaped, and in text that is cropped."""
    assert prose(TEXT) == f"Next: <t:{int(NOON.timestamp())}:f> in <#42>."
    assert prose(f"*{TEXT}", 400).startswith("\\*Next: <t:")
    assert len(prose(TEXT * 50, 100)) <= 100


def test_a_channel_of_another_platform_is_named() -> None:
    """It cannot be linked to."""
    other = place(Channel(Workspace("slack", "T1"), "C1"))
    assert prose(other) == "C1"


@given(st.text(alphabet=st.sampled_from("\x02\x03\x1ftc0:/a")))
def test_nobody_outside_can_write_a_mark(text: str) -> None:
    """What has been made visible has none; and no text breaks what reads them."""
    assert all(isinstance(piece, str) for piece in pieces(visible(text)))
    assert "\x02" not in unmarked(instant(NOON, text))
    assert isinstance(prose(text), str)
