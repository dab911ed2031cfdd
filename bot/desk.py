"""The front desk: every door's questions come here, and no question brings it down."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from bot import presence, reactions
from bot.commands import follow
from bot.commands.catalogue import COMMANDS
from bot.commands.completion import Cursor, completions, cursor
from bot.commands.days import current_day
from bot.commands.grammar import bind, faults, parse
from bot.commands.room import Room
from bot.commands.spec import Asked, Command, Request, Suggestion
from bot.commands.subscriptions import shown_in
from bot.commands.tokens import quote
from bot.commands.values import SUGGESTIONS, Key, Known, Member, PaperRef, Tag
from bot.domain.deliveries import Shown
from bot.domain.errors import NotAllowed, PaperbotError, StorageError, Unavailable, UserError
from bot.domain.library import SavedQuery
from bot.domain.papers import Paper
from bot.domain.people import Channel, Message, Person, Workspace
from bot.domain.ports import Budget, Caller, Desk, Reaction
from bot.domain.posts import Notice, PaperCard, Post, Reply, chart_of, entries_of
from bot.drawing import Illustrate, as_it_is
from bot.meter import Meter

log = logging.getLogger(__name__)

APOLOGY = (
    "Something went wrong here, and it is not your fault. It has been logged; please try again."
)


class FrontDesk(Desk):
    """Parses, checks the right to ask, has it answered, and turns every error into one clear line."""

    def __init__(
        self,
        room: Room,
        commands: Sequence[Command] = COMMANDS,
        meter: Meter | None = None,
        illustrate: Illustrate = as_it_is,
    ) -> None:
        self.room = room
        self._commands = tuple(commands)
        self._meter = meter or Meter()
        self._illustrate = illustrate

    @property
    def commands(self) -> tuple[Command, ...]:
        return self._commands

    async def say(self, caller: Caller, text: str) -> Reply:
        reply = await self._guarded(lambda: self._said(caller, text))
        return await self._illustrated(caller, reply)

    async def call(self, caller: Caller, command: str, options: Mapping[str, str]) -> Reply:
        reply = await self._guarded(lambda: self._called(caller, command, options))
        return await self._illustrated(caller, reply)

    async def answer(self, caller: Caller, tokens: Sequence[str]) -> Reply:
        """Answer the words of a shell; unlike elsewhere a PaperbotError is raised to the caller."""
        return await self._said(caller, tokens)

    async def react(self, reaction: Reaction) -> Reply | None:
        async def reacted() -> Reply:
            room = self.room.on(reaction.message.channel.platform)
            post = await reactions.react(room, reaction)
            return Reply(posts=() if post is None else (post,))

        reply = await self._guarded(reacted)
        return reply if reply.posts else None

    async def shown(self, message: Message, post: Post, *, to: Person | None = None) -> None:
        papers = {entry.number: entry.paper.id for entry in entries_of(post)}
        if not papers:
            return
        library = self.room.library
        try:
            card = to is not None and isinstance(post, PaperCard)
            before = await library.latest(message.channel, to) if to and card else None
            await library.remember(Shown(message=message, papers=papers, to=to))
            if isinstance(post, PaperCard) and post.ballot:
                await self.room.club.show(message, post.entry.paper.id)
            if before and len(before.papers) > 1 and before.message != message:
                # A card of one paper does not take their numbers from the list above it.
                await library.remember(before)
        except StorageError as e:
            log.warning("desk.not_remembered message=%s error=%s", message, e)

    def faults(self, command: str, options: Mapping[str, str]) -> Mapping[str, str]:
        today = current_day(self.room.clock())
        return faults(command, options, self.commands, today)

    async def first(self, key: str, within: timedelta = timedelta(days=1)) -> bool:
        return await self.room.heard.first(key, self.room.clock(), within)

    def saves(self, emoji: str) -> bool:
        return reactions.matters(self.room, emoji)

    async def recent(self, platform: str, limit: int = 50) -> Sequence[Shown]:
        posts = await self.room.library.recent(platform, limit)
        return [*posts, *await self.room.club.ballots(platform, limit)]

    async def reconcile(self, message: Message, standing: Sequence[Reaction]) -> int:
        return await reactions.reconcile(self.room, message, standing)

    async def channels(self, platform: str) -> Sequence[Channel]:
        orders = await self.room.subscriptions.all()
        there = {one.channel: None for one in orders if one.channel.platform == platform}
        return tuple(there)

    async def left(self, place: Channel | Workspace) -> int:
        return await presence.left(self.room, place)

    async def returned(self, place: Channel | Workspace) -> int:
        return await presence.returned(self.room, place)

    async def suggest(self, caller: Caller, text: str) -> Sequence[str]:
        try:
            at = cursor(text, self.commands, prefix=self._at(caller).command)
            return await self._suggestions(caller, at) if at else ()
        except PaperbotError:
            return ()
        except Exception:
            log.exception("desk.suggest")
            return ()

    async def _said(self, caller: Caller, text: str | Sequence[str]) -> Reply:
        today = current_day(self.room.clock())
        asked = parse(text, self.commands, today, prefix=self._at(caller).command)
        return await self._run(caller, asked)

    async def _called(self, caller: Caller, command: str, options: Mapping[str, str]) -> Reply:
        today = current_day(self.room.clock())
        prefix = self._at(caller).command
        asked = bind(command, options, self.commands, today, prefix=prefix)
        return await self._run(caller, asked)

    async def _illustrated(self, caller: Caller, reply: Reply) -> Reply:
        """With its charts drawn, where pictures can be shown."""
        budget = self.room.budgets.get(caller.channel.platform, Budget())
        if not budget.pictures or not any(map(chart_of, reply.posts)):
            return reply
        return replace(reply, posts=tuple([await self._illustrate(post) for post in reply.posts]))

    def _at(self, caller: Caller) -> Room:
        return self.room.on(caller.channel.platform)

    async def _run(self, caller: Caller, asked: Asked) -> Reply:
        command, room = asked.command, self._at(caller)
        if command.admin and not caller.admin:
            raise NotAllowed(
                f"Only people who may manage this channel can use {room.says(command.name)}; "
                "ask one of them."
            )
        self._meter.add("commands", platform=caller.channel.platform, command=command.name)
        answer = await command.run(room, Request.of(asked, caller))
        if isinstance(answer, Reply):
            return answer
        posts = answer if isinstance(answer, tuple) else (answer,)
        return Reply(posts=posts, private=command.private)

    async def _guarded(self, work: Callable[[], Awaitable[Reply]]) -> Reply:
        try:
            return await work()
        except UserError as e:
            return _error(str(e))
        except Unavailable as e:
            return _error(f"{str(e).rstrip('.')}. Please try again in a while.")
        except StorageError as e:
            log.error("desk.storage error=%s", e)  # noqa: TRY400 -- an operator needs one line
            return _error(
                "The archive cannot be used just now; whoever runs the bot finds the reason in its log."
            )
        except Exception:
            log.exception("desk.error")
            return _error(APOLOGY)

    async def _suggestions(self, caller: Caller, at: Cursor) -> Sequence[str]:
        known = completions(at, self.commands, prefix=self._at(caller).command)
        kind = at.parameter.type if at.parameter else None
        if isinstance(kind, PaperRef):
            found = await self._papers(caller, at)
            return [*(Suggestion(paper.id, paper.title) for paper in found), *known][:SUGGESTIONS]
        if isinstance(kind, Known):
            names = await self.room.search.names(kind.field, at.typed, SUGGESTIONS)
            fit = [kind.parse(name, current_day(self.room.clock())) for name in names]
            return [Suggestion(f"{at.lead}{quote(name)}", name) for name in fit]
        if isinstance(kind, Member | Tag):
            return await self._of_library(caller, at, kind)
        if isinstance(kind, Key) and at.command and at.command.name in _OF_SUBSCRIPTIONS:
            there = await shown_in(self.room, caller.channel)
            ids = [one.id for one in there if one.id.startswith(at.typed)]
            return [*ids, *known][:SUGGESTIONS]
        if isinstance(kind, Key) and at.command and at.command.name == follow.NAME:
            own = await follow.endable(self.room, caller.person, at.typed)
            return [*(Suggestion(f"{at.lead}{id}", what) for id, what in own), *known][:SUGGESTIONS]
        return known

    async def _of_library(
        self, caller: Caller, at: Cursor, kind: Member | Tag
    ) -> Sequence[Suggestion]:
        """Tags of the team, or names of those who saved something."""
        workspace, typed = caller.channel.workspace, at.typed.lstrip("@#").lower()
        if isinstance(kind, Tag):
            names = [*await self.room.notes.tags(workspace)]
        else:
            names = [one.name or one.id for one in await self.room.library.people(workspace)]
        fit = [name for name in names if name.lower().startswith(typed)][:SUGGESTIONS]
        return [Suggestion(f"{at.lead}{quote(name)}", name) for name in fit]

    async def _papers(self, caller: Caller, at: Cursor) -> Sequence[Paper]:
        """Saved ones where one is let go of; else by title or, before that, of the last list here."""
        library = self.room.library
        if at.command and at.command.name in _OF_SAVED:
            mine = SavedQuery(reader=caller.person, channel=caller.channel)
            saved = await library.saved(mine, limit=MOST_SAVED)
            papers = [one.paper for one in saved.papers]
            typed = at.typed.lower()
            return [paper for paper in papers if typed in f"{paper.id} {paper.title}".lower()]
        if at.typed:
            return await self.room.search.titles(at.typed, SUGGESTIONS)
        shown = await library.latest(caller.channel, caller.person)
        found = await self.room.archive.papers(shown.papers.values() if shown else ())
        return [found[id] for id in (shown.papers.values() if shown else ()) if id in found]


MOST_SAVED = 500
_OF_SAVED = {"unsave"}
_OF_SUBSCRIPTIONS = {"unsubscribe", "preview"}


def _error(text: str) -> Reply:
    return Reply(posts=(Notice(text=text, tone="error"),))
