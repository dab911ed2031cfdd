"""TeX to Unicode: both what Hugging Face leaves as it is and what it mangles.

It drops `$` and the backslash of commands in formulas (`3$\\times$` arrives as `3times`), and leaves TeX outside
formulas alone. So a bare word is read as a command only where English would not have it.
"""

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple
from unicodedata import normalize

from adapters.huggingface.symbols import ACCENTS, GREEK, NEVER_ENGLISH, macro, scripted

Replacement = str | Callable[[re.Match[str]], str]


class Rules(NamedTuple):
    """Only a text that contains `hint` is searched: most texts have no TeX at all."""

    hint: str
    steps: tuple[tuple[re.Pattern[str], Replacement], ...]


def plain(text: str) -> str:
    """`text` after every rule has been applied once; what is left may give them more to do."""
    if "{" in text:
        text = _unwrap(text)
    text = _apply(STRUCTURE, text)
    better = _apply(SYMBOLS, text)
    if better == text or "/" not in text:
        return better
    parts = _ADDRESS.split(text)
    return "".join(part if i % 2 else _apply(SYMBOLS, part) for i, part in enumerate(parts))


def _apply(rules: Iterable[Rules], text: str) -> str:
    for hint, steps in rules:
        if hint in text:
            for pattern, replacement in steps:
                text = pattern.sub(replacement, text)
    return text


_ADDRESS = re.compile(r"((?:https?://|www\.)[^\s{}<>]+)")
"""The underscores, carets and dashes of an address are its own."""

_BRACE = re.compile(
    r"\\?(?:text(?:bf|it|tt|sc|sf|rm|normal)|(?<![A-Za-z])(?:text|emph|mbox|underline)"
    r"|math(?:cal|bf|bb|rm|it|tt|sf|scr|frak)|boldsymbol|operatorname\*?"
    r"|(?<![A-Za-z])(?:red|blue|green|orange|teal|purple|cyan|magenta))\{"
    r"|\\(?:b|bm|url|ensuremath)\s?\{"
    r"|\{\\(?:it|bf|em|tt|sc|rm|sf|sl)(?![A-Za-z])\s*"
    r"|\\?[{}]"
)


def _unwrap(text: str) -> str:
    """Take off `\\textbf{...}`, `{\\em ...}` and their like, however deep, in one go."""
    kept: list[str] = []
    opened: list[bool] = []
    end = 0
    for match in _BRACE.finditer(text):
        brace = match[0]
        kept.append(text[end : match.start()])
        end = match.end()
        ours = len(brace) > 1 and brace not in ("\\{", "\\}")
        if brace == "}":
            ours = opened.pop() if opened else False
        elif ours or brace == "{":
            opened.append(ours)
        if not ours:
            kept.append(brace)
    if any(opened):
        return text  # cut off or broken: nobody can tell what belongs together
    return "".join([*kept, text[end:]])


_NO_LABEL = ("", "here", "link", "url", "this url", "this link", "this http url", "this https url")


def _labelled(match: re.Match[str]) -> str:
    """`\\href{address}{label}`, or `address{label}` where the command was lost."""
    address, label = match["address"], match["label"].strip()
    if "/" in label or label.lower() in _NO_LABEL:
        return address
    return f"{label} ({address})"


def _accented(match: re.Match[str]) -> str:
    mark = ACCENTS[match["mark"] or match["named"]]
    letter = match["letter"].removeprefix("\\")
    composed = normalize("NFC", letter + mark)
    return composed if len(composed) == 1 else match[0]


def _macro(match: re.Match[str]) -> str:
    symbol = macro(match["name"])
    if symbol is None:
        return match[0]
    return symbol if symbol.endswith(".") else symbol + match["dot"]


def _script(match: re.Match[str]) -> str:
    return scripted(match["mark"], match["body"].strip("{}"))


def _bare(match: re.Match[str]) -> str:
    return NEVER_ENGLISH[match[0]]


def _indexed(match: re.Match[str]) -> str:
    return match[0][: match.start("mark") - match.start()] + _script(match)


def _greek(match: re.Match[str]) -> str:
    return GREEK[match[0]]


def _rules(hint: str, *steps: tuple[str, Replacement]) -> Rules:
    return Rules(hint, tuple((re.compile(pattern), replacement) for pattern, replacement in steps))


_ACCENT = (
    r"\\(?:(?P<mark>['`^](?=\s?\{?\\?[A-Za-z])|\"(?=\s?\{?\\?[aeiouyAEIOUY])|~(?=\{?[anoANO])|\.(?=\{?[zZI]))\s?"
    r"|(?P<named>[cvuHrk])\s?(?=\{))"
    r"(?P<open>\{)?(?P<letter>\\[ij](?![A-Za-z])|[A-Za-z])(?(open)\})"
)

STRUCTURE = (
    _rules(
        "\\",
        (r"\\href\s*\{(?P<address>[^{}]*)\}\s*\{(?P<label>[^{}]*)\}", _labelled),
        (r"\s*\\footnote\s*\{([^{}]*)\}", r" (\1)"),
        (r"\\'(?<=\w\\')(?=(?:s|t|d|m|re|ve|ll)\b)", "'"),
        (r'\\"(?<!\w\\")([^"\\]{0,200})\\"(?!\w)', r'"\1"'),
        (_ACCENT, _accented),
        (r"\\(?<!\S\\)(?=\d[\d.,]*(?![\d.,)]))", "$"),  # "\$1" with its dollar lost
        (r"\\\$(?=\d)", "$"),
        (r"\\([%&#_])", r"\1"),
        (r"\\(?:[,;: ]|q?quad(?![A-Za-z]))", " "),
        (r"\\(?:!|allowbreak(?![A-Za-z])\s?|left(?=[(\[|])|right(?=[)\]|]))", ""),
        (r"\\\(\s*(.{1,400}?)\s*\\\)", r"\1"),
    ),
    _rules("{", (r"(?P<address>https?://[^\s{}]+)\{(?P<label>[^{}]*)\}(?![\w/])", _labelled)),
    _rules("``", (r"``(?<!```)(?!`)([^`]{1,2000}?)''", r"“\1”")),
)
"""Commands that take arguments, and escapes; an address may be part of them."""


def _after(behind: str, word: str, ahead: str = "") -> str:
    """`word` preceded by `behind`. It stands first in the pattern, so that it is found by plain search."""
    return f"{word}(?<={behind}{word}){ahead}"


def _alone(word: str, ahead: str = "(?![A-Za-z_])") -> str:
    """`word` where it is no part of a longer word, of a command or of an identifier."""
    return rf"{word}(?<![A-Za-z_\\/.@]{word}){ahead}"


def _words(hint: str, *words: str) -> Rules:
    """Commands that no English text has."""
    return _rules(hint, *((_alone(word), NEVER_ENGLISH[word]) for word in words))


_VARIABLE = r"\s+(?=[A-Za-z](?![A-Za-z]))"
_WITHIN_FORMULAS: tuple[str, Replacement] = (
    rf"(?<![A-Za-z_\\/.@])(?:{'|'.join(NEVER_ENGLISH)})(?![A-Za-z_])",
    _bare,
)
"""Those seen nowhere else are only looked for where there is an index or a brace."""

_NUMBER = r"[\d°²³⁴]"
_LETTER = r"(?<![\w'’])[A-Za-z]"
_GREEK = rf"(?<![A-Za-z_\\/.@])(?:{'|'.join(GREEK)})"

SYMBOLS = (
    _rules(
        "$",
        (
            r"\$(?:(?<![\\$\w]\$)|(?=[\\^_]))(?=[^$]{0,200}[\\^_])(?![\s\d])([^$]{1,200}?)(?<![\s\\])\$(?![\d$])",
            r"\1",
        ),
    ),
    _rules(
        "~",
        (
            r"~(?:(?<=[A-Za-z.,;:)\]}’”]~)(?<!\d[KMBk]~)(?=[^\s~/]|$)|(?<=\d~)(?=[A-Za-z(\\])|(?<=\s~)$)",
            " ",
        ),
    ),
    _rules(
        "--",
        (r"---(?<!----)(?!-)", "—"),
        (r"--(?:(?<=[^\s!<-]--)(?=[^\s>-])|(?<=\s--)(?=\s))", "–"),
    ),
    _rules(
        "circ",
        (r"\^(?<=[\d)]\^)\s?(?:\{\s*\\?circ\s*\}|\\?circ(?![a-su-z]))", "°"),
        (_after(r"\d", "circ", r"\b"), "°"),
    ),
    _rules(
        "\\",
        (r"\\[dt]?frac\s*\{([^{}]{1,80})\}\s*\{([^{}]{1,80})\}", r"\1/\2"),
        (r"\\textsuperscript\s*\{([^{}]*)\}", r"^{\1}"),
        (r"\\textsubscript\s*\{([^{}]*)\}", r"_{\1}"),
        (r"\\(?P<name>[A-Za-z]+)(?:\{\})?(?P<dot>\.?)", _macro),
    ),
    _rules(
        "times",
        (_after(_NUMBER, " times ", r"(?=\d)"), "×"),
        (_after(_NUMBER, "times ", r"(?=\d)"), "×"),
        (_after(_NUMBER, "times", r"(?=sim\d|[^a-z]|$)"), "×"),
        (_after(_LETTER, " times ", r"(?=[A-Za-z](?![\w'’]))"), "×"),
        (_after(_LETTER, "times ", r"(?=[A-Za-z](?![\w'’]))"), "×"),
    ),
    _rules(
        "sim",
        (r"sim(?<![A-Za-z\\-]sim)!?(?=\d[\d.,]*(?:[KMBk]?(?![A-Za-z\d])|times|×))", "∼"),
        (_after(r"[\d×]", "sim", r" ?(?=\d)"), "∼"),
    ),
    _rules("approx", (_alone("approx", r"(?=\d)"), "≈")),
    _rules("pm", (_after(r"\d", "pm", r"(?=\d)"), "±")),
    _words("infty", "infty"),
    _words("leq", "leq"),
    _words("geq", "geq"),
    _words("neq", "neq"),
    _words("arrow", *(word for word in NEVER_ENGLISH if word.endswith("arrow"))),
    _rules("boldsymbol", (_alone("boldsymbol", _VARIABLE), "")),
    _rules("math", (_alone("mathcal", _VARIABLE), ""), (_alone("mathbf", _VARIABLE), "")),
    _rules("{", _WITHIN_FORMULAS),
    _rules("_", _WITHIN_FORMULAS),
    _rules(
        "^",
        _WITHIN_FORMULAS,
        (rf"{_GREEK}(?=\^[\d{{*+])", _greek),
        (
            r"(?P<mark>\^)(?<=[\w)\]|∇]\^)\s?(?P<body>\{[^{}]{1,60}\}|-?\d+|[*+]|[A-Za-z](?![A-Za-z]))",
            _script,
        ),
    ),
    _rules(
        "_",
        (rf"{_GREEK}(?=_(?:\d|\{{|[a-z](?!\w)))", _greek),
        (r"(?P<mark>_)(?<=[\w)\]]_)(?P<body>\{[^{}]{1,60}\})", _script),
        (
            r"(?<![^\W\d])(?<![\\@./])(?:[^\W\d_]|log)(?P<mark>_)(?P<body>\d+(?:\.\d+)?|[A-Za-z])(?!\w)",
            _indexed,
        ),
    ),
    _rules(
        "{",
        (r"\{(?P<name>times|sim|pm|leq|geq|deg)(?P<dot>)\}", _macro),
        (r"\{([^\x00-\x7f])\}", r"\1"),
    ),
)
"""Symbols, exponents and indices; never inside an address."""
