"""Sent away and coming back: orders wait with their settings, and run again by themselves."""

from datetime import timedelta
from pathlib import Path

import discord

from bot.domain.people import Channel
from bot.presence import GONE, KEPT, forget
from tests.support.discord import NOW, World, words, world


async def paused(w: World) -> str | None:
    found = await w.storage.subscriptions.get("daily")
    assert found
    return found.paused


async def test_kicked_and_invited_again_the_orders_run_as_before(tmp_path: Path) -> None:
    """With the same settings, and the server is told so."""
    async with world(tmp_path) as w:
        order = await w.orders()
        await w.kicked()
        assert await paused(w) == GONE
        await w.invited()
        found = await w.storage.subscriptions.get("daily")
        assert found
        assert found.paused is None
        assert (found.terms, found.edition) == (order.terms, order.edition)
        assert found.next_run_at > NOW
        assert "1 subscription of this server run again" in words(w.last())


async def test_an_outage_of_a_server_pauses_nothing(tmp_path: Path) -> None:
    """Discord says `unavailable`, and means only that."""
    async with world(tmp_path) as w:
        await w.orders()
        await w.happens("GUILD_DELETE", id=str(w.guild.id), unavailable=True)
        assert await paused(w) is None
        await w.restart()
        assert await paused(w) is None


async def test_a_channel_that_is_deleted_pauses_its_orders_only(tmp_path: Path) -> None:
    """Those of other channels run on."""
    async with world(tmp_path) as w:
        await w.orders()
        other = w.guild.create_text_channel("other")
        w.env.backend.delete_channel(other.id)
        await w.env.settle()
        assert await paused(w) is None
        w.env.backend.delete_channel(w.papers.id)
        await w.env.settle()
        assert await paused(w) == GONE


async def test_what_happened_while_we_were_away_is_noticed_at_start(tmp_path: Path) -> None:
    """A channel deleted, a server left, a server returned to."""
    async with world(tmp_path) as w:
        await w.orders()
        await w.desk.left(w.channel)
        await w.restart()
        assert await paused(w) is None
        del w.env.backend.channels[w.papers.id]
        w.env.backend.get_guild(w.guild.id).channel_ids.remove(w.papers.id)
        await w.restart()
        assert await paused(w) == GONE


async def test_another_reason_to_pause_is_left_alone(tmp_path: Path) -> None:
    """Who paused for a lost permission resumes when that is given, not when we start."""
    async with world(tmp_path) as w:
        await w.orders()
        await w.storage.subscriptions.pause("daily", "may not post")
        await w.restart()
        assert await paused(w) == "may not post"


async def test_settings_are_kept_for_30_days_and_not_for_ever(tmp_path: Path) -> None:
    """Whoever comes back in that time finds everything as it was."""
    async with world(tmp_path) as w:
        order = await w.orders()
        await w.desk.left(w.channel)
        assert await forget(w.storage.subscriptions, order.next_run_at + KEPT) == 0
        later = order.next_run_at + KEPT + timedelta(seconds=1)
        assert await forget(w.storage.subscriptions, later) == 1
        assert await w.subscriptions() == []


async def test_a_thread_that_rests_is_still_there(tmp_path: Path) -> None:
    """Discord lists active threads only; the others are asked for before anything is paused."""
    async with world(tmp_path) as w:
        message = await w.ann.send(w.papers, "let us talk")
        thread = await message.create_thread(name="talk")
        await w.env.settle()
        await w.orders()
        channel = Channel(w.channel.workspace, str(thread.id))
        order = await w.storage.subscriptions.get("daily")
        assert order
        await w.storage.subscriptions.remove("daily")
        from dataclasses import replace

        await w.storage.subscriptions.add(replace(order, channel=channel))
        w.env.backend.get_channel(thread.id).archived = True
        await w.restart()
        assert await paused(w) is None


async def test_where_we_may_not_speak_nobody_is_greeted(tmp_path: Path) -> None:
    """And nothing breaks."""
    async with world(tmp_path) as w:
        me = w.guild.me
        assert me
        stored = w.env.backend.get_channel(w.papers.id)
        deny = discord.PermissionOverwrite(send_messages=False)
        model = w.guild.create_text_channel("model", overwrites={me: deny})
        stored.overwrites = w.env.backend.get_channel(model.id).overwrites
        await w.invited()
        assert w.papers.history() == []
