"""A card to draw on, in pixels from its upper left corner; it has a background of its own in any client."""

from io import BytesIO

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from bot.drawing.lettering import Type, fit

WIDTH = 400
"""As wide as a chat on a phone: type has its size there."""
SCALE = 2.5
EDGE = 22
"""Pixels between the card's border and what stands on it."""
INK, DIM, GRID = "#24211b", "#6f6757", "#e7e0d0"
PAPER, BORDER = "#fbf8f1", "#ded5c1"
PALE, BOLD, OTHER = "#f1d48a", "#c9650a", "#2b6c93"
_POINTS = 72


class Easel:
    """One picture. Made, drawn on and thrown away in one thread."""

    def __init__(self, height: float) -> None:
        self._figure = Figure(
            figsize=(WIDTH / _POINTS, height / _POINTS), dpi=_POINTS * SCALE, facecolor="none"
        )
        self._canvas = FigureCanvasAgg(self._figure)
        self._axes: Axes = self._figure.add_axes((0, 0, 1, 1))
        self._axes.set_xlim(0, WIDTH)
        self._axes.set_ylim(height, 0)
        self._axes.axis("off")
        self.box(1, 1, WIDTH - 2, height - 2, PAPER, rounded=12, border=BORDER)

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        colour: str,
        *,
        rounded: float = 0,
        border: str = "none",
    ) -> None:
        """A filled box."""
        shape = f"round,pad=0,rounding_size={min(rounded, width / 2, height / 2)}"
        style = shape if rounded else "square,pad=0"
        self._axes.add_patch(
            FancyBboxPatch(
                (x, y),
                width,
                height,
                boxstyle=style,
                facecolor=colour,
                edgecolor=border,
                linewidth=1,
            )
        )

    def line(self, x: float, y: float, width: float, colour: str = GRID) -> None:
        """A fine horizontal line."""
        self.box(x, y - 0.4, width, 0.8, colour)

    def write(
        self,
        text: str,
        x: float,
        y: float,
        type: Type,
        *,
        room: float,
        colour: str = INK,
        align: str = "left",
    ) -> str:
        """A line of text with its base at `y`, cut where it has no more room; what was written."""
        shown = fit(text, type, room)
        self._axes.text(
            x,
            y,
            shown,
            fontproperties=type.properties,
            color=colour,
            ha=align,
            va="baseline",
            parse_math=False,
            usetex=False,
        )
        return shown

    def png(self) -> bytes:
        """The picture."""
        out = BytesIO()
        self._canvas.print_png(out)  # type: ignore[no-untyped-call]
        return out.getvalue()
