"""Meetings of a journal club: picking a day, calling it off, archiving it."""

from datetime import time, timedelta
from zoneinfo import ZoneInfo

from bot.commands.coming import Ahead
from bot.commands.own import new_id
from bot.commands.room import Room
from bot.commands.shared import ago, resolve
from bot.commands.spec import Request
from bot.commands.values import Ref
from bot.domain.club import Meeting
from bot.domain.errors import NotAllowed, UserError
from bot.domain.papers import Paper, PaperId
from bot.domain.people import Channel
from bot.domain.posts import Notice, Reply
from bot.domain.subscriptions import Edition, Subscription
from bot.meetings import terms_of, when

MOST_AHEAD = 20
FARTHEST = timedelta(days=366)
USUAL_MINUTES = 60


async def coming(room: Room, channel: Channel) -> list[Meeting]:
    """What is picked and not archived, the earliest first."""
    now = room.clock()
    return [one for one in await room.club.meetings(channel) if not one.is_past(now)]


async def convene(room: Room, request: Request) -> Reply:
    """Pick a paper and a day; the channel hears of it by itself."""
    _allowed(room, request, "pick")
    now = room.clock()
    meeting = await _wanted(room, request)
    if meeting.start <= now:
        raise UserError(
            f"{when(meeting)} has passed already, {ago(meeting.start, now)}; pick a later hour."
        )
    if meeting.start > now + FARTHEST:
        raise UserError(f"{meeting.day} is more than a year away; pick a day before that.")
    there = await coming(room, meeting.channel)
    title = await _title(room, meeting.paper)
    for other in there:
        if other.paper == meeting.paper:
            cancel = room.says(f"club cancel {other.paper}")
            raise UserError(
                f"It is picked already, for {when(other)}: {title}. {cancel} ends that."
            )
    if len(there) >= MOST_AHEAD:
        raise UserError(f"{MOST_AHEAD} meetings are picked, and that is the most; cancel some.")
    if not await room.club.pick(meeting, _order(meeting)):
        raise UserError(
            f"Somebody else has just picked it: {title}. {room.says('club')} says when."
        )
    text = f"Picked: {title}. You meet {when(meeting)}, {ago(meeting.start, now)}."
    hints = (
        "I announce it here now, remind you the day before and an hour before, and then open the discussion.",
        f"{room.says(f'club cancel {meeting.paper}')} calls it off.",
    )
    return Reply(posts=(Notice(text=text, tone="done", hints=hints),), private=True)


async def _wanted(room: Room, request: Request) -> Meeting:
    at, zone = request.one("at", time), await _zone(room, request)
    on, now = request.one("on", Ahead), room.clock()
    if at is None or on is None:
        example = room.says("club pick on:thursday at:16:00 tz:Europe/Berlin")
        raise UserError(f"Say when you meet, the day and the hour: {example}.")
    paper, votes = await _chosen(room, request)
    return Meeting(
        id=await _new_id(room),
        channel=request.caller.channel,
        paper=paper.id,
        day=on.on(now.astimezone(ZoneInfo(zone)), at),
        at=at,
        tz=zone,
        minutes=request.one("min", int) or USUAL_MINUTES,
        picked_by=request.caller.person,
        picked_at=now,
        votes=votes,
    )


async def _chosen(room: Room, request: Request) -> tuple[Paper, int]:
    """The paper that is named, or else the first of the ranking; and its votes."""
    caller, ref = request.caller, request.one("paper", Ref)
    ranking = await room.club.ranking(caller.channel, caller.person)
    if ref is not None:
        paper = await resolve(room, request, ref)
        return paper, next((one.votes for one in ranking if one.paper == paper.id), 0)
    if not ranking:
        raise UserError(
            "Nothing is nominated here that could be picked; name a paper, "
            f"or nominate one with {room.says('club nominate 3')}."
        )
    first = ranking[0]
    return await resolve(room, request, Ref(id=first.paper)), first.votes


async def _zone(room: Room, request: Request) -> str:
    """As it is said, or the caller's own, or the usual one."""
    if zone := request.one("tz", str):
        return zone
    reach = await room.reaches.reach(request.caller.person)
    return reach.tz or room.defaults.tz or "UTC"


async def _new_id(room: Room) -> str:
    """One that no subscription and no meeting has."""
    while await room.club.meeting(id := await new_id(room)):
        pass
    return id


def _order(meeting: Meeting) -> Subscription:
    """What makes the channel hear of it; the announcement is due at once."""
    return Subscription(
        id=meeting.id,
        channel=meeting.channel,
        edition=Edition.CLUB,
        terms=terms_of(meeting),
        created_by=meeting.picked_by,
        created_at=meeting.picked_at,
        next_run_at=meeting.picked_at,
    )


async def call_off(room: Room, request: Request) -> Reply:
    """Cancel a meeting; its paper is nominated again."""
    _allowed(room, request, "cancel")
    there = await coming(room, request.caller.channel)
    if not there:
        raise UserError(f"No meeting is picked that could be cancelled; {room.says('club')} shows.")
    ref = request.one("paper", Ref)
    if ref is None and len(there) > 1:
        raise UserError(f"Which one? {await _choices(room, there, 'cancel')}")
    paper = await resolve(room, request, ref) if ref else None
    found = [one for one in there if paper is None or one.paper == paper.id]
    if not found:
        raise UserError(
            f"It is not picked: {paper.title if paper else ''}. {await _choices(room, there, 'cancel')}"
        )
    (meeting,) = found[:1]
    if await room.club.cancel(meeting.id):
        await room.subscriptions.remove(meeting.id)
    who = request.caller.person.name or "Somebody"
    title = await _title(room, meeting.paper)
    text = f"{who} cancelled the journal club of {when(meeting)}: {title}"
    hint = f"{room.says('club')} shows what is nominated."
    return Reply(posts=(Notice(text=text, tone="warning", hints=(hint,)),), private=False)


async def close(room: Room, request: Request) -> Reply:
    """Archive a meeting that has begun."""
    _allowed(room, request, "done")
    now = room.clock()
    there = await coming(room, request.caller.channel)
    begun = [one for one in there if one.start <= now]
    if ref := request.one("paper", Ref):
        paper = await resolve(room, request, ref)
        begun = [one for one in begun if one.paper == paper.id]
    if not begun:
        soon = f" The next begins {when(there[0])}." if there else ""
        raise UserError(
            f"No such meeting has begun that is not archived yet.{soon} "
            f"{room.says('club archive')} lists what was discussed."
        )
    meeting = begun[-1]
    await room.club.end(meeting.id, now)
    text = f"Archived: {await _title(room, meeting.paper)}"
    hint = f"{room.says('club archive')} lists what was discussed, {room.says('club archive bibtex')} as a file."
    return Reply(posts=(Notice(text=text, tone="done", hints=(hint,)),), private=True)


def _allowed(room: Room, request: Request, action: str) -> None:
    if not request.caller.admin:
        raise NotAllowed(
            f"Only people who may manage this channel can use {room.says(f'club {action}')}; ask one of "
            "them. Everybody can nominate and vote."
        )


async def _choices(room: Room, there: list[Meeting], action: str) -> str:
    lines = [
        f"{room.says(f'club {action} {one.paper}')} is for {await _title(room, one.paper)}"
        for one in there[:3]
    ]
    return "; ".join(lines) + "."


async def _title(room: Room, id: PaperId) -> str:
    paper = await room.archive.paper(id)
    return paper.title if paper else id
