"""Posts as Slack messages: within every limit, harmless, and without a paper lost."""

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.slack.cards import entry_blocks
from adapters.slack.detail import Detail
from adapters.slack.layout import Block
from adapters.slack.limits import BLOCKS, BYTES, TEXT, size
from adapters.slack.render import PER_DIGEST, Rendered, blocks_of, divide, render
from bot.digest import Choice, lay_out
from bot.domain.papers import Paper, PaperId
from bot.domain.people import Channel, Person, Workspace
from bot.domain.ports import Budget
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
from bot.domain.text import instant, place
from bot.editions import Selection
from tests.support.hostile import BAD, Pile, hostile_paper, papers, texts
from tests.support.slack_marks import faults, links, mrkdwn
from tests.support.slack_rules import check_blocks, check_message

BUDGET = Budget(entries=PER_DIGEST, characters=PER_DIGEST * 1_000)


def checked(rendered: Rendered) -> Rendered:
    """The same, if Slack takes it and nothing from outside is active in it."""
    arguments = rendered.arguments()
    check_message(arguments)
    assert 0 < size(rendered.text) <= TEXT
    assert len(rendered.blocks) <= BLOCKS
    assert rendered.size == len(json.dumps(list(rendered.blocks))) <= BYTES
    for text in mrkdwn(rendered.blocks):
        assert text["verbatim"] is True
        assert faults(text["text"]) == []
    assert faults(rendered.text) == []
    assert set(arguments) <= {"text", "blocks", "unfurl_links", "unfurl_media"}
    return rendered


def shown_in(rendered: Rendered) -> Counter[str]:
    """How often each paper is linked in the blocks."""
    return Counter(url for text in mrkdwn(rendered.blocks) for url in links(text["text"]))


def check(post: Post, *, wanted: tuple[Entry, ...] = (), plain: bool = False) -> list[Rendered]:
    """Every part fits, and each of the wanted papers stands once in the blocks and in the text."""
    parts = [checked(render(part, plain=plain)) for part in divide(post, plain=plain)]
    text = "\n".join(part.text for part in parts)
    said = Counter(links(text))
    drawn = sum((shown_in(part) for part in parts), Counter[str]())
    written = "\n".join(str(one["text"]) for part in parts for one in mrkdwn(part.blocks))
    for entry in wanted:
        assert said[entry.paper.url] == 1
        assert f"\n{entry.number}. <{entry.paper.url}|" in f"\n{text}"
        if not plain:
            assert drawn[entry.paper.url] == 1
            assert f"*{entry.number}. <{entry.paper.url}|" in written
    return parts


@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize("plain", [False, True])
def test_whatever_the_papers_an_edition_fits(layout: Layout, plain: bool) -> None:
    """Every message of an edition keeps every limit, and no paper is lost between them."""

    @settings(max_examples=6, deadline=None)
    @given(papers(), texts)
    @example(
        Pile(hostile_paper(n, (BAD[6], BAD[11], BAD[6], None, None)) for n in range(20)), BAD[6]
    )
    def edition(found: Pile, words: str) -> None:
        choice = Choice(papers=found, total=len(found) + 9, left_out=3, filtered=3, repeated=3)
        selection = Selection(key="k", title=words, subtitle=words, papers=found)
        messages = lay_out(selection, choice, Terms(layout=layout), BUDGET)
        shown: list[str] = []
        for message in messages:
            assert divide(message, plain=plain) == (message,)
            rendered = checked(render(message, plain=plain))
            said = Counter(links(rendered.text))
            drawn = said if plain else shown_in(rendered)
            assert all(said[e.paper.url] == drawn[e.paper.url] == 1 for e in message.entries)
            shown += [entry.paper.id for entry in message.entries]
        twice = 2 if layout is Layout.THREAD else 1
        assert sorted(shown) == sorted(paper.id for paper in found for _ in range(twice))

    edition()


@settings(max_examples=10, deadline=None)
@given(papers(100), texts, st.booleans())
@example(Pile(hostile_paper(n, (BAD[12], "", "", None, None)) for n in range(20)), BAD[12], False)
@example(Pile(hostile_paper(n, (BAD[7], "", "", None, None)) for n in range(20)), BAD[7], True)
def test_lists_fit(found: Pile, words: str, plain: bool) -> None:
    """A page of up to a hundred papers, whatever it was asked with."""
    entries = tuple(
        Entry(paper=p, number=n, why=words, saved_by=(Person("slack", "T1.U1", words),))
        for n, p in enumerate(found, start=901)
    )
    post = PaperList(
        title=words,
        entries=entries,
        url="https://huggingface.co/papers/trending",
        page=2,
        pages=9,
        total=900,
        back=f"/paper search {words} page:1",
        forth=f"/paper search {words} page:3",
        notes=(words,) * 9,
    )
    check(post, wanted=entries, plain=plain)


@settings(max_examples=15, deadline=None)
@given(papers(1), texts, st.booleans(), st.booleans())
def test_cards_fit(found: Pile, words: str, plain: bool, full: bool) -> None:
    """Everything about a paper, with an abstract of any length."""
    for paper in found:
        for abstract in (paper.abstract, "long word " * 2_000, "*_" * 3_000, "文" * 5_000):
            entry = Entry(paper=replace(paper, abstract=abstract), number=1, late=True)
            parts = check(PaperCard(entry=entry, full=full, notes=(words, words)), plain=plain)
            assert paper.url in links(parts[0].text)


@settings(max_examples=15, deadline=None)
@given(st.lists(texts, min_size=1, max_size=5), st.booleans())
def test_panels_and_notices_fit(words: list[str], plain: bool) -> None:
    """Forty rows, five thousand characters: cut in several messages where they have to be."""
    rows = tuple(Row(words[n % len(words)], words[-n % len(words)] or "text") for n in range(40))
    check(Panel(title=words[0], rows=rows, notes=tuple(words)), plain=plain)
    long = (" ".join(words) or "word") * 50
    check(Notice(text=long[:5_000], tone="warning", hints=tuple(words)), plain=plain)


@pytest.mark.parametrize("plain", [False, True])
def test_long_posts_lose_no_word(plain: bool) -> None:
    """What is cut in several messages is all there, in the blocks and in the text."""
    numbers = [f"word{n}" for n in range(1_700)]
    parts = check(Notice(text=" ".join(numbers)), plain=plain)
    assert " ".join(part.text for part in parts).split() == numbers
    rows = tuple(Row(f"label{n}", f"text{n} " * 20) for n in range(40))
    parts = check(Panel(title="Help", rows=rows), plain=plain)
    assert len(parts) > 1
    for part in ([p.text for p in parts], *([] if plain else [_drawn(parts)])):
        words = Counter("\n".join(part).replace("*", "").split())
        assert all(words[f"label{n}"] == 1 and words[f"text{n}"] == 20 for n in range(40))


def _drawn(parts: list[Rendered]) -> list[str]:
    return [str(one["text"]) for part in parts for one in mrkdwn(part.blocks)]


def test_marks_are_not_cut_in_two() -> None:
    """An instant or a channel at the end of a part moves to the next one whole."""
    at = instant(datetime(2025, 12, 5, 8, tzinfo=UTC), "then")
    there = place(Channel(Workspace("slack", "T1"), "C1"))
    parts = check(Notice(text=f"{at}{there}" * 120))
    text = "".join(part.text for part in parts)
    assert len(parts) > 1
    assert text.count("<!date^1764921600^") == text.count("<#C1>") == 120
    assert "\x02" not in text


@pytest.mark.parametrize(
    "post",
    [
        Notice(text=""),
        Notice(text="\u200b \n"),
        Panel(title="", rows=(Row("", ""),)),
        Digest(title=""),
        PaperList(title=" "),
        PaperCard(entry=Entry(paper=Paper(id=PaperId("2511.00001"), title=""))),
        PaperCard(entry=Entry(paper=Paper(id=PaperId("2511.00001"), title="")), full=True),
        File(name="", media_type="text/plain", content=b""),
        File(name="x", media_type="text/plain", content=b"x", text="One *paper*."),
    ],
)
@pytest.mark.parametrize("plain", [False, True])
def test_no_message_is_empty(post: Post, plain: bool) -> None:
    """Slack refuses empty messages and empty texts in blocks."""
    checked(render(post, plain=plain))
    check_blocks(blocks_of(post))


PAPER = Paper(
    id=PaperId("2511.00001"),
    title="CLIP again",
    abstract="We look again. It is better.",
    ai_summary="Better.",
    authors=("Ann One", "Bob Two"),
    keywords=("vision", "language"),
    upvotes=1_234,
    comments=5,
    code_url="https://github.com/a/b",
    stars=12_345,
    organization="ACME",
    thumbnail="https://cdn.example/p.png",
    featured=date(2025, 11, 3),
    published=date(2025, 11, 1),
)


def _texts(blocks: tuple[Block, ...]) -> list[str]:
    """What stands in each block, with the labels of what can be pressed."""
    return [_said(block) for block in blocks]


def _said(block: Any) -> str:
    match block["type"]:
        case "divider":
            return "---"
        case "actions":
            return " ".join(f"[{one['text']['text']}]" for one in block["elements"])
        case "context":
            return "\n".join(one["text"] for one in block["elements"])
        case _:
            return str(block["text"]["text"])


def test_a_digest_shows_what_matters() -> None:
    """A heading, and for each paper its number, linked title, a line of summary and its facts."""
    digest = Digest(
        title="Daily Papers",
        subtitle="1 of 9 papers",
        url="https://huggingface.co/papers/date/2025-11-03",
        entries=(Entry(paper=PAPER, late=True),),
        notes=("React, or write `/paper save 1`.",),
        part=2,
        parts=2,
    )
    rendered = checked(render(digest))
    assert _texts(rendered.blocks) == [
        "Daily Papers",
        f"1 of 9 papers · part 2 of 2 · <{digest.url}|Open on Hugging Face>",
        "*1. <https://huggingface.co/papers/2511.00001|CLIP again>*\nBetter.",
        "▲ 1,234 · 💬 5 · <https://github.com/a/b|code ★ 12.3k> · ACME · added later",
        "---",
        "React, or write `/paper save 1`.",
    ]
    assert rendered.blocks[2]["accessory"]["type"] == "overflow"


def test_the_text_says_it_all() -> None:
    """Screen readers and notifications get nothing else."""
    entries = (Entry(paper=PAPER), Entry(paper=replace(PAPER, title="Two <3", upvotes=7), number=2))
    digest = Digest(title="Daily *Papers*", subtitle="2 papers", entries=entries, notes=("React.",))
    for plain in (False, True):
        assert render(digest, plain=plain).text.splitlines() == [
            "Daily ∗Papers∗",
            "2 papers",
            "",
            "1. <https://huggingface.co/papers/2511.00001|CLIP again> · ▲ 1,234",
            "Better.",
            "",
            "2. <https://huggingface.co/papers/2511.00001|Two &lt;3> · ▲ 7",
            "Better.",
            "",
            "React.",
        ]
    assert render(digest, plain=True).arguments().keys() == {"text", "unfurl_links", "unfurl_media"}


def test_a_full_card_shows_everything() -> None:
    """The picture beside title and authors, facts, abstract, keywords, and what to do."""
    ann = Person("slack", "T1.U1", "Ann <!here>")
    card = PaperCard(entry=Entry(paper=PAPER, saved_by=(ann, ann)), full=True, notes=("New.",))
    rendered = checked(render(card))
    facts = (
        "▲ 1,234 · 💬 5 · <https://github.com/a/b|code ★ 12.3k> · ACME"
        " · 🔖 saved by Ann &lt;!here&gt; and 1 more"
    )
    assert _texts(rendered.blocks) == [
        "*<https://huggingface.co/papers/2511.00001|CLIP again>*\nAnn One, Bob Two",
        f"{facts}\non Daily Papers 3 November 2025 · published 1 November 2025",
        "*In short*\nBetter.",
        "*Abstract*\nWe look again. It is better.",
        "vision · language",
        "[Save] [Unsave] [Similar] [Nominate] [arXiv] [Code]",
        "New.",
    ]
    assert rendered.blocks[0]["accessory"]["image_url"] == "https://cdn.example/p.png"
    assert "We look again." in rendered.text


def test_nobody_is_called_by_id() -> None:
    """Who saved a paper and has no name we know is counted."""
    entry = Entry(paper=PAPER, saved_by=(Person("slack", "T1.U1"), Person("slack", "T1.U2")))
    assert "🔖 saved by 2" in str(blocks_of(PaperList(title="x", entries=(entry,))))


@pytest.mark.parametrize(
    "thumbnail", [None, "http://x.example/p.png", "javascript:x", "https://x.example/film.MP4?s=1"]
)
def test_no_picture_where_slack_finds_none(thumbnail: str | None) -> None:
    """Slack refuses a whole message for one."""
    card = PaperCard(entry=Entry(paper=replace(PAPER, thumbnail=thumbnail)))
    assert "accessory" not in checked(render(card)).blocks[0]


def test_a_bad_paper_harms_only_itself() -> None:
    """Beside a title of 2,000 stars the other papers stay as they are."""
    bad = Paper(id=PaperId("2511.00009"), title="*" * 2_000, abstract="\x00" * 9_000)
    digest = Digest(title="Papers", entries=(Entry(paper=bad), Entry(paper=PAPER, number=2)))
    said = _texts(checked(render(digest)).blocks)
    assert said[1].startswith("*1. <https://huggingface.co/papers/2511.00009|∗∗∗")
    assert said[3] == "*2. <https://huggingface.co/papers/2511.00001|CLIP again>*\nBetter."


def test_a_long_list_is_terse() -> None:
    """Twenty ordinary papers keep their titles and facts and lose their summaries, all of them."""
    words = "A title of an ordinary length for a paper about vision and language"
    paper = replace(PAPER, title=words, ai_summary="A summary of ordinary length. " * 6)
    entries = tuple(Entry(paper=paper, number=n) for n in range(1, 21))
    said = _texts(checked(render(PaperList(title="x", entries=entries))).blocks)
    assert len(said) == 21
    assert all(f"|{words}>*\n▲ 1,234 · 💬 5 · <" in one for one in said[1:])


def test_ten_ordinary_papers_are_not_shortened() -> None:
    """A digest has room for titles, summaries and facts as papers usually have them."""
    paper = replace(PAPER, title="A title of ordinary length " * 4, ai_summary="Words " * 45)
    entries = tuple(Entry(paper=paper, number=n) for n in range(1, PER_DIGEST + 1))
    digest = Digest(title="Daily Papers", subtitle="10 papers", entries=entries, notes=("x" * 90,))
    whole = tuple(block for entry in entries for block in entry_blocks(entry, Detail()))
    assert checked(render(digest)).blocks[2:-2] == whole


def test_notices_have_a_tone() -> None:
    """What went well and what did not can be told apart at a glance."""
    assert render(Notice(text="Saved.", tone="done")).text == "✅ Saved."
    assert render(Notice(text="No.", tone="error", hints=("Do `x`.",))).text == "⚠️ No.\nDo `x`."
    assert render(Notice(text="So it is.")).text == "So it is."


def test_panels_are_rows() -> None:
    """A label in bold, and what stands beside it."""
    at = instant(datetime(2025, 12, 5, 8, tzinfo=UTC), "Fri 5 Dec, 09:00 CET")
    panel = Panel(title="Status", rows=(Row("Next", at), Row("", "x"), Row("Owed", "")))
    rendered = checked(render(panel))
    next_ = "<!date^1764921600^{date_short_pretty} at {time}|Fri 5 Dec, 09:00 CET (08:00 UTC)>"
    assert _texts(rendered.blocks) == ["Status", f"*Next* · {next_}\nx\n*Owed*"]
    assert rendered.text == f"Status\nNext · {next_}\nx\nOwed"


def test_views_hold_several_posts() -> None:
    """With a prefix of its own each keeps its ids, and there is more room than in a message."""
    entries = tuple(Entry(paper=PAPER, number=n) for n in range(1, 21))
    mine = blocks_of(PaperList(title="Mine", entries=entries), most=50, room=50_000)
    team = blocks_of(
        PaperList(title="Team", entries=entries), most=50, room=50_000, prefix="p:team"
    )
    assert len(mine) == len(team) == 41
    check_blocks([*mine, *team], "view")
    assert not [b for b in blocks_of(PaperCard(entry=entries[0]), controls=False) if "ele" in b][1:]


def test_a_command_too_long_for_a_button_is_written_out() -> None:
    """Nobody is stuck on a page."""
    long = "/paper search " + "w" * 2_100 + " page:3"
    rendered = checked(render(PaperList(title="x", page=2, pages=3, total=30, forth=long)))
    assert _texts(rendered.blocks)[1:] == [
        "30 papers · page 2 of 3",
        "Next: the same with `page:3`",
    ]
    short = PaperList(title="x", back="/p x 1", forth="/p x 3")
    assert render(short, plain=True).text == "x\n\nBack: `/p x 1`\nNext: `/p x 3`"
    assert _texts(render(short).blocks) == ["x", "[◀ Back] [Next ▶]"]
    assert render(short, controls=False).blocks[-1]["type"] == "context"
