"""What is indexed of a paper, and in which fields."""

from collections.abc import Iterator
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
from bot.domain.search import Field, Has, Sort
from storage.columns import clean
from storage.ledger import has_of, key_of


def _analyzer(*more: Filter) -> TextAnalyzer:
    builder = TextAnalyzerBuilder(Tokenizer.simple())
    for step in (Filter.remove_long(64), Filter.lowercase(), Filter.ascii_fold(), *more):
        builder = builder.filter(step)
    return builder.build()


_NAMES = _analyzer()
_STEMS = _analyzer(Filter.stemmer("english"))
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
    builder.add_text_field("known", tokenizer_name="raw", index_option="basic")
    for name in ("key", "day", "upvotes", *ORDERS.values()):
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
        if has_of(paper, has):
            made.add_text("has", has)
    for term in _known(paper):
        made.add_text("known", term)
    day = paper.featured or paper.published
    made.add_unsigned("key", key_of(paper.id))
    made.add_unsigned("day", day.toordinal() if day else 0)
    made.add_unsigned("upvotes", paper.upvotes)
    stars = 0 if paper.stars is None else paper.stars + 1
    last = _last(day, paper.id)
    for order, figure in ((Sort.NEW, 0), (Sort.UPVOTES, paper.upvotes), (Sort.STARS, stars)):
        made.add_unsigned(ORDERS[order], min(figure, 2**19 - 1) << 45 | last)
    return made


def _known(paper: Paper) -> Iterator[str]:
    """What leads to each of the paper's names."""
    samples = [one for one in SAMPLES if key_of(paper.id) % one == 0]
    for field, called in (
        (Field.AUTHOR, paper.authors),
        (Field.ORGANIZATION, (paper.organization or "",)),
        (Field.KEYWORD, paper.keywords),
    ):
        for name in called:
            for term in completions(field, name):
                yield from (f"{sample}{term}" for sample in samples)


def completions(field: Field, name: str) -> list[str]:
    """What leads from the beginning of each of a name's words to the name: the words from there on, then
    those before, and behind a sign that no word has the name as it is written."""
    shown = " ".join(clean(name, _LONGEST_NAME).split())
    plain = shown.isascii() and shown.replace(" ", "").isalnum()
    words = (shown.lower().split() if plain else names(shown))[:_MOST_WORDS]
    tail = f"{NAMED}{shown}"
    turns = {" ".join(words[place:] + words[:place]) for place in range(len(words))}
    return [f"{field}:{turn}{tail}" for turn in turns]


def names_key(field: Field, typed: str, sample: int = 1) -> str:
    """How the terms begin that lead to names beginning so, of one paper in so many."""
    return f"{sample}{field}:{' '.join(names(clean(typed, _LONGEST_NAME))[:_MOST_WORDS])}"


SAMPLES = (1, 16, 256)
"""Names are kept of every paper, and once more of one in so many: where very many begin so, those suffice to
tell the most frequent."""
NAMED = "\x1f"
"""Stands between what leads to a name and the name."""
_LONGEST_NAME = 120
_MOST_WORDS = 6


def _last(day: date | None, id: str) -> int:
    """What decides among equal figures: the day, then the id, so that pages never overlap."""
    days = max(day.toordinal() - _DAYS_FROM, 0) + 1 if day else 0
    month, _, serial = id.partition(".")
    unique = int(f"{month}{serial:0>5}") if month.isdecimal() and serial.isdecimal() else 0
    return min(days, 2**15 - 1) << 30 | min(unique, 2**30 - 1)


_DAYS_FROM = date(1990, 1, 1).toordinal()


def exact(title: str) -> str:
    """A title as it is compared with what somebody typed."""
    return " ".join(names(title))[:500]
