"""A chart as a PNG: plots one below the other on a card that can be read on a phone, by day and by night."""

from collections.abc import Sequence

from bot.domain.charts import Chart, Plot, Shape
from bot.drawing.easel import BOLD, DIM, EDGE, GRID, INK, OTHER, PALE, WIDTH, Easel
from bot.drawing.lettering import Type, legible, width

TITLE, SUBTITLE = Type(17, bold=True), Type(11.5)
HEADING, LABEL, VALUE, SMALL = Type(12.5, bold=True), Type(11.5), Type(10.5, bold=True), Type(10)
ROOM = WIDTH - 2 * EDGE
HEAD, GAP, HEADED = 78, 28, 22
"""Pixels of the head, between plots, and of a plot's heading."""
COLUMNS = 104
BESIDE, BELOW = 25, 39
"""Pixels of a row with its label beside the bar, and with the label above it."""
NARROW = 150
"""A label that is wider stands above its bar."""
VALUES = 44
"""Pixels for the number behind a bar."""
MOST_VALUES = 13
"""Beyond so many columns only the highest has its number."""
MOST_ROWS = 12


def paint(chart: Chart) -> bytes:
    """The picture. Whatever labels say, it never raises for them, nor warns."""
    plots = [plot for plot in chart.plots if plot.labels and plot.series]
    easel = Easel(HEAD + sum(_height(plot) + GAP for plot in plots))
    easel.write(chart.title, EDGE, 34, TITLE, room=ROOM)
    if chart.subtitle:
        easel.write(chart.subtitle, EDGE, 52, SUBTITLE, room=ROOM, colour=DIM)
    y = float(HEAD)
    for plot in plots:
        colours = _colours(plot)
        _heading(easel, plot, colours, y)
        draw = _columns if plot.shape is Shape.COLUMNS else _rows
        draw(easel, plot, colours, y + HEADED)
        y += _height(plot) + GAP
    return easel.png()


def short(number: int) -> str:
    """`950`, `1.2k`, `34k`, `5.6M`."""
    for size, sign in ((10**9, "B"), (10**6, "M"), (10**3, "k")):
        if number >= size:
            shown = f"{number // size:,}" if number >= 10 * size else f"{number / size:.1f}"
            return f"{shown.removesuffix('.0')}{sign}"
    return str(number)


def _colours(plot: Plot) -> Sequence[str]:
    """The last of several columns stands in front of the others."""
    if plot.shape is Shape.COLUMNS and len(plot.series) > 1:
        return [PALE] * (len(plot.series) - 1) + [BOLD]
    return [BOLD, OTHER, PALE, DIM][: len(plot.series)]


def _height(plot: Plot) -> float:
    if plot.shape is Shape.COLUMNS:
        return HEADED + COLUMNS + 18
    return HEADED + len(_shown_rows(plot)) * (BESIDE if _is_narrow(plot) else BELOW)


def _shown_rows(plot: Plot) -> Sequence[tuple[str, tuple[int, ...]]]:
    return [*zip(plot.labels, plot.rows, strict=True)][:MOST_ROWS]


def _is_narrow(plot: Plot) -> bool:
    return all(width(legible(label), LABEL) <= NARROW for label, _ in _shown_rows(plot))


def _heading(easel: Easel, plot: Plot, colours: Sequence[str], y: float) -> None:
    """The title, and what the colours mean where there are several."""
    right = WIDTH - EDGE
    if len(plot.series) > 1:
        for one, colour in [*zip(plot.series, colours, strict=False)][:3][::-1]:
            name = easel.write(one.name, right, y + 10, SMALL, room=80, colour=DIM, align="right")
            right -= int(width(name, SMALL)) + 14
            easel.box(right, y + 2, 9, 9, colour, rounded=2)
            right -= 12
    easel.write(plot.title, EDGE, y + 11, HEADING, room=right - EDGE)


# --- columns


def _columns(easel: Easel, plot: Plot, colours: Sequence[str], y: float) -> None:
    base, tall = y + COLUMNS, COLUMNS - 16
    slot = ROOM / len(plot.labels)
    highest = plot.highest
    easel.line(EDGE, base, ROOM, DIM)
    if highest and len(plot.series) > 1:
        _scale(easel, highest, base, tall)
    for place in range(len(plot.labels)):
        middle = EDGE + slot * (place + 0.5)
        for number, one in enumerate(plot.series):
            share = 0.74 if number < len(plot.series) - 1 else 0.46 if number else 0.6
            across = min(slot * share, 46 * share)
            if value := one.values[place]:
                up = max(2.0, tall * (value / highest))
                easel.box(middle - across / 2, base - up, across, up, colours[number])
        _value(easel, plot, place, middle, base - tall * (_front(plot, place) / (highest or 1)))
    _dates(easel, plot.labels, slot, base + 14)


def _scale(easel: Easel, highest: int, base: float, tall: float) -> None:
    for part in (1, 2):
        easel.line(EDGE, base - tall * part / 2, ROOM, GRID)
    easel.write(
        short(highest), WIDTH - EDGE, base - tall - 3, SMALL, room=60, colour=DIM, align="right"
    )


def _front(plot: Plot, place: int) -> int:
    return plot.series[-1].values[place]


def _value(easel: Easel, plot: Plot, place: int, x: float, y: float) -> None:
    value = _front(plot, place)
    highest = max(plot.series[-1].values)
    if not value or (len(plot.labels) > MOST_VALUES and value != highest):
        return
    if len(plot.series) > 1 and place == len(plot.labels) - 1 and value == plot.highest:
        return  # the scale says it there
    easel.write(short(value), x, y - 3, VALUE, room=60, align="center")


def _dates(easel: Easel, labels: Sequence[str], slot: float, y: float) -> None:
    """Below the columns as many labels as have room; the last always has."""
    widest = max(min(width(legible(label), SMALL), 80) for label in labels)
    every = max(1, -(-int(widest + 8) // max(1, int(slot))))
    for place in range(len(labels) - 1, -1, -every):
        middle = EDGE + slot * (place + 0.5)
        half = min(widest, 80) / 2
        middle = min(max(middle, EDGE + half), WIDTH - EDGE - half)
        easel.write(labels[place], middle, y, SMALL, room=80, colour=DIM, align="center")


# --- rows


def _rows(easel: Easel, plot: Plot, colours: Sequence[str], y: float) -> None:
    narrow = _is_narrow(plot)
    left = EDGE + (NARROW + 10 if narrow else 0)
    room = WIDTH - EDGE - left - VALUES
    for label, values in _shown_rows(plot):
        if narrow:
            easel.write(label, left - 10, y + 15, LABEL, room=NARROW, align="right")
            bar = y + 5
        else:
            easel.write(label, left, y + 12, LABEL, room=ROOM)
            bar = y + 18
        _bar(easel, values, colours, (left, bar), room / (plot.highest or 1))
        y += BESIDE if narrow else BELOW


def _bar(
    easel: Easel,
    values: tuple[int, ...],
    colours: Sequence[str],
    at: tuple[float, float],
    unit: float,
) -> None:
    """One behind the other, and their sum behind them."""
    x, y = at
    easel.box(x, y, 2, 13, GRID)
    for value, colour in zip(values, colours, strict=False):
        if value:
            long = max(3.0, value * unit)
            easel.box(x, y, long, 13, colour, rounded=3)
            x += long
    easel.write(short(sum(values)), x + 6, y + 11, VALUE, room=VALUES, colour=INK)
