"""Buttons and menus below a message: their ids, which outlive restarts, and how they are made.

p:save:3                    save the paper that bears number 3 in the message
p:unsave:2511.01234         no longer save a paper, however it was saved
p:show:2511.01234           all about one paper
p:similar:2511.01234        papers like it
p:nominate:2511.01234       nominate a paper for the channel's journal club
p:vote:2511.01234           vote for a nominated paper, or take that back
p:page:search clip page:2   another page of a list: the rest is a command without its `/paper`
p:pick:save                 a menu of papers to save, several at a time
p:pick:show                 a menu of papers to look at
p:pick:similar              a menu of papers to see the like of
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import discord

from adapters.discord.limits import (
    BUTTON_LABEL,
    CUSTOM_ID,
    OPTION_LABEL,
    OPTIONS,
    PLACEHOLDER,
    ROW_BUTTONS,
    crop,
    size,
)
from adapters.discord.text import clean
from bot.domain.papers import PaperId
from bot.domain.posts import Entry

SAVE = re.compile(r"p:save:(?P<number>\d{1,4})", re.ASCII)
UNSAVE = re.compile(r"p:unsave:(?P<paper>\d{4}\.\d{4,5})", re.ASCII)
SHOW = re.compile(r"p:show:(?P<paper>\d{4}\.\d{4,5})", re.ASCII)
SIMILAR = re.compile(r"p:similar:(?P<paper>\d{4}\.\d{4,5})", re.ASCII)
CLUB = re.compile(r"p:(?P<act>nominate|vote):(?P<paper>\d{4}\.\d{4,5})", re.ASCII)
PAGE = re.compile(r"p:page:(?P<text>.+)", re.DOTALL)
PICK = re.compile(r"p:pick:(?P<act>save|show|similar)")
_PICKED = re.compile(r"(?P<number>\d{1,4}):(?P<paper>\d{4}\.\d{4,5})", re.ASCII)
"""The value of a menu's option."""


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press: `target` is an id of ours or a web address."""

    target: str
    label: str
    emoji: str | None = None
    primary: bool = False

    def item(self) -> discord.ui.Button[Any]:
        """The button as the library wants it."""
        if self.target.startswith("https://"):
            return discord.ui.Button(url=self.target, label=self.label, emoji=self.emoji)
        colour = discord.ButtonStyle.primary if self.primary else discord.ButtonStyle.secondary
        return discord.ui.Button(
            custom_id=self.target, label=self.label, emoji=self.emoji, style=colour
        )


@dataclass(frozen=True, slots=True)
class Menu:
    """Papers to choose from; each option is (label, value)."""

    id: str
    placeholder: str
    options: tuple[tuple[str, str], ...]
    several: bool = False

    def item(self) -> discord.ui.Select[Any]:
        """The menu as the library wants it."""
        return discord.ui.Select(
            custom_id=self.id,
            placeholder=crop(self.placeholder, PLACEHOLDER),
            options=[
                discord.SelectOption(label=label, value=value) for label, value in self.options
            ],
            max_values=len(self.options) if self.several else 1,
        )


Row = tuple[Button, ...] | Menu
"""What stands in one row below a message."""


def save_button(number: int) -> Button:
    """Saves the paper that bears this number in the message."""
    return Button(f"p:save:{number}", "Save", "🔖", primary=True)


def unsave_button(paper: PaperId) -> Button:
    """Takes a paper off the saved ones of whoever presses it."""
    return Button(f"p:unsave:{paper}", "Unsave")


def show_button(paper: PaperId) -> Button:
    """Shows all about a paper."""
    return Button(f"p:show:{paper}", "Details", "📄")


def similar_button(paper: PaperId) -> Button:
    """Shows papers like this one."""
    return Button(f"p:similar:{paper}", "Similar", "🔎")


def nominate_button(paper: PaperId) -> Button:
    """Nominates a paper for the channel's journal club."""
    return Button(f"p:nominate:{paper}", "Nominate", "🗳️")


def vote_button(paper: PaperId) -> Button:
    """Votes for a nominated paper, or takes that back."""
    return Button(f"p:vote:{paper}", "Vote", "🗳️")


def page_button(text: str, label: str, command: str = "/paper") -> Button | None:
    """Turns to another page; None when the command is too long to be carried in an id."""
    id = f"p:page:{text.removeprefix(command).strip()}"
    return Button(id, crop(label, BUTTON_LABEL)) if size(id) <= CUSTOM_ID else None


def menus(entries: Sequence[Entry], *, similar: bool = False) -> tuple[Menu, ...]:
    """One menu to save papers, one to look at them, perhaps one for the like of them; none without papers."""
    options = tuple(_option(entry) for entry in entries[:OPTIONS])
    if not options:
        return ()
    found = [
        Menu("p:pick:save", "🔖 Save papers …", options, several=True),
        Menu("p:pick:show", "📄 Look at one …", options),
    ]
    if similar:
        found.append(Menu("p:pick:similar", "🔎 More like one …", options))
    return tuple(found)


def picked(value: str) -> tuple[int, PaperId] | None:
    """Number and paper of a menu's option; None for what no menu of ours says."""
    match = _PICKED.fullmatch(value)
    return (int(match["number"]), PaperId(match["paper"])) if match else None


def legacy(rows: Sequence[Row]) -> discord.ui.View | None:
    """The rows as a view that goes below content or embeds."""
    if not rows:
        return None
    view = discord.ui.View(timeout=None)
    for number, row in enumerate(rows):
        for item in items(row):
            item.row = number
            view.add_item(item)
    view.stop()  # ours are understood by their ids: the library need not remember each message
    return view


def items(row: Row) -> list[discord.ui.Item[Any]]:
    """The controls of one row."""
    if isinstance(row, Menu):
        return [row.item()]
    return [button.item() for button in row[:ROW_BUTTONS]]


def _option(entry: Entry) -> tuple[str, str]:
    title = clean(entry.paper.title, OPTION_LABEL) or "(untitled)"
    return crop(f"{entry.number}. {title}", OPTION_LABEL), f"{entry.number}:{entry.paper.id}"
