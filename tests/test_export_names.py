"""Names of authors in their parts, and the keys that papers are cited by."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.papers import PaperId
from bot.exporting.keys import key, unique
from bot.exporting.names import Name, split
from tests.support.exports import names
from tests.support.fakes import paper


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Alec Radford", Name("Radford", "Alec")),
        ("Jong Wook Kim", Name("Kim", "Jong Wook")),
        ("Laurens van der Maaten", Name("Maaten", "Laurens", "van der")),
        ("Virginia R. de Sa", Name("Sa", "Virginia R.", "de")),
        ("Éric de la Clergerie", Name("Clergerie", "Éric", "de la")),
        ("Henrique Ponde de Oliveira Pinto", Name("Oliveira Pinto", "Henrique Ponde", "de")),
        ("Benedito Alves de Oliveira Junior", Name("Oliveira Junior", "Benedito Alves", "de")),
        ("Pedro Costa Filho", Name("Costa Filho", "Pedro")),
        ("Luc Van Gool", Name("Van Gool", "Luc")),
        ("Mark Van der Merwe", Name("Van der Merwe", "Mark")),
        ("Ronan Le Bras", Name("Le Bras", "Ronan")),
        ("Kiet Van Nguyen", Name("Nguyen", "Kiet Van")),
        ("Kiết Văn Nguyễn", Name("Nguyễn", "Kiết Văn")),
        ("Blaise Aguera y Arcas", Name("Aguera y Arcas", "Blaise")),
        ("Gabriel Poesia Reis e Silva", Name("Reis e Silva", "Gabriel Poesia")),
        ("Flor Miriam Plaza-del-Arco", Name("Plaza-del-Arco", "Flor Miriam")),
        ("Hal Daumé III", Name("Daumé", "Hal", "", "III")),
        ("Sammy Davis, Jr.", Name("Davis", "Sammy", "", "Jr.")),
        ("Maaten, Laurens van der", Name("Maaten", "Laurens van der")),
        ("van der Maaten, Laurens", Name("Maaten", "Laurens", "van der")),
        ('Hai "Helen" Li', Name("Li", 'Hai "Helen"')),
        ("yuelin bai", Name("bai", "yuelin")),
        ("Hao Ai", Name("Ai", "Hao")),
        ("and Lei Bai", Name("Bai", "Lei")),
        ("Prathosh A. P", Name("P", "Prathosh A.")),
    ],
)  # fmt: skip
def test_people_have_parts(text: str, name: Name) -> None:
    """Particles, suffixes, double surnames; also where a list was cut badly."""
    assert split(text) == name
    assert not name.whole


@pytest.mark.parametrize(
    "text",
    [
        "Gemini Team",
        "GLM-4. 5 Team",
        "Tongyi SpeechTeam",
        "Team Hunyuan3D",
        "o3 contributors",
        "Inclusion AI",
        "LG AI Research",
        "Salt and Pepper",
        "Salt & Pepper",
        "Foo, Bar, and Baz",
        "Doe, Jr.",
        "NVIDIA",
        "Aakanksha",
        "李明",
        "李 明",
        "김 민수",
        "others",
        "? !",
        "",
    ],
)
def test_teams_and_single_names_stay_whole(text: str) -> None:
    """So does what is written in Chinese characters: nobody can tell the order of its parts."""
    name = split(text)
    assert name.whole
    assert name == Name(text)


@settings(max_examples=200)
@given(names)
def test_no_word_of_a_name_is_lost(text: str) -> None:
    """In whatever order the parts stand."""
    name = split(text)
    parts = f"{name.given} {name.particle} {name.family} {name.suffix}"
    words = text.replace(",", " ").split()
    found = sorted(parts.replace(",", " ").split())
    assert found == sorted(words) or (words[0].lower() == "and" and found == sorted(words[1:]))


@pytest.mark.parametrize(
    ("title", "author", "expected"),
    [
        (
            "Learning Transferable Visual Models",
            "Alec Radford",
            "radford2021learningtransferable",
        ),
        ("Visualizing Data using t-SNE", "Laurens van der Maaten", "vandermaaten2021visualizingdata"),
        ("The Llama 3 Herd of Models", "Llama Team", "llamateam2021llamaherd"),
        ("Ünïcode ist Straße", "Anders Ångström", "angstrom2021unicodeist"),
        ("On the Way to It", "李明", "arxiv2021way"),
        ("3D", "X Æ A", "a2021d"),
        ("数学", "", "arxiv2021"),
    ],
)  # fmt: skip
def test_keys_are_readable(title: str, author: str, expected: str) -> None:
    """First author, year, two words: letters and digits that TeX, pandoc and file systems take."""
    assert key(paper("2103.00020", title), split(author) if author else None) == expected


def test_the_oldest_of_equal_keys_stays_as_it_is() -> None:
    """The others get their own id: a key never depends on the order of a list, nor on how many others there are."""
    ids = [PaperId(f"2103.0000{n}") for n in (3, 1, 2)]
    expected = {
        ids[1]: "li2021large",
        ids[2]: "li2021large-2103.00002",
        ids[0]: "li2021large-2103.00003",
    }
    assert unique(dict.fromkeys(ids, "li2021large")) == expected
    assert unique({ids[0]: "li2021large", ids[1]: "li2021large"})[ids[0]] == expected[ids[0]]


@settings(max_examples=100)
@given(st.lists(st.integers(1, 99_999), unique=True, max_size=30), st.data())
def test_keys_never_clash(numbers: list[int], data: st.DataObject) -> None:
    """Whatever papers have in common."""
    ids = [PaperId(f"2103.{number:05}") for number in numbers]
    keys = {id: data.draw(st.sampled_from(["a2021", "b2021", "b2021c"])) for id in ids}
    assert len(set(unique(keys).values())) == len(ids)
