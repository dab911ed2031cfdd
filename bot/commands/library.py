"""save, unsave, saved, export: what people keep."""

from bot.commands.room import Room
from bot.commands.shared import PAGING, Page, count, numbered, page_of, resolve
from bot.commands.spec import Answer, Command, Parameter, Request
from bot.commands.values import Choice, PaperRef, Ref, Words
from bot.domain.papers import Paper
from bot.domain.people import Person
from bot.domain.posts import Notice
from bot.domain.search import Word
from bot.domain.stores import Save, SavedPaper
from bot.export import Format, export

ORIGIN = "command"
"""Tells a save by command from one by reaction."""
BATCH = 500
MOST_EXPORTED = 20_000

ME, TEAM = "me", "team"


async def save(room: Room, request: Request) -> Answer:
    """Keep a paper."""
    paper = await resolve(room, request, request.one("paper", Ref))
    new = await room.library.save(
        Save(
            person=request.caller.person,
            workspace=request.caller.channel.workspace,
            paper=paper.id,
            at=room.clock(),
            origin=ORIGIN,
        )
    )
    if not new:
        return Notice(text=f"You had saved it already: {paper.title}", hints=_saved_hint(room))
    return Notice(text=f"Saved: {paper.title}", tone="done", hints=_saved_hint(room))


def _saved_hint(room: Room) -> tuple[str, ...]:
    return (f"{room.says('saved')} lists what you have saved.",)


async def unsave(room: Room, request: Request) -> Answer:
    """Let go of a paper, however it was saved."""
    paper = await resolve(room, request, request.one("paper", Ref))
    workspace = request.caller.channel.workspace
    if await room.library.unsave(request.caller.person, workspace, paper.id):
        return Notice(text=f"No longer saved: {paper.title}", tone="done")
    return Notice(text=f"You had not saved it: {paper.title}", hints=_saved_hint(room))


async def saved(room: Room, request: Request) -> Answer:
    """What the caller saved, or everybody in the workspace, newest first; with words, those that have them."""
    page = Page.of(room, request)
    words = request.many("words", Word)
    found, total = await room.library.saved(
        request.caller.channel.workspace,
        _whose(request),
        words=words,
        offset=page.offset,
        limit=page.size,
    )
    if not total:
        return _none_with(room, request) if words else _nothing_saved(room, request)
    papers: list[Paper] = [one.paper for one in found]
    entries = await numbered(room, request, papers, first=page.offset + 1)
    title = "Saved by the team" if request.one("whose", str) == TEAM else "Your saved papers"
    hint = f"{room.says('export')} makes a file of them."
    return page_of(room, request, entries, total, title=title, notes=(hint,))


def _none_with(room: Room, request: Request) -> Notice:
    whose = request.one("whose", str)
    everything = f"saved {whose}" if whose else "saved"
    return Notice(
        text="No saved paper has all of these words.",
        hints=(f"{room.says(everything)} lists all of them.",),
    )


def _whose(request: Request) -> Person | None:
    return None if request.one("whose", str) == TEAM else request.caller.person


def _nothing_saved(room: Room, request: Request) -> Notice:
    who = "Nobody here has" if request.one("whose", str) == TEAM else "You have not"
    emoji = room.save_emoji[0] if room.save_emoji else "its number"
    return Notice(
        text=f"{who} saved a paper yet.",
        hints=(f"React {emoji} to a paper, or {room.says('save 2103.00020')}.",),
    )


async def export_saved(room: Room, request: Request) -> Answer:
    """A file of the saved papers."""
    papers: list[SavedPaper] = []
    total = 1
    while len(papers) < min(total, MOST_EXPORTED):
        more, total = await room.library.saved(
            request.caller.channel.workspace, _whose(request), offset=len(papers), limit=BATCH
        )
        if not more:
            break
        papers += more
    if not papers:
        return _nothing_saved(room, request)
    format = request.one("format", Format) or Format.BIBTEX
    return export(papers, format, text=f"{count(len(papers), 'saved paper')} as {format.label}.")


_WHOSE = Parameter(
    name="whose",
    help="Yours (me), or everybody's in this workspace (team)",
    type=Choice((ME, TEAM)),
    positional=True,
)
_PAPER = Parameter(
    name="paper",
    help="The paper's arXiv id, its link, or its number in the last list",
    type=PaperRef(),
    required=True,
    positional=True,
)

COMMANDS = (
    Command(
        name="save",
        summary="Save a paper",
        run=save,
        parameters=(_PAPER,),
        examples=("save 3", "save 2103.00020"),
    ),
    Command(
        name="unsave",
        summary="Take a paper off your saved ones",
        run=unsave,
        parameters=(_PAPER,),
        examples=("unsave 3", "unsave 2103.00020"),
    ),
    Command(
        name="saved",
        summary="The papers you saved, or the whole team",
        run=saved,
        parameters=(
            _WHOSE,
            Parameter(
                name="words",
                help='Only those with all of these: words, "a phrase", -excluded',
                type=Words(),
                positional=True,
            ),
            *PAGING,
        ),
        examples=("saved", "saved team page:2", "saved team diffusion"),
    ),
    Command(
        name="export",
        summary="Saved papers as a file: BibTeX, JSON, CSV or Markdown",
        run=export_saved,
        parameters=(
            Parameter(
                name="format",
                help="Kind of file; BibTeX if left out",
                type=Choice(tuple(Format)),
                positional=True,
            ),
            _WHOSE,
        ),
        examples=("export", "export csv team"),
    ),
)
