"""today, date, week, month, trending, show, random: what there is to read."""

from datetime import date, timedelta

from bot.commands.days import Day, Month, Week, current_day
from bot.commands.room import Room
from bot.commands.shared import (
    PAGING,
    marked,
    numbered,
    page_through,
    refreshed,
    resolve,
    short_day,
)
from bot.commands.spec import Answer, Command, Parameter, Request
from bot.commands.values import PaperRef, Ref
from bot.domain.errors import UserError
from bot.domain.papers import FIRST_DAY, DailyList, Listing, Paper
from bot.domain.posts import Notice, PaperCard
from bot.editions import by_votes, in_words, span_in_words

DAYS_BACK = 4
"""So far `today` looks for the latest list upstream: a weekend and a holiday."""
DAYS_AHEAD = 7
SATURDAY = 5


async def today(room: Room, request: Request) -> Answer:
    """The list of the day that Hugging Face shows; before it has one, the latest that there is."""
    day = current_day(room.clock())
    found, notes = await _latest(room, day)
    if not found.papers:
        return _empty_archive(room, notes)
    if found.day != day:
        notes = (f"There is no list for {in_words(day)} yet; this is the latest.", *notes)
    return await _day_page(room, request, found, notes)


async def _latest(room: Room, day: date) -> tuple[DailyList, tuple[str, ...]]:
    notes: tuple[str, ...] = ()
    for back in range(DAYS_BACK + 1):
        candidate = day - timedelta(days=back)
        if back and candidate.weekday() >= SATURDAY:
            continue
        notes = await refreshed(room, Listing.day(candidate))
        found = await room.archive.daily(candidate)
        if found.papers:
            return found, notes
    last = await room.archive.last_day(day)
    return await room.archive.daily(last or day), notes


def _empty_archive(room: Room, notes: tuple[str, ...]) -> Notice:
    return Notice(
        text="The archive has no list yet.",
        tone="warning",
        hints=(*notes, f"{room.says('status')} shows what the archive has."),
    )


async def _day_page(
    room: Room, request: Request, found: DailyList, notes: tuple[str, ...]
) -> Answer:
    papers = [listed.paper for listed in found.papers]
    title = f"Daily Papers · {in_words(found.day)}"
    url = Listing.day(found.day).url
    return await page_through(room, request, papers, title=title, url=url, notes=notes)


async def on_date(room: Room, request: Request) -> Answer:
    """One day's list, or the nearest days that have one."""
    day = request.one("day", date) or current_day(room.clock())
    notes = await refreshed(room, Listing.day(day))
    found = await room.archive.daily(day)
    if found.papers:
        return await _day_page(room, request, found, notes)
    if day.weekday() >= SATURDAY:
        text = f"There is no list on {in_words(day)}: Daily Papers rests at the weekend."
        notes = ()
    else:
        text = f"The archive has no list for {in_words(day)}."
    return Notice(text=text, hints=(*notes, *await _neighbours(room, day)))


async def _neighbours(room: Room, day: date) -> list[str]:
    """The commands of the nearest lists before and after."""
    today = current_day(room.clock())
    before = await room.archive.last_day(day - timedelta(days=1)) if day > FIRST_DAY else None
    after = None
    for ahead in range(1, DAYS_AHEAD + 1):
        candidate = day + timedelta(days=ahead)
        if candidate > today:
            break
        if (await room.archive.daily(candidate)).papers:
            after = candidate
            break
    return [
        f"The nearest {where}: {room.says(f'date {near}')} ({short_day(near)})."
        for where, near in (("before", before), ("after", after))
        if near
    ]


async def week(room: Room, request: Request) -> Answer:
    """A week's papers, most upvotes first."""
    return await _span(room, request, Listing.week(_day(room, request, "week")))


async def month(room: Room, request: Request) -> Answer:
    """A month's papers, most upvotes first."""
    return await _span(room, request, Listing.month(_day(room, request, "month")))


def _day(room: Room, request: Request, name: str) -> date:
    return request.one(name, date) or current_day(room.clock())


async def _span(room: Room, request: Request, listing: Listing) -> Answer:
    """What the days of the archive have, and what the week's or month's own list adds."""
    notes = await refreshed(room, listing)
    first, last = listing.span
    papers: list[Paper] = await room.archive.featured(first, last)
    papers = [*papers, *await room.archive.listed(listing)]
    when = f"{first:%B %Y}" if listing.kind == "month" else span_in_words([first, last])
    if not papers:
        return Notice(text=f"The archive has no papers for {when}.", hints=notes)
    title = f"Papers of the {listing.kind} · {when}"
    return await page_through(
        room, request, by_votes(papers), title=title, url=listing.url, notes=notes
    )


async def trending(room: Room, request: Request) -> Answer:
    """What is trending, in Hugging Face's own order."""
    listing = Listing.trending()
    notes = await refreshed(room, listing)
    papers = await room.archive.listed(listing)
    if not papers:
        hints = (*notes, f"{room.says('week')} shows the papers of the week.")
        return Notice(text="The archive has no trending papers yet.", hints=hints)
    return await page_through(
        room, request, papers, title="Trending papers", url=listing.url, notes=notes
    )


async def show(room: Room, request: Request) -> Answer:
    """All about one paper."""
    paper = await resolve(room, request, request.one("paper", Ref))
    return await _card(room, request, paper)


async def random(room: Room, request: Request) -> Answer:
    """Any paper of the archive."""
    paper = await room.archive.random(room.dice())
    if paper is None:
        raise UserError("The archive has no papers yet; try again in a minute.")
    return await _card(room, request, paper)


async def _card(room: Room, request: Request, paper: Paper) -> PaperCard:
    (entry,) = await numbered(room, request, [paper])
    return PaperCard(entry=await marked(room, request, entry), full=True)


_PAPER = Parameter(
    name="paper",
    help="Its arXiv id, its link, or its number in the last list",
    type=PaperRef(),
    required=True,
    positional=True,
)

COMMANDS = (
    Command(
        name="today",
        summary="Today's papers, most upvotes first",
        run=today,
        parameters=PAGING,
        examples=("today", "today page:2"),
    ),
    Command(
        name="date",
        summary="The papers of one day",
        run=on_date,
        parameters=(
            Parameter(
                name="day",
                help="The day: 2025-05-22, yesterday, monday, -3",
                type=Day(),
                required=True,
                positional=True,
            ),
            *PAGING,
        ),
        aliases=("day",),
        examples=("date yesterday", "date 2025-05-22", "date monday"),
    ),
    Command(
        name="week",
        summary="The papers of a week, most upvotes first",
        run=week,
        parameters=(
            Parameter(
                name="week",
                help="The week: 2025-W21, last, or a day in it; this week if left out",
                type=Week(),
                positional=True,
            ),
            *PAGING,
        ),
        examples=("week", "week last", "week 2025-W21"),
    ),
    Command(
        name="month",
        summary="The papers of a month, most upvotes first",
        run=month,
        parameters=(
            Parameter(
                name="month",
                help="The month: 2025-05, last, or a day in it; this month if left out",
                type=Month(),
                positional=True,
            ),
            *PAGING,
        ),
        examples=("month", "month last", "month 2025-05"),
    ),
    Command(
        name="trending",
        summary="What is trending on Hugging Face",
        run=trending,
        parameters=PAGING,
        examples=("trending",),
    ),
    Command(
        name="show",
        summary="All about one paper: abstract, authors, links",
        run=show,
        parameters=(_PAPER,),
        examples=("show 2103.00020", "show https://arxiv.org/abs/2103.00020", "show 3"),
    ),
    Command(
        name="random",
        summary="Any paper of the archive, for luck",
        run=random,
        examples=("random",),
    ),
)
