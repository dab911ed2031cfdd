"""How TeX writes the characters that titles have: ASCII that classic BibTeX, biber and LaTeX's kernel all read."""

import unicodedata

ASCII = {
    "\\": r"{\textbackslash}",
    "{": r"{\textbraceleft}",  # BibTeX counts braces, also those behind a backslash
    "}": r"{\textbraceright}",
    "~": r"{\textasciitilde}",
    "^": r"{\textasciicircum}",
    "<": r"{\textless}",
    ">": r"{\textgreater}",
    "|": r"{\textbar}",
    "`": "{`}",
    **{char: f"\\{char}" for char in "$&#_%"},
}
_LETTERS = {
    "ß": r"{\ss}",
    "ẞ": "SS",
    "æ": r"{\ae}",
    "Æ": r"{\AE}",
    "œ": r"{\oe}",
    "Œ": r"{\OE}",
    "å": r"{\aa}",
    "Å": r"{\AA}",
    "ø": r"{\o}",
    "Ø": r"{\O}",
    "ł": r"{\l}",
    "Ł": r"{\L}",
    "ı": r"{\i}",
    "ð": r"{\dh}",
    "Ð": r"{\DH}",
    "þ": r"{\th}",
    "Þ": r"{\TH}",
    "đ": r"{\dj}",
    "Đ": r"{\DJ}",
    "ŋ": r"{\ng}",
    "Ŋ": r"{\NG}",
}
_MARKS = {
    "\u0300": "`",
    "\u0301": "'",
    "\u0302": "^",
    "\u0303": "~",
    "\u0304": "=",
    "\u0306": "u",
    "\u0307": ".",
    "\u0308": '"',
    "\u030a": "r",
    "\u030b": "H",
    "\u030c": "v",
    "\u0323": "d",
    "\u0327": "c",
    "\u0328": "k",
    "\u0331": "b",
}


def _accented(char: str) -> str | None:
    """`{\\'e}`. Letters with two marks stay as they are: biber would decode the inner one and break the outer."""
    base, *marks = list(unicodedata.normalize("NFD", char))
    if len(marks) != 1 or not (base.isascii() and base.isalpha()) or marks[0] not in _MARKS:
        return None
    command = _MARKS[marks[0]]
    return f"{{\\{command}{{{base}}}}}" if command.isalpha() else f"{{\\{command}{base}}}"


def _accents() -> dict[str, str]:
    letters = (chr(code) for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)))
    return {letter: tex for letter in letters if (tex := _accented(letter))}


_PUNCTUATION = {
    "\u00a0": "~",
    "\u2010": "-",
    "\u2011": "-",
    "–": "--",
    "—": "---",
    "‘": "`",
    "’": "'",
    "“": "``",
    "”": "''",
    "…": r"{\ldots}",
    "•": r"{\textbullet}",
    "©": r"{\textcopyright}",
    "®": r"{\textregistered}",
    "™": r"{\texttrademark}",
    "§": r"{\S}",
    "¶": r"{\P}",
    "£": r"{\pounds}",
    "†": r"{\dag}",
    "‡": r"{\ddag}",
    "¿": "?`",
    "¡": "!`",
    "′": "{$'$}",
    "″": "{$''$}",
    "°": r"{$^\circ$}",
    "−": "{$-$}",
}
_GREEK = {
    letter: f"{{$\\{name}$}}"
    for letters, names in (
        ("αβγδεζηθικλμ", "alpha beta gamma delta varepsilon zeta eta theta iota kappa lambda mu"),
        ("νξπρςστυφχψω", "nu xi pi rho varsigma sigma tau upsilon varphi chi psi omega"),
        ("ΓΔΘΛΞΠΣΥΦΨΩ", "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"),
        ("ϵϑϕϱϖµ", "epsilon vartheta phi varrho varpi mu"),
    )
    for letter, name in zip(letters, names.split(), strict=True)
}
_OPERATORS = {
    symbol: f"{{$\\{name}$}}"
    for symbols, names in (
        ("×·÷±∓∗∘⊕⊗", "times cdot div pm mp ast circ oplus otimes"),
        ("≤≥≠≈≡∼≃∝≪≫", "leq geq neq approx equiv sim simeq propto ll gg"),
        ("→←↔⇒⇐⇔↑↓↦", "to leftarrow leftrightarrow Rightarrow Leftarrow Leftrightarrow uparrow downarrow mapsto"),
        ("∈∉∪∩⊂⊆∅∀∃¬", "in notin cup cap subset subseteq emptyset forall exists neg"),
        ("∞∑∏∫∂∇√ℓ⋯⊥∥", "infty sum prod int partial nabla surd ell cdots perp parallel"),
        ("⌈⌉⌊⌋⟨⟩⋆♠♡♢♣", "lceil rceil lfloor rfloor langle rangle star spadesuit heartsuit diamondsuit clubsuit"),
    )
    for symbol, name in zip(symbols, names.split(), strict=True)
}  # fmt: skip

_ACCENTED = _accents() | _LETTERS
CHARACTERS: dict[str, str] = ASCII | _ACCENTED | _PUNCTUATION | _GREEK | _OPERATORS
"""Every single character that is not written as it is."""

IN_NAMES: dict[str, str] = (
    _ACCENTED
    | dict.fromkeys("\\{}$^~<>|#%=", "")
    | dict.fromkeys("‐‑–—", "-")
    | dict.fromkeys("‘’`", "'")
    | dict.fromkeys("“”", '"')
    | {"&": r"\&", "_": r"\_"}
)
"""Likewise in a name, of which BibTeX and biber make initials and labels: they cut the longer commands in two, and no
name needs them. Letters of other alphabets stay as they are."""

SUPERSCRIPTS = {
    ord(c): unicodedata.normalize("NFKC", c).replace("−", "-")
    for c in "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵃᵇᶜᵈᵉᶠᵍʰʲᵏˡᵐᵒᵖʳˢᵗᵘᵛʷˣʸᶻ"
}
SUBSCRIPTS = {
    ord(c): unicodedata.normalize("NFKC", c).replace("−", "-")
    for c in "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₒₓₕₖₗₘₙₚₛₜᵢᵣᵤᵥⱼ"
}
