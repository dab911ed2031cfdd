"""The app's manifest, written from what the code uses: what Slack needs to know to create the app.

Limits: docs.slack.dev/reference/app-manifest.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Required, TypedDict, Unpack
from urllib.parse import quote

from adapters.slack.scopes import events, wanted
from bot.domain.forms import Form

REQUESTS = "/slack/events"
"""Where Slack's requests come to in HTTP mode."""
REDIRECT = "/slack/oauth_redirect"
"""Where people come back to when they have installed us."""
NAME = "paperbot"
DESCRIPTION = (
    "Hugging Face Daily Papers in your channels: on time, searchable, saved with one emoji."
)
LONG_DESCRIPTION = (
    "paperbot posts the papers of the day in each channel at the hour that the channel asked for, "
    "answers a slash command with search, lists and details, and turns a reaction into a saved "
    "paper. Everybody has a list of saved papers, and the team has one of everybody's."
)
COLOR = "#1B3A4B"
UNFURLED = ("arxiv.org", "huggingface.co", "hf.co", "alphaxiv.org")
"""Domains whose links are unfurled; subdomains are included, and at most 5 are allowed."""
MOST_HINT = 1000
"""Characters of a slash command's usage hint."""
NEW_APP = "https://api.slack.com/apps?new_app=1&manifest_json="

SHORTCUTS = (
    ("search_papers", "global", "Search papers", "Search the archive of Daily Papers"),
    (
        "save_papers",
        "message",
        "Save papers in message",
        "Save every paper that this message links to",
    ),
    (
        "paper_details",
        "message",
        "Paper details",
        "Abstract, authors and links of the papers in this message",
    ),
)
"""Callback id, kind, name (24 characters are shown), description (at most 150)."""


class Wishes(TypedDict, total=False):
    """What a manifest depends on."""

    forms: Required[Sequence[Form]]
    command: str
    """`/paper` unless another app has taken that."""
    url: str
    """Where our web server is seen from outside; "" when it is not."""
    socket: bool
    """Whether Slack's requests come over Socket Mode; unless said they do when there is no `url`."""
    unfurl: bool
    """Whether links to papers are unfurled."""


def manifest(**wishes: Unpack[Wishes]) -> dict[str, Any]:
    """The manifest as Slack's JSON has it."""
    url, unfurl = wishes.get("url", "").rstrip("/"), wishes.get("unfurl", False)
    socket = wishes.get("socket", not url)
    requests = {} if socket else {"request_url": f"{url}{REQUESTS}"}
    asked = wanted(unfurl=unfurl)
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": NAME,
            "description": DESCRIPTION,
            "long_description": LONG_DESCRIPTION,
            "background_color": COLOR,
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": NAME, "always_online": True},
            "shortcuts": [_shortcut(*shortcut) for shortcut in SHORTCUTS],
            "slash_commands": [_slash(wishes, requests.get("request_url"))],
            **({"unfurl_domains": list(UNFURLED)} if unfurl else {}),
        },
        "oauth_config": {
            **({"redirect_urls": [f"{url}{REDIRECT}"]} if url else {}),
            "scopes": {
                "bot": [scope.name for scope in asked],
                "bot_optional": [scope.name for scope in asked if not scope.needed],
            },
        },
        "settings": {
            "event_subscriptions": {**requests, "bot_events": list(events(unfurl=unfurl))},
            "interactivity": {"is_enabled": True, **requests},
            "org_deploy_enabled": False,
            "socket_mode_enabled": socket,
            "token_rotation_enabled": False,
        },
    }


def _shortcut(id: str, kind: str, name: str, description: str) -> dict[str, str]:
    return {"name": name, "type": kind, "callback_id": id, "description": description}


def _slash(wishes: Wishes, url: str | None) -> dict[str, Any]:
    return {
        "command": wishes.get("command", "/paper"),
        "description": "Papers of the day, and all before them",
        "usage_hint": usage(wishes["forms"]),
        "should_escape": True,
        **({"url": url} if url else {}),
    }


def usage(forms: Sequence[Form], most: int = MOST_HINT) -> str:
    """`[today | search | … | help]`: as many commands as fit, and always `help`."""
    names = [form.name for form in forms if form.name != "help"]
    while names and len(_listed(names)) > most:
        names.pop()
    return _listed(names)


def _listed(names: Iterable[str]) -> str:
    return f"[{' | '.join((*names, 'help'))}]"


def manifest_text(**wishes: Unpack[Wishes]) -> str:
    """The manifest as YAML, with the reason beside each scope."""
    asked = wanted(unfurl=wishes.get("unfurl", False))
    beside = {
        "bot": {scope.name: scope.why for scope in asked},
        "bot_optional": {scope.name: f"without it: {scope.without}" for scope in asked},
    }
    head = (
        "# The Slack app of paperbot. Paste it at https://api.slack.com/apps: "
        "Create New App, From a manifest."
    )
    return "\n".join((head, *_lines(manifest(**wishes), beside), ""))


def manifest_link(**wishes: Unpack[Wishes]) -> str:
    """A link that creates the app with one click.

    (docs.slack.dev/app-manifests/configuring-apps-with-app-manifests)
    """
    return NEW_APP + quote(
        json.dumps(manifest(**wishes), ensure_ascii=False, separators=(",", ":")), safe=""
    )


def _lines(
    told: Mapping[str, Any], beside: Mapping[str, Mapping[str, str]], depth: int = 0
) -> Iterator[str]:
    """YAML in a narrow sense: every scalar is JSON, which YAML reads as the same."""
    indent = "  " * depth
    for key, value in told.items():
        if isinstance(value, Mapping):
            yield f"{indent}{key}:"
            yield from _lines(value, beside, depth + 1)
        elif isinstance(value, list):
            yield f"{indent}{key}:"
            for item in value:
                yield from _item(item, beside.get(key, {}), f"{indent}  ")
        else:
            yield f"{indent}{key}: {_scalar(value)}"


def _item(item: Any, reasons: Mapping[str, str], indent: str) -> Iterator[str]:
    if isinstance(item, Mapping):
        pairs = [f"{key}: {_scalar(value)}" for key, value in item.items()]
        yield f"{indent}- {pairs[0]}"
        yield from (f"{indent}  {pair}" for pair in pairs[1:])
    else:
        reason = f"  # {reasons[item]}" if item in reasons else ""
        yield f"{indent}- {_scalar(item)}{reason}"


def _scalar(value: str | bool | int) -> str:
    return json.dumps(value, ensure_ascii=False)
