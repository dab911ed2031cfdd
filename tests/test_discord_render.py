"""Posts as Discord messages: within every limit, harmless, and without a paper lost."""

from typing import Any

import discord
import pytest
from discord.http import handle_message_parameters
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.discord import controls
from adapters.discord.division import divide
from adapters.discord.layout import Rendered
from adapters.discord.limits import FILE
from adapters.discord.marks import mark, nonce
from adapters.discord.messenger import DiscordMessenger
from adapters.discord.render import render
from bot.digest import Choice, lay_out
from bot.domain.papers import Paper, PaperId
from bot.domain.people import Person
from bot.domain.posts import (
    Digest,
    Entry,
    File,
    Notice,
    Panel,
    PaperCard,
    PaperList,
    Post,
    Row,
)
from bot.domain.subscriptions import Layout, Terms
from bot.editions import Selection
from tests.support.discord_rules import problems
from tests.support.hostile import BAD, Pile, hostile_paper, papers, texts


def payload(rendered: Rendered) -> dict[str, Any]:
    """What discord.py would send, without the files."""
    arguments = rendered.arguments()
    number = len(arguments.pop("files", ()))
    with handle_message_parameters(
        **arguments, allowed_mentions=discord.AllowedMentions.none(), nonce="n"
    ) as parameters:
        sent: dict[str, Any] = dict(parameters.payload or {})
    assert problems(sent, files=number) == []
    return sent


def check(post: Post, *, wanted: int, **how: Any) -> str:
    """Every part fits, and each of the wanted papers is in one of them; the text of all."""
    parts = [render(part, key="key", **how) for part in divide(post, plain=how.get("plain", False))]
    for part in parts:
        payload(part)
    text = "\n".join(part.text for part in parts)
    assert all(text.count(f"/papers/2511.{n + 1:05}") == 1 for n in range(wanted))
    return text


@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize(
    "how", [{"ping": 10**18}, {"plain": True}, {"published": True, "ping": 10**18}]
)
def test_whatever_the_papers_an_edition_fits(layout: Layout, how: dict[str, Any]) -> None:
    """Every message of an edition keeps every limit, and no paper is lost between them."""

    @settings(max_examples=6, deadline=None)
    @given(papers(), texts)
    @example(
        Pile(hostile_paper(n, (BAD[6], BAD[11], BAD[6], None, None)) for n in range(20)), BAD[6]
    )
    def edition(found: Pile, words: str) -> None:
        choice = Choice(papers=found, total=len(found) + 9, left_out=3, filtered=3, repeated=3)
        selection = Selection(key="k", title=words, subtitle=words, papers=found)
        messages = lay_out(selection, choice, Terms(layout=layout), DiscordMessenger.budget)
        shown = []
        for message in messages:
            rendered = render(message, key="key", **how)
            payload(rendered)
            assert len(divide(message)) == 1
            text = rendered.text
            assert all(f"/papers/{entry.paper.id}" in text for entry in message.entries)
            assert mark("key") in text
            shown += [entry.paper.id for entry in message.entries]
        twice = 2 if layout is Layout.THREAD else 1
        assert sorted(shown) == sorted(paper.id for paper in found for _ in range(twice))

    edition()


@settings(max_examples=20, deadline=None)
@given(papers(100), texts, st.booleans())
def test_lists_fit(found: Pile, words: str, plain: bool) -> None:
    """A page of up to a hundred papers, whatever it was asked with."""
    entries = tuple(
        Entry(paper=p, number=n, why=words, saved_by=(Person("discord", "1", words),))
        for n, p in enumerate(found, start=901)
    )
    post = PaperList(
        title=words,
        entries=entries,
        page=2,
        pages=9,
        total=900,
        back=f"/paper search {words} page:1",
        forth=f"/paper search {words} page:3",
        notes=(words,) * 9,
    )
    check(post, wanted=len(found), plain=plain)


@settings(max_examples=20, deadline=None)
@given(papers(1), texts, st.booleans(), st.booleans())
def test_full_cards_fit(found: Pile, words: str, plain: bool, published: bool) -> None:
    """Everything about a paper, with an abstract of any length."""
    for paper in found:
        for abstract in (paper.abstract, "long word " * 2_000, "*_" * 3_000):
            entry = Entry(paper=Paper(id=paper.id, title=words, abstract=abstract), number=1)
            card = PaperCard(entry=entry, full=True, notes=(words, words))
            check(card, wanted=1, plain=plain, published=published)


@settings(max_examples=20, deadline=None)
@given(st.lists(texts, min_size=1, max_size=5), st.booleans())
def test_panels_and_notices_fit(words: list[str], plain: bool) -> None:
    """Forty rows, five thousand characters: cut in several messages where they have to be."""
    rows = tuple(Row(words[n % len(words)], words[-n % len(words)] or "text") for n in range(40))
    check(Panel(title=words[0], rows=rows, notes=tuple(words)), wanted=0, plain=plain)
    long = (" ".join(words) or "word") * 50
    check(Notice(text=long[:5_000], tone="warning", hints=tuple(words)), wanted=0, plain=plain)


@pytest.mark.parametrize("plain", [False, True])
def test_long_posts_lose_no_word(plain: bool) -> None:
    """What is cut in several messages is all there."""
    numbers = [f"word{n}" for n in range(700)]
    text = check(Notice(text=" ".join(numbers)), wanted=0, plain=plain)
    assert all(f"{word}" in text.split() for word in numbers)
    rows = tuple(Row(f"label{n}", f"text{n} " * 20) for n in range(40))
    text = check(Panel(title="Help", rows=rows), wanted=0, plain=plain)
    assert all(f"label{n}" in text and f"text{n}" in text for n in range(40))


@pytest.mark.parametrize(
    "post",
    [
        Notice(text=""),
        Notice(text="\u200b \n"),
        Panel(title="", rows=(Row("", ""),)),
        Digest(title=""),
        PaperList(title=" "),
        PaperCard(entry=Entry(paper=Paper(id=PaperId("2511.00001"), title=""))),
        File(name="", media_type="text/plain", content=b""),
        File(name="x", media_type="text/plain", content=b"x"),
    ],
)
@pytest.mark.parametrize("plain", [False, True])
def test_no_message_is_empty(post: Post, plain: bool) -> None:
    """Discord refuses empty messages, and white space counts as nothing."""
    payload(render(post, plain=plain))


def test_a_bad_paper_harms_only_itself() -> None:
    """Beside a title of 2,000 stars the other papers stay as they are."""
    good = Paper(id=PaperId("2511.00002"), title="Good", ai_summary="A summary of it.")
    bad = Paper(id=PaperId("2511.00001"), title="*" * 2_000, abstract="\x00" * 9_000)
    digest = Digest(title="Papers", entries=(Entry(paper=bad), Entry(paper=good, number=2)))
    text = render(digest).text
    assert "**2. [Good](https://huggingface.co/papers/2511.00002)**\nA summary of it." in text
    assert r"**1. [\*\*\*" in text


def test_a_digest_shows_what_matters() -> None:
    """Linked title, votes, comments, code with stars, organisation, a line of summary, the picture."""
    paper = Paper(
        id=PaperId("2511.00001"),
        title="CLIP again",
        ai_summary="Better.",
        upvotes=1_234,
        comments=5,
        code_url="https://github.com/a/b",
        stars=12_345,
        organization="ACME",
        thumbnail="https://cdn.example/p.png",
    )
    digest = Digest(title="Daily Papers", entries=(Entry(paper=paper, late=True),))
    rendered = render(digest)
    assert rendered.text.splitlines()[2:] == [
        "**1. [CLIP again](https://huggingface.co/papers/2511.00001)**",
        "Better.",
        "-# ▲ 1,234 · 💬 5 · [code ★ 12.3k](https://github.com/a/b) · ACME · added later",
    ]
    assert [piece.picture for piece in rendered.pieces] == [None, "https://cdn.example/p.png"]


def test_controls_can_be_read_back() -> None:
    """The ids of controls say what they do, whichever process made them."""
    entries = tuple(
        Entry(paper=Paper(id=PaperId(f"2511.0000{n}"), title=f"T{n}"), number=n) for n in (1, 2)
    )
    page = PaperList(title="x", entries=entries, back="/paper x page:1", forth="/paper x page:3")
    ids = _ids(payload(render(page)))
    acts = ["save", "show", "similar"]
    assert [controls.PICK.fullmatch(id)["act"] for id in ids[:3]] == acts  # type: ignore[index]
    assert [controls.PAGE.fullmatch(id)["text"] for id in ids[3:]] == ["x page:1", "x page:3"]  # type: ignore[index]
    assert controls.picked(controls.menus(entries)[0].options[1][1]) == (2, "2511.00002")
    assert controls.picked("nonsense") is None
    save, show, similar = _ids(payload(render(PaperCard(entry=entries[1]))))
    assert controls.SAVE.fullmatch(save)["number"] == "2"  # type: ignore[index]
    assert controls.SHOW.fullmatch(show)["paper"] == "2511.00002"  # type: ignore[index]
    assert controls.SIMILAR.fullmatch(similar)["paper"] == "2511.00002"  # type: ignore[index]
    (_, _, nominate), (*_, vote) = (
        _ids(payload(render(PaperCard(entry=entries[1], full=full, ballot=not full))))
        for full in (True, False)
    )
    for act, id in (("nominate", nominate), ("vote", vote)):
        found = controls.CLUB.fullmatch(id)
        assert found
        assert (found["act"], found["paper"]) == (act, "2511.00002")
    assert controls.UNSAVE.fullmatch(controls.unsave_button(PaperId("2511.01234")).target)
    assert _ids(payload(render(page, controls=False))) == []


def _ids(message: dict[str, Any]) -> list[str]:
    found = []
    stack = list(reversed(message.get("components", [])))
    while stack:
        component = stack.pop()
        found += [component["custom_id"]] if component.get("custom_id") else []
        stack += reversed(component.get("components", []))
    return found


def test_a_command_too_long_for_a_button_is_written_out() -> None:
    """Nobody is stuck on a page."""
    long = "/paper search " + "w" * 150 + " page:3"
    rendered = render(PaperList(title="x", page=2, pages=3, total=30, forth=long))
    assert _ids(payload(rendered)) == []
    assert f"Next: `{long}`" in rendered.text
    assert "Next: `/p x 2`" in render(PaperList(title="x", forth="/p x 2"), plain=True).text


def test_plain_is_plain() -> None:
    """The refused post's second try has no component, no embed and no markup of ours."""
    paper = Paper(id=PaperId("2511.00001"), title="T", ai_summary="S.", upvotes=2)
    message = payload(render(Digest(title="D", entries=(Entry(paper=paper),)), plain=True))
    assert message["content"] == "D\n1) T · ▲ 2\nS.\n<https://huggingface.co/papers/2511.00001>"
    assert not message.get("components")
    assert not message.get("embeds")


def test_a_published_post_needs_no_component() -> None:
    """Channels that follow get no components, so text stands in an embed there, under the menus."""
    paper = Paper(id=PaperId("2511.00001"), title="T")
    digest = Digest(title="D", entries=(Entry(paper=paper),))
    message = payload(render(digest, published=True, ping=7))
    assert message["content"] == "<@&7>"
    assert "T" in message["embeds"][0]["description"]
    assert [row["type"] for row in message["components"]] == [1, 1]


def test_a_role_is_pinged_above_the_box() -> None:
    """A mention inside other text would be overlooked."""
    message = payload(render(Digest(title="D"), ping=7))
    assert message["components"][0] == {"type": 10, "content": "<@&7>"}


def test_files_are_attached() -> None:
    """With a name that Discord shows as it is, and as often as they are sent."""
    rendered = render(
        File(name="../my papers\u202e.bib", media_type="x", content=b"@", text="Two.")
    )
    assert [file.filename for file in rendered.files] == ["my-papers.bib"]
    assert rendered.files[0].fp.read() == rendered.files[0].fp.read() == b"@"
    assert payload(rendered)["content"] == "Two."


def test_a_file_too_large_is_explained() -> None:
    """Discord's own error would say nothing."""
    large = File(name="all.bib", media_type="x", content=b"x" * (FILE + 1))
    text = render(large).text
    assert "10.0 MiB" in text
    assert "fewer papers" in text


def test_marks_and_nonces_are_stable() -> None:
    """They are derived from the key alone and fit where they have to stand."""
    assert nonce("k") == nonce("k") != nonce("l")
    assert len(nonce("k")) == 24
    assert mark("k") == f"#d:{nonce('k')}"


async def test_the_library_keeps_no_message() -> None:
    """A view that it stored for each message would never be forgotten."""
    view = render(Digest(title="D")).arguments()["view"]
    assert view.is_finished()
    card = PaperCard(entry=Entry(paper=Paper(id=PaperId("2511.00001"), title="T")))
    assert render(card, published=True).arguments()["view"].is_finished()


def test_a_message_can_replace_another() -> None:
    """Whatever stood there before is taken away."""
    edit = render(Notice(text="Now."), plain=True).edit_arguments()
    assert edit == {"content": "Now.", "embed": None, "view": None, "attachments": []}
    assert set(render(Notice(text="Now.")).edit_arguments()) == {"view", "attachments"}
