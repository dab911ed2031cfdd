"""What a team saved and was posted, counted in a real database."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.deliveries import Delivery, Outcome, Plan, Run
from bot.domain.papers import Paper, PaperId
from bot.domain.people import Channel, Message, Person, Sharing, Workspace
from bot.domain.posts import Digest, Entry
from bot.domain.statistics import Figures
from bot.domain.stores import Save
from bot.domain.subscriptions import Edition, Subscription
from bot.tally import weeks
from storage import Storage
from storage.statistics import Statistics
from tests.support.storage import Place, temporary_storage

NOW = datetime(2027, 1, 7, 12, tzinfo=UTC)
HOME, OTHER = Workspace("slack", "T1"), Workspace("discord", "7")
ROOM, SIDE, AWAY = Channel(HOME, "C1"), Channel(HOME, "C2"), Channel(OTHER, "8")
ANN, BOB, CID = (Person("slack", f"T1.U{n}", name) for n, name in enumerate(("Ann", "Bob", "Cid")))
PAPERS = [
    Paper(
        id=PaperId(f"2701.{n:05}"),
        title=f"Paper {n}",
        upvotes=10 * n,
        keywords=("Diffusion" if n % 2 else "diffusion", f"topic {n}", f"topic {n}"),
    )
    for n in range(8)
]
BOUNDS = weeks(NOW, 3, "Europe/Berlin")
"""Weeks 52 and 53 of 2026, and the first of 2027."""


@pytest.fixture
async def storage(place: Place) -> AsyncIterator[Storage]:
    async with temporary_storage(place) as opened:
        await opened.archive.keep(PAPERS, as_of=NOW)
        yield opened


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


async def saves(
    storage: Storage,
    who: Person,
    paper: int,
    when: str | datetime = "2027-01-05 10:00",
    channel: Channel = ROOM,
    *,
    origin: str = "command",
) -> None:
    save = Save(
        person=who,
        workspace=channel.workspace,
        paper=PAPERS[paper].id,
        at=moment(when) if isinstance(when, str) else when,
        origin=origin,
        channel=channel,
    )
    await storage.library.save(save)


async def posts(
    storage: Storage,
    id: str,
    when: str,
    *papers: int,
    channel: Channel = ROOM,
    edition: Edition = Edition.DAILY,
) -> None:
    """A digest that arrived."""
    at = moment(when)
    if await storage.subscriptions.get(id) is None:
        order = Subscription(id=id, channel=channel, edition=edition, created_at=at, next_run_at=at)
        await storage.subscriptions.add(order)
    key = f"{edition}:{when}"
    entries = tuple(Entry(paper=PAPERS[n], number=i) for i, n in enumerate(papers, start=1))
    delivery = Delivery(
        key=f"{id}:{key}",
        subscription=id,
        channel=channel,
        edition=key,
        part=1,
        post=Digest(title="Papers", entries=entries),
        next_attempt_at=at,
    )
    run = Run(subscription=id, edition=key, due_at=at, outcome=Outcome.POSTED, finished_at=at)
    late = at + timedelta(days=999)
    plan = Plan(run=run, deliveries=(delivery,), next_run_at=late, new_since=late)
    assert await storage.outbox.plan(plan)
    await storage.outbox.claim(at, at + timedelta(minutes=1))
    await storage.outbox.sent(delivery.key, Message(channel, f"{id}-{at:%s}"), at)


def ids(found: Figures) -> list[tuple[str, int]]:
    return [(one.paper.title, one.people) for one in found.top]


async def test_nothing_saved_is_nothing(storage: Storage) -> None:
    """Noughts, not an error."""
    for place in (HOME, ROOM):
        found = await storage.statistics.figures(place, BOUNDS)
        assert found == Figures(bounds=BOUNDS, saved=(0, 0, 0), posted=(0, 0, 0), votes=(0, 0, 0))


async def test_each_save_counts_in_its_week(storage: Storage) -> None:
    """Through week 53 and New Year, by the clock over there: Sunday night in Berlin is still Sunday in UTC."""
    for paper, when in enumerate(
        (
            "2026-12-20 22:59",  # the week before
            "2026-12-20 23:00",  # Monday in Berlin
            "2026-12-27 22:59",
            "2026-12-27 23:00",  # week 53 begins
            "2027-01-01 00:00",
            "2027-01-03 22:59",
            "2027-01-03 23:00",  # the first week of 2027
            "2027-01-10 23:00",  # beyond the last bound
        )
    ):
        await saves(storage, ANN, paper, when)
    for place in (HOME, ROOM):
        found = await storage.statistics.figures(place, BOUNDS)
        assert found.saved == (2, 3, 1)
        assert (found.papers, found.people) == (6, 1)
        assert found.votes == (10, 40, 60)


async def test_the_most_saved_papers(storage: Storage) -> None:
    """By people, not by acts; of equals the most upvoted."""
    for who, paper in ((ANN, 1), (BOB, 1), (ANN, 2), (ANN, 3), (CID, 0), (BOB, 0), (ANN, 0)):
        await saves(storage, who, paper)
    await saves(storage, ANN, 2, origin="reaction")
    for place in (HOME, ROOM):
        found = await storage.statistics.figures(place, BOUNDS, most=3)
        assert ids(found) == [("Paper 0", 3), ("Paper 1", 2), ("Paper 3", 1)]
        assert found.people == 3


async def test_who_brought_what_others_saved_too(storage: Storage) -> None:
    """The first saver counts; a paper that nobody else wanted, or that had been there before, does not."""
    for who, paper, when in (
        (ANN, 1, "2027-01-04 10:00"),
        (BOB, 1, "2027-01-05 10:00"),
        (BOB, 2, "2027-01-04 10:00"),
        (CID, 2, "2027-01-04 11:00"),
        (ANN, 3, "2027-01-06 10:00"),
        (CID, 3, "2027-01-06 11:00"),
        (CID, 4, "2027-01-04 09:00"),
        (CID, 5, "2026-11-01 10:00"),
        (BOB, 5, "2027-01-05 10:00"),
        (ANN, 5, "2027-01-06 10:00"),
    ):
        await saves(storage, who, paper, when)
    for place in (HOME, ROOM):
        found = await storage.statistics.figures(place, BOUNDS)
        assert [(one.person.name, one.papers) for one in found.brought] == [("Ann", 2), ("Bob", 1)]


async def test_topics_are_keywords_in_whatever_case(storage: Storage) -> None:
    """Each once for a paper."""
    for paper in (1, 2, 3):
        await saves(storage, ANN, paper)
    found = await storage.statistics.figures(HOME, BOUNDS, most=2)
    assert [(one.name.lower(), one.papers) for one in found.topics] == [
        ("diffusion", 3),
        ("topic 1", 1),
    ]


async def test_papers_posted_each_week(storage: Storage) -> None:
    """Each once a week, however many channels had it; recaps repeat, and what is one person's own is no post."""
    await posts(storage, "a", "2027-01-04 09:00", 0, 1, 2)
    await posts(storage, "b", "2027-01-05 09:00", 2, 3, channel=SIDE)
    await posts(storage, "a", "2026-12-30 09:00", 0, 4)
    await posts(storage, "r", "2027-01-05 10:00", 5, edition=Edition.RECAP)
    await posts(storage, "p", "2027-01-05 11:00", 6, edition=Edition.PERSONAL, channel=SIDE)
    await posts(storage, "d", "2027-01-05 12:00", 7, channel=AWAY)
    whole = await storage.statistics.figures(HOME, BOUNDS)
    assert whole.posted == (0, 2, 4)
    here = await storage.statistics.figures(ROOM, BOUNDS)
    assert here.posted == (0, 2, 3)


async def test_a_channel_counts_what_was_done_there(storage: Storage) -> None:
    """And nothing of the channel beside it."""
    await saves(storage, ANN, 1)
    await saves(storage, BOB, 2, channel=SIDE)
    here = await storage.statistics.figures(ROOM, BOUNDS)
    assert ids(here) == [("Paper 1", 1)]
    whole = await storage.statistics.figures(HOME, BOUNDS)
    assert whole.papers == 2


async def test_a_shared_team_counts_together(storage: Storage) -> None:
    """A paper saved on both platforms is one paper, and its first saver brought it."""
    zed = Person("discord", "5", "Zed")
    await saves(storage, zed, 1, "2027-01-04 08:00", AWAY)
    await saves(storage, ANN, 1, "2027-01-04 09:00")
    together = Statistics(storage.database, Sharing(shared=True))
    found = await together.figures(HOME, BOUNDS)
    assert ids(found) == [("Paper 1", 2)]
    assert found.saved == (0, 0, 1)
    assert [one.person for one in found.brought] == [zed]
    assert found.brought[0].person.name == "Zed"


async def test_somebody_forgotten_is_in_no_figure(storage: Storage) -> None:
    """Neither by name nor as a number."""
    await saves(storage, ANN, 1, "2027-01-04 08:00")
    await saves(storage, BOB, 1, "2027-01-04 09:00")
    await storage.privacy.forget(ANN)
    for place in (HOME, ROOM):
        found = await storage.statistics.figures(place, BOUNDS)
        assert (found.people, found.brought) == (1, ())


deeds = st.lists(
    st.tuples(
        st.sampled_from([ROOM, SIDE, AWAY]),
        st.integers(0, 4),
        st.integers(0, len(PAPERS) - 1),
        st.integers(0, 40 * 24),
    ),
    max_size=14,
)


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(mine=deeds, others=deeds)
async def test_no_workspace_sees_the_figures_of_another(
    tmp_path_factory: pytest.TempPathFactory,
    mine: list[tuple[Channel, int, int, int]],
    others: list[tuple[Channel, int, int, int]],
) -> None:
    """Whatever another one saves, ours are what they would be without it."""
    told = []
    for all_of_them in (mine, [*mine, *others]):
        async with temporary_storage(tmp_path_factory.mktemp("isolated")) as storage:
            await storage.archive.keep(PAPERS, as_of=NOW)
            for number, (channel, who, paper, hours) in enumerate(all_of_them):
                away = number >= len(mine)
                there = Channel(Workspace("slack", "T9"), channel.id) if away else channel
                person = Person("slack", f"T9.U{who}" if away else f"T1.U{who}", f"N{who}")
                when = NOW - timedelta(hours=hours)
                await saves(storage, person, paper, when, there)
            told.append(
                [await storage.statistics.figures(one, BOUNDS) for one in (HOME, OTHER, ROOM, AWAY)]
            )
    assert told[0] == told[1]


async def test_a_plain_count_agrees(storage: Storage) -> None:
    """The same numbers, counted by hand."""
    acts = [(n * 7 % 3, n * 5 % 8, n * 11 % 21) for n in range(30)]
    earliest: dict[tuple[int, int], datetime] = {}
    for number, (who, paper, day) in enumerate(acts):
        when = NOW - timedelta(days=day, hours=who)
        await saves(storage, (ANN, BOB, CID)[who], paper, when, origin=f"act {number}")
        earliest[who, paper] = min(when, earliest.get((who, paper), when))
    spans = pairwise(BOUNDS)
    by_hand = tuple(
        len({p for (_, p), when in earliest.items() if begin <= when < end}) for begin, end in spans
    )
    found = await storage.statistics.figures(HOME, BOUNDS)
    assert found.saved == by_hand
    assert found.people == 3
