"""What a team saved and was posted, in figures."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from statistics import median_low
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.domain.papers import PaperId
from bot.domain.people import Channel, Sharing, Workspace
from bot.domain.statistics import Brought, Figures, Kept, Topic
from storage.addresses import person
from storage.counting import Counting, InChannel, InTeam
from storage.database import Database
from storage.rows import PAPERS, chunks, load_papers
from storage.teams import Teams

_LOOKED_AT = 800
"""Votes and topics are told by so many papers, the latest of each span: of more, by a sample."""
_TIED = 100
"""Among so many of the most saved papers votes decide which of equals come first."""


class _Saved(NamedTuple):
    """What was saved: each by its span, the latest first; and who saved a paper first."""

    spans: tuple[dict[str, None], ...]
    people: Counter[str]
    """Paper -> how many saved it."""
    first: dict[str, str]
    number: int
    """Of people who saved anything."""


class Statistics:
    """`bot.domain.statistics.Statistics` on a database."""

    def __init__(self, database: Database, sharing: Sharing | None = None) -> None:
        self._database = database
        self._teams = Teams(sharing)

    async def figures(
        self, place: Channel | Workspace, bounds: Sequence[datetime], *, most: int = 5
    ) -> Figures:
        """From the first bound to the last; at most so many papers, people and topics."""
        async with self._database.read() as session:
            connection = await session.connection()
            counting = await self._counting(session, place, tuple(bounds))
            saved = _saved((await connection.execute(counting.acts)).all(), len(bounds) - 1)
            posted: Sequence[Any] = (await connection.execute(counting.posted)).all()
            numbers: dict[int, int] = dict(posted)
            share = -(-_LOOKED_AT // len(saved.spans))
            looked = [[*span][:share] for span in saved.spans]
            facts = await _facts(connection, (paper for span in looked for paper in span))
            return Figures(
                bounds=tuple(bounds),
                saved=tuple(map(len, saved.spans)),
                posted=tuple(numbers.get(span, 0) for span in range(len(saved.spans))),
                votes=tuple(_median(facts[id][0] for id in some if id in facts) for some in looked),
                top=await _top(session, saved, most),
                brought=await _brought(connection, counting, saved, most),
                topics=_topics((keywords for _, keywords in facts.values()), most),
                papers=len(saved.people),
                people=saved.number,
            )

    async def _counting(
        self, session: AsyncSession, place: Channel | Workspace, bounds: tuple[datetime, ...]
    ) -> Counting:
        if isinstance(place, Channel):
            return InChannel(place, bounds)
        return InTeam(await self._teams.of(session, place), bounds)


def _saved(acts: Sequence[Any], spans: int) -> _Saved:
    papers: tuple[dict[str, None], ...] = tuple({} for _ in range(spans))
    each: dict[tuple[str, str], None] = {}
    first: dict[str, str] = {}
    for who, paper, span in acts:
        papers[span][paper] = None
        each[who, paper] = None
        first[paper] = who  # they come from the latest to the earliest
    people = Counter(paper for _, paper in each)
    return _Saved(papers, people, first, len({who for who, _ in each}))


async def _facts(
    connection: AsyncConnection, papers: Iterable[str]
) -> dict[str, tuple[int, Sequence[str]]]:
    """Upvotes and keywords of each."""
    found = {}
    for some in chunks(dict.fromkeys(papers)):
        rows = select(PAPERS.c.id, PAPERS.c.upvotes, PAPERS.c.keywords).where(PAPERS.c.id.in_(some))
        for id, upvotes, keywords in await connection.execute(rows):
            found[id] = (upvotes, keywords)
    return found


def _median(votes: Iterable[int]) -> int:
    return median_low([*votes] or [0])


def _topics(keywords: Iterable[Sequence[str]], most: int) -> tuple[Topic, ...]:
    """The commonest keywords, each counted once for a paper, in whatever case it is written."""
    counted: Counter[str] = Counter()
    spelled: dict[str, str] = {}
    for words in keywords:
        own = {word.casefold(): word for word in words if word.strip()}
        counted.update(own.keys())
        for folded, word in own.items():
            spelled.setdefault(folded, word)
    ranked = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Topic(spelled[folded], number) for folded, number in ranked[:most])


async def _top(session: AsyncSession, saved: _Saved, most: int) -> tuple[Kept, ...]:
    """Of the papers that most people saved, or the latest of many such, the most upvoted."""
    counted = dict(saved.people.most_common(_TIED))
    connection = await session.connection()
    votes = select(PAPERS.c.id, PAPERS.c.upvotes).where(PAPERS.c.id.in_(counted))
    upvotes: dict[str, int] = {row[0]: row[1] for row in await connection.execute(votes)}
    ranked = sorted(upvotes, key=lambda one: (-counted[one], -upvotes[one], one))
    papers = await load_papers(session, map(PaperId, ranked[:most]))
    return tuple(Kept(paper, counted[id]) for id, paper in papers.items())


async def _brought(
    connection: AsyncConnection, counting: Counting, saved: _Saved, most: int
) -> tuple[Brought, ...]:
    """Who was the first to save papers that others saved, too."""
    first = {paper: saved.first[paper] for paper, number in saved.people.items() if number > 1}
    for some in chunks([*first]):
        for paper, is_old in await connection.execute(counting.ages(some)):
            if is_old:
                first.pop(paper, None)
    ranked = sorted(Counter(first.values()).items(), key=lambda one: (-one[1], one))[:most]
    rows = await connection.execute(counting.names([who for who, _ in ranked]))
    names: dict[str, str] = {who: name for who, name in rows if name}
    return tuple(Brought(person(who, names.get(who, "")), number) for who, number in ranked)
