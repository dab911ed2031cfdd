"""The Home tab: what it looks like, and what it does in a Slack of ours."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.slack.home import HOME, WORDS, Choice, Content, home_view, same
from bot.domain.errors import StorageError
from bot.domain.people import Channel, Person, Workspace
from bot.domain.posts import Entry, Notice, Panel, PaperList, Post, Row
from bot.domain.stores import Save
from bot.domain.subscriptions import Edition, Subscription
from tests.support.fakes import NOW, FakeLibrary
from tests.support.fakes import papers as many
from tests.support.hostile import Pile, papers, texts
from tests.support.slack import PAPERS, SlackOffice, furnished, slack_office
from tests.support.slack_marks import faults, mrkdwn
from tests.support.slack_rules import check_view
from tests.support.slack_screen import Screen, ids, words
from tests.support.slack_server import slack_server

ANN = Person("slack", "T1.U1", "Ann")
panels = st.builds(
    Panel,
    title=texts,
    rows=st.lists(st.builds(Row, texts, texts), max_size=60).map(tuple),
    notes=st.lists(texts, max_size=3).map(tuple),
)
notices = st.builds(Notice, text=texts, tone=st.sampled_from(("info", "error")))
choices = st.builds(
    Choice,
    whose=st.sampled_from(("me", "team")),
    words=texts.map(lambda text: " ".join(text.split())[:200]),
    page=st.integers(1, 99).map(str),
    turns=st.integers(0, 99).map(str),
)


def listed(pile: Pile, page: int = 2) -> PaperList:
    entries = tuple(
        Entry(paper=paper, number=n, saved_by=(ANN,)) for n, paper in enumerate(pile[:10], 1)
    )
    return PaperList(title="x", entries=entries, page=page, pages=3, total=len(pile), forth="y")


@settings(max_examples=20, deadline=None)
@given(papers(), choices, st.one_of(panels, notices), st.one_of(panels, notices), panels)
def test_every_tab_is_one_that_slack_shows(
    pile: Pile, choice: Choice, own: Post, orders: Post, status: Panel
) -> None:
    """At most 100 blocks, whatever papers and subscriptions are called and however many there are."""
    content = Content(
        saved=(listed(pile) if pile else Notice(text="None."),),
        digest=(own,),
        orders=(orders,),
        status=(status,),
        formats=("bibtex", "json"),
        note=Notice(text=choice.words, tone="done", hints=(choice.words,)),
    )
    view = home_view(choice, content)
    check_view(view)
    assert Choice.of(view) == choice
    for text in mrkdwn(view["blocks"]):
        assert faults(text["text"]) == [], text["text"]


def test_an_empty_answer_leaves_no_empty_tab() -> None:
    """What to do first is said in two sentences, with the one command to try."""
    view = home_view(Choice(), Content(command="/readings"))
    check_view(view)
    greeting = view["blocks"][0]["text"]["text"]
    assert "`/readings today`" in greeting
    assert len(greeting) < 150


def test_what_travelled_may_be_anything() -> None:
    """A tab drawn by another version of us is drawn anew."""
    for metadata in ("", "{}", "[]", "{", '{"page":7,"turns":"x","whose":"team"}'):
        choice = Choice.of({"private_metadata": metadata})
        assert choice.turned(page="2").turns == "1"
    assert choice.whose == "team"


# --- in a Slack


async def saves(o: SlackOffice, *numbers: int, user: str = "U1") -> None:
    for number in numbers:
        await o.office.library.save(
            Save(
                person=Person("slack", f"T1.{user}", {"U1": "Ann"}.get(user, user)),
                workspace=o.channel.workspace,
                paper=PAPERS[number - 1].id,
                at=NOW + timedelta(minutes=number),
                origin="command",
            )
        )


async def orders(o: SlackOffice, id: str, channel: str) -> None:
    await o.office.subscriptions.add(
        Subscription(
            id=id,
            channel=Channel(Workspace("slack", "T1"), channel),
            edition=Edition.DAILY,
            created_by=ANN,
            created_at=NOW,
            next_run_at=NOW + timedelta(days=1),
        )
    )


async def test_new_people_are_greeted_and_shown_what_to_try() -> None:
    """Nobody is written to unasked."""
    async with slack_server() as slack, slack_office(slack):
        await slack.home_opened("T1", "U1")
        view = await Screen(slack).home("/paper today")
        assert "This workspace" not in words(view)
        assert not any(place.messages for place in slack.team().places.values())


async def test_saved_papers_stand_there_and_can_be_let_go() -> None:
    """With details in a window of their own."""
    async with slack_server() as slack, slack_office(slack) as o:
        ann = Screen(slack)
        await saves(o, 1, 2)
        await slack.home_opened("T1", "U1")
        view = await ann.home("Attention to diffusion")
        assert "Welcome" not in words(view)
        await ann.press(view, f"{HOME}:saved:more:1", f"show:{PAPERS[1].id}")
        await ann.modal("*Abstract*")
        await ann.press(view, f"{HOME}:saved:more:1", f"unsave:{PAPERS[1].id}")
        view = await ann.home("No longer saved: Attention to diffusion")
        assert o.saved() == [PAPERS[0].id]
        assert "CLIP sees everything" in words(view)


async def test_the_team_and_the_words_are_chosen_there() -> None:
    """What was chosen stays when the tab is opened again, and can be taken back."""
    async with slack_server() as slack, slack_office(slack) as o:
        ann = Screen(slack)
        await saves(o, 1)
        await saves(o, 2, 5, user="U2")
        await slack.home_opened("T1", "U1")
        view = await ann.home("CLIP")
        assert "diffusion" not in words(view)
        await ann.press(view, f"{HOME}:whose:team")
        view = await ann.home("Speech without words")
        await ann.press(view, WORDS, " speech ")
        await ann.home("Show all")
        await slack.home_opened("T1", "U1")
        await o.settled()
        view = await ann.home("Speech without words")
        assert "CLIP" not in words(view)
        await ann.press(view, f"{HOME}:clear")
        await ann.home("CLIP")


async def test_many_saved_papers_are_paged() -> None:
    """Ten at a time; when the last page is emptied, the first is shown."""
    office = furnished()
    pile = many(11)
    await office.archive.keep(pile, as_of=NOW)
    async with slack_server() as slack, slack_office(slack, office=office) as o:
        for n, paper in enumerate(pile):
            at = NOW + timedelta(minutes=n)
            save = Save(
                person=ANN, workspace=o.channel.workspace, paper=paper.id, at=at, origin="x"
            )
            await office.library.save(save)
        ann = Screen(slack)
        await slack.home_opened("T1", "U1")
        view = await ann.home("page 1 of 2")
        assert sum(":more:" in id for id in ids(view)) == 10
        await ann.press(view, f"{HOME}:turn:forth")
        view = await ann.home("page 2 of 2")
        await ann.press(view, f"{HOME}:saved:more:11", f"unsave:{pile[0].id}")
        view = await ann.home("10 papers")
        assert sum(":more:" in id for id in ids(view)) == 10


async def test_an_export_arrives_in_the_direct_conversation() -> None:
    """In the format that was chosen, as often as one likes."""
    async with slack_server() as slack, slack_office(slack) as o:
        ann = Screen(slack)
        await saves(o, 1)
        await slack.home_opened("T1", "U1")
        await ann.press(await ann.home("CLIP"), f"{HOME}:export", "bibtex")
        await ann.press(await ann.home("saved-papers.bib is in"), f"{HOME}:export", "csv")
        await ann.home("saved-papers.csv is in")
        assert [file.channel for file in slack.files] == [slack.direct("T1", "U1")] * 2
        assert b"{CLIP} sees everything" in slack.files[0].content


async def test_an_export_without_the_scope_says_what_is_lacking() -> None:
    """Where the person looks."""
    async with slack_server() as slack, slack_office(slack) as o:
        slack.team().scopes.discard("files:write")
        ann = Screen(slack)
        await saves(o, 1)
        await slack.home_opened("T1", "U1")
        await ann.press(await ann.home("CLIP"), f"{HOME}:export", "json")
        await ann.home("files:write")


async def test_ones_own_digest_stands_there_and_can_be_ended() -> None:
    """Those of channels are no part of it."""
    async with slack_server() as slack, slack_office(slack) as o:
        ann = Screen(slack)
        await orders(o, "mine", slack.direct("T1", "U1"))
        await orders(o, "theirs", "C1")
        await slack.home_opened("T1", "U1")
        view = await ann.home("mine")
        assert "theirs" not in words(view)
        await ann.press(view, f"{HOME}:end:0")
        await ann.home("Set up my digest")
        assert await o.office.subscriptions.get("mine") is None
        assert await o.office.subscriptions.get("theirs")


async def test_more_digests_than_one_looks_at_are_counted() -> None:
    """And where the others are found is said."""
    async with slack_server() as slack, slack_office(slack) as o:
        for n in range(15):
            await orders(o, f"mine{n}", slack.direct("T1", "U1"))
        await slack.home_opened("T1", "U1")
        view = await Screen(slack).home("And 3 more: `/paper subscriptions`")
        assert sum(id.startswith(f"{HOME}:end") for id in ids(view)) == 12


async def test_those_who_administer_see_the_whole_workspace() -> None:
    """Its subscriptions and last deliveries; others do not."""
    async with slack_server() as slack, slack_office(slack) as o:
        await orders(o, "k3x", "C1")
        await slack.home_opened("T1", "UADA")
        view = await Screen(slack, "UADA").home("This workspace")
        assert "k3x" in words(view)
        assert "<#C1>" in words(view)
        assert words(view).count("*k3x*") == 1
        assert "Archive" in words(view)
        await slack.home_opened("T1", "U1")
        assert "k3x" not in words(await Screen(slack).home())


async def test_opening_it_again_draws_nothing_anew() -> None:
    """Unless something has changed."""
    async with slack_server() as slack, slack_office(slack) as o:
        await saves(o, 1)
        for _ in range(3):
            await slack.home_opened("T1", "U1")
            await o.settled()
        assert len(slack.called("views.publish")) == 1
        await saves(o, 2)
        await slack.home_opened("T1", "U1")
        await Screen(slack).home("Attention to diffusion")
        assert len(slack.called("users.info")) <= 1


async def test_the_messages_tab_is_no_home() -> None:
    """Opening it draws nothing."""
    async with slack_server() as slack, slack_office(slack) as o:
        await slack.home_opened("T1", "U1", "messages")
        await o.settled()
        assert slack.called("views.publish") == []


class Broken(FakeLibrary):
    """Its disk is full."""

    async def saved(self, *args: Any, **how: Any) -> Any:
        raise StorageError("disk full")


async def test_a_broken_part_takes_nothing_else_with_it() -> None:
    """The archive is down: that is said in a line, and the rest stands."""
    async with slack_server() as slack, slack_office(slack) as o:
        o.office.desk.room = replace(o.office.room, library=Broken(o.office.archive))
        await slack.home_opened("T1", "U1")
        view = await Screen(slack).home("cannot be used just now")
        assert "My digest" in words(view)
        assert "Set up my digest" in words(view)


async def test_without_a_direct_conversation_the_rest_is_shown() -> None:
    """A scope may be lacking."""
    async with slack_server() as slack, slack_office(slack) as o:
        slack.team().scopes.discard("im:write")
        await saves(o, 1)
        await slack.home_opened("T1", "U1")
        view = await Screen(slack).home("CLIP sees everything")
        assert "⚠️" in words(view)


def test_a_tab_is_the_same_when_it_looks_the_same() -> None:
    """The mark that travels with it tells."""
    content = Content(saved=(Notice(text="None."),))
    view = home_view(Choice(), content)
    assert same(view, home_view(Choice(), content))
    assert not same(view, home_view(Choice(), replace(content, command="/other")))
    assert not same(view, None)
    assert not same(view, {"private_metadata": ""})
