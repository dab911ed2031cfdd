"""What a person types at the prompt, understood: commands for the bot and words for the terminal."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

_COMMAND = re.compile(r"/?paper(?:\s|$)", re.IGNORECASE)
_NUMBER = re.compile(r"#?(\d{1,4})", re.ASCII)
_SHORTCODE = re.compile(r":[\w+-]{1,60}:", re.ASCII)

WORDS = ("/paper ", "react ", "unreact ", "next", "back", "help", "quit")
_SAME = {"exit": "quit", "q": "quit", ":q": "quit", "bye": "quit", "?": "help", "prev": "back"}


@dataclass(frozen=True, slots=True)
class Ask:
    """A command for the bot."""

    text: str


@dataclass(frozen=True, slots=True)
class React:
    """An emoji for the last message, or for one paper in it; "" is the save emoji."""

    emoji: str = ""
    position: int | None = None
    added: bool = True


@dataclass(frozen=True, slots=True)
class Word:
    """A word that the terminal itself understands; "" is an empty line."""

    name: Literal["help", "quit", "next", "back", ""]


@dataclass(frozen=True, slots=True)
class Puzzle:
    """A line that means nothing; `hint` says what would."""

    hint: str


Line = Ask | React | Word | Puzzle


def understand(text: str) -> Line:
    """The meaning of one typed line."""
    text = text.strip()
    if _COMMAND.match(text):
        return Ask(text if text.startswith("/") else f"/{text}")
    verb, *rest = text.lower().removeprefix("/").split() or [""]
    if verb in ("react", "unreact"):
        return _reaction(text.split()[1:], added=verb == "react")
    word = _SAME.get(verb, verb)
    if not rest and word in ("help", "quit", "next", "back", ""):
        return Word(word)  # type: ignore[arg-type]
    return Puzzle(f"Commands begin with `/paper`. Did you mean `/paper {_short(text)}`?")


def word_start(text: str) -> int:
    """Where the last word of a command line begins; a quoted phrase is one word."""
    start, quoted = 0, False
    for position, char in enumerate(text):
        if char == '"':
            quoted = not quoted
        elif char.isspace() and not quoted:
            start = position + 1
    return start


def own_words(text: str, numbers: Iterable[int], emoji: str) -> list[str]:
    """Ways to finish a line that is no command: the terminal's words, papers' numbers, the emoji."""
    verb, *rest = text.split(" ")
    if verb in ("react", "unreact"):
        offers = [str(number) for number in numbers] if len(rest) == 1 else []
        offers += [emoji] if len(rest) in (1, 2) else []
        return [offer for offer in offers if offer.startswith(rest[-1])] if rest else [f"{verb} "]
    return [] if rest else [word for word in WORDS if word.startswith(text)]


def _reaction(tokens: list[str], *, added: bool) -> Line:
    emoji, position = "", None
    for token in tokens:
        if position is None and (number := _NUMBER.fullmatch(token)):
            position = int(number[1])
        elif not emoji and (not token.isascii() or _SHORTCODE.fullmatch(token)):
            emoji = token
        else:
            verb = "react" if added else "unreact"
            return Puzzle(f"`{verb}` takes a paper's number and an emoji: `{verb} 3 🔖`.")
    return React(emoji, position, added)


def _short(text: str) -> str:
    return text.removeprefix("/")[:60].replace("`", "'")
