"""The terminal as a chat platform: posts are written to the transcript, then printed."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

from adapters.terminal.render import plain
from adapters.terminal.screen import Screen
from adapters.terminal.transcript import Line, Transcript
from bot.domain.errors import ChannelRefused, TryLater, WorkspaceRefused
from bot.domain.people import Channel, Message, Person, Workspace
from bot.domain.ports import Budget, Outgoing
from bot.domain.posts import Post, entries_of

DIRECT = "@"
"""What the channels begin with that one person has alone."""


class TerminalMessenger:
    """Speaks in the channels of one terminal."""

    platform = "terminal"
    budget = Budget(entries=50, characters=100_000, pictures=False)
    command = "/paper"

    def __init__(
        self,
        workspace: Workspace,
        channels: Sequence[str],
        transcript: Transcript,
        screen: Screen,
        now: Callable[[], datetime],
    ) -> None:
        self._workspace = workspace
        self._channels = tuple(channels)
        self._transcript = transcript
        self._screen = screen
        self._now = now

    async def send(self, outgoing: Outgoing) -> Message:
        """Posted means written down: a crash before it is printed only delays that to the next start."""
        self._check(outgoing.channel)
        post, reply_to = outgoing.post, outgoing.reply_to
        thread = int(reply_to.id) if reply_to and reply_to.id.isdecimal() else None
        line = self._record(outgoing.channel, post, key=outgoing.key, thread=thread)
        header = "" if reply_to else self._header(line)
        seen = await self._screen.show(
            post, header=header, reply=reply_to is not None, plain=outgoing.plain
        )
        if seen:
            self._mark_shown(line)
        return Message(outgoing.channel, str(line.id))

    async def find(self, channel: Channel, key: str, since: datetime) -> Message | None:
        """Exact even after a crash: the transcript is what was posted."""
        line = self._transcript.find(channel.id, key, since)
        return Message(channel, str(line.id)) if line else None

    async def recalls(self, channel: Channel) -> bool:
        """The transcript is what was posted."""
        return channel.workspace == self._workspace

    async def tell(self, person: Person, post: Post) -> None:
        """Whoever sits here is everybody."""
        await self.direct(person)
        await self._screen.show(post)

    async def direct(self, person: Person) -> Channel:
        """A channel of their own, whose name no other can have."""
        if person.platform != self.platform:
            raise ChannelRefused(f"`{person}` is nobody in a terminal.")
        return Channel(self._workspace, f"{DIRECT}{person.id}")

    async def answer(self, channel: Channel, post: Post) -> Message:
        """Print a post that answers somebody here and now."""
        line = self._record(channel, post, shown=True)
        await self._screen.show(post)
        return Message(channel, str(line.id))

    async def show_missed(self) -> None:
        """Print what was posted by a process that died before it could."""
        for line in self._transcript.unshown():
            if await self._screen.say(f"{self._header(line)}\n{line.text}\n"):
                self._mark_shown(line)

    def _check(self, channel: Channel) -> None:
        if channel.workspace != self._workspace:
            raise WorkspaceRefused(
                f"`{channel.workspace}` is not this terminal, which is `{self._workspace}`."
            )
        if channel.id not in self._channels and not channel.id.startswith(DIRECT):
            wanted = ", ".join(f'"{name}"' for name in (*self._channels, channel.id))
            raise ChannelRefused(
                f"This terminal has no channel `{channel.id}`. "
                f"To add it, set `channels = [{wanted}]` for the terminal in config.toml."
            )

    def _record(
        self,
        channel: Channel,
        post: Post,
        *,
        key: str = "",
        thread: int | None = None,
        shown: bool = False,
    ) -> Line:
        papers = {entry.number: str(entry.paper.id) for entry in entries_of(post)}
        line = Line(
            channel=channel.id,
            at=self._now(),
            text=plain(post),
            key=key,
            papers=papers,
            thread=thread,
            shown=shown,
        )
        try:
            return self._transcript.record(line)
        except OSError as e:
            raise TryLater(f"The transcript cannot be written: {e.strerror or e}.") from e

    def _mark_shown(self, line: Line) -> None:
        with suppress(OSError):  # the message stands; at worst it is printed once more
            self._transcript.mark_shown(line)

    def _header(self, line: Line) -> str:
        return f"paperbot · #{line.channel} · {line.at.astimezone():%H:%M}"
