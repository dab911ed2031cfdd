"""One person's lines and the bot's answers to them, in one channel."""

import logging
from collections.abc import Awaitable, Sequence

from adapters.terminal.clean import clean
from adapters.terminal.lines import Ask, Puzzle, React, Word, own_words, understand
from adapters.terminal.messenger import TerminalMessenger
from adapters.terminal.screen import Screen
from adapters.terminal.transcript import Line, Transcript
from bot.commands.spec import Suggestion
from bot.domain.errors import PaperbotError
from bot.domain.people import Message
from bot.domain.ports import Caller, Desk, Reaction
from bot.domain.posts import Notice, Panel, PaperList, Post, Reply, Row, entries_of

log = logging.getLogger(__name__)

_HELP = Panel(
    title="In this terminal",
    rows=(
        Row("/paper …", "A command for the bot. Tab completes it, ↑ brings back earlier lines."),
        Row("react 3", "Save paper 3 of the last message; `react 3 👍` puts another emoji there."),
        Row("unreact 3", "Take that back."),
        Row("next, back", "The other pages of the last list."),
        Row("quit", "Leave; so does Ctrl-D."),
    ),
)


class Conversation:
    """Understands lines, asks the desk, shows what it answers; knows what was shown last."""

    def __init__(
        self,
        caller: Caller,
        emoji: str,
        messenger: TerminalMessenger,
        transcript: Transcript,
        screen: Screen,
    ) -> None:
        self._caller = caller
        self._emoji = emoji
        self._messenger = messenger
        self._transcript = transcript
        self._screen = screen
        self._pages: dict[str, str | None] = {}

    async def handle(self, desk: Desk, line: str) -> bool:
        """Answer one line; False when it says that the person leaves."""
        match understand(line):
            case Ask(text):
                await self._answer(desk, desk.say(self._caller, text))
            case React() as react:
                await self._react(desk, react)
            case Puzzle(hint):
                await self._tell(hint, "`help` tells what there is.")
            case Word("next" | "back" as way):
                await self._turn(desk, way)
            case Word("help"):
                await self._answer(desk, desk.say(self._caller, "/paper help"))
                await self._screen.show(_HELP)
            case Word("quit"):
                return False
        return True

    async def suggest(self, desk: Desk, text: str) -> Sequence[str]:
        """Ways to finish the last word of what has been typed so far."""
        if text.strip().lower() in ("paper", "/paper") and not text[-1].isspace():
            return ["/paper "]
        if text.strip() and isinstance(understand(text), Ask):
            return await self._ask_for_words(desk, text)
        return own_words(text, self._numbers(), self._emoji)

    async def _ask_for_words(self, desk: Desk, text: str) -> Sequence[str]:
        try:
            found = await desk.suggest(self._caller, text)
            return [Suggestion(clean(word), clean(getattr(word, "label", ""))) for word in found]
        except PaperbotError:
            return []

    async def _answer(self, desk: Desk, asked: Awaitable[Reply | None]) -> bool:
        """Show the answer; False when there is none."""
        try:
            reply = await asked
            for post in reply.posts if reply else ():
                await self._show(desk, post)
        except PaperbotError as e:
            await self._screen.show(Notice(text=str(e), tone="error"))
        except Exception:
            log.exception("The answer to a line in the terminal failed")
            text = "Something went wrong on my side; the log has the details."
            await self._screen.show(Notice(text=text, tone="error"))
        else:
            return reply is not None
        return True

    async def _show(self, desk: Desk, post: Post) -> None:
        if isinstance(post, PaperList):
            self._pages = {"next": post.forth, "back": post.back}
        if entries_of(post):
            message = await self._messenger.answer(self._caller.channel, post)
            await desk.shown(message, post, to=self._caller.person)
        else:
            await self._screen.show(post)

    async def _turn(self, desk: Desk, way: str) -> None:
        if text := self._pages.get(way):
            await self._answer(desk, desk.say(self._caller, text))
        else:
            await self._tell("There is no such page." if self._pages else "There is no list yet.")

    async def _react(self, desk: Desk, react: React) -> None:
        shown = self._latest()
        if not shown:
            await self._tell("There is nothing to react to yet.", "Try `/paper today` first.")
            return
        wanted = [line for line in shown if react.position in (None, *line.papers)]
        if not wanted:
            numbers = ", ".join(str(number) for number in self._numbers())
            await self._tell(f"The last message has no paper {react.position}; it has {numbers}.")
            return
        reaction = Reaction(
            message=Message(self._caller.channel, str(wanted[0].id)),
            person=self._caller.person,
            emoji=react.emoji or self._emoji,
            added=react.added,
            position=react.position,
        )
        if not await self._answer(desk, desk.react(reaction)):
            one = f"Say which paper is meant: `react {min(wanted[0].papers)} {self._emoji}`."
            await self._tell("That changes nothing.", one)

    def _latest(self) -> list[Line]:
        return self._transcript.latest(self._caller.channel.id)

    def _numbers(self) -> list[int]:
        return sorted({number for line in self._latest() for number in line.papers})

    async def _tell(self, text: str, *hints: str) -> None:
        await self._screen.show(Notice(text=text, hints=hints))
