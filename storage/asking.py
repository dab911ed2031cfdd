"""How a query is put to the index: built term by term, never parsed from text."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from tantivy import FieldType, Occur, Schema
from tantivy import Query as Asked

from bot.domain.papers import PaperId, parse_paper_id
from bot.domain.search import Query, Sort, Word
from storage.columns import MAX_INT
from storage.terms import exact, names, stems

_ASKING = """
article articles find give know list literature looking paper papers please provide publication
publications read recommend reference references regarding relevant research search show some
studies study suggest tell work works
"""

_BARE = """
a about all also an and any are as at be been by can concerning could do does
for from get has have how i in into is it its like me my
need of on or our such than
that the their them there these they this those to us use uses using want was we were what when
where which while who will with would you your
"""

ASKING = frozenset(_ASKING.split())
"""Words of a request, which say nothing of what is wanted."""

STOP = ASKING | frozenset(_BARE.split())
"""Dropped from a query, unless it has nothing else: articles and the like, and words of asking."""

_MOST_TERMS = 64
_NEAR, _NEARER = 9, 4
"""Letters from which on two slips, or one, are forgiven."""

_ID, _TITLE, _AUTHOR = 4.0, 2.0, 1.0


def wanted(query: Query) -> list[Word]:
    """The words that are looked for."""
    return [word for word in query.words if not word.excluded]


def whole(query: Query, shape: Schema, *, forgiving: bool = False) -> Asked:
    """The query as the index takes it; a forgiving one takes words that are spelled nearly so."""
    parts = _bounds(query, shape)
    if words := wanted(query):
        parts.append((Occur.Must, _wanted(words, shape, forgiving=forgiving)))
    return _all_of(parts)


def among(query: Query, ids: Iterable[PaperId], shape: Schema, *, forgiving: bool) -> Asked:
    """Those of these papers that pass, by what the words alone make of them: nothing is 0."""
    words = _wanted(wanted(query), shape, forgiving=forgiving)
    parts = [*_bounds(query, shape), (Occur.Must, _these(ids, shape)), (Occur.Should, words)]
    return Asked.boolean_query(parts)


def named(query: Query, asked: Asked, shape: Schema) -> Asked | None:
    """Of what was asked, papers called by their id, their whole title or, less, an author's whole name.

    None without any name.
    """
    words = wanted(query)
    said = names(" ".join(word.text for word in words))
    parts = [
        Asked.const_score_query(Asked.term_query(shape, "id", id), _ID)
        for word in words
        if (id := parse_paper_id(word.text))
    ]
    if said:
        title = Asked.term_query(shape, "exact", exact(" ".join(said)))
        parts.append(Asked.const_score_query(title, _TITLE))
    if 1 < len(said) <= _MOST_NAMES:
        parts.append(Asked.const_score_query(_run(shape, "authors", said, slop=1), _AUTHOR))
    if not parts:
        return None
    matching = Asked.const_score_query(asked, 0.0)
    return Asked.boolean_query([(Occur.Must, matching), (Occur.Must, _any(parts))])


_MOST_NAMES = 5


def meaning(query: Query) -> str:
    """What the words say, for a search by meaning; empty where they are to be taken literally."""
    words = wanted(query)
    if query.sort is not Sort.RELEVANCE or any(word.phrase for word in words):
        return ""
    said = [word.text for word in words if not parse_paper_id(word.text)]
    telling = [text for text in said if not ASKING.issuperset(names(text))]
    return " ".join(telling or said)


def like(title: str, keywords: Sequence[str], but: PaperId, shape: Schema) -> Asked:
    """Papers with words of this title and these keywords, other than this one."""
    words = [Word(title), *map(Word, keywords)]
    itself = Asked.term_query(shape, "id", but)
    either = _any([_word(shape, stem, name) for stem, name in telling(words)])
    return Asked.boolean_query([(Occur.Must, either), (Occur.MustNot, itself)])


def limits(query: Query, shape: Schema) -> Asked | None:
    """The filters that only the index can tell: names and keywords."""
    parts = _names(query, shape)
    return _all_of([(Occur.Must, part) for part in parts]) if parts else None


def _bounds(query: Query, shape: Schema) -> list[tuple[Occur, Asked]]:
    """What a paper must and must not be, whatever its score."""
    parts = [(Occur.Must, Asked.const_score_query(part, 0.0)) for part in _filters(query, shape)]
    excluded = [stems(word.text) for word in query.words if word.excluded]
    parts += [(Occur.MustNot, _run(shape, "text", said)) for said in excluded if said]
    return parts


def _all_of(parts: list[tuple[Occur, Asked]]) -> Asked:
    if not any(occur == Occur.Must for occur, _ in parts):
        parts = [*parts, (Occur.Must, Asked.all_query())]
    return Asked.boolean_query(parts)


def _wanted(words: list[Word], shape: Schema, *, forgiving: bool) -> Asked:
    """Loose words are alternatives, a phrase must be there."""
    either = [
        Asked.const_score_query(Asked.term_query(shape, "id", id), 0.0)
        for word in words
        if (id := parse_paper_id(word.text))
    ]
    loose = [word for word in words if not word.phrase and not parse_paper_id(word.text)]
    one = _nearly if forgiving else _word
    often = Counter(stems(" ".join(word.text for word in loose)))
    for stem, name in telling(loose):  # what is said twice is meant the more
        said = one(shape, stem, name)
        either.append(Asked.boost_query(said, float(often[stem])) if often[stem] > 1 else said)
    phrases = [_phrase(shape, word.text) for word in words if word.phrase]
    if not phrases:
        return _any(either)
    parts = [(Occur.Must, phrase) for phrase in phrases if phrase is not None]
    parts += [(Occur.Should, part) for part in either]
    return Asked.boolean_query(parts) if parts else Asked.empty_query()


def _any(parts: list[Asked]) -> Asked:
    return Asked.boolean_query([(Occur.Should, part) for part in parts])


def telling(words: Sequence[Word]) -> list[tuple[str, str]]:
    """(stem, word) of each that says something; all of them when none does."""
    text = " ".join(word.text for word in words)
    pairs = dict(zip(stems(text), names(text), strict=True))
    found = [(stem, name) for stem, name in pairs.items() if name not in STOP]
    return (found or list(pairs.items()))[:_MOST_TERMS]


def _word(shape: Schema, stem: str, name: str) -> Asked:
    """A word in the text; or, for less, in a name."""
    text = Asked.term_query(shape, "text", stem)
    who = [Asked.term_query(shape, field, name) for field in ("authors", "organization")]
    return Asked.disjunction_max_query([text, *(Asked.boost_query(one, 0.5) for one in who)])


def _nearly(shape: Schema, stem: str, name: str) -> Asked:
    """A word that is spelled almost so, beginning alike; short words have to be right."""
    spelled = [("text", stem), ("title", name), ("authors", name), ("organization", name)]
    slips = [slips_in(stem), *[slips_in(name)] * 3]
    if not slips[0]:
        return _word(shape, stem, name)
    return _any(
        [
            Asked.fuzzy_term_query(shape, field, said, wrong)
            for (field, said), wrong in zip(spelled, slips, strict=True)
        ]
    )


def slips_in(name: str) -> int:
    """How many letters of a word may be wrong."""
    return 2 if len(name) >= _NEAR else int(len(name) >= _NEARER)


def _phrase(shape: Schema, text: str) -> Asked | None:
    words = names(text)
    if not words:
        return None
    who = (_run(shape, field, words) for field in ("authors", "organization"))
    return _any([_run(shape, "text", stems(text)), *who])


def _run(shape: Schema, field: str, terms: list[str], slop: int = 0) -> Asked:
    """These terms in a row; a phrase query of one term would panic."""
    if len(terms) == 1:
        return Asked.term_query(shape, field, terms[0])
    return Asked.phrase_query(shape, field, list(terms[:_MOST_TERMS]), slop)


def _names(query: Query, shape: Schema) -> list[Asked]:
    found = []
    for field, text in (("authors", query.author), ("organization", query.organization)):
        if text:  # a middle initial may stand between
            found.append(_run_or_nothing(shape, field, names(text), slop=1))
    if query.keyword:
        found.append(_run_or_nothing(shape, "keywords", stems(query.keyword)))
    return found


def _filters(query: Query, shape: Schema) -> list[Asked]:
    found = _names(query, shape)
    found += [Asked.term_query(shape, "has", has) for has in sorted(query.has)]
    if query.since or query.until:
        first = query.since.toordinal() if query.since else 1
        last = query.until.toordinal() if query.until else date.max.toordinal()
        found.append(Asked.range_query(shape, "day", FieldType.Unsigned, first, last))
    if query.min > 0:
        found.append(
            Asked.range_query(
                shape, "upvotes", FieldType.Unsigned, min(query.min, MAX_INT), MAX_INT
            )
        )
    if query.within is not None:
        found.append(_these(query.within, shape))
    return found


def _these(ids: Iterable[PaperId], shape: Schema) -> Asked:
    known = sorted(ids)
    if not known:
        return Asked.empty_query()
    return Asked.const_score_query(Asked.term_set_query(shape, "id", known), 0.0)


def _run_or_nothing(shape: Schema, field: str, terms: list[str], slop: int = 0) -> Asked:
    return _run(shape, field, terms, slop) if terms else Asked.empty_query()


def completing(prefix: str, shape: Schema) -> Asked | None:
    """Titles with every word typed and one that begins like the last; None when nothing was typed."""
    words = names(prefix)[:_MOST_TERMS]
    if not words:
        return None
    parts = [Asked.term_query(shape, "title", word) for word in words[:-1]]
    parts.append(Asked.regex_query(shape, "title", f"{re.escape(words[-1])}.*"))
    return Asked.boolean_query([(Occur.Must, part) for part in parts])
