"""Papers as bad as they come: titles that ping, break out, hide, overflow, or are not there."""

from datetime import date
from typing import Any

from hypothesis import strategies as st

from bot.domain.papers import Paper, PaperId

BAD = (
    "@everyone @here <@1234567890123456789> <@&1234567890123456789> <#123456789012345678>",
    "](https://evil.example) [click](https://evil.example) <https://evil.example>",
    "# heading\n> quote\n- list\n1. list\n-# small",
    "||spoiler|| **bold** _it_ ~~no~~ `code` ```\nblock",
    "<t:0:R> <:name:123456789012345678> </paper:123456789012345678> :smile: discord.gg/abc",
    "\u202eright to left\u202c \u0000\u0007\u200b\ufeff",
    "$\\alpha_{1}$ ∈ ℝ" + "*" * 2_000,
    "👩‍👩‍👧‍👦" * 300,
    "z̷̡̛͙͎̟͇͈̪̗͈͎̈́͊̈́̽͛̔͠" * 30,
    "",
    " \n\t ",
    "a" * 2_000,
    "文" * 1_000,
)
texts = st.one_of(
    st.sampled_from(BAD), st.text(max_size=120), st.text("*_`[]<>@#|~:\\\n", max_size=400)
)
addresses = st.one_of(
    st.none(),
    st.sampled_from(
        (
            "https://github.com/a/b",
            "http://plain.example",
            "javascript:alert(1)",
            "https://u:p@evil.example/",
            "https://[::1",
            "https://e.example/" + "x" * 3_000,
            "https://e.example/a b)(c\n",
            "\ud800",
            "",
        )
    ),
)


class Pile(tuple[Paper, ...]):
    """Papers that do not print themselves in full when a test fails."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{len(self)} papers of {[repr(paper)[:400] for paper in self[:4]]}"


@st.composite
def papers(draw: st.DrawFn, most: int = 200) -> Pile:
    """0 to `most` papers, drawn from a few hostile ones so that many are cheap to make."""
    few = draw(
        st.lists(st.tuples(texts, texts, texts, addresses, addresses), min_size=1, max_size=4)
    )
    number = draw(st.integers(0, most))
    people = tuple(draw(st.lists(texts, max_size=3)))
    return Pile(hostile_paper(n, few[n % len(few)], people) for n in range(number))


def hostile_paper(n: int, parts: Any, people: tuple[str, ...] = ()) -> Paper:
    """Number `n`, from title, abstract, summary and two addresses."""
    title, abstract, summary, code, thumbnail = parts
    return Paper(
        id=PaperId(f"2511.{n + 1:05}"),
        title=title,
        abstract=abstract,
        ai_summary=summary,
        authors=people * 20,
        keywords=people,
        organization=title,
        code_url=code,
        project_url=code,
        thumbnail=thumbnail,
        stars=n * 997,
        upvotes=n * 10_007,
        comments=n,
        published=date(2025, 11, 1),
    )
