"""What people ask with commands and message menus, handed to the desk."""

from collections.abc import Mapping, Sequence

import discord
from discord import ui

from adapters.discord.addresses import Interaction, caller, is_guest
from adapters.discord.answers import error, respond
from adapters.discord.invite import complaint
from adapters.discord.permissions import kind_of, missing
from adapters.discord.settings import Settings
from bot.commands.spec import Suggestion
from bot.domain.forms import Field, Form
from bot.domain.papers import PaperId, find_paper_ids
from bot.domain.ports import Caller, Desk
from bot.domain.posts import Notice, Panel, Reply, Row

SUBSCRIBE = "subscribe"
MOST_SAVED = 25
MOST_SHOWN = 3
NO_LINK = "There is no link to a paper in this message."


class Asking:
    """Turns a command, its options and its place into one question to the desk."""

    def __init__(self, desk: Desk, settings: Settings) -> None:
        self._desk = desk
        self._settings = settings

    def caller(self, interaction: Interaction) -> Caller:
        """Who asks."""
        return caller(interaction, self._settings.admin_role)

    async def run(self, interaction: Interaction, form: Form, options: Mapping[str, str]) -> None:
        """Answer a command."""
        asks = self.caller(interaction)
        if form.name == SUBSCRIBE and asks.admin and (refusal := hindrance(interaction)):
            await respond(interaction, self._desk, at_once(refusal))
            return
        asked = self._desk.call(asks, form.name, options)
        await respond(interaction, self._desk, asked, private=form.private)

    async def suggest(
        self, interaction: Interaction, form: Form, field: Field, typed: str
    ) -> Sequence[tuple[str, str]]:
        """Values for an option and how they read, the likeliest first."""
        before, typed = _last_piece(typed) if field.repeated else ("", typed)
        line = f'{form.name} {field.name}:"{typed.replace(chr(34), " ").lstrip()}'
        found = await self._desk.suggest(self.caller(interaction), line)
        return [_choice(text, f"{field.name}:", before) for text in found]

    async def save_from(self, interaction: Interaction, message: discord.Message) -> None:
        """Save every paper that a message links to."""
        asks = self.caller(interaction)
        await respond(interaction, self._desk, self._each(asks, "save", message, MOST_SAVED))

    async def show_from(self, interaction: Interaction, message: discord.Message) -> None:
        """All about the papers that a message links to."""
        asks = self.caller(interaction)
        await respond(interaction, self._desk, self._each(asks, "show", message, MOST_SHOWN))

    async def _each(self, asks: Caller, command: str, message: discord.Message, most: int) -> Reply:
        papers = list(find_paper_ids(written(message)))
        if not papers:
            return error(
                NO_LINK, "Links to arXiv, Hugging Face papers and alphaXiv are understood."
            )
        return await in_turn(self._desk, asks, command, papers[:most])


async def in_turn(desk: Desk, asks: Caller, command: str, papers: Sequence[PaperId]) -> Reply:
    """The same command for several papers; short answers are put together in one."""
    replies = [await desk.call(asks, command, {"paper": paper}) for paper in papers]
    posts = [post for reply in replies for post in reply.posts]
    notices = [post for post in posts if isinstance(post, Notice)]
    if len(posts) < 2 or len(notices) < len(posts):  # noqa: PLR2004 -- nothing to put together
        return Reply(posts=tuple(posts))
    rows = tuple(Row(paper, notice.text) for paper, notice in zip(papers, notices, strict=False))
    return Reply(posts=(Panel(title=f"{len(papers)} papers", rows=rows, notes=notices[-1].hints),))


def hindrance(interaction: Interaction) -> Reply | None:
    """What keeps us from posting where this comes from, and how it is mended; None when nothing does."""
    if is_guest(interaction) or isinstance(interaction.channel, discord.GroupChannel):
        return error(
            "I can post only where I was added as a bot.",
            "Whoever manages this server can add me: my profile › Add App › Add to Server.",
        )
    if interaction.guild_id is None:
        return None
    lacking = missing(interaction.app_permissions, kind_of(interaction.channel))
    if not lacking:
        return None
    user = interaction.client.user
    text, way = complaint(lacking, f"@{user.display_name}" if user else "this bot")
    return error(text, *way)


def written(message: discord.Message) -> str:
    """All text and links of a message: content, embeds, components."""
    parts = [message.content]
    for embed in message.embeds:
        parts += [embed.url or "", embed.description or ""]
        parts += [field.value or "" for field in embed.fields]
    view = ui.LayoutView.from_message(message) if message.flags.components_v2 else None
    for item in view.walk_children() if view else ():
        if isinstance(item, ui.TextDisplay):
            parts.append(item.content)
    for snapshot in message.message_snapshots:
        parts += [snapshot.content, *(embed.url or "" for embed in snapshot.embeds)]
    return "\n".join(parts)


def _last_piece(typed: str) -> tuple[str, str]:
    """What stands before the last comma, and after it."""
    before, comma, last = typed.rpartition(",")
    return before + comma, last.strip()


def _choice(text: str, lead: str, before: str) -> tuple[str, str]:
    value = before + text.removeprefix(lead).strip('"')
    label = text.label if isinstance(text, Suggestion) else text
    return value, before + label.removeprefix(lead).strip('"')


async def at_once(reply: Reply) -> Reply:
    """An answer that needs no asking."""
    return reply
