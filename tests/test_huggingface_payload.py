"""JSON of every era becomes papers; what cannot be one says why."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from adapters.huggingface.links import repository, web_link
from adapters.huggingface.payload import (
    AUTHORS,
    TITLE,
    featured_day,
    read_item,
    read_items,
)
from bot.domain.papers import Rejected
from tests.support.huggingface import make_item

DAY = date(2025, 6, 2)


def test_an_item_of_today_is_read_whole() -> None:
    """Every field that we know finds its place."""
    paper = read_item(
        make_item(
            "2506.01234",
            "On Things",
            upvotes=12,
            comments=3,
            day=DAY,
            ai_summary="Things are studied.",
            ai_keywords=["things", "study", "things"],
            githubRepo="https://github.com/a/b",
            githubStars=7,
            projectPage="https://a.io/b",
            organization={"name": "acme", "fullname": "ACME Labs"},
            top={"mediaUrls": ["https://cdn-uploads.huggingface.co/x.mp4"]},
        )
    )
    assert paper.id == "2506.01234"
    assert paper.title == "On Things"
    assert paper.authors == ("Ada Byron", "Wei Li")
    assert paper.featured == DAY
    assert paper.published == date(2025, 5, 31)
    assert (paper.upvotes, paper.comments, paper.stars) == (12, 3, 7)
    assert paper.ai_summary == "Things are studied."
    assert paper.keywords == ("things", "study")
    assert paper.code_url == "https://github.com/a/b"
    assert paper.project_url == "https://a.io/b"
    assert paper.organization == "ACME Labs"
    assert (
        paper.thumbnail
        == "https://cdn-thumbnails.huggingface.co/social-thumbnails/papers/2506.01234.png"
    )
    assert paper.has_video


def test_a_flat_paper_is_read() -> None:
    """`/api/papers/{id}` has no wrapper; unknown keys are ignored."""
    flat = {
        **make_item("2506.01234", "On Things", upvotes=5, day=DAY)["paper"],
        "numTotalModels": 3,
    }
    paper = read_item(flat)
    assert (paper.title, paper.upvotes, paper.featured) == ("On Things", 5, DAY)


def test_a_search_hit_of_2024_is_read() -> None:
    """Then a hit had an id and a title and nothing else of use."""
    hit = {
        "id": "2409.00001",
        "title": "On Things",
        "thumbnailUrl": "https://a.io/x.png",
        "source": "hf",
    }
    paper = read_item(hit)
    assert (paper.id, paper.title, paper.thumbnail) == (
        "2409.00001",
        "On Things",
        "https://a.io/x.png",
    )
    assert paper.featured is None


@pytest.mark.parametrize("written", [json.dumps, repr])
def test_an_item_in_a_string_is_read(written: Any) -> None:
    """Items have been seen as text, in JSON and as Python prints them."""
    item = make_item("2506.01234", 'It\'s "quoted"', day=DAY, top={"isAuthorParticipating": True})
    assert read_item(written(item)) == read_item(item)


def test_the_singular_media_url_is_a_thumbnail_or_something_to_play() -> None:
    """Until June 2024 one field held either."""
    picture = "https://cdn-thumbnails.huggingface.co/social-thumbnails/papers/2405.00001.png"
    old = make_item("2405.00001", top={"thumbnail": None, "mediaUrl": picture})
    assert (read_item(old).thumbnail, read_item(old).media) == (picture, ())
    film = make_item("2405.00001", top={"thumbnail": None, "mediaUrl": "https://a.io/x.mp4"})
    assert (read_item(film).thumbnail, read_item(film).media) == (None, ("https://a.io/x.mp4",))


@pytest.mark.parametrize(
    ("submitted", "top", "published", "day"),
    [
        (
            "2025-06-02T00:38:17.269Z",
            "2025-05-29T20:00:00.000Z",
            "2025-05-30T00:00:00.000Z",
            date(2025, 6, 2),
        ),
        ("2026-06-02T00:00:00.000Z", None, "2026-06-01T00:00:00.000Z", date(2026, 6, 2)),
        ("2025-06-01T23:30:00-02:00", None, "2025-05-30T00:00:00.000Z", date(2025, 6, 2)),
        (None, "2024-05-27T03:50:58.348Z", "2024-05-24T17:34:15.000Z", date(2024, 5, 27)),
        (None, "2024-12-18T21:49:32.000Z", "2024-12-17T19:00:00.000Z", date(2024, 12, 19)),
        (None, "2024-12-19T21:10:00.000Z", "2024-12-17T19:00:00.000Z", date(2024, 12, 19)),
        (None, "2025-03-12T13:00:00.000Z", "2025-03-12T17:00:00.000Z", None),
        (None, "2025-03-12T13:00:00.000Z", "2025-03-11T17:00:00.000Z", None),
        (None, "2024-04-05T19:40:36.000Z", "2024-04-05T23:40:36.000Z", None),
        (None, None, "2024-04-05T23:40:36.000Z", None),
        ("soon", "later", "never", None),
        (7, [], {}, None),
    ],
)
def test_the_featured_day(submitted: Any, top: Any, published: Any, day: date | None) -> None:
    """The submission says it; until March 2025 the outer date did, for a while by New York's clock."""
    item = {
        "paper": {"publishedAt": published, "submittedOnDailyAt": submitted},
        "publishedAt": top,
    }
    assert featured_day(item) == day


def test_the_outer_publication_date_is_never_believed() -> None:
    """Since March 2025 it is hours off, often a day."""
    item = make_item("2506.01234", day=DAY)
    item["paper"]["publishedAt"] = "2025-05-30T00:00:00.000Z"
    item["publishedAt"] = "2025-05-29T20:00:00.000Z"
    assert read_item(item).published == date(2025, 5, 30)
    del item["paper"]["publishedAt"]
    assert read_item(item).published is None


def test_hidden_authors_are_left_out() -> None:
    """They asked for it; teams and short names are fine."""
    authors = [
        {"name": "Yu", "hidden": False},
        {"name": "Gone Away", "hidden": True},
        {"name": "GLM-5 Team"},
        {"name": "José  \n Núñez\u202e"},
        {"name": ""},
        {"name": None},
        {},
        7,
        "Plain Text",
    ]
    paper = read_item(make_item("2506.01234", authors=authors))
    assert paper.authors == ("Yu", "GLM-5 Team", "José Núñez", "Plain Text")


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (5, 5),
        (0, 0),
        (-3, 0),
        ("12", 12),
        (3.9, 3),
        (True, 0),
        (None, 0),
        ("many", 0),
        (float("nan"), 0),
        (float("inf"), 2**31 - 1),
        (10**30, 2**31 - 1),
        ("9" * 5_000, 0),
        ([1], 0),
    ],
)
def test_counts_are_numbers(given: Any, read: int) -> None:
    """Never negative, never larger than a database column, nought for nonsense."""
    assert read_item(make_item("2506.01234", upvotes=given)).upvotes == read


def test_stars_may_be_unknown() -> None:
    """That is not the same as none."""
    assert read_item(make_item("2506.01234")).stars is None
    assert read_item(make_item("2506.01234", githubStars=0)).stars == 0


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("https://github.com/\nFighting/NeuroAda.git", "https://github.com/Fighting/NeuroAda"),
        ("https://github.com/a/b/", "https://github.com/a/b"),
        ("https://github.com/a/b//", "https://github.com/a/b"),
        ("http://www.github.com/a/b/tree/main/c?x=1#y", "https://github.com/a/b"),
        ("github.com/a/b.git", "https://github.com/a/b"),
        ("https://github.com/a", "https://github.com/a"),
        ("https://gitlab.com/a/b/c.git/", "https://gitlab.com/a/b/c"),
        ("https://huggingface.co/a/b", "https://huggingface.co/a/b"),
        ("git@github.com:a/b.git", None),
        ("javascript:alert(1)", None),
        ("", None),
        (None, None),
    ],
)
def test_a_repository_has_one_spelling(given: Any, read: str | None) -> None:
    """Whatever was pasted, the link leads to the repository."""
    assert repository(given) == read


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (" https://a.io/b ", "https://a.io/b"),
        ("http://203.0.113.7:8080/x", "http://203.0.113.7:8080/x"),
        ("a.github.io/b", "https://a.github.io/b"),
        ("https://a.io/?next=https://b.io", "https://a.io/?next=https://b.io"),
        ("https://bücher.example/ü", "https://bücher.example/ü"),
        ("JavaScript:alert(1)//a.io/", None),
        ("java\nscript:alert(1)", None),
        ("data:text/html,x", None),
        ("ftp://a.io/x", None),
        ("//a.io/x", None),
        ("/avatars/x.svg", None),
        ("https://user:secret@a.io/", None),
        ("https://a.io/<script>", None),
        ("https://a.io/\u202egpj.exe", None),
        ("https://a.io\\@b.io", None),
        ("https://", None),
        ("see a.io", None),
        ("https://a.io/b (our page)", "https://a.io/b"),
        ("https://a.io/" + "x" * 3_000, None),
        (["https://a.io"], None),
    ],
)
def test_only_web_links_get_through(given: Any, read: str | None) -> None:
    """Nothing that runs code, hides its host or is no address."""
    assert web_link(given) == read


@pytest.mark.parametrize(
    ("item", "why"),
    [
        (None, "expected an object, got nothing"),
        (7, "expected an object, got a number"),
        ([], "expected an object, got a list"),
        ("just words", "expected an object, got text"),
        ("(" * 300_000, "expected an object, got text"),
        ("x" * 600_000, "the item is too long"),
        ({}, "it has no id"),
        ({"paper": {"id": "cs/0112017", "title": "Old"}}, "'cs/0112017' is no arXiv id"),
        ({"paper": {"id": 2506.01234, "title": "X"}}, "2506.01234 is no arXiv id"),
        ({"paper": {"id": "\x1b[31m\u202e9", "title": "X"}}, "'\\x1b[31m\\u202e9' is no arXiv id"),
        ({"paper": {"id": "2506.01234"}}, "it has no title"),
        ({"paper": {"id": "2506.01234", "title": " \u200b\n"}}, "it has no title"),
        ({"paper": {"id": "2506.01234", "title": 5}}, "it has no title"),
        ({"error": "nope"}, "it is an error message: nope"),
    ],
)
def test_what_is_no_paper_says_why(item: Any, why: str) -> None:
    """In a few words for people."""
    with pytest.raises(ValueError, match=r".+") as caught:
        read_item(item)
    assert str(caught.value) == why


def test_a_bad_item_costs_only_itself() -> None:
    """The rest of the list is kept, in order."""
    data = [make_item("2506.00001"), {"paper": {}}, make_item("2506.00002v3")]
    papers, rejected = read_items(data, "day:2025-06-02")
    assert [paper.id for paper in papers] == ["2506.00001", "2506.00002"]
    assert rejected == [Rejected("day:2025-06-02, item 2", "it has no id")]


@pytest.mark.parametrize("data", [{"error": "x"}, "text", None, 5, {"items": 3}])
def test_a_list_must_be_a_list(data: object) -> None:
    """Anything else is an error of the whole."""
    with pytest.raises(ValueError, match="expected a list of papers"):
        read_items(data, "here")


def test_long_fields_are_cut() -> None:
    """Nobody can fill the archive with one item."""
    paper = read_item(
        make_item(
            "2506.01234",
            "T" * 9_000,
            summary="a " * 50_000,
            authors=[{"name": f"Author {n}"} for n in range(5_000)],
            ai_keywords=["k" * 5_000, *map(str, range(500))],
        )
    )
    assert len(paper.title) == TITLE
    assert len(paper.abstract) <= 20_000
    assert len(paper.authors) == AUTHORS
    assert len(paper.keywords) == 50
    assert max(map(len, paper.keywords)) <= 200


def test_every_hour_is_featured_on_its_day() -> None:
    """A submission at any hour of a UTC day belongs to that day."""
    for hour in range(24):
        stamp = datetime(2025, 12, 1, hour, 59, 59, tzinfo=UTC).isoformat()
        assert featured_day({"paper": {"submittedOnDailyAt": stamp}}) == date(2025, 12, 1)
