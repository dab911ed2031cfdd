"""A picture before it is drawn: what it says, its labels and numbers. Doors that show no pictures make bars of it."""

from dataclasses import dataclass, field
from enum import StrEnum


class Shape(StrEnum):
    """How the numbers of a plot stand."""

    COLUMNS = "columns"
    """From left to right, as time goes; several series side by side."""
    ROWS = "rows"
    """One below the other, each beside its label; several series in one bar."""


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers of one kind, one for each label of the plot; none is below 0."""

    name: str
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """Some series over the same labels. Labels may come from outside, and are hostile then."""

    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    shape: Shape = Shape.COLUMNS

    def __post_init__(self) -> None:
        if any(len(one.values) != len(self.labels) for one in self.series):
            raise ValueError(f"every series of {self.title!r} needs a number for each label")

    @property
    def highest(self) -> int:
        """The longest bar; 0 where there is none."""
        if self.shape is Shape.COLUMNS:
            return max((value for one in self.series for value in one.values), default=0)
        return max(map(sum, self.rows), default=0)

    @property
    def rows(self) -> tuple[tuple[int, ...], ...]:
        """For each label its value in every series."""
        return tuple(zip(*(one.values for one in self.series), strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One or more plots, one below the other."""

    title: str
    subtitle: str = ""
    alt: str
    """What it shows, in words, for those who do not see it."""
    plots: tuple[Plot, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn(Chart):
    """The same, with the picture."""

    png: bytes = field(repr=False)
