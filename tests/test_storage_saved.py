"""Which saved papers somebody wants: every filter, alone and together, on every kind of database."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert

from bot.domain.library import Order, Saved, SavedQuery, Whose
from bot.domain.papers import PaperId
from bot.domain.people import Sharing
from storage import open_storage
from storage.holdings import HOLDERS, HOLDINGS, SAVES
from storage.saved import _MANY
from tests.support.library_model import NOON, PAPERS, PEOPLE, PLACES, Doings, Model, question
from tests.support.storage import Place

TEAMS = {
    "each its own": Sharing(),
    "two of them one": Sharing(
        shared=True, among=frozenset({PLACES[0].workspace, PLACES[1].workspace})
    ),
    "all of them one": Sharing(shared=True),
}


@pytest.mark.parametrize("sharing", TEAMS.values(), ids=TEAMS)
async def test_it_finds_what_anybody_would_find_by_hand(place: Place, sharing: Sharing) -> None:
    """Whatever was saved, let go of, tagged, noted, read and shown, in whatever order."""
    dice = random.Random(7)
    async with open_storage(place.url, place.index, sharing=sharing) as storage:
        await storage.archive.keep(PAPERS, as_of=NOON)
        model = Model(sharing)
        doings = Doings(storage, model, dice)
        for _ in range(4):
            for _ in range(40):
                await doings.something()
            for _ in range(40):
                query = question(dice)
                offset, limit = dice.choice(((0, 100), (0, 3), (2, 3), (50, 5)))
                _compare(
                    model,
                    query,
                    offset,
                    limit,
                    await storage.library.saved(query, offset=offset, limit=limit),
                )


def _compare(model: Model, query: SavedQuery, offset: int, limit: int, found: Saved) -> None:
    wanted = model.wanted(query)
    assert [one.paper.id for one in found.papers] == wanted[offset : offset + limit], query
    assert found.total == len(wanted)
    if found.unread is not None and not query.unread:
        assert found.unread == sum(not model.is_read(query, id) for id in wanted)
    for one in found.papers:
        assert one.marks.read is model.is_read(query, one.paper.id)
        tags = one.marks.own if query.whose is Whose.ME else frozenset(one.marks.tags)
        assert tags == model.tags_on(query, one.paper.id)


async def test_the_most_upvoted_of_very_many(place: Place) -> None:
    """Another way is taken to them then; it leads to the same."""
    workspace, who = str(PLACES[0].workspace), "slack:1"
    many = [replace(PAPERS[n % 12], id=PaperId(f"2506.{n:05}")) for n in range(_MANY + 1)]
    async with open_storage(place.url, place.index) as storage:
        await storage.archive.keep(many, as_of=NOON)
        rows = [
            {
                "workspace": workspace,
                "person": who,
                "paper": one.id,
                "at": NOON + timedelta(seconds=n),
            }
            for n, one in enumerate(many)
        ]
        async with storage.database.write() as session:
            connection = await session.connection()
            await connection.execute(
                insert(SAVES), [row | {"origin": "command", "person_name": ""} for row in rows]
            )
            for owner in ("", who):
                await connection.execute(
                    insert(HOLDINGS), [row | {"person": owner} for row in rows]
                )
                held = {
                    "workspace": workspace,
                    "person": owner,
                    "person_name": "",
                    "papers": len(many),
                }
                await connection.execute(insert(HOLDERS), [held])
        query = SavedQuery(
            reader=PEOPLE[0], channel=PLACES[0], whose=Whose.TEAM, order=Order.UPVOTES
        )
        found = await storage.library.saved(query)
        assert found.total == len(many)
        best = sorted(many, key=lambda one: (one.upvotes, one.id), reverse=True)[:10]
        assert [one.paper.id for one in found.papers] == [one.id for one in best]
