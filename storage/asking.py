"""How a query is put to the index: built term by term, never parsed from text."""

import re
from datetime import date

from tantivy import FieldType, Occur, Schema
from tantivy import Query as Asked

from bot.domain.papers import Paper, parse_paper_id
from bot.domain.search import Query, Word
from storage.columns import MAX_INT
from storage.terms import exact, names, stems

_STOP_WORDS = """
a about all also an and any are article articles as at be been by can concerning could do does
find for from get give has have how i in into is it its know like list literature looking me my
need of on or our paper papers please provide publication publications read recommend reference
references regarding relevant research search show some studies study such suggest tell than
that the their them there these they this those to us use uses using want was we were what when
where which while who will with work works would you your
"""

STOP = frozenset(_STOP_WORDS.split())
"""Dropped from a query, unless it has nothing else: articles and the like, and words of asking."""

_MOST_TERMS = 64
_FEW = 4
_EXACT = 1_000.0
_NAMED = 1_000_000.0


def whole(query: Query, shape: Schema) -> Asked:
    """The query as the index takes it."""
    parts = [(Occur.Must, part) for part in _filters(query, shape)]
    wanted = [word for word in query.words if not word.excluded]
    if wanted:
        parts.append((Occur.Must, _wanted(wanted, shape)))
    parts += [
        (Occur.MustNot, _run(shape, "text", said))
        for word in query.words
        if word.excluded and (said := stems(word.text))
    ]
    if not any(occur == Occur.Must for occur, _ in parts):
        parts.append((Occur.Must, Asked.all_query()))
    return Asked.boolean_query(parts)


def _wanted(words: list[Word], shape: Schema) -> Asked:
    """Loose words are alternatives, a phrase must be there; a paper's id or whole title comes first."""
    title = exact(" ".join(word.text for word in words))
    named = Asked.term_query(shape, "exact", title)
    either = [
        Asked.const_score_query(Asked.term_query(shape, "id", id), _NAMED)
        for word in words
        if (id := parse_paper_id(word.text))
    ]
    loose = [word for word in words if not word.phrase and not parse_paper_id(word.text)]
    either += [_word(shape, stem, name) for stem, name in _tokens(loose)]
    if title:
        either.append(Asked.const_score_query(named, _EXACT))
    phrases = [_phrase(shape, word.text) for word in words if word.phrase]
    if not phrases:
        return _any(either)
    parts = [(Occur.Must, phrase) for phrase in phrases if phrase is not None]
    parts += [(Occur.Should, part) for part in either]
    return Asked.boolean_query(parts) if parts else Asked.empty_query()


def _any(parts: list[Asked]) -> Asked:
    return Asked.boolean_query([(Occur.Should, part) for part in parts])


def _tokens(words: list[Word]) -> list[tuple[str, str]]:
    """(stem, word) of each that says something; all of them when none does."""
    text = " ".join(word.text for word in words)
    pairs = dict(zip(stems(text), names(text), strict=True))
    telling = [(stem, name) for stem, name in pairs.items() if name not in STOP]
    return (telling or list(pairs.items()))[:_MOST_TERMS]


def _word(shape: Schema, stem: str, name: str) -> Asked:
    """A word in the text; or, for less, in a name."""
    text = Asked.term_query(shape, "text", stem)
    who = [Asked.term_query(shape, field, name) for field in ("authors", "organization")]
    return Asked.disjunction_max_query([text, *(Asked.boost_query(one, 0.5) for one in who)])


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


def _filters(query: Query, shape: Schema) -> list[Asked]:
    found = []
    for field, text in (("authors", query.author), ("organization", query.organization)):
        if text:  # a middle initial may stand between
            found.append(_run_or_nothing(shape, field, names(text), slop=1))
    if query.keyword:
        found.append(_run_or_nothing(shape, "keywords", stems(query.keyword)))
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
    return found


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


def why(query: Query, paper: Paper) -> str:
    """Why this paper was found, in a few words; empty where that goes without saying."""
    words = [word for word in query.words if not word.excluded]
    if any(parse_paper_id(word.text) == paper.id for word in words):
        return "its arXiv id"
    if words and exact(" ".join(word.text for word in words)) == exact(paper.title):
        return "its title"
    said = " ".join((paper.title, paper.abstract, paper.ai_summary, *paper.keywords))
    in_text = set(stems(said))
    in_names = set(names(" ".join((*paper.authors, paper.organization or ""))))
    asked = _tokens(words)
    if len(asked) == 1 and asked[0][0] in in_text:
        return ""
    matched = [name for stem, name in asked if stem in in_text or name in in_names]
    return ", ".join(matched[:_FEW]) + (" …" if len(matched) > _FEW else "")
