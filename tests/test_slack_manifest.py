"""The manifest asks for what the code uses, and for nothing else."""

import ast
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from adapters.slack import tables
from adapters.slack.manifest import (
    NEW_APP,
    SHORTCUTS,
    manifest,
    manifest_link,
    manifest_text,
    usage,
)
from adapters.slack.scopes import (
    EVENTS,
    NEEDED,
    OPTIONAL,
    UNFURL_EVENTS,
    UNFURLING,
    events,
    lacking,
    wanted,
)
from bot.commands.catalogue import COMMANDS
from tests.support.slack import furnished, peopled, slack_office
from tests.support.slack_server import slack_server

URL = "https://papers.example.org"
CODE = Path(__file__).parent.parent / "adapters" / "slack"
HISTORY = ("channels:history", "groups:history", "im:history")
READ = ("channels:read", "groups:read")
METHODS: Mapping[str, tuple[str, ...]] = {
    "apps.connections.open": (),
    "auth.revoke": (),
    "auth.test": (),
    "chat.delete": ("chat:write",),
    "chat.postEphemeral": ("chat:write",),
    "chat.postMessage": ("chat:write",),
    "chat.unfurl": ("links:write",),
    "chat.update": ("chat:write",),
    "conversations.history": HISTORY,
    "conversations.info": READ,
    "conversations.open": ("im:write",),
    "conversations.replies": HISTORY,
    "files.completeUploadExternal": ("files:write",),
    "files.getUploadURLExternal": ("files:write",),
    "oauth.v2.access": (),
    "reactions.get": ("reactions:read",),
    "users.conversations": READ,
    "users.info": ("users:read",),
    "views.open": (),
    "views.publish": (),
    "views.push": (),
    "views.update": (),
}
"""The scopes that each method takes for what we use it for (docs.slack.dev/reference/methods)."""


def made(**wishes: Any) -> dict[str, Any]:
    return manifest(forms=COMMANDS, **wishes)


# --- scopes and events


@pytest.mark.parametrize("unfurl", [False, True])
def test_scopes_are_those_of_the_table(unfurl: bool) -> None:
    """Optional ones stand in both lists, as Slack wants it."""
    scopes = made(unfurl=unfurl)["oauth_config"]["scopes"]
    assert scopes["bot"] == [scope.name for scope in wanted(unfurl=unfurl)]
    assert scopes["bot_optional"] == [scope.name for scope in OPTIONAL]
    assert set(scopes["bot_optional"]) < set(scopes["bot"])
    assert len(set(scopes["bot"])) == len(scopes["bot"])


def test_events_are_those_that_the_door_listens_to() -> None:
    """Unfurling listens to links, nothing else does."""
    asked = made(unfurl=True)["settings"]["event_subscriptions"]["bot_events"]
    assert asked == sorted(tables.EVENTS)
    without = made()["settings"]["event_subscriptions"]["bot_events"]
    assert set(asked) - set(without) == {"link_shared"}


def test_shortcuts_are_those_that_the_door_answers() -> None:
    """With names that Slack does not cut off."""
    assert {id for id, *_ in SHORTCUTS} == set(tables.SHORTCUTS)
    for id, kind, name, description in SHORTCUTS:
        assert len(id) <= 255
        assert kind in ("global", "message")
        assert len(name) <= 24
        assert len(description) <= 150


def test_every_event_comes_with_the_scopes_we_ask_for() -> None:
    """And no scope is asked for that nothing takes."""
    needed = {scope.name for scope in NEEDED}
    for event, scopes in EVENTS.items():
        assert set(scopes) <= needed, event
    unfurling = {scope.name for scope in UNFURLING}
    assert {scope for scopes in UNFURL_EVENTS.values() for scope in scopes} <= unfurling
    taken = {scope for scopes in (*METHODS.values(), *EVENTS.values()) for scope in scopes}
    asked = {scope.name for scope in wanted(unfurl=True)}
    assert asked - taken == {"commands", "links:read"}


def test_every_method_that_the_code_calls_has_its_scopes() -> None:
    """What is called is looked up in the code itself."""
    asked = {scope.name for scope in wanted(unfurl=True)}
    called = {method for path in CODE.glob("*.py") for method in methods_in(path)}
    assert {"chat.postMessage", "chat.unfurl", "users.info"} <= called
    assert called <= METHODS.keys()
    for method in called:
        assert set(METHODS[method]) <= asked, method


def methods_in(path: Path) -> Iterator[str]:
    """Names of Slack's methods in string literals."""
    families = {name.partition(".")[0] for name in METHODS}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            family, dot, rest = node.value.partition(".")
            if dot and family in families and rest.replace(".", "").isalnum():
                yield node.value


def test_each_scope_says_why_and_optional_ones_what_is_weaker_without() -> None:
    """In a line that an administrator understands."""
    for scope in wanted(unfurl=True):
        assert scope.why.startswith("to ")
        assert len(scope.why) <= 100
        assert "\n" not in scope.why + scope.without
        assert scope.needed == (scope in NEEDED + UNFURLING)


def test_what_a_token_lacks_is_told() -> None:
    """Scopes of links count only when links are unfurled."""
    held = {scope.name for scope in NEEDED}
    assert lacking(held) == OPTIONAL
    assert lacking(held, unfurl=True) == UNFURLING + OPTIONAL
    assert lacking({scope.name for scope in wanted()}) == ()


class Watched(set[str]):
    """A token's scopes, which remember what was asked for in vain."""

    def __init__(self, scopes: Iterable[str]) -> None:
        super().__init__(scopes)
        self.lacked: list[tuple[object, ...]] = []

    def intersection(self, *others: Iterable[object]) -> set[str]:
        found = super().intersection(*others)
        if not found:
            self.lacked += [tuple(one) for one in others]
        return found


async def test_with_these_scopes_nothing_is_refused() -> None:
    """Whatever people do, and when the bot comes back and looks where it still is."""
    office = furnished()
    async with slack_server() as slack:
        scopes = peopled(slack).team().scopes = Watched(scope.name for scope in wanted())
        places = ("C1", "G1", "C2", slack.direct("T1", "U1"))
        async with slack_office(slack, office=office) as o:
            for place in places:
                await slack.command("T1", "U1", place, "/paper", "subscribe at:09:00")
                await o.settled()
            for text in ("", "today", "save 1", "export bibtex", "subscriptions all", "status"):
                await slack.command("T1", "U1", "C1", "/paper", text)
                await o.settled()
            message = await o.posts()
            await slack.react("T1", "U1", message, "bookmark")
            await slack.home_opened("T1", "UADA")
            await slack.shortcut("T1", "U1", "save_papers", channel="C1", message=message)
            await o.settled()
            assert await o.door.messenger.recalls(o.channel)
        async with slack_office(slack, office=office) as o:
            await o.settled()
    methods = {call.method for call in slack.calls}
    assert {"users.conversations", "conversations.info", "users.info", "reactions.get"} <= methods
    assert {"files.completeUploadExternal", "conversations.open", "views.publish"} <= methods
    assert scopes.lacked == []


# --- the manifest


def test_it_keeps_slacks_limits() -> None:
    """Those of docs.slack.dev/reference/app-manifest."""
    told = made(unfurl=True, url=URL)
    shown = told["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 174 <= len(shown["long_description"]) <= 4000
    assert len(told["features"]["bot_user"]["display_name"]) <= 80
    (slash,) = told["features"]["slash_commands"]
    assert len(slash["description"]) <= 2000
    assert len(slash["usage_hint"]) <= 1000
    assert len(told["features"]["unfurl_domains"]) <= 5
    assert len(told["oauth_config"]["scopes"]["bot"]) <= 255
    assert len(events(unfurl=True)) <= 100


def test_without_an_address_it_is_for_socket_mode() -> None:
    """No URL stands in it then: it can be made before there is any token."""
    told = made()
    assert told["settings"]["socket_mode_enabled"] is True
    assert "http" not in json.dumps(told)
    assert "redirect_urls" not in told["oauth_config"]


def test_with_an_address_slack_comes_to_us() -> None:
    """Commands, events and controls to one place, people who install us to another."""
    told = made(url=f"{URL}/")
    assert told["settings"]["socket_mode_enabled"] is False
    assert told["settings"]["event_subscriptions"]["request_url"] == f"{URL}/slack/events"
    assert told["settings"]["interactivity"]["request_url"] == f"{URL}/slack/events"
    assert told["features"]["slash_commands"][0]["url"] == f"{URL}/slack/events"
    assert told["oauth_config"]["redirect_urls"] == [f"{URL}/slack/oauth_redirect"]


def test_socket_mode_and_an_address_go_together() -> None:
    """The address is for installing then."""
    told = made(url=URL, socket=True)
    assert told["settings"]["socket_mode_enabled"] is True
    assert "request_url" not in json.dumps(told)
    assert told["oauth_config"]["redirect_urls"] == [f"{URL}/slack/oauth_redirect"]


def test_the_command_is_what_the_operator_calls_it() -> None:
    """Its arguments come with the ids of channels and people."""
    (slash,) = made(command="/papers")["features"]["slash_commands"]
    assert slash["command"] == "/papers"
    assert slash["should_escape"] is True


def test_the_hint_names_every_command_while_there_is_room() -> None:
    """And always help."""
    whole = usage(COMMANDS)
    assert all(form.name in whole for form in COMMANDS)
    for most in (6, 30, 80):
        short = usage(COMMANDS, most)
        assert len(short) <= most
        assert short.endswith("help]")


def test_links_are_unfurled_only_when_asked() -> None:
    """Neither domains nor scopes stand in it otherwise."""
    assert "links:" not in json.dumps(made())
    assert "unfurl_domains" not in made()["features"]
    assert "arxiv.org" in made(unfurl=True)["features"]["unfurl_domains"]


# --- as text and as a link


@pytest.mark.parametrize(
    "wishes",
    [
        {},
        {"url": URL, "unfurl": True},
        {"url": URL, "socket": True, "command": "/papers"},
        {"url": 'https://x.org/a: "b" #c\\'},
    ],
)
def test_the_yaml_says_what_the_manifest_says(wishes: dict[str, Any]) -> None:
    """Whatever stands in the values."""
    assert read_back(manifest_text(forms=COMMANDS, **wishes)) == made(**wishes)


def test_beside_each_scope_stands_why() -> None:
    """So that whoever reviews the app need not ask."""
    lines = manifest_text(forms=COMMANDS, unfurl=True).splitlines()
    for scope in wanted(unfurl=True):
        assert f'      - "{scope.name}"  # {scope.why}' in lines


def test_the_link_carries_the_manifest() -> None:
    """And is short enough for browsers and servers."""
    link = manifest_link(forms=COMMANDS, url=URL, unfurl=True)
    assert link.startswith(NEW_APP)
    query = parse_qs(urlsplit(link).query, strict_parsing=True)
    assert query["new_app"] == ["1"]
    assert json.loads(query["manifest_json"][0]) == made(url=URL, unfurl=True)
    assert len(link) < 6000


def read_back(text: str) -> Any:
    """The little of YAML that is used: mappings, lists, scalars as JSON, comments."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    found, rest = block(lines, 0)
    assert rest == []
    return found


def block(lines: list[str], depth: int) -> tuple[Any, list[str]]:
    """What is indented so far, and the lines after it."""
    if lines[0][depth:].startswith("- "):
        return listing(lines, depth)
    found: dict[str, Any] = {}
    while lines and indent(lines[0]) == depth and not lines[0][depth:].startswith("- "):
        key, _, value = lines.pop(0)[depth:].partition(":")
        found[key], lines = (scalar(value), lines) if value else block(lines, indent(lines[0]))
    return found, lines


def listing(lines: list[str], depth: int) -> tuple[list[Any], list[str]]:
    """The items of a list."""
    items: list[Any] = []
    while lines and lines[0][depth:].startswith("- ") and indent(lines[0]) == depth:
        if lines[0][depth + 2] == '"':
            items.append(scalar(lines.pop(0)[depth + 2 :]))
        else:
            first = " " * (depth + 2) + lines[0][depth + 2 :]
            item, lines = block([first, *lines[1:]], depth + 2)
            items.append(item)
    return items, lines


def indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def scalar(text: str) -> Any:
    """JSON, and a comment or nothing after it."""
    value, end = json.JSONDecoder().raw_decode(text.strip())
    rest = text.strip()[end:]
    assert rest == "" or rest.startswith("  # ")
    return value
