"""Setting up a channel: one button in the welcome message, then a short form that only its reader sees.

p:setup:start                                    open the form
p:setup:<field>:daily|09:00|Europe/Berlin|10     a menu or button of the form, and all that was chosen so far
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import discord
from discord import ui

from adapters.discord.text import line

START = "p:setup:start"
FIELD = re.compile(r"p:setup:(?P<field>edition|at|tz|top):(?P<form>[^|]+\|[^|]+\|[^|]+\|\d+)")
BUTTON = re.compile(
    r"p:setup:(?P<act>start|zone|preview|confirm)(?::(?P<form>[^|]+\|[^|]+\|[^|]+\|\d+))?"
)
YELLOW = 0xFFD21E

EDITIONS = {
    "daily": ("Every day", "yesterday's finished list; votes have settled"),
    "live": ("Every day, at once", "today's list; late additions follow"),
    "weekly": ("Every week", "the week's papers, on Monday"),
    "monthly": ("Every month", "the month's papers, on the first"),
    "trending": ("Trending, every day", "what people look at now"),
    "recap": ("Recap, every week", "what was saved here and what was missed, on Monday"),
}
TOPS = (3, 5, 10, 15, 20, 30)
ZONES = (
    "UTC",
    "America/Los_Angeles",
    "America/Denver",
    "America/Chicago",
    "America/New_York",
    "America/Sao_Paulo",
    "Europe/London",
    "Europe/Paris",
    "Europe/Berlin",
    "Europe/Madrid",
    "Europe/Rome",
    "Europe/Warsaw",
    "Europe/Kyiv",
    "Europe/Istanbul",
    "Africa/Lagos",
    "Africa/Nairobi",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Singapore",
    "Asia/Shanghai",
    "Asia/Seoul",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Pacific/Auckland",
)
"""One short of Discord's 25 options: a zone that was typed takes the last place."""
_HOMES = {
    "en-US": "America/New_York",
    "en-GB": "Europe/London",
    "de": "Europe/Berlin",
    "fr": "Europe/Paris",
    "es-ES": "Europe/Madrid",
    "it": "Europe/Rome",
    "pl": "Europe/Warsaw",
    "uk": "Europe/Kyiv",
    "tr": "Europe/Istanbul",
    "pt-BR": "America/Sao_Paulo",
    "hi": "Asia/Kolkata",
    "zh-CN": "Asia/Shanghai",
    "ko": "Asia/Seoul",
    "ja": "Asia/Tokyo",
}
"""Where people with a language of Discord's most likely are; the form shows it, and they correct it."""


@dataclass(frozen=True, slots=True)
class Form:
    """What was chosen so far."""

    edition: str = "daily"
    at: str = "09:00"
    tz: str = "UTC"
    top: str = "10"

    @classmethod
    def parse(cls, text: str) -> Self:
        """From the id of a control."""
        return cls(*text.split("|"))

    @classmethod
    def for_locale(cls, locale: str) -> Self:
        """A first proposal for somebody with this language."""
        return cls(tz=_HOMES.get(locale, "UTC"))

    def __str__(self) -> str:
        return "|".join(getattr(self, field.name) for field in fields(self))

    def chosen(self, field: str, value: str) -> Self:
        """The same with one more choice."""
        return replace(self, **{field: value})

    @property
    def options(self) -> Mapping[str, str]:
        """As options of the commands `subscribe` and `preview`."""
        return {"at": self.at, "tz": self.tz, "top": self.top}


def welcome(resumed: int = 0) -> Mapping[str, Any]:
    """What we say on coming to a server, as arguments of `send`."""
    text = (
        "### Hello! I bring the day's papers.\n"
        "I post Hugging Face Daily Papers where you want them and when, answer `/paper`, and save a "
        "paper when you react to it with 🔖 or its number.\n"
    )
    text += (
        f"Welcome back to me: {resumed} subscription{'s' * (resumed != 1)} of this server run again."
        if resumed
        else "Whoever manages this server can begin here, or with `/paper subscribe` in any channel."
    )
    start: ui.Button[Any] = ui.Button(
        label="Set up this channel", style=discord.ButtonStyle.primary, custom_id=START
    )
    return {"view": _box(ui.TextDisplay(text), ui.ActionRow(start))}


def panel(form: Form, note: str = "") -> ui.LayoutView:
    """The form itself."""
    label, meaning = EDITIONS[form.edition]
    text = (
        f"### Papers for this channel\n**{label}** at **{form.at}**, {form.tz} · the best **{form.top}**\n"
        f"-# {label}: {meaning}."
    )
    if note:
        text += f"\n{line(note, 300)}"
    zones = ZONES if form.tz in ZONES else (*ZONES, form.tz)
    hours = tuple(f"{hour:02}:00" for hour in range(24))
    return _box(
        ui.TextDisplay(text),
        _menu(form, "edition", [(label, key) for key, (label, _) in EDITIONS.items()]),
        _menu(form, "at", [(f"at {hour}", hour) for hour in hours]),
        _menu(form, "tz", [(zone.replace("_", " "), zone) for zone in zones]),
        _menu(form, "top", [(f"{count} papers at most", str(count)) for count in TOPS]),
        ui.ActionRow(
            _button(form, "confirm", "Subscribe", discord.ButtonStyle.primary),
            _button(form, "preview", "Preview"),
            _button(form, "zone", "Another time zone …"),
        ),
    )


def _menu(form: Form, field: str, options: Sequence[tuple[str, str]]) -> ui.ActionRow[Any]:
    select: ui.Select[Any] = ui.Select(
        custom_id=f"p:setup:{field}:{form}",
        options=[
            discord.SelectOption(label=label, value=value, default=value == getattr(form, field))
            for label, value in options
        ],
    )
    return ui.ActionRow(select)


def _button(
    form: Form, act: str, label: str, style: discord.ButtonStyle = discord.ButtonStyle.secondary
) -> ui.Button[Any]:
    return ui.Button(label=label, style=style, custom_id=f"p:setup:{act}:{form}")


def _box(*parts: ui.Item[Any]) -> ui.LayoutView:
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container(*parts, accent_colour=YELLOW))
    view.stop()  # understood by its ids, like all of ours
    return view


def settled() -> ui.LayoutView:
    """What is left of the form in the end."""
    return _box(ui.TextDisplay("Done. `/paper subscriptions` shows what this channel gets."))
