"""Emoji on our messages, decided from our own table: nothing that Discord sends along is relied on."""

from pathlib import Path

import pytest

from tests.support.discord import PAPERS, World, world


async def test_a_number_saves_that_paper_and_taking_it_away_unsaves(tmp_path: Path) -> None:
    """Discord says neither author nor member when an emoji is taken away; the table knows."""
    async with world(tmp_path) as w:
        digest = await w.posts(*PAPERS)
        await w.bob.react(digest, "2️⃣")
        assert await w.saved(w.bob) == {"Attention to diffusion"}
        await w.bob.unreact(digest, "2️⃣")
        assert await w.saved(w.bob) == set()


async def test_the_save_emoji_saves_the_paper_of_a_message(tmp_path: Path) -> None:
    """Also on a message that an earlier process posted."""
    async with world(tmp_path) as w:
        card = await w.posts(PAPERS[0])
        await w.restart()
        await w.bob.react(card, "🔖")
        assert await w.saved(w.bob) == {"CLIP sees everything"}


async def test_other_emoji_and_other_messages_are_nobodys_business(tmp_path: Path) -> None:
    """And nothing is written in the channel."""
    async with world(tmp_path) as w:
        digest = await w.posts(*PAPERS)
        foreign = await w.ann.send(w.papers, f"https://arxiv.org/abs/{PAPERS[0].id}")
        await w.bob.react(digest, "👍")
        await w.bob.react(foreign, "🔖")
        assert await w.saved(w.bob) == set()
        assert len(w.papers.history()) == 2


async def test_our_own_emoji_save_nothing(tmp_path: Path) -> None:
    """We may put numbers there for people to press."""
    async with world(tmp_path) as w:
        digest = await w.posts(*PAPERS)
        await digest.add_reaction("1️⃣")
        await w.env.settle()
        assert await w.storage.library.saved_ids(w.channel.workspace, None) == frozenset()


def reaction(w: World, message: int, **more: object) -> dict[str, object]:
    return {
        "guild_id": str(w.guild.id),
        "channel_id": str(w.papers.id),
        "message_id": str(message),
        "user_id": str(w.bob.id),
        "emoji": {"id": None, "name": "1️⃣"},
        "type": 1,
        "burst": True,
        **more,
    }


async def test_a_super_reaction_is_a_reaction(tmp_path: Path) -> None:
    """`burst` or not."""
    async with world(tmp_path) as w:
        digest = await w.posts(*PAPERS)
        await w.happens("MESSAGE_REACTION_ADD", **reaction(w, digest.id))
        assert await w.saved(w.bob) == {"CLIP sees everything"}
        await w.happens("MESSAGE_REACTION_REMOVE", **reaction(w, digest.id))
        assert await w.saved(w.bob) == set()


async def test_clearing_all_emoji_unsaves(tmp_path: Path) -> None:
    """What was saved by command stays."""
    async with world(tmp_path) as w:
        digest = await w.posts(*PAPERS)
        await w.bob.react(digest, "1️⃣")
        await w.ann.react(digest, "2️⃣")
        await w.bob.slash(w.papers, "paper save", paper=PAPERS[4].id)
        w.env.backend.clear_reactions(w.papers.id, digest.id)
        await w.env.settle()
        assert await w.saved(w.ann) == set()
        assert await w.saved(w.bob) == {"Speech without words"}


async def test_clearing_one_emoji_unsaves_what_that_one_saved(tmp_path: Path) -> None:
    """The others stay."""
    async with world(tmp_path) as w:
        digest = await w.posts(*PAPERS)
        await w.bob.react(digest, "1️⃣")
        await w.bob.react(digest, "2️⃣")
        w.env.backend.clear_reaction(w.papers.id, digest.id, "1️⃣")
        await w.env.settle()
        assert await w.saved(w.bob) == {"Attention to diffusion"}


async def test_what_was_missed_is_made_up_for_at_start(tmp_path: Path) -> None:
    """Put there or taken away while nobody listened; buttons' saves are left alone."""
    async with world(tmp_path) as w:
        digest = await w.posts(*PAPERS)
        await w.bob.react(digest, "1️⃣")
        await w.bob.select(digest, [f"5:{PAPERS[4].id}"], custom_id="p:pick:save")
        stored = w.env.backend.get_message(w.papers.id, digest.id)
        by_emoji = {str(one.emoji): one for one in stored.reactions}
        by_emoji["1️⃣"].user_ids[:] = [w.ann.id]
        await w.restart()
        assert await w.saved(w.ann) == {"CLIP sees everything"}
        assert await w.saved(w.bob) == {"Speech without words"}


async def test_a_digest_that_somebody_deleted_does_not_stop_the_others(tmp_path: Path) -> None:
    """It cannot be read any more; what was saved from it stays saved."""
    async with world(tmp_path) as w:
        first = await w.posts(*PAPERS[:2])
        await w.bob.react(first, "1️⃣")
        await w.env.advance_time(1)
        second = await w.posts(*PAPERS[2:])
        w.env.backend.delete_message(w.papers.id, first.id)
        await w.bob.react(second, "1️⃣")
        await w.restart()
        assert await w.saved(w.bob) == {"CLIP sees everything", "A survey of surveys"}


@pytest.mark.parametrize("days", [2, 4])
async def test_only_recent_digests_are_read_again(tmp_path: Path, days: int) -> None:
    """A start costs a few requests, not one for each digest there ever was."""
    async with world(tmp_path) as w:
        await w.posts(*PAPERS)
        await w.env.advance_time(days * 86_400)
        before = len(w.env.http_requests)
        await w.restart()
        read = [one for one in w.env.http_requests[before:] if "/messages/" in one.path]
        assert bool(read) == (days < 3)
