"""One person's own digest: what waited for it, what their team saved, what is like what they saved."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.domain.deliveries import Outcome
from bot.domain.library import Opinion
from bot.domain.people import Channel, Person, Workspace
from bot.domain.posts import Digest
from bot.domain.stores import Save
from bot.domain.subscriptions import Edition, Manner
from tests.support.fakes import paper
from tests.support.wishes import ANN, CHANNEL, OWN, digests, follows, lists, papers_in, posted, wish
from tests.support.world import World, world

DAY, NEXT = "2025-05-22", "2025-05-23"
LECUN = paper("2505.00001", "Seeing", authors=("Yann LeCun",))
KEPT = paper("2505.00002", "Kept by Bob")
LIKE = paper("2505.00003", "Like what Ann kept")
BOB = Person("terminal", "bob", "Bob")
HOME = CHANNEL.workspace


async def saves(it: World, who: Person, *papers: str, home: Workspace = HOME) -> None:
    for id in papers:
        save = Save(person=who, workspace=home, paper=id, at=it.now, origin="command")  # type: ignore[arg-type]
        await it.storage.library.save(save)


def told(it: World, channel: Channel = OWN) -> list[tuple[str, str]]:
    """Paper and why it is there."""
    return [(e.paper.id, e.why) for post in posted(it, channel) for e in post.entries]


async def test_every_section_says_why_its_papers_are_there(tmp_path: Path) -> None:
    """What Ann follows, what Bob saved, what is recommended, each once."""
    async with world(tmp_path, f"{DAY} 10:00") as it:
        await digests(it, home=HOME)
        await follows(it, author="LeCun", manner=Manner.DAILY)
        await lists(it, DAY, LECUN, KEPT, LIKE)
        await it.storage.archive.keep([paper("2505.00004")], as_of=it.now)
        await saves(it, ANN, "2505.00004")
        await saves(it, BOB, KEPT.id, LECUN.id)
        it.tastes.papers = [KEPT, LIKE]
        await it.tick(f"{NEXT} 09:00")
        assert told(it) == [
            (LECUN.id, "You follow LeCun"),
            (KEPT.id, "Bob saved it"),
            (LIKE.id, "Because you saved 2505.00004"),
        ]
        (post,) = posted(it)
        assert isinstance(post, Digest)
        assert post.title == "Your digest · Friday 23 May 2025"
        assert post.subtitle == "3 papers · 1 you follow · 1 saved by your team · 1 recommended"


async def test_nothing_new_is_no_message_and_a_reason(tmp_path: Path) -> None:
    """Silence is explained."""
    async with world(tmp_path, f"{DAY} 10:00") as it:
        await digests(it, home=HOME)
        await it.tick(f"{NEXT} 09:00")
        assert it.chat.posts == []
        (run,) = await it.storage.outbox.runs(OWN)
        assert run.outcome is Outcome.NOTHING
        assert run.reason == "nothing new from what they follow, from their team or to recommend"


async def test_what_came_before_does_not_come_again(tmp_path: Path) -> None:
    """The next day has nothing but what is new since, and restarts change nothing."""
    async with world(tmp_path, f"{DAY} 10:00") as it:
        await digests(it, home=HOME)
        await follows(it, author="LeCun", manner=Manner.DAILY)
        await lists(it, DAY, LECUN, KEPT)
        await saves(it, BOB, KEPT.id)
        await it.until("2025-05-24 08:00")
        assert papers_in(it) == [LECUN.id, KEPT.id]
        await lists(it, "2025-05-24", LIKE)
        await saves(it, BOB, LIKE.id)
        it.restart()
        await it.until("2025-05-27 10:00", timedelta(hours=3))
        assert papers_in(it) == [LECUN.id, KEPT.id, LIKE.id]


async def test_what_a_follow_brought_at_once_is_not_in_it(tmp_path: Path) -> None:
    """A paper comes once to a person."""
    async with world(tmp_path, f"{DAY} 10:00") as it:
        await digests(it, home=HOME)
        await follows(it, author="LeCun")
        await lists(it, DAY, LECUN)
        await saves(it, BOB, LECUN.id)
        await it.until(f"{NEXT} 12:00")
        assert papers_in(it) == [LECUN.id]


async def test_what_is_off_is_in_no_digest(tmp_path: Path) -> None:
    """Nor are follows of a channel, or of somebody else."""
    async with world(tmp_path, f"{DAY} 10:00") as it:
        await digests(it, home=HOME)
        await follows(it, "f1", author="LeCun", manner=Manner.OFF)
        await wish(it, Edition.FOLLOW, "f2", by=BOB, author="LeCun", manner=Manner.DAILY)
        await lists(it, DAY, LECUN)
        await it.until(f"{NEXT} 12:00")
        assert it.chat.posts == []


async def test_what_another_team_saved_is_nobody_elses_business(tmp_path: Path) -> None:
    """Only the workspace in which the digest was asked for is told about."""
    elsewhere = Workspace("terminal", "elsewhere")
    async with world(tmp_path, f"{DAY} 10:00") as it:
        await digests(it, home=HOME)
        await lists(it, DAY, KEPT)
        await saves(it, BOB, KEPT.id, home=elsewhere)
        await it.until(f"{NEXT} 12:00")
        assert it.chat.posts == []


async def test_without_saved_papers_nothing_is_recommended(tmp_path: Path) -> None:
    """And what Ann saved in her own channel counts as well as what she saved with her team."""
    async with world(tmp_path, f"{DAY} 10:00") as it:
        other = Workspace("terminal", "team")
        await digests(it, home=other)
        await lists(it, DAY, LIKE)
        it.tastes.papers = [LIKE]
        await it.tick(f"{NEXT} 09:00")
        assert it.chat.posts == []
        await it.storage.archive.keep([KEPT, LECUN], as_of=it.now)
        await saves(it, ANN, KEPT.id)
        await saves(it, ANN, LECUN.id, home=other)
        it.tastes.papers = [replace(LIKE, featured=it.now.date())]
        await it.tick("2025-05-24 09:00")
        assert it.tastes.asked[-1] == (LECUN.id, KEPT.id)
        assert papers_in(it) == [LIKE.id]


async def test_what_they_say_of_papers_counts_too(tmp_path: Path) -> None:
    """A paper that they like is like one they saved, and what they do not want is no likeness to go by."""
    async with world(tmp_path, f"{DAY} 10:00") as it:
        await digests(it, home=HOME)
        await lists(it, DAY, LIKE, KEPT, LECUN)
        await saves(it, ANN, KEPT.id)
        for id, likes in ((LECUN.id, True), (KEPT.id, False)):
            opinion = Opinion(person=ANN, workspace=HOME, paper=id, likes=likes, at=it.now)
            await it.storage.opinions.say(opinion)
        it.tastes.papers = [LIKE, KEPT]
        await it.tick(f"{NEXT} 09:00")
        assert it.tastes.asked == [(LECUN.id,)]
        assert papers_in(it) == [LIKE.id]


async def test_a_weekly_one_comes_on_monday_with_the_week(tmp_path: Path) -> None:
    """Everything that waited."""
    async with world(tmp_path, "2025-05-20 10:00") as it:
        await digests(it, home=HOME, on=frozenset({0}))
        await follows(it, author="LeCun", manner=Manner.DAILY)
        await lists(it, "2025-05-20", LECUN)
        it.now += timedelta(days=1)
        await lists(it, "2025-05-21", KEPT)
        await saves(it, BOB, KEPT.id)
        await it.until("2025-05-26 08:30", timedelta(hours=6))
        assert it.chat.posts == []
        await it.tick("2025-05-26 09:00")
        assert papers_in(it) == [LECUN.id, KEPT.id]
