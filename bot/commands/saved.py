"""saved, export: the library, as far as somebody wants to see it or take it along."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, date, datetime, time

from bot.commands.days import Since
from bot.commands.grammar import render
from bot.commands.room import Room
from bot.commands.shared import PAGING, Page, count, page_of
from bot.commands.spec import Answer, Asked, Command, Parameter, Request
from bot.commands.values import Choice, Member, Tag, Words, echo, listing
from bot.domain.errors import UserError
from bot.domain.library import Order, Saved, SavedPaper, SavedQuery, Whose
from bot.domain.people import Person, Workspace
from bot.domain.posts import Entry, Notice
from bot.domain.search import Word
from bot.exporting import Format, export

MOST_EXPORTED = 20_000
MOST_NAMED = 5
UNREAD = "unread"


async def saved(room: Room, request: Request) -> Answer:
    """A page of what the caller saved, or the team, or what was saved or posted in this channel."""
    page = Page.of(room, request)
    query = await wanted(room, request)
    found = await room.library.saved(query, offset=page.offset, limit=page.size)
    if not found.total:
        return _none(room, request, query)
    entries = await _entries(room, query, found.papers, page.offset + 1)
    export = "" if query.words else f"{_export_of(room, request)} makes a file of them."
    notes = (_unread(found, query), export)
    title = _title(request, query)
    return page_of(room, request, entries, found.total, title=title, notes=notes)


async def wanted(room: Room, request: Request) -> SavedQuery:
    """What is asked for, as the library understands it. UserError for somebody who saved nothing here."""
    caller = request.caller
    by = await _member(room, caller.channel.workspace, request.one("by", str))
    since = request.one("since", date)
    whose = request.one("whose", Whose) or (Whose.TEAM if by else Whose.ME)
    if by and whose is Whose.ME:
        raise UserError("`by:` looks at what others saved; write `team` or `here` instead of `me`.")
    return SavedQuery(
        reader=caller.person,
        channel=caller.channel,
        whose=whose,
        words=request.many("words", Word),
        tags=tuple(dict.fromkeys(request.many("tag", str))),
        unread=request.one("only", str) == UNREAD,
        by=by,
        since=datetime.combine(since, time(), UTC) if since else None,
        order=request.one("sort", Order) or Order.NEW,
    )


async def _member(room: Room, workspace: Workspace, typed: str | None) -> Person | None:
    """Whoever of the team is meant."""
    if typed is None:
        return None
    people = await room.library.people(workspace)
    found = people_called(typed, people)
    if len(found) == 1:
        return found[0]
    if not people:
        raise UserError("Nobody here has saved a paper yet.")
    known = listing((named(one) for one in (found or people)[:MOST_NAMED]), "and")
    if found:
        raise UserError(f"{echo(typed)} could be {known}; write more of the name.")
    raise UserError(f"Nobody called {echo(typed)} has saved a paper here; there is {known}.")


def people_called(typed: str, people: Iterable[Person]) -> list[Person]:
    """Those with this id, as the platform writes it or bare; else of this name, or with a word that begins so."""
    typed = typed.strip().strip("<>").lstrip("@!").partition("|")[0].casefold()
    people = list(people)
    ways = (
        lambda one: typed in (one.id.casefold(), one.id.rpartition(".")[2].casefold()),
        lambda one: one.name.casefold() == typed,
        lambda one: any(word.startswith(typed) for word in _words(one)),
    )
    return next((found for way in ways if (found := [one for one in people if way(one)])), [])


def _words(person: Person) -> list[str]:
    name = person.name.casefold()
    return [name, *name.split()]


def named(person: Person) -> str:
    """As somebody can write them: a name or, without one, the id."""
    return f"@{person.name or person.id}"


async def _entries(
    room: Room, query: SavedQuery, found: Iterable[SavedPaper], first: int
) -> tuple[Entry, ...]:
    """Numbered, with everybody who saved them, and with what the reader and the team put on them."""
    found = list(found)
    ids = [one.paper.id for one in found]
    savers = await room.library.savers(query.channel.workspace, ids)
    places = await room.library.discussed(query.channel, ids)
    own = query.whose is Whose.ME
    return tuple(
        Entry(
            paper=one.paper,
            number=number,
            saved_by=savers.get(one.paper.id, one.by),
            tags=tuple(tag for tag in one.marks.tags if not own or tag in one.marks.own),
            remarks=one.marks.remarks,
            read=one.marks.read,
            discussed=places.get(one.paper.id),
        )
        for number, one in enumerate(found, start=first)
    )


def _unread(found: Saved, query: SavedQuery) -> str:
    if found.unread is None or query.unread or found.unread == found.total:
        return ""
    return f"{found.unread:,} of them unread." if found.unread else "You have read all of them."


_TITLES = {
    Whose.ME: "Your saved papers",
    Whose.TEAM: "Saved by the team",
    Whose.HERE: "Saved, and posted or saved in this channel",
}


def _title(request: Request, query: SavedQuery) -> str:
    """What is listed and, where something is left out, what was asked for."""
    left = {"whose", "page", "limit"}
    values = {name: value for name, value in request.values.items() if name not in left}
    asked = render(Asked(command=request.command, values=values), prefix="")
    asked = asked.removeprefix(f" {request.command.name}").strip()
    asked = asked.replace(f"only:{UNREAD}", UNREAD)
    return f"{_TITLES[query.whose]}: {asked}" if asked else _TITLES[query.whose]


def _export_of(room: Room, request: Request) -> str:
    """The command that exports just these."""
    values = {name: v for name, v in request.values.items() if EXPORT.parameter(name)}
    return f"`{render(Asked(command=EXPORT, values=values), prefix=room.command)}`"


def _none(room: Room, request: Request, query: SavedQuery) -> Notice:
    whose = request.one("whose", Whose)
    if not query.filters:
        return nothing_saved(room, query)
    if query.whose is Whose.HERE and not request.values.keys() - {"whose"}:
        text = "No saved paper was posted or saved in this channel."
        return Notice(text=text, hints=(f"{room.says('saved team')} lists all of the team.",))
    everything = f"saved {whose}" if whose else "saved team" if query.by else "saved"
    only_words = query.words and not (query.tags or query.unread or query.by or query.since)
    text = (
        "No saved paper has all of these words."
        if only_words
        else "No saved paper fits all of that."
    )
    return Notice(text=text, hints=(f"{room.says(everything)} lists all of them.",))


def nothing_saved(room: Room, query: SavedQuery) -> Notice:
    """There is nothing yet, and this is how to begin."""
    who = "You have not" if query.whose is Whose.ME else "Nobody here has"
    emoji = room.save_emoji[0] if room.save_emoji else "its number"
    return Notice(
        text=f"{who} saved a paper yet.",
        hints=(f"React {emoji} to a paper, or {room.says('save 2103.00020')}.",),
    )


async def export_saved(room: Room, request: Request) -> Answer:
    """A file of the saved papers that are wanted."""
    query = await wanted(room, request)
    found = await room.library.saved(query, limit=MOST_EXPORTED)
    if not found.papers:
        return _none(room, request, query)
    format = request.one("format", Format) or Format.BIBTEX
    text = f"{count(len(found.papers), 'saved paper')} as {format.label}."
    if found.total > len(found.papers):
        text += f" There are {found.total:,}; these are the first. `since:` and `tag:` take fewer."
    return await asyncio.to_thread(export, found.papers, format, text=text)


WHOSE = Parameter(
    name="whose",
    help="Yours (me), everybody's (team), or those of this channel (here)",
    type=Choice(tuple(Whose)),
    positional=True,
)
FILTERS = (
    Parameter(
        name="tag",
        help="Only with this tag; several: with all of them",
        type=Tag(),
        repeated=True,
    ),
    Parameter(
        name="only",
        help="Only those you have not read",
        type=Choice((UNREAD,)),
        positional=True,
    ),
    Parameter(name="by", help="Only what this member saved", type=Member()),
    Parameter(
        name="since",
        help="Saved since: 2025-05-22, 2025-05, monday, 7d, 3m",
        type=Since(),
    ),
    Parameter(
        name="sort",
        help="Saved last (new) or first (old), upvotes, stars of the code",
        type=Choice(tuple(Order)),
    ),
)
_WORDS = Parameter(
    name="words",
    help='With all of these, notes too: words, "a phrase", -excluded',
    type=Words(),
    positional=True,
)

SAVED = Command(
    name="saved",
    summary="The papers you saved, or the whole team, or in this channel",
    run=saved,
    parameters=(WHOSE, *FILTERS, _WORDS, *PAGING),
    examples=(
        "saved",
        "saved team diffusion",
        "saved unread tag:rl",
        "saved team by:@ann since:30d sort:upvotes",
        "saved here",
    ),
)
EXPORT = Command(
    name="export",
    summary="Saved papers as a file: BibTeX, RIS, CSL JSON, CSV, Markdown, JSON",
    run=export_saved,
    parameters=(
        Parameter(
            name="format",
            help="Kind of file; BibTeX if left out",
            type=Choice(tuple(Format)),
            positional=True,
        ),
        WHOSE,
        *FILTERS,
    ),
    examples=("export", "export csv team", "export markdown tag:rl since:2025-01"),
)
