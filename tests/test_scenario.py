"""The bot's whole job, once told for every platform: subscribe, digest, react, saved, unsave, export."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import date
from pathlib import Path

import pytest

from bot.domain.papers import Listing
from tests.support.scenario import Chat, Stage, in_both, in_discord, in_slack, in_terminal
from tests.support.world import some

DAY = "2025-05-22"
PAPERS = some(5, DAY)
EVERYWHERE = pytest.mark.parametrize("place", [in_terminal, in_discord, in_slack])
Place = Callable[..., AbstractAsyncContextManager[Chat]]


def stage(tmp_path: Path) -> Stage:
    """A day's list is out."""
    made = Stage(tmp_path)
    made.source.publish(Listing.day(date.fromisoformat(DAY)), *PAPERS)
    return made


async def saves(it: Stage, count: int) -> None:
    """Wait until so many papers are saved: a reaction takes its way."""
    async with asyncio.timeout(5):
        while (await it.app.storage.archive.counts()).saves != count:  # noqa: ASYNC110 -- a database calls nobody
            await asyncio.sleep(0.02)


@EVERYWHERE
async def test_from_a_subscription_to_an_export(tmp_path: Path, place: Place) -> None:
    """The same on every platform, from the first word to the file."""
    it = stage(tmp_path)
    async with place(it) as chat:
        told = await chat.asks("subscribe", edition="daily", at="09:00", top=3)
        assert "subscribed this channel: daily at 09:00 UTC" in told

        await it.tick("2025-05-23 09:00")
        channel = await chat.reads()
        assert all(paper.title in channel for paper in PAPERS[:3])
        assert PAPERS[3].title not in channel

        await chat.reacts("two")
        await saves(it, 1)
        saved = await chat.asks("saved")
        assert PAPERS[1].title in saved
        assert PAPERS[0].title not in saved

        file = await chat.asks("export", format="bibtex")
        assert "1 saved paper as BibTeX" in file
        assert PAPERS[1].id in await chat.opens()

        told = await chat.asks("unsave", paper=PAPERS[1].id)
        assert f"No longer saved: {PAPERS[1].title}" in told
        assert "You have not saved a paper yet" in await chat.asks("saved")


@EVERYWHERE
async def test_taking_an_emoji_away_takes_back_what_it_did(tmp_path: Path, place: Place) -> None:
    """And nothing else."""
    it = stage(tmp_path)
    async with place(it) as chat:
        await chat.asks("subscribe", edition="daily", at="09:00", top=3)
        await it.tick("2025-05-23 09:00")
        await chat.asks("save", paper=PAPERS[0].id)
        for added, count in ((True, 2), (False, 1)):
            await chat.reacts("three", added=added)
            await saves(it, count)
        saved = await chat.asks("saved")
        assert PAPERS[0].title in saved
        assert PAPERS[2].title not in saved


@EVERYWHERE
async def test_a_second_tick_and_a_second_process_post_nothing_twice(
    tmp_path: Path, place: Place
) -> None:
    """What a channel has had, it has had."""
    it = stage(tmp_path)
    async with place(it) as chat:
        await chat.asks("subscribe", edition="daily", at="09:00", top=3)
        for minute in ("00", "01", "02"):
            await it.tick(f"2025-05-23 09:{minute}")
        channel = await chat.reads()
        await it.app.start()
        await it.tick("2025-05-23 09:05")
        assert await chat.reads() == channel


@EVERYWHERE
async def test_a_mistake_is_answered_with_what_would_be_right(tmp_path: Path, place: Place) -> None:
    """And nothing is stored."""
    it = stage(tmp_path)
    async with place(it) as chat:
        told = await chat.asks("subscribe", tz="Atlantis")
        assert "Atlantis" in told
        assert await it.app.storage.subscriptions.all() == []


async def test_one_library_for_a_team_on_both(tmp_path: Path) -> None:
    """With `[team] shared = true` a paper saved in Slack shows in Discord's `saved team`."""
    it = stage(tmp_path)
    async with in_both(it, team={"shared": True}) as (discord, slack):
        await slack.asks("today")
        await slack.asks("save", paper=PAPERS[0].id)
        assert PAPERS[0].title in await discord.asks("saved", whose="team")
        assert "You have not saved a paper yet" in await discord.asks("saved")


async def test_two_workspaces_know_nothing_of_each_other(tmp_path: Path) -> None:
    """Unless the operator has made them one team."""
    it = stage(tmp_path)
    async with in_both(it) as (discord, slack):
        await slack.asks("today")
        await slack.asks("save", paper=PAPERS[0].id)
        assert "Nobody here has saved a paper yet" in await discord.asks("saved", whose="team")
