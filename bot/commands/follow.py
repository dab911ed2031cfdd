"""follow: papers of an author, of an organisation or with words, as they are featured; and what somebody watches."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from bot.commands.own import USUAL, new_id, on_terms, reached_at
from bot.commands.room import Room
from bot.commands.shared import ago, count
from bot.commands.spec import Answer, Command, Parameter, Request
from bot.commands.subscriptions import MOST_A_CHANNEL
from bot.commands.terms import LONGEST_WORD, MOST_WORDS
from bot.commands.values import Choice, Key, Known, Words, echo
from bot.domain.errors import NotAllowed, UserError
from bot.domain.people import Person
from bot.domain.posts import Notice, Panel, Row
from bot.domain.search import Field, Word
from bot.domain.subscriptions import Edition, Manner, Reach, Subscription, Terms
from bot.following import in_words, lately
from bot.matching import fold, matches, name_words
from bot.schedule import next_run
from bot.watching import LASTS, is_over

NAME = "follow"
MOST = 100
"""Follows and watches of one person."""
HERE, ME, ALL = "here", "me", "all"
STOP = ("stop", "end", "unfollow")


async def follow(room: Room, request: Request) -> Answer:
    """Enter a follow, end some, or list them."""
    if key := _ending(request):
        return await _stop(room, request, key)
    terms = _wanted(request)
    if not (terms.author or terms.organization or terms.words):
        return await _list(room, request)
    return await _start(room, request, terms)


def _ending(request: Request) -> str | None:
    """The id in `stop:k3x`, or in `stop k3x`; to follow the word, one puts it in quotation marks."""
    if key := request.one("stop", str):
        return key
    words = request.many("words", Word)
    if not words or words[0].phrase or words[0].text.lower() not in STOP:
        return None
    if len(words) != 2:  # noqa: PLR2004 -- the word and an id
        raise UserError("Which one? Write `stop:` and its id, or `stop:all`.")
    return words[1].text


def _wanted(request: Request) -> Terms:
    """What is to be followed; UserError when nothing could ever match it."""
    words = request.many("words", Word)
    texts = {
        out: tuple(dict.fromkeys(w.text for w in words if w.excluded is out))
        for out in (False, True)
    }
    author, organization = request.one("author", str), request.one("organization", str)
    for text in (*texts[False], *texts[True], organization or "x"):
        if not any(map(str.isalnum, text)) or len(text) > LONGEST_WORD:
            raise UserError(f"{echo(text)} is nothing that could be found; write words of a paper.")
    if len(words) > MOST_WORDS:
        raise UserError(f"There are {len(words)} words; use at most {MOST_WORDS}.")
    if author and not any(len(word) > 1 for word in name_words(author)):
        raise UserError(f"{echo(author)} is too short for a name; write it like `Yann LeCun`.")
    if texts[True] and not (author or organization or texts[False]):
        raise UserError("Say what to follow, too: a minus only leaves papers out.")
    return replace(
        USUAL,
        author=author,
        organization=organization,
        words=texts[False],
        exclude=texts[True],
    )


async def _start(room: Room, request: Request, terms: Terms) -> Answer:
    caller, shared = request.caller, request.one("where", str) == HERE
    if shared and not caller.admin:
        raise NotAllowed(
            "Only people who may manage this channel can let it follow something; "
            "leave out `here`, and it comes to you."
        )
    reach = await room.reaches.reach(caller.person)
    terms = replace(terms, shared=True) if shared else on_terms(terms, reach)
    mine = await followed_by(room, request.caller.person)
    there = await room.subscriptions.of(caller.channel) if shared else mine
    _refuse(room, mine, there, terms)
    to = caller.channel if shared else await reached_at(room, caller.person, reach)
    now = room.clock()
    one = Subscription(
        id=await new_id(room),
        channel=to,
        edition=Edition.FOLLOW,
        terms=terms,
        created_by=caller.person,
        created_at=now,
        next_run_at=next_run(Edition.FOLLOW, terms.resolved(room.defaults), now),
    )
    await room.subscriptions.add(one)
    who = "This channel follows" if shared else "You follow"
    text = f"{who} {in_words(terms)}. {_how(reach, shared=shared)}"
    return Notice(text=text, tone="done", hints=(await _lately(room, terms), _ends(room, one)))


def _refuse(
    room: Room, mine: Sequence[Subscription], there: Sequence[Subscription], terms: Terms
) -> None:
    for one in there:
        if one.edition is Edition.FOLLOW and _same(one.terms) == _same(terms):
            who = "This channel follows" if terms.shared else "You follow"
            raise UserError(f"{who} {in_words(terms)} already: {_ends(room, one)}")
    if len(mine) >= MOST:
        raise UserError(
            f"You follow and watch {MOST} things, and that is the most; "
            f"{room.says('follow')} lists them, so that you can end some."
        )
    if terms.shared and sum(not one.private for one in there) >= MOST_A_CHANNEL:
        raise UserError(
            f"This channel has {MOST_A_CHANNEL} subscriptions, and that is the most; "
            f"end one with {room.says('unsubscribe')} first."
        )


def _same(terms: Terms) -> tuple[object, ...]:
    """Equal for what brings the same papers to the same place."""
    return (
        name_words(terms.author or ""),
        fold(terms.organization or ""),
        frozenset(map(fold, terms.words)),
        frozenset(map(fold, terms.exclude)),
        bool(terms.shared),
    )


def _how(reach: Reach, *, shared: bool) -> str:
    if shared:
        return "A paper comes here when it is featured."
    match reach.follows:
        case Manner.NOW:
            return "A paper comes to you by direct message when it is featured."
        case Manner.DAILY:
            return "New papers stand in your own digest."
        case Manner.EMAIL:
            return "A paper comes to you by e-mail when it is featured."
        case Manner.OFF:
            return "Nothing comes of it while your follows are off."


async def _lately(room: Room, terms: Terms) -> str:
    """What it would have brought: so one sees whether it is what was meant."""
    found = [paper for paper in await lately(room.archive, room.clock()) if matches(terms, paper)]
    if not found:
        return "In the last two weeks there was no such paper."
    latest = max(found, key=lambda paper: (paper.featured or date.min, paper.id))
    if len(found) == 1:
        return f"In the last two weeks that was one paper: {latest.title}"
    return (
        f"In the last two weeks that were {len(found)} papers, the latest of them: {latest.title}"
    )


def _ends(room: Room, one: Subscription) -> str:
    if one.terms.shared:
        return f"{room.says(f'unsubscribe {one.id}')} ends it."
    return f"{room.says(f'follow stop:{one.id}')} ends it; {room.says('follow')} lists what you follow."


# --- listing and ending


async def followed_by(room: Room, person: Person) -> list[Subscription]:
    """What somebody follows and watches, channels' follows that they made among it."""
    now = room.clock()
    return [
        one
        for one in await room.subscriptions.by(person)
        if one.edition in (Edition.FOLLOW, Edition.WATCH) and not is_over(one, now)
    ]


async def endable(room: Room, person: Person, typed: str) -> list[tuple[str, str]]:
    """Ids that begin so of what somebody follows or watches, and what that is."""
    found = [one for one in await followed_by(room, person) if one.private]
    reach = await room.reaches.reach(person)
    return [
        (one.id, f"{one.id} · {await _told(room, one, reach)}")
        for one in found
        if one.id.startswith(typed.lower())
    ]


async def _list(room: Room, request: Request) -> Answer:
    mine = [one for one in await followed_by(room, request.caller.person) if one.private]
    if not mine:
        author = room.says('follow author:"Yann LeCun"')
        hints = (
            f"{author} or {room.says('follow diffusion')} brings you papers.",
            f"{room.says('watch 2103.00020')} tells you what changes about one.",
        )
        return Notice(text="You follow nothing yet.", hints=hints)
    reach = await room.reaches.reach(request.caller.person)
    rows = [Row(one.id, await _told(room, one, reach)) for one in mine]
    notes = (
        f"{room.says(f'follow stop:{mine[0].id}')} ends one, {room.says('follow stop:all')} all.",
        f"{room.says('me')} says how they reach you.",
    )
    follows = sum(one.edition is Edition.FOLLOW for one in mine)
    title = f"You follow {follows} and watch {len(mine) - follows}"
    return Panel(title=title, rows=tuple(rows), notes=notes)


async def _told(room: Room, one: Subscription, reach: Reach) -> str:
    if one.edition is Edition.WATCH:
        paper = await room.archive.paper(one.terms.paper) if one.terms.paper else None
        title = paper.title if paper else one.terms.paper
        text = f"watched: {title}; it ends {ago(one.created_at + LASTS, room.clock())}"
    else:
        text = in_words(one.terms)
        if one.held:
            text += " (in your digest)" if reach.follows is Manner.DAILY else " (off)"
    return f"{text}; paused: {one.paused}" if one.paused is not None else text


async def _stop(room: Room, request: Request, key: str) -> Answer:
    mine = [one for one in await followed_by(room, request.caller.person) if one.private]
    ending = mine if key.lower() == ALL else [one for one in mine if one.id.lower() == key.lower()]
    if not ending:
        raise UserError(
            f"You follow nothing that is called {echo(key)}; {room.says('follow')} lists what there is."
        )
    for one in ending:
        await room.subscriptions.remove(one.id)
    if len(ending) > 1:
        return Notice(text=f"{count(len(ending), 'follow')} ended.", tone="done")
    (one,) = ending
    reach = Reach()
    return Notice(text=f"Ended: {await _told(room, replace(one, paused=None), reach)}", tone="done")


COMMANDS = (
    Command(
        name=NAME,
        summary="Get papers of an author, of an organisation or on a topic; or see what you follow",
        run=follow,
        parameters=(
            Parameter(
                name="where",
                help="To you alone (me), or to everybody in this channel (here)",
                type=Choice((ME, HERE)),
                positional=True,
            ),
            Parameter(
                name="words",
                help='All of these: words, "a phrase", -excluded. Nothing lists what you follow',
                type=Words(),
                positional=True,
            ),
            Parameter(
                name="author",
                help="An author: Yann LeCun, Y. LeCun",
                type=Known("a name", field=Field.AUTHOR),
            ),
            Parameter(
                name="organization",
                help="An organisation's name",
                type=Known("a name", field=Field.ORGANIZATION),
                aliases=("org", "organisation"),
            ),
            Parameter(
                name="stop",
                help="End one: its id, or all",
                type=Key((ALL,), hint="an id (`follow` lists them) or all"),
            ),
        ),
        aliases=("follows", "following"),
        examples=(
            'follow author:"Yann LeCun"',
            'follow "world model" robotics',
            "follow org:OpenAI here",
            "follow stop:all",
        ),
    ),
)
