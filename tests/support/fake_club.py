"""A stand-in for the journal clubs of channels, in memory."""

from dataclasses import replace
from datetime import datetime

from bot.domain.club import Meeting, Nomination, Vote, ranked
from bot.domain.deliveries import Shown
from bot.domain.papers import PaperId
from bot.domain.people import Channel, Message, Person
from bot.domain.stores import Subscriptions
from bot.domain.subscriptions import Subscription

Key = tuple[Channel, PaperId]


class FakeClub:
    """Nominations, votes and meetings."""

    def __init__(self, subscriptions: Subscriptions) -> None:
        self._subscriptions = subscriptions
        self.nominations: dict[Key, Nomination] = {}
        self.taken: dict[Key, str] = {}
        self.messages: dict[Key, Message] = {}
        self.votes: dict[tuple[Channel, PaperId, Person, str], Vote] = {}
        self.known: dict[str, Meeting] = {}

    def _is_open(self, key: Key) -> bool:
        return key in self.nominations and key not in self.taken

    def _is_picked(self, key: Key, now: datetime) -> bool:
        about = (one for one in self.known.values() if (one.channel, one.paper) == key)
        return any(not one.is_past(now) for one in about)

    async def nominate(self, nomination: Nomination) -> bool:
        key = (nomination.channel, nomination.paper)
        if self._is_open(key) or self._is_picked(key, nomination.at):
            return False
        self.votes = {act: vote for act, vote in self.votes.items() if act[:2] != key}
        self.taken.pop(key, None)
        self.messages.pop(key, None)
        self.nominations[key] = nomination
        return True

    async def ranking(self, channel: Channel, reader: Person) -> list[Nomination]:
        found = []
        for key, one in self.nominations.items():
            if key[0] == channel and self._is_open(key):
                voters = {vote.person for act, vote in self.votes.items() if act[:2] == key}
                found.append(replace(one, votes=len(voters), mine=reader in voters))
        return ranked(found)

    async def show(self, message: Message, paper: PaperId) -> None:
        if (message.channel, paper) in self.nominations:
            self.messages[message.channel, paper] = message

    async def ballot(self, message: Message) -> PaperId | None:
        asking = (key for key, one in self.messages.items() if one == message)
        return next((key[1] for key in asking if self._is_open(key)), None)

    async def ballots(self, platform: str, limit: int = 50) -> list[Shown]:
        asking = [
            Shown(message=one, papers={1: key[1]})
            for key, one in reversed(self.messages.items())
            if one.channel.platform == platform and self._is_open(key)
        ]
        return asking[:limit]

    async def vote(self, vote: Vote) -> bool:
        act = (vote.channel, vote.paper, vote.person, vote.origin)
        if not self._is_open((vote.channel, vote.paper)) or act in self.votes:
            return False
        self.votes[act] = vote
        return True

    async def unvote(
        self, person: Person, channel: Channel, paper: PaperId, origin: str | None = None
    ) -> bool:
        gone = [
            act
            for act in self.votes
            if act[:3] == (channel, paper, person) and origin in (None, act[3])
        ]
        for act in gone:
            del self.votes[act]
        return bool(gone)

    async def votes_on(self, message: Message) -> list[Vote]:
        return [one for one in self.votes.values() if one.origin.startswith(f"{message}#")]

    async def pick(self, meeting: Meeting, subscription: Subscription) -> bool:
        key = (meeting.channel, meeting.paper)
        if self._is_picked(key, meeting.picked_at):
            return False
        await self._subscriptions.add(subscription)
        self.known[meeting.id] = meeting
        if self._is_open(key):
            self.taken[key] = meeting.id
        return True

    async def cancel(self, id: str) -> bool:
        self.taken = {key: taker for key, taker in self.taken.items() if taker != id}
        return self.known.pop(id, None) is not None

    async def end(self, id: str, at: datetime) -> bool:
        one = self.known.get(id)
        if one is None or one.ended_at is not None:
            return False
        self.known[id] = replace(one, ended_at=at)
        return True

    async def meeting(self, id: str) -> Meeting | None:
        return self.known.get(id)

    async def meetings(self, channel: Channel) -> list[Meeting]:
        found = [one for one in self.known.values() if one.channel == channel]
        return sorted(found, key=lambda one: (one.start, one.id))
