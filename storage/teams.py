"""Whose library is whose: the workspaces of a team."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, select, true
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.domain.people import Sharing, Workspace
from storage.tables import HolderRow

EVERYBODY = ""
"""Stands in `holding` and `holder` for all people of a workspace."""

_HOLDERS = SQLModel.metadata.tables[str(HolderRow.__tablename__)]


class Teams:
    """What counts as a workspace's own."""

    def __init__(self, sharing: Sharing | None = None) -> None:
        self._sharing = sharing or Sharing()

    def within(self, column: SQLColumnExpression[Any], workspace: Workspace) -> ColumnElement[bool]:
        """Whether a column names a workspace of this one's team."""
        team = self._sharing.team(workspace)
        return true() if team is None else among(column, sorted(map(str, team)))

    async def of(self, session: AsyncSession, workspace: Workspace) -> Sequence[str]:
        """The workspaces of its team by name: all in which anything is saved, where all are one."""
        team = self._sharing.team(workspace)
        if team is not None:
            return sorted(map(str, team))
        known = select(_HOLDERS.c.workspace).where(_HOLDERS.c.person == EVERYBODY)
        connection = await session.connection()
        return sorted({str(workspace), *(await connection.execute(known)).scalars()})


def among(column: SQLColumnExpression[Any], workspaces: Sequence[str]) -> ColumnElement[bool]:
    """Whether a column names one of these."""
    if len(workspaces) == 1:
        return column == workspaces[0]
    return column.in_(workspaces)
