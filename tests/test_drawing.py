"""Charts as pictures: whatever labels say, off the event loop, and never worth losing a post."""

import asyncio
import logging
import subprocess
import sys
import threading
import time
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.domain.charts import Chart, Drawn, Plot, Series, Shape
from bot.domain.posts import Digest, Notice, Panel, picture_of
from bot.drawing import Artist
from bot.drawing.lettering import Type, fit, legible, width
from bot.drawing.painting import LABEL, paint, short
from tests.support.charts import HOSTILE, chart

words = st.one_of(st.text(max_size=60), st.sampled_from(HOSTILE))
numbers = st.one_of(st.integers(0, 500), st.integers(0, 10**40))


@st.composite
def plots(draw: st.DrawFn) -> Plot:
    labels = draw(st.lists(words, max_size=16))
    values = st.lists(numbers, min_size=len(labels), max_size=len(labels)).map(tuple)
    series = draw(st.lists(st.builds(Series, words, values), max_size=5))
    return Plot(
        title=draw(words),
        labels=tuple(labels),
        series=tuple(series),
        shape=draw(st.sampled_from(Shape)),
    )


charts = st.builds(
    Chart, title=words, subtitle=words, alt=words, plots=st.lists(plots(), max_size=3).map(tuple)
)


@settings(max_examples=15, deadline=None)
@given(charts)
def test_nothing_in_a_chart_makes_the_drawing_fail(one: Chart) -> None:
    """No mathtext is read, no glyph is missed, no number is too large; warnings are errors here."""
    assert paint(one).startswith(b"\x89PNG")


@pytest.mark.parametrize("text", HOSTILE)
def test_each_hostile_label_alone(text: str) -> None:
    """As a title, a heading, a label and a name."""
    both = (Series(text, (3, 1)), Series(text, (1, 2)))
    drawn = tuple(Plot(title=text, labels=(text, text), series=both, shape=one) for one in Shape)
    assert paint(Chart(title=text, subtitle=text, alt=text, plots=drawn))


@given(words)
def test_a_label_is_never_wider_than_its_room(text: str) -> None:
    """It is cut by pixels, and something stays."""
    shown = fit(text, LABEL, 90)
    assert shown
    assert width(shown, LABEL) <= 90


def test_what_the_font_lacks_does_not_show_as_boxes() -> None:
    """A run of foreign letters is an ellipsis; emoji are left out."""
    assert legible("GRPO 强化学习 for 🧠 agents") == "GRPO … for agents"
    assert legible("\x00\u200b") == "–"
    assert legible("naïve Bézier λ ≥ 2") == "naïve Bézier λ ≥ 2"


def test_dollars_stay_dollars() -> None:
    """They are no formula."""
    assert legible("from $5 to $10") == "from $5 to $10"
    assert width("$x$", Type(12)) > width("x", Type(12))


def test_the_picture_fits_a_phone_and_a_message() -> None:
    """At least twice as sharp as its type needs, and small; it brings a background along."""
    png = paint(chart())
    assert len(png) <= 300_000
    picture = Image.open(BytesIO(png))
    assert picture.width == 1000
    assert picture.mode == "RGBA"
    red, green, blue, alpha = picture.getpixel((500, 20))  # type: ignore[misc]
    assert min(red, green, blue) > 230
    assert alpha == 255
    assert picture.getpixel((0, 0))[3] == 0  # type: ignore[index]


def test_numbers_are_short() -> None:
    """They stand behind bars."""
    told = {950: "950", 1_000: "1k", 1_250: "1.2k", 34_999: "34k", 5_600_000: "5.6M"}
    assert {number: short(number) for number in told} == told


def test_a_plot_has_a_number_for_each_label() -> None:
    """Whoever makes another is told at once."""
    with pytest.raises(ValueError, match="for each label"):
        Plot(title="A", labels=("a", "b"), series=(Series("s", (1,)),))


async def test_a_post_with_a_chart_gets_its_picture() -> None:
    """Others stay the very same, and what is drawn is not drawn again."""
    artist = Artist(lambda one: one.title.encode())
    for post in (Digest(title="D", chart=chart()), Panel(title="P", chart=chart())):
        drawn = await artist.illustrate(post)
        assert isinstance(drawn.chart, Drawn)
        assert drawn.chart.png == b"Twelve weeks"
        assert drawn.chart.plots == chart().plots
        assert await artist.illustrate(drawn) is drawn
        file = picture_of(drawn)
        assert file
        assert (file.media_type, file.alt) == ("image/png", "Chart.")
    notice = Notice(text="hello")
    assert await artist.illustrate(notice) is notice
    plain = Digest(title="D")
    assert await artist.illustrate(plain) is plain


async def test_without_matplotlib_the_text_stays_and_a_hint_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The operator learns what to install."""

    def paint(_: Chart) -> bytes:
        raise ImportError("No module named 'matplotlib'")

    artist = Artist(paint)
    post = Digest(title="D", chart=chart())
    with caplog.at_level(logging.WARNING):
        assert [await artist.illustrate(post) for _ in range(3)] == [post] * 3
    assert len([one for one in caplog.records if "`charts`" in one.getMessage()]) == 1


async def test_a_drawing_that_fails_costs_the_picture_alone() -> None:
    """The post goes out without it."""

    def paint(_: Chart) -> bytes:
        raise MemoryError

    post = Digest(title="D", chart=chart())
    assert await Artist(paint).illustrate(post) is post


async def test_one_at_a_time_and_beside_the_event_loop() -> None:
    """The library is not made for several threads, and nobody waits for it."""
    at_once: list[int] = []
    busy = threading.Lock()

    def paint(_: Chart) -> bytes:
        assert busy.acquire(blocking=False)
        at_once.append(1)
        time.sleep(0.02)
        busy.release()
        return b"png"

    artist = Artist(paint)
    turns = 0
    drawing = asyncio.gather(
        *(artist.illustrate(Digest(title=str(n), chart=chart(str(n)))) for n in range(4))
    )
    while not drawing.done():
        turns += 1
        await asyncio.sleep(0.001)
    assert len(at_once) == 4
    assert turns > 10


def test_neither_pyplot_nor_matplotlib_is_loaded_before_something_is_drawn() -> None:
    """A start stays quick, and no state of a process is shared."""
    code = (
        "import sys, bot.app, bot.drawing; assert 'matplotlib' not in sys.modules;"
        "import bot.drawing.painting as p; from bot.domain.charts import Chart;"
        "p.paint(Chart(title='t', alt='a')); assert 'matplotlib.pyplot' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
