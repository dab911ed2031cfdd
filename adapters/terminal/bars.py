"""A chart where no picture can be shown: a line with a bar of blocks for each label."""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from adapters.terminal.clean import clean
from adapters.terminal.layout import BLANK, Block
from bot.domain.charts import Chart, Plot, Shape

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_FULL, _LIGHT, _MIDDLE = "█", "░", "▒"
_LABEL, _BAR = 36, 30
"""Cells of a label and of a bar at most."""
_LEAST = 6


def chart_blocks(chart: Chart, width: int, *, styled: bool) -> Iterator[Block]:
    """Every plot; numbers behind the bars."""
    for plot in chart.plots:
        if plot.labels and plot.series:
            yield BLANK
            yield Block(Text(_heading(plot), "bold" if styled else ""))
            for line in _lines(plot, width, styled=styled):
                yield Block(line)


def _heading(plot: Plot) -> str:
    title = clean(plot.title, 100)
    if len(plot.series) < 2:  # noqa: PLR2004 -- nothing to tell apart
        return title
    signs = (_LIGHT, _FULL) if plot.shape is Shape.COLUMNS else (_FULL, _MIDDLE)
    named = zip(signs, plot.series, strict=False)
    return " · ".join((title, *(f"{sign} {clean(one.name, 40)}" for sign, one in named)))


def _lines(plot: Plot, width: int, *, styled: bool) -> Iterator[Text]:
    labels = [clean(label, 100) for label in plot.labels]
    column = min(max(map(cell_len, labels)), _LABEL, max(_LEAST, width // 3))
    room = max(_LEAST, min(_BAR, width - column - 16))
    for label, values in zip(labels, plot.rows, strict=True):
        bar = _bar(plot, values, room / (plot.highest or 1))
        line = Text(f"{_cropped(label, column)}  ")
        line.append(bar, "yellow" if styled else "")
        line.append(f" {_numbers(plot, values)}")
        yield line


def _cropped(label: str, cells: int) -> str:
    if cell_len(label) <= cells:
        return set_cell_size(label, cells)
    return set_cell_size(f"{set_cell_size(label, cells - 1).rstrip()}…", cells)


def _bar(plot: Plot, values: Sequence[int], unit: float) -> str:
    """Columns stand in front of one another: what goes beyond the front one is light. Rows stand in a row."""
    if plot.shape is Shape.COLUMNS:
        front = _solid(values[-1] * unit)
        return front + _LIGHT * (round(max(values) * unit) - len(front))
    first, *others = values
    return _solid(first * unit) + _MIDDLE * round(sum(others) * unit)


def _solid(length: float) -> str:
    eighths = round(length * 8)
    full, rest = divmod(max(eighths, 1) if length else 0, 8)
    return _FULL * full + _EIGHTHS[rest].strip()


def _numbers(plot: Plot, values: Sequence[int]) -> str:
    if plot.shape is Shape.ROWS:
        return f"{sum(values):,}"
    front, *behind = reversed(values)
    return " of ".join(f"{value:,}" for value in (front, *behind))
