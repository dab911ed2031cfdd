"""The invitation: what we ask of a server and why, as a link and in words."""

import discord

from adapters.discord.permissions import NEEDED, Need

SCOPES = ("bot", "applications.commands")


def wanted() -> tuple[Need, ...]:
    """Every permission that some kind of channel takes, each once."""
    return tuple({need.flag: need for needs in NEEDED.values() for need in needs}.values())


def invitation(application: int) -> str:
    """The link that adds us to a server."""
    permissions = discord.Permissions(**{need.flag: True for need in wanted()})
    return discord.utils.oauth_url(application, permissions=permissions, scopes=SCOPES)


def complaint(lacking: tuple[Need, ...], bot: str) -> tuple[str, tuple[str, ...]]:
    """What to say about permissions that lack in a channel, and how they are given."""
    names = ", ".join(need.name for need in lacking)
    way = (
        f"Edit Channel › Permissions: add {bot}, switch on {names}, save, and try again.",
        *(f"{need.name}: {need.why}." for need in lacking),
    )
    return f"I cannot post in this channel yet; I lack: {names}.", way
