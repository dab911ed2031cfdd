"""Names of authors, split as reference managers want them: "Laurens van der Maaten", "Hal Daumé III", "Gemini Team"."""

import re
import unicodedata
from dataclasses import dataclass

from bot.exporting import words as known


@dataclass(frozen=True, slots=True)
class Name:
    """A person's name in its parts; of a team, or where nobody can tell the parts, only `family`."""

    family: str
    given: str = ""
    particle: str = ""
    suffix: str = ""

    @property
    def whole(self) -> bool:
        """Not to be taken apart: a team, a single name, a name in Chinese characters."""
        return not self.given

    @property
    def surname(self) -> str:
        """With its particle: `van der Maaten`."""
        return f"{self.particle} {self.family}" if self.particle else self.family


_NO_PERSON = re.compile(r"\d|^[\W_]+ |(?: |^|,)[\W_]+$")
"""Digits, or no letter in the first or the last word."""
_UNSPACED = re.compile(
    "[\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Chinese characters, kana and hangul: the order of the parts is not ours to guess."""


def split(text: str) -> Name:
    """`text` is one name on one line. Nothing of it is lost but a comma, and an "and" that stands before it."""
    words = text.split()
    if len(words) > 2 and words[0].lower() == "and":  # noqa: PLR2004 -- from a list that was cut badly
        words = words[1:]
    whole = " ".join(words)
    if len(words) < 2 or _is_team(words) or _NO_PERSON.search(whole):  # noqa: PLR2004 -- a single name
        return Name(whole)
    if not whole.isascii() and _UNSPACED.search(whole):
        return Name(whole)
    if "," in whole:
        return _with_comma(whole)
    *rest, last = words
    if len(rest) > 1 and last.rstrip(".").lower() in known.SUFFIXES:
        return _person(rest, suffix=last)
    return _person(words)


def _is_team(words: list[str]) -> bool:
    return any(
        word.strip(".,:()").lower() in known.TEAM
        or word in known.TEAM_AS_WRITTEN
        or word.endswith("Team")
        for word in words
    )


def _with_comma(text: str) -> Name:
    """`Davis, Jr.` after a name, or the surname first; what has more commas is left whole."""
    parts = [part.split() for part in text.split(",")]
    if len(parts) == 2 and all(parts):  # noqa: PLR2004 -- one comma
        before, after = parts
        if " ".join(after).rstrip(".").lower() in known.SUFFIXES:
            return _person(before, " ".join(after)) if len(before) > 1 else Name(text)
        particle, family = _particle(before)
        return Name(" ".join(family), " ".join(after), " ".join(particle))
    return Name(text)


def _person(words: list[str], suffix: str = "") -> Name:
    start = _surname_at(words)
    particle, family = _particle(words[start:])
    return Name(" ".join(family), " ".join(words[:start]), " ".join(particle), suffix)


def _surname_at(words: list[str]) -> int:
    """Where the surname begins; never at the first word."""
    for at in range(1, len(words) - 1):
        if words[at] in known.CONJUNCTIONS and at > 1:
            return at - 1
        if words[at] in known.PARTICLES:
            return _back(words, at)
    at = len(words) - 1
    if words[at] in known.GENERATIONS and at > 1:
        at -= 1
    if words[at - 1] == "Van" and _folded(words[at]) in known.AFTER_MIDDLE_VAN:
        return at
    return _back(words, at)


def _back(words: list[str], at: int) -> int:
    while at > 1 and words[at - 1] in known.CAPITALISED:
        at -= 1
    return at


def _particle(words: list[str]) -> tuple[list[str], list[str]]:
    """The particles in lower case that a surname begins with, and the surname."""
    count = 0
    while count < len(words) - 1 and words[count] in known.PARTICLES:
        count += 1
    return words[:count], words[count:]


def _folded(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", word) if c.isascii())
