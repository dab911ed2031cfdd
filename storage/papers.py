"""The archive: papers, and the lists they stood on."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.sql.expression import Select

from bot.domain.papers import DailyList, ListedPaper, Listing, Paper, PaperId
from bot.domain.stores import Counts, Kept, View
from storage.columns import clean
from storage.database import Database
from storage.keeping import Keeper, Place
from storage.merge import views as tidy_views
from storage.rows import load_papers, paper_of
from storage.tables import ListingPaperRow, ListingRow, PaperRow, SaveRow, SubscriptionRow


class Archive:
    """`bot.domain.stores.Archive` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keeper = Keeper(database)

    async def keep(
        self,
        papers: Sequence[Paper],
        *,
        as_of: datetime,
        listing: Listing | None = None,
    ) -> Kept:
        """Merge what was seen at `as_of`, all of it or nothing."""
        seen = tidy_views(papers)
        if not seen:
            return Kept()
        async with self._database.write() as session:
            connection = await session.connection()
            tally = await self._keeper.merge(connection, [(seen.values(), as_of)])
            places = [Place(listing, [*seen], as_of)] if listing is not None else []
            added = await self._keeper.place(connection, places)
        return Kept(tally.new, tally.updated, tally.unchanged, added)

    async def keep_all(self, views: Sequence[View]) -> Kept:
        """A recording: many views one after the other, all at once or not at all."""
        seen = [(tidy_views(view.papers), view) for view in views]
        places = [Place(v.listing, [*papers], v.as_of) for papers, v in seen if v.listing]
        first = [
            {"key": str(place.listing), "fetched_at": place.at, "etag": None, "settled": False}
            for place in places
        ]
        insert = self._database.insert(ListingRow).on_conflict_do_nothing()
        async with self._database.write() as session:
            connection = await session.connection()
            tally = await self._keeper.merge(
                connection, [(papers.values(), view.as_of) for papers, view in seen]
            )
            added = await self._keeper.place(connection, places)
            if first:
                await connection.execute(insert, first)
        return Kept(tally.new, tally.updated, tally.unchanged, added)

    async def fetched(
        self, listing: Listing, *, at: datetime, etag: str | None, settled: bool
    ) -> None:
        """Note that the listing was asked for and answered."""
        tag = None if etag is None else clean(etag, 1_000)
        values = {"fetched_at": at, "etag": tag, "settled": settled}
        insert = self._database.insert(ListingRow).values(key=str(listing), **values)
        async with self._database.write() as session:
            await session.exec(insert.on_conflict_do_update(index_elements=["key"], set_=values))

    async def asked(self, listing: Listing) -> tuple[datetime | None, str | None, bool]:
        """When it was last fetched, its ETag, and whether it had settled."""
        async with self._database.read() as session:
            row = await session.get(ListingRow, str(listing))
        return (row.fetched_at, row.etag, row.settled) if row else (None, None, False)

    async def unsettled(self, days: Sequence[date]) -> list[date]:
        """Those of these days, in their order, whose lists are not known to the end."""
        keys = {str(Listing.day(day)): day for day in days}
        known = select(ListingRow.key).where(col(ListingRow.settled).is_(True))
        async with self._database.read() as session:
            settled = set(await session.exec(known))
        return [day for key, day in keys.items() if key not in settled]

    async def paper(self, id: PaperId) -> Paper | None:
        """One paper, if it is known."""
        async with self._database.read() as session:
            row = await session.get(PaperRow, id)
        return paper_of(row) if row else None

    async def papers(self, ids: Iterable[PaperId]) -> dict[PaperId, Paper]:
        """Those of them that are known, in the order asked for."""
        async with self._database.read() as session:
            return await load_papers(session, ids)

    async def daily(self, day: date) -> DailyList:
        """One day's list by rank; what has gone from it comes last."""
        listing = Listing.day(day)
        async with self._database.read() as session:
            asked = await session.get(ListingRow, str(listing))
            rows = (await session.exec(_on(listing))).all()
        return DailyList(
            day=day,
            papers=tuple(
                ListedPaper(paper=paper_of(paper), rank=place.rank, first_seen=place.first_seen)
                for place, paper in rows
            ),
            fetched_at=asked.fetched_at if asked else None,
        )

    async def listed(self, listing: Listing) -> list[Paper]:
        """Any list by rank; what has gone from it comes last."""
        async with self._database.read() as session:
            return [paper_of(paper) for _, paper in await session.exec(_on(listing))]

    async def featured(self, first: date, last: date) -> list[Paper]:
        """Everything on the daily lists of these days, most upvotes first, each once."""
        listing = col(ListingPaperRow.listing)
        days = select(ListingPaperRow.paper).where(
            listing.between(str(Listing.day(first)), str(Listing.day(last)))
        )
        found = (
            select(PaperRow)
            .where(col(PaperRow.id).in_(days))
            .order_by(col(PaperRow.upvotes).desc(), col(PaperRow.id).desc())
        )
        async with self._database.read() as session:
            return [paper_of(row) for row in await session.exec(found)]

    async def last_day(self, until: date) -> date | None:
        """The latest day up to `until` whose list has papers."""
        listing = col(ListingPaperRow.listing)
        days = listing.between("day:", str(Listing.day(until)))
        async with self._database.read() as session:
            key = (await session.exec(select(func.max(listing)).where(days))).one()
        return _day(key)

    async def random(self, seed: float) -> Paper | None:
        """Any paper; `seed` in [0, 1) decides which."""
        async with self._database.read() as session:
            count = (await session.exec(select(func.count()).select_from(PaperRow))).one()
            ids = select(PaperRow.id).order_by(col(PaperRow.id))
            id = (await session.exec(ids.offset(int(seed * count)).limit(1))).first()
            row = await session.get(PaperRow, id) if id else None
        return paper_of(row) if row else None

    async def counts(self) -> Counts:
        """The archive in figures."""
        listing = col(ListingPaperRow.listing)
        days = select(func.count(listing.distinct()), func.min(listing), func.max(listing)).where(
            listing.between("day:", "day:9999")
        )
        saved = select(SaveRow.person, SaveRow.workspace, SaveRow.paper).distinct().subquery()
        async with self._database.read() as session:
            papers = (await session.exec(select(func.count()).select_from(PaperRow))).one()
            number, first, last = (await session.exec(days)).one()
            saves = (await session.exec(select(func.count()).select_from(saved))).one()
            orders = (await session.exec(select(func.count()).select_from(SubscriptionRow))).one()
        return Counts(
            papers=papers,
            days=number,
            first_day=_day(first),
            last_day=_day(last),
            saves=saves,
            subscriptions=orders,
        )


def _on(listing: Listing) -> Select[ListingPaperRow, PaperRow]:
    return (
        select(ListingPaperRow, PaperRow)
        .join(PaperRow, col(PaperRow.id) == col(ListingPaperRow.paper))
        .where(ListingPaperRow.listing == str(listing))
        .order_by(
            col(ListingPaperRow.seen_at).desc(),
            col(ListingPaperRow.rank),
            col(ListingPaperRow.paper),
        )
    )


def _day(key: str | None) -> date | None:
    return date.fromisoformat(key.removeprefix("day:")) if key else None
