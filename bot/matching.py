"""Whether a paper is one that somebody follows. Pure; accents and letter case count nowhere.

A follow may name an author, an organisation and words; a paper has to fit all that it names.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import takewhile

from bot.domain.papers import Paper
from bot.domain.subscriptions import Terms

SHORTEST_STEM = 4
"""Filter words of this length and up match what begins with them: `survey` finds "surveys"."""

_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "ı": "i"})
"""Letters that are no letter with a mark, and are yet written without it where a keyboard lacks them."""


def fold(text: str) -> str:
    """Lower case, without accents; two spellings of one word become the same."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(c for c in apart if not unicodedata.combining(c)).translate(_LETTERS)


@lru_cache(maxsize=1024)
def pattern(phrase: str) -> re.Pattern[str]:
    """The phrase at the beginning of words, whatever its case, spacing or hyphens."""
    words = [re.escape(word) for word in re.split(r"[\s\-]+", phrase) if word]
    end = "" if len(phrase) >= SHORTEST_STEM else r"(?!\w)"
    return re.compile(r"(?<!\w)" + r"[\s\-]+".join(words) + end, re.IGNORECASE)


@lru_cache(maxsize=1024)
def _name(organization: str) -> re.Pattern[str]:
    """Whole words of an organisation's name: `meta` is not in "MetaGPT"."""
    words = [re.escape(word) for word in re.split(r"[\s\-]+", fold(organization)) if word]
    return re.compile(r"(?<!\w)" + r"[\s\-]+".join(words) + r"(?!\w)")


def text_of(paper: Paper) -> str:
    """Where words are looked for."""
    return "\n".join((paper.title, paper.abstract, paper.ai_summary, *paper.keywords))


def matches(terms: Terms, paper: Paper) -> bool:
    """Whether the paper has everything that the terms name, and nothing that they exclude; they name something."""
    return bool(terms.author or terms.organization or terms.words) and (
        _has_names(terms, paper) and _has_words(terms, fold(text_of(paper)))
    )


def _has_names(terms: Terms, paper: Paper) -> bool:
    if terms.organization and not _name(terms.organization).search(fold(paper.organization or "")):
        return False
    return not terms.author or any(same_author(terms.author, name) for name in paper.authors)


def _has_words(terms: Terms, text: str) -> bool:
    return all(pattern(fold(word)).search(text) for word in terms.words) and not any(
        pattern(fold(word)).search(text) for word in terms.exclude
    )


@lru_cache(maxsize=65_536)
def name_words(name: str) -> tuple[str, ...]:
    """The words of a name in their order: `LeCun, Yann` and `Yann LeCun` have the same."""
    last, comma, first = name.partition(",")
    folded = fold(f"{first} {last}" if comma and first.strip() else name)
    return tuple(re.findall(r"[^\W_]+", folded.replace("'", "").replace("’", "")))


def same_author(wanted: str, name: str) -> bool:
    """Whether a name on a paper is, as far as names tell, who is wanted.

    All words that are wanted stand in the name in their order; an initial stands for a word on either side, but
    never for the last that is wanted. Middle initials may be missing, and spaces within a name do not count.
    """
    want, have = name_words(wanted), name_words(name)
    if not want or not have:
        return False
    if "".join(want) == "".join(have):
        return True
    several = len(want) > 1
    if several and sorted(want) == sorted(have):
        return True
    if _in_order(want, have):
        return True
    short = (want[0], *(word for word in want[1:-1] if len(word) > 1), want[-1])
    return several and short != want and _in_order(short, have)


def _in_order(want: Sequence[str], have: Sequence[str]) -> bool:
    if not any(len(word) > 1 for word in want):
        return False
    rest = iter(have)
    *given, last = want
    return all(any(_stands_for(word, one) for one in rest) for word in given) and any(
        last == one or (len(last) == 1 and one.startswith(last)) for one in rest
    )


def _stands_for(word: str, other: str) -> bool:
    return word == other or (1 in (len(word), len(other)) and word[0] == other[0])


class Window:
    """Papers in which many follows are looked up: only those that can match are looked at."""

    def __init__(self, papers: Iterable[Paper]) -> None:
        self.papers = tuple(papers)
        self._texts = [fold(text_of(paper)) for paper in self.papers]
        self._names = _Beginnings(
            (word for name in paper.authors for word in _spellings(name)) for paper in self.papers
        )
        self._words = _Beginnings(re.findall(r"\w+", text) for text in self._texts)

    def find(self, terms: Terms) -> list[Paper]:
        """Those that match, in their order."""
        if not (terms.author or terms.organization or terms.words):
            return []
        return [
            self.papers[n]
            for n in sorted(self._candidates(terms))
            if _has_names(terms, self.papers[n]) and _has_words(terms, self._texts[n])
        ]

    def _candidates(self, terms: Terms) -> set[int]:
        found = set(range(len(self.papers)))
        if terms.author:
            words = name_words(terms.author)
            # the last word is spelt out in every match, or is part of one that is written as one
            found &= self._names.of(words[-1]) | self._names.of("".join(words)) if words else set()
        for word in terms.words:
            if lead := re.match(r"\w+", fold(word)):
                found &= self._words.of(lead[0])
        return found


def _spellings(name: str) -> Iterator[str]:
    words = name_words(name)
    yield from words
    yield "".join(words)


class _Beginnings:
    """Which texts have a word that begins so."""

    def __init__(self, texts: Iterable[Iterable[str]]) -> None:
        places: dict[str, set[int]] = {}
        for number, words in enumerate(texts):
            for word in words:
                places.setdefault(word, set()).add(number)
        self._places = places
        self._sorted = sorted(places)

    def of(self, start: str) -> set[int]:
        first = bisect_left(self._sorted, start)
        words = (self._sorted[n] for n in range(first, len(self._sorted)))
        found: set[int] = set()
        return found.union(
            *(self._places[word] for word in takewhile(lambda word: word.startswith(start), words))
        )
