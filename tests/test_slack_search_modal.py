"""The search modal: what it looks like, and what it does in a Slack of ours."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.slack.search_view import (
    CHOICES,
    FIND,
    LONGEST,
    Looking,
    again,
    paper_view,
    search_for,
    search_view,
    waiting,
)
from bot.commands.catalogue import COMMANDS
from bot.commands.grammar import parse
from bot.domain.papers import Listing
from bot.domain.ports import Freshness
from bot.domain.posts import Entry, Notice, PaperCard, PaperList
from tests.support.fakes import NOW, FakeRefresher
from tests.support.fakes import papers as many
from tests.support.hostile import Pile, papers, texts
from tests.support.slack import PAPERS, SlackOffice, furnished, slack_office
from tests.support.slack_rules import check_view
from tests.support.slack_screen import Screen, ids, words
from tests.support.slack_server import slack_server


def listed(pile: Pile, title: str = "Search: clip") -> PaperList:
    entries = tuple(Entry(paper=paper, number=n, why=title) for n, paper in enumerate(pile, 1))
    return PaperList(
        title=title,
        entries=entries,
        total=len(pile),
        page=2,
        pages=3,
        back="/paper search clip limit:10 page:1",
        forth="/paper search clip limit:10 page:3",
        notes=(title,),
    )


@settings(max_examples=20, deadline=None)
@given(papers(100), texts, texts)
def test_every_answer_is_one_that_slack_shows(pile: Pile, text: str, words: str) -> None:
    """A list of any length, a card, a sentence; each with a note above it, each within 100 blocks."""
    looking = Looking(channel="C1", asked=search_for(words))
    note = Notice(text=text, tone="done", hints=(text,))
    check_view(search_view(looking, [listed(pile, text)], note=note))
    check_view(search_view(looking, [Notice(text=text, tone="error")]))
    for paper in pile[:3]:
        card = PaperCard(entry=Entry(paper=paper), full=True)
        check_view(search_view(looking, [card], note=note))
        check_view(paper_view(looking, [card], note=note))
    check_view(waiting(looking))
    assert Looking.of(search_view(looking)).channel == "C1"


@given(st.text(max_size=3 * LONGEST))
def test_whatever_is_typed_is_a_search(words: str) -> None:
    """For ten papers at a time; nobody gets a hundred into a modal."""
    asked = search_for(words)
    assert asked.startswith("search ")
    assert asked.endswith(" limit:10")
    assert len(asked) <= LONGEST + 20


def test_what_is_typed_may_ask_for_other_pages_in_vain() -> None:
    """Paging is the modal's."""
    assert search_for("clip limit:100 page:7 since:2025") == "search clip since:2025 limit:10"


def test_the_quick_choices_are_commands() -> None:
    """Each can be read by the desk as it is."""
    for _, text in CHOICES:
        assert parse(text, COMMANDS, NOW.date()).command.name == text.split()[0]


@given(papers(3))
def test_what_came_by_chance_is_asked_for_again_by_name(pile: Pile) -> None:
    """To save a random paper must not show another one."""
    cards = [PaperCard(entry=Entry(paper=paper), full=True) for paper in pile[:1]]
    assert again("random", cards) == (f"show {pile[0].id}" if pile else "random")


def test_a_page_has_its_buttons_however_long_it_is() -> None:
    """Also after many papers with a lot to say."""
    view = search_view(Looking(), [listed(Pile(()))])
    buttons = [
        e["action_id"] for b in view["blocks"] for e in b.get("elements", ()) if "action_id" in e
    ]
    assert f"{FIND}:page:forth" in buttons


# --- in a Slack


def slow(o: SlackOffice) -> None:
    """Hugging Face takes half a second."""
    quick = o.office.refresher.refresh

    class Slow(FakeRefresher):
        async def refresh(self, listing: Listing, **how: Any) -> Freshness:
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.Event().wait(), 0.6)
            return await quick(listing, **how)

    o.office.desk.room = replace(o.office.room, refresher=Slow(o.office.archive))


@pytest.mark.parametrize("http", [False, True])
async def test_the_command_alone_opens_the_modal_and_finds_papers_in_it(http: bool) -> None:
    """Over either transport: what is typed is found on enter as on submitting, in the same modal."""
    async with slack_server() as slack, slack_office(slack, http=http):
        ann = Screen(slack)
        done = await slack.command("T1", "U1", "C1", "/paper")
        assert done.acked_after < 1
        view = await ann.modal("What are you looking for?")
        await ann.press(view, f"{FIND}:words", "clip")
        shown = await ann.modal("CLIP sees everything")
        assert shown.id == view.id
        assert "Speech without words" not in words(shown)
        await slack.submit(shown, {f"{FIND}:words": "speech"})
        assert "CLIP" not in words(await ann.modal("Speech without words"))
        assert slack.messages("T1", "C1") == []


async def test_submitting_nothing_says_what_to_write() -> None:
    """Beside the field, and the modal stays."""
    async with slack_server() as slack, slack_office(slack):
        await slack.command("T1", "U1", "C1", "/paper")
        view = await Screen(slack).modal()
        done = await slack.submit(view, {f"{FIND}:words": "  "})
        assert "word or two" in done.ack["errors"][f"{FIND}:words"]
        assert not done.error


async def test_what_is_typed_wrong_is_explained_in_the_modal() -> None:
    """In the core's own words."""
    async with slack_server() as slack, slack_office(slack):
        ann = Screen(slack)
        await slack.command("T1", "U1", "C1", "/paper")
        await slack.submit(await ann.modal(), {f"{FIND}:words": "clip since:never"})
        await ann.modal("since")
        await slack.submit(await ann.modal(), {f"{FIND}:words": "zebra"})
        await ann.modal("Nothing was found for zebra")


async def test_the_shortcut_opens_it_anywhere() -> None:
    """Without a channel it belongs to the direct conversation."""
    async with slack_server() as slack, slack_office(slack):
        ann = Screen(slack)
        await slack.shortcut("T1", "U1", "search_papers")
        await ann.press(await ann.modal(), f"{FIND}:ask:0")
        view = await ann.modal("CLIP sees everything")
        assert Looking.of(view.content).channel == slack.direct("T1", "U1")


async def test_the_shortcut_works_without_a_direct_conversation() -> None:
    """A scope may be lacking; to read takes none."""
    async with slack_server() as slack, slack_office(slack):
        slack.team().scopes.discard("im:write")
        ann = Screen(slack)
        await slack.shortcut("T1", "U1", "search_papers")
        await ann.press(await ann.modal(), f"{FIND}:ask:0")
        await ann.modal("CLIP sees everything")


async def test_long_lists_are_paged_in_the_modal() -> None:
    """Next and back, ten papers at a time, the same modal."""
    office = furnished()
    office.archive.has(Listing.trending(), *many(23), at=NOW)
    async with slack_server() as slack, slack_office(slack, office=office):
        ann = Screen(slack)
        await slack.command("T1", "U1", "C1", "/paper")
        await ann.press(await ann.modal(), f"{FIND}:ask:2")
        first = await ann.modal("page 1 of 3")
        assert sum(":more:" in id for id in ids(first)) == 10
        await ann.press(first, f"{FIND}:page:forth")
        second = await ann.modal("page 2 of 3")
        await ann.press(second, f"{FIND}:page:back")
        await ann.modal("page 1 of 3")


async def test_papers_are_saved_and_let_go_in_the_modal() -> None:
    """It says so, and the list shows it at once."""
    async with slack_server() as slack, slack_office(slack) as o:
        ann = Screen(slack)
        await slack.command("T1", "U1", "C1", "/paper")
        await ann.press(await ann.modal(), f"{FIND}:ask:0")
        today = await ann.modal("CLIP sees everything")
        paper = PAPERS[0].id
        await ann.press(today, f"{FIND}:more:1", f"save:{paper}")
        saved = await ann.modal("Saved: CLIP sees everything")
        assert "saved by" in words(saved)
        assert o.saved() == [paper]
        await ann.press(saved, f"{FIND}:more:1", f"unsave:{paper}")
        await ann.modal("No longer saved")
        assert o.saved() == []


async def test_details_lie_over_the_list() -> None:
    """With the abstract and a way to save; closing them leads back."""
    async with slack_server() as slack, slack_office(slack) as o:
        ann = Screen(slack)
        await slack.command("T1", "U1", "C1", "/paper")
        await ann.press(await ann.modal(), f"{FIND}:ask:0")
        today = await ann.modal("CLIP sees everything")
        await ann.press(today, f"{FIND}:more:2", f"show:{PAPERS[1].id}")
        details = await ann.modal("*Abstract*")
        assert details.previous == today.id
        await ann.press(details, f"{FIND}:save")
        await ann.modal("Saved: Attention to diffusion")
        assert o.saved() == [PAPERS[1].id]
        await slack.close(details)
        assert (await ann.modal()).id == today.id


async def test_to_save_a_random_paper_shows_no_other() -> None:
    """Chance is asked once."""
    async with slack_server() as slack, slack_office(slack) as o:
        ann = Screen(slack)
        await slack.command("T1", "U1", "C1", "/paper")
        await ann.press(await ann.modal(), f"{FIND}:ask:4")
        shown = await ann.modal("*Abstract*")
        o.office.dice = 0.99
        await ann.press(shown, f"{FIND}:save")
        title = next(p.title for p in PAPERS if p.title in words(shown))
        await ann.modal(f"Saved: {title}")
        seen = words(await ann.modal())
        assert [p.title for p in PAPERS if p.title in seen] == [title]


async def test_a_number_means_the_list_that_the_modal_showed() -> None:
    """For whoever looked at it, in the channel where it was opened."""
    async with slack_server() as slack, slack_office(slack) as o:
        ann = Screen(slack)
        await slack.command("T1", "U1", "C1", "/paper")
        await ann.press(await ann.modal(), f"{FIND}:ask:0")
        await ann.modal("CLIP sees everything")
        done = await slack.command("T1", "U1", "C1", "/paper", "save 3")
        await done.answered()
        assert o.saved() == [PAPERS[2].id]


async def test_a_slow_answer_is_announced() -> None:
    """The modal says that something is under way, then shows it."""
    async with slack_server() as slack, slack_office(slack) as o:
        ann = Screen(slack)
        slow(o)
        await slack.command("T1", "U1", "C1", "/paper")
        await ann.press(await ann.modal(), f"{FIND}:ask:0")
        await ann.modal("Looking …")
        await ann.modal("CLIP sees everything")


async def test_what_was_pressed_last_is_shown() -> None:
    """An answer that comes after another was asked for does not take its place."""
    async with slack_server() as slack, slack_office(slack) as o:
        ann = Screen(slack)
        slow(o)
        await slack.command("T1", "U1", "C1", "/paper")
        await ann.press(await ann.modal(), f"{FIND}:ask:0")
        await ann.press(await ann.modal(), f"{FIND}:words", "speech")
        await ann.modal("Speech without words")
        await slack.until(lambda: len(slack.called("views.update")) > 1)
        await o.settled()
        assert "Speech without words" in words(await ann.modal())


async def test_a_window_that_slack_does_not_open_is_told() -> None:
    """In an answer to the command, since there is nowhere else."""
    async with slack_server() as slack, slack_office(slack):
        slack.fail("views.open", error="expired_trigger_id")
        done = await slack.command("T1", "U1", "C1", "/paper")
        (answer,) = await done.answered()
        assert "try again" in answer["text"]


async def test_pictures_that_slack_cannot_fetch_are_left_out() -> None:
    """Everything else is shown."""
    pictured = replace(PAPERS[0], thumbnail="https://cdn.example/clip.png")
    office = furnished()
    office.archive.has(Listing.day(NOW.date()), pictured, at=NOW)
    async with slack_server() as slack, slack_office(slack, office=office):
        ann = Screen(slack)
        await slack.command("T1", "U1", "C1", "/paper")
        await ann.press(await ann.modal(), f"{FIND}:ask:0")
        today = await ann.modal("CLIP sees everything")
        slack.fail("views.push", error="invalid_arguments")
        await ann.press(today, f"{FIND}:more:1", f"show:{pictured.id}")
        shown = await ann.modal("*Abstract*")
        assert not any("accessory" in block for block in shown.blocks)
        await ann.press(shown, f"{FIND}:save")
        assert any("accessory" in block for block in (await ann.modal("Saved: CLIP")).blocks)
