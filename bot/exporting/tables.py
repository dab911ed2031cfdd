"""CSV that a spreadsheet opens as it is: UTF-8 with a mark that says so, a row a paper, and no cell it would run."""

import csv
import io
import re
from collections.abc import Iterable

from bot.exporting.records import record
from bot.exporting.references import Reference

_BOM = "\ufeff"
"""Excel takes a file without it for the system's old code page."""
_LONGEST = 32_767
"""Characters of one cell, Excel's limit."""
_FORMULA = re.compile(r"^(?=[\s]*[=+\-@＝＋－＠])|(?<=;)(?=\s*[=+\-@＝＋－＠])")
"""Also behind a semicolon, where half of Europe's spreadsheets begin a new cell."""


def csv_table(references: Iterable[Reference]) -> str:
    """The fields of the JSON file as columns; lists are joined with semicolons."""
    out = io.StringIO()
    out.write(_BOM)
    writer = csv.writer(out)
    rows = map(record, references)
    for number, row in enumerate(rows):
        if not number:
            writer.writerow(row)
        writer.writerow(map(cell, row.values()))
    return out.getvalue()


def cell(value: object) -> object:
    """Text that no spreadsheet takes for a formula: an apostrophe before it makes it text."""
    if isinstance(value, list):
        value = "; ".join(value)
    if isinstance(value, str) and (";" in value or not value[:1].isalnum()):
        value = _FORMULA.sub("'", value)
    return value[:_LONGEST] if isinstance(value, str) else value
