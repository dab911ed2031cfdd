"""From a line of text, or the words of a shell, to tokens: words, quoted phrases, `name:value`."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.errors import UserError

LONGEST_LINE = 2_000
"""A Discord message's length; no command of ours needs a tenth of it."""

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»″＂", '"'))
_TOKEN = re.compile(
    r"(?P<minus>-?)"
    r"(?:(?P<name>[A-Za-z][A-Za-z-]{1,31}):(?!//))?"
    r"(?:\"(?P<quoted>[^\"]*)\"(?=\s|$)|(?P<bare>[^\s\"]\S*)|(?P<open>\".*)|(?=\s|$))"
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word, phrase or `name:value`. `raw` is how it stood in the line."""

    raw: str
    text: str
    name: str = ""
    quoted: bool = False
    excluded: bool = False


def clean(text: str) -> str:
    """Without control, format and surrogate characters, typographic quotes made plain."""
    text = text.translate(_QUOTES)
    return "".join(" " if c.isspace() else c for c in text if c.isspace() or _shows(c))


def _shows(char: str) -> bool:
    return unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"}


def tokens(words: str | Sequence[str], *, unfinished: bool = False) -> list[Token]:
    """The tokens of a line, or of a shell's words, which the shell has told apart already.

    `unfinished` is for completion: the last quotation mark may still lack its partner.
    """
    if sum(map(len, words)) > LONGEST_LINE:
        raise UserError(f"That is too long: a command has at most {LONGEST_LINE} characters.")
    if isinstance(words, str):
        return _split(clean(words), unfinished=unfinished)
    if len(words) == 1:  # a whole line in a shell's quotation marks
        return _split(clean(words[0]), unfinished=unfinished)
    return [token for word in words for token in _of_shell(clean(word), unfinished=unfinished)]


def _of_shell(word: str, *, unfinished: bool) -> list[Token]:
    """A shell's word: one token, unless it brings quotation marks of its own."""
    if '"' in word and word.count('"') % 2 == 0:
        return _split(word, unfinished=unfinished)
    token = _one(word, unfinished=unfinished)
    return [token] if token else []


def _split(line: str, *, unfinished: bool) -> list[Token]:
    found = []
    position = 0
    while line[position:].strip():
        position += len(line[position:]) - len(line[position:].lstrip())
        match = _match(line, position)
        found.append(_token(match, unfinished=unfinished))
        position = match.end()
    return found


def _one(word: str, *, unfinished: bool) -> Token | None:
    """A shell's word: white space in it binds like quotation marks."""
    word = word.strip()
    if not word:
        return None
    match = _match(word, 0)
    if match.end() == len(word):
        return _token(match, unfinished=unfinished)
    start = max(match.end("minus"), match.end("name") + 1 if match["name"] else 0)
    return Token(
        raw=word,
        text=" ".join(word[start:].replace('"', " ").split()),
        name=(match["name"] or "").lower(),
        quoted=True,
        excluded=bool(match["minus"]),
    )


def _match(line: str, position: int) -> re.Match[str]:
    match = _TOKEN.match(line, position)
    assert match is not None  # noqa: S101 -- at a character that is no space one branch fits
    return match


def _token(match: re.Match[str], *, unfinished: bool) -> Token:
    if match["open"] is not None and not unfinished:
        raise UserError('A quotation mark lacks its partner; write it like "vision language".')
    quoted = match["quoted"] if match["quoted"] is not None else match["open"]
    text = match["bare"] or ""
    if quoted is not None:
        text = " ".join(quoted.strip('"').split())
    return Token(
        raw=match[0],
        text=text,
        name=(match["name"] or "").lower(),
        quoted=quoted is not None,
        excluded=bool(match["minus"]),
    )


def quote(text: str) -> str:
    """The text as one value of a line: in quotation marks where it needs them."""
    text = text.replace('"', " ")
    return f'"{text}"' if not text or re.search(r"[\s,]", text) else text


def pieces(text: str) -> list[str]:
    """The parts of a value between commas; a quoted part stays whole."""
    found = re.findall(r"\s*(?:\"([^\"]*)\"|([^,\"]+))\s*(?:,|$)", clean(text))
    return [part.strip() for pair in found if (part := pair[0] or pair[1]).strip()]
