"""Saved papers as a file for other programs. Pure; everything in a paper is taken for hostile."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import NamedTuple

from bot.domain.library import SavedPaper
from bot.domain.posts import File
from bot.exporting.bibtex import bibtex
from bot.exporting.csl import csl_json
from bot.exporting.markdown import markdown
from bot.exporting.records import records_json
from bot.exporting.references import Reference, references
from bot.exporting.ris import ris
from bot.exporting.tables import csv_table

__all__ = ["Format", "export"]


class Format(StrEnum):
    BIBTEX = "bibtex"
    RIS = "ris"
    CSL_JSON = "csl-json"
    CSV = "csv"
    MARKDOWN = "markdown"
    JSON = "json"

    @property
    def label(self) -> str:
        """As its users spell it."""
        return {"bibtex": "BibTeX", "markdown": "Markdown"}.get(self.value, self.value.upper())


class _Kind(NamedTuple):
    ending: str
    media_type: str
    write: Callable[[Sequence[Reference]], str]


_KINDS = {
    Format.BIBTEX: _Kind("bib", "application/x-bibtex", bibtex),
    Format.RIS: _Kind("ris", "application/x-research-info-systems", ris),
    Format.CSL_JSON: _Kind("csl.json", "application/vnd.citationstyles.csl+json", csl_json),
    Format.CSV: _Kind("csv", "text/csv", csv_table),
    Format.MARKDOWN: _Kind("md", "text/markdown", markdown),
    Format.JSON: _Kind("json", "application/json", records_json),
}


def export(saved: Sequence[SavedPaper], format: Format, *, text: str = "") -> File:
    """The papers in their order, each once, as a UTF-8 file."""
    kind = _KINDS[format]
    return File(
        name=f"saved-papers.{kind.ending}",
        media_type=kind.media_type,
        content=kind.write(references(saved)).encode(),
        text=text,
    )
