"""watch: what changes about one paper."""

from dataclasses import replace

from bot.commands.follow import MOST, followed_by
from bot.commands.own import USUAL, direct, new_id, on_terms, reached_at
from bot.commands.room import Room
from bot.commands.shared import resolve, short_day
from bot.commands.spec import Answer, Command, Parameter, Request
from bot.commands.values import PaperRef, Ref
from bot.domain.errors import UserError
from bot.domain.papers import Paper
from bot.domain.posts import Notice
from bot.domain.subscriptions import Edition, Subscription
from bot.schedule import next_run
from bot.watching import LASTS, MILESTONES, State


async def watch(room: Room, request: Request) -> Answer:
    """Enter a watch: what happens is told in the paper's thread here, or to the caller alone."""
    paper = await resolve(room, request, request.one("paper", Ref))
    await _refuse(room, request, paper)
    person, now = request.caller.person, room.clock()
    terms, channel = replace(USUAL, paper=paper.id), request.caller.channel
    here = await _is_news_here(room, request, paper)
    if not here:
        reach = await room.reaches.reach(person)
        terms, channel = on_terms(terms, reach), await reached_at(room, person, reach)
    one = Subscription(
        id=await new_id(room),
        channel=channel,
        edition=Edition.WATCH,
        terms=terms,
        created_by=person,
        created_at=now,
        next_run_at=next_run(Edition.WATCH, terms.resolved(room.defaults), now),
        covered=str(State.of(paper)),
    )
    await room.subscriptions.add(one)
    where = "below its post in this channel" if here else "to you alone"
    passed = f"{', '.join(f'{number:,}' for number in MILESTONES[:-1])} or {MILESTONES[-1]:,}"
    text = (
        f"You watch {paper.title}. When code is released, its stars jump, an AI summary appears or upvotes "
        f"pass {passed}, I say so {where}. It ends by itself on {short_day((now + LASTS).date())}."
    )
    hint = f"{room.says(f'follow stop:{one.id}')} ends it now."
    return Notice(text=text, tone="done", hints=(hint,))


async def _refuse(room: Room, request: Request, paper: Paper) -> None:
    mine = await followed_by(room, request.caller.person)
    for one in mine:
        if one.terms.paper == paper.id:
            ends = room.says(f"follow stop:{one.id}")
            raise UserError(f"You watch it already: {paper.title}. {ends} ends it.")
    if len(mine) >= MOST:
        raise UserError(
            f"You follow and watch {MOST} things, and that is the most; "
            f"{room.says('follow')} lists them, so that you can end some."
        )


async def _is_news_here(room: Room, request: Request, paper: Paper) -> bool:
    """Everybody in this channel was shown the paper, and is not told about it yet."""
    here = request.caller.channel
    if not await room.outbox.showing(here, paper.id):
        return False
    if any(one.terms.paper == paper.id for one in await room.subscriptions.of(here)):
        return False
    try:
        return here != await direct(room, request.caller.person)
    except UserError:
        return True


COMMANDS = (
    Command(
        name="watch",
        summary="Hear when something changes about a paper: code, stars, summary, upvotes",
        run=watch,
        parameters=(
            Parameter(
                name="paper",
                help="Its arXiv id, its link, or its number in the last list",
                type=PaperRef(),
                required=True,
                positional=True,
            ),
        ),
        examples=("watch 3", "watch 2103.00020"),
    ),
)
