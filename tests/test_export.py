"""Saved papers as files that other programs read: what is in each, whoever wrote the papers."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.domain.library import Marks, SavedPaper
from bot.domain.people import Person
from bot.domain.posts import Remark
from bot.exporting import Format, export
from bot.exporting.markdown import hashtag
from bot.exporting.references import clean, link, one_line
from tests.support.exports import (
    ANN,
    cited,
    read_csv,
    read_json,
    read_markdown,
    read_ris,
    saved,
    written,
)
from tests.support.fakes import NOW, paper

CLIP = paper(
    "2103.00020",
    "Learning Transferable Visual Models From Natural Language Supervision",
    authors=("Alec Radford", "Jong Wook Kim"),
    published=date(2021, 2, 26),
    abstract="We show that predicting captions is enough. It scales.",
    keywords=("CLIP", "zero-shot"),
    code_url="https://github.com/openai/CLIP",
    stars=30000,
)
BOB = Person("slack", "U2", "Bob")
MARKED = SavedPaper(
    CLIP,
    (ANN, BOB),
    NOW,
    Marks(
        tags=("vision", "to read"),
        remarks=(Remark("Try it\non ours"), Remark("Old news", by=BOB, shared=True)),
        read=True,
    ),
)


@pytest.mark.parametrize("format", list(Format))
def test_every_format_is_a_file(format: Format) -> None:
    """With a name, a media type, and UTF-8 that any text survives; of no papers too."""
    strange = paper("2505.00001", "lone \ud800 surrogate", authors=("A \udfff B",))
    for papers in (saved(strange), []):
        file = export(papers, format, text="said")
        assert file.name.startswith("saved-papers.")
        assert "/" in file.media_type
        assert file.text == "said"
        assert "surrogate" in file.content.decode() or not papers
    assert format.label


def test_papers_keep_their_order_and_come_once() -> None:
    """However often somebody saved them."""
    papers = saved(paper("2505.00002"), paper("2505.00001"), paper("2505.00002"))
    records = json.loads(export(papers, Format.JSON).content)
    assert [record["id"] for record in records] == ["2505.00002", "2505.00001"]


def test_json_has_everything_and_leaves_nothing_out() -> None:
    """The fields that docs/export.md promises, empty where nothing is known."""
    (full,) = json.loads(export([MARKED], Format.JSON).content)
    (bare,) = read_json(written(Format.JSON, paper("2505.00001")))
    assert list(full) == list(bare)
    assert full["key"] == "radford2021learningtransferable"
    assert full["published"] == "2021-02-26"
    assert full["saved_by"] == ["terminal:ann", "slack:U2"]
    assert full["tags"] == ["vision", "to read"]
    assert full["notes"] == ["Try it on ours", "Bob: Old news"]
    assert full["read"] is True
    assert full["doi"] == "10.48550/arXiv.2103.00020"
    assert full["summary"] == "We show that predicting captions is enough."
    assert bare["published"] is None
    assert bare["tags"] == []


def test_json_is_a_paper_a_line() -> None:
    """So that grep and jq -c work on it."""
    lines = written(Format.JSON, CLIP, paper("2505.00001")).splitlines()
    assert (lines[0], lines[-1], len(lines)) == ("[", "]", 4)
    assert json.loads(lines[1].rstrip(","))["id"] == "2103.00020"


def test_csv_and_json_have_the_same_fields() -> None:
    """One line a paper, whatever is in it."""
    lines = paper("2505.00001", 'Comma, "quote"\nand line', upvotes=3)
    rows = read_csv(written(Format.CSV, CLIP, lines))
    records = read_json(written(Format.JSON, CLIP, lines))
    assert list(rows[0]) == list(records[0])
    assert rows[1]["title"] == 'Comma, "quote" and line'
    assert rows[0]["authors"] == "Alec Radford; Jong Wook Kim"
    assert rows[0]["stars"] == "30000"


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ('=HYPERLINK("x")', '\'=HYPERLINK("x")'),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        (" \t=1", "'=1"),
        ("\r=1", "'=1"),
        ("＝1", "'＝1"),
        ("\u202e=1", "'=1"),
        ("nothing; =1", "nothing;' =1"),
        ("1-2 = 3", "1-2 = 3"),
    ],
)
def test_csv_runs_no_formula(title: str, shown: str) -> None:
    """A spreadsheet shows what a title says and does not do it."""
    (row,) = read_csv(written(Format.CSV, paper(title=title)))
    assert row["title"] == shown


def test_csv_cells_fit_into_a_spreadsheet() -> None:
    """However many authors there are."""
    crowd = tuple(f"Somebody With A Long Name {n}" for n in range(5000))
    (row,) = read_csv(written(Format.CSV, paper(authors=crowd)))
    assert len(row["authors"]) == 32_767


def test_ris_of_a_paper() -> None:
    """By the specification: tag, two blanks, dash, blank, and the carriage return."""
    text = export([MARKED], Format.RIS).content.decode()
    assert text.split("\r\n") == [
        "TY  - UNPB",
        "ID  - radford2021learningtransferable",
        "TI  - Learning Transferable Visual Models From Natural Language Supervision",
        "AU  - Radford, Alec",
        "AU  - Kim, Jong Wook",
        "PY  - 2021",
        "DA  - 2021/02/26",
        "AB  - We show that predicting captions is enough. It scales.",
        "KW  - vision",
        "KW  - to read",
        "KW  - CLIP",
        "KW  - zero-shot",
        "PB  - arXiv",
        "AN  - arXiv:2103.00020",
        "DO  - 10.48550/arXiv.2103.00020",
        "UR  - https://arxiv.org/abs/2103.00020",
        "L1  - https://arxiv.org/pdf/2103.00020",
        "N1  - Try it on ours",
        "N1  - Bob: Old news",
        "ER  - ",
        "",
    ]


def test_ris_names() -> None:
    """Last, First, Suffix; a team in one piece, without the comma that would take it apart."""
    authors = (
        "Laurens van der Maaten",
        "Hal Daumé III",
        "Gemini Team",
        "Foo, Bar, and Baz",
        "李明",
    )
    (record,) = read_ris(written(Format.RIS, paper(authors=authors)))
    assert record["authors"] == [
        "van der Maaten, Laurens",
        "Daumé, Hal, III",
        "Gemini Team",
        "Foo Bar and Baz",
        "李明",
    ]


def test_csl_json_of_a_paper() -> None:
    """What Zotero and pandoc take; nothing that is not known."""
    (item,) = json.loads(export([MARKED], Format.CSL_JSON).content)
    assert item == {
        "id": "radford2021learningtransferable",
        "type": "article",
        "title": "Learning Transferable Visual Models From Natural Language Supervision",
        "author": [
            {"family": "Radford", "given": "Alec"},
            {"family": "Kim", "given": "Jong Wook"},
        ],
        "issued": {"date-parts": [[2021, 2, 26]]},
        "abstract": "We show that predicting captions is enough. It scales.",
        "keyword": "vision, to read, CLIP, zero-shot",
        "note": "Try it on ours / Bob: Old news",
        "number": "arXiv:2103.00020",
        "publisher": "arXiv",
        "DOI": "10.48550/arXiv.2103.00020",
        "URL": "https://arxiv.org/abs/2103.00020",
    }


def test_citeproc_cites_people_and_teams() -> None:
    """With particles; by year, where only the id tells when."""
    team = paper("2505.00002", "Big", authors=("Gemini Team",))
    particle = paper("2505.00001", "Maps", authors=("Laurens van der Maaten", "Ann Lee"))
    one, two = cited(written(Format.CSL_JSON, particle, team))
    assert one.startswith("van der Maaten, L. and Lee, A. (2025) “Maps”")
    assert two.startswith("Gemini Team (2025) “Big”")


def test_markdown_of_a_paper() -> None:
    """Front matter, then a section with links, tags, notes and the citation key."""
    assert export([MARKED], Format.MARKDOWN).content.decode() == (
        "---\n"
        'title: "Learning Transferable Visual Models From Natural Language Supervision"\n'
        "papers: 1\n"
        f'saved: "{NOW:%Y-%m-%d}"\n'
        'tags: ["vision", "to-read"]\n'
        'arxiv: ["2103.00020"]\n'
        "---\n"
        "\n"
        "## Learning Transferable Visual Models From Natural Language Supervision\n"
        "\n"
        "Alec Radford, Jong Wook Kim · 2021-02-26\n"
        "\n"
        "[arXiv:2103.00020](https://arxiv.org/abs/2103.00020)"
        " · [PDF](https://arxiv.org/pdf/2103.00020)"
        " · [Hugging Face](https://huggingface.co/papers/2103.00020)"
        " · [Code](https://github.com/openai/CLIP) (30,000 stars)\n"
        "\n"
        "We show that predicting captions is enough. It scales.\n"
        "\n"
        "- Tags: #vision #to-read\n"
        "- Keywords: CLIP, zero-shot\n"
        "- Note: Try it on ours\n"
        "- Note: Bob: Old news\n"
        f"- Saved {NOW:%Y-%m-%d} by Ann, Bob\n"
        "- Key: `radford2021learningtransferable`\n"
    )


def test_markdown_shows_what_a_title_says() -> None:
    """It makes no link, no heading, no tag, no formula and no comment of its own."""
    title = (
        "# [x](http://evil) <b> *S* `@e` ![i](j) #tag $x$ ==m== %%c%% a:: b ^id | c ~~d~~ &amp; ---"
    )
    front, (section,) = read_markdown(written(Format.MARKDOWN, paper(title=title)))
    assert section.title == title
    assert front["title"] == title
    assert len(section.links) == 3
    text = written(Format.MARKDOWN, paper(title=title)).splitlines()[8]
    assert "\\$x\\$ \\=\\=m\\=\\= \\%\\%c\\%\\% a\\:\\: b \\^id" in text


@pytest.mark.parametrize(
    "start", ["1. x", "2) x", "- x", "+ x", "=", "> x", "# x", "---", "[a]: b"]
)
def test_markdown_paragraphs_stay_paragraphs(start: str) -> None:
    """However they begin."""
    strange = paper(abstract=start, ai_summary=start, authors=(start,))
    _, (section,) = read_markdown(written(Format.MARKDOWN, strange))
    assert not section.kinds & {"ordered_list_open", "hr", "html_block", "code_block", "fence"}
    assert written(Format.MARKDOWN, strange).count("## ") == 1


def test_front_matter_keeps_ids_as_text() -> None:
    """YAML would make 2505.00010 a number, and drop its zero."""
    text = written(Format.MARKDOWN, paper("2505.00010", "a: b"), paper("2505.00011", "- '\"#"))
    front, sections = read_markdown(text)
    assert front["arxiv"] == ["2505.00010", "2505.00011"]
    assert (front["title"], front["papers"]) == ("Saved papers", 2)
    assert [section.title for section in sections] == ["a: b", "- '\"#"]


@pytest.mark.parametrize(
    ("tag", "written"),
    [
        ("to read", "#to-read"),
        ("ml/vision", "#ml/vision"),
        ("2025", "#_2025"),
        ("#x y!", "#x-y"),
        ("читать", "#читать"),
        ("!?", ""),
    ],
)
def test_tags_are_obsidians(tag: str, written: str) -> None:
    """Letters, digits, - _ and /, and more than digits."""
    assert hashtag(tag) == written


def test_the_front_matter_has_the_latest_day() -> None:
    """When the youngest of the papers was saved."""
    older = replace(MARKED, paper=paper("2505.00001"), at=NOW - timedelta(days=9))
    front, _ = read_markdown(export([older, MARKED], Format.MARKDOWN).content.decode())
    assert front["saved"] == f"{NOW:%Y-%m-%d}"


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://github.com/a/b?c=d#e", "https://github.com/a/b?c=d#e"),
        (
            "https://x/a b)(<>\"'\\[]`|^{}\n",
            "https://x/a%20b%29%28%3C%3E%22%27%5C%5B%5D%60%7C%5E%7B%7D",
        ),
        ("https://x/é\u202e", "https://x/%C3%A9%E2%80%AE"),
        ("javascript:alert(1)", None),
        ("", None),
        (None, None),
    ],
)
def test_links_lead_to_the_web_only(url: str | None, safe: str | None) -> None:
    """And nothing in one ends it early."""
    assert link(url) == safe


def test_texts_are_one_line_of_visible_characters() -> None:
    """What the archive should never have let in does not get out."""
    assert one_line(" a\x00\n\u202eb\ufeff\u2028c\uffff\x1b[1m ") == "a b c[1m"
    assert one_line("日本 語") == "日本 語"
    assert one_line("e" + "\u0301" * 50) == "e" + "\u0301" * 4
    assert clean(paper(title="\x00")).title == "arXiv:2505.00001"
