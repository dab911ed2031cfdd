"""Exported files as other programs read them: their parsers, and what each made of a paper."""

import csv
import io
import json
from dataclasses import dataclass
from typing import Any

import bibtexparser
import rispy
import yaml
from bibtexparser.middlewares import NameParts, SeparateCoAuthors, SplitNameParts
from citeproc import (
    Citation,
    CitationItem,
    CitationStylesBibliography,
    CitationStylesStyle,
    formatter,
)
from citeproc.source.json import CiteProcJSON
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from pylatexenc.latex2text import (
    LatexNodes2Text,
    MacroTextSpec,
    get_default_latex_context_db,
)

from bot.domain.library import SavedPaper
from bot.domain.papers import Paper
from bot.domain.people import Person
from bot.exporting import Format, export
from bot.exporting.formulas import formulas
from bot.exporting.symbols import SUBSCRIPTS, SUPERSCRIPTS
from tests.support.fakes import NOW

ANN = Person("terminal", "ann", "Ann")

AWKWARD = (
    *"\\{}$&#_%~^<>|`'\"-,;:!?@=+*()[]/.",
    *("--", "---", "''", "``", "$x^2$", r"$\mathcal{O}(n\log n)$", "$5", "\\input{x}", "\\textbf{", "%%", "==", "::"),
    *("CLIP", "GPT-4o", "and", " and ", "é", "Ü", "ß", "Đ", "ế", "ı", "“", "’", "–", "…", "π", "Δ", "×", "²", "™"),
    *("李明", "Привет", "🤖", "שלום", "\u202e", "\u200b", "\ufeff", "\uffff", "\ud800", "\x00", "\x1b[2J", "\x7f"),
    *("\n", "\r\n", "\t", "\u2028", "\x85", "a", "word", "Jr.", "van", "de", "III", "---\n", "```", "<b>", "&amp;"),
    *(" ", " ", " ", " "),
)  # fmt: skip
hostile = st.one_of(
    st.lists(st.sampled_from(AWKWARD), max_size=20).map("".join), st.text(max_size=40)
)
"""Text made of what files trip over."""
names = st.one_of(
    hostile,
    st.lists(
        st.sampled_from(
            [
                *("Ann", "José", "van", "der", "de", "la", "Le", "Van", "Gool", "O'Neil"),
                *("Jean-Paul", "Al-Rahman", "plaza-del-Arco", "Team", "y", "III", "Jr.", "Łukasz"),
            ]
        ),
        min_size=1,
        max_size=5,
    ).map(" ".join),
)


@st.composite
def hostile_papers(draw: st.DrawFn) -> list[Paper]:
    """A few papers with ids of their own and anything in their texts."""
    numbers = draw(st.lists(st.integers(1, 99_999), min_size=1, max_size=4, unique=True))
    return [
        Paper(
            id=f"25{number % 12 + 1:02}.{number:05}",  # type: ignore[arg-type]
            title=draw(hostile),
            abstract=draw(hostile),
            authors=tuple(draw(st.lists(names, max_size=4))),
            keywords=tuple(draw(st.lists(hostile, max_size=2))),
            ai_summary=draw(hostile),
            organization=draw(st.none() | hostile),
            code_url=draw(st.none() | hostile.map("https://github.com/{}".format)),
            published=draw(st.none() | st.dates()),
        )
        for number in numbers
    ]


def saved(*papers: Paper) -> list[SavedPaper]:
    """As Ann saved them."""
    return [SavedPaper(paper, (ANN,), NOW) for paper in papers]


def written(format: Format, *papers: Paper) -> str:
    """The file as text."""
    return export(saved(*papers), format).content.decode()


@dataclass(frozen=True)
class Entry:
    """A BibTeX entry: its key, its fields as they stand, and its authors taken apart."""

    key: str
    fields: dict[str, Any]
    authors: list[NameParts]


def read_bibtex(text: str) -> list[Entry]:
    """What bibtexparser finds; nothing may be left that it could not read."""
    library = bibtexparser.parse_string(
        text, append_middleware=[SeparateCoAuthors(), SplitNameParts()]
    )
    assert not library.failed_blocks
    assert len(library.entries) == len(library.blocks)
    return [
        Entry(
            entry.key,
            {field.key: field.value for field in entry.fields},
            entry.fields_dict["author"].value if "author" in entry.fields_dict else [],
        )
        for entry in library.entries
    ]


_KERNEL = {
    "textless": "<",
    "textgreater": ">",
    "textbar": "|",
    "textbraceleft": "{",
    "textbraceright": "}",
    "textasciicircum": "^",
    "varpi": "ϖ",
    "S": "§",
    "pounds": "£",
    "neg": "¬",
    "P": "¶",
    "dag": "†",
    "ddag": "‡",
    "spadesuit": "♠",
    "heartsuit": "♡",
    "diamondsuit": "♢",
    "clubsuit": "♣",
    "dj": "đ",
    "DJ": "Đ",
    "ng": "ŋ",
    "NG": "Ŋ",
    "DH": "Ð",
    "dh": "ð",
    "TH": "Þ",
    "th": "þ",
}
"""Commands of LaTeX's kernel that the decoder does not know."""
_MACROS = get_default_latex_context_db()
_MACROS.add_context_category(
    "kernel", macros=[MacroTextSpec(*pair) for pair in _KERNEL.items()], prepend=True
)


_ALIKE = str.maketrans("’‘µ‐‑−′″", "'`μ---'”") | str.maketrans({"°": "^∘", "ẞ": "SS"})
"""TeX has one way to write these and others."""


def untex(text: str) -> str:
    """TeX as it prints, but for raised and lowered characters, which come as plain ones."""
    return str(LatexNodes2Text(_MACROS, math_mode="text").latex_to_text(text))


def printed(text: str) -> str:
    """What `untex` must give for a text: formulas set, quotes as TeX's keyboard has them."""
    return "".join(
        untex(part) if is_formula else part.translate(SUPERSCRIPTS | SUBSCRIPTS | _ALIKE)
        for part, is_formula in formulas(text)
    )


def read_ris(text: str) -> list[dict[str, Any]]:
    return list(rispy.loads(text))


def cited(text: str) -> list[str]:
    """The bibliography that citeproc makes of a CSL-JSON file."""
    items = json.loads(text)
    style = CitationStylesStyle("harvard-cite-them-right", validate=False)
    bibliography = CitationStylesBibliography(style, CiteProcJSON(items), formatter.plain)
    for item in items:
        bibliography.register(Citation([CitationItem(item["id"])]))
    return [str(line) for line in bibliography.bibliography()]


def read_csv(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


def read_json(text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(text)
    return found


@dataclass(frozen=True)
class Section:
    """A paper in a Markdown file, as a CommonMark reader shows it."""

    title: str
    links: list[str]
    kinds: set[str]


def read_markdown(text: str) -> tuple[dict[str, Any], list[Section]]:
    """The front matter and the sections."""
    opening, front, body = text.split("---\n", 2)
    assert opening == ""
    sections: list[Section] = []
    tokens = MarkdownIt("commonmark").enable("table").enable("strikethrough").parse(body)
    for before, token in zip([None, *tokens], tokens, strict=False):
        if before and before.type == "heading_open":
            assert before.tag == "h2"
            sections.append(Section(shown(token.children or []), [], set()))
        sections[-1:] and sections[-1].kinds.add(token.type)
        for child in token.children or []:
            sections[-1].kinds.add(child.type)
            if child.type == "link_open":
                sections[-1].links.append(str(child.attrs["href"]))
    return yaml.safe_load(front), sections


def shown(children: list[Any]) -> str:
    """The text of a line; what is not text counts as its kind."""
    return "".join(
        c.content if c.type in ("text", "text_special") else f"<{c.type}>" for c in children
    )
