"""What people may be about to write: titles, ids, and names of authors, organisations and keywords."""

from bot.domain.papers import PaperId
from bot.domain.search import Field, Sort
from storage.asking import completing
from storage.columns import clean
from storage.terms import NAMED, SAMPLES, names_key
from storage.view import View

_LONGEST = 1_000
_LOOKED_AT = 20_000
"""Names that begin so are looked at, at most; among them the most frequent are chosen."""
_IN_TIME, _IN_DOUBT = 4_000, 3
"""So many, or a few times as many, are looked at quickly enough."""
_NAMES = 6
"""Words that a paper's authors have, in the mean and about, by which they may be looked for."""
_BEGIN_SO = (1.0, 0.1, 0.05, 0.01, 0.004, 0.001)
"""The share of these that begin with so many given letters, for common beginnings."""


def titles(view: View, prefix: str, limit: int) -> list[PaperId]:
    """Papers whose id begins so, then those whose title has every word, the last of them perhaps unfinished."""
    typed = clean(prefix, _LONGEST).strip()
    if limit <= 0:
        return []
    found: list[PaperId] = []
    if typed[:1].isdigit() and typed.isascii():
        terms = view.searcher.terms_with_prefix("id", typed, limit=limit)
        found = [PaperId(id) for id, _ in terms]
    if (asked := completing(typed, view.shape)) and len(found) < limit:
        found += view.take(asked, Sort.UPVOTES, 0, limit, count=False).slice().ids
    return [*dict.fromkeys(found)][:limit]


def names(view: View, field: Field, prefix: str, limit: int) -> list[str]:
    """Names with a word that begins so, those of most papers first.

    Where very many begin so, they are told from a sample of the papers, unless that has too few.
    """
    found: list[str] = []
    for sample in _samples(view.searcher.num_docs, len(prefix.strip())):
        start = names_key(field, prefix, sample)
        papers: dict[str, int] = {}
        for term, count in view.searcher.terms_with_prefix("known", start, limit=_LOOKED_AT):
            name = term.partition(NAMED)[2]
            papers[name] = max(papers.get(name, 0), count)
        found = sorted(papers, key=lambda name: (-papers[name], name))[: max(limit, 0)]
        if len(found) >= limit:
            break
    return found


def _samples(papers: int, typed: int) -> list[int]:
    """The samples to look at in turn: the first has not many more names than can be looked at in time."""
    share = _BEGIN_SO[min(typed, len(_BEGIN_SO) - 1)]
    enough = papers * _NAMES * share / _IN_TIME
    first = next((one for one in SAMPLES if enough / one < _IN_DOUBT), SAMPLES[-1])
    return [one for one in reversed(SAMPLES) if one <= first]
