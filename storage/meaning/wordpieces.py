"""BERT's uncased wordpieces in plain Python: text in, numbers of pieces out."""

import re
import unicodedata
from array import array
from collections.abc import Sequence
from functools import lru_cache

LONGEST_TEXT = 20_000
"""Characters of a text that are read: five times the longest abstract on arXiv."""

LONGEST_WORD = 100
"""A longer word is unknown, as in BERT."""

PACKED = "I"
"""Whole numbers of 32 bits without a sign, as `array` calls them."""

_REMEMBERED = 65_536
"""Words whose pieces are kept: text repeats itself, and splitting is what takes time."""

_FREQUENT = ",.-():/;'"
"""Signs that are set apart before words are remembered: a word is then the same with a comma and without."""

_WORDS = re.compile(r"[^\s!-/:-@\[-`{-~]+|[!-/:-@\[-`{-~]")
"""A word, or one of the signs BERT calls punctuation: every printable ASCII sign."""

_STRANGE = re.compile(r"[^\t\n\r -~]+")
_IDEOGRAPHS = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B820, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)
"""Each of these is a word by itself: there are no spaces between them."""


class Wordpieces:
    """A vocabulary, `##` before what continues a word. The longest piece wins, from left to right."""

    def __init__(self, pieces: Sequence[str]) -> None:
        self._ids = {piece: id for id, piece in enumerate(pieces)}
        self._longest = max(map(len, pieces), default=0)
        self._unknown = (self._ids["[UNK]"],) if "[UNK]" in self._ids else ()
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._token)

    def ids(self, text: str) -> list[int]:
        """The pieces of any text; a word that cannot be put together from pieces is `[UNK]`."""
        return array(PACKED, self.packed(text)).tolist()

    def packed(self, text: str) -> bytes:
        """The same as an array of `PACKED` in memory: nothing is quicker for long texts."""
        tokens = _tokens(text)
        if max(map(len, tokens), default=0) > LONGEST_WORD:  # not worth remembering
            return b"".join(map(self._token, tokens))
        return b"".join(map(self._remembered, tokens))

    def _token(self, token: str) -> bytes:
        """The pieces of what stands between two spaces."""
        ids = [id for word in _WORDS.findall(token) for id in self._split(word)]
        return array(PACKED, ids).tobytes()

    def _split(self, word: str) -> tuple[int, ...]:
        if len(word) > LONGEST_WORD:
            return self._unknown
        found: list[int] = []
        start = 0
        while start < len(word):
            mark = "##" if start else ""
            for end in range(min(len(word), start + self._longest), start, -1):
                id = self._ids.get(mark + word[start:end])
                if id is not None:
                    break
            else:
                return self._unknown
            found.append(id)
            start = end
        return tuple(found)


def words(text: str) -> list[str]:
    """Lower case, without accents, each punctuation mark by itself."""
    return [word for token in _tokens(text) for word in _WORDS.findall(token)]


def _tokens(text: str) -> list[str]:
    """What stands between spaces and frequent signs, in lower case and without accents."""
    text = text[:LONGEST_TEXT].lower()
    if not text.isascii() or not text.isprintable():
        text = _STRANGE.sub(_plain, unicodedata.normalize("NFD", text))
    for sign in _FREQUENT:
        text = text.replace(sign, f" {sign} ")
    return text.split()


def _plain(match: re.Match[str]) -> str:
    return "".join(map(_sign, match.group()))


@lru_cache(maxsize=4_096)
def _sign(sign: str) -> str:
    """What BERT makes of one character that is not printable ASCII."""
    category = unicodedata.category(sign)
    if sign.isspace() and category == "Zs":
        return " "
    if category == "Mn" or category[0] == "C" or sign == "\N{REPLACEMENT CHARACTER}":
        return ""
    code = ord(sign)
    alone = category[0] == "P" or any(first <= code <= last for first, last in _IDEOGRAPHS)
    return f" {sign} " if alone else sign
