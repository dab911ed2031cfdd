"""A chart, and what may stand in one."""

from bot.domain.charts import Chart, Drawn, Plot, Series, Shape
from bot.domain.statistics import Figures
from bot.tally import weeks
from tests.support.fakes import NOW

HOSTILE = (
    "$x_2^{3}$ and \\frac{1}{0}",
    "$",
    "$$ \\undefined $$",
    "\x02t\x1f0\x1fnow\x03",
    "\u202ereversed\u202c",
    "深度研究与强化学习",
    "😀👩‍🔬🏳️‍🌈",
    "e" + "\u0301" * 50,
    "\ud800 half a character",
    "\0\n\r\t",
    "",
    " " * 500,
    "W" * 100_000,
    "مرحبا بالعالم",
    "`rm -rf` <b>&amp; [x](y) @everyone",
)

PNG = b"\x89PNG a picture"


def chart(title: str = "Twelve weeks", labels: int = 12) -> Chart:
    names = tuple(f"label {n}" for n in range(labels))
    first, second = (tuple(n * k % 40 for n in range(labels)) for k in (7, 3))
    both = (Series("posted", first), Series("saved", second))
    return Chart(
        title=title,
        alt="Chart.",
        plots=tuple(Plot(title="A plot", labels=names, series=both, shape=one) for one in Shape),
    )


def drawn(png: bytes = PNG) -> Drawn:
    """The same with a picture."""
    one = chart()
    return Drawn(title=one.title, alt=one.alt, plots=one.plots, png=png)


def some_figures() -> Figures:
    """Of two weeks and one person."""
    some = (1, 2)
    bounds = weeks(NOW, 2, "UTC")
    return Figures(bounds=bounds, saved=some, posted=some, votes=some, papers=3, people=1)
