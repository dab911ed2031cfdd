"""A paper that somebody follows comes to them once, over restarts, doubts and several follows."""

from datetime import time, timedelta
from pathlib import Path

from bot.domain.deliveries import State
from bot.domain.errors import ChannelRefused, OutcomeUnknown, Unavailable
from bot.domain.people import Channel
from bot.domain.posts import Digest
from bot.domain.subscriptions import Edition, Manner
from tests.support.fakes import paper
from tests.support.wishes import ANN, CHANNEL, OWN, follows, learns, lists, papers_in, posted, wish
from tests.support.world import world

DAY = "2025-05-22"
LECUN = paper("2505.00001", "Seeing", authors=("Grace Hopper", "Yann LeCun"), upvotes=3)
ROBOT = paper("2505.00002", "World models for robots", organization="Meta", upvotes=9)
OTHER = paper("2505.00003", "Something else", authors=("Ada Lovelace",))
BOB = Channel(CHANNEL.workspace, "@bob")


async def test_a_paper_comes_when_it_is_featured_and_says_why(tmp_path: Path) -> None:
    """Within half an hour, once, and nothing else comes."""
    async with world(tmp_path, f"{DAY} 09:05") as it:
        await follows(it, author="Y. LeCun")
        await it.tick(f"{DAY} 09:30")
        assert it.chat.posts == []
        await lists(it, DAY, LECUN, ROBOT, OTHER)
        await it.until(f"{DAY} 13:00", timedelta(minutes=10))
        (post,) = posted(it)
        assert isinstance(post, Digest)
        assert post.title == "You follow Y. LeCun"
        assert [entry.paper.id for entry in post.entries] == [LECUN.id]
        assert it.now.isoformat() > "2025-05-22T10:00"


async def test_restarts_and_doubts_bring_nothing_twice(tmp_path: Path) -> None:
    """A new process at every tick, and the first answer lost."""
    async with world(tmp_path, f"{DAY} 09:05") as it:
        await follows(it, author="LeCun")
        await lists(it, DAY, LECUN)
        it.chat.then, it.chat.takes_anyway = [OutcomeUnknown("lost")], True
        for minute in range(10, 60, 5):
            it.restart()
            await it.office.settle(alone=True)
            await it.tick(f"{DAY} 09:{minute}")
        assert papers_in(it) == [LECUN.id]


async def test_a_process_that_dies_between_any_two_steps_brings_it_once(tmp_path: Path) -> None:
    """After it was planned, and after it was taken to be sent."""
    async with world(tmp_path, f"{DAY} 09:05") as it:
        await follows(it, author="LeCun")
        await follows(it, "f2", words=("seeing",))
        await lists(it, DAY, LECUN)
        it.now += timedelta(minutes=25)
        await it.planner.plan_due()
        it.restart()
        (taken,) = await it.storage.outbox.claim(it.now, it.now + timedelta(minutes=2))
        assert taken.state is State.SENDING
        for _ in range(3):
            it.restart()
            await it.office.settle(alone=True)
            it.now += timedelta(minutes=3)
            await it.tick()
        assert papers_in(it) == [LECUN.id]


async def test_a_follow_removed_and_made_again_brings_nothing_again(tmp_path: Path) -> None:
    """What a channel has had is known for good."""
    async with world(tmp_path, f"{DAY} 09:05") as it:
        await follows(it, author="LeCun")
        await lists(it, DAY, LECUN)
        await it.tick(f"{DAY} 09:30")
        await it.storage.subscriptions.remove("f1")
        await follows(it, "f2", author="Yann LeCun")
        await it.until(f"{DAY} 12:00")
        assert papers_in(it) == [LECUN.id]


async def test_of_two_follows_for_one_paper_the_older_one_is_named(tmp_path: Path) -> None:
    """It comes once."""
    async with world(tmp_path, f"{DAY} 09:05") as it:
        await follows(it, "f9", organization="meta")
        it.now += timedelta(minutes=1)
        await follows(it, "f1", words=("robots",))
        await lists(it, DAY, LECUN, ROBOT)
        await it.tick(f"{DAY} 09:30")
        await it.until(f"{DAY} 12:00")
        assert [post.title for post in posted(it)] == ["You follow papers of meta"]  # type: ignore[union-attr]


async def test_two_people_who_follow_the_same_each_get_it(tmp_path: Path) -> None:
    """In their own channels, looked up once."""
    async with world(tmp_path, f"{DAY} 09:05") as it:
        await follows(it, "f1", author="LeCun")
        await wish(it, Edition.FOLLOW, "f2", channel=BOB, author="LeCun")
        await wish(it, Edition.FOLLOW, "f3", channel=CHANNEL, author="LeCun", shared=True)
        await lists(it, DAY, LECUN)
        await it.tick(f"{DAY} 09:30")
        assert [papers_in(it, one) for one in (OWN, BOB, CHANNEL)] == [[LECUN.id]] * 3
        assert [post.title for post in posted(it, CHANNEL)] == ["This channel follows LeCun"]  # type: ignore[union-attr]


async def test_what_was_featured_long_before_does_not_come(tmp_path: Path) -> None:
    """A follow begins with the papers of the day before."""
    async with world(tmp_path, "2025-05-20 12:00") as it:
        await lists(it, "2025-05-20", LECUN)
        it.now += timedelta(days=2)
        await lists(it, "2025-05-21", ROBOT)
        await follows(it, author="LeCun")
        await follows(it, "f2", words=("robots",))
        await it.until("2025-05-22 16:00")
        assert papers_in(it) == [ROBOT.id]


async def test_a_paper_that_comes_to_match_later_comes_then(tmp_path: Path) -> None:
    """An AI summary has words, too."""
    async with world(tmp_path, f"{DAY} 09:05") as it:
        await follows(it, words=("optics",))
        await lists(it, DAY, LECUN)
        await it.tick(f"{DAY} 09:30")
        assert posted(it) == []
        await learns(it, paper(LECUN.id, LECUN.title, ai_summary="About optics."))
        await it.tick(f"{DAY} 10:00")
        assert papers_in(it) == [LECUN.id]


async def test_a_follow_goes_on_while_hugging_face_is_away(tmp_path: Path) -> None:
    """It needs nothing but the archive."""
    async with world(tmp_path, f"{DAY} 09:05") as it:
        await lists(it, DAY, LECUN)
        await follows(it, author="LeCun")
        it.source.down = Unavailable("Hugging Face cannot be reached.")
        await it.tick(f"{DAY} 09:30")
        assert papers_in(it) == [LECUN.id]


async def test_words_that_are_excluded_keep_a_paper_out(tmp_path: Path) -> None:
    """With everything else fitting."""
    async with world(tmp_path, f"{DAY} 09:05") as it:
        await lists(it, DAY, ROBOT)
        await follows(it, organization="meta", exclude=("robots",))
        await it.until(f"{DAY} 12:00")
        assert papers_in(it) == []


async def test_at_night_nothing_comes_and_in_the_morning_all_of_it_at_once(tmp_path: Path) -> None:
    """One message, when quiet hours end in Berlin."""
    async with world(tmp_path, f"{DAY} 18:05") as it:
        await follows(it, words=("seeing",), quiet=(time(22), time(7)), tz="Europe/Berlin")
        await it.tick(f"{DAY} 20:00")
        await lists(it, DAY, LECUN)
        await it.until("2025-05-23 04:50", timedelta(minutes=10))
        assert posted(it) == []
        await it.tick("2025-05-23 05:00")
        assert papers_in(it) == [LECUN.id]


async def test_what_was_promised_just_before_the_night_waits_too(tmp_path: Path) -> None:
    """Messages of one hour are spread over minutes; quiet hours count when they would arrive."""
    spread = timedelta(hours=1)
    async with world(tmp_path, f"{DAY} 18:05", spread=spread) as it:
        await lists(it, DAY, LECUN)
        await follows(it, author="LeCun", quiet=(time(18, 31), time(20)))
        await it.tick(f"{DAY} 18:30")
        await it.tick(f"{DAY} 19:59")
        assert posted(it) == []
        await it.tick(f"{DAY} 20:00")
        assert papers_in(it) == [LECUN.id]


async def test_follows_that_wait_for_the_digest_or_are_off_post_nothing(tmp_path: Path) -> None:
    """And leave no trace."""
    async with world(tmp_path, f"{DAY} 09:05") as it:
        await lists(it, DAY, LECUN)
        await follows(it, "f1", author="LeCun", manner=Manner.DAILY)
        await follows(it, "f2", words=("seeing",), manner=Manner.OFF)
        await it.until("2025-05-24 12:00")
        assert it.chat.posts == []
        assert await it.storage.outbox.runs(OWN) == []


async def test_a_person_who_takes_no_messages_rests_their_follow_until_they_do(
    tmp_path: Path,
) -> None:
    """Nothing is lost, and nobody has to do anything else."""
    async with world(tmp_path, f"{DAY} 09:05") as it:
        await lists(it, DAY, LECUN)
        await follows(it, author="LeCun")
        it.chat.down[OWN], it.chat.deaf = ChannelRefused("They take no messages."), {ANN}
        await it.tick(f"{DAY} 09:30")
        paused = await it.storage.subscriptions.get("f1")
        assert paused
        assert paused.paused == "They take no messages."
        assert it.chat.told == []
        it.chat.down.clear()
        await it.tick(f"{DAY} 10:31")
        resumed = await it.storage.subscriptions.get("f1")
        assert resumed
        assert resumed.paused is None
        assert papers_in(it) == [LECUN.id]


async def test_a_redirected_follow_posts_what_it_owes_where_it_goes_now(tmp_path: Path) -> None:
    """What waited for the end of the night is not sent to the old place."""
    async with world(tmp_path, f"{DAY} 18:05", spread=timedelta(hours=1)) as it:
        await lists(it, DAY, LECUN)
        order = await follows(it, author="LeCun", quiet=(time(18, 31), time(20)))
        await it.tick(f"{DAY} 18:30")
        assert await it.storage.outbox.owed(OWN) == 1
        await it.storage.subscriptions.redirect(order.id, BOB, order.terms, it.now)
        assert await it.storage.outbox.owed() == 0
        await it.until("2025-05-23 09:00", timedelta(minutes=30))
        assert (papers_in(it), papers_in(it, BOB)) == ([], [LECUN.id])
