"""Saved papers as files that other programs read, however hostile the papers."""

import csv
import io
import json
import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.papers import Paper
from bot.domain.people import Person
from bot.domain.stores import SavedPaper
from bot.export import Format, bibtex, bibtex_key, export, markdown
from tests.support.fakes import NOW, paper

ANN = Person("terminal", "ann", "Ann")
CLIP = paper(
    "2103.00020",
    "Learning Transferable Visual Models From Natural Language Supervision",
    authors=("Alec Radford", "Jong Wook Kim"),
    published=date(2021, 2, 26),
    code_url="https://github.com/openai/CLIP",
    stars=30000,
)


def content(format: Format, *found: Paper) -> str:
    saved = [SavedPaper(one, (ANN,), NOW) for one in found]
    return export(saved, format).content.decode()


def balanced(text: str) -> bool:
    """Braces as BibTeX counts them: a backslash before one changes nothing."""
    depth = 0
    for char in text:
        depth += {"{": 1, "}": -1}.get(char, 0)
        if depth < 0:
            return False
    return depth == 0


def test_bibtex_of_a_paper():
    """What arXiv's own entry has, under a key that stays."""
    assert bibtex(CLIP) == (
        "@misc{radford-2103.00020,\n"
        "  title = {{Learning Transferable Visual Models From Natural Language Supervision}},\n"
        "  author = {Alec Radford and Jong Wook Kim},\n"
        "  year = {2021},\n"
        "  eprint = {2103.00020},\n"
        "  archivePrefix = {arXiv},\n"
        "  doi = {10.48550/arXiv.2103.00020},\n"
        "  url = {https://arxiv.org/abs/2103.00020},\n"
        "}\n"
    )


@pytest.mark.parametrize(
    ("author", "written"),
    [
        ("GLM-5 Team", "{GLM-5 Team}"),
        ("Salt and Pepper", "{Salt and Pepper}"),
        ("Yu", "{Yu}"),
        ("Doe, Jr.", "{Doe, Jr.}"),
        ("Anders Ångström", "Anders Ångström"),
        ("OpenMMLab Contributors", "{OpenMMLab Contributors}"),
    ],
)
def test_names_stay_whole(author: str, written: str):
    """A team is not taken apart into first and last name."""
    assert f"author = {{{written}}}," in bibtex(paper(authors=(author,)))


def test_bibtex_is_escaped():
    """TeX sees text, and braces stay in balance."""
    text = bibtex(paper(title=r"50% of {S*} & P_1 cost $5 #1 ~ ^2 \input{/etc/passwd} }"))
    assert r"50\% of \textbraceleft{}S*\textbraceright{} \& P\_1 cost \$5 \#1" in text
    assert r"\textbackslash{}input\textbraceleft{}/etc/passwd" in text
    assert balanced(text)


def test_keys_are_readable_stable_and_unique():
    """The id makes them unique; what is missing or foreign does no harm."""
    assert bibtex_key(paper("2505.00001", authors=("Anders Ångström",))) == "angstrom-2505.00001"
    assert bibtex_key(paper("2505.00002", authors=("李 明",))) == "arxiv-2505.00002"
    assert bibtex_key(paper("2505.00003")) == "arxiv-2505.00003"


@settings(max_examples=80, deadline=None)
@given(title=st.text(max_size=80), author=st.text(max_size=30))
def test_any_text_makes_an_entry(title: str, author: str):
    """Balanced, one field a line, one entry."""
    text = bibtex(paper(title=title or "x", authors=(author,)))
    assert balanced(text)
    assert re.fullmatch(r"@misc\{[a-z]+-2505\.00001,\n(  \w+ = \{.*\},\n)+\}\n", text)


def test_csv_runs_no_formula():
    """A spreadsheet shows what a title says and does not do it."""
    evil = [
        paper(f"2505.0000{n}", title)
        for n, title in enumerate(['=HYPERLINK("x")', "+1", "-1", "@SUM(A1)", " \t=1", "＝1"])
    ]
    rows = list(csv.DictReader(io.StringIO(content(Format.CSV, *evil))))
    assert [row["title"] for row in rows] == [
        '\'=HYPERLINK("x")',
        "'+1",
        "'-1",
        "'@SUM(A1)",
        "'=1",
        "'＝1",
    ]


def test_csv_and_json_have_the_same_fields():
    """One line a paper, whatever is in it."""
    lines = paper("2505.00001", 'Comma, "quote"\nand line', upvotes=3)
    rows = list(csv.DictReader(io.StringIO(content(Format.CSV, CLIP, lines))))
    records = json.loads(content(Format.JSON, CLIP, lines))
    assert list(rows[0]) == list(records[0])
    assert rows[1]["title"] == 'Comma, "quote" and line'
    assert records[0]["saved_by"] == ["terminal:ann"]
    assert records[0]["published"] == "2021-02-26"
    assert records[0]["stars"] == 30000
    assert rows[0]["authors"] == "Alec Radford; Jong Wook Kim"


def test_markdown_is_escaped():
    """A title makes no link, no heading and no tag of its own."""
    line = markdown(
        paper(title="[x](http://evil) <b> *S* `@everyone`", authors=("A", "B", "C", "D"))
    )
    assert line == (
        r"- [\[x\]\(http://evil\) \<b\> \*S\* \`@everyone\`](https://arxiv.org/abs/2505.00001) "
        "(A, B, C et al., 2025)"
    )


@pytest.mark.parametrize("format", list(Format))
def test_every_format_is_a_file(format: Format):
    """With a name, a media type, and UTF-8 that any text survives."""
    strange = paper("2505.00001", "lone \ud800 surrogate")
    file = export([SavedPaper(strange, (), NOW)], format)
    assert file.name.startswith("saved-papers.")
    assert "/" in file.media_type
    assert file.content.decode()
