"""The archive of a channel's journal club: what was discussed, when and where."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from bot.commands.room import Room
from bot.commands.shared import Page, count, page_of
from bot.commands.spec import Request
from bot.domain.club import Meeting
from bot.domain.library import Marks, SavedPaper
from bot.domain.papers import Paper, PaperId
from bot.domain.posts import Entry, Notice, Post, Remark, Reply
from bot.editions import in_words
from bot.exporting import Format, export
from bot.meetings import local, opening_of


def whisper(post: Post) -> Reply:
    """For the eyes of whoever asked."""
    return Reply(posts=(post,), private=True)


async def archive(room: Room, request: Request) -> Reply:
    """What was discussed, with where; or as a file."""
    now, channel = room.clock(), request.caller.channel
    past = [one for one in await room.club.meetings(channel) if one.is_past(now)]
    if not past:
        text = "Nothing has been discussed in this channel's journal club yet."
        return whisper(Notice(text=text, hints=(f"{room.says('club')} shows what is nominated.",)))
    papers = await room.archive.papers(one.paper for one in past)
    known = {one.paper: papers.get(one.paper) or _unknown(one) for one in past}
    if format := request.one("format", Format):
        return whisper(_file(past, known, format))
    page = Page.of(room, request)
    shown = list(reversed(past))[page.offset : page.offset + page.size]
    entries = tuple(
        [
            await _discussed(room, one, known[one.paper], number)
            for number, one in enumerate(shown, start=page.offset + 1)
        ]
    )
    title = f"Journal club: {count(len(past), 'paper')} discussed"
    hint = f"{room.says('club archive bibtex')} makes a file of them."
    return whisper(page_of(room, request, entries, len(past), title=title, notes=(hint,)))


def _unknown(meeting: Meeting) -> Paper:
    return Paper(id=meeting.paper, title=meeting.paper)


async def _discussed(room: Room, meeting: Meeting, paper: Paper, number: int) -> Entry:
    """With a link to the thread, where one was opened."""
    why = in_words(_day(meeting))
    if meeting.votes:
        why += f" · {count(meeting.votes, 'vote')}"
    thread = await room.outbox.message_of(opening_of(meeting))
    return Entry(paper=paper, number=number, why=why, discussed=thread)


def _day(meeting: Meeting) -> date:
    return local(meeting).date()


def _file(past: list[Meeting], papers: Mapping[PaperId, Paper], format: Format) -> Post:
    saved = [
        SavedPaper(
            papers[one.paper],
            (),
            one.start,
            Marks(remarks=(Remark(f"Discussed on {in_words(_day(one))}"),)),
        )
        for one in past
    ]
    number = len({one.paper for one in past})
    text = f"{count(number, 'discussed paper')} as {format.label}."
    file = export(saved, format, text=text)
    return replace(file, name=file.name.replace("saved-papers", "journal-club"))
