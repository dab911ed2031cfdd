"""The modal for looking at papers: a field, quick choices, what was found; and the one for a single paper.

p:find                            the modal
p:find:words                      its field
p:find:ask:<n>                    a quick choice; the value is a command without its `/paper`
p:find:more:<n>, p:find:page:…    what stands below each paper and below a list, see controls.py
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from adapters.slack.controls import button
from adapters.slack.layout import Block, actions, context, divider, plain
from adapters.slack.views import View, field, modal, spread, unpacked
from bot.domain.posts import Notice, PaperCard, Post

FIND = "p:find"
WORDS = f"{FIND}:words"
LONGEST = 200
"""Characters of a search; a page button has to carry it."""
PER_PAGE = "limit:10"
_PAGING = re.compile(r"(?<!\S)(?:limit|page):\S*", re.IGNORECASE)
CHOICES = (
    ("Today", f"today {PER_PAGE}"),
    ("This week", f"week {PER_PAGE}"),
    ("Trending", f"trending {PER_PAGE}"),
    ("My saved papers", f"saved me {PER_PAGE}"),
    ("Random", "random"),
)
EXAMPLES = 'Words, "a phrase", -without; also author:hinton since:2025-01 has:code min:20'
RESULTS = 80
"""Blocks for what was found."""
CARD = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """What a modal shows, kept in it: opened in which channel, and the answer to which command."""

    channel: str = ""
    asked: str = ""
    paper: str = ""
    """Set when it is all about one paper."""

    @classmethod
    def of(cls, view: Mapping[str, Any]) -> Self:
        """As it travelled with a view."""
        known = {one.name for one in fields(cls)}
        return cls(**{k: v for k, v in unpacked(view).items() if k in known and isinstance(v, str)})


def search_view(
    looking: Looking, posts: Sequence[Post] = (), *, note: Notice | None = None, doing: str = ""
) -> View:
    """The field, the quick choices, and below them what was found or a word on what is being `doing`."""
    blocks = [_field(focused=not posts and not doing), _choices()]
    if doing:
        blocks.append(context(doing))
    if note:
        blocks += spread([note], 4, f"{FIND}:note")
    if posts:
        blocks += [divider(), *spread(posts, RESULTS, FIND)]
    return modal("Search papers", blocks, id=FIND, submit="Search", state=asdict(looking))


def paper_view(looking: Looking, posts: Sequence[Post], *, note: Notice | None = None) -> View:
    """All about one paper."""
    blocks = spread([note], 4, f"{FIND}:note") if note else []
    return _aside(looking, [*blocks, *spread(posts, CARD, FIND)])


def waiting(looking: Looking) -> View:
    """What stands there while a paper is looked up."""
    return _aside(looking, [context("Looking it up …")])


def _aside(looking: Looking, blocks: Sequence[Block]) -> View:
    return modal("Paper", blocks, id=FIND, state=asdict(looking))


def again(asked: str, posts: Sequence[Post]) -> str:
    """The command that shows the same once more: what came by chance is asked for by its name."""
    for post in posts:
        if isinstance(post, PaperCard):
            return f"show {post.entry.paper.id}"
    return asked


def search_for(words: str) -> str:
    """The command for what was typed in the field; how many stand on a page is not for typing."""
    wanted = _PAGING.sub(" ", words[:LONGEST])
    return f"search {' '.join(wanted.split())} {PER_PAGE}"


def _field(*, focused: bool) -> Block:
    element = {
        "type": "plain_text_input",
        "max_length": LONGEST,
        "placeholder": plain("vision language"),
        "focus_on_load": focused,
        "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]},
    }
    return field(WORDS, "What are you looking for?", element, hint=EXAMPLES, at_once=True)


def _choices() -> Block:
    ready = [
        button(f"{FIND}:ask:{n}", label, value=text) for n, (label, text) in enumerate(CHOICES)
    ]
    return actions(ready)
