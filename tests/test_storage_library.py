"""Saved papers, who saved them, and which message shows what."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.deliveries import Shown
from bot.domain.errors import UserError
from bot.domain.library import Saved, SavedQuery, Whose
from bot.domain.papers import Paper, PaperId
from bot.domain.people import Channel, Message, Person, Sharing, Workspace
from bot.domain.search import Word
from bot.domain.stores import Save
from storage import open_storage
from tests.support.storage import Place, temporary_storage

NOON = datetime(2025, 5, 22, 12, tzinfo=UTC)
HERE, THERE = Workspace("terminal", "local"), Workspace("terminal", "other")
CHANNEL = Channel(HERE, "papers")
ADA, GRACE = Person("terminal", "ada", "Ada"), Person("terminal", "grace", "Grace")
ONE, TWO, THREE = (PaperId(f"2505.0000{number}") for number in (1, 2, 3))
PAPERS = [Paper(id=id, title=f"Title of {id}") for id in (ONE, TWO, THREE)]
MINE = SavedQuery(reader=ADA, channel=CHANNEL)
OURS = replace(MINE, whose=Whose.TEAM)


def save(
    person: Person,
    paper: PaperId,
    minutes: int = 0,
    origin: str = "command",
    place: Workspace = HERE,
) -> Save:
    at = NOON + timedelta(minutes=minutes)
    return Save(person=person, workspace=place, paper=paper, at=at, origin=origin)


async def test_saving_twice_is_saving_once(place: Place) -> None:
    """The second time says so; another workspace knows nothing of it."""
    async with temporary_storage(place) as storage:
        library = storage.library
        assert await library.save(save(ADA, ONE))
        assert not await library.save(save(ADA, ONE))
        assert await library.is_saved(ADA, HERE, ONE)
        assert not await library.is_saved(ADA, THERE, ONE)
        assert not await library.is_saved(GRACE, HERE, ONE)
        assert await library.save(save(ADA, ONE, place=THERE))


async def test_a_reaction_takes_back_just_what_it_did(place: Place) -> None:
    """A paper saved by command too stays saved."""
    async with temporary_storage(place) as storage:
        library = storage.library
        await library.save(save(ADA, ONE, origin="message 🔖"))
        assert not await library.save(save(ADA, ONE, origin="command"))
        assert await library.unsave(ADA, HERE, ONE, "message 🔖")
        assert not await library.unsave(ADA, HERE, ONE, "message 🔖")
        assert await library.is_saved(ADA, HERE, ONE)
        assert await library.unsave(ADA, HERE, ONE)
        assert not await library.is_saved(ADA, HERE, ONE)
        assert not await library.unsave(ADA, HERE, ONE)


async def test_saved_papers_come_newest_first(place: Place) -> None:
    """Mine, or everybody's with all who saved them; a page at a time."""
    async with temporary_storage(place) as storage:
        await storage.archive.keep(PAPERS, as_of=NOON)
        library = storage.library
        for one in (save(ADA, ONE), save(GRACE, TWO, 1), save(ADA, TWO, 2), save(ADA, THREE, 3)):
            await library.save(one)
        await library.save(save(ADA, ONE, 9, origin="again"))
        mine = await library.saved(MINE)
        assert [one.paper.id for one in mine.papers] == [THREE, TWO, ONE]
        assert (mine.total, mine.unread) == (3, 3)
        assert [one.by for one in mine.papers] == [(ADA,), (ADA,), (ADA,)]
        ours = await library.saved(OURS, offset=1, limit=1)
        assert ours.total == 3
        assert [(one.paper.id, one.by, one.at) for one in ours.papers] == [
            (TWO, (GRACE, ADA), NOON + timedelta(minutes=1))
        ]
        assert ours.papers[0].by[0].name == "Grace"
        elsewhere = replace(OURS, channel=Channel(THERE, "papers"))
        assert await library.saved(elsewhere) == Saved(unread=0)


async def test_savers_come_earliest_first(place: Place) -> None:
    """Papers that nobody saved are left out; a name follows its person."""
    async with temporary_storage(place) as storage:
        await storage.library.save(save(GRACE, ONE, 1))
        await storage.library.save(save(ADA, ONE, 2))
        renamed = Person(GRACE.platform, GRACE.id, "Amazing Grace")
        await storage.library.save(save(renamed, ONE, 3, origin="again"))
        savers = await storage.library.savers(HERE, [ONE, TWO])
        assert savers == {ONE: (GRACE, ADA)}
        assert savers[ONE][0].name == "Amazing Grace"


async def test_savers_at_once_are_all_kept(place: Place) -> None:
    """Twenty people press the same button."""
    people = [Person("terminal", f"p{number}") for number in range(20)]
    async with temporary_storage(place) as storage:
        first = await asyncio.gather(*(storage.library.save(save(one, ONE)) for one in people * 2))
        assert sum(first) == 20
        assert len((await storage.library.savers(HERE, [ONE]))[ONE]) == 20


async def test_a_message_shows_its_papers(place: Place) -> None:
    """When it is changed to another page, it shows that one and no other."""
    message = Message(CHANNEL, "1")
    async with temporary_storage(place) as storage:
        library = storage.library
        assert await library.shown(message) is None
        shown = Shown(message=message, papers={1: ONE, 2: TWO})
        await library.remember(shown)
        assert await library.shown(message) == shown
        await library.remember(Shown(message=message, papers={1: THREE}))
        assert await library.shown(message) == Shown(message=message, papers={1: THREE})


async def test_the_latest_message_is_known(place: Place) -> None:
    """Of this channel, and with papers in it."""
    one, two, three = (Message(CHANNEL, id) for id in "123")
    elsewhere = Message(Channel(HERE, "elsewhere"), "4")
    async with temporary_storage(place) as storage:
        library = storage.library
        assert await library.latest(CHANNEL, ADA) is None
        for message in (one, two, elsewhere):
            await library.remember(Shown(message=message, papers={1: ONE}))
        await library.remember(Shown(message=three))
        assert await library.latest(CHANNEL, ADA) == Shown(message=two, papers={1: ONE})


async def test_what_one_person_sees_alone_is_the_latest_for_nobody_else(place: Place) -> None:
    """Ada's private search does not change what `save 3` means for Grace."""
    public, private = (Message(CHANNEL, id) for id in "12")
    async with temporary_storage(place) as storage:
        library = storage.library
        await library.remember(Shown(message=public, papers={1: ONE}))
        await library.remember(Shown(message=private, papers={1: TWO}, to=ADA))
        assert await library.latest(CHANNEL, GRACE) == Shown(message=public, papers={1: ONE})
        seen = Shown(message=private, papers={1: TWO}, to=ADA)
        assert await library.latest(CHANNEL, ADA) == seen


async def test_strange_addresses_find_nothing(place: Place) -> None:
    """Whatever a platform sends, looking is safe; an address that cannot be read back is not stored."""
    for id in ("x" * 10_000, "\0", "\ud800", "two words", "'; DROP TABLE save; --"):
        async with temporary_storage(place) as storage:
            person = Person("terminal", id, name=id)
            assert await storage.library.shown(Message(CHANNEL, id)) is None
            assert not await storage.library.is_saved(person, HERE, PaperId(id))
            assert not await storage.library.unsave(person, HERE, PaperId(id), id)
    async with temporary_storage(place) as storage:
        with pytest.raises(UserError):
            await storage.library.save(save(Person("terminal", "two words"), ONE))
        await storage.library.save(save(Person("terminal", "x" * 10_000, "\0" * 999), ONE))
        assert await storage.library.is_saved(Person("terminal", "x" * 10_000), HERE, ONE)
        assert not await storage.library.is_saved(Person("terminal", "x" * 9_999), HERE, ONE)


async def test_what_reactions_to_a_message_saved_is_known(place: Place) -> None:
    """So that those that were taken away unheard can be told; saves by command are none of them."""
    message = Message(CHANNEL, "1")
    by_emoji = replace(save(ADA, ONE, origin=f"{message}#🔖"), message=message)
    async with temporary_storage(place) as storage:
        library = storage.library
        await library.save(by_emoji)
        await library.save(save(GRACE, ONE))
        found = await library.saved_on(Shown(message=message, papers={1: ONE}))
        assert found == [by_emoji]
        assert await library.recent("terminal") == []


async def test_saved_papers_are_found_by_words(place: Place) -> None:
    """Every word, none of the excluded, in title, abstract or authors, whatever its case; signs are signs."""
    async with temporary_storage(place) as storage:
        library = storage.library
        papers = [
            Paper(id=ONE, title="CLIP at 100%", authors=("Zoë Ångström",)),
            Paper(id=TWO, title="Diffusion", abstract="No clip_art here."),
            Paper(id=THREE, title="Nothing"),
        ]
        await storage.archive.keep(papers, as_of=NOON)
        for paper in (ONE, TWO, THREE):
            await library.save(save(ADA, paper))

        async def found(*words: Word) -> set[PaperId]:
            kept = await library.saved(replace(MINE, words=words))
            assert kept.total == len(kept.papers)
            return {one.paper.id for one in kept.papers}

        assert await found(Word("clip")) == {ONE, TWO}
        assert await found(Word("clip"), Word("100%")) == {ONE}
        assert await found(Word("clip", excluded=True)) == {THREE}
        assert await found(Word("Ångström", phrase=True)) == {ONE}
        assert await found(Word("p_a")) == {TWO}
        assert await found(Word("%o%")) == set()
        assert await found(Word("\0\ud800" * 99)) == set()
        assert await library.saved(MINE, offset=10**30, limit=10**30) == Saved((), 3, 3)
        assert await library.saved(MINE, offset=-1, limit=-1) == Saved((), 3, 3)


async def shared(place: Place, sharing: Sharing) -> tuple[set[PaperId], set[PaperId]]:
    """What the team of HERE and of THERE has saved after one save each."""
    async with open_storage(place.url, place.index, sharing=sharing) as storage:
        library = storage.library
        await storage.archive.keep(PAPERS, as_of=NOON)
        await library.save(save(ADA, ONE, place=HERE))
        await library.save(save(GRACE, TWO, place=THERE))
        channels = (Channel(where, "papers") for where in (HERE, THERE))
        teams = [await library.saved(replace(OURS, channel=channel)) for channel in channels]
        assert [team.total for team in teams] == [len(team.papers) for team in teams]
        here, there = ({one.paper.id for one in team.papers} for team in teams)
        for where, team in ((HERE, here), (THERE, there)):
            assert set(await library.savers(where, (ONE, TWO))) == team
        return here, there


async def test_a_library_is_its_workspaces_own(place: Place) -> None:
    """Unless the operator said otherwise."""
    assert await shared(place, Sharing()) == ({ONE}, {TWO})


async def test_workspaces_of_one_team_have_one_library(place: Place) -> None:
    """All that the bot serves: a paper saved in Slack is seen in Discord."""
    assert await shared(place, Sharing(shared=True)) == ({ONE, TWO}, {ONE, TWO})


async def test_a_workspace_outside_the_team_shares_nothing(place: Place) -> None:
    """Those that were named share, nobody else."""
    elsewhere = Workspace("discord", "1")
    sharing = Sharing(shared=True, among=frozenset({HERE, elsewhere}))
    assert await shared(place, sharing) == ({ONE}, {TWO})


async def test_in_a_shared_library_anybody_s_own_paper_can_be_let_go_of(place: Place) -> None:
    """Wherever in the team it was saved."""
    sharing = Sharing(shared=True)
    async with open_storage(place.url, place.index, sharing=sharing) as storage:
        await storage.archive.keep(PAPERS, as_of=NOON)
        await storage.library.save(save(ADA, ONE, place=HERE))
        assert await storage.library.is_saved(ADA, THERE, ONE)
        assert await storage.library.unsave(ADA, THERE, ONE)
        assert not await storage.library.is_saved(ADA, HERE, ONE)
