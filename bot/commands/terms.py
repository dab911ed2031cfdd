"""The qualifiers of a subscription, and how its terms read."""

from datetime import time

from bot.commands.clock import Time, Weekdays, Zone
from bot.commands.spec import Asked, Parameter
from bot.commands.values import Choice, Integer, Text, listing
from bot.domain.errors import UserError
from bot.domain.subscriptions import Edition, Layout, Terms

MOST_WORDS = 20
LONGEST_WORD = 80
MOST_TOP = 50
MOST_UPVOTES = 10_000
MOST_DAYS = 3_650
LAST_DAY = 28
"""The last day that every month has."""

_WORD = Text("a word or a phrase", longest=LONGEST_WORD)

PARAMETERS = (
    Parameter(name="at", help="Time of day: 09:00, 17:30, 9:30pm", type=Time()),
    Parameter(name="tz", help="Time zone or city: Europe/Berlin, Tokyo", type=Zone()),
    Parameter(name="on", help="Days of the week: mon-fri, mon,wed, weekdays", type=Weekdays()),
    Parameter(
        name="day", help="Day of the month, for a monthly edition", type=Integer(1, LAST_DAY)
    ),
    Parameter(name="top", help="How many papers at most", type=Integer(1, MOST_TOP)),
    Parameter(
        name="include",
        help="Only papers with this word (or another such)",
        type=_WORD,
        repeated=True,
    ),
    Parameter(name="exclude", help="No papers with this word", type=_WORD, repeated=True),
    Parameter(name="min", help="Fewest upvotes", type=Integer(0, MOST_UPVOTES)),
    Parameter(
        name="layout",
        help="One message, a thread under it, or a card for each paper",
        type=Choice(tuple(Layout)),
    ),
    Parameter(
        name="again",
        help="Days after which a paper may be posted here again; 0 is never",
        type=Integer(0, MOST_DAYS),
    ),
    Parameter(
        name="over", help="Upvotes that a rising paper crosses", type=Integer(1, MOST_UPVOTES)
    ),
)


def terms_of(asked: Asked, edition: Edition) -> Terms:
    """Just what was asked for. UserError for what the edition has no use for."""
    terms = Terms(
        at=asked.one("at", time),
        tz=asked.one("tz", str),
        on=asked.one("on", frozenset),
        day=asked.one("day", int),
        top=asked.one("top", int),
        include=_words(asked, "include"),
        exclude=_words(asked, "exclude"),
        min=asked.one("min", int),
        layout=asked.one("layout", Layout),
        again=asked.one("again", int),
        over=asked.one("over", int),
    )
    _check(terms, edition)
    return terms


def _words(asked: Asked, name: str) -> tuple[str, ...]:
    words = tuple(dict.fromkeys(asked.many(name, str)))
    if len(words) > MOST_WORDS:
        raise UserError(f"{name}: there are {len(words)}; use at most {MOST_WORDS}.")
    return words


def _check(terms: Terms, edition: Edition) -> None:
    if terms.day is not None and edition is not Edition.MONTHLY:
        raise UserError("`day:` is for a monthly edition; say when with `on:`, for example on:mon.")
    if terms.over is not None and edition is not Edition.RISING:
        raise UserError(
            "`over:` is for a rising edition; elsewhere `min:` sets the fewest upvotes."
        )
    if edition is Edition.MONTHLY and terms.on is not None:
        raise UserError(
            "A monthly edition has no weekdays; say when with `day:`, for example day:1."
        )
    if edition is Edition.RISING and (terms.at or terms.on or terms.tz):
        raise UserError("A rising edition has no hour: it posts papers as they cross `over:`.")


def conditions(terms: Terms) -> str:
    """`top 10, at least 5 upvotes, with diffusion, without survey`: what was asked beside the hour."""
    parts = [
        f"top {terms.top}" if terms.top is not None else "",
        f"at least {terms.min} upvotes" if terms.min else "",
        f"with {listing(terms.include)}" if terms.include else "",
        f"without {listing(terms.exclude)}" if terms.exclude else "",
        f"as {terms.layout}" if terms.layout else "",
        _again(terms.again),
    ]
    return ", ".join(part for part in parts if part)


def _again(days: int | None) -> str:
    if days is None:
        return ""
    return f"a paper again after {days} days" if days else "no paper twice"
