"""Whatever is answered is read, or refused in one line."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.huggingface.payload import (
    error_text,
    read_item,
    read_items,
)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"error":"Sorry, we can\'t find the page"}', "Sorry, we can't find the page"),
        (b'{"error":"\\u001b[31mred\\u001b[0m\\n"}', "red"),
        (b'{"error":{"code":1}}', ""),
        (b"[]", ""),
        (b"<html>", ""),
        (b"\xff\xfe", ""),
        (b"[" * 100_000, ""),
        (b"", ""),
    ],
)
def test_the_error_of_an_answer(body: bytes, text: str) -> None:
    """One clean line, or nothing."""
    assert error_text(body) == text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=8,
)
FIELDS = [
    "id",
    "title",
    "summary",
    "authors",
    "publishedAt",
    "submittedOnDailyAt",
    "upvotes",
    "ai_summary",
    "ai_keywords",
    "githubRepo",
    "githubStars",
    "projectPage",
    "organization",
    "mediaUrls",
    "mediaUrl",
    "thumbnail",
    "numComments",
]


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=8),
    st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=8),
)
def test_any_fields_make_a_paper_or_a_value_error(
    inner: dict[str, Any], outer: dict[str, Any]
) -> None:
    """No shape of a field, whatever comes next year, raises anything else."""
    paper = read_item({**outer, "paper": {**inner, "id": "2506.01234", "title": "T"}})
    assert all(url.startswith(("https://", "http://")) for url in _links(paper))
    papers, rejected = read_items([{**outer, "paper": inner}], "here")
    assert len(papers) + len(rejected) == 1


def _links(paper: Any) -> Iterator[str]:
    yield from filter(None, (paper.code_url, paper.project_url, paper.thumbnail, *paper.media))
