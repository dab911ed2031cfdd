"""Workspaces that installed us, with their tokens encrypted: whoever reads the database alone cannot speak for us."""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import delete, update
from sqlmodel import col, select

from bot.domain.errors import StorageError
from bot.domain.people import Person, Workspace
from bot.domain.stores import Installation
from storage.addresses import address, beginning, person
from storage.database import Database
from storage.tables import InstallationRow

if TYPE_CHECKING:
    from storage.sealing import Seal

log = logging.getLogger(__name__)

NO_KEYS = (
    "Tokens of workspaces are kept encrypted, and there is no key: `paperbot key` makes one; put it in the "
    "environment as PAPERBOT_KEYS."
)


class Installations:
    """`bot.domain.stores.Installations` on a database. The first key encrypts, every key decrypts."""

    def __init__(self, database: Database, keys: Sequence[str] = ()) -> None:
        self._database = database
        self._keys = _sealer(keys) if keys else None
        self._upsert = database.upsert(InstallationRow, "workspace")

    async def keep(self, installation: Installation) -> None:
        """Also in the place of an earlier one."""
        by = installation.installed_by
        row = self._upsert.values(
            workspace=address(installation.workspace),
            token=self._seal().seal(installation.token),
            bot=installation.bot,
            name=installation.name,
            scopes=tuple(sorted(installation.scopes)),
            installed_by=address(by) if by else None,
            installed_by_name=by.name if by else "",
            at=installation.at,
        )
        async with self._database.write(durable=True) as session:
            await session.exec(row)

    async def of(self, workspace: Workspace) -> Installation | None:
        """None when it has not installed us."""
        rows = select(InstallationRow).where(InstallationRow.workspace == str(workspace))
        async with self._database.read() as session:
            row = (await session.exec(rows)).first()
        return self._read(row) if row else None

    async def all(self, platform: str) -> list[Installation]:
        """The oldest first."""
        rows = select(InstallationRow).where(beginning(InstallationRow.workspace, f"{platform}:"))
        oldest = rows.order_by(col(InstallationRow.at), col(InstallationRow.workspace))
        async with self._database.read() as session:
            found = (await session.exec(oldest)).all()
        return [self._read(row) for row in found]

    async def remove(self, workspace: Workspace) -> bool:
        """Forget its token; False when there was none."""
        statement = delete(InstallationRow).where(col(InstallationRow.workspace) == str(workspace))
        async with self._database.write(durable=True) as session:
            return (await session.exec(statement)).rowcount > 0

    async def renew(self) -> int:
        """Encrypt anew, with the first key, what another one had sealed: then that other one may go."""
        if not self._keys:
            return 0
        every = select(InstallationRow).order_by(col(InstallationRow.workspace)).with_for_update()
        async with self._database.write(durable=True) as session:
            rows = (await session.exec(every)).all()
            old = [row for row in rows if not self._keys.is_newest(row.token)]
            for row in old:
                await session.exec(
                    update(InstallationRow)
                    .where(col(InstallationRow.workspace) == row.workspace)
                    .values(token=self._keys.seal(self._open(row)))
                )
        if old:
            log.info("installations.renewed count=%d", len(old))
        return len(old)

    def _seal(self) -> "Seal":
        if self._keys is None:
            raise StorageError(NO_KEYS)
        return self._keys

    def _open(self, row: InstallationRow) -> str:
        token = self._seal().open(row.token)
        if token is None:
            raise StorageError(
                f"The token of {row.workspace} was sealed with a key that is not among PAPERBOT_KEYS; "
                "add that key, or install the bot there anew."
            )
        return token

    def _read(self, row: InstallationRow) -> Installation:
        by: Person | None = (
            person(row.installed_by, row.installed_by_name) if row.installed_by else None
        )
        return Installation(
            workspace=Workspace.parse(row.workspace),
            token=self._open(row),
            bot=row.bot,
            name=row.name,
            scopes=frozenset(row.scopes),
            installed_by=by,
            at=row.at,
        )


def _sealer(keys: Sequence[str]) -> "Seal":
    from storage.sealing import Seal

    return Seal(keys)
