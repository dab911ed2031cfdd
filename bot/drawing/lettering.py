"""Text as the font that comes with matplotlib can show it: what it lacks is replaced, what is too long is cut."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import matplotlib as mpl
from matplotlib.font_manager import FontProperties, get_font
from matplotlib.textpath import TextToPath

from bot.domain.text import unmarked, visible

LONGEST = 200
_CUT = "…"
_LACKING = "\ue000"
"""Stands for a letter of a script that the font has not."""
_FOREIGN = re.compile(f"{_LACKING}(?: ?{_LACKING})*")
_FONTS = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")


@dataclass(frozen=True, slots=True)
class Type:
    """A size and a weight. Sizes are in pixels of the picture before it is scaled up."""

    size: float
    bold: bool = False

    @property
    def properties(self) -> FontProperties:
        return FontProperties(fname=_path(bold=self.bold), size=self.size)


def legible(text: str) -> str:
    """One line that the font has every character of; emoji are left out. Never empty."""
    plain = " ".join(visible(unmarked(text[: 4 * LONGEST])).split())[:LONGEST]
    shown = "".join(map(_shown, unicodedata.normalize("NFC", plain)))
    return _FOREIGN.sub(_CUT, " ".join(shown.split())) or "–"


def fit(text: str, type: Type, room: float) -> str:
    """The legible text in at most so many pixels."""
    text = legible(text)
    if width(text, type) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        fits = width(_cut(text, middle), type) <= room
        low, high = (middle, high) if fits else (low, middle - 1)
    return _cut(text, low)


def width(text: str, type: Type) -> float:
    """In pixels."""
    across, _, _ = _measure().get_text_width_height_descent(text, type.properties, ismath=False)
    return float(across)


def _cut(text: str, length: int) -> str:
    return text[:length].rstrip() + _CUT


def _shown(char: str) -> str:
    if _known(char):
        return char
    category = unicodedata.category(char)
    return _LACKING if category[0] in "LN" else ""


def _known(char: str) -> bool:
    if unicodedata.category(char) == "Cf":  # joiners, which have no look of their own
        return False
    return all(get_font(_path(bold=bold)).get_char_index(ord(char)) for bold in (False, True))


@cache
def _path(*, bold: bool) -> Path:
    return Path(mpl.get_data_path()) / "fonts" / "ttf" / _FONTS[bold]


@cache
def _measure() -> TextToPath:
    return TextToPath()
