"""Why a paper was found, in a few words."""

import re
from collections.abc import Sequence

from bot.domain.papers import Paper, parse_paper_id
from bot.domain.search import Query, Word
from storage.asking import STOP, telling, wanted
from storage.terms import exact, names, stems

_FEW = 4
MEANING = "similar in meaning"
SPELLING = "spelled nearly so"


def why(query: Query, paper: Paper, *, forgiven: bool = False) -> str:
    """What of the query is in the paper; empty where that goes without saying."""
    words = wanted(query)
    if any(parse_paper_id(word.text) == paper.id for word in words):
        return "its arXiv id"
    said = exact(" ".join(word.text for word in words))
    if said and said == exact(paper.title):
        return "its title"
    asked = telling(words)
    if not asked:
        return ""
    text, who = _words(paper, asked)
    if len(asked) == 1 and asked[0][0] in text:
        return ""
    found = [name for stem, name in asked if stem in text or name in who]
    return _few(found) or (SPELLING if forgiven else MEANING)


def alike(paper: Paper, other: Paper) -> str:
    """What another paper shares with this one: keywords, else words of the title."""
    known = {keyword.casefold() for keyword in paper.keywords}
    shared = [keyword for keyword in other.keywords if keyword.casefold() in known]
    if not shared:
        asked = telling([Word(paper.title)])
        text, _ = _words(other, asked)
        shared = [name for stem, name in asked if stem in text and name not in STOP]
    return _few(shared) or MEANING


def _words(paper: Paper, asked: Sequence[tuple[str, str]]) -> tuple[set[str], set[str]]:
    """The stems that may be asked for, and the words of names.

    A stem begins as its word does (but for "dying", of "die"), so that not every word need be brought to its stem.
    """
    said = " ".join((paper.title, paper.abstract, paper.ai_summary, *paper.keywords))
    if said.isascii():
        starts = {re.escape(one[:2]) for pair in asked for one in pair}
        said = " ".join(
            re.findall(rf"(?<![a-z0-9])(?:{'|'.join(sorted(starts))})[a-z0-9]*", said.lower())
        )
    return set(stems(said)), set(names(" ".join((*paper.authors, paper.organization or ""))))


def _few(found: list[str]) -> str:
    return ", ".join(found[:_FEW]) + (" …" if len(found) > _FEW else "")
