"""Which papers a channel gets, and how they fill its messages."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.digest import Choice, choose, lay_out, measure, passes, split
from bot.domain.papers import Paper, PaperId
from bot.domain.ports import Budget
from bot.domain.posts import Digest, Entry, PaperCard
from bot.domain.subscriptions import STANDARD, Layout, Terms
from bot.editions import Selection


def paper(number: int, **facts: object) -> Paper:
    known: dict[str, object] = {"title": f"Paper {number}", "upvotes": 100 - number} | facts
    return Paper(id=PaperId(f"2501.{number:05}"), **known)  # type: ignore[arg-type]


def posts_of(papers: list[Paper], terms: Terms, budget: Budget) -> tuple[Digest | PaperCard, ...]:
    wanted = terms.resolved(STANDARD)
    selection = Selection(key="daily:x", title="Daily Papers", more="date x", papers=tuple(papers))
    return lay_out(selection, choose(papers, wanted, ()), wanted, budget)


papers = st.lists(
    st.builds(
        paper,
        st.integers(0, 99_999),
        title=st.text(max_size=2_000),
        ai_summary=st.text(max_size=1_000),
        abstract=st.text(max_size=500),
        upvotes=st.integers(0, 500),
    ),
    max_size=200,
    unique_by=lambda p: p.id,
)
budgets = st.builds(Budget, entries=st.integers(1, 50), characters=st.integers(1, 10_000))


@given(papers, budgets)
@settings(max_examples=60, deadline=None)
def test_no_paper_is_lost_between_parts_and_no_part_is_too_big(
    found: list[Paper], budget: Budget
) -> None:
    """Whatever the texts, each paper stands in one part; a part is full only by one paper too long for any."""
    posts = posts_of(found, Terms(top=200), budget)
    shown = [entry.paper.id for post in posts for entry in post.entries]
    assert shown == [one.id for one in found]
    for post in posts:
        assert len(post.entries) <= budget.entries
        size = sum(measure(entry) for entry in post.entries)
        assert size <= budget.characters or len(post.entries) == 1


@given(papers)
@settings(max_examples=30, deadline=None)
def test_numbers_run_through_all_parts(found: list[Paper]) -> None:
    """People react with these numbers, so no two papers of an edition share one."""
    posts = posts_of(found, Terms(top=200), Budget(entries=7, characters=3_000))
    numbers = [entry.number for post in posts for entry in post.entries]
    assert numbers == list(range(1, len(found) + 1))


def test_what_was_posted_is_not_posted_again_and_the_next_ones_move_up() -> None:
    """The top is counted after repeats are gone."""
    found = [paper(n) for n in range(6)]
    choice = choose(found, Terms(top=3).resolved(STANDARD), {found[0].id, found[2].id})
    assert [p.id for p in choice.papers] == [found[n].id for n in (1, 3, 4)]
    assert (choice.repeated, choice.left_out, choice.filtered, choice.total) == (2, 1, 0, 6)


def test_filters_match_words_not_parts_of_them() -> None:
    """`RL` is not in "world"; `survey` finds surveys; a phrase spans hyphens; the abstract counts."""
    one = paper(1, title="World models", abstract="Two surveys of text-to-image work.")
    assert not passes(one, Terms(include=("RL",)))
    assert passes(one, Terms(include=("rl", "survey")))
    assert passes(one, Terms(include=("text to image",)))
    assert not passes(one, Terms(exclude=("survey",)))
    assert not passes(one, Terms(min=100))
    assert passes(paper(2, keywords=("diffusion",)), Terms(include=("Diffusion",)))


def test_filter_words_are_never_read_as_patterns() -> None:
    """What people type is matched as it is."""
    assert passes(paper(1, title="C++ and f(x)"), Terms(include=("c++",)))
    assert not passes(paper(1, title="C and f(x)"), Terms(include=(".*",)))


def test_silence_has_a_reason() -> None:
    """Nothing to show is told apart by why."""
    assert Choice().why_nothing == "no list that day"
    found = [paper(n) for n in range(3)]
    strict = Terms(min=1000, top=10).resolved(STANDARD)
    assert choose(found, strict, ()).why_nothing == "filters removed 3 of 3"
    seen = {p.id for p in found}
    assert choose(found, STANDARD, seen).why_nothing == "3 of 3 were posted here before"
    assert posts_of([], Terms(), Budget()) == ()


def test_what_is_left_out_is_told_with_the_way_to_see_it() -> None:
    """A short digest hides nothing."""
    (digest,) = posts_of([paper(n) for n in range(5)], Terms(top=2, min=96), Budget())
    assert digest.notes[0] == ("Not shown: 3 more with fewer votes. See all: `/paper date x`")
    assert isinstance(digest, Digest)
    assert digest.subtitle == "2 of 5 papers"


def test_a_thread_is_the_digest_and_a_reply_for_each_paper() -> None:
    """All layouts show the same papers with the same numbers."""
    found = [paper(n) for n in range(3)]
    digest, *cards = posts_of(found, Terms(layout=Layout.THREAD), Budget())
    assert isinstance(digest, Digest)
    assert [card.entries[0] for card in cards] == list(digest.entries)


def test_cards_are_a_heading_and_a_message_for_each_paper() -> None:
    """So that one emoji on a message is about one paper."""
    heading, *cards = posts_of([paper(n) for n in range(3)], Terms(layout=Layout.CARDS), Budget())
    assert isinstance(heading, Digest)
    assert heading.entries == ()
    assert [card.entries[0].number for card in cards] == [1, 2, 3]


def test_an_entry_that_fits_nowhere_stands_alone() -> None:
    """A budget smaller than one paper still loses none."""
    entries = [Entry(paper=paper(n), number=n) for n in range(3)]
    assert [len(group) for group in split(entries, Budget(entries=10, characters=1))] == [1, 1, 1]
