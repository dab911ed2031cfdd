"""What is indexed of a paper, and in which fields."""

from datetime import date

from tantivy import (
    Document,
    Filter,
    Index,
    Schema,
    SchemaBuilder,
    TextAnalyzer,
    TextAnalyzerBuilder,
    Tokenizer,
)

from bot.domain.papers import Paper
from bot.domain.search import Has, Sort
from storage.columns import clean


def _analyzer(*, stemmed: bool) -> TextAnalyzer:
    builder = TextAnalyzerBuilder(Tokenizer.simple())
    for step in (Filter.remove_long(64), Filter.lowercase(), Filter.ascii_fold()):
        builder = builder.filter(step)
    return (builder.filter(Filter.stemmer("english")) if stemmed else builder).build()


_STEMS = _analyzer(stemmed=True)
_NAMES = _analyzer(stemmed=False)
_LONGEST = 100_000


def stems(text: str) -> list[str]:
    """The words of a text as the index knows them."""
    return _STEMS.analyze(clean(text, _LONGEST))


def names(text: str) -> list[str]:
    """The words as they are written, without case and accents: one for each of `stems`."""
    return _NAMES.analyze(clean(text, _LONGEST))


ORDERS = {Sort.NEW: "by_day", Sort.UPVOTES: "by_upvotes", Sort.STARS: "by_stars"}
"""The fields that results are sorted by."""


def schema() -> Schema:
    """`text` answers words; the others answer filters, completion, exact matches and orders."""
    builder = SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("exact", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("text", tokenizer_name="stems")
    builder.add_text_field("keywords", tokenizer_name="stems")
    builder.add_text_field("title", tokenizer_name="names", index_option="basic")
    builder.add_text_field("authors", tokenizer_name="names")
    builder.add_text_field("organization", tokenizer_name="names")
    builder.add_text_field("has", tokenizer_name="raw", index_option="basic")
    for name in ("day", "upvotes", *ORDERS.values()):
        builder.add_unsigned_field(name, fast=True)
    return builder.build()


def register(index: Index) -> None:
    """Make our analyzers known; to be done each time an index is opened."""
    index.register_tokenizer("stems", _STEMS)
    index.register_tokenizer("names", _NAMES)


def document(paper: Paper) -> Document:
    """The paper as the index takes it."""
    made = Document()
    made.add_text("id", paper.id)
    made.add_text("exact", exact(paper.title))
    for text in (paper.title, paper.title, paper.abstract, paper.ai_summary, *paper.keywords):
        made.add_text("text", text)  # the title twice: it weighs double
    for keyword in paper.keywords:
        made.add_text("keywords", keyword)
    made.add_text("title", paper.title)
    for author in paper.authors:
        made.add_text("authors", author)
    made.add_text("organization", paper.organization or "")
    for has in Has:
        if _has(paper, has):
            made.add_text("has", has)
    day = paper.featured or paper.published
    made.add_unsigned("day", day.toordinal() if day else 0)
    made.add_unsigned("upvotes", paper.upvotes)
    made.add_unsigned(ORDERS[Sort.NEW], _rank(0, day, paper.id))
    made.add_unsigned(ORDERS[Sort.UPVOTES], _rank(paper.upvotes, day, paper.id))
    made.add_unsigned(
        ORDERS[Sort.STARS], _rank(0 if paper.stars is None else paper.stars + 1, day, paper.id)
    )
    return made


def _has(paper: Paper, has: Has) -> bool:
    match has:
        case Has.CODE:
            return bool(paper.code_url)
        case Has.VIDEO:
            return paper.has_video
        case Has.SUMMARY:
            return bool(paper.ai_summary)


def _rank(number: int, day: date | None, id: str) -> int:
    """One sortable number: the figure, then the day, then the id, so that pages never overlap."""
    days = max(day.toordinal() - _DAYS_FROM, 0) + 1 if day else 0
    month, _, serial = id.partition(".")
    unique = int(f"{month}{serial:0>5}") if month.isdecimal() and serial.isdecimal() else 0
    return min(number, 2**19 - 1) << 45 | min(days, 2**15 - 1) << 30 | min(unique, 2**30 - 1)


_DAYS_FROM = date(1990, 1, 1).toordinal()


def exact(title: str) -> str:
    """A title as it is compared with what somebody typed."""
    return " ".join(names(title))[:500]
