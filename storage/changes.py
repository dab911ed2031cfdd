"""What the archive has learnt since the index last asked."""

from collections.abc import Sequence

from sqlmodel import col, func, select

from bot.domain.papers import Paper, PaperId
from storage.database import Database
from storage.rows import PAPERS, load_papers, paper_of
from storage.tables import MetaRow, PaperRow

BATCH = 4_000
"""Papers a commit: enough to be quick, few enough that a search meanwhile finds much of the rest."""

_LATEST = select(MetaRow.value).where(MetaRow.name == "revision")


class Changes:
    """Papers in the order in which they were last written."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def identity(self) -> str:
        """What tells this database from every other."""
        async with self._database.read() as session:
            meta = await session.get(MetaRow, "identity")
        return meta.value if meta else ""

    async def latest(self) -> int:
        """The revision given last."""
        latest, _ = await self.told(())
        return latest

    async def told(self, ids: Sequence[PaperId]) -> tuple[int, list[Paper]]:
        """The revision given last, and those of these papers that there are, in their order."""
        async with self._database.read() as session:
            connection = await session.connection()
            latest = int((await connection.execute(_LATEST)).scalar_one())
            papers = await load_papers(session, ids) if ids else {}
        return latest, [*papers.values()]

    async def count(self, after: int) -> int:
        """How many papers have a later revision."""
        newer = select(func.count()).select_from(PaperRow).where(col(PaperRow.revision) > after)
        async with self._database.read() as session:
            return (await session.exec(newer)).one()

    async def after(self, revision: int) -> tuple[list[Paper], int]:
        """The next papers with a later one, and the latest of theirs."""
        newer = PAPERS.select().where(PAPERS.c.revision > revision)
        async with self._database.read() as session:
            connection = await session.connection()
            page = newer.order_by(PAPERS.c.revision).limit(BATCH)
            rows = (await connection.execute(page)).all()
        return [paper_of(row) for row in rows], rows[-1].revision if rows else revision
