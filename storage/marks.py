"""What people did with papers: who saved them, and what is on them for a reader. All of it in one statement."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, case, literal, null, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.library import Marks
from bot.domain.papers import PaperId
from bot.domain.people import Person
from bot.domain.posts import Remark
from storage.addresses import person
from storage.holdings import SAVES
from storage.rows import chunks
from storage.saved import NOTES, READS, TAGS

_SAVE, _NOTE, _TAG, _READ = range(4)


@dataclass(slots=True)
class Traces:
    """Of one paper, in the order of time."""

    saved: dict[str, str] = field(default_factory=dict)
    """Who, in the order of their first acts, under the last name."""
    since: dict[str, datetime] = field(default_factory=dict)
    own: Remark | None = None
    others: list[Remark] = field(default_factory=list)
    tags: Counter[str] = field(default_factory=Counter)
    my_tags: set[str] = field(default_factory=set)
    read: bool = False

    def by(self, only: Person | None = None) -> tuple[Person, ...]:
        """Who saved it, or whether this one did."""
        found = (person(who, name) for who, name in self.saved.items())
        return tuple(one for one in found if only in (None, one))

    def first(self, owner: Person | None = None) -> datetime:
        """When it was first saved, by anybody or by this one."""
        return self.since[str(owner)] if owner else min(self.since.values())

    @property
    def marks(self) -> Marks:
        """What is on it."""
        return Marks(
            tags=tuple(sorted(self.tags, key=lambda tag: (-self.tags[tag], tag))),
            own=frozenset(self.my_tags),
            remarks=(*((self.own,) if self.own else ()), *self.others),
            read=self.read,
        )


def _of(table: Any, kind: int, **columns: Any) -> Select[Any]:
    """The rows of a table that are on some papers in a team."""
    name, text = columns.get("name", null()), columns.get("text", null())
    shared = columns.get("shared", literal(0))
    return select(
        table.c.at.label("at"),
        literal(kind).label("kind"),
        table.c.paper.label("paper"),
        table.c.person.label("person"),
        name.label("name"),
        text.label("text"),
        shared.label("shared"),
    ).where(
        table.c.workspace.in_(bindparam("team", expanding=True)),
        table.c.paper.in_(bindparam("papers", expanding=True)),
    )


_ME: BindParameter[str] = bindparam("me")
_SAVES = _of(SAVES, _SAVE, name=SAVES.c.person_name)
_MARKS = (
    _of(
        NOTES,
        _NOTE,
        name=NOTES.c.person_name,
        text=NOTES.c.text,
        shared=case((NOTES.c.shared, 1), else_=0),
    ).where(or_(NOTES.c.person == _ME, NOTES.c.shared)),
    _of(TAGS, _TAG, text=TAGS.c.tag),
    _of(READS, _READ).where(READS.c.person == _ME),
)
_ALL = union_all(_SAVES, *_MARKS)


async def traces(
    connection: AsyncConnection, team: Sequence[str], reader: Person, papers: Iterable[PaperId]
) -> dict[PaperId, Traces]:
    """What there is of these papers in the workspaces of a team; those without any are left out."""
    found: dict[PaperId, Traces] = {}
    me = str(reader)
    for some in chunks(dict.fromkeys(papers)):
        given = {"team": [*team], "papers": some, "me": me}
        rows = (await connection.execute(_ALL, given)).all()
        for row in sorted(rows, key=lambda row: (row.at, row.person)):
            _add(found.setdefault(PaperId(row.paper), Traces()), row, me)
    return found


def _add(there: Traces, row: Any, me: str) -> None:
    match row.kind:
        case 0:
            there.saved[row.person] = row.name or there.saved.get(row.person, "")
            there.since.setdefault(row.person, row.at)
        case 1 if row.person == me:
            there.own = Remark(row.text, None, bool(row.shared))
        case 1:
            there.others.append(Remark(row.text, person(row.person, row.name), bool(row.shared)))
        case 2:
            there.tags[row.text] += 1
            if row.person == me:
                there.my_tags.add(row.text)
        case _:
            there.read = True
