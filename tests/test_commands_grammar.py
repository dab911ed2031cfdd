"""From what somebody typed to what was asked, and back."""

from datetime import date, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.commands.catalogue import COMMANDS
from bot.commands.completion import complete
from bot.commands.grammar import bind, parse, render
from bot.commands.spec import Asked
from bot.commands.values import Ref
from bot.domain.errors import UserError
from bot.domain.papers import PaperId
from bot.domain.search import Has, Sort, Word
from bot.domain.subscriptions import Edition

TODAY = date(2025, 5, 22)

NAMES = [command.name for command in COMMANDS]
PIECES = [
    *(f"{parameter.name}:" for command in COMMANDS for parameter in command.parameters),
    *("/paper", '"', "“", "-", ",", "#3", "2401.01234", "https://arxiv.org/abs/2401.01234v2"),
    *("arXiv:2401.01234", "clip", "today", "-3", "2025-05", "9:30pm", "mon-fri", "berlin", "10"),
    *("code", "upvotes", "daily", "CLIP:", "foo:bar", "5'", "’", "\u202e", "\x00", "\ud800"),
]
LINES = st.one_of(
    st.text(max_size=60),
    st.lists(st.one_of(st.sampled_from(NAMES + PIECES), st.text(max_size=8)), max_size=10).flatmap(
        lambda parts: st.sampled_from(["", " "]).map(lambda glue: glue.join(parts))
    ),
    st.tuples(
        st.sampled_from(NAMES), st.lists(st.sampled_from([*PIECES, " ", " "]), max_size=8)
    ).map(lambda line: f"{line[0]} {''.join(line[1])}"),
)


def asked(line: str | list[str]) -> Asked:
    return parse(line, COMMANDS, TODAY)


def values(line: str | list[str]) -> dict[str, object]:
    return dict(asked(line).values)


def complaint(line: str | list[str]) -> str:
    with pytest.raises(UserError) as caught:
        asked(line)
    return str(caught.value)


@settings(max_examples=300, deadline=None)
@given(LINES)
def test_any_text_is_read_or_refused(line: str):
    """Nothing but UserError comes out, and what was read reads the same when written back."""
    try:
        found = asked(line)
    except UserError:
        return
    assert asked(render(found)) == found


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(NAMES + PIECES), st.text(max_size=12)), max_size=8))
def test_any_words_of_a_shell_are_read_or_refused(words: list[str]):
    """The same holds for the words of a shell."""
    try:
        found = asked(words)
    except UserError:
        return
    assert asked(render(found)) == found


@settings(max_examples=150, deadline=None)
@given(LINES)
def test_any_text_can_be_completed(line: str):
    """Completion never raises, and never offers more than a platform takes."""
    assert len(complete(line, COMMANDS)) <= 25


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(NAMES),
    st.dictionaries(st.sampled_from([p.strip(":") for p in PIECES]), st.text(max_size=20)),
)
def test_any_options_are_read_or_refused(name: str, options: dict[str, str]):
    """What a platform hands over is checked like what is typed."""
    try:
        found = bind(name, options, COMMANDS, TODAY)
    except UserError:
        return
    assert asked(render(found)) == found


def test_words_phrases_and_qualifiers():
    """The grammar in one line."""
    line = '/paper search "vision language" clip -survey since:2025-01 has:code min:20 sort:upvotes'
    assert values(line) == {
        "words": (
            Word("vision language", phrase=True),
            Word("clip"),
            Word("survey", excluded=True),
        ),
        "since": date(2025, 1, 1),
        "has": (Has.CODE,),
        "min": 20,
        "sort": Sort.UPVOTES,
    }


@pytest.mark.parametrize(
    "line",
    [
        'search author:"Jane Doe" clip',
        "/paper search author:“Jane Doe” clip",
        'SEARCH clip Author: "Jane Doe"',
        ["search", "author:Jane Doe", "clip"],
        ["/paper", "search", "clip", "author:", "Jane Doe"],
    ],
)
def test_the_same_in_many_spellings(line: str | list[str]):
    """Quotes of every kind, capitals, a space after the colon, words of a shell."""
    assert values(line) == {"words": (Word("clip"),), "author": "Jane Doe"}


@pytest.mark.parametrize(
    "words",
    [
        ['search "vision language" min:20'],
        ["search", '"vision language" min:20'],
        ["search", '"vision language"', "min:20"],
        ["search", "vision language", "min:20"],
    ],
)
def test_a_line_may_come_from_a_shell_in_any_quotation_marks(words: list[str]):
    """People quote the whole line, a part of it, or each word; it means the same."""
    asked = parse(words, COMMANDS, TODAY)
    assert asked == parse('search "vision language" min:20', COMMANDS, TODAY)


def test_a_word_of_a_shell_with_spaces_is_a_phrase():
    """The shell took the quotation marks away; the words still belong together."""
    assert values(["search", "vision language", "-large survey"])["words"] == (
        Word("vision language", phrase=True),
        Word("large survey", phrase=True, excluded=True),
    )


def test_nothing_asks_for_help():
    """A bare `/paper` does not scold."""
    for line in ("", "  ", "/paper", "paper", []):
        assert asked(line).command.name == "help"


def test_links_are_no_qualifiers():
    """`https:` and `arXiv:` belong to the paper."""
    for text in ("https://arxiv.org/pdf/2401.01234v3", "arXiv:2401.01234", "2401.01234"):
        assert values(f"show {text}") == {"paper": Ref(id=PaperId("2401.01234"))}
    assert values("search arXiv:2401.01234")["words"] == (Word("arXiv:2401.01234"),)


def test_a_pasted_title_is_free_text():
    """A colon in a title makes no qualifier."""
    words = values("search BERT: pre-training of deep models")["words"]
    assert words == tuple(map(Word, ["BERT:", "pre-training", "of", "deep", "models"]))


def test_an_unknown_command_gets_a_hint():
    """The near one, or the search; never just no."""
    assert "`/paper search clip`" in complaint("serach clip")
    assert "To look for it: `/paper search clip`" in complaint("/paper clip")
    assert "`/paper show 2401.01234`" in complaint("https://huggingface.co/papers/2401.01234")


def test_an_unknown_qualifier_gets_a_hint():
    """The near one where there is one, else all that there are."""
    assert "Did you mean `since:`?" in complaint("search clip sinse:2025")
    assert "it has `page:` and `limit:`" in complaint("today colour:red")
    assert values("search clip colour:red")["words"] == (Word("clip"), Word("colour:red"))


@pytest.mark.parametrize(
    ("line", "right"),
    [
        ("date", "/paper date yesterday"),
        ("date tomorrow", "yesterday"),
        ("date 2025-02-30", "looks like 2025-05-22"),
        ("date 2019-01-01", "2023-05-04"),
        ("date 2031-01-01", "has not come yet"),
        ("search clip min:many", "a number from 0 to"),
        ("search clip sort:upvote", "Did you mean `upvotes`?"),
        ("search clip since:2025-13", "2025-05"),
        ("search clip min:1 min:2", "once is enough"),
        ("search clip since:", "has no value"),
        ('search "clip', "partner"),
        ("search -author:jane", "minus"),
        ("save clip", "`2401.01234`"),
        ("today clip", "too much"),
        ("subscribe top:1000", "from 1 to 50"),
        ("subscribe at:25:00", "09:00"),
        ("subscribe tz:CEST", "Europe/Berlin"),
        ("subscribe tz:UTC+2", "summer time"),
        ("subscribe tz:Berlim", "Europe/Berlin"),
        ("subscribe tz:Louisville", "America/Kentucky/Louisville"),
        ("subscribe on:funday", "mon-fri"),
        ("subscribe dayly", "Did you mean `daily`?"),
        ("week 2025-W60", "2025-W21"),
        ("search " + "x" * 3000, "2000 characters"),
    ],
)
def test_a_wrong_value_says_what_would_be_right(line: str, right: str):
    """Every complaint carries the cure."""
    assert right in complaint(line)


def test_what_was_typed_is_repeated_short_and_plain():
    """An echo cannot flood, break out of its quotation, or steer a terminal."""
    text = complaint("show `\x1b[31m" + "x" * 500)
    assert len(text) < 250
    assert "\x1b" not in text
    assert "`'[31mxxx" in text


def test_options_of_a_platform():
    """A door with forms of its own ends up with the same values."""
    options = {"edition": "weekly", "include": 'diffusion, "large, small"', "at": "9", "tz": " "}
    found = bind("subscribe", options, COMMANDS, TODAY)
    assert found.values == {
        "edition": Edition.WEEKLY,
        "at": time(9),
        "include": ("diffusion", "large, small"),
    }
    words = bind("search", {"words": '"vision language" -survey'}, COMMANDS, TODAY)
    assert words == asked('search "vision language" -survey')


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("/pa", ["/paper"]),
        ("/paper sea", ["search"]),
        ("search clip so", ["sort:"]),
        ("search clip sort:", ["sort:relevance", "sort:new", "sort:upvotes", "sort:stars"]),
        ("search has:v", ["has:video"]),
        ("search min:2 mi", []),
        ("subscribe tz:berl", ["tz:Europe/Berlin"]),
        ("subscribe mo", ["monthly"]),
        ("subscribe monthly da", ["day:"]),
        ("date yes", ["yesterday"]),
        ("help su", ["subscribe", "subscriptions"]),
        ("nonsense x", []),
    ],
)
def test_completion(line: str, expected: list[str]):
    """Commands, qualifiers not given yet, values."""
    assert complete(line, COMMANDS) == expected
