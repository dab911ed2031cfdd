"""Journal clubs on a database: who nominated what, who votes, when people meet."""

import asyncio
from dataclasses import replace
from datetime import date, time, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.club import Club, Meeting, Nomination, Vote, ranked
from bot.domain.papers import PaperId
from bot.domain.people import Channel, Message, Person, Workspace
from bot.domain.stores import Subscriptions
from bot.domain.subscriptions import Edition, Subscription
from bot.meetings import terms_of
from tests.support.fake_club import FakeClub
from tests.support.fakes import NOW, FakeSubscriptions
from tests.support.storage import Place, temporary_storage

HERE, THERE = (Channel(Workspace("slack", team), "C1") for team in ("T1", "T2"))
ADA, BOB, EVE = (Person("slack", f"T1.U{n}", name) for n, name in enumerate(("Ada", "Bob", "Eve")))
FIRST, SECOND, THIRD = (PaperId(f"2505.0000{n}") for n in (1, 2, 3))
MESSAGE = Message(HERE, "17.1")


def nomination(paper: PaperId = FIRST, channel: Channel = HERE, minutes: int = 0) -> Nomination:
    at = NOW + timedelta(minutes=minutes)
    return Nomination(channel=channel, paper=paper, by=ADA, at=at)


def vote(
    who: Person, paper: PaperId = FIRST, origin: str = "command", channel: Channel = HERE
) -> Vote:
    return Vote(channel=channel, paper=paper, person=who, origin=origin, at=NOW)


def meeting(
    id: str = "m1", paper: PaperId = FIRST, channel: Channel = HERE, day: int = 5
) -> Meeting:
    return Meeting(
        id=id,
        channel=channel,
        paper=paper,
        day=date(2025, 6, day),
        at=time(16),
        tz="Europe/Berlin",
        picked_by=ADA,
        picked_at=NOW,
        votes=2,
    )


def order(one: Meeting) -> Subscription:
    return Subscription(
        id=one.id,
        channel=one.channel,
        edition=Edition.CLUB,
        terms=terms_of(one),
        created_by=one.picked_by,
        created_at=NOW,
        next_run_at=NOW,
    )


async def test_what_was_entered_is_there_again(place: Place) -> None:
    """Nominations, votes, the message that asks for them, a meeting and its subscription."""
    async with temporary_storage(place) as storage:
        club = storage.club
        assert await club.nominate(nomination())
        await club.show(MESSAGE, FIRST)
        assert await club.vote(vote(BOB))
        assert await club.pick(meeting(paper=SECOND), order(meeting(paper=SECOND)))
    async with temporary_storage(place) as storage:
        club = storage.club
        (one,) = await club.ranking(HERE, BOB)
        assert one == replace(nomination(), votes=1, mine=True)
        assert one.by is not None
        assert one.by.name == "Ada"
        assert not (await club.ranking(HERE, ADA))[0].mine
        assert await club.ballot(MESSAGE) == FIRST
        assert [(s.message, s.papers) for s in await club.ballots("slack")] == [
            (MESSAGE, {1: FIRST})
        ]
        assert await club.meeting("m1") == meeting(paper=SECOND)
        assert await storage.subscriptions.get("m1") == order(meeting(paper=SECOND))


async def test_nobody_nominates_twice_and_nobody_votes_for_nothing(place: Place) -> None:
    """In another channel it is another paper."""
    async with temporary_storage(place) as storage:
        club = storage.club
        assert not await club.vote(vote(BOB))
        assert await club.nominate(nomination())
        assert not await club.nominate(nomination(minutes=5))
        assert await club.nominate(nomination(channel=THERE))
        assert await club.vote(vote(BOB))
        assert not await club.vote(vote(BOB))
        assert [one.votes for one in await club.ranking(THERE, BOB)] == [0]


async def test_what_one_did_is_taken_back_one_by_one(place: Place) -> None:
    """A person counts once, as long as one act stands."""
    async with temporary_storage(place) as storage:
        club = storage.club
        await club.nominate(nomination())
        origins = [f"{MESSAGE}#👍", f"{MESSAGE}#🗳", "command"]
        for origin in origins:
            assert await club.vote(vote(BOB, origin=origin))
        assert {one.origin for one in await club.votes_on(MESSAGE)} == set(origins[:2])
        assert await club.unvote(BOB, HERE, FIRST, origins[0])
        assert not await club.unvote(BOB, HERE, FIRST, origins[0])
        assert (await club.ranking(HERE, BOB))[0].votes == 1
        assert await club.unvote(BOB, HERE, FIRST)
        assert (await club.ranking(HERE, BOB))[0].votes == 0


async def test_a_picked_paper_leaves_the_ranking_until_that_is_cancelled(place: Place) -> None:
    """Nobody can vote for it meanwhile, pick it or nominate it again; its votes are kept."""
    async with temporary_storage(place) as storage:
        club = storage.club
        await club.nominate(nomination())
        await club.show(MESSAGE, FIRST)
        await club.vote(vote(BOB))
        assert await club.pick(meeting(), order(meeting()))
        assert await club.ranking(HERE, BOB) == []
        assert await club.ballot(MESSAGE) is None
        assert await club.ballots("slack") == []
        assert not await club.vote(vote(EVE))
        assert not await club.nominate(nomination(minutes=5))
        again = meeting("m2", day=6)
        assert not await club.pick(again, order(again))
        assert await storage.subscriptions.get("m2") is None
        assert await club.cancel("m1")
        assert not await club.cancel("m1")
        assert (await club.ranking(HERE, BOB))[0].votes == 1


async def test_what_was_discussed_begins_anew(place: Place) -> None:
    """Once it is archived it can be nominated again, without its old votes."""
    async with temporary_storage(place) as storage:
        club = storage.club
        await club.nominate(nomination())
        await club.vote(vote(BOB))
        await club.pick(meeting(), order(meeting()))
        assert await club.end("m1", NOW + timedelta(days=14))
        assert not await club.end("m1", NOW + timedelta(days=15))
        assert await club.nominate(nomination(minutes=60 * 24 * 15))
        assert [one.votes for one in await club.ranking(HERE, BOB)] == [0]
        assert [one.ended_at for one in await club.meetings(HERE)] == [NOW + timedelta(days=14)]


async def test_of_two_who_pick_at_once_one_succeeds(place: Place) -> None:
    """Two processes, one meeting."""
    async with temporary_storage(place) as one, temporary_storage(place) as other:
        await one.club.nominate(nomination())
        done = await asyncio.gather(
            *(
                storage.club.pick(meeting(f"m{n}", day=5 + n), order(meeting(f"m{n}", day=5 + n)))
                for n, storage in enumerate((one, other))
            )
        )
        assert sorted(done) == [False, True]
        assert len(await one.club.meetings(HERE)) == 1
        assert len(await other.subscriptions.of_edition(Edition.CLUB)) == 1


async def test_a_channel_sees_its_own_club(place: Place) -> None:
    """Neither nominations nor votes nor meetings of another, be its name ever so alike."""
    alike = Channel(HERE.workspace, "C11")
    async with temporary_storage(place) as storage:
        club = storage.club
        await club.nominate(nomination())
        await club.vote(vote(BOB))
        await club.pick(meeting(paper=SECOND), order(meeting(paper=SECOND)))
        for other in (THERE, alike):
            assert await club.ranking(other, BOB) == []
            assert await club.meetings(other) == []
            assert not await club.unvote(BOB, other, FIRST)


async def test_to_be_forgotten_leaves_the_club_without_the_name(place: Place) -> None:
    """Nominations and meetings stay, votes of that person go; all of it is told before."""
    async with temporary_storage(place) as storage:
        club = storage.club
        await club.nominate(nomination())
        for who in (ADA, BOB):
            await club.vote(vote(who))
        await club.pick(meeting(paper=SECOND), order(meeting(paper=SECOND)))
        counts = (await storage.privacy.about(ADA)).counts
        assert counts == {
            "club_vote": 1,
            "club_nomination": 1,
            "club_meeting": 1,
            "subscription": 1,
        }
        await storage.privacy.forget(ADA)
        (one,) = await club.ranking(HERE, BOB)
        assert (one.by, one.votes, one.mine) == (None, 1, True)
        (kept,) = await club.meetings(HERE)
        assert kept == replace(meeting(paper=SECOND), picked_by=None)
        assert await storage.subscriptions.get("m1")
        assert (await storage.privacy.about(ADA)).counts == {}


people = st.sampled_from((ADA, BOB, EVE))
channels = st.sampled_from((HERE, THERE))
papers = st.sampled_from((FIRST, SECOND, THIRD))
deeds = st.one_of(
    st.tuples(st.just("nominate"), channels, papers, st.integers(0, 2)),
    st.tuples(st.just("vote"), channels, papers, people, st.sampled_from(("command", "m#👍"))),
    st.tuples(st.just("unvote"), channels, papers, people, st.sampled_from((None, "m#👍"))),
    st.tuples(st.just("pick"), channels, papers),
    st.tuples(st.just("cancel"), channels, papers),
)


async def does(club: Club, orders: Subscriptions, deed: tuple[object, ...]) -> object:
    match deed:
        case ("nominate", Channel() as channel, str() as paper, int() as minutes):
            return await club.nominate(nomination(PaperId(paper), channel, minutes))
        case ("vote", Channel() as channel, str() as paper, Person() as who, str() as origin):
            return await club.vote(vote(who, PaperId(paper), origin, channel))
        case ("unvote", Channel() as channel, str() as paper, Person() as who, origin):
            assert origin is None or isinstance(origin, str)
            return await club.unvote(who, channel, PaperId(paper), origin)
        case ("pick", Channel() as channel, str() as paper):
            one = meeting(f"{channel.workspace.id}-{paper}", PaperId(paper), channel)
            return await club.pick(one, order(one))
        case ("cancel", Channel() as channel, str() as paper):
            id = f"{channel.workspace.id}-{paper}"
            await orders.remove(id)
            return await club.cancel(id)
    raise AssertionError(deed)


@settings(max_examples=12, deadline=None)
@given(st.lists(deeds, max_size=25))
def test_it_does_what_a_club_in_memory_does(done: list[tuple[object, ...]]) -> None:
    """Whatever people do in two channels: the same answers, the same ranking for everybody, ties by age."""
    asyncio.run(_alike(done))


async def _alike(done: list[tuple[object, ...]]) -> None:
    orders = FakeSubscriptions()
    model = FakeClub(orders)
    with TemporaryDirectory() as directory:
        async with temporary_storage(Path(directory)) as storage:
            club = storage.club
            for deed in done:
                told = await does(club, storage.subscriptions, deed)
                assert told == await does(model, orders, deed), deed
            for channel in (HERE, THERE):
                for who in (ADA, BOB, EVE):
                    assert await _told(club, channel, who) == await _told(model, channel, who)


async def _told(club: Club, channel: Channel, who: Person) -> list[tuple[PaperId, int, bool]]:
    return [(one.paper, one.votes, one.mine) for one in await club.ranking(channel, who)]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=12))
def test_a_ranking_is_by_votes_and_then_by_age(entered: list[tuple[int, int]]) -> None:
    """Nothing is lost; whoever stands above has more votes, or as many and was there before."""
    given = [
        replace(nomination(PaperId(f"2505.{number:05}"), minutes=minutes), votes=votes)
        for number, (votes, minutes) in enumerate(entered)
    ]
    found = ranked(reversed(given))
    assert sorted(one.paper for one in found) == sorted(one.paper for one in given)
    for above, below in pairwise(found):
        assert (-above.votes, above.at, above.paper) < (-below.votes, below.at, below.paper)
