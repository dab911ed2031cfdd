"""Parameter types: each reads one value, says what would be right, and writes the value back."""

import difflib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from bot.commands.tokens import Token, quote, tokens
from bot.domain.errors import UserError
from bot.domain.papers import PaperId, parse_paper_id
from bot.domain.search import Field, Word
from bot.domain.text import visible

SUGGESTIONS = 25
"""Discord's limit of choices in a completion."""
SHOWN = 60
"""Characters of what somebody typed that are repeated to them."""


class Kind(Protocol):
    """What a parameter takes. `parse(format(value))` gives the value again."""

    @property
    def hint(self) -> str:
        """What to write, for help: `2025-05-22 or yesterday`."""
        ...

    def parse(self, text: str, today: date, /) -> Any:
        """Raises UserError that says what would be right."""
        ...

    def format(self, value: Any, /) -> str: ...

    def suggest(self, prefix: str, /) -> list[str]:
        """Values that begin so, the likeliest first."""
        ...


def echo(text: str) -> str:
    """What somebody typed, short and in backticks."""
    text = text.replace("`", "'")
    return f"`{text[: SHOWN - 1]}…`" if len(text) > SHOWN else f"`{text}`"


def listing(words: Iterable[str], last: str = "or") -> str:
    """`a`, `b` or `c`."""
    quoted = [f"`{word}`" for word in words]
    if len(quoted) < 2:  # noqa: PLR2004 -- nothing to join
        return "".join(quoted)
    return f"{', '.join(quoted[:-1])} {last} {quoted[-1]}"


def nearest(text: str, known: Iterable[str], cutoff: float = 0.7) -> str | None:
    """The known word somebody probably meant."""
    found = difflib.get_close_matches(text.lower(), list(known), n=1, cutoff=cutoff)
    return found[0] if found else None


def starting(prefix: str, known: Iterable[str]) -> list[str]:
    """Those that begin with `prefix`, whatever its case."""
    return [word for word in known if word.lower().startswith(prefix.lower())][:SUGGESTIONS]


@dataclass(frozen=True, slots=True)
class Text:
    """A few words that mean what the command says."""

    hint: str = "words"
    longest: int = 80

    def parse(self, text: str, _today: date) -> str:
        text = " ".join(text.replace('"', " ").split())
        if not text:
            raise UserError(f"There is nothing in it; write {self.hint}.")
        if len(text) > self.longest:
            raise UserError(f"{echo(text)} is too long; at most {self.longest} characters.")
        return text

    def format(self, value: str) -> str:
        return value

    def suggest(self, _prefix: str) -> list[str]:
        return []


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a search: `"quoted phrases"` stay together, `-word` excludes."""

    hint: str = 'words, "a phrase", -excluded'
    most: int = 50

    def parse(self, text: str, _today: date) -> tuple[Word, ...]:
        return self.of(tokens(text))

    def of(self, found: Iterable[Token]) -> tuple[Word, ...]:
        """The words in tokens; punctuation of the grammar alone is none."""
        words = tuple(word for token in found if (word := _word(token)))
        if len(words) > self.most:
            raise UserError(f"That is too much to look for; use at most {self.most} words.")
        return words

    def format(self, value: Iterable[Word]) -> str:
        return " ".join(
            f"{'-' * word.excluded}" + (f'"{word.text}"' if word.phrase else word.text)
            for word in value
        )

    def suggest(self, _prefix: str) -> list[str]:
        return []


def _word(token: Token) -> Word | None:
    if token.quoted and not token.name:
        return Word(token.text, phrase=True, excluded=token.excluded) if token.text else None
    text = f"{token.name}:{token.text}" if token.quoted else token.raw[token.excluded :]
    text = " ".join(text.replace('"', " ").split())
    if not text:
        return None
    return Word(text, phrase=any(map(str.isspace, text)), excluded=token.excluded)


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number between two others, both included."""

    lo: int
    hi: int

    @property
    def hint(self) -> str:
        return f"a number from {self.lo} to {self.hi}"

    def parse(self, text: str, _today: date) -> int:
        if re.fullmatch(r"\+?\d{1,9}", text, re.ASCII) and self.lo <= int(text) <= self.hi:
            return int(text)
        raise UserError(f"{echo(text)} does not fit here; write {self.hint}.")

    def format(self, value: int) -> str:
        return str(value)

    def suggest(self, _prefix: str) -> list[str]:
        return []


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words. Members of a StrEnum come back as members."""

    values: tuple[str, ...]

    @property
    def hint(self) -> str:
        return ", ".join(str(value) for value in self.values)

    def parse(self, text: str, _today: date) -> str:
        for value in self.values:
            if value == text.lower():
                return value
        near = nearest(text, self.values)
        meant = f" Did you mean `{near}`?" if near else ""
        raise UserError(f"{echo(text)} is not one of {listing(self.values, 'and')}.{meant}")

    def format(self, value: str) -> str:
        return str(value)

    def suggest(self, prefix: str) -> list[str]:
        return starting(prefix, map(str, self.values))


@dataclass(frozen=True, slots=True)
class Ref:
    """A paper by its id, or by its number in the last list of the channel."""

    id: PaperId | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class PaperRef:
    """A paper: id, link, or its number in the last list shown here."""

    hint: str = "2401.01234, a link, or 3 for number 3 of the last list"

    def parse(self, text: str, _today: date) -> Ref:
        if id := parse_paper_id(text):
            return Ref(id=id)
        if re.fullmatch(r"#?0*[1-9]\d{0,3}", text, re.ASCII):
            return Ref(number=int(text.removeprefix("#")))
        raise UserError(
            f"{echo(text)} is no paper. Write its arXiv id (`2401.01234`), its link, "
            "or its number in the last list shown here (`3`)."
        )

    def format(self, value: Ref) -> str:
        return value.id or f"#{value.number}"

    def suggest(self, _prefix: str) -> list[str]:
        return []


@dataclass(frozen=True, slots=True)
class Key:
    """A short name of something: a subscription's id, a command; `words` are those known beforehand."""

    words: tuple[str, ...] = ()
    hint: str = "an id"

    def parse(self, text: str, _today: date) -> str:
        text = text.lstrip("/#").lower()
        if re.fullmatch(r"\?|\w[\w.-]{0,79}", text):
            return text
        raise UserError(f"{echo(text)} does not fit here; write {self.hint}.")

    def format(self, value: str) -> str:
        return value

    def suggest(self, prefix: str) -> list[str]:
        return starting(prefix, map(str, self.words))


@dataclass(frozen=True, slots=True)
class Known(Text):
    """Part of a name that papers bear; the archive knows which there are."""

    field: Field = Field.AUTHOR


@dataclass(frozen=True, slots=True)
class Tag(Text):
    """A tag that papers bear, in whatever spelling."""

    hint: str = "a tag"

    def parse(self, text: str, _today: date) -> str:
        return tag_of(text)


@dataclass(frozen=True, slots=True)
class Member(Text):
    """Somebody in the team, by name or as the platform writes them."""

    hint: str = "a name, such as @ann"


@dataclass(frozen=True, slots=True)
class Prose:
    """All that is left of a line, as it was written: no quotation mark and no colon means anything in it."""

    hint: str = "what you want to say"
    longest: int = 1_000

    def parse(self, text: str, _today: date) -> str:
        text = " ".join(visible(text).split())
        if len(text) > self.longest:
            raise UserError(
                f"That is too long: it has {len(text):,} characters, and {self.longest:,} is the most. "
                "Shorten it, or keep the long version elsewhere and write a link."
            )
        return text

    def format(self, value: str) -> str:
        return value

    def suggest(self, _prefix: str) -> list[str]:
        return []


LONGEST_TAG = 40


def tag_of(text: str) -> str:
    """One spelling of a tag: lower case, dashes for spaces, nothing but letters, digits and `_ . + -`."""
    folded = unicodedata.normalize("NFKC", visible(text)).casefold()
    kept = (char if _stands_in_tags(char) else "-" for char in unicodedata.normalize("NFC", folded))
    tag = re.sub(r"-{2,}", "-", "".join(kept)).lstrip("-.+").rstrip("-.")
    if not tag:
        raise UserError(f"{echo(text)} makes no tag; write letters or digits, for example `rl`.")
    if len(tag) > LONGEST_TAG:
        raise UserError(f"{echo(tag)} is too long for a tag; at most {LONGEST_TAG} characters.")
    return tag


def _stands_in_tags(char: str) -> bool:
    return char in "_.+-" or unicodedata.category(char)[0] in "LMN"


def format_value(kind: Kind, value: object) -> str:
    """The value as it stands in a line."""
    text = kind.format(value)
    return text if isinstance(kind, Words | Prose) else quote(text)
