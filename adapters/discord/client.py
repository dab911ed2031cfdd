"""Our client of Discord's gateway: every event it hears is handed on to the room that knows what to do."""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

import discord
from discord import app_commands

from adapters.discord import commands, components, guilds, reactions, setting_up
from adapters.discord.answers import error, respond
from adapters.discord.asking import Asking, at_once
from adapters.discord.endpoints import elsewhere, redirect
from adapters.discord.identify import Identifies, Turns
from adapters.discord.once import traces
from adapters.discord.registration import register_changes
from adapters.discord.settings import Settings
from bot.domain.errors import PaperbotError
from bot.domain.forms import Form
from bot.domain.ports import Desk

log = logging.getLogger(__name__)

APOLOGY = error("Something went wrong here, and it is not your fault. It has been logged.")


def intents() -> discord.Intents:
    """What we listen to; none of it is privileged, so nothing has to be switched on in the portal."""
    return discord.Intents(guilds=True, guild_reactions=True, dm_reactions=True)


class Unreachable(ConnectionError):
    """The gateway did not take a connection."""


class Tree(app_commands.CommandTree[Any]):
    """Commands whose failures are told to the person who asked."""

    async def on_error(
        self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError, /
    ) -> None:
        log.error("discord.command_error", exc_info=error)
        client = interaction.client
        if isinstance(client, PaperClient) and not interaction.response.is_done():
            await respond(interaction, client.desk, at_once(APOLOGY))


def plant(client: discord.Client, forms: Sequence[Form], asking: Asking | None = None) -> Tree:
    """A client's command tree; without `asking` just good for being registered."""
    tree = Tree(client)
    run, suggest = (asking.run, asking.suggest) if asking else (_nothing, _nothing)
    save, show = (asking.save_from, asking.show_from) if asking else (_nothing, _nothing)
    tree.add_command(commands.group(forms, run, suggest))
    for menu in commands.menus(save, show):
        tree.add_command(menu)
    return tree


async def _nothing(*_: object) -> None: ...


class PaperClient(discord.AutoShardedClient):
    """Small in memory: no messages and no members are kept. It hears nothing before `serve`."""

    def __init__(
        self,
        settings: Settings,
        data: Path | None = None,
        *,
        translator: app_commands.Translator | None = None,
        shard_count: int | None = None,
        shard_id: int | None = None,
        turns: Turns | None = None,
    ) -> None:
        """With `shard_id` it is one shard of `shard_count`, and takes `turns` with the others."""
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # we never talk aloud
        super().__init__(
            intents=intents(),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_ratelimit_timeout=30,
            http_trace=traces(),
            shard_count=shard_count,
        )
        self.shard_ids = None if shard_id is None else [shard_id]
        if elsewhere(settings):
            redirect(self, settings)
        self._settings = settings
        self._folder = data / "discord" if data else None
        self._translator = translator
        self._desk: Desk | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._launched: set[int] = set()
        self._tree: Tree | None = None
        self._turns = turns
        self._first = not shard_id
        """Whether it does what is done once, however many shards there are."""
        self.identifies = Identifies(self._folder and self._folder / "identifies.json")

    @property
    def desk(self) -> Desk:
        """Where every question goes."""
        if self._desk is None:
            raise RuntimeError("serve() comes before start()")
        return self._desk

    @property
    def tree(self) -> Tree:
        """The commands."""
        if self._tree is None:
            raise RuntimeError("serve() comes before start()")
        return self._tree

    def serve(self, desk: Desk) -> None:
        """From now on ask this desk. Once only, before it is started."""
        self._desk = desk
        asking = Asking(desk, self._settings)
        self._tree = plant(self, desk.commands, asking)
        self.add_dynamic_items(
            *components.items(components.Pressing(desk, asking)),
            *setting_up.items(setting_up.SettingUp(desk, asking)),
        )

    # --- the connection

    async def setup_hook(self) -> None:
        """After each login."""
        self._launched.clear()
        if self._desk is None:
            return
        if self._translator:
            await self.tree.set_translator(self._translator)
        if not self._first:
            return
        file = self._folder and self._folder / "commands.sha256"
        await register_changes(self.tree, self.application_id, self._settings.guilds, file)

    async def before_identify_hook(self, shard: int | None, *, initial: bool = False) -> None:  # noqa: ARG002 -- the library's signature
        """Never faster than Discord likes it."""
        if self._turns:
            await self._turns.wait(shard or 0, self.shard_count or 1)
        else:
            await self.identifies.wait(self.shard_count or 1)

    async def launch_shard(self, gateway: Any, shard_id: int, *, initial: bool = False) -> None:
        """The library tries again for ever and ever deeper; here whoever runs us decides on that."""
        if shard_id in self._launched:
            raise Unreachable("the gateway did not take a connection")
        self._launched.add(shard_id)
        await super().launch_shard(gateway, shard_id, initial=initial)

    async def on_ready(self) -> None:
        """All servers are known: make up for what happened meanwhile, and go on listening."""
        log.info("discord.ready user=%s guilds=%d", self.user, len(self.guilds))
        self._behind(self._catch_up())

    async def _catch_up(self) -> None:
        await guilds.compare(self, self.desk)
        if not self._first:
            return
        if changed := await reactions.catch_up(self, self.desk, discord.utils.utcnow()):
            log.info("discord.caught_up saves=%d", changed)

    def _behind(self, work: Coroutine[Any, Any, None]) -> None:
        async def run() -> None:
            try:
                await work
            except (PaperbotError, discord.DiscordException, OSError) as e:
                log.warning("discord.not_caught_up reason=%s", e)

        task = asyncio.create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def again(self) -> None:
        """Make it fit to be started after it was closed. The library would go on with a closed connector."""
        self.clear()
        self.http.connector = discord.utils.MISSING

    async def close(self) -> None:
        """Also ends what runs behind."""
        for task in self._tasks:
            task.cancel()
        await super().close()

    # --- what happens on servers

    async def on_guild_join(self, guild: discord.Guild) -> None:
        await guilds.joined(self.desk, guild)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        await guilds.removed(self.desk, guild)

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        await guilds.deleted(self.desk, channel.guild.id, channel.id)

    async def on_raw_thread_delete(self, event: discord.RawThreadDeleteEvent) -> None:
        await guilds.deleted(self.desk, event.guild_id, event.thread_id)

    async def on_raw_reaction_add(self, event: discord.RawReactionActionEvent) -> None:
        await reactions.reacted(self, self.desk, event)

    async def on_raw_reaction_remove(self, event: discord.RawReactionActionEvent) -> None:
        await reactions.reacted(self, self.desk, event)

    async def on_raw_reaction_clear(self, event: discord.RawReactionClearEvent) -> None:
        await reactions.cleared(self, self.desk, event)

    async def on_raw_reaction_clear_emoji(self, event: discord.RawReactionClearEmojiEvent) -> None:
        await reactions.cleared(self, self.desk, event)

    async def on_error(self, event_method: str, /, *_args: Any, **_kwargs: Any) -> None:
        """An event that failed: logged by us, so that it stands in our log like everything else."""
        log.exception("discord.event_error event=%s", event_method)  # noqa: LOG004 -- called inside one
