"""save, unsave: what people keep."""

from bot.commands.room import Room
from bot.commands.saved import EXPORT, SAVED
from bot.commands.shared import resolve
from bot.commands.spec import Answer, Command, Parameter, Request
from bot.commands.values import PaperRef, Ref
from bot.domain.library import Whose
from bot.domain.papers import Paper
from bot.domain.posts import Notice
from bot.domain.stores import Save

ORIGIN = "command"
"""Tells a save by command from one by reaction."""

ME, TEAM = Whose.ME, Whose.TEAM


async def save(room: Room, request: Request) -> Answer:
    """Keep a paper."""
    paper = await resolve(room, request, request.one("paper", Ref))
    if not await keep(room, request, paper):
        return Notice(text=f"You had saved it already: {paper.title}", hints=_saved_hint(room))
    return Notice(text=f"Saved: {paper.title}", tone="done", hints=_saved_hint(room))


async def keep(room: Room, request: Request, paper: Paper) -> bool:
    """Save it for the caller; False when they had it already."""
    channel = request.caller.channel
    return await room.library.save(
        Save(
            person=request.caller.person,
            workspace=channel.workspace,
            paper=paper.id,
            at=room.clock(),
            origin=ORIGIN,
            channel=channel,
        )
    )


def _saved_hint(room: Room) -> tuple[str, ...]:
    return (f"{room.says('saved')} lists what you have saved.",)


async def unsave(room: Room, request: Request) -> Answer:
    """Let go of a paper, however it was saved."""
    paper = await resolve(room, request, request.one("paper", Ref))
    person, workspace = request.caller.person, request.caller.channel.workspace
    if not await room.library.unsave(person, workspace, paper.id):
        return Notice(text=f"You had not saved it: {paper.title}", hints=_saved_hint(room))
    marks = (await room.notes.marks(person, workspace, [paper.id])).get(paper.id)
    noted = marks and (marks.own or any(remark.by is None for remark in marks.remarks))
    hints = ("Your note and tags on it stay, should you save it again.",) if noted else ()
    return Notice(text=f"No longer saved: {paper.title}", tone="done", hints=hints)


PAPER = Parameter(
    name="paper",
    help="Its arXiv id, its link, or its number in the last list",
    type=PaperRef(),
    required=True,
    positional=True,
)

COMMANDS = (
    Command(
        name="save",
        summary="Save a paper",
        run=save,
        parameters=(PAPER,),
        examples=("save 3", "save 2103.00020"),
    ),
    Command(
        name="unsave",
        summary="Take a paper off your saved ones",
        run=unsave,
        parameters=(PAPER,),
        examples=("unsave 3", "unsave 2103.00020"),
    ),
    SAVED,
    EXPORT,
)
