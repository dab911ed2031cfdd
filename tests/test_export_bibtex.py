"""BibTeX that classic bibtex, biber and the parsers of others read, with text that TeX prints as it was."""

import pytest
from hypothesis import example, given, settings

from bot.domain.library import Marks, SavedPaper
from bot.domain.posts import Remark
from bot.exporting import Format, export
from bot.exporting.bibtex import author
from bot.exporting.names import split
from bot.exporting.references import one_line
from bot.exporting.symbols import CHARACTERS
from bot.exporting.tex import escape, escape_title
from tests.support.exports import ANN, hostile, printed, read_bibtex, untex, written
from tests.support.fakes import NOW, paper
from tests.test_export import CLIP


def title_of(text: str) -> str:
    """As it stands in the file."""
    (entry,) = read_bibtex(written(Format.BIBTEX, paper(title=text)))
    return str(entry.fields["title"])


def balanced(text: str) -> bool:
    """Braces as BibTeX counts them: a backslash before one changes nothing."""
    depth = 0
    for char in text:
        depth += {"{": 1, "}": -1}.get(char, 0)
        if depth < 0:
            return False
    return depth == 0


def test_bibtex_of_a_paper() -> None:
    """What arXiv's own entry has, and what people put on it."""
    marks = Marks(tags=("vision", "a, b"), remarks=(Remark("50% {off}"),))
    text = export([SavedPaper(CLIP, (ANN,), NOW, marks)], Format.BIBTEX).content.decode()
    assert text == (
        "@misc{radford2021learningtransferable,\n"
        "  title = {Learning Transferable Visual Models From Natural Language Supervision},\n"
        "  author = {Radford, Alec and Kim, Jong Wook},\n"
        "  year = {2021},\n"
        "  month = feb,\n"
        "  eprint = {2103.00020},\n"
        "  archivePrefix = {arXiv},\n"
        "  doi = {10.48550/arXiv.2103.00020},\n"
        "  url = {https://arxiv.org/abs/2103.00020},\n"
        "  keywords = {vision, a b},\n"
        "  annote = {50\\% {\\textbraceleft}off{\\textbraceright}},\n"
        "}\n"
    )


def test_without_a_date_the_id_tells_when() -> None:
    """Year and month."""
    (entry,) = read_bibtex(written(Format.BIBTEX, paper("2505.00001")))
    assert (entry.fields["year"], entry.fields["month"]) == ("2025", "may")
    assert "author" not in entry.fields


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Laurens van der Maaten", "van der Maaten, Laurens"),
        ("Hal Daumé III", r"Daum{\'e}, III, Hal"),
        ("Blaise Aguera y Arcas", "{Aguera y Arcas}, Blaise"),
        ("Mark Van der Merwe", "{Van der Merwe}, Mark"),
        ("Flor Miriam Plaza-del-Arco", "{Plaza-del-Arco}, Flor Miriam"),
        ("Luc Van Gool", "Van Gool, Luc"),
        ("Loubna Ben allal", "Ben allal, Loubna"),
        ("yuelin bai", "bai, yuelin"),
        ("GLM-5 Team", "{GLM-5 Team}"),
        ("R&D Team_1", r"{R\&D Team\_1}"),
        ("Salt and Pepper", "{Salt and Pepper}"),
        ("others", "{others}"),
        ("李明", "{李明}"),
        ("Đặng Łukasz", r"{\L}ukasz, {\DJ}ặng"),
        ("{\\input{x}} = π²™", "π, inputx"),
        ("$= {}", ""),
    ],
)
def test_names_are_taken_apart_as_meant(text: str, written: str) -> None:
    """What must stay whole is in braces, and initials can be cut off everywhere else."""
    assert author(split(text)) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Fast & Furious: 50% of P_1 #1", r"Fast \& Furious: 50\% of {P\_1} \#1"),
        ("~ ^ \\ { }", r"{\textasciitilde} {\textasciicircum} {\textbackslash} {\textbraceleft} {\textbraceright}"),
        ("< > | `", r"{\textless} {\textgreater} {\textbar} {`}"),
        ("naïve Ångström Žižek ı", r"na{\"i}ve {\AA}ngstr{\"o}m {\v{Z}}i{\v{z}}ek {\i}"),
        ("Nets of Π and π₀ in O(n²)", r"Nets of {{$\Pi$}} and {$\pi$}{\textsubscript{0}} in {O(n{\textsuperscript{2}}})"),
        ("“Quoted” – it’s 3 × 4…", r"``Quoted'' -- it's 3 {$\times$} 4{\ldots}"),
        ("a--b ''c'' ,,d", "a-{}-b '{}'c'{}' ,{},d"),
        ("大模型 and ế", "大模型 and ế"),
    ],
)  # fmt: skip
def test_text_is_escaped(text: str, written: str) -> None:
    """TeX in ASCII for Latin letters and formulas; other scripts stay UTF-8."""
    assert title_of(text) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (r"On $\ell_2$-norms and $\mathcal{O}(n \log n)$", r"On {$\ell_2$}-norms and {$\mathcal{O}(n \log n)$}"),
        (r"$x_{ij}^2 = \frac{a}{b}$", r"{$x_{ij}^2 = \frac{a}{b}$}"),
        ("Training in $200k", r"Training in \$200k"),
        ("From $5 to $10", r"From \$5 to \$10"),
        ("Bugs for 1$: Cheap$", r"Bugs for 1\$: Cheap\$"),
        ("US $ and A$", r"{US} \$ and A\$"),
        (r"$\input{/etc/passwd}$", r"\${\textbackslash}input{\textbraceleft}/etc/passwd{\textbraceright}\$"),
        ("$x^2^3$ $x_$ $a%b$ ${$", r"\$x{\textasciicircum}2{\textasciicircum}3\$ \$x\_\$ \$a\%b\$ \${\textbraceleft}\$"),
        ("$money and love$", r"\$money and love\$"),
    ],
)  # fmt: skip
def test_formulas_stay_and_prices_do_not_become_one(text: str, written: str) -> None:
    """Only what TeX can certainly set is left between dollars."""
    assert escape_title(text) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("CLIP: A New GPT-4o for U-Nets", "{CLIP}: A New {GPT}-4o for {U}-{Nets}"),
        ("Bayesian LLM's iPhone 3D T5", "{Bayesian} {LLM}'s {iPhone} {3D} {T5}"),
        ("A study of birds in Paris: They sing", "A study of birds in {Paris}: They sing"),
        ("Attention Is All You Need", "Attention Is All You Need"),
        ("(VCT²) “BERT”", r"({VCT{\textsuperscript{2}}}) ``{BERT}''"),
        ("ÉCOLE", r"{{\'E}COLE}"),
    ],
)
def test_capitals_that_matter_are_kept(text: str, written: str) -> None:
    """Abbreviations and names; colons stay outside, where BibTeX looks for the end of a sentence."""
    assert escape_title(text) == written


@settings(max_examples=300)
@given(hostile)
@example("-‑—'’\"``''?`!‘,,")
@example("²₂ⁿ")
@example("".join(CHARACTERS))
def test_tex_prints_what_was_written(text: str) -> None:
    """Whatever it is; in balanced braces, on one line."""
    text = one_line(text)
    for tex in (escape(text), escape_title(text)):
        assert balanced(tex)
        assert untex(tex) == printed(text)
        assert "\n" not in tex


def test_huge_papers_are_one_entry() -> None:
    """664 authors, and a title of ten thousand characters."""
    letters = [
        f"{a}{b}" for a in "abcdefghijklmnopqrstuvwxyz" for b in "abcdefghijklmnopqrstuvwxyz"
    ]
    crowd = tuple(f"Given{two} Family{two}" for two in letters[:664])
    (entry,) = read_bibtex(written(Format.BIBTEX, paper(title="{T " * 3_334, authors=crowd)))
    assert len(entry.authors) == 664
    assert len(entry.fields["title"]) > 10_000
