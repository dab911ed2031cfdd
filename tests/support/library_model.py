"""A library as anybody would write it down, to compare the real one with: lists, and nothing clever."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.domain.deliveries import Shown
from bot.domain.library import Note, Order, Save, SavedQuery, Whose
from bot.domain.papers import Paper, PaperId
from bot.domain.people import Channel, Message, Person, Sharing, Workspace
from bot.domain.search import Word
from storage import Storage

NOON = datetime(2025, 5, 22, 12, tzinfo=UTC)
PLACES = [
    Channel(Workspace(*at), "papers") for at in (("slack", "T1"), ("discord", "1"), ("slack", "T2"))
]
PEOPLE = [
    Person(platform, id, name)
    for platform in ("slack", "discord")
    for id, name in (("1", "Ann"), ("2", "Bob"))
]
"""The same ids and names on two platforms."""
TOPICS = ("clip", "diffusion", "agents", "speech")
TAGS = ("rl", "vision", "old")
PAPERS = [
    Paper(
        id=PaperId(f"2505.{n:05}"),
        title=f"{TOPICS[n % 4].title()} {n}",
        abstract=TOPICS[n % 3],
        upvotes=n * 7 % 5,
        stars=n * 3 % 4 if n % 3 else None,
    )
    for n in range(12)
]


@dataclass
class Model:
    """Everything that was done, and what follows from it."""

    sharing: Sharing = field(default_factory=Sharing)
    saves: list[Save] = field(default_factory=list)
    tags: set[tuple[Person, Workspace, PaperId, str]] = field(default_factory=set)
    notes: dict[tuple[Person, Workspace, PaperId], Note] = field(default_factory=dict)
    read: set[tuple[Person, Workspace, PaperId]] = field(default_factory=set)
    shown: set[tuple[Channel, PaperId]] = field(default_factory=set)

    def team(self, query: SavedQuery) -> Sequence[Workspace]:
        team = self.sharing.team(query.channel.workspace)
        return [place.workspace for place in PLACES if team is None or place.workspace in team]

    def wanted(self, query: SavedQuery) -> list[PaperId]:
        """What a query should find, in order."""
        first: dict[PaperId, datetime] = {}
        for save in sorted(self.saves, key=lambda save: save.at):
            if save.workspace in self.team(query) and query.owner in (None, save.person):
                first.setdefault(save.paper, save.at)
        known = {paper.id: paper for paper in PAPERS}
        found = [id for id in first if self._fits(known[id], first[id], query)]
        newest = sorted(found, key=lambda one: (first[one], one), reverse=True)
        match query.order:
            case Order.OLD:
                return newest[::-1]
            case Order.UPVOTES:
                return sorted(found, key=lambda one: (known[one].upvotes, one), reverse=True)
            case Order.STARS:
                return sorted(found, key=lambda one: (_stars(known[one]), one), reverse=True)
            case _:
                return newest

    def is_read(self, query: SavedQuery, id: PaperId) -> bool:
        return any((query.reader, place, id) in self.read for place in self.team(query))

    def tags_on(self, query: SavedQuery, id: PaperId) -> set[str]:
        mine = query.whose is Whose.ME
        return {
            tag
            for who, place, paper, tag in self.tags
            if paper == id and place in self.team(query) and (who == query.reader or not mine)
        }

    def _fits(self, paper: Paper, at: datetime, query: SavedQuery) -> bool:
        notes = [
            note.text
            for (who, place, id), note in self.notes.items()
            if id == paper.id and place in self.team(query) and (who == query.reader or note.shared)
        ]
        text = " ".join([paper.title, paper.abstract, *notes]).lower()
        return (
            all((word.text in text) is not word.excluded for word in query.words)
            and {*query.tags} <= self.tags_on(query, paper.id)
            and not (query.unread and self.is_read(query, paper.id))
            and not (query.since and at < query.since)
            and (query.whose is not Whose.HERE or self._is_here(query.channel, paper.id))
        )

    def _is_here(self, channel: Channel, id: PaperId) -> bool:
        saved = any(save.channel == channel and save.paper == id for save in self.saves)
        return saved or (channel, id) in self.shown


def _stars(paper: Paper) -> int:
    return -1 if paper.stars is None else paper.stars


@dataclass
class Doings:
    """Does the same in a database and in the model, at random."""

    storage: Storage
    model: Model
    dice: random.Random

    async def something(self) -> None:
        """One act of somebody."""
        who, place = self.dice.choice(PEOPLE), self.dice.choice(PLACES)
        paper = self.dice.choice(PAPERS).id
        ways = (
            self._save,
            self._save,
            self._save,
            self._unsave,
            self._tag,
            self._note,
            self._read,
            self._show,
        )
        await self.dice.choice(ways)(who, place, paper)

    @property
    def _at(self) -> datetime:
        return NOON + timedelta(
            minutes=self.dice.randrange(1_000), microseconds=self.dice.randrange(999)
        )

    async def _save(self, who: Person, place: Channel, paper: PaperId) -> None:
        origin = self.dice.choice(("command", "a", "b"))
        one = Save(
            person=who,
            workspace=place.workspace,
            paper=paper,
            at=self._at,
            origin=origin,
            channel=place,
        )
        await self.storage.library.save(one)
        key = (who, place.workspace, paper, origin)
        if all((s.person, s.workspace, s.paper, s.origin) != key for s in self.model.saves):
            self.model.saves.append(one)

    async def _unsave(self, who: Person, place: Channel, paper: PaperId) -> None:
        origin = self.dice.choice((None, "command", "a"))
        await self.storage.library.unsave(who, place.workspace, paper, origin)
        team = self.model.sharing.team(place.workspace)
        self.model.saves = [
            save
            for save in self.model.saves
            if (save.person, save.paper) != (who, paper)
            or (team is not None and save.workspace not in team)
            or origin not in (None, save.origin)
        ]

    async def _tag(self, who: Person, place: Channel, paper: PaperId) -> None:
        tag = self.dice.choice(TAGS)
        await self.storage.notes.tag(who, place.workspace, paper, add=[tag], at=NOON)
        self.model.tags.add((who, place.workspace, paper, tag))

    async def _note(self, who: Person, place: Channel, paper: PaperId) -> None:
        note = Note(
            person=who,
            workspace=place.workspace,
            paper=paper,
            text=self.dice.choice(("", "like speech", "great")),
            at=NOON,
            shared=self.dice.random() < 0.5,
        )
        await self.storage.notes.note(note)
        team = self.model.sharing.team(place.workspace)
        self.model.notes = {
            key: old
            for key, old in self.model.notes.items()
            if (key[0], key[2]) != (who, paper) or (team is not None and key[1] not in team)
        }
        if note.text:
            self.model.notes[who, place.workspace, paper] = note

    async def _read(self, who: Person, place: Channel, paper: PaperId) -> None:
        await self.storage.notes.mark(who, place.workspace, paper, read=True, at=NOON)
        self.model.read.add((who, place.workspace, paper))

    async def _show(self, who: Person, place: Channel, paper: PaperId) -> None:
        message = Message(place, str(self.dice.randrange(10**9)))
        to = who if self.dice.random() < 0.5 else None
        await self.storage.library.remember(Shown(message=message, papers={1: paper}, to=to))
        if to is None:
            self.model.shown.add((place, paper))


def question(dice: random.Random) -> SavedQuery:
    """Anything that somebody could want to see."""

    def perhaps(chance: float) -> bool:
        return dice.random() < chance

    whose = dice.choice([*Whose])
    words = [Word(dice.choice((*TOPICS, "great")), excluded=perhaps(0.2))] if perhaps(0.3) else []
    return SavedQuery(
        reader=dice.choice(PEOPLE),
        channel=dice.choice(PLACES),
        whose=whose,
        words=tuple(words),
        tags=tuple(dice.sample(TAGS, dice.randrange(1, 3))) if perhaps(0.3) else (),
        unread=perhaps(0.3),
        by=dice.choice(PEOPLE) if whose is not Whose.ME and perhaps(0.3) else None,
        since=NOON + timedelta(minutes=500) if perhaps(0.2) else None,
        order=dice.choice([*Order]),
    )
