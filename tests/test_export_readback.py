"""Whatever papers say, other programs read from the files what was put in."""

import pytest
from bibtexparser.middlewares import NameParts
from hypothesis import given, settings

from adapters.huggingface.payload import read_item
from adapters.sample import SampleFeed
from bot.domain.papers import Paper
from bot.exporting import Format
from bot.exporting.bibtex import author
from bot.exporting.names import Name
from bot.exporting.references import Reference, references
from bot.exporting.tex import escape_name
from tests.support.exports import (
    cited,
    hostile_papers,
    printed,
    read_bibtex,
    read_csv,
    read_json,
    read_markdown,
    read_ris,
    saved,
    untex,
    written,
)

SAMPLE = [
    paper
    for _, papers in SampleFeed(read_item).batches()
    for paper in {one.id: one for one in papers}.values()
]


def parts_of(name: Name) -> tuple[str, ...]:
    """As they are in the BibTeX file, without braces; whole when a part has nothing that a name may have."""
    given, particle, family, suffix = (
        escape_name(part).replace("{", "").replace("}", "")
        for part in (name.given, name.particle, name.family, name.suffix)
    )
    if given and family:
        return given, particle, family, suffix
    return "", "", f"{particle} {family or given}".strip(), ""


def parts_read(parts: NameParts) -> tuple[str, ...]:
    words = (parts.first, parts.von, parts.last, parts.jr)
    return tuple(" ".join(part).replace("{", "").replace("}", "") for part in words)


def check_bibtex(papers: list[Paper], found: list[Reference]) -> None:
    entries = read_bibtex(written(Format.BIBTEX, *papers))
    assert [entry.key for entry in entries] == [one.key for one in found]
    for entry, one in zip(entries, found, strict=True):
        assert untex(entry.fields["title"]) == printed(one.paper.title)
        assert entry.fields["eprint"] == one.paper.id
        assert entry.fields["archivePrefix"] == "arXiv"
        names = [parts_of(name) for name in one.names if author(name)]
        assert [parts_read(parts) for parts in entry.authors] == names


def check_ris(papers: list[Paper], found: list[Reference]) -> None:
    records = read_ris(written(Format.RIS, *papers))
    assert [record["id"] for record in records] == [one.key for one in found]
    for record, one in zip(records, found, strict=True):
        assert record["title"] == one.paper.title
        assert record.get("abstract", "") == one.paper.abstract
        assert len(record.get("authors", [])) == len(one.names)
        assert record["doi"] == one.doi


def check_csl_json(papers: list[Paper], found: list[Reference]) -> None:
    text = written(Format.CSL_JSON, *papers)
    items = read_json(text)
    assert [item["id"] for item in items] == [one.key for one in found]
    assert [item["title"] for item in items] == [one.paper.title for one in found]
    assert len(cited(text)) == len(found)


def check_csv_and_json(papers: list[Paper], found: list[Reference]) -> None:
    rows = read_csv(written(Format.CSV, *papers))
    records = read_json(written(Format.JSON, *papers))
    for row, record, one in zip(rows, records, found, strict=True):
        assert row["id"] == record["id"] == one.paper.id
        assert record["title"] == one.paper.title
        assert record["authors"] == list(one.paper.authors)
        assert row["title"].replace("'", "") == one.paper.title.replace("'", "")
        assert not row["title"].startswith(("=", "+", "-", "@"))


def check_markdown(papers: list[Paper], found: list[Reference]) -> None:
    front, sections = read_markdown(written(Format.MARKDOWN, *papers))
    assert front["arxiv"] == [one.paper.id for one in found]
    assert [section.title for section in sections] == [one.paper.title for one in found]
    for section, one in zip(sections, found, strict=True):
        urls = (one.paper.arxiv_url, one.pdf_url, one.paper.url)
        more = (one.paper.code_url, one.paper.project_url)
        assert section.links == [*urls, *filter(None, more)]
        assert section.kinds <= {
            *("heading_open", "heading_close", "inline", "text", "text_special", "link_open"),
            *("link_close", "paragraph_open", "paragraph_close", "bullet_list_open"),
            *("bullet_list_close", "list_item_open", "list_item_close", "code_inline"),
            *("softbreak", "blockquote_open", "blockquote_close"),
        }


CHECKS = (check_bibtex, check_ris, check_csl_json, check_csv_and_json, check_markdown)


@pytest.mark.parametrize("check", CHECKS)
def test_the_bundled_papers_come_back(check) -> None:
    """All of them, from every format."""
    papers = list({one.id: one for one in SAMPLE}.values())
    check(papers, references(saved(*papers)))


@pytest.mark.parametrize("check", CHECKS)
@settings(max_examples=60)
@given(papers=hostile_papers())
def test_hostile_papers_come_back(check, papers: list[Paper]) -> None:
    """Line ends, control characters, bidi marks, braces, backslashes, NULs: one entry a paper, none changed."""
    check(papers, references(saved(*papers)))
