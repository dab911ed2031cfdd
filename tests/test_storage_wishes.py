"""What people wish for and how they are reached, in a real database."""

from dataclasses import replace
from datetime import time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.papers import PaperId
from bot.domain.people import Channel, Person, Workspace
from bot.domain.subscriptions import (
    FOR_PEOPLE,
    Edition,
    Manner,
    Pace,
    Reach,
    Subscription,
    Terms,
)
from storage.texts import dump_reach, dump_terms, load_reach, load_terms
from tests.support.storage import Place, temporary_storage
from tests.support.wishes import ANN, CHANNEL, OWN, digests, follows, lists, posted, watches, wish
from tests.support.world import at, some, world

DAY = "2025-05-22"
NOON = at(f"{DAY} 12:00")
BOB = Person("terminal", "bob", "Bob")
HOME = Workspace("slack", "T1")

words = st.lists(st.text(min_size=1, max_size=9), max_size=3).map(tuple)
hours = st.times().map(lambda one: one.replace(microsecond=0))
quiets = st.none() | st.tuples(hours, hours)
wishes = st.builds(
    Terms,
    author=st.none() | st.text(max_size=9),
    organization=st.none() | st.text(max_size=9),
    words=words,
    exclude=words,
    paper=st.none() | st.just(PaperId("2505.00001")),
    shared=st.none() | st.booleans(),
    manner=st.none() | st.sampled_from(Manner),
    quiet=quiets,
    home=st.none() | st.just(HOME),
    top=st.none() | st.integers(1, 50),
)
reaches = st.builds(
    Reach,
    follows=st.sampled_from(Manner),
    digest=st.sampled_from(Pace),
    quiet=quiets,
    tz=st.none() | st.just("Europe/Berlin"),
    at=st.none() | hours,
    home=st.none() | st.just(HOME),
)


@given(wishes)
@settings(max_examples=100)
def test_terms_are_read_back_as_they_were(terms: Terms) -> None:
    """And nothing is written that was not asked for."""
    assert load_terms(dump_terms(terms)) == terms
    assert dump_terms(Terms()) == "{}"


def test_terms_from_before_there_were_follows_are_read() -> None:
    """An older row lacks what came later."""
    assert load_terms('{"top": 5, "include": ["a"]}') == Terms(top=5, include=("a",))


@given(reaches)
@settings(max_examples=100)
def test_how_somebody_is_reached_is_read_back(reach: Reach) -> None:
    """And what is usual is not written."""
    assert load_reach(dump_reach(reach)) == reach
    assert dump_reach(Reach()) == "{}"


async def test_everybody_is_reached_as_they_said(place: Place) -> None:
    """The last word counts, also in another process."""
    said = Reach(follows=Manner.OFF, quiet=(time(22), time(7)), tz="Asia/Tokyo")
    async with temporary_storage(place) as storage:
        await storage.reaches.set_reach(ANN, Reach(digest=Pace.DAILY))
        await storage.reaches.set_reach(ANN, said)
    async with temporary_storage(place) as storage:
        assert await storage.reaches.reach(ANN) == said
        assert await storage.reaches.reach(BOB) == Reach()


async def test_subscriptions_are_found_by_who_made_them_and_by_kind(place: Place) -> None:
    """Wherever they post."""
    async with world(place, f"{DAY} 09:05") as it:
        await follows(it, "f2", author="LeCun")
        it.now += timedelta(minutes=1)
        await follows(it, "f1", channel=CHANNEL, shared=True, words=("a",))
        await wish(it, Edition.FOLLOW, "f3", channel=OWN, by=BOB, words=("b",))
        await watches(it, some(1, DAY)[0])
        there = it.storage.subscriptions
        assert [one.id for one in await there.by(ANN)] == ["f2", "f1", "w1"]
        assert [one.id for one in await there.of_edition(Edition.FOLLOW)] == ["f2", "f1", "f3"]
        assert await there.of_edition(Edition.PERSONAL) == []


async def test_a_redirected_order_goes_elsewhere_and_rests_no_more(place: Place) -> None:
    """It keeps its id, its maker and its age."""
    async with world(place, f"{DAY} 09:05") as it:
        before = await follows(it, words=("a",))
        there = it.storage.subscriptions
        await there.pause(before.id, "closed")
        terms = replace(before.terms, manner=Manner.OFF)
        await there.redirect(before.id, CHANNEL, terms, it.now)
        after = replace(before, channel=CHANNEL, terms=terms, next_run_at=it.now)
        assert await there.get(before.id) == after


async def test_the_first_message_that_showed_a_paper_is_found(place: Place) -> None:
    """In that channel, of those that arrived."""
    async with world(place, f"{DAY} 12:00") as it:
        paper, other = some(2, DAY)
        await lists(it, DAY, paper)
        await it.subscribe(again=1)
        outbox = it.storage.outbox
        await it.planner.plan_due()
        assert await outbox.showing(CHANNEL, paper.id) is None
        await it.tick("2025-05-23 09:00")
        first = await outbox.showing(CHANNEL, paper.id)
        assert first == "one:daily:2025-05-22:1"
        await watches(it, paper, channel=CHANNEL)
        await it.storage.archive.keep([replace(paper, code_url="https://a.b/c")], as_of=it.now)
        await it.tick("2025-05-23 09:30")
        assert len(it.chat.sent) == 2
        assert await outbox.showing(CHANNEL, paper.id) == first
        assert await outbox.showing(OWN, paper.id) is None
        assert await outbox.showing(CHANNEL, other.id) is None


async def test_whoever_is_forgotten_follows_nothing_any_more(place: Place) -> None:
    """What they let a channel follow is the channel's; what others follow stays."""
    async with world(place, f"{DAY} 09:05") as it:
        await lists(it, DAY, *some(1, DAY))
        bobs = Channel(CHANNEL.workspace, "@bob")
        await follows(it, "f1", words=("paper",))
        await follows(it, "f2", channel=CHANNEL, shared=True, words=("paper",))
        await wish(it, Edition.FOLLOW, "f3", channel=bobs, by=BOB, words=("paper",))
        await watches(it, some(1, DAY)[0])
        await digests(it)
        await it.storage.reaches.set_reach(ANN, Reach(follows=Manner.OFF))
        await it.tick(f"{DAY} 09:30")
        assert len(posted(it)) == 1
        message = next(m for m, out in it.chat.sent if out.channel == OWN)
        await it.storage.privacy.forget(ANN)
        left = await it.storage.subscriptions.all()
        assert [(one.id, one.created_by == BOB) for one in left] == [("f2", False), ("f3", True)]
        assert await it.storage.reaches.reach(ANN) == Reach()
        assert await it.storage.library.shown(message) is None
        assert await it.storage.outbox.runs(OWN) == []
        about = await it.storage.privacy.about(ANN)
        assert about.counts == {}


def test_what_people_wish_for_is_theirs() -> None:
    """What is one person's is hidden unless they share it."""
    order = Subscription(
        id="x", channel=CHANNEL, edition=Edition.DAILY, created_at=NOON, next_run_at=NOON
    )
    for edition in Edition:
        own = replace(order, edition=edition)
        assert own.private is (edition in FOR_PEOPLE)
        assert not replace(own, terms=Terms(shared=True)).private
