"""Stand-ins for the library's ports: what people saved and wrote, in memory."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from bot.domain.deliveries import Shown
from bot.domain.library import (
    UNMARKED,
    About,
    Marks,
    Note,
    Opinion,
    Order,
    Save,
    Saved,
    SavedPaper,
    SavedQuery,
    Whose,
)
from bot.domain.papers import PaperId
from bot.domain.people import Channel, Message, Person, Workspace
from bot.domain.posts import Remark
from tests.support.fake_archive import FakeArchive

Key = tuple[Person, Workspace, PaperId]


class FakeNotes:
    """Remembers notes, tags and read marks; every workspace is a team of its own."""

    def __init__(self) -> None:
        self.texts: dict[Key, Note] = {}
        self.tagged: dict[Key, set[str]] = {}
        self.read: set[Key] = set()

    async def note(self, note: Note) -> Note | None:
        key = (note.person, note.workspace, note.paper)
        old = self.texts.pop(key, None)
        if note.text:
            self.texts[key] = note
        return old

    async def tag(
        self,
        person: Person,
        workspace: Workspace,
        paper: PaperId,
        *,
        add: Iterable[str] = (),
        remove: Iterable[str] = (),
        at: datetime,
    ) -> None:
        key = (person, workspace, paper)
        self.tagged[key] = (self.tagged.get(key, set()) - {*remove}) | {*add}

    async def mark(
        self, person: Person, workspace: Workspace, paper: PaperId, *, read: bool, at: datetime
    ) -> bool:
        key = (person, workspace, paper)
        if (key in self.read) is read:
            return False
        (self.read.add if read else self.read.remove)(key)
        return True

    async def marks(
        self, reader: Person, workspace: Workspace, papers: Iterable[PaperId]
    ) -> dict[PaperId, Marks]:
        found = {id: self._on(reader, workspace, id) for id in papers}
        return {id: marks for id, marks in found.items() if marks != UNMARKED}

    def _on(self, reader: Person, workspace: Workspace, paper: PaperId) -> Marks:
        there = [
            one for one in self.texts.values() if (one.workspace, one.paper) == (workspace, paper)
        ]
        mine = [Remark(one.text, None, one.shared) for one in there if one.person == reader]
        others = [
            Remark(one.text, one.person, shared=True)
            for one in there
            if one.shared and one.person != reader
        ]
        tags = Counter(
            tag
            for (_, where, id), put in self.tagged.items()
            for tag in put
            if (where, id) == (workspace, paper)
        )
        key = (reader, workspace, paper)
        own = frozenset(self.tagged.get(key, ()))
        return Marks(tuple(sorted(tags)), own, (*mine, *others), key in self.read)

    async def tags(
        self, workspace: Workspace, person: Person | None = None, limit: int = 1_000
    ) -> Mapping[str, int]:
        return Counter(
            tag
            for (who, where, _), put in self.tagged.items()
            for tag in put
            if where == workspace and person in (None, who)
        )


class FakeLibrary:
    """Remembers acts of saving, and which message shows what."""

    def __init__(self, archive: FakeArchive, notes: FakeNotes | None = None) -> None:
        self.archive = archive
        self.notes = notes or FakeNotes()
        self.saves: list[Save] = []
        self.messages: dict[Message, Shown] = {}

    def _of(self, workspace: Workspace, paper: PaperId) -> list[Save]:
        found = [s for s in self.saves if s.workspace == workspace and s.paper == paper]
        return sorted(found, key=lambda save: save.at)

    async def save(self, save: Save) -> bool:
        before = await self.is_saved(save.person, save.workspace, save.paper)
        acts = {(s.person, s.origin) for s in self._of(save.workspace, save.paper)}
        if (save.person, save.origin) not in acts:
            self.saves.append(save)
        return not before

    async def unsave(
        self, person: Person, workspace: Workspace, paper: PaperId, origin: str | None = None
    ) -> bool:
        taken = [
            save
            for save in self._of(workspace, paper)
            if save.person == person and origin in (None, save.origin)
        ]
        self.saves = [save for save in self.saves if save not in taken]
        return bool(taken)

    async def is_saved(self, person: Person, workspace: Workspace, paper: PaperId) -> bool:
        return any(save.person == person for save in self._of(workspace, paper))

    async def saved(self, query: SavedQuery, *, offset: int = 0, limit: int = 10) -> Saved:
        workspace = query.channel.workspace
        first: dict[PaperId, datetime] = {}
        for save in sorted(self.saves, key=lambda save: save.at):
            if save.workspace == workspace and query.owner in (None, save.person):
                first.setdefault(save.paper, save.at)
        newest = sorted(first, key=lambda known: (first[known], known), reverse=True)
        by = await self.savers(workspace, newest)
        marks = await self.notes.marks(query.reader, workspace, newest)
        everything = [
            SavedPaper(self.archive.known[id], by[id], first[id], marks.get(id, UNMARKED))
            for id in newest
        ]
        found = [one for one in everything if await self._wanted(one, query)]
        if query.order is Order.OLD:
            found.reverse()
        elif query.order is Order.UPVOTES:
            found.sort(key=lambda one: -one.paper.upvotes)
        unread = None if query.filters else sum(not one.marks.read for one in found)
        return Saved(tuple(found[offset : offset + limit]), len(found), unread)

    async def _wanted(self, one: SavedPaper, query: SavedQuery) -> bool:
        tags = one.marks.own if query.whose is Whose.ME else one.marks.tags
        text = " ".join([one.paper.title, *(remark.text for remark in one.marks.remarks)]).lower()
        return (
            all((word.text.lower() in text) is not word.excluded for word in query.words)
            and all(tag in tags for tag in query.tags)
            and not (query.unread and one.marks.read)
            and not (query.since and one.at < query.since)
            and (query.whose is not Whose.HERE or one.paper.id in await self._here(query.channel))
        )

    async def _here(self, channel: Channel) -> frozenset[PaperId]:
        saved = {save.paper for save in self.saves if save.channel == channel}
        return saved | await self.posted(channel)

    async def saved_ids(
        self, workspace: Workspace, person: Person | None, limit: int = 10_000
    ) -> frozenset[PaperId]:
        latest = sorted(self.saves, key=lambda save: save.at, reverse=True)
        ids = dict.fromkeys(
            save.paper
            for save in latest
            if save.workspace == workspace and person in (None, save.person)
        )
        return frozenset([*ids][:limit])

    async def posted(self, channel: Channel, limit: int = 10_000) -> frozenset[PaperId]:
        return frozenset(
            id
            for shown in self.messages.values()
            if shown.message.channel == channel and shown.to is None
            for id in shown.papers.values()
        )

    async def savers(
        self, workspace: Workspace, papers: Iterable[PaperId]
    ) -> dict[PaperId, tuple[Person, ...]]:
        by = {id: tuple(dict.fromkeys(s.person for s in self._of(workspace, id))) for id in papers}
        return {id: people for id, people in by.items() if people}

    async def people(self, workspace: Workspace, limit: int = 1_000) -> list[Person]:
        found = Counter(save.person for save in self.saves if save.workspace == workspace)
        return [person for person, _ in found.most_common(limit)]

    async def discussed(
        self, channel: Channel, papers: Iterable[PaperId]
    ) -> dict[PaperId, Message]:
        return {
            id: message
            for id in papers
            for message, shown in self.messages.items()
            if shown.to is None and message.channel == channel and id in shown.papers.values()
        }

    async def remember(self, shown: Shown) -> None:
        self.messages.pop(shown.message, None)
        self.messages[shown.message] = shown

    async def shown(self, message: Message) -> Shown | None:
        return self.messages.get(message)

    async def latest(self, channel: Channel, person: Person) -> Shown | None:
        here = [
            shown
            for shown in self.messages.values()
            if shown.message.channel == channel and shown.to in (None, person)
        ]
        return here[-1] if here else None

    async def recent(self, platform: str, limit: int = 50) -> list[Shown]:
        there = [s for s in self.messages.values() if s.message.channel.platform == platform]
        return there[::-1][:limit]

    async def saved_on(self, shown: Shown) -> list[Save]:
        return [save for save in self.saves if save.message == shown.message]


class FakeOpinions:
    """The last word of everybody on every paper."""

    def __init__(self) -> None:
        self.last: dict[tuple[Person, Workspace, PaperId], Opinion] = {}

    async def say(self, opinion: Opinion) -> None:
        key = (opinion.person, opinion.workspace, opinion.paper)
        self.last.pop(key, None)
        self.last[key] = opinion

    async def unsay(self, person: Person, workspace: Workspace, paper: PaperId) -> bool:
        return self.last.pop((person, workspace, paper), None) is not None

    async def said(self, person: Person, workspace: Workspace, paper: PaperId) -> bool | None:
        known = self.last.get((person, workspace, paper))
        return known.likes if known else None

    async def of(
        self, workspace: Workspace, person: Person | None, *, likes: bool, limit: int = 1_000
    ) -> list[PaperId]:
        found = [
            one.paper
            for one in reversed(self.last.values())
            if one.workspace == workspace and one.likes == likes and person in (None, one.person)
        ]
        return [*dict.fromkeys(found)][:limit]


class FakePrivacy:
    """Forgets what the fakes of the library remember."""

    def __init__(self, library: FakeLibrary, notes: FakeNotes) -> None:
        self.library = library
        self.notes = notes
        self.gone: dict[Person, frozenset[Message]] = {}

    async def about(self, person: Person) -> About:
        notes = self.notes
        return About(
            person=person,
            records={
                "save": [{"paper": s.paper} for s in self.library.saves if s.person == person],
                "note": [{"text": n.text} for key, n in notes.texts.items() if key[0] == person],
                "tag": [
                    {"tag": tag}
                    for key, put in notes.tagged.items()
                    for tag in sorted(put)
                    if key[0] == person
                ],
                "read_mark": [{"paper": key[2]} for key in notes.read if key[0] == person],
            },
        )

    async def forget(self, person: Person) -> None:
        notes = self.notes
        self.library.saves = [save for save in self.library.saves if save.person != person]
        notes.texts = {key: note for key, note in notes.texts.items() if key[0] != person}
        notes.tagged = {key: put for key, put in notes.tagged.items() if key[0] != person}
        notes.read = {key for key in notes.read if key[0] != person}
        self.gone[person] = frozenset(self.library.messages)

    async def forgotten(self, message: Message, people: Iterable[Person]) -> frozenset[Person]:
        return frozenset(one for one in people if message in self.gone.get(one, ()))
