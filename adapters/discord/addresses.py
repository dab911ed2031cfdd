"""From Discord's objects to our nouns.

A direct message, or a server that has not installed us while one of its members has, is a workspace of that
one person: their saves there are nobody else's.
"""

import discord

from bot.domain.people import Channel, Message, Person, Workspace
from bot.domain.ports import Caller

PLATFORM = "discord"

Interaction = discord.Interaction[discord.Client]


def workspace(guild: int | None, person: int) -> Workspace:
    """A server, or the workspace of one person."""
    return Workspace(PLATFORM, str(guild) if guild else f"@{person}")


def channel(guild: int, channel: int) -> Channel:
    """A channel, thread or forum of a server."""
    return Channel(Workspace(PLATFORM, str(guild)), str(channel))


def person(user: discord.abc.User) -> Person:
    """Somebody, with the name that others see."""
    return Person(PLATFORM, str(user.id), user.display_name)


def is_guest(interaction: Interaction) -> bool:
    """Whether a member uses us in a place that has not installed us."""
    return interaction.is_user_integration() and not interaction.is_guild_integration()


def place(interaction: Interaction) -> Channel:
    """Where somebody used us."""
    guild = None if is_guest(interaction) else interaction.guild_id
    return Channel(workspace(guild, interaction.user.id), str(interaction.channel_id or 0))


def caller(interaction: Interaction, admin_role: int = 0) -> Caller:
    """Who used us, where, and whether they may manage the channel."""
    return Caller(
        person=person(interaction.user),
        channel=place(interaction),
        admin=_may_manage(interaction, admin_role),
    )


def _may_manage(interaction: Interaction, admin_role: int) -> bool:
    if interaction.guild_id is None:
        return True
    if interaction.permissions.manage_guild or interaction.permissions.administrator:
        return True
    user = interaction.user
    return isinstance(user, discord.Member) and bool(user.get_role(admin_role))


def message(interaction: Interaction) -> Message | None:
    """The message whose button or menu was used."""
    return Message(place(interaction), str(interaction.message.id)) if interaction.message else None


def snowflake(id: str) -> int | None:
    """One of Discord's ids; None for our own `@42` and anything else."""
    return int(id) if id.isascii() and id.isdecimal() else None
