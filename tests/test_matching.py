"""What a follow matches: names as people write them, words as channels filter by them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.papers import Paper
from bot.domain.subscriptions import Terms
from bot.matching import Window, fold, matches, same_author
from tests.support.fakes import paper

NAMES = (
    "Yann LeCun",
    "Y. LeCun",
    "Fei-Fei Li",
    "Wei Li",
    "José Ángel Núñez",
    "Jürgen Łoś",
    "李 飞飞",
)
TEXTS = (
    "A World-Model for Robots",
    "Surveys of diffusion",
    "vision language models",
    "Schrödinger bridges in C++",
    "AI",
)
PHRASES = ("world model", "survey", "diffusion", "ai", "schrodinger", "c++", "language", "x")

papers = st.builds(
    lambda n, title, authors, org: paper(
        f"2505.{n:05}", title, authors=tuple(authors), organization=org
    ),
    st.integers(1, 99_999),
    st.sampled_from(TEXTS) | st.text(max_size=30),
    st.lists(st.sampled_from(NAMES) | st.text(max_size=12), max_size=3),
    st.sampled_from((None, "Google DeepMind", "MetaGPT", "Meta")),
)
wishes = st.builds(
    lambda author, org, words, exclude: Terms(
        author=author, organization=org, words=tuple(words), exclude=tuple(exclude)
    ),
    st.none() | st.sampled_from(NAMES) | st.text(min_size=1, max_size=8),
    st.none() | st.sampled_from(("google", "meta", "Google DeepMind")),
    st.lists(st.sampled_from(PHRASES) | st.text(min_size=1, max_size=6), max_size=2),
    st.lists(st.sampled_from(PHRASES), max_size=1),
)


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("Yann LeCun", "Yann LeCun"),
        ("yann lecun", "Yann LeCun"),
        ("LeCun", "Yann LeCun"),
        ("Y. LeCun", "Yann LeCun"),
        ("Yann LeCun", "Y. LeCun"),
        ("Y LeCun", "Y. A. LeCun"),
        ("Yann LeCun", "Yann A. LeCun"),
        ("Yann A. LeCun", "Yann LeCun"),
        ("LeCun, Yann", "Yann LeCun"),
        ("Yann Le Cun", "Yann LeCun"),
        ("Fei-Fei Li", "Feifei Li"),
        ("Fei-Fei Li", "F.-F. Li"),
        ("Li Fei-Fei", "Fei-Fei Li"),
        ("Jose Nunez", "José Ángel Núñez"),
        ("Łukasz Kaiser", "Lukasz Kaiser"),
        ("Bjorn Ommer", "Björn Ommer"),
        ("O'Brien", "Conan O’Brien"),
        ("Maria Garcia", "María García López"),
        ("Yann L.", "Yann LeCun"),
        ("李飞飞", "李 飞飞"),
    ],
)
def test_a_name_is_recognised_however_it_is_written(wanted: str, name: str) -> None:
    """Case, accents, initials, middle names, order."""
    assert same_author(wanted, name)


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("Yann LeCun", "Jan LeCun"),
        ("Wei Li", "Wei L. Zhang"),
        ("Wei Li", "Li Wang"),
        ("Wei Li", "Wei Lin"),
        ("Fei-Fei Li", "Li"),
        ("Yann LeCun", "Xavier LeCun"),
        ("Ann", "Joanna Smith"),
        ("Y L", "Yann LeCun"),
        ("", "Yann LeCun"),
        ("Yann LeCun", ""),
        ("...", "..."),
    ],
)
def test_others_are_others(wanted: str, name: str) -> None:
    """An initial never stands for the last word that is wanted, and part of a word for none."""
    assert not same_author(wanted, name)


@pytest.mark.parametrize(
    ("terms", "found"),
    [
        (Terms(words=("diffusion",)), True),
        (Terms(words=("Diffusion", "robot")), True),
        (Terms(words=("diffusion", "language")), False),
        (Terms(words=("world model",)), True),
        (Terms(words=("model world",)), False),
        (Terms(words=("schrodinger",)), True),
        (Terms(words=("ai",)), False),
        (Terms(words=("diffusion",), exclude=("robots",)), False),
        (Terms(organization="deepmind"), True),
        (Terms(organization="deep"), False),
        (Terms(author="A. Turing"), True),
        (Terms(author="A. Turing", words=("diffusion",), organization="google"), True),
        (Terms(author="A. Turing", organization="Meta"), False),
        (Terms(), False),
        (Terms(exclude=("survey",)), False),
        (Terms(include=("diffusion",)), False),
    ],
)
def test_all_that_is_named_has_to_be_there(terms: Terms, found: bool) -> None:
    """A phrase together, words by their beginnings, an organisation by whole words; and something has to be named."""
    one = paper(
        "2505.00001",
        "Diffusion for World-Models, said AIs",
        abstract="Robots cross Schrödinger bridges.",
        authors=("Grace Hopper", "Alan Turing"),
        organization="Google DeepMind",
    )
    assert matches(terms, one) is found
    assert Window([one]).find(terms) == ([one] if found else [])


@given(st.lists(papers, max_size=6, unique_by=lambda one: one.id), wishes)
@settings(max_examples=300, deadline=None)
def test_looking_up_many_finds_what_looking_at_each_finds(there: list[Paper], terms: Terms) -> None:
    """What the window passes over could not have matched."""
    assert Window(there).find(terms) == [one for one in there if matches(terms, one)]


@given(st.text(max_size=20))
def test_folding_is_done_once(text: str) -> None:
    """And knows no case."""
    assert fold(fold(text)) == fold(text)


@given(st.sampled_from(NAMES), st.sampled_from(NAMES))
def test_a_name_matches_itself_in_any_case(name: str, other: str) -> None:
    """However many others there are."""
    assert matches(Terms(author=name.upper()), paper(authors=(other, name)))
