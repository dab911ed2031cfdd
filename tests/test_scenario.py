"""The bot's whole job, once told for every platform: subscribe, digest, react, saved, unsave, export."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func
from sqlmodel import col, select

from bot.domain.papers import Listing
from storage.club_tables import VoteRow
from tests.support.fakes import paper
from tests.support.scenario import Chat, Stage, in_both, in_discord, in_slack, in_terminal
from tests.support.world import at, some

DAY = "2025-05-22"
PAPERS = some(5, DAY)
FOLLOWED = paper(
    "2505.00077",
    "A paper on seeing",
    abstract="How machines learn to see.",
    authors=("Yann LeCun",),
)
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


@EVERYWHERE
async def test_a_follow_comes_alone_and_news_come_below_the_post(
    tmp_path: Path, place: Place
) -> None:
    """Follow, list, end; watch what the channel was shown, and hear of its code there."""
    it = stage(tmp_path)
    async with place(it) as chat:
        told = await chat.asks("follow", author="Y. LeCun")
        assert "You follow Y. LeCun" in told
        assert "Y. LeCun" in await chat.asks("follow")
        await chat.asks("subscribe", edition="daily", at="09:00", top=3)

        await it.features("2025-05-22 12:00", replace(FOLLOWED, featured=date(2025, 5, 22)))
        for minute in ("30", "31"):
            await it.tick(f"2025-05-22 12:{minute}")
        await it.app.start()
        await it.tick("2025-05-22 13:00")
        alone = await chat.reads_alone()
        assert alone.count(FOLLOWED.abstract) == 1
        assert "You follow Y. LeCun" in alone
        assert place is in_terminal or FOLLOWED.title not in await chat.reads()

        await chat.asks("follow", stop="all")
        assert "You follow nothing yet" in await chat.asks("follow")

        await it.tick("2025-05-23 09:00")
        assert "below its" in await chat.asks("watch", paper=PAPERS[0].id)
        await it.learns(replace(PAPERS[0], code_url="https://github.com/lab/code"))
        for minute in ("30", "31"):
            await it.tick(f"2025-05-23 09:{minute}")
        assert (await chat.reads_below()).count("Code was released") == 1
        assert "Code was released" not in await chat.reads_alone()


@EVERYWHERE
async def test_a_digest_of_ones_own_comes_alone(tmp_path: Path, place: Place) -> None:
    """With what waited for it, and why."""
    it = stage(tmp_path)
    async with place(it) as chat:
        await chat.asks("follow", words="paper", author="LeCun")
        told = await chat.asks("me", digest="daily", at="08:00", tz="UTC", follows="daily")
        assert "daily at 08:00 UTC" in told
        await it.features("2025-05-22 12:00", replace(FOLLOWED, featured=date(2025, 5, 22)))
        await it.tick("2025-05-22 12:30")
        assert FOLLOWED.title not in await chat.reads_alone()
        await it.tick("2025-05-23 08:00")
        alone = await chat.reads_alone()
        assert "Your digest" in alone
        assert "You follow paper by LeCun" in alone
        assert FOLLOWED.title in alone


async def votes(it: Stage, count: int) -> None:
    """Wait until so many votes stand: a reaction takes its way."""
    standing = select(func.count(col(VoteRow.origin)))
    async with asyncio.timeout(5):
        while True:
            async with it.app.storage.database.read() as session:
                if (await session.exec(standing)).one() == count:
                    return
            await asyncio.sleep(0.02)


@EVERYWHERE
async def test_a_journal_club_from_a_nomination_to_its_archive(
    tmp_path: Path, place: Place
) -> None:
    """Nominated, voted for in both ways, picked, reminded of, opened, archived, taken along."""
    it = stage(tmp_path)
    paper, other = PAPERS[1], PAPERS[2]
    async with place(it) as chat:
        await chat.asks("today")
        assert "Nothing is nominated" in await chat.asks("club")
        await chat.asks("club", action="nominate", paper=other.id)
        it.now = at("2025-05-22 12:01")
        told = await chat.asks("club", action="vote", paper=other.id)
        assert f"Your vote counts: {other.title} (1 vote)" in told
        told = await chat.asks("club", action="vote", paper=other.id)
        assert f"Your vote is taken back: {other.title} (0 votes)" in told

        told = await chat.asks("club", action="nominate", paper=paper.id)
        assert "nominated it for the journal club" in told
        assert "nominated it for the journal club" in await chat.reads()
        told = await chat.asks("club", action="nominate", paper=paper.id)
        assert "nominated already" in told
        for added, count in ((True, 1), (False, 0), (True, 1)):
            await chat.votes(added=added)
            await votes(it, count)
        ranking = await chat.asks("club")
        assert ranking.index(paper.title) < ranking.index(other.title)
        assert "1 vote, yours" in ranking

        when = {"on": "2025-05-26", "at": "16:00", "tz": "Europe/Berlin"}
        assert f"Picked: {paper.title}" in await chat.asks("club", action="pick", **when)
        await it.tick("2025-05-22 12:02")
        assert "Journal club · Monday 26 May 2025" in await chat.reads()
        reminded = []
        for moment in ("25 14:00", "25 14:01", "26 13:00", "26 13:59"):
            await it.tick(f"2025-05-{moment}")
            reminded.append((await chat.reads()).count("Reminder: journal club"))
        once = reminded[0]
        assert once
        assert reminded == [once, once, 2 * once, 2 * once]
        assert "Which result convinces you most" not in await chat.reads_below()
        await it.tick("2025-05-26 14:00")
        assert "The journal club began" in await chat.reads()
        assert "Which result convinces you most" in await chat.reads_below()

        assert f"Archived: {paper.title}" in await chat.asks("club", action="done")
        archive = await chat.asks("club", action="archive")
        assert paper.title in archive
        assert "Monday 26 May 2025 · 1 vote" in archive
        file = await chat.asks("club", action="archive", format="bibtex")
        assert "1 discussed paper as BibTeX" in file
        assert paper.id in await chat.opens()


@EVERYWHERE
async def test_figures_and_a_recap_with_a_picture(tmp_path: Path, place: Place) -> None:
    """A few papers are saved: `stats` tells of them at once, and on Friday a recap does, each with a chart."""
    it = stage(tmp_path)
    it.source.publish(Listing.day(date(2025, 5, 20)), *some(5, "2025-05-20"))
    async with place(it) as chat:
        told = await chat.asks("subscribe", edition="recap", on="fri", at="16:00", top=4)
        assert "recap at 16:00 UTC, on Fri" in told
        assert "Nothing was saved" in await chat.asks("stats")
        await chat.asks("today")
        for saved in PAPERS[:2]:
            await chat.asks("save", paper=saved.id)
        for whose in ("team", "here"):
            figures = await chat.asks("stats", whose=whose, weeks=4)
            assert "2 papers saved by 1 person" in figures
            assert PAPERS[1].title in figures
            await chat.sees_a_picture()

        await it.tick("2025-05-23 16:00")
        channel = await chat.reads()
        assert "The week here" in channel
        assert "One person saved it here this week" in channel
        assert "Missed here" in channel
        assert PAPERS[0].title in channel
        await chat.sees_a_picture(posted=True)
        await it.tick("2025-05-23 16:01")
        assert await chat.reads() == channel


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


@EVERYWHERE
async def test_a_library_is_written_in_searched_and_forgotten(tmp_path: Path, place: Place) -> None:
    """Note, tag, read, find again by each of them, take one's data along, and be forgotten."""
    it = stage(tmp_path)
    async with place(it) as chat:
        await chat.asks("today")
        first, second = PAPERS[0], PAPERS[1]
        told = await chat.asks("note", paper=first.id, text="Compare with our baseline.")
        assert f"Saved and noted: {first.title}. Only you can read it." in told
        told = await chat.asks("tag", paper=second.id, tags="+rl vision -old")
        assert f"Saved and tagged: {second.title}" in told
        assert f"Read: {second.title}" in await chat.asks("read", paper=second.id)

        saved = await chat.asks("saved", only="unread")
        assert first.title in saved
        assert second.title not in saved
        saved = await chat.asks("saved", whose="team", tag="rl")
        assert second.title in saved
        assert "#rl" in saved
        assert first.title not in saved
        saved = await chat.asks("saved", words="baseline")
        assert "✎ Compare with our baseline." in saved
        assert "✎ Compare with our baseline." in await chat.asks("show", paper=first.id)
        assert f"Not read: {second.title}" in await chat.asks("unread", paper=second.id)

        await chat.asks("data")
        assert "Compare with our baseline." in await chat.opens()
        asked = await chat.asks("forget", whom="me")
        assert "2 acts of saving, 1 note, 2 tags" in " ".join(asked.split())
        assert second.title in await chat.asks("saved")
        done = await chat.asks("forget", whom="me", sure="yes")
        assert "Everything kept about you has been deleted" in " ".join(done.split())
        assert "Nobody here has saved a paper yet" in await chat.asks("saved", whose="team")
