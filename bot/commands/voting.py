"""Votes for what is nominated for a channel's journal club: by command, and by an emoji on its message."""

from collections.abc import Collection

from bot.commands.room import Room
from bot.commands.shared import count as counted
from bot.domain.club import Nomination, Vote
from bot.domain.papers import Paper, PaperId
from bot.domain.people import Channel, Message, Person
from bot.domain.ports import Reaction
from bot.domain.posts import Notice

EMOJI = ("🗳", "👍")
"""Either is a vote on a message that asks for them; without variation selectors."""
COMMAND = "command"
"""The origin of a vote that was no emoji."""


async def count(room: Room, reaction: Reaction, emoji: str, origin: str) -> Notice | None:
    """A vote for, or one taken back; None when the message asks for none, or nothing has changed."""
    if emoji not in EMOJI:
        return None
    channel, person = reaction.message.channel, reaction.person
    id = await room.club.ballot(reaction.message)
    if id is None:
        return None
    if reaction.added:
        vote = Vote(channel=channel, paper=id, person=person, origin=origin, at=room.clock())
        changed = await room.club.vote(vote)
    else:
        changed = await room.club.unvote(person, channel, id, origin)
    paper = await room.archive.paper(id) if changed else None
    return await told(room, channel, person, paper) if paper else None


async def withdraw(room: Room, message: Message, standing: Collection[tuple[Person, str]]) -> int:
    """Take back the votes whose emoji, by person and origin, are no longer on a message; how many that were."""
    gone = [
        one for one in await room.club.votes_on(message) if (one.person, one.origin) not in standing
    ]
    for one in gone:
        await room.club.unvote(one.person, one.channel, one.paper, one.origin)
    return len(gone)


async def told(room: Room, channel: Channel, person: Person, paper: Paper) -> Notice:
    """How a paper stands for somebody."""
    one = await nominated(room, channel, person, paper.id)
    votes = f" ({counted(one.votes, 'vote')})" if one else ""
    state = "Your vote counts" if one and one.mine else "Your vote is taken back"
    return Notice(text=f"{state}: {paper.title}{votes}", tone="done")


async def nominated(
    room: Room, channel: Channel, reader: Person, paper: PaperId
) -> Nomination | None:
    """A nomination that can be voted for."""
    ranking = await room.club.ranking(channel, reader)
    return next((one for one in ranking if one.paper == paper), None)
