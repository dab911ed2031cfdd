"""Standing orders: stored as asked, found when due."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import StorageError, UserError
from bot.domain.people import Channel, Person, Workspace
from bot.domain.subscriptions import Edition, Layout, Subscription, Terms
from storage.texts import dump_terms, load_terms
from tests.support.storage import Place, temporary_storage

NOON = datetime(2025, 5, 22, 12, tzinfo=UTC)
CHANNEL = Channel(Workspace("terminal", "local"), "papers")
ORDER = Subscription(
    id="tulip",
    channel=CHANNEL,
    edition=Edition.DAILY,
    terms=Terms(at=time(9, 30), tz="Europe/Berlin", include=("clip",)),
    created_by=Person("terminal", "ada", "Ada"),
    created_at=NOON,
    next_run_at=NOON + timedelta(hours=1),
)

words = st.lists(st.text(max_size=10), max_size=3).map(tuple)
asked = st.builds(
    Terms,
    at=st.none() | st.times(),
    tz=st.none() | st.text(max_size=10),
    on=st.none() | st.frozensets(st.integers(0, 6)),
    day=st.none() | st.integers(1, 28),
    top=st.none() | st.integers(0, 100),
    include=words,
    exclude=words,
    min=st.none() | st.integers(0, 100),
    layout=st.none() | st.sampled_from(Layout),
    again=st.none() | st.integers(0, 100),
    over=st.none() | st.integers(0, 100),
)


@given(asked)
def test_terms_are_stored_exactly_as_asked(terms: Terms) -> None:
    """What was not asked is not stored: defaults may change later."""
    assert load_terms(dump_terms(terms)) == terms
    assert dump_terms(Terms()) == "{}"


async def test_an_order_comes_back_as_it_was_given(place: Place) -> None:
    """Over a restart, with the name of who gave it."""
    async with temporary_storage(place) as storage:
        await storage.subscriptions.add(ORDER)
    async with temporary_storage(place) as storage:
        found = await storage.subscriptions.get("tulip")
        assert found == ORDER
        assert found.created_by
        assert found.created_by.name == "Ada"
        assert await storage.subscriptions.get("rose") is None


async def test_a_declared_order_has_no_author(place: Place) -> None:
    """The config file is nobody."""
    async with temporary_storage(place) as storage:
        await storage.subscriptions.add(replace(ORDER, created_by=None))
        found = await storage.subscriptions.get("tulip")
        assert found
        assert found.declared


async def test_an_id_is_given_once(place: Place) -> None:
    """The second order of that name is refused, the first stands."""
    async with temporary_storage(place) as storage:
        await storage.subscriptions.add(ORDER)
        with pytest.raises(StorageError):
            await storage.subscriptions.add(replace(ORDER, edition=Edition.WEEKLY))
        assert await storage.subscriptions.all() == [ORDER]


async def test_an_address_that_cannot_be_read_back_is_refused(place: Place) -> None:
    """Better now than when the channel's post is due."""
    channel = Channel(Workspace("terminal", "two words"), "papers")
    async with temporary_storage(place) as storage:
        with pytest.raises(UserError):
            await storage.subscriptions.add(replace(ORDER, channel=channel))
        assert await storage.subscriptions.all() == []


async def test_a_channel_s_orders_are_its_own(place: Place) -> None:
    """The oldest first; `all` has everybody's."""
    other = Channel(CHANNEL.workspace, "elsewhere")
    one = replace(ORDER, id="b")
    two = replace(ORDER, id="a", created_at=NOON + timedelta(days=1))
    three = replace(ORDER, id="c", channel=other, created_at=NOON + timedelta(days=2))
    async with temporary_storage(place) as storage:
        for order in (three, two, one):
            await storage.subscriptions.add(order)
        assert await storage.subscriptions.of(CHANNEL) == [one, two]
        assert await storage.subscriptions.all() == [one, two, three]


async def test_due_orders_come_longest_due_first(place: Place) -> None:
    """Neither paused ones nor those of the next minute."""
    late = replace(ORDER, id="late", next_run_at=NOON - timedelta(hours=1))
    sharp = replace(ORDER, id="sharp", next_run_at=NOON)
    soon = replace(ORDER, id="soon", next_run_at=NOON + timedelta(minutes=1))
    paused = replace(late, id="paused", paused="no permission")
    async with temporary_storage(place) as storage:
        for order in (soon, sharp, paused, late):
            await storage.subscriptions.add(order)
        assert await storage.subscriptions.due(NOON) == [late, sharp]
        assert await storage.subscriptions.due(NOON, limit=1) == [late]


async def test_an_order_rests_and_resumes(place: Place) -> None:
    """The reason is kept while it rests."""
    async with temporary_storage(place) as storage:
        await storage.subscriptions.add(ORDER)
        await storage.subscriptions.pause("tulip", "no permission")
        assert await storage.subscriptions.get("tulip") == replace(ORDER, paused="no permission")
        await storage.subscriptions.resume("tulip", NOON)
        assert await storage.subscriptions.get("tulip") == replace(ORDER, next_run_at=NOON)


async def test_terms_can_be_replaced(place: Place) -> None:
    """All of them at once, with the time they lead to."""
    async with temporary_storage(place) as storage:
        await storage.subscriptions.add(ORDER)
        await storage.subscriptions.replace_terms("tulip", Terms(top=3), NOON)
        found = await storage.subscriptions.get("tulip")
        assert found == replace(ORDER, terms=Terms(top=3), next_run_at=NOON)
        await storage.subscriptions.remove("tulip")
        assert await storage.subscriptions.get("tulip") is None


async def test_the_orders_of_a_workspace_are_those_of_all_its_channels(place: Place) -> None:
    """And of no workspace whose name only begins like it, or is written in other letters."""
    near = replace(ORDER, id="near", channel=Channel(Workspace("terminal", "local2"), "papers"))
    loud = replace(ORDER, id="loud", channel=Channel(Workspace("terminal", "LOCAL"), "papers"))
    other = replace(ORDER, id="other", channel=Channel(Workspace("terminal", "local"), "talk"))
    async with temporary_storage(place) as storage:
        for order in (ORDER, near, other, loud):
            await storage.subscriptions.add(order)
        found = await storage.subscriptions.within(Workspace("terminal", "local"))
        assert {order.id for order in found} == {"tulip", "other"}
