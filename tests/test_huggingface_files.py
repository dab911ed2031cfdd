"""Files to import: every layout, and every way to be broken."""

import gzip
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.huggingface.files import read_file
from adapters.huggingface.values import Found, lines, spread_out
from bot.domain.errors import UserError
from bot.domain.papers import Batch, Rejected
from tests.support.huggingface import make_item

MONDAY, TUESDAY = date(2025, 6, 2), date(2025, 6, 3)
ITEMS = [
    make_item("2506.00001", "First", day=MONDAY),
    make_item("2506.00002", "Second", day=MONDAY),
    make_item("2506.00003", "Third", day=TUESDAY),
    make_item("1909.03601", "Never featured"),
]
LISTS = [
    {"date": "2025-06-02", "items": ITEMS[:2]},
    {"date": "2025-06-03", "items": ITEMS[2:3]},
]

Write = Callable[[str | bytes], Path]


@pytest.fixture(params=["plain", "gz"])
def write(request: pytest.FixtureRequest, tmp_path: Path) -> Write:
    """Puts a file down, as it is or packed."""

    def put(content: str | bytes) -> Path:
        data = content.encode() if isinstance(content, str) else content
        path = tmp_path / "papers.json"
        path.write_bytes(gzip.compress(data) if request.param == "gz" else data)
        return path

    return put


def days(path: Path) -> dict[date | None, list[str]]:
    """The ids of each day, when nothing was rejected."""
    found: dict[date | None, list[str]] = {}
    for batch in read_file(path):
        assert batch.rejected == ()
        found.setdefault(batch.day, []).extend(paper.id for paper in batch.papers)
    return found


def rejected(path: Path) -> list[Rejected]:
    return [bad for batch in read_file(path) for bad in batch.rejected]


def ids(path: Path) -> list[str]:
    return [paper.id for batch in read_file(path) for paper in batch.papers]


BY_DAY = {None: ["1909.03601"], MONDAY: ["2506.00001", "2506.00002"], TUESDAY: ["2506.00003"]}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(ITEMS),
        json.dumps(ITEMS, indent=2),
        "\ufeff" + json.dumps(ITEMS),
        "\n\n" + "\n".join(map(json.dumps, ITEMS)),
        "\r\n\r\n".join(map(json.dumps, ITEMS)) + "\r\n",
        "\n".join(json.dumps(item, indent=1) for item in ITEMS),
        "\n".join(json.dumps(repr(item)) for item in ITEMS),
        json.dumps(ITEMS[:2]) + "\n" + json.dumps(ITEMS[2:]),
        json.dumps({"items": ITEMS}),
    ],
)
def test_items_are_sorted_by_the_day_they_name(write: Write, text: str) -> None:
    """An array or lines, tidy or not: the same papers on the same days."""
    assert days(write(text)) == BY_DAY


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(map(json.dumps, LISTS)),
        json.dumps(LISTS),
        "\n".join(json.dumps(day, indent=4) for day in LISTS),
    ],
)
def test_lists_keep_their_day_and_order(write: Write, text: str) -> None:
    """An item that does not name its day is featured on its list's."""
    assert days(write(text)) == {MONDAY: ["2506.00001", "2506.00002"], TUESDAY: ["2506.00003"]}


def test_a_listed_paper_is_featured_that_day(write: Write) -> None:
    """What the item says itself goes first: it may have been featured again."""
    path = write(json.dumps({"date": "2025-06-03", "items": [make_item("2506.00009"), ITEMS[0]]}))
    (batch,) = read_file(path)
    assert [paper.featured for paper in batch.papers] == [TUESDAY, MONDAY]


def test_an_empty_list_is_known_to_be_empty(write: Write) -> None:
    """A weekend: there was a list to ask for, and nothing on it."""
    assert list(read_file(write('{"date": "2025-06-01", "items": []}'))) == [
        Batch(date(2025, 6, 1))
    ]
    assert list(read_file(write("[]"))) == []


def test_bad_lines_are_passed_over(write: Write) -> None:
    """Each is reported with its number and the reason; the good ones are kept."""
    content = (
        "\n".join(
            [
                json.dumps(ITEMS[0]),
                '{"paper": {"id": "2506',
                '{"paper": {"id": "2506.00002"}}',
                "42",
                '{"date": "someday", "items": []}',
                '{"date": "2025-06-03", "items": "none"}',
                '{"date": "2025-06-03", "items": [{}]}',
                "[" * 100_000,
                json.dumps(ITEMS[2]),
            ]
        ).encode()
        + b'\n{"id": "\xff"}\n'
    )
    path = write(content)
    assert ids(path) == ["2506.00001", "2506.00003"]
    assert {bad.where: bad.why for bad in rejected(path)} == {
        "line 2": "not JSON (Unterminated string starting at)",
        "line 3": "it has no title",
        "line 4": "expected an object, got a number",
        "line 5": "its date is not written YYYY-MM-DD",
        "line 6": "expected a list of papers, got text",
        "line 7, item 1": "it has no id",
        "line 8": "nested too deeply",
        "line 10": "not JSON",
    }


def test_a_broken_array_gives_what_came_before(write: Write) -> None:
    """And says where it broke."""
    text = json.dumps(ITEMS)
    path = write(text[: text.index("Third")])
    assert ids(path) == ["2506.00001", "2506.00002"]
    assert [bad.where for bad in rejected(path)] == ["item 3"]
    assert "the rest of the file was not read" in rejected(path)[0].why


def test_an_array_without_its_end_is_noticed(write: Write) -> None:
    """Cut just between two items."""
    path = write(json.dumps(ITEMS[:2])[:-1])
    assert ids(path) == ["2506.00001", "2506.00002"]
    assert rejected(path) == [Rejected("the end", "the file ends before its list does")]


def test_a_cut_gzip_file_gives_what_came_before(tmp_path: Path) -> None:
    """A download that broke off."""
    packed = gzip.compress(
        "\n".join(json.dumps({**ITEMS[0], "n": n}) for n in range(3_000)).encode()
    )
    path = tmp_path / "cut.jsonl.gz"
    path.write_bytes(packed[: len(packed) // 2])
    assert ids(path)
    assert rejected(path)[-1].where == "the end"
    assert "cut short" in rejected(path)[-1].why


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b" \n\t\n", "is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "is not JSON"),
        (b'{"a"\0: 1}', "is not JSON"),
        (b"id,title\n1,2\n", "is not JSON"),
        (b"<html></html>", "is not JSON"),
        (b"\x1f\x8b\x08\0garbage", "damaged gzip"),
        (b"\x1f\x8b", "damaged gzip"),
    ],
)
def test_a_file_that_is_no_feed_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    """One sentence with the file's name."""
    path = tmp_path / "some.file"
    path.write_bytes(content)
    with pytest.raises(UserError, match=says) as caught:
        list(read_file(path))
    assert str(path) in str(caught.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    """With what to do instead."""
    with pytest.raises(UserError, match="no file"):
        list(read_file(tmp_path / "gone.json"))
    with pytest.raises(UserError, match="is a folder"):
        list(read_file(tmp_path))
    with pytest.raises(UserError, match="cannot be read"):
        list(read_file(tmp_path / ("n" * 400)))


def stream(content: bytes) -> BufferedReader:
    return BufferedReader(cast(Any, BytesIO(content)))


def test_an_endless_line_is_not_kept() -> None:
    """A bomb unpacks to no more than the limit."""
    bomb = stream(b'{"a": 1}\n"' + b"x" * 5_000 + b'"\n{"a": 2}\n')
    values = list(lines(bomb, longest=1_000))
    assert values[0] == Found("line 1", {"a": 1})
    assert isinstance(values[1], Rejected)
    assert values[1].where == "line 2"
    assert "longer than" in values[1].why
    assert len(values) == 2


def test_an_endless_element_is_not_kept() -> None:
    """Nor does one in an array."""
    values = list(spread_out(stream(b'[1, "' + b"x" * 5_000_000), longest=1_000))
    assert values[0] == Found("item 1", 1)
    assert isinstance(values[1], Rejected)
    assert "longer than" in values[1].why


def test_a_large_file_is_read_in_pieces(tmp_path: Path) -> None:
    """Days come out while the file is read, and each of them in one piece."""
    path = tmp_path / "many.json"
    first = date(2024, 1, 1)
    items = [
        make_item(f"24{n // 9_000 + 1:02}.{n % 9_000:05}", day=first + timedelta(days=n // 100))
        for n in range(12_000)
    ]
    path.write_text(json.dumps(items))
    batches = read_file(path)
    early = next(batches)
    assert early.day == first
    rest = list(batches)
    assert sum(len(batch.papers) for batch in [early, *rest]) == 12_000
    assert {len(batch.papers) for batch in [early, *rest]} == {100}


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.dictionaries(st.text(max_size=5), st.text(max_size=5) | st.integers(), max_size=3),
        max_size=6,
    ),
    st.sampled_from([None, 0, 3]),
)
def test_any_array_comes_out_as_it_went_in(
    values: list[dict[str, Any]], indent: int | None
) -> None:
    """Element by element, however it is laid out."""
    found = list(
        spread_out(
            stream(json.dumps(values, indent=indent, ensure_ascii=False).encode("utf-8", "replace"))
        )
    )
    assert [value.data for value in found if isinstance(value, Found)] == json.loads(
        json.dumps(values, ensure_ascii=False).encode("utf-8", "replace")
    )


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    """Never anything but batches or a UserError."""
    path = tmp_path_factory.getbasetemp() / "any.bytes"
    path.write_bytes(content)
    with suppress(UserError):
        assert all(batch.papers or batch.rejected or batch.day for batch in read_file(path))
