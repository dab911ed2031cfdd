"""foryou: papers like those that were saved, by one person or by the whole team."""

from datetime import date, timedelta

from bot.commands.days import Since, current_day
from bot.commands.reading import trending
from bot.commands.room import Room
from bot.commands.shared import PAGING, Page, count, numbered, page_of, resolve
from bot.commands.spec import Answer, Command, Parameter, Request
from bot.commands.values import Choice, PaperRef, Ref
from bot.domain.library import Opinion, SavedQuery, Whose
from bot.domain.papers import Paper, PaperId
from bot.domain.people import Person
from bot.domain.posts import Notice, PaperList

FRESH = timedelta(days=21)
"""Without `since:`, papers of the last three weeks are proposed."""
LEARNT_FROM = 500
"""The latest papers that somebody kept, and as many opinions, tell their taste."""
PROPOSED = 50
FEW = 3
"""With fewer, a taste is a guess, and we say so."""


async def foryou(room: Room, request: Request) -> Answer:
    """What the caller may like, or the team; or take a word of theirs on one paper."""
    for name, likes in (("not", False), ("like", True)):
        if ref := request.one(name, Ref):
            return await _heard(room, request, await resolve(room, request, ref), likes=likes)
    person = None if request.one("whose", Whose) is Whose.TEAM else request.caller.person
    liked, disliked = await _taste(room, request, person)
    since = request.one("since", date) or await _since(room)
    found = await room.tastes.foryou(liked, disliked, since=since, limit=PROPOSED)
    if not found.hits:
        return await _cold(room, request, liked)
    page = Page.of(room, request)
    shown = found.hits[page.offset : page.offset + page.size]
    why = {hit.paper.id: hit.why for hit in shown}
    papers = [hit.paper for hit in shown]
    entries = await numbered(room, request, papers, first=page.offset + 1, why=why)
    title = "For your team" if person is None else "For you"
    notes = (
        _basis(liked, disliked, since),
        f"{room.says('foryou not:3')} says what is not for you.",
    )
    return page_of(room, request, entries, len(found.hits), title=title, notes=notes)


async def _heard(room: Room, request: Request, paper: Paper, *, likes: bool) -> Notice:
    """Remember it; saying the same again takes nothing back."""
    await room.opinions.say(
        Opinion(
            person=request.caller.person,
            workspace=request.caller.channel.workspace,
            paper=paper.id,
            likes=likes,
            at=room.clock(),
        )
    )
    what = "More like it" if likes else "Less like it"
    hint = f"{room.says('foryou')} shows what that makes of it."
    return Notice(text=f"{what}: {paper.title}", tone="done", hints=(hint,))


async def _taste(
    room: Room, request: Request, person: Person | None
) -> tuple[tuple[PaperId, ...], tuple[PaperId, ...]]:
    """What was kept or liked, the latest first, and what was not wanted; the last word on a paper counts."""
    caller = request.caller
    workspace = caller.channel.workspace
    whose = Whose.ME if person else Whose.TEAM
    query = SavedQuery(reader=caller.person, channel=caller.channel, whose=whose)
    saved = await room.library.saved(query, limit=LEARNT_FROM)
    liked = await room.opinions.of(workspace, person, likes=True, limit=LEARNT_FROM)
    disliked = await room.opinions.of(workspace, person, likes=False, limit=LEARNT_FROM)
    kept = dict.fromkeys([*liked, *(one.paper.id for one in saved.papers)])
    return tuple(id for id in kept if id not in disliked), tuple(disliked)


async def _since(room: Room) -> date:
    """An archive that has stood still is judged by its own last weeks."""
    today = current_day(room.clock())
    return (await room.archive.last_day(today) or today) - FRESH


async def _cold(room: Room, request: Request, liked: tuple[PaperId, ...]) -> Answer:
    """Nothing to go by, or nothing new: what is trending, and why it is that."""
    answer = await trending(room, request)
    if liked:
        why = "Nothing of that time is like what was saved; this is trending."
    else:
        why = (
            f"Nothing was saved yet to go by, so this is trending. {room.says('save 3')} begins it."
        )
    if isinstance(answer, PaperList):
        return (Notice(text=why), answer)
    return Notice(text=why.replace("this is trending", "there is nothing to propose"))


def _basis(liked: tuple[PaperId, ...], disliked: tuple[PaperId, ...], since: date) -> str:
    parts = [count(len(liked), "kept paper")]
    if disliked:
        parts.append(f"{len(disliked)} that {'is' if len(disliked) == 1 else 'are'} not wanted")
    guess = " It is a guess: save a few more." if len(liked) < FEW else ""
    return f"By {' and '.join(parts)}, of all since {since}.{guess}"


COMMANDS = (
    Command(
        name="foryou",
        summary="Papers you may like, by what you saved; or your team",
        run=foryou,
        parameters=(
            Parameter(
                name="whose",
                help="By your saved papers (me), or by everybody's here (team)",
                type=Choice((Whose.ME, Whose.TEAM)),
                positional=True,
            ),
            Parameter(name="since", help="Papers from this day on: 2025-05-01, 30d", type=Since()),
            Parameter(name="not", help="A paper that is not for you", type=PaperRef()),
            Parameter(name="like", help="A paper that is for you", type=PaperRef()),
            *PAGING,
        ),
        aliases=("recommend", "recommended"),
        examples=("foryou", "foryou team", "foryou not:3"),
    ),
)
