"""From a due subscription to a message in its channel, with everything that can go wrong on the way."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.deliveries import Outcome
from bot.domain.errors import (
    ChannelRefused,
    ContentRefused,
    DeliveryError,
    NotYet,
    OutcomeUnknown,
    TryLater,
    Unavailable,
)
from bot.domain.people import Channel, Workspace
from bot.domain.ports import Budget
from bot.domain.subscriptions import Layout
from tests.support.fakes import CHANNEL
from tests.support.world import World, some, world

DAY = "2025-05-22"
OTHER = Channel(Workspace("terminal", "local"), "other")


async def posted(it: World) -> None:
    """A digest of three papers is due and the clock stands at its hour."""
    it.publish(DAY, some(3, DAY))
    await it.subscribe()
    await it.tick("2025-05-23 09:00")


async def test_running_the_clock_twice_posts_once(tmp_path: Path) -> None:
    """However often a tick comes."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        await posted(it)
        for _ in range(5):
            await it.tick()
        assert len(it.chat.sent) == 1


async def test_restarts_repost_nothing(tmp_path: Path) -> None:
    """Five new processes on the same database."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        await posted(it)
        for _ in range(5):
            it.restart()
            await it.office.settle(alone=True)
            await it.tick()
        assert len(it.chat.sent) == 1


async def test_unsubscribing_and_subscribing_again_reposts_nothing(tmp_path: Path) -> None:
    """What a channel has had is known for good."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        await posted(it)
        await it.storage.subscriptions.remove("one")
        await it.subscribe(id="two")
        await it.until("2025-05-24 10:00")
        assert len(it.papers) == 3


async def test_two_subscriptions_of_a_channel_share_its_memory(tmp_path: Path) -> None:
    """A paper comes once to a channel, by whichever subscription is first."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        it.publish(DAY, some(4, DAY))
        await it.subscribe(id="one", top=2)
        await it.subscribe(id="two", top=10)
        await it.subscribe(id="three", channel=OTHER)
        await it.tick("2025-05-23 09:00")
        here = [e.paper.id for c, p in it.chat.posts if c == CHANNEL for e in p.entries]  # type: ignore[union-attr]
        assert sorted(here) == sorted(p.id for p in some(4, DAY))
        assert len(it.papers) == 8


async def test_three_days_of_downtime_bring_one_digest_with_all_days(tmp_path: Path) -> None:
    """Nothing lost, nothing repeated, never a flood."""
    async with world(tmp_path, "2025-05-19 12:00") as it:
        for day in ("2025-05-19", "2025-05-20", "2025-05-21", "2025-05-22"):
            it.publish(day, some(2, day))
        await it.subscribe()
        await it.tick("2025-05-20 09:00")
        await it.tick("2025-05-23 14:00")
        assert len(it.chat.posts) == 2
        assert it.headings[1] == "Daily Papers · 20 – 22 May 2025"
        assert len(it.papers) == len(set(it.papers)) == 8


async def test_a_run_that_is_too_old_is_skipped_and_said_so(tmp_path: Path) -> None:
    """A weekly edition missed by more than 36 hours does not come on Wednesday."""
    from bot.domain.subscriptions import Edition

    async with world(tmp_path, "2025-05-18 12:00") as it:
        await it.subscribe(Edition.WEEKLY)
        await it.tick("2025-05-21 12:00")
        run = await it.last_run()
        assert run.outcome is Outcome.SKIPPED
        assert "too long ago" in run.reason
        assert it.chat.posts == []


async def test_while_hugging_face_is_away_the_run_waits_and_says_until_when(tmp_path: Path) -> None:
    """Every ten minutes it asks again, and the digest comes when it is back."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        it.publish(DAY, some(3, DAY))
        await it.subscribe()
        it.source.down = Unavailable("Hugging Face cannot be reached.")
        await it.tick("2025-05-23 09:00")
        run = await it.last_run()
        assert run.outcome is Outcome.WAITING
        assert run.retry_at == it.now + timedelta(minutes=10)
        await it.until("2025-05-23 11:00", timedelta(minutes=5))
        it.source.down = None
        await it.until("2025-05-23 12:00", timedelta(minutes=5))
        assert len(it.papers) == 3
        assert (await it.last_run()).outcome is Outcome.POSTED
        assert len(await it.storage.outbox.runs(CHANNEL, 50)) == 1


async def test_a_day_that_hugging_face_has_not_opened_is_waited_for(tmp_path: Path) -> None:
    """When its clock is behind ours, a finished day is not taken for an empty one."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        await it.subscribe()
        it.source.down = NotYet("no list yet")
        await it.tick("2025-05-23 09:00")
        assert (await it.last_run()).outcome is Outcome.WAITING
        it.source.down = None
        it.publish(DAY, some(3, DAY))
        await it.tick("2025-05-23 09:11")
        assert len(it.papers) == 3


async def test_a_list_that_is_there_in_part_is_used_when_patience_ends(tmp_path: Path) -> None:
    """Yesterday noon's view is better than nothing, an hour later."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        for n in range(19, 23):
            it.publish(f"2025-05-{n}", some(3, f"2025-05-{n}"))
        await it.ingest.poll()
        it.now = it.now - timedelta(days=2)
        await it.ingest.poll()
        it.now = it.now + timedelta(days=2)
        await it.subscribe()
        it.source.down = Unavailable("Hugging Face cannot be reached.")
        await it.tick("2025-05-23 09:00")
        assert it.papers == []
        await it.until("2025-05-23 10:30", timedelta(minutes=10))
        assert it.papers == [p.id for p in some(3, DAY)]


@pytest.mark.parametrize("layout", list(Layout))
async def test_every_layout_posts_each_paper_under_its_number(
    tmp_path: Path, layout: Layout
) -> None:
    """And what a message shows is known, so that a reaction can be understood."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        it.publish(DAY, some(3, DAY))
        await it.subscribe(layout=layout)
        await it.tick("2025-05-23 09:00")
        for message, outgoing in it.chat.sent:
            shown = await it.storage.library.shown(message)
            wanted = {e.number: e.paper.id for e in outgoing.post.entries}  # type: ignore[union-attr]
            assert (shown.papers if shown else {}) == wanted
        messages = {Layout.DIGEST: 1, Layout.THREAD: 4, Layout.CARDS: 4}
        assert len(it.chat.sent) == messages[layout]
        replies = [out.reply_to for _, out in it.chat.sent if out.reply_to]
        assert replies == [it.chat.sent[0][0]] * (3 if layout is Layout.THREAD else 0)


async def test_parts_come_in_order_and_a_part_waits_for_the_one_before(tmp_path: Path) -> None:
    """The second part does not overtake a first that has to wait."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        it.chat.budget = Budget(entries=2, characters=10_000)
        it.restart()
        it.publish(DAY, some(5, DAY))
        await it.subscribe()
        it.chat.then = [TryLater("slow down", timedelta(minutes=1))]
        await it.tick("2025-05-23 09:00")
        assert it.papers == []
        await it.tick("2025-05-23 09:02")
        assert it.papers == [p.id for p in some(5, DAY)]
        assert [p.part for _, p in it.chat.posts] == [1, 2, 3]  # type: ignore[union-attr]


async def test_a_refused_channel_pauses_and_comes_back_with_its_settings(tmp_path: Path) -> None:
    """An hour of 403: nothing is deleted, nothing lost, and nobody has to do anything but let us in."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        it.publish(DAY, some(3, DAY))
        before = await it.subscribe(top=7, exclude=("survey",))
        it.chat.down[CHANNEL] = ChannelRefused("invite the bot: /invite @paperbot")
        await it.tick("2025-05-23 09:00")
        paused = await it.storage.subscriptions.get("one")
        assert paused
        assert paused.paused == "invite the bot: /invite @paperbot"
        it.chat.down.clear()
        await it.tick("2025-05-23 10:01")
        resumed = await it.storage.subscriptions.get("one")
        assert resumed
        assert resumed.paused is None
        assert (resumed.terms, resumed.edition) == (before.terms, before.edition)
        assert len(it.papers) == 3


async def test_a_channel_that_stays_closed_is_tried_hourly_then_daily(tmp_path: Path) -> None:
    """A permanent error is no reason for a storm of requests, nor for giving up."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        for n in range(22, 31):
            it.publish(f"2025-05-{n}", some(1, f"2025-05-{n}"))
        await it.subscribe()
        it.chat.down[CHANNEL] = ChannelRefused("closed")
        await it.until("2025-05-26 09:30")
        assert it.chat.attempts < 24 * 4
        it.chat.down.clear()
        await it.until("2025-05-28 10:00", timedelta(hours=3))
        assert it.papers
        assert len(it.papers) == len(set(it.papers))


async def test_one_closed_channel_silences_nobody(tmp_path: Path) -> None:
    """The others get theirs in the same tick."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        it.publish(DAY, some(3, DAY))
        await it.subscribe(id="one")
        await it.subscribe(id="two", channel=OTHER)
        it.chat.down[CHANNEL] = ChannelRefused("closed")
        await it.tick("2025-05-23 09:00")
        assert [channel for channel, _ in it.chat.posts] == [OTHER]


async def test_what_a_platform_dislikes_is_sent_once_more_plainly(tmp_path: Path) -> None:
    """One odd title does not cost a team its digest."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        it.chat.then = [ContentRefused("invalid blocks")]
        await posted(it)
        assert [outgoing.plain for _, outgoing in it.chat.sent] == [True]


async def test_what_is_disliked_even_plainly_fails_with_a_reason(tmp_path: Path) -> None:
    """It is tried once in each way, and not for ever."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        it.chat.then = [ContentRefused("no"), ContentRefused("still no")]
        await posted(it)
        await it.tick("2025-05-23 20:00")
        assert it.chat.attempts == 2
        assert await it.storage.outbox.owed() == 0


@pytest.mark.parametrize("arrived", [True, False])
async def test_a_lost_answer_is_settled_by_asking(tmp_path: Path, *, arrived: bool) -> None:
    """Whether the post was there or not, afterwards it is there once."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        it.chat.takes_anyway = arrived
        it.chat.then = [OutcomeUnknown("connection lost")]
        await posted(it)
        await it.tick("2025-05-23 09:01")
        assert len(it.chat.sent) == 1
        assert it.chat.attempts == (1 if arrived else 2)
        assert await it.storage.library.shown(it.chat.sent[0][0])


@pytest.mark.parametrize(("again", "messages"), [(True, 1), (False, 0)])
async def test_where_nobody_can_tell_the_operator_has_decided(
    tmp_path: Path, again: bool, messages: int
) -> None:
    """Send again, or let it be."""
    async with world(tmp_path, "2025-05-22 12:00", at_least_once=again) as it:
        it.chat.blind = True
        it.chat.then = [OutcomeUnknown("connection lost")]
        await posted(it)
        await it.tick("2025-05-23 09:01")
        assert len(it.chat.sent) == messages
        assert await it.storage.outbox.owed() == 0


async def test_a_storm_of_limits_backs_off(tmp_path: Path) -> None:
    """Ten minutes of 429 without a figure are a handful of attempts."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        it.chat.down[CHANNEL] = TryLater("rate limited")
        await posted(it)
        await it.until("2025-05-23 09:10", timedelta(seconds=10))
        assert it.chat.attempts < 20
        it.chat.down.clear()
        await it.until("2025-05-23 09:30", timedelta(seconds=30))
        assert len(it.chat.sent) == 1


async def test_a_bug_in_an_adapter_loses_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged, the platform is asked, and the post goes out."""

    class Bug(DeliveryError):
        pass

    async with world(tmp_path, "2025-05-22 12:00") as it:
        it.chat.then = [Bug("surprise")]
        await posted(it)
        await it.tick("2025-05-23 09:10")
        assert len(it.chat.sent) == 1
        assert "surprise" in caplog.text


async def test_a_platform_that_is_off_is_a_reason_too(tmp_path: Path) -> None:
    """A subscription for Discord in a process without Discord says so."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        elsewhere = Channel(Workspace("discord", "1"), "2")
        await it.subscribe(channel=elsewhere)
        await it.tick("2025-05-23 09:00")
        (run,) = await it.storage.outbox.runs(elsewhere)
        assert (run.outcome, run.reason) == (Outcome.SKIPPED, "discord is not switched on")


async def test_a_digest_sent_late_shows_the_papers_as_they_are_then(tmp_path: Path) -> None:
    """The plan keeps ids, not texts: a title corrected meanwhile is right."""
    async with world(tmp_path, "2025-05-22 12:00") as it:
        it.chat.then = [TryLater("soon", timedelta(minutes=5))]
        await posted(it)
        better = replace(some(1, DAY)[0], title="A better title")
        await it.storage.archive.keep([better], as_of=datetime.fromisoformat("2025-05-23T09:01Z"))
        await it.tick("2025-05-23 09:06")
        assert it.chat.posts[0][1].entries[0].paper.title == "A better title"  # type: ignore[union-attr]
