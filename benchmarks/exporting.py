"""Read every paper of a recording, export it in every format, read that back with other programs' parsers, and time
the export of 10,000 papers. With `bibtex` or `biber` on the machine, those read the BibTeX file too."""

import argparse
import json
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from adapters.huggingface.files import read_file
from benchmarks.machine import machine
from bot.domain.library import SavedPaper
from bot.domain.papers import Paper, PaperId
from bot.domain.people import Person
from bot.exporting import Format, export
from bot.exporting.names import Name
from bot.exporting.references import Reference, references
from bot.exporting.tex import escape_name
from tests.support import exports as read

MANY = 10_000
GOAL = 2.0
ANN = Person("terminal", "ann", "Ann")
NOW = datetime(2025, 5, 22, 12, tzinfo=UTC)


def saved(papers: list[Paper]) -> list[SavedPaper]:
    return [SavedPaper(paper, (ANN,), NOW) for paper in papers]


def text_of(papers: list[Paper], format: Format) -> str:
    return export(saved(papers), format).content.decode()


def many(papers: list[Paper]) -> list[Paper]:
    """So many, under made-up ids where the recording has fewer."""
    copies = (
        replace(paper, id=PaperId(f"{year:02}{paper.id[2:]}"))
        for year in range(60, 99)
        for paper in papers
    )
    return [*papers, *(next(copies) for _ in range(MANY - len(papers)))][:MANY]


def without_braces(name: Name) -> tuple[str, ...]:
    parts = (name.given, name.particle, name.family, name.suffix)
    return tuple(escape_name(part).replace("{", "").replace("}", "") for part in parts)


def bibtex(papers: list[Paper], found: list[Reference]) -> Counter[str]:
    wrong: Counter[str] = Counter()
    entries = read.read_bibtex(text_of(papers, Format.BIBTEX))
    wrong["keys"] += [entry.key for entry in entries] != [one.key for one in found]
    for entry, one in zip(entries, found, strict=True):
        wrong["titles"] += read.untex(entry.fields["title"]) != read.printed(one.paper.title)
        names = [
            tuple(" ".join(part).replace("{", "").replace("}", "") for part in parts)
            for parts in ((a.first, a.von, a.last, a.jr) for a in entry.authors)
        ]
        wrong["authors"] += names != [without_braces(name) for name in one.names]
    return wrong


def ris(papers: list[Paper], found: list[Reference]) -> Counter[str]:
    wrong: Counter[str] = Counter()
    records = read.read_ris(text_of(papers, Format.RIS))
    for record, one in zip(records, found, strict=True):
        wrong["titles"] += record["title"] != one.paper.title
        wrong["abstracts"] += record.get("abstract", "") != one.paper.abstract
        wrong["authors"] += len(record.get("authors", [])) != len(one.names)
    return wrong


def csl_json(papers: list[Paper], found: list[Reference]) -> Counter[str]:
    """citeproc is slow: it cites each twentieth."""
    items = read.read_json(text_of(papers, Format.CSL_JSON))
    cited = read.cited(json.dumps(items[::20]))
    titles = [item["title"] for item in items] != [one.paper.title for one in found]
    return Counter(titles=titles, cited=len(cited) != len(items[::20]))


def csv_and_json(papers: list[Paper], found: list[Reference]) -> Counter[str]:
    wrong: Counter[str] = Counter()
    rows = read.read_csv(text_of(papers, Format.CSV))
    records = read.read_json(text_of(papers, Format.JSON))
    for row, record, one in zip(rows, records, found, strict=True):
        wrong["csv titles"] += row["title"].removeprefix("'") != one.paper.title
        wrong["json"] += record["authors"] != list(one.paper.authors)
    return wrong


def markdown(papers: list[Paper], found: list[Reference]) -> Counter[str]:
    front, sections = read.read_markdown(text_of(papers, Format.MARKDOWN))
    titles = [section.title for section in sections] != [one.paper.title for one in found]
    return Counter(titles=titles, ids=front["arxiv"] != [one.paper.id for one in found])


READERS: dict[str, Callable[[list[Paper], list[Reference]], Counter[str]]] = {
    "bibtex (bibtexparser, pylatexenc)": bibtex,
    "ris (rispy)": ris,
    "csl-json (citeproc)": csl_json,
    "csv, json": csv_and_json,
    "markdown (markdown-it, yaml)": markdown,
}


def with_tools(papers: list[Paper]) -> None:
    """Classic bibtex in four styles, and biber, which is slow, on the first 500; where they are installed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bibliography = folder / "refs.bib"
        bibliography.write_text(text_of(papers, Format.BIBTEX))
        for style in ("plain", "alpha", "abbrv", "unsrt") if shutil.which("bibtex") else ():
            aux = f"\\citation{{*}}\n\\bibstyle{{{style}}}\n\\bibdata{{refs}}\n"
            (folder / "refs.aux").write_text(aux)
            done = subprocess.run(["bibtex", "refs"], cwd=folder, capture_output=True, check=False)
            warned = (folder / "refs.blg").read_text(errors="replace").count("Warning--")
            items = (folder / "refs.bbl").read_bytes().count(b"\\bibitem")
            print(f"bibtex {style}: status {done.returncode}, {items} items, {warned} warnings")
        if shutil.which("biber"):
            bibliography.write_text(text_of(papers[:500], Format.BIBTEX))
            command = ["biber", "--tool", "--nolog", "--output-file", "out.bib", "refs.bib"]
            done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
            entries = (folder / "out.bib").read_bytes().upper().count(b"@MISC")
            warned = done.stdout.count(b"WARN") + done.stdout.count(b"ERROR")
            print(f"biber: status {done.returncode}, {entries} entries, {warned} warnings")


def timed(papers: list[Paper]) -> None:
    """The best of three, on the clock and of the processor: others may be busy on it."""
    entries = saved(many(papers))
    for format in Format:
        clock, processor = GOAL * 10, GOAL * 10
        for _ in range(3):
            begun, used = time.perf_counter(), time.process_time()
            file = export(entries, format)
            clock = min(clock, time.perf_counter() - begun)
            processor = min(processor, time.process_time() - used)
        verdict = "ok" if clock <= GOAL else f"over {GOAL} s"
        print(
            f"{format}: {len(entries):,} papers, {len(file.content) / 1e6:.1f} MB, {clock:.2f} s,"
            f" {processor:.2f} s of processor: {verdict}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recording", type=Path, help="lists as `paperbot import` takes them")
    path = parser.parse_args().recording
    print(machine())
    papers = list({paper.id: paper for batch in read_file(path) for paper in batch.papers}.values())
    found = references(saved(papers))
    clashes = sum("-" in one.key for one in found)
    most = max(len(one.names) for one in found)
    print(f"{len(papers):,} papers, at most {most} authors, {clashes} keys with an id behind them")
    timed(papers)
    for name, reader in READERS.items():
        begun = time.perf_counter()
        wrong = +reader(papers, found)
        print(f"{name}: {dict(wrong) or 'all came back'} ({time.perf_counter() - begun:.0f} s)")
    with_tools(papers)


if __name__ == "__main__":
    main()
