"""A channel that refuses us: whoever subscribed it hears of it, once."""

from pathlib import Path

from bot.domain.errors import ChannelRefused, WorkspaceRefused
from bot.domain.posts import Notice
from tests.support.fakes import CHANNEL
from tests.support.world import ANN, world
from tests.test_delivery import posted


async def test_whoever_subscribed_is_told_once_with_what_to_do(tmp_path: Path) -> None:
    """Not at every try that follows; and again after it had gone well in between."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        it.chat.down[CHANNEL] = ChannelRefused("Write `/invite @paperbot` there.")
        await posted(it)
        await it.until("2025-05-23 14:00")
        ((who, notice),) = it.chat.told
        assert who == ANN
        assert isinstance(notice, Notice)
        assert "/invite @paperbot" in notice.text
        assert "`one`" in notice.hints[0]


async def test_who_cannot_be_told_does_not_stop_anything(tmp_path: Path) -> None:
    """The subscription rests, and comes back, as if they had been."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        it.chat.deaf.add(ANN)
        it.chat.down[CHANNEL] = ChannelRefused("Write `/invite @paperbot` there.")
        await posted(it)
        it.chat.down.clear()
        await it.tick("2025-05-23 10:01")
        assert len(it.chat.sent) == 1


async def test_a_workspace_that_shut_us_out_is_not_written_to(tmp_path: Path) -> None:
    """Nobody there can be reached."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        it.chat.down[CHANNEL] = WorkspaceRefused("The token was revoked.")
        await posted(it)
        assert it.chat.told == []
