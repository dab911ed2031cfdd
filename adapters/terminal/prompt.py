"""The prompt a person types at. The only file that imports prompt_toolkit, when a chat begins."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app
from prompt_toolkit.application import in_terminal as above
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import AnyFormattedText
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.patch_stdout import patch_stdout
from prompt_toolkit.styles import Style

from adapters.terminal.lines import word_start

__all__ = ["above", "typed"]

Suggest = Callable[[str], Awaitable[Sequence[str]]]

_STYLE = Style.from_dict({"channel": "ansicyan bold", "placeholder": "ansibrightblack"})
_TWICE = 2


class _Interrupted(Exception):
    """Ctrl-C."""


class _Suggestions(Completer):
    def __init__(self, suggest: Suggest) -> None:
        self._suggest = suggest

    def get_completions(self, *_: object) -> list[Completion]:
        return []  # nobody asks: completion is asynchronous here

    async def get_completions_async(
        self, document: Document, _: CompleteEvent
    ) -> AsyncGenerator[Completion, None]:
        text = document.text_before_cursor.lstrip()
        start = word_start(text) - len(text)
        for word in await self._suggest(text):
            label = getattr(word, "label", word)  # a paper's id says little, its title much
            yield Completion(
                word if word.endswith((":", " ")) else f"{word} ",
                start_position=start,
                display=word,
                display_meta=label if label != word else None,
            )


async def typed(channel: str, suggest: Suggest, history: Path | None) -> AsyncGenerator[str, None]:
    """The lines typed until Ctrl-D, or Ctrl-C twice; what others print appears above the prompt."""
    session: PromptSession[str] = PromptSession(
        [("class:channel", f"{channel} ▸ ")],
        completer=_Suggestions(suggest),
        complete_while_typing=False,
        auto_suggest=AutoSuggestFromHistory(),
        history=_history(history),
        placeholder=_placeholder,
        interrupt_exception=_Interrupted,
        style=_STYLE,
    )
    interrupts = 0
    with patch_stdout(raw=True):
        while interrupts < _TWICE:
            try:
                line = await session.prompt_async(handle_sigint=False, set_exception_handler=False)
            except _Interrupted:
                interrupts += 1
            except EOFError:
                return
            else:
                interrupts = 0
                yield line


def _placeholder() -> AnyFormattedText:
    # A line left empty must not stay on the screen as if this had been typed.
    return [] if get_app().is_done else [("class:placeholder", "/paper help")]


def _history(path: Path | None) -> History:
    if path is None:
        return InMemoryHistory()
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        return FileHistory(str(path))
    return InMemoryHistory()
