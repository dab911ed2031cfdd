"""What costly work came to is found again, for a while."""

from bot.domain.posts import Notice
from bot.domain.recent import Recent


class Work:
    """Says how often it was done."""

    done = 0

    def __call__(self) -> int:
        self.done += 1
        return self.done


def test_work_on_one_thing_is_done_once_in_each_way() -> None:
    """Another way is other work, and so is an equal thing that is not the same."""
    work, recent = Work(), Recent[int]()
    post, equal = Notice(text="Hello"), Notice(text="Hello")
    assert [recent.of(post, "plain", work) for _ in range(3)] == [1, 1, 1]
    assert recent.of(post, "bold", work) == 2
    assert recent.of(equal, "plain", work) == 3
    assert recent.of(post, "plain", work) == 1


def test_what_was_long_not_asked_for_is_forgotten() -> None:
    """However many things there are, few are held; and none is taken for another that is gone."""
    work, recent = Work(), Recent[int](2)
    posts = [Notice(text=str(n)) for n in range(3)]
    assert [recent.of(post, "", work) for post in posts] == [1, 2, 3]
    assert recent.of(posts[2], "", work) == 3
    assert recent.of(posts[1], "", work) == 2
    assert recent.of(posts[0], "", work) == 4
    results = {recent.of(Notice(text=str(n)), "", work) for n in range(1_000)}
    assert len(results) == 1_000
