"""What changes about a watched paper is told once: below the post that showed it, or to whoever watches it."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.domain.deliveries import Outcome
from bot.domain.posts import PaperCard
from bot.domain.subscriptions import Edition
from bot.renewal import AT_A_TIME, Renewal
from bot.watching import LASTS, end_watches
from tests.support.fakes import paper
from tests.support.wishes import CHANNEL, OWN, follows, learns, lists, papers_in, posted, watches
from tests.support.world import World, some, world

DAY = "2025-05-22"
FIRST = some(1, DAY)[0]
CODE = "https://github.com/lab/code"


async def shown(it: World) -> None:
    """The paper stands in a digest of the channel."""
    await lists(it, DAY, *some(3, DAY))
    await it.subscribe()
    await it.tick("2025-05-23 09:00")


async def test_a_change_is_told_below_the_post_that_showed_the_paper(tmp_path: Path) -> None:
    """Once, although the channel has had the paper, and over restarts."""
    async with world(tmp_path, f"{DAY} 12:00") as it:
        await shown(it)
        it.now += timedelta(minutes=5)
        await watches(it, FIRST, channel=CHANNEL)
        await it.tick("2025-05-23 09:30")
        assert len(it.chat.sent) == 1
        await learns(it, replace(FIRST, code_url=CODE, stars=7))
        for minute in range(10):
            it.restart()
            await it.office.settle(alone=True)
            await it.tick(f"2025-05-23 10:0{minute}")
        (digest, _), (_, told) = it.chat.sent
        assert isinstance(told.post, PaperCard)
        assert told.post.notes == ("Code was released, 7 stars so far.",)
        assert told.post.entry.paper.id == FIRST.id
        assert told.reply_to == digest


async def test_each_change_is_told_and_none_again(tmp_path: Path) -> None:
    """First code, then stars and a summary, then nothing."""
    async with world(tmp_path, f"{DAY} 12:00") as it:
        await lists(it, DAY, FIRST)
        await watches(it, FIRST)
        seen = replace(FIRST, code_url=CODE, stars=10)
        await learns(it, seen)
        await it.until(f"{DAY} 13:00", timedelta(minutes=30))
        await learns(it, replace(seen, stars=90, ai_summary="In short."))
        await it.until(f"{DAY} 16:00", timedelta(minutes=30))
        assert [post.notes for post in posted(it)] == [
            ("Code was released, 10 stars so far.",),
            ("Its code has 90 stars, up from 10.", "It has an AI summary now."),
        ]


async def test_without_a_post_it_is_told_to_the_person_alone(tmp_path: Path) -> None:
    """A plain message that answers nothing."""
    async with world(tmp_path, f"{DAY} 12:00") as it:
        await lists(it, DAY, FIRST)
        await watches(it, FIRST)
        await learns(it, replace(FIRST, upvotes=260))
        await it.tick(f"{DAY} 12:30")
        (told,) = [outgoing for _, outgoing in it.chat.sent]
        assert (told.channel, told.reply_to) == (OWN, None)
        assert told.post.notes == ("It passed 250 upvotes: 260 by now.",)  # type: ignore[union-attr]


async def test_a_paper_that_a_follow_brought_can_have_news_in_the_same_place(
    tmp_path: Path,
) -> None:
    """And the follow does not bring it again because of them."""
    async with world(tmp_path, f"{DAY} 12:00") as it:
        await lists(it, DAY, FIRST)
        await follows(it, words=("paper",))
        await watches(it, FIRST)
        await learns(it, replace(FIRST, code_url=CODE))
        await it.until(f"{DAY} 15:00", timedelta(minutes=10))
        assert papers_in(it) == [FIRST.id, FIRST.id]
        assert sum(isinstance(post, PaperCard) for post in posted(it)) == 1


async def test_stars_that_were_unknown_are_learnt_in_silence(tmp_path: Path) -> None:
    """They have not jumped; the record says what happened."""
    async with world(tmp_path, f"{DAY} 12:00") as it:
        known = replace(FIRST, code_url=CODE)
        await lists(it, DAY, known)
        await watches(it, known)
        await learns(it, replace(known, stars=1_000))
        await it.until(f"{DAY} 13:00", timedelta(minutes=30))
        assert it.chat.posts == []
        (run,) = await it.storage.outbox.runs(OWN)
        assert (run.outcome, run.reason) == (Outcome.NOTHING, "the stars of its code are known now")
        await learns(it, replace(known, stars=1_600))
        await it.tick(f"{DAY} 13:30")
        assert [post.notes for post in posted(it)] == [
            ("Its code has 1,600 stars, up from 1,000.",)
        ]


async def test_a_watch_ends_by_itself(tmp_path: Path) -> None:
    """After 90 days nothing is told any more, and housekeeping removes it."""
    async with world(tmp_path, f"{DAY} 12:00") as it:
        await lists(it, DAY, FIRST)
        await watches(it, FIRST)
        assert await end_watches(it.storage.subscriptions, it.now + LASTS - timedelta(1)) == 0
        it.now += LASTS
        await learns(it, replace(FIRST, code_url=CODE))
        await it.until("2025-08-21 12:00", timedelta(hours=12))
        assert it.chat.posts == []
        assert await end_watches(it.storage.subscriptions, it.now) == 1
        assert await it.storage.subscriptions.of_edition(Edition.WATCH) == []


async def test_older_papers_are_asked_for_now_and_then_a_few_at_a_time(tmp_path: Path) -> None:
    """Each at most every six hours; those on the latest lists come with these."""
    async with world(tmp_path, "2025-05-20 12:00") as it:
        old, new = some(7, "2025-05-20"), some(1, "2025-05-23")
        await lists(it, "2025-05-20", *old)
        it.now += timedelta(days=3)
        await lists(it, "2025-05-23", *new)
        for number, one in enumerate((*old, *new)):
            await watches(it, one, f"w{number}")
        asked = it.source.asked
        storage = it.storage
        renewal = Renewal(
            subscriptions=storage.subscriptions,
            archive=storage.archive,
            refresher=it.ingest,
            clock=lambda: it.now,
        )
        asked.clear()
        turns = []
        for _ in range(24):
            turns.append(await renewal.renew())
            it.now += timedelta(minutes=15)
        assert turns == [AT_A_TIME, 2] + [0] * 22
        assert sorted(map(str, asked)) == sorted(one.id for one in old)
        assert await renewal.renew() == AT_A_TIME


async def test_what_is_learnt_so_is_told(tmp_path: Path) -> None:
    """A paper of last week gets code."""
    async with world(tmp_path, "2025-05-10 12:00") as it:
        await lists(it, "2025-05-10", FIRST)
        it.now += timedelta(days=7)
        await watches(it, FIRST)
        it.source.pages[FIRST.id] = replace(FIRST, code_url=CODE)
        storage = it.storage
        renewal = Renewal(
            subscriptions=storage.subscriptions,
            archive=storage.archive,
            refresher=it.ingest,
            clock=lambda: it.now,
        )
        await renewal.renew()
        await it.until("2025-05-17 13:00", timedelta(minutes=30))
        assert [post.notes for post in posted(it)] == [("Code was released.",)]


async def test_who_is_watched_by_nobody_any_more_is_forgotten(tmp_path: Path) -> None:
    """What a renewal remembers does not grow for ever."""
    async with world(tmp_path, "2025-05-10 12:00") as it:
        one = paper("2504.00001")
        await learns(it, one)
        order = await watches(it, one)
        storage = it.storage
        renewal = Renewal(
            subscriptions=storage.subscriptions,
            archive=storage.archive,
            refresher=it.ingest,
            clock=lambda: it.now,
        )
        await renewal.renew()
        assert set(renewal.asked) == {one.id}
        await storage.subscriptions.remove(order.id)
        await renewal.renew()
        assert renewal.asked == {}
