"""What TeX commands, mangled ones too, stand for."""

from functools import cache

GREEK = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "epsilon": "ε",
    "varepsilon": "ε",
    "zeta": "ζ",
    "eta": "η",
    "theta": "θ",
    "kappa": "κ",
    "lambda": "λ",
    "mu": "μ",
    "nu": "ν",
    "xi": "ξ",
    "pi": "π",
    "rho": "ρ",
    "sigma": "σ",
    "tau": "τ",
    "phi": "φ",
    "varphi": "φ",
    "chi": "χ",
    "psi": "ψ",
    "omega": "ω",
    "Gamma": "Γ",
    "Delta": "Δ",
    "Theta": "Θ",
    "Lambda": "Λ",
    "Xi": "Ξ",
    "Pi": "Π",
    "Sigma": "Σ",
    "Phi": "Φ",
    "Psi": "Ψ",
    "Omega": "Ω",
    "ell": "ℓ",
    "nabla": "∇",
}
"""Many are words of their own (`tau-bench`, `delta parameters`): read as Greek only before an index."""

NEVER_ENGLISH = {
    "infty": "∞",
    "leq": "≤",
    "geq": "≥",
    "neq": "≠",
    "propto": "∝",
    "cdot": "·",
    "nabla": "∇",
    "varepsilon": "ε",
    "rightarrow": "→",
    "leftarrow": "←",
    "Rightarrow": "⇒",
    "Leftarrow": "⇐",
    "leftrightarrow": "↔",
    "longrightarrow": "→",
    "uparrow": "↑",
    "downarrow": "↓",
    "lceil": "⌈",
    "rceil": "⌉",
    "lfloor": "⌊",
    "rfloor": "⌋",
    "ldots": "…",
    "cdots": "⋯",
}
"""Commands that can be told even without their backslash, standing alone."""

MACROS = {
    **GREEK,
    "dots": "…",
    "deg": "°",
    "sim": "∼",
    "cdot": "·",
    "langle": "⟨",
    "rangle": "⟩",
    "i": "ı",
    "textless": "<",
    "textgreater": ">",
    "textasciitilde": "∼",
    "textbackslash": "",
    "LaTeX": "LaTeX",
    "TeX": "TeX",
    "eg": "e.g.",
    "ie": "i.e.",
    "etc": "etc.",
    "log": "log",
    "max": "max",
    "min": "min",
    "mid": "|",
}

ACCENTS = dict(
    zip(
        "'`^\"~.cvuHrk",
        "\u0301\u0300\u0302\u0308\u0303\u0307\u0327\u030c\u0306\u030b\u030a\u0328",
        strict=True,
    )
)
"""The combining mark of each accent command."""

_SCRIPTS = {
    "^": dict(
        zip(
            "0123456789+-=()ABDEGHIJKLMNOPRTUWabcdefghijklmnoprstuvwxyz",
            "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁᵂᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ",
            strict=True,
        )
    ),
    "_": dict(
        zip("0123456789+-=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True)
    ),
}


def macro(name: str) -> str | None:
    """The symbol of `\\name`; None for what only its author can know."""
    return MACROS.get(name) or NEVER_ENGLISH.get(name) or _unicodeit().get("\\" + name)


def scripted(mark: str, body: str) -> str:
    """`body` as an index (mark `_`) or exponent (`^`), in small characters if all of it has them."""
    body = body.strip()
    small = _SCRIPTS[mark]
    if all(c in small for c in body) and (len(body) == 1 or not body.isalpha()):
        return "".join(small[c] for c in body)
    if body in ("*", "′") or (mark == "_" and body.replace(".", "", 1).isdecimal()):
        return body
    return mark + body if body.isalnum() else f"{mark}({body})"


@cache
def _unicodeit() -> dict[str, str]:
    """Its table only: its function takes every hyphen for a minus and `snake_name` for an index."""
    from unicodeit.data import REPLACEMENTS

    return dict(REPLACEMENTS)
