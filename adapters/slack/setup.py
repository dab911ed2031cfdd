"""The modal for a subscription, and what was chosen in it.

p:setup              the form; each of its fields is `p:setup:<field>`
p:setup:start        a button that opens it for a channel, or to choose one
p:setup:me           a button that opens it for the direct conversation
p:setup:preview      shows what would be posted
p:setup:back         from the outcome to the form again
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self

from adapters.slack.controls import button
from adapters.slack.layout import Block, actions, context, plain, section
from adapters.slack.views import View, field, modal, option, spread, typed, unpacked
from adapters.slack.zones import zone_groups
from bot.domain.posts import Post
from bot.domain.subscriptions import WEEKDAYS
from bot.domain.text import unmarked, visible

SETUP = "p:setup"
START = f"{SETUP}:start"
ME = f"{SETUP}:me"
TITLE = "Daily papers"
LONGEST = 400
"""Characters of words to include or exclude; both travel with a view, whose metadata takes 3,000."""
FAULT = 150
SHOWN = 90
"""Blocks of a preview."""

EDITIONS = {
    "daily": ("Every day", "Yesterday's finished list; votes have settled"),
    "live": ("Every day, at once", "Today's list; late additions follow"),
    "weekly": ("Every week", "The papers of the week"),
    "monthly": ("Every month", "The papers of the month"),
    "trending": ("Trending, every day", "What people look at now"),
    "rising": ("Rising", "Papers as they cross a number of upvotes"),
    "recap": ("Recap, every week", "What was saved most here, and what was missed"),
}
LAYOUTS = {
    "digest": "One message",
    "thread": "One message, the papers in its thread",
    "cards": "A card for each paper",
}
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LAST_DAY = 28
"""The last day that every month has."""
_ALWAYS = ("edition", "top", "layout", "include", "exclude")
_CLEARABLE = {"include", "exclude", "on", "channel"}
_BY_DAY = ("at", "tz", "on")
_OF_EDITION = {
    "weekly": ("at", "tz", "weekday"),
    "recap": ("at", "tz", "weekday"),
    "monthly": ("at", "tz", "day"),
    "rising": ("over",),
}


_WEEKLY = {"weekly", "recap"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What was chosen so far; every field is a text, as it stands in the form."""

    edition: str = "daily"
    at: str = "09:00"
    tz: str = "UTC"
    on: str = ",".join(WEEKDAYS)
    weekday: str = "mon"
    day: str = "1"
    over: str = "50"
    top: str = "10"
    layout: str = "digest"
    include: str = ""
    exclude: str = ""
    channel: str = ""
    """Where it is for; "" while that is to be chosen."""
    fixed: str = ""
    """Set when the channel was clear from the beginning."""
    home: str = ""
    """Set when the form was opened from the Home tab."""

    @classmethod
    def of(cls, view: Mapping[str, Any]) -> Self:
        """What travelled with a view, and what has been chosen in it since."""
        kept = {name: value for name, value in unpacked(view).items() if isinstance(value, str)}
        names = [one.name for one in fields(cls)]
        order = cls(**{name: kept[name] for name in names if name in kept})
        chosen = {name: typed(view, f"{SETUP}:{name}") for name in names}
        return replace(
            order,
            **{
                name: " ".join(visible(text).split())
                for name, text in chosen.items()
                if text or (text is not None and name in _CLEARABLE)
            },
        )

    @property
    def asked(self) -> tuple[str, ...]:
        """The fields that this edition has a use for."""
        return (*_ALWAYS, *_OF_EDITION.get(self.edition, _BY_DAY))

    @property
    def terms(self) -> Mapping[str, str]:
        """As options of `preview` and `subscribe`, without the edition."""
        named = {"weekday": "on"}
        wanted = (name for name in self.asked if name != "edition")
        return {named.get(name, name): getattr(self, name) for name in wanted}

    @property
    def options(self) -> Mapping[str, str]:
        """As options of `subscribe`."""
        return {"edition": self.edition, **self.terms}


def form(order: Order) -> View:
    """The form, with the fields that the chosen edition has."""
    makers = {"at": _at, "tz": _tz, "on": _on, "weekday": _weekday, "day": _day, "over": _over}
    blocks = [
        _where(order),
        _edition(order),
        *(makers[name](order) for name in order.asked if name in makers),
        _number("top", "How many papers at most", order.top),
        _select("layout", "How they are posted", order.layout, list(LAYOUTS.items())),
        _words("include", "Only papers with one of these words", order.include),
        _words("exclude", "No papers with these words", order.exclude),
        actions([button(f"{SETUP}:preview", "Preview", value="preview")]),
    ]
    return modal(TITLE, blocks, id=SETUP, submit="Subscribe", close="Cancel", state=asdict(order))


def errors(order: Order, faults: Mapping[str, str]) -> Mapping[str, str]:
    """What is wrong, by the block it stands in; Slack takes errors only of fields that are there."""
    found = {}
    for name, text in faults.items():
        shown = "weekday" if name == "on" and order.edition in _WEEKLY else name
        place = shown if shown in order.asked else "edition"
        words = unmarked(text).replace("`", "")
        found[f"{SETUP}:{place}"] = words if len(words) <= FAULT else f"{words[: FAULT - 1]}…"
    if not order.channel:
        found[f"{SETUP}:channel"] = "Choose a channel."
    return found


def working(order: Order, doing: str) -> View:
    """What stands there while something is asked; the form can come back."""
    return modal(TITLE, [context(doing)], id=SETUP, state=asdict(order))


def outcome(order: Order, posts: Sequence[Post], *, done: bool) -> View:
    """What became of it; when nothing did, with the way back to the form."""
    blocks = [] if done else [_where(replace(order, fixed="yes"))]
    blocks += spread(posts, SHOWN, f"{SETUP}:told", controls=False)
    if not done:
        blocks.append(actions([button(f"{SETUP}:back", "◀ Back", value="back")]))
    return modal(TITLE, blocks, id=SETUP, state=asdict(order))


def preview(posts: Sequence[Post]) -> View:
    """What would be posted, over the form."""
    return modal("Preview", spread(posts, SHOWN, f"{SETUP}:seen", controls=False), id=SETUP)


def previewing() -> View:
    """What stands there before."""
    return modal("Preview", [context("Gathering the papers …")], id=SETUP)


def refused(posts: Sequence[Post]) -> View:
    """Why somebody cannot have the form."""
    return modal(TITLE, spread(posts, SHOWN, f"{SETUP}:told", controls=False), id=SETUP)


def _where(order: Order) -> Block:
    if order.fixed and order.channel.startswith("D"):
        return section("Papers for you alone, in your direct conversation with me.")
    if order.fixed:
        return section(f"Papers for <#{order.channel}>.")
    element: Block = {
        "type": "conversations_select",
        "default_to_current_conversation": True,
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
        "placeholder": plain("Choose a channel"),
    }
    if order.channel:
        element["initial_conversation"] = order.channel
    return field(f"{SETUP}:channel", "Channel", element)


def _edition(order: Order) -> Block:
    options = [
        option(label, key) | {"description": plain(meaning, 75)}
        for key, (label, meaning) in EDITIONS.items()
    ]
    element = _menu(options, order.edition)
    return field(f"{SETUP}:edition", "What to post", element, at_once=True)


def _at(order: Order) -> Block:
    element = {"type": "timepicker", "initial_time": order.at, "timezone": order.tz}
    return field(f"{SETUP}:at", "At what time", element)


def _tz(order: Order) -> Block:
    groups = [
        {"label": plain(region), "options": [option(_city(zone), zone) for zone in zones]}
        for region, zones in zone_groups(order.tz)
    ]
    element: Block = {"type": "static_select", "option_groups": groups}
    element["initial_option"] = option(_city(order.tz), order.tz)
    return field(f"{SETUP}:tz", "Time zone", element, at_once=True)


def _city(zone: str) -> str:
    return zone.replace("_", " ")


def _on(order: Order) -> Block:
    options = [option(day, key) for day, key in zip(DAYS, WEEKDAYS, strict=True)]
    chosen = [one for one in options if one["value"] in order.on.split(",")]
    element: Block = {"type": "checkboxes", "options": options}
    if chosen:
        element["initial_options"] = chosen
    return field(f"{SETUP}:on", "On which days", element)


def _weekday(order: Order) -> Block:
    days = list(zip(WEEKDAYS, DAYS, strict=True))
    return _select("weekday", "On which day", order.weekday, days)


def _day(order: Order) -> Block:
    days = [(str(day), str(day)) for day in range(1, LAST_DAY + 1)]
    return _select("day", "On which day of the month", order.day, days)


def _over(order: Order) -> Block:
    return _number("over", "Upvotes that a paper has to cross", order.over)


def _number(name: str, label: str, value: str) -> Block:
    element: Block = {"type": "number_input", "is_decimal_allowed": False, "min_value": "1"}
    if value.isdecimal():
        element["initial_value"] = value
    return field(f"{SETUP}:{name}", label, element)


def _select(name: str, label: str, chosen: str, choices: Sequence[tuple[str, str]]) -> Block:
    options = [option(text, key) for key, text in choices]
    return field(f"{SETUP}:{name}", label, _menu(options, chosen))


def _menu(options: Sequence[Block], chosen: str) -> Block:
    element: Block = {"type": "static_select", "options": list(options)}
    initial = [one for one in options if one["value"] == chosen]
    return {**element, "initial_option": initial[0]} if initial else element


def _words(name: str, label: str, value: str) -> Block:
    element: Block = {"type": "plain_text_input", "max_length": LONGEST}
    if value:
        element["initial_value"] = value[:LONGEST]
    hint = "Words or phrases, with commas between them. Leave it empty for every paper."
    return field(f"{SETUP}:{name}", label, element, hint=hint, optional=True)
