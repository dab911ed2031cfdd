"""What counts as news of a paper, and what was said before does not."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.watching import State, compare
from tests.support.fakes import paper

CODE = "https://github.com/lab/code"
states = st.builds(
    State,
    code=st.booleans(),
    stars=st.none() | st.integers(0, 10**7),
    summary=st.booleans(),
    upvotes=st.sampled_from((0, 100, 250, 500, 1_000)),
)
seen = st.builds(
    lambda code, stars, summary, upvotes: paper(
        upvotes=upvotes, stars=stars, ai_summary=summary, code_url=CODE if code else None
    ),
    st.booleans(),
    st.none() | st.integers(0, 10**7),
    st.sampled_from(("", "In short.")),
    st.integers(0, 5_000),
)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({}, {"code_url": CODE}, ("Code was released.",)),
        ({}, {"code_url": CODE, "stars": 12}, ("Code was released, 12 stars so far.",)),
        (
            {"code_url": CODE, "stars": 100},
            {"code_url": CODE, "stars": 1_150},
            ("Its code has 1,150 stars, up from 100.",),
        ),
        ({"code_url": CODE, "stars": 100}, {"code_url": CODE, "stars": 149}, ()),
        ({"code_url": CODE, "stars": 1_000}, {"code_url": CODE, "stars": 1_499}, ()),
        ({"code_url": CODE}, {"code_url": CODE, "stars": 900}, ()),
        ({}, {"ai_summary": "In short."}, ("It has an AI summary now.",)),
        ({"upvotes": 99}, {"upvotes": 101}, ("It passed 100 upvotes: 101 by now.",)),
        ({"upvotes": 99}, {"upvotes": 600}, ("It passed 500 upvotes: 600 by now.",)),
        ({"upvotes": 101}, {"upvotes": 249}, ()),
        ({"upvotes": 101}, {"upvotes": 3}, ()),
    ],
)
def test_a_change_is_said_in_a_sentence(
    before: dict[str, object], after: dict[str, object], said: tuple[str, ...]
) -> None:
    """Small steps are none."""
    assert compare(State.of(paper(**before)), paper(**after))[0] == said  # type: ignore[arg-type]


def test_stars_that_grow_slowly_are_told_of_in_the_end() -> None:
    """They are counted from where they were when they were last spoken of."""
    one = paper(code_url=CODE, stars=100)
    state, told = State.of(one), []
    for stars in range(100, 401, 10):
        said, state = compare(state, replace(one, stars=stars))
        told += said
    assert told == [
        "Its code has 150 stars, up from 100.",
        "Its code has 230 stars, up from 150.",
        "Its code has 350 stars, up from 230.",
    ]


@given(states)
def test_a_state_is_kept_as_a_line(state: State) -> None:
    """Which fits where it is kept, and is read back the same."""
    assert State.parse(str(state)) == state
    assert len(str(state)) <= 64


@given(states, seen)
def test_nothing_is_said_twice(before: State, now: object) -> None:
    """Looking again at the same paper finds no news."""
    _, after = compare(before, now)  # type: ignore[arg-type]
    assert compare(after, now) == ((), after)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", [None, "", "2025-05-22", "code=2 stars= summary=0 upvotes=0"])
def test_what_is_no_state_is_none(text: str | None) -> None:
    """Then the paper is looked at as if for the first time."""
    assert State.parse(text) is None
