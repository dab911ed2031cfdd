"""Text for TeX: what is special is escaped, sound formulas stay formulas, names of things keep their capitals."""

import re
from typing import Any
from unicodedata import category

from bot.exporting.formulas import formulas
from bot.exporting.symbols import CHARACTERS, IN_NAMES, SUBSCRIPTS, SUPERSCRIPTS
from bot.exporting.words import PROPER

_RAISED = "".join(map(chr, SUPERSCRIPTS))
_LOWERED = "".join(map(chr, SUBSCRIPTS))
_LIGATURES = (r"-–—‐‑", "'’”", "‘“?!", ",")
"""TeX draws two of a kind as one character, unless something stands between them."""
_SPECIAL = re.compile(
    rf"(?P<raised>[{_RAISED}]+)|(?P<lowered>[{_LOWERED}]+)"
    rf"|(?P<again>{'|'.join(f'(?<=[{kind}])[{kind}]' for kind in _LIGATURES)})"
    rf"|[{re.escape(''.join(CHARACTERS))}]"
)
_NOT_IN_NAMES = frozenset(("Sm", "Sc", "Sk", "So", "No"))
_AMPERSANDS = re.compile(r"(?<!\S)(?:\\&)+")
_IN_NAMES = re.compile(f"[{re.escape(''.join(IN_NAMES))}]")


def escape(text: str) -> str:
    """TeX that prints `text`: ASCII for what Latin scripts and formulas need, UTF-8 for everything else."""
    if "$" not in text:
        return _text(text)
    return "".join(
        f"{{{part}}}" if is_formula else _text(part) for part, is_formula in formulas(text)
    )


def escape_name(text: str) -> str:
    """A part of a name; what no name has is left out, so that it may come out empty. So is an ampersand before a word:
    readers differ on where such a word begins."""
    if not text.isascii():
        text = "".join(char for char in text if category(char) not in _NOT_IN_NAMES)
    elif text.isalpha():
        return text
    text = _IN_NAMES.sub(lambda found: IN_NAMES[found[0]], text)
    return " ".join(_AMPERSANDS.sub("", text).split())


def escape_title(text: str) -> str:
    """Likewise; styles that write titles in lower case leave abbreviations and names as they are."""
    title_case = _is_title_case(text)
    return "".join(
        f"{{{part}}}" if is_formula else _protected(part, title_case=title_case)
        for part, is_formula in formulas(text)
    )


def _text(text: str) -> str:
    return _SPECIAL.sub(_tex, text)


def _tex(found: re.Match[str]) -> str:
    text = found[0]
    match found.lastgroup:
        case "raised":
            return rf"{{\textsuperscript{{{text.translate(SUPERSCRIPTS)}}}}}"
        case "lowered":
            return rf"{{\textsubscript{{{text.translate(SUBSCRIPTS)}}}}}"
        case "again":
            return f"{{}}{CHARACTERS.get(text, text)}"
        case _:
            return CHARACTERS[text]


_BREAK = re.compile(r"([\s/‐‑–—-]+)")
_EDGES = re.compile(r"(?P<before>[\W_]*)(?P<core>.*?)(?P<after>(?:['’]s)?[\W_]*)")


def _protected(text: str, *, title_case: bool) -> str:
    pieces = _BREAK.split(text)
    pieces.append("")
    out: list[str] = []
    opens, bound = True, False
    for word, gap in zip(pieces[::2], pieces[1::2], strict=True):
        before, core, after = _core(word)
        telling = core[:1].isupper() and not (title_case or opens)
        if core and (bound or telling or _is_name(core)):
            out += _text(before), "{", _text(core), "}", _text(after)
        else:
            out.append(_text(word))
        out.append(gap if gap == " " else _text(gap))
        bound = gap == "-" and (bound or (len(core) == 1 and core.isupper()))
        opens = word.endswith((":", "?", "!", ".")) and gap.isspace()
    return "".join(out)


def _core(word: str) -> tuple[str | Any, ...]:
    """A word without what stands around it: BibTeX must see the colon that ends `CLIP:`."""
    found = None if word.isalnum() else _EDGES.fullmatch(word)
    return found.group("before", "core", "after") if found else ("", word, "")


def _is_name(core: str) -> bool:
    """`CLIP`, `LLaMA`, `3D`, `T5`, `Q`, `Bayesian`."""
    if core in PROPER:
        return True
    if core.isalpha() and core[1:].islower():
        return False
    if len(core) == 1:
        return core.isupper() and core != "A"
    shouted = any(map(str.isupper, core[1:]))
    return shouted or (core[0].isupper() and any(map(str.isdigit, core)))


def _is_title_case(text: str) -> bool:
    """Most longer words but the first have a capital: then a capital says nothing about a word."""
    words = [word for word in text.split()[1:] if len(word) > 3]  # noqa: PLR2004 -- "with" and "from"
    capitals = sum(not word[0].islower() for word in words)
    return 2 * capitals >= len(words)
