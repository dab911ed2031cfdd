"""note, tag, read, unread: what people write on papers.

A note is its writer's alone, unless it is written for the team. Tags are for finding, so the team finds by them
and sees them; everybody puts on and takes off their own. What was read is nobody else's business.
Whoever writes on a paper keeps it: noting and tagging save it.
"""

from collections.abc import Iterable, Sequence

from bot.commands.library import PAPER, keep
from bot.commands.room import Room
from bot.commands.shared import resolve
from bot.commands.spec import Answer, Command, Parameter, Request
from bot.commands.values import Choice, Prose, Ref, Words, listing, tag_of
from bot.domain.errors import UserError
from bot.domain.library import UNMARKED, Marks, Note, Whose
from bot.domain.papers import Paper
from bot.domain.posts import Notice
from bot.domain.search import Word

MOST_TAGS = 20
"""Of one person on one paper."""
MOST_AT_ONCE = 20


async def note(room: Room, request: Request) -> Answer:
    """Write one's note on a paper, or take it away."""
    paper = await resolve(room, request, request.one("paper", Ref))
    text = request.one("text", str) or ""
    shared = request.one("whose", Whose) is Whose.TEAM
    old = await room.notes.note(
        Note(
            person=request.caller.person,
            workspace=request.caller.channel.workspace,
            paper=paper.id,
            text=text,
            at=room.clock(),
            shared=shared,
        )
    )
    if not text:
        return _removed(room, paper, old)
    new = await keep(room, request, paper)
    who = "Your team can read it." if shared else "Only you can read it."
    done = "Saved and noted" if new else "Noted"
    hints = [f"It was: {old.text}"] if old else []
    if not shared:
        hints.append(f"For the team: {room.says(f'note {paper.id} whose:team …')}")
    return Notice(text=f"{done}: {paper.title}. {who}", tone="done", hints=tuple(hints))


def _removed(room: Room, paper: Paper, old: Note | None) -> Notice:
    if old is None:
        hint = f"{room.says(f'note {paper.id} what you think of it')} writes one."
        return Notice(text=f"You have no note on {paper.title}", hints=(hint,))
    text = f"Your note is gone from {paper.title}"
    return Notice(text=text, tone="done", hints=(f"It was: {old.text}",))


async def tag(room: Room, request: Request) -> Answer:
    """Put tags on a paper and take some off; without any, say which it has."""
    paper = await resolve(room, request, request.one("paper", Ref))
    add, remove = _changes(request.many("tags", Word))
    before = await _marks(room, request, paper)
    if not (add or remove):
        return _told(room, paper, before)
    own = (before.own | set(add)) - set(remove)
    if len(own) > MOST_TAGS:
        raise UserError(
            f"That would be {len(own)} tags, and {MOST_TAGS} on one paper is the most; "
            f"take some off first: `-{min(before.own or own)}`."
        )
    await room.notes.tag(
        request.caller.person,
        request.caller.channel.workspace,
        paper.id,
        add=add,
        remove=remove,
        at=room.clock(),
    )
    new = bool(add) and await keep(room, request, paper)
    return _tagged(room, paper, sorted(own), new=new)


def _changes(words: Sequence[Word]) -> tuple[list[str], list[str]]:
    """What to put on and what to take off; the last word on a tag counts."""
    wanted: dict[str, bool] = {}
    for word in words:
        for part in [word.text] if word.phrase else word.text.split(","):
            if part.strip():
                found = tag_of(part)
                wanted.pop(found, None)
                wanted[found] = not word.excluded
    if len(wanted) > MOST_AT_ONCE:
        raise UserError(f"These are {len(wanted)} tags; use at most {MOST_AT_ONCE} at once.")
    return [t for t, on in wanted.items() if on], [t for t, on in wanted.items() if not on]


def _told(room: Room, paper: Paper, marks: Marks) -> Notice:
    if not marks.tags:
        hint = f"{room.says(f'tag {paper.id} +rl')} puts one on, and `-rl` takes it off."
        return Notice(text=f"There are no tags on {paper.title}", hints=(hint,))
    others = [one for one in marks.tags if one not in marks.own]
    found = [
        f"{whose}: {_listed(tags)}"
        for whose, tags in (("Yours", sorted(marks.own)), ("Others'", others))
        if tags
    ]
    return Notice(
        text=f"Tags on {paper.title}. {'. '.join(found)}.", hints=(_finds(room, marks.tags[0]),)
    )


def _tagged(room: Room, paper: Paper, own: Sequence[str], *, new: bool) -> Notice:
    if not own:
        return Notice(text=f"You have no tags any more on {paper.title}", tone="done")
    text = f"{'Saved and tagged' if new else 'Your tags'}: {paper.title}. {_listed(own)}."
    return Notice(text=text, tone="done", hints=(_finds(room, own[0]),))


def _listed(tags: Iterable[str]) -> str:
    return listing(tags, "and")


def _finds(room: Room, known: str) -> str:
    return f"Your team finds it with {room.says(f'saved team tag:{known}')}."


async def _marks(room: Room, request: Request, paper: Paper) -> Marks:
    caller = request.caller
    found = await room.notes.marks(caller.person, caller.channel.workspace, [paper.id])
    return found.get(paper.id, UNMARKED)


async def read(room: Room, request: Request) -> Answer:
    """Mark a paper as read."""
    return await _mark(room, request, read=True)


async def unread(room: Room, request: Request) -> Answer:
    """Take the mark off again."""
    return await _mark(room, request, read=False)


async def _mark(room: Room, request: Request, *, read: bool) -> Notice:
    paper = await resolve(room, request, request.one("paper", Ref))
    person, workspace = request.caller.person, request.caller.channel.workspace
    changed = await room.notes.mark(person, workspace, paper.id, read=read, at=room.clock())
    state = "Read" if read else "Not read"
    hint = f"{room.says('saved unread')} lists what you have saved and not read."
    if not changed:
        return Notice(text=f"It was so before. {state}: {paper.title}", hints=(hint,))
    return Notice(text=f"{state}: {paper.title}", tone="done", hints=(hint,))


COMMANDS = (
    Command(
        name="note",
        summary="Your note on a paper, for you alone or for the team; without text it is removed",
        run=note,
        parameters=(
            PAPER,
            Parameter(
                name="whose",
                help="Who may read it: you alone (me), which is so if left out, or the team",
                type=Choice((Whose.ME, Whose.TEAM)),
            ),
            Parameter(
                name="text",
                help="What you want to say; it takes the place of your earlier note",
                type=Prose(),
                positional=True,
            ),
        ),
        examples=("note 3 compare with our baseline", "note 2103.00020 whose:team read section 4"),
    ),
    Command(
        name="tag",
        summary="Put tags on a paper (+rl) or take yours off (-rl); the team finds by them",
        run=tag,
        parameters=(
            PAPER,
            Parameter(
                name="tags",
                help="Tags to put on, and with a minus to take off: +rl vision -old",
                type=Words(hint="tags: +rl vision -old"),
                positional=True,
            ),
        ),
        examples=("tag 3 +rl", "tag 2103.00020 rl vision -old", "tag 3"),
    ),
    Command(
        name="read",
        summary="Mark a paper as read, for yourself",
        run=read,
        parameters=(PAPER,),
        examples=("read 3", "read 2103.00020"),
    ),
    Command(
        name="unread",
        summary="Take the mark off that you have read a paper",
        run=unread,
        parameters=(PAPER,),
        examples=("unread 3", "unread 2103.00020"),
    ),
)
