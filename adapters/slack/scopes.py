"""The scopes we ask a workspace for, each with its reason, and the events that we get for them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """One permission, and why we want it in words for whoever has to approve it."""

    name: str
    why: str
    without: str = ""
    """What is weaker without it; "" when we cannot work without it."""

    @property
    def needed(self) -> bool:
        """Whether we cannot work without it."""
        return not self.without


NEEDED = (
    Scope("commands", "to answer its slash command and shortcuts"),
    Scope("chat:write", "to post papers where it was invited, and to answer"),
    Scope("reactions:read", "to save a paper when somebody reacts to a post of its own"),
    Scope("users:read", "to know a person's name, time zone, and who administers the workspace"),
    Scope("channels:read", "to notice being invited to a public channel, or removed from one"),
    Scope("groups:read", "to notice being invited to a private channel, or removed from one"),
    Scope("im:write", "to tell the person who subscribed when a channel no longer lets it post"),
)
"""What we cannot work without."""

_UNSURE = (
    "after a lost connection it cannot tell whether a post went out; whoever runs it decides whether it is "
    "repeated then"
)

OPTIONAL = (
    Scope(
        "channels:history",
        "to find a post of its own in a public channel after a lost connection, and nothing else",
        f"in public channels, {_UNSURE}",
    ),
    Scope(
        "groups:history",
        "to find a post of its own in a private channel after a lost connection, and nothing else",
        f"in private channels, {_UNSURE}",
    ),
    Scope(
        "im:history",
        "to find a post of its own in a direct conversation after a lost connection, and nothing else",
        f"in direct conversations, {_UNSURE}",
    ),
    Scope(
        "files:write",
        "to hand over exports of saved papers as files",
        "exports cannot be handed over as files",
    ),
)
"""What a workspace may refuse; each says what is weaker then."""

UNFURLING = (
    Scope("links:read", "to see links to papers that people post"),
    Scope("links:write", "to show a short card below such a link"),
)
"""What unfurling links takes on top; it is off unless the operator switched it on."""

APP_TOKEN_SCOPE = "connections:write"  # noqa: S105 -- no secret
"""What the app-level token of Socket Mode takes."""

EVENTS: Mapping[str, tuple[str, ...]] = {
    "app_home_opened": (),
    "app_uninstalled": (),
    "channel_archive": ("channels:read",),
    "channel_deleted": ("channels:read",),
    "channel_left": ("channels:read",),
    "channel_unarchive": ("channels:read",),
    "group_archive": ("groups:read",),
    "group_deleted": ("groups:read",),
    "group_left": ("groups:read",),
    "group_unarchive": ("groups:read",),
    "member_joined_channel": ("channels:read", "groups:read"),
    "member_left_channel": ("channels:read", "groups:read"),
    "reaction_added": ("reactions:read",),
    "reaction_removed": ("reactions:read",),
    "tokens_revoked": (),
}
"""What we listen to, and the scopes that each takes (docs.slack.dev/reference/events)."""

UNFURL_EVENTS: Mapping[str, tuple[str, ...]] = {"link_shared": ("links:read",)}
"""Likewise, with unfurling."""


def wanted(*, unfurl: bool = False) -> tuple[Scope, ...]:
    """Every scope that we ask for."""
    return (*NEEDED, *(UNFURLING if unfurl else ()), *OPTIONAL)


def lacking(held: Collection[str], *, unfurl: bool = False) -> tuple[Scope, ...]:
    """Those we ask for that a token does not have."""
    return tuple(scope for scope in wanted(unfurl=unfurl) if scope.name not in held)


def events(*, unfurl: bool = False) -> tuple[str, ...]:
    """The events that we ask for, in order of the alphabet."""
    return tuple(sorted({**EVENTS, **(UNFURL_EVENTS if unfurl else {})}))
