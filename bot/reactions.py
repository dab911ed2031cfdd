"""An emoji on a message of ours saves a paper, and taking it away takes back just that. A thumb on a paper that has a
message to itself is an opinion, which recommendations learn from."""

from collections.abc import Sequence

from bot.commands import voting
from bot.commands.room import Room
from bot.commands.shared import numbers
from bot.domain.deliveries import Shown
from bot.domain.library import Opinion
from bot.domain.papers import PaperId
from bot.domain.people import Message
from bot.domain.ports import Reaction
from bot.domain.posts import Notice, Post
from bot.domain.stores import Save

_SKIN_TONES = range(0x1F3FB, 0x1F400)
_DECORATION = {0xFE0E: None, 0xFE0F: None, 0x20E3: None, **dict.fromkeys(_SKIN_TONES)}
_KEYCAPS = {**{str(n): n for n in range(1, 10)}, "🔟": 10}
_NAMES = {
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
    "keycap_ten": "🔟",
    "bookmark": "🔖",
    "bookmark_tabs": "📑",
    "star": "⭐",
    "floppy_disk": "💾",
    "pushpin": "📌",
    "heart": "❤",
    "inbox_tray": "📥",
    "+1": "👍",
    "thumbsup": "👍",
    "-1": "👎",
    "thumbsdown": "👎",
    "ballot_box_with_ballot": "🗳",
}
"""Slack's names of the emoji that mean something here."""
_OPINIONS = {"👍": True, "👎": False}


def plain_emoji(emoji: str) -> str:
    """One spelling of an emoji: no skin tone, no variation selector, a sign instead of Slack's name."""
    name = emoji.strip().strip(":").partition("::")[0]
    bare = name.translate(_DECORATION) or name
    return _NAMES.get(bare, bare)


def matters(room: Room, emoji: str) -> bool:
    """Whether this emoji, or this number, can save a paper, say what somebody thinks of it, or vote for it."""
    plain = plain_emoji(emoji)
    return saves(room, emoji) or plain in _OPINIONS or plain in voting.EMOJI


def saves(room: Room, emoji: str) -> bool:
    """Whether this emoji, or this number, can save a paper."""
    emoji = plain_emoji(emoji)
    return emoji in _KEYCAPS or emoji in {plain_emoji(known) for known in room.save_emoji}


async def reconcile(room: Room, message: Message, standing: Sequence[Reaction]) -> int:
    """Do what reactions to a message did while nobody listened; how many papers that concerned."""
    shown = await room.library.shown(message)
    if shown is None:
        return 0
    known = {(save.person, save.origin): save for save in await room.library.saved_on(shown)}
    now = {(reaction.person, origin_of(reaction)): reaction for reaction in standing}
    gone = await room.privacy.forgotten(message, {reaction.person for reaction in standing})
    missed = [reaction for act, reaction in now.items() if act not in known and act[0] not in gone]
    done = [await react(room, reaction) for reaction in missed]
    taken = [save for act, save in known.items() if act not in now and _by_emoji(save)]
    for save in taken:
        await room.library.unsave(save.person, save.workspace, save.paper, save.origin)
    withdrawn = await voting.withdraw(room, message, set(now))
    return len([post for post in done if post]) + len(taken) + withdrawn


def _by_emoji(save: Save) -> bool:
    """Saved by an emoji on the message; a button's act names its position behind a second sign."""
    return save.origin.count("#") == 1


async def react(room: Room, reaction: Reaction) -> Post | None:
    """Save or unsave what the reaction points at; None when it is nobody's business of ours."""
    emoji = plain_emoji(reaction.emoji)
    number = _KEYCAPS.get(emoji)
    if not matters(room, emoji):
        return None
    shown = await room.library.shown(reaction.message)
    if shown is None or not shown.papers:
        return None
    voted = await voting.count(room, reaction, emoji, origin_of(reaction))
    if not saves(room, emoji):
        if emoji in _OPINIONS:
            await _opine(room, reaction, shown, likes=_OPINIONS[emoji])
        return voted
    position = reaction.position if reaction.position is not None else number
    if position is None and len(shown.papers) == 1:
        position = next(iter(shown.papers))
    if position not in shown.papers:
        return _which(room, shown, position) if reaction.added else None
    paper = shown.papers[position]
    if reaction.added:
        return await _save(room, reaction, paper)
    return await _unsave(room, reaction, paper)


async def _opine(room: Room, reaction: Reaction, shown: Shown, *, likes: bool) -> None:
    """A thumb for a list is for nobody in particular. Nothing is answered: thumbs are put on lightly."""
    if len(shown.papers) != 1:
        return
    (paper,) = shown.papers.values()
    person, workspace = reaction.person, reaction.message.channel.workspace
    said = await room.opinions.said(person, workspace, paper)
    if reaction.added and said is not likes:
        opinion = Opinion(
            person=person, workspace=workspace, paper=paper, likes=likes, at=room.clock()
        )
        await room.opinions.say(opinion)
    elif not reaction.added and said is likes:
        await room.opinions.unsay(person, workspace, paper)


def origin_of(reaction: Reaction) -> str:
    """One act of saving: `<message>#<emoji>`, with the position where one was pointed at."""
    where = f"#{reaction.position}" if reaction.position is not None else ""
    return f"{reaction.message}#{plain_emoji(reaction.emoji)}{where}"


def _which(room: Room, shown: Shown, position: int | None) -> Notice:
    known = numbers(shown.papers)
    first = min(shown.papers)
    command = room.says(f"save {first}")
    if position is None:
        text = f"Which paper? This message has {known}."
    else:
        text = f"This message has {known}, not {position}."
    way = f"React with a number, or write {command}." if first in _KEYCAPS.values() else ""
    return Notice(text=text, hints=(way or f"Write {command} for the first of them.",))


async def _save(room: Room, reaction: Reaction, paper: PaperId) -> Notice:
    new = await room.library.save(
        Save(
            person=reaction.person,
            workspace=reaction.message.channel.workspace,
            paper=paper,
            at=room.clock(),
            origin=origin_of(reaction),
            message=reaction.message,
        )
    )
    title = await _title(room, paper)
    if not new:
        return Notice(text=f"You had saved it already: {title}")
    hint = f"{room.says('saved')} lists what you have saved."
    return Notice(text=f"Saved: {title}", tone="done", hints=(hint,))


async def _unsave(room: Room, reaction: Reaction, paper: PaperId) -> Notice | None:
    workspace = reaction.message.channel.workspace
    origin = origin_of(reaction)
    if not await room.library.unsave(reaction.person, workspace, paper, origin):
        return None
    title = await _title(room, paper)
    if await room.library.is_saved(reaction.person, workspace, paper):
        return Notice(text=f"Still saved, since you saved it in another way too: {title}")
    return Notice(text=f"No longer saved: {title}", tone="done")


async def _title(room: Room, paper: PaperId) -> str:
    found = await room.archive.paper(paper)
    return found.title if found else paper
