"""Posts on a terminal: complete, in the width there is, and harmless whatever is in them."""

import re
from datetime import date
from io import StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from adapters.terminal import plain, render, show
from adapters.terminal.clean import clean, clean_block, safe_url
from bot.domain.people import Person
from bot.domain.posts import (
    Digest,
    Entry,
    File,
    Notice,
    Panel,
    PaperCard,
    PaperList,
    Post,
    Row,
    entries_of,
)
from tests.support.terminal import Terminal, digest, paper, seen

HOSTILE = (
    "\x1b[31mred\x1b[0m",
    "\x1b]8;;https://evil.example\x07click\x1b]8;;\x07",
    "\x1b]0;title\x07\x9b2J",
    "NUL\x00BEL\x07\x7f",
    "\u202eright to left\u2066\u2069\u200f",
    "שלום עולם مرحبا",
    "@everyone <!channel> [red]markup[/red] `x`",
    "论文标题" * 40,
    "👩\u200d💻🇩🇪1️⃣" * 30,
    "e" + "\u0301" * 500,
    "x" * 2_000,
    "line\nline\r\n\u2028line\ttab",
    "\ud800 lone surrogate",
)
_TEXT = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(), max_size=60))
_URL = st.one_of(st.none(), _TEXT, _TEXT.map("https://example.org/{}".format))


@st.composite
def _entries(draw: st.DrawFn) -> Entry:
    text = draw(st.lists(_TEXT, min_size=6, max_size=6))
    return Entry(
        number=draw(st.integers(1, 50)),
        late=draw(st.booleans()),
        why=text[0],
        saved_by=tuple(Person("terminal", "u", name) for name in text[: draw(st.integers(0, 3))]),
        paper=paper(
            draw(st.integers(1, 99_999)),
            title=text[1],
            abstract=text[2],
            ai_summary=text[3],
            authors=tuple(text),
            keywords=tuple(text),
            organization=text[4],
            code_url=draw(_URL),
            stars=draw(st.one_of(st.none(), st.integers(0, 10**7))),
            project_url=draw(_URL),
            published=date(2025, 11, 30),
            media=(text[5],),
        ),
    )


_MANY = st.lists(_entries(), max_size=3).map(tuple)
_NOTES = st.lists(_TEXT, max_size=2).map(tuple)
_POSTS = st.one_of(
    st.builds(Digest, title=_TEXT, subtitle=_TEXT, url=_URL, entries=_MANY, notes=_NOTES),
    st.builds(PaperCard, entry=_entries(), full=st.booleans(), notes=_NOTES),
    st.builds(PaperList, title=_TEXT, entries=_MANY, back=_TEXT, forth=_TEXT, notes=_NOTES),
    st.builds(Notice, text=_TEXT, hints=_NOTES),
    st.builds(Panel, title=_TEXT, rows=st.lists(st.builds(Row, _TEXT, _TEXT), max_size=3)),
    st.builds(File, name=_TEXT, media_type=st.just("x/y"), content=st.binary(), text=_TEXT),
)
_CONTROL = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f\ud800-\udfff]"
)


@settings(max_examples=80, deadline=None)
@given(post=_POSTS, width=st.integers(40, 200))
def test_any_post_becomes_harmless_plain_text(post: Post, width: int) -> None:
    """Whatever outsiders wrote: no control character, every paper there, no line too wide."""
    text = plain(post, width)
    assert not _CONTROL.search(text)
    for entry in entries_of(post):
        assert entry.paper.id in text
        assert entry.paper.url in text
        assert isinstance(post, PaperCard) or re.search(rf"^ *{entry.number}\.", text, re.MULTILINE)
    for line in text.splitlines():
        assert cell_len(line) <= min(width, 100) or "http" in line


@settings(max_examples=40, deadline=None)
@given(post=_POSTS, width=st.integers(40, 200))
def test_any_post_becomes_harmless_styled_text(post: Post, width: int) -> None:
    """Only our own escape sequences reach a terminal; without them the text is as harmless."""
    terminal = Terminal(None, styled=True, width=width)  # type: ignore[arg-type]
    terminal.console.print(render(post, width), soft_wrap=True)
    shown = terminal.shown
    assert not _CONTROL.search(shown)
    for entry in entries_of(post):
        assert entry.paper.id in shown


def test_a_digest_shows_what_matters_of_each_paper() -> None:
    """Number, title, votes, comments, code and stars, organisation, savers, summary, lateness."""
    rich = paper(
        2,
        title="On Doors",
        upvotes=1234,
        comments=5,
        code_url="https://github.com/a/b",
        stars=2_900,
        organization="House of Doors",
        ai_summary="Doors open.",
    )
    ann, bob = Person("terminal", "ann", "Ann"), Person("terminal", "bob", "Bob")
    post = Digest(
        title="Daily Papers · 1 December 2025",
        subtitle="1 paper",
        url="https://huggingface.co/papers/date/2025-12-01",
        entries=(Entry(paper=rich, number=3, late=True, saved_by=(ann, bob)),),
        notes=("7 were left out.",),
        part=2,
        parts=3,
    )
    assert plain(post, 100) == (
        "Daily Papers · 1 December 2025\n"
        "1 paper · part 2 of 3\n"
        "https://huggingface.co/papers/date/2025-12-01\n"
        "\n"
        "3.  On Doors\n"
        "    added later · ▲ 1,234 · 💬 5 · code ★ 2.9k · House of Doors · 2511.00002\n"
        "    🔖 saved by Ann and 1 more\n"
        "    https://huggingface.co/papers/2511.00002\n"
        "    Doors open.\n"
        "\n"
        "7 were left out."
    )


def test_titles_and_code_are_links_on_a_terminal() -> None:
    """The title opens the paper's page, `code` its repository."""
    terminal = Terminal(None, styled=True)  # type: ignore[arg-type]
    post = digest(paper(1, code_url="https://github.com/a/b"))
    terminal.console.print(render(post, 80), soft_wrap=True)
    output = terminal.output.getvalue()
    assert ";https://huggingface.co/papers/2511.00001\x1b\\" in output
    assert ";https://github.com/a/b\x1b\\" in output


def test_a_full_card_has_everything() -> None:
    """Abstract, authors, dates, keywords and each link, written out."""
    known = paper(
        1,
        abstract="First. Second.",
        ai_summary="In short.",
        authors=tuple(f"Author {n}" for n in range(1, 15)),
        keywords=("doors", "windows"),
        featured=date(2025, 12, 1),
        code_url="https://github.com/a/b",
        project_url="https://example.org",
    )
    text = plain(PaperCard(entry=Entry(paper=known), full=True))
    for part in (
        "First. Second.",
        "In short.",
        "Author 12 and 2 more",
        "on Daily Papers 1 December 2025",
        "doors · windows",
        "https://arxiv.org/abs/2511.00001",
        "https://github.com/a/b",
        "https://example.org",
    ):
        assert part in text


def test_a_list_says_where_it_goes_on_and_why_a_paper_was_found() -> None:
    """A page of search results shows its place among the pages and the reason of each hit."""
    hit = Entry(paper=paper(1), number=11, why="“door” in the title")
    post = PaperList(
        title="Search: door",
        entries=(hit,),
        page=2,
        pages=3,
        total=21,
        back="search door page:1",
        forth="/paper search door page:3",
    )
    text = plain(post)
    assert "21 papers · page 2 of 3" in text
    assert "↳ “door” in the title" in text
    assert "Next page: `/paper search door page:3`" in text
    assert "Previous page: `/paper search door page:1`" in text


def test_a_panel_puts_labels_above_texts_where_it_is_narrow() -> None:
    """Side by side where there is room, else one above the other."""
    post = Panel(title="Help", rows=(Row("/paper search <words>", "Find papers."),))
    assert "/paper search <words>  Find papers." in plain(post, 100)
    assert "/paper search <words>\n  Find papers." in plain(post, 40)


def test_a_file_shows_its_first_lines_as_they_are_indented() -> None:
    """A glimpse is enough; the rest is in the file."""
    lines = "".join(f"  line {n}\n" for n in range(20))
    text = plain(File(name="a.bib", media_type="text/plain", content=lines.encode(), text="All."))
    assert "a.bib  190 bytes" in text
    assert "│   line 0" in text
    assert "line 19" not in text


def test_commands_in_a_text_are_shown_as_such() -> None:
    """On a terminal the backticks give way to colour."""
    terminal = Terminal(None, styled=True)  # type: ignore[arg-type]
    terminal.console.print(render(Notice(text="Try `/paper today`.", tone="warning"), 80))
    assert seen(terminal.shown).strip() == "! Try /paper today."
    assert plain(Notice(text="Try `/paper today`.")) == "• Try `/paper today`."


def test_long_titles_are_cropped() -> None:
    """2,000 characters of title would push the papers after it out of sight."""
    text = plain(digest(paper(1, title="word " * 400)))
    assert "…" in text
    assert text.count("word") < 80


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "https://a\x1b\\b c\n",
        "https://hf.co@evil.example/",
        "https://[broken",
        "",
        "https://\ud800",
        None,
    ],
)
def test_only_plain_web_addresses_become_links(url: str | None) -> None:
    """What is no web address, or could end the escape sequence, is no link."""
    safe = safe_url(url)
    assert safe is None or re.fullmatch(r"https://[!-~]+", safe)
    assert safe_url("https://example.org/ü?a=b%20c") == "https://example.org/%C3%BC?a=b%20c"


def test_cleaning_keeps_every_script_readable() -> None:
    """Joiners and combining marks that a script needs stay; piles of marks and bidi tricks go."""
    assert clean("می\u200cخواهم क्षि é 👩\u200d💻") == "می\u200cخواهم क्षि é 👩\u200d💻"
    assert clean("a" + "\u0301" * 50) == "a" + "\u0301" * 4
    assert clean("  a\n\tb\u202e ") == "a b"
    assert clean_block("a\n\n\n\nb \x1b[2J") == "a\n\nb [2J"


def test_a_single_post_can_be_shown_without_a_chat() -> None:
    """In colours on a terminal, plain elsewhere."""
    styled = Terminal(None, styled=True)  # type: ignore[arg-type]
    show(Notice(text="Hello."), styled.console)
    assert "\x1b[" in styled.output.getvalue()
    piped = Terminal(None)  # type: ignore[arg-type]
    show(Notice(text="Hello."), piped.console)
    assert piped.output.getvalue() == "• Hello.\n"


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {}])
def test_colours_and_links_stay_away_where_they_are_unwelcome(environment: dict[str, str]) -> None:
    """NO_COLOR, a dumb terminal, or no terminal at all: not one escape sequence."""
    output = StringIO()
    console = Console(file=output, force_terminal=bool(environment) or None, _environ=environment)
    show(digest(paper(1)), console)
    assert "\x1b" not in output.getvalue()
    assert "https://huggingface.co/papers/2511.00001" in output.getvalue()
