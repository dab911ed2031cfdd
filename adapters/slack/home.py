"""The Home tab: saved papers, one's own digest and, for those who administer it, the workspace.

p:home:words                      a field: only papers with these words
p:home:whose:me, p:home:whose:team, p:home:clear, p:home:turn:back, p:home:turn:forth
p:home:export                     a menu of formats
p:home:saved:more:<n>             the menu beside a saved paper, see controls.py
p:home:end:<n>                    ends a subscription; the value is its id
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from hashlib import sha256
from typing import Any, Self

from adapters.slack.controls import button
from adapters.slack.division import row_text
from adapters.slack.layout import Block, actions, context, divider, header, plain, section
from adapters.slack.limits import VALUE, size
from adapters.slack.setup import ME, START
from adapters.slack.views import View, confirmation, option, packed, spread, unpacked
from adapters.slack.views import field as input_field
from bot.domain.posts import Notice, Panel, PaperList, Post, Row

HOME = "p:home"
WORDS = f"{HOME}:words"
LONGEST = 200
PER_PAGE = "10"
SAVED = 34
OWN = 12
"""Subscriptions of one's own that are shown with a button each."""
ORDERS, RUNS = 16, 12
"""Blocks for the workspace's subscriptions, and for its last deliveries."""
NAMES = {
    "bibtex": "BibTeX",
    "ris": "RIS",
    "csl-json": "CSL JSON",
    "csv": "CSV",
    "markdown": "Markdown",
    "json": "JSON",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What somebody chose to see; it travels with the view."""

    whose: str = "me"
    words: str = ""
    page: str = "1"
    turns: str = "0"
    """How often something was chosen: fields are made anew by it."""

    @classmethod
    def of(cls, view: Mapping[str, Any] | None) -> Self:
        """As it travelled with the tab; the beginning when there was none."""
        kept = unpacked(view or {})
        names = [one.name for one in fields(cls)]
        known = {name: kept[name] for name in names if isinstance(kept.get(name), str)}
        return cls(**{**known, **({} if known.get("turns", "0").isdecimal() else {"turns": "0"})})

    def turned(self, **chosen: str) -> Self:
        """With something else chosen; always from the first page unless a page was."""
        turns = str(int(self.turns) + 1)
        return replace(self, **{"page": "1", **chosen, "turns": turns})

    @property
    def options(self) -> Mapping[str, str]:
        """As options of `saved`."""
        return {"whose": self.whose, "words": self.words, "page": self.page, "limit": PER_PAGE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What the tab has to show; each part is an answer of the desk, be it that something failed."""

    saved: Sequence[Post] = ()
    digest: Sequence[Post] = ()
    orders: Sequence[Post] = ()
    """The workspace's subscriptions; with `status` only for those who administer it."""
    status: Sequence[Post] = ()
    formats: Sequence[str] = ()
    command: str = "/paper"
    note: Notice | None = None


def home_view(choice: Choice, content: Content) -> View:
    """The whole tab, at most 100 blocks whatever stands in it."""
    blocks = [
        *_greeting(content),
        *(spread([content.note], 4, f"{HOME}:note") if content.note else ()),
        *_saved(choice, content),
        divider(),
        *_digest(content),
        *_workspace(content),
    ]
    state = asdict(choice) | {"print": fingerprint(blocks)}
    return {
        "type": "home",
        "callback_id": HOME,
        "blocks": blocks,
        "private_metadata": packed(state),
    }


def fingerprint(blocks: Sequence[Block]) -> str:
    """Tells whether two tabs look the same."""
    return sha256(json.dumps(blocks, sort_keys=True).encode()).hexdigest()[:16]


def same(view: View, earlier: Mapping[str, Any] | None) -> bool:
    """Whether a tab looks already as it should."""
    mark = unpacked(earlier or {}).get("print")
    return mark is not None and mark == unpacked(view).get("print")


def _greeting(content: Content) -> list[Block]:
    """For those who have nothing here yet."""
    if _list(content.saved) or any(isinstance(post, Panel) for post in content.digest):
        return []
    text = (
        "*Welcome! I bring Hugging Face Daily Papers to your team.*\n"
        f"To begin, write `{content.command} today` in any conversation."
    )
    return [section(text)]


# --- saved papers


def _saved(choice: Choice, content: Content) -> list[Block]:
    found = _list(content.saved)
    title = "Saved by the team" if choice.whose == "team" else "Your saved papers"
    blocks = [header(title), actions(_switches(choice, content)), _filter(choice)]
    if found is None:
        return [*blocks, *spread(content.saved, 8, f"{HOME}:saved")]
    shown = replace(found, back=None, forth=None, notes=())
    blocks += spread([shown], SAVED, f"{HOME}:saved")[1:]  # it has a header already
    if turns := _turns(found):
        blocks.append(actions(turns))
    return blocks


def _list(posts: Sequence[Post]) -> PaperList | None:
    return next((post for post in posts if isinstance(post, PaperList)), None)


def _switches(choice: Choice, content: Content) -> list[Block]:
    mine = choice.whose != "team"
    whose = f"{HOME}:whose"
    row = [
        button(f"{whose}:me", "Mine", value="me", primary=mine),
        button(f"{whose}:team", "The team’s", value="team", primary=not mine),
    ]
    if choice.words:
        row.append(button(f"{HOME}:clear", "Show all", value="clear"))
    if content.formats:
        row.append(_export(choice, content.formats))
    return row


def _export(choice: Choice, formats: Sequence[str]) -> Block:
    return {
        "type": "static_select",
        "action_id": f"{HOME}:export:{choice.turns}",
        "placeholder": plain("Export as …"),
        "options": [option(NAMES.get(one, one), one) for one in formats],
    }


def _filter(choice: Choice) -> Block:
    element: Block = {
        "type": "plain_text_input",
        "max_length": LONGEST,
        "placeholder": plain("vision language"),
        "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]},
    }
    if choice.words:
        element["initial_value"] = choice.words[:LONGEST]
    label = "Only papers with these words"
    turn = int(choice.turns)
    return input_field(WORDS, label, element, optional=True, at_once=True, turn=turn)


def _turns(found: PaperList) -> list[Block]:
    turn = f"{HOME}:turn"
    row = []
    if found.page > 1:
        row.append(button(f"{turn}:back", "◀ Back", value=str(found.page - 1)))
    if found.page < found.pages:
        row.append(button(f"{turn}:forth", "Next ▶", value=str(found.page + 1)))
    return row


# --- digests


def _digest(content: Content) -> list[Block]:
    panel = next((post for post in content.digest if isinstance(post, Panel)), None)
    blocks: list[Block] = [header("My digest")]
    if panel:
        blocks += [_order(n, row) for n, row in enumerate(panel.rows[:OWN])]
        if len(panel.rows) > OWN:
            hidden = len(panel.rows) - OWN
            words = (
                f"And {hidden} more: `{content.command} subscriptions` in our direct conversation."
            )
            blocks.append(context(words))
    elif any(isinstance(post, Notice) and post.tone == "error" for post in content.digest):
        blocks += spread(content.digest, 8, f"{HOME}:digest")
    else:
        blocks.append(
            section("Papers can come to you alone, at the hour and on the terms you say.")
        )
    label = "Set up another" if panel else "Set up my digest"
    row = [
        button(ME, label, value="me", primary=not panel),
        button(START, "Set up a channel", value="start"),
    ]
    return [*blocks, actions(row)]


def _order(number: int, row: Row) -> Block:
    text = row_text(row) or "–"
    if not 0 < size(row.label) <= VALUE:
        return section(text)
    confirm = confirmation("These papers will not come any more.", yes="End it")
    end = button(f"{HOME}:end:{number}", "End", value=row.label) | {"confirm": confirm}
    return section(text, end)


def _workspace(content: Content) -> list[Block]:
    """For those who administer it; what the first panel says is not repeated in the second."""
    if not (content.orders or content.status):
        return []
    known = {row.label for post in content.orders if isinstance(post, Panel) for row in post.rows}
    status = [
        replace(post, rows=tuple(row for row in post.rows if row.label not in known))
        if isinstance(post, Panel)
        else post
        for post in content.status
    ]
    return [
        divider(),
        header("This workspace"),
        *spread(content.orders, ORDERS, f"{HOME}:orders", controls=False),
        *spread(status, RUNS, f"{HOME}:runs", controls=False),
    ]
