"""Titles and abstracts are cleaned: what Hugging Face mangles is read, what is meant as it is stays."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.huggingface.symbols import NEVER_ENGLISH
from adapters.huggingface.text import LIMIT, clean


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("a 3times speedup", "a 3× speedup"),
        ("up to 2.3\\times greater", "up to 2.3× greater"),
        ("on ImageNet 64times64 and 512 times 512", "on ImageNet 64×64 and 512×512"),
        ("8timesA800 GPUs, 7{times} faster", "8×A800 GPUs, 7× faster"),
        ("in R^{d times d}", "in R^(d×d)"),
        ("Paris rightarrow France (0.73rightarrow0.90)", "Paris → France (0.73→0.90)"),
        (
            "360^circ video, 360^\\circ, 360{\\deg}, 360^circtimes180^circ",
            "360° video, 360°, 360°, 360°×180°",
        ),
        ("Towards infty-LLMs", "Towards ∞-LLMs"),
        ("VCT^2, SL^{2}A and A^2RD", "VCT², SL²A and A²RD"),
        ("FaSTA^*: a plan", "FaSTA*: a plan"),
        ("UI2Code^N writes", "UI2Codeᴺ writes"),
        ("L_2 and V_{0.5}, G_{stack} grows", "L₂ and V0.5, G_stack grows"),
        ("pi_0 and pi_{0.5}; tau^2-Bench", "π₀ and π0.5; τ²-Bench"),
        ("2^{18} codes in O(n^{-1/2})", "2¹⁸ codes in O(n^(-1/2))"),
        ("texttt{D}ual-texttt{H}ead", "Dual-Head"),
        ("R^textbf{2AI}", "R²AI"),
        ("on sim20% and {sim}11%, 20sim40 years", "on ∼20% and ∼11%, 20∼40 years"),
        ("leq5% but geq 90%", "≤5% but ≥ 90%"),
        ("O(N^2 cdot T) and lceil log_2 N rceil", "O(N² · T) and ⌈ log₂ N ⌉"),
        ("$\\alpha$-Flow and A$^2$Search", "α-Flow and A²Search"),
        ("employing boldsymbol v-prediction", "employing v-prediction"),
    ],
)
def test_mangled_formulas_are_read(raw: str, read: str) -> None:
    """Commands that lost their dollar and their backslash are symbols again."""
    assert clean(raw) == read


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("54.6\\% of Q\\&A and a\\_b", "54.6% of Q&A and a_b"),
        ("we call it \\textbf{X \\emph{Y}} and {\\em Z}", "we call it X Y and Z"),
        ("see \\url{https://a.org/b_c}.", "see https://a.org/b_c."),
        ("\\href{https://a.org}{our page}", "our page (https://a.org)"),
        ("at https://a.io/x{https://a.io/x}.", "at https://a.io/x."),
        ("at https://a.io/x{this https URL}.", "at https://a.io/x."),
        ("the https://a.io/x{project page}.", "the project page (https://a.io/x)."),
        ("a ``good'' idea", "a “good” idea"),
        (
            "Models~(LLMs) in Fig.~3, ~9 tokens, 75%~89%",
            "Models (LLMs) in Fig. 3, ~9 tokens, 75%~89%",
        ),
        (
            'Pok\\\'emon, Schr\\"odinger, na\\"{\\i}ve, It\\^o, \\c{c}a',
            "Pokémon, Schrödinger, naïve, Itô, ça",
        ),
        ('the query\\\'s and \\"quoted\\" words', 'the query\'s and "quoted" words'),
        ("a way -- or two -- of 1--3", "a way – or two – of 1–3"),
        ("({\\Delta}G) in \\( O(n^3) \\)", "(ΔG) in O(n³)"),
        ("(\\eg, this), \\etc.", "(e.g., this), etc."),
        ("costs \\$0.34 or roughly \\1 a day", "costs $0.34 or roughly $1 a day"),
        ("E\\textsuperscript{2}R", "E²R"),
    ],
)
def test_tex_that_was_left_is_read(raw: str, read: str) -> None:
    """Outside formulas Hugging Face leaves TeX as authors wrote it."""
    assert clean(raw) == read


@pytest.mark.parametrize(
    "text",
    [
        "It costs $5 and $10, under $0.1, 4$ an hour, $200k",
        "sometimes, lifetimes, 3 times, 10timesteps, an 8-times expansion",
        "numpy.infty, infty_norm, my_infty",
        "snake_name, gs_stitching, pi_controller, L_2_norm, __init__",
        "sim2real transfer in Habitat-sim, simple and similar",
        "tau-bench, delta parameters, Phi-4, public beta, alpha blending",
        "narrow gaps, circuits, a 360-degree view, 5pm",
        "from left to right, to be or not to be, top",
        "https://a.io/L_2/x^2~b--c_1?q=3times and www.a.io/pi_0",
        "run --help -- no, x-->y <!-- z -->".replace(" -- ", " "),
        "P(y|x), Pass@1, `code`, [1], S*, @everyone, <think>",
        "we introduce \\method, see \\cite{x}",
        "``unclosed, {unclosed, $unclosed",
        "ICLR'25 isn't over; a set {a, b}",
        "日本語 العربية עברית हिन्दी ภาษาไทย Tiếng Việt",
    ],
)
def test_what_is_meant_stays(text: str) -> None:
    """Money, English, identifiers, addresses and other scripts are left alone."""
    assert clean(text) == text


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("A Title\n  Wrapped   by arXiv\t", "A Title Wrapped by arXiv"),
        ("nul\0 and bell\a and \x9bC1", "nul and bell and 1"),
        ("\x1b[31mred\x1b[0m \x1b]8;;https://evil\x07link\x1b\\", "red link"),
        (
            "\u202eevil\u202c \u2066x\u2069 zero\u200bwidth \ufeffbom so\u00adft",
            "evil x zerowidth bom soft",
        ),
        ("tag\U000e0041s and \u3164fillers\u2800", "tags and fillers"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("cafe\u0301", "café"),
        ("z" + "\u0335" * 40 + "algo", "z" + "\u0335" * 4 + "algo"),
        ("a\u2028b\u00a0c\u3000d", "a b c d"),
        (" \0 \u200b ", ""),
    ],
)
def test_nothing_invisible_or_commanding_is_left(raw: str, read: str) -> None:
    """No control codes, no direction changes, nothing a reader cannot see."""
    assert clean(raw) == read


TEXTISH = st.lists(
    st.one_of(
        st.text(max_size=8),
        st.sampled_from(
            [
                "\\textbf{",
                "{",
                "}",
                "^",
                "^{",
                "_",
                "_{",
                "$",
                "$^",
                "\\",
                "\\'",
                '\\"',
                "``",
                "''",
                "~",
                "--",
                "---",
                "3",
                "times",
                "sim",
                "circ",
                "^circ",
                "rightarrow",
                "infty",
                "leq",
                "pi",
                "pi_",
                "L_2",
                "\\frac{",
                "\\url{",
                "\\href{",
                "\\(",
                "\\)",
                "https://a.b/",
                "a",
                "b",
                "\\%",
                "\\$",
                "\\1",
                "\\eg",
                "\\alpha",
                "{\\em",
                "x",
                "0.5",
                "\\i",
                "={",
                "}",
            ]
        ),
    ),
    max_size=25,
).map("".join)


@settings(max_examples=400, deadline=None)
@given(TEXTISH)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    """So it does not matter how often a text passes by."""
    once = clean(text)
    assert clean(once) == once


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=60), TEXTISH))
def test_any_text_comes_out_fit_to_print(text: str) -> None:
    """One line, printable, encodable, normalised, never an error."""
    result = clean(text)
    assert result.isprintable()
    assert "  " not in result
    assert result == result.strip()
    assert unicodedata.is_normalized("NFC", result)
    result.encode()


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz ABC.,;:!?()'", max_size=200))
def test_plain_prose_only_loses_white_space(text: str) -> None:
    """Without a digit or a sign of TeX there is nothing to read into it, but for words that only TeX has."""
    if not any(word in text for word in NEVER_ENGLISH):
        assert clean(text) == " ".join(text.split())


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text",
    [
        "\\textbf{" * 3_000,
        "\\te" * 5_000 + "xtbf{x}" * 500,
        "^{" * 5_000 + "2" + "}" * 5_000,
        "$\\a" * 6_000,
        "(\\(x" * 5_000,
        "360^circtimes" * 2_000,
        "https://a{" * 2_000,
        "e" + "\u0301" * 30_000,
        "\\textsuperscript{" * 1_000 + "}" * 1_000,
        "\x1b[" * 10_000,
        "\x9d" * 20_000,
        "\\te" * 60 + "\\textbf{xtbf}" + "{xtbf}" * 59 + "{x}",
    ],
)
def test_hostile_text_costs_little(text: str) -> None:
    """Nested, unbalanced and endless TeX is bounded in length and ends soon."""
    result = clean(text)
    assert len(result) <= LIMIT
    assert clean(result) == result
