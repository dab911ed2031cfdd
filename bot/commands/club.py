"""club: a channel's journal club, from the first nomination to the archive."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from enum import StrEnum

from bot.commands import voting
from bot.commands.clock import Time, Zone
from bot.commands.coming import Coming
from bot.commands.convening import call_off, close, coming, convene
from bot.commands.discussed import archive, whisper
from bot.commands.room import Room
from bot.commands.shared import PAGING, Page, ago, count, numbered, page_of, resolve
from bot.commands.spec import Answer, Command, Parameter, Request
from bot.commands.values import Choice, Integer, PaperRef, Ref, nearest
from bot.domain.club import Meeting, Nomination, Vote
from bot.domain.errors import UserError
from bot.domain.papers import Paper
from bot.domain.posts import Notice, PaperCard, Reply
from bot.exporting import Format
from bot.meetings import when

MOST = 100
"""Nominations of one channel that wait."""


class Action(StrEnum):
    NOMINATE = "nominate"
    VOTE = "vote"
    PICK = "pick"
    CANCEL = "cancel"
    DONE = "done"
    ARCHIVE = "archive"


async def club(room: Room, request: Request) -> Answer:
    """What is asked for; without anything the ranking. Only what concerns everybody is shown to everybody."""
    action = request.one("action", Action)
    if action is None and request.one("format", Format) is not None:
        action = Action.ARCHIVE
    if action is None and request.one("paper", Ref) is not None:
        raise UserError(
            f"What about it? {room.says('club nominate 3')} nominates it, "
            f"{room.says('club vote 3')} votes for it."
        )
    return await (_ACTIONS[action] if action else _ranking)(room, request)


# --- nominating and voting


async def _nominate(room: Room, request: Request) -> Reply:
    """Enter it, and ask everybody for votes."""
    paper, channel = await resolve(room, request, request.one("paper", Ref)), request.caller.channel
    ranking = await room.club.ranking(channel, request.caller.person)
    if len(ranking) >= MOST:
        raise UserError(
            f"{MOST} papers are nominated here, and that is the most; vote first, and pick some."
        )
    nomination = Nomination(
        channel=channel, paper=paper.id, by=request.caller.person, at=room.clock()
    )
    if not await room.club.nominate(nomination):
        raise UserError(await _there_already(room, request, paper))
    who = request.caller.person.name or "Somebody"
    (entry,) = await numbered(room, request, [paper])
    notes = (
        f"{who} nominated it for the journal club of this channel.",
        f"Vote for it: react with 🗳️ or 👍, or write {room.says(f'club vote {paper.id}')}.",
        f"{room.says('club')} shows the ranking.",
    )
    return Reply(posts=(PaperCard(entry=entry, notes=notes, ballot=True),), private=False)


async def _there_already(room: Room, request: Request, paper: Paper) -> str:
    caller = request.caller
    if one := await voting.nominated(room, caller.channel, caller.person, paper.id):
        vote = room.says(f"club vote {paper.id}")
        return (
            f"It is nominated already, {_nominated(room, one)}: {paper.title}. "
            f"It has {count(one.votes, 'vote')}; {vote} {'takes yours back' if one.mine else 'adds yours'}."
        )
    return await _picked(room, request, paper) or f"It is nominated already: {paper.title}."


async def _picked(room: Room, request: Request, paper: Paper) -> str:
    """When it will be discussed; "" when it is not picked."""
    found = [one for one in await coming(room, request.caller.channel) if one.paper == paper.id]
    return f"It is picked already, for {when(found[0])}: {paper.title}." if found else ""


async def _vote(room: Room, request: Request) -> Reply:
    """For it; or if that was so, not any more."""
    caller = request.caller
    paper = await resolve(room, request, request.one("paper", Ref))
    one = await voting.nominated(room, caller.channel, caller.person, paper.id)
    if one is None:
        nominate = room.says(f"club nominate {paper.id}")
        raise UserError(
            await _picked(room, request, paper)
            or f"Nobody has nominated it in this channel: {paper.title}. {nominate} does."
        )
    if one.mine:
        await room.club.unvote(caller.person, caller.channel, paper.id)
    else:
        await room.club.vote(
            Vote(
                channel=caller.channel,
                paper=paper.id,
                person=caller.person,
                origin=voting.COMMAND,
                at=room.clock(),
            )
        )
    return whisper(await voting.told(room, caller.channel, caller.person, paper))


async def _ranking(room: Room, request: Request) -> Reply:
    """What is nominated, most votes first, and what comes next."""
    caller = request.caller
    ranking = await room.club.ranking(caller.channel, caller.person)
    ahead = await coming(room, caller.channel)
    notes = [await _next(room, one) for one in ahead[:2]]
    if len(ahead) > len(notes):
        notes.append(f"After that there are {len(ahead) - len(notes)} more.")
    if not ranking:
        return whisper(_nothing(room, notes))
    page = Page.of(room, request)
    shown = ranking[page.offset : page.offset + page.size]
    papers = await room.archive.papers(one.paper for one in shown)
    entries = await numbered(
        room,
        request,
        [papers.get(one.paper) or Paper(id=one.paper, title=one.paper) for one in shown],
        first=page.offset + 1,
        why={one.paper: _standing(room, one) for one in shown},
    )
    title = f"Journal club: {count(len(ranking), 'nomination')}"
    hint = f"{room.says('club vote 1')} votes for the first, or takes your vote back."
    return whisper(page_of(room, request, entries, len(ranking), title=title, notes=(*notes, hint)))


def _nothing(room: Room, notes: list[str]) -> Notice:
    begin = (
        f"{room.says('club nominate 3')} nominates number 3 of the last list; "
        f"{room.says('club nominate 2103.00020')} any paper."
    )
    then = f"Others vote, and {room.says('club pick on:thursday at:16:00 tz:Europe/Berlin')} picks a day for the first."
    if notes:
        return Notice(text=notes[0], hints=(*notes[1:], "Nothing else is nominated here.", begin))
    return Notice(text="Nothing is nominated in this channel yet.", hints=(begin, then))


async def _next(room: Room, meeting: Meeting) -> str:
    paper = await room.archive.paper(meeting.paper)
    title = paper.title if paper else meeting.paper
    return f"Picked for {when(meeting)} ({ago(meeting.start, room.clock())}): {title}"


def _standing(room: Room, one: Nomination) -> str:
    mine = ", yours among them" if one.mine and one.votes > 1 else ", yours" if one.mine else ""
    return f"{count(one.votes, 'vote')}{mine} · nominated {_nominated(room, one)}"


def _nominated(room: Room, one: Nomination) -> str:
    by = f"by {one.by.name} " if one.by and one.by.name else ""
    return f"{by}{ago(one.at, room.clock())}"


_ACTIONS: Mapping[Action, Callable[[Room, Request], Awaitable[Reply]]] = {
    Action.NOMINATE: _nominate,
    Action.VOTE: _vote,
    Action.PICK: convene,
    Action.CANCEL: call_off,
    Action.DONE: close,
    Action.ARCHIVE: archive,
}


class _Paper(PaperRef):
    """A paper, where a word may be a misspelt action."""

    __slots__ = ()

    def parse(self, text: str, today: date) -> Ref:
        try:
            return super().parse(text, today)
        except UserError as e:
            near = nearest(text, tuple(Action)) or nearest(text, tuple(Format))
            raise UserError(f"{e} Did you mean `{near}`?" if near else str(e)) from None


COMMANDS = (
    Command(
        name="club",
        summary="This channel's journal club: nominate papers, vote, pick a day, see what was discussed",
        run=club,
        parameters=(
            Parameter(
                name="action",
                help="What to do; the ranking if left out",
                type=Choice(tuple(Action)),
                positional=True,
            ),
            Parameter(
                name="format",
                help="For the archive as a file: its kind",
                type=Choice(tuple(Format)),
                positional=True,
            ),
            Parameter(
                name="paper",
                help="Its arXiv id, its link, or its number in the last list",
                type=_Paper(),
                positional=True,
            ),
            Parameter(name="on", help="The day to meet: 2026-12-03, thursday", type=Coming()),
            Parameter(name="at", help="The hour to meet", type=Time()),
            Parameter(name="tz", help="The time zone of that hour", type=Zone()),
            Parameter(name="min", help="How many minutes; 60 if left out", type=Integer(5, 600)),
            *PAGING,
        ),
        private=False,
        seen="Everybody in the channel sees nominations, and what is picked or cancelled; the rest is for you alone.",
        aliases=("journalclub",),
        examples=(
            "club",
            "club nominate 3",
            "club vote 2103.00020",
            "club pick 2103.00020 on:2026-12-03 at:16:00 tz:Europe/Berlin min:60",
            "club pick on:thursday at:16:00",
            "club archive bibtex",
        ),
    ),
)
