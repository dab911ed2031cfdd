"""What several families of commands need: pages, numbered entries, words for ages and days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.commands.grammar import on_page, render
from bot.commands.room import Room
from bot.commands.spec import Parameter, Request
from bot.commands.values import Integer, Ref
from bot.domain.errors import UserError
from bot.domain.library import UNMARKED
from bot.domain.papers import Listing, Paper, PaperId
from bot.domain.ports import Freshness
from bot.domain.posts import Entry, PaperList

LIST_MAX_AGE = timedelta(minutes=15)
"""A list that has not settled is asked for again after this."""
MOST_PER_PAGE = 100
MOST_PAGES = 10_000

PAGE = Parameter(name="page", help="Which page", type=Integer(1, MOST_PAGES))
LIMIT = Parameter(name="limit", help="Papers a page", type=Integer(1, MOST_PER_PAGE))
PAGING = (PAGE, LIMIT)


@dataclass(frozen=True, slots=True)
class Page:
    """A slice of a list: pages count from 1, `offset` from 0."""

    number: int
    size: int

    @classmethod
    def of(cls, room: Room, request: Request) -> "Page":
        return cls(request.one("page", int) or 1, request.one("limit", int) or room.page_size)

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size


async def numbered(
    room: Room,
    request: Request,
    papers: Sequence[Paper],
    *,
    first: int = 1,
    why: Mapping[PaperId, str] | None = None,
) -> tuple[Entry, ...]:
    """Entries numbered from `first`, with who saved them in this workspace."""
    workspace = request.caller.channel.workspace
    savers = await room.library.savers(workspace, [paper.id for paper in papers])
    return tuple(
        Entry(
            paper=paper,
            number=number,
            why=(why or {}).get(paper.id, ""),
            saved_by=savers.get(paper.id, ()),
        )
        for number, paper in enumerate(papers, start=first)
    )


async def marked(room: Room, request: Request, entry: Entry) -> Entry:
    """With what the caller and the team put on the paper, and where it was discussed."""
    caller, id = request.caller, entry.paper.id
    marks = await room.notes.marks(caller.person, caller.channel.workspace, [id])
    places = await room.library.discussed(caller.channel, [id])
    found = marks.get(id, UNMARKED)
    return replace(
        entry,
        tags=found.tags,
        remarks=found.remarks,
        read=found.read,
        discussed=places.get(id),
    )


def page_of(
    room: Room,
    request: Request,
    entries: tuple[Entry, ...],
    total: int,
    *,
    title: str,
    url: str | None = None,
    notes: Sequence[str] = (),
) -> PaperList:
    """One page, which knows the commands of its neighbours; UserError beyond the last one."""
    page = Page.of(room, request)
    pages = max(1, -(-total // page.size))
    if page.number > pages:
        ends = "there is only one page" if pages == 1 else f"there are {pages} pages"
        raise UserError(f"There is no page {page.number}: {ends} ({count(total, 'paper')}).")
    turn = [
        render(on_page(request, number), prefix=room.command) if 1 <= number <= pages else None
        for number in (page.number - 1, page.number + 1)
    ]
    return PaperList(
        title=title,
        entries=entries,
        url=url,
        page=page.number,
        pages=pages,
        total=total,
        back=turn[0],
        forth=turn[1],
        notes=tuple(note for note in notes if note),
    )


async def page_through(
    room: Room,
    request: Request,
    papers: Sequence[Paper],
    *,
    title: str,
    url: str | None = None,
    notes: Sequence[str] = (),
) -> PaperList:
    """The asked page of a list that is here in full."""
    page = Page.of(room, request)
    shown = papers[page.offset : page.offset + page.size]
    entries = await numbered(room, request, shown, first=page.offset + 1)
    return page_of(room, request, entries, len(papers), title=title, url=url, notes=notes)


async def resolve(room: Room, request: Request, ref: Ref | None) -> Paper:
    """The paper that is meant; UserError when there is no such number, or no such paper."""
    if ref is None:
        raise UserError(
            "Which paper? Write its arXiv id, its link, or its number in the last list."
        )
    id = ref.id or await _by_number(room, request, ref.number or 0)
    paper = await room.archive.paper(id) or await room.refresher.look_up(id)
    if paper is None:
        raise UserError(
            f"`{id}` is not in the archive, and Hugging Face has no page for it "
            "or cannot be reached. Check the id, or try again later."
        )
    return paper


async def _by_number(room: Room, request: Request, number: int) -> PaperId:
    shown = await room.library.latest(request.caller.channel, request.caller.person)
    if shown is None or not shown.papers:
        raise UserError("No list has been shown here yet; write the paper's arXiv id or its link.")
    if number not in shown.papers:
        raise UserError(
            f"The last list here has {numbers(shown.papers)}, not {number}. "
            "Write one of these, an arXiv id, or a link."
        )
    return shown.papers[number]


def numbers(known: Mapping[int, object]) -> str:
    """`number 1`, `the numbers 1 to 10`."""
    first, last = min(known), max(known)
    return f"number {first}" if first == last else f"the numbers {first} to {last}"


async def refreshed(room: Room, listing: Listing) -> tuple[str, ...]:
    """Bring a list up to date and say how old it is."""
    fresh = await room.refresher.refresh(listing, max_age=LIST_MAX_AGE)
    note = as_of(fresh, room.clock())
    return (note,) if note else ()


def as_of(fresh: Freshness, now: datetime) -> str:
    """`Hugging Face could not be reached; this is as of 3 hours ago.`"""
    problem = fresh.problem.strip().rstrip(".")
    if fresh.at is None:
        return f"{problem}; this is what the archive has." if problem else ""
    age = ago(fresh.at, now)
    return f"{problem}; this is as of {age}." if problem else f"As of {age}."


def ago(then: datetime, now: datetime) -> str:
    """`just now`, `3 hours ago`, `in 2 days`."""
    distance = now - then
    if abs(distance) < timedelta(minutes=1):
        return "just now" if distance >= timedelta(0) else "within a minute"
    words = _length(abs(distance))
    return f"{words} ago" if distance > timedelta(0) else f"in {words}"


def _length(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    for size, unit in ((60 * 24, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size * (2 if unit == "day" else 1):
            return count(minutes // size, unit)
    return count(minutes, "minute")


def count(number: int, noun: str) -> str:
    """`1 paper`, `1,234 papers`, `2 deliveries`."""
    if number == 1:
        return f"1 {noun}"
    plural = f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2] not in "aeiou" else f"{noun}s"
    return f"{number:,} {plural}"


def short_day(day: date) -> str:
    """`Thu 22 May 2025`."""
    return f"{day:%a} {day.day} {day:%b} {day.year}"
