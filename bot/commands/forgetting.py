"""data, forget: what is kept about the caller, and the end of it."""

import json

from bot.commands.room import Room
from bot.commands.shared import count
from bot.commands.spec import Answer, Command, Parameter, Request
from bot.commands.values import Choice, listing
from bot.domain.library import About
from bot.domain.posts import File, Notice

ME, YES = "me", "yes"
_NOUNS = {
    "save": "act of saving",
    "note": "note",
    "tag": "tag",
    "read_mark": "read mark",
    "subscription": "subscription that you made",
    "shown": "list that only you saw",
    "installation": "installation",
    "club_vote": "vote in a journal club",
    "club_nomination": "nomination for a journal club",
    "club_meeting": "journal club that you picked",
}
_PLURALS = {
    "save": "acts of saving",
    "subscription": "subscriptions that you made",
    "shown": "entries of lists that only you saw",
    "club_vote": "votes in journal clubs",
    "club_nomination": "nominations for journal clubs",
    "club_meeting": "journal clubs that you picked",
}
_STAY = {
    "subscription": "subscriptions",
    "installation": "installations",
    "club_nomination": "nominations",
    "club_meeting": "journal clubs",
}
"""What others rely on: it stays, and only the name in it goes."""


async def data(room: Room, request: Request) -> Answer:
    """Everything kept about the caller, as a file."""
    about = await room.privacy.about(request.caller.person)
    if not about.counts:
        return _nothing(room)
    content = {
        "person": str(about.person),
        "name": about.person.name,
        "as_of": room.clock().isoformat(),
        **{kind: list(records) for kind, records in about.records.items()},
    }
    return File(
        name="my-data.json",
        media_type="application/json",
        content=(json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode(
            "utf-8", "replace"
        ),
        text=f"Everything kept about you: {in_words(about)}.",
    )


async def forget(room: Room, request: Request) -> Answer:
    """Delete everything kept about the caller, once they are sure."""
    about = await room.privacy.about(request.caller.person)
    if not about.counts:
        return _nothing(room)
    stay = _staying(about)
    if request.one("sure", str) != YES:
        text = f"This would delete everything kept about you, wherever we met: {in_words(about)}."
        hints = (
            "Nothing has been deleted yet, and nothing could bring it back.",
            *stay,
            f"To keep a copy: {room.says('data')}. To delete it all: {room.says('forget me yes')}.",
        )
        return Notice(text=text, tone="warning", hints=hints)
    await room.privacy.forget(request.caller.person)
    left = "Reactions that you left on messages count for nothing any more."
    text = f"Everything kept about you has been deleted: {in_words(about)}."
    return Notice(text=text, tone="done", hints=(*stay, left))


def _nothing(room: Room) -> Notice:
    hint = f"{room.says('saved team')} shows what others saved."
    return Notice(text="Nothing is kept about you.", hints=(hint,))


def in_words(about: About) -> str:
    """`12 acts of saving, 3 notes and 1 tag`."""
    found = [_counted(kind, number) for kind, number in about.counts.items()]
    return " and ".join(filter(None, (", ".join(found[:-1]), found[-1])))


def _counted(kind: str, number: int) -> str:
    if number > 1 and kind in _PLURALS:
        return f"{number:,} {_PLURALS[kind]}"
    return count(number, _NOUNS.get(kind, f"record in {kind.replace('_', ' ')}"))


def _staying(about: About) -> tuple[str, ...]:
    kept = [noun for kind, noun in _STAY.items() if about.counts.get(kind)]
    if not kept:
        return ()
    return (f"Your team's {listing(kept, 'and').replace('`', '')} go on, without your name.",)


COMMANDS = (
    Command(
        name="data",
        summary="Everything kept about you, as a JSON file",
        run=data,
        aliases=("mydata",),
        examples=("data",),
    ),
    Command(
        name="forget",
        summary="Delete everything kept about you: saves, notes, tags, read marks, your name",
        run=forget,
        parameters=(
            Parameter(
                name="whom",
                help="Yourself: me",
                type=Choice((ME,)),
                required=True,
                positional=True,
            ),
            Parameter(
                name="sure",
                help="That it shall really be deleted: yes",
                type=Choice((YES,)),
                positional=True,
            ),
        ),
        examples=("forget me", "forget me yes"),
    ),
)
