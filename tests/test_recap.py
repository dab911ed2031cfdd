"""A channel's week looked back on: what was saved, what was missed, who brought it, once and with a picture."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.domain.charts import Chart, Shape
from bot.domain.deliveries import Outcome
from bot.domain.papers import Paper
from bot.domain.people import Channel, Person, Workspace
from bot.domain.posts import Digest
from bot.domain.stores import Save
from bot.domain.subscriptions import Edition, Layout
from bot.recap import MISSED
from tests.support.world import ANN, CHANNEL, World, at, some, time, world

BOB = Person("terminal", "bob", "Bob")
CID = Person("terminal", "cid", "Cid")
MONDAY, FRIDAY = "2025-05-19", "2025-05-23 16:00"
PAPERS = [
    replace(one, keywords=("diffusion", f"topic {n}")) for n, one in enumerate(some(6, MONDAY))
]
ELSEWHERE = Channel(CHANNEL.workspace, "elsewhere")


async def saves(
    it: World, who: Person, *papers: Paper, channel: Channel = CHANNEL, when: str = ""
) -> None:
    moment = at(when) if when else it.now
    for one in papers:
        save = Save(
            person=who,
            workspace=channel.workspace,
            paper=one.id,
            at=moment,
            origin="command",
            channel=channel,
        )
        await it.storage.library.save(save)


async def begins(it: World, **terms: object) -> None:
    """A channel that gets the three best of each day, and a recap on Friday afternoon."""
    it.publish(MONDAY, PAPERS)
    await it.subscribe(Edition.DAILY, top=3)
    wanted = {"on": frozenset({4}), "at": time(16), **terms}
    await it.subscribe(Edition.RECAP, id="recap", **wanted)


def recaps(it: World) -> list[Digest]:
    posts = [post for _, post in it.chat.posts]
    return [one for one in posts if isinstance(one, Digest) and one.title.startswith("The week")]


def told(digest: Digest) -> list[tuple[str, str]]:
    return [(entry.paper.id, entry.why) for entry in digest.entries]


async def test_what_was_saved_and_what_was_missed(tmp_path: Path) -> None:
    """Each paper says why it is there, though the channel has had some of them before."""
    async with world(tmp_path, f"{MONDAY} 10:00") as it:
        await begins(it, top=6)
        await it.until("2025-05-20 12:00")
        await saves(it, ANN, PAPERS[1], PAPERS[2])
        await saves(it, BOB, PAPERS[2], when="2025-05-21 09:00")
        await saves(it, CID, PAPERS[4], channel=ELSEWHERE)
        await it.until("2025-05-23 18:00")
        (recap,) = recaps(it)
        assert told(recap) == [
            (PAPERS[2].id, "2 people saved it here this week"),
            (PAPERS[1].id, "One person saved it here this week"),
            (PAPERS[3].id, MISSED),
            (PAPERS[5].id, MISSED),
        ]
        assert recap.title == "The week here · 16 – 23 May 2025"
        assert recap.subtitle == "4 papers · 2 papers saved by 2 people, 3 posted"
        assert "Brought the most papers that others saved too: Ann 1." in recap.notes


async def test_it_carries_a_chart_that_comes_back_from_the_database(tmp_path: Path) -> None:
    """Days, topics and votes, with the same in words; what was saved stands apart from what was missed."""
    async with world(tmp_path, f"{MONDAY} 10:00") as it:
        await begins(it)
        await saves(it, ANN, PAPERS[1], when="2025-05-20 12:00")
        await it.until("2025-05-23 17:00")
        chart = recaps(it)[0].chart
        assert isinstance(chart, Chart)
        days, topics, votes = chart.plots
        assert days.labels == ("Fri", "Sat", "Sun", "Mon", "Tue", "Wed", "Thu")
        assert [one.name for one in days.series] == ["posted", "saved"]
        assert sum(days.series[1].values) == 1
        assert topics.labels == ("diffusion", "topic 1")
        assert votes.shape is Shape.ROWS
        assert {one.name: sum(map(bool, one.values)) for one in votes.series} == {
            "saved": 1,
            "missed": 3,
        }
        assert "diffusion 1" in chart.alt


async def test_nothing_saved_and_nothing_missed_is_no_message(tmp_path: Path) -> None:
    """The record says why."""
    async with world(tmp_path, f"{MONDAY} 10:00") as it:
        await it.subscribe(Edition.RECAP, on=frozenset({4}), at=time(16))
        await it.until("2025-05-23 17:00")
        assert it.chat.posts == []
        run = await it.last_run()
        assert run.outcome is Outcome.NOTHING
        assert run.reason == "nothing was saved here this week, and nothing missed"


async def test_it_comes_once_a_week_over_restarts(tmp_path: Path) -> None:
    """Whatever process turns the clock; the next one begins where this one ended."""
    async with world(tmp_path, f"{MONDAY} 10:00") as it:
        await begins(it)
        await saves(it, ANN, PAPERS[0], when="2025-05-20 12:00")
        for moment in (FRIDAY, "2025-05-23 16:01", "2025-05-24 09:00"):
            it.restart()
            await it.tick(moment)
        assert len(recaps(it)) == 1
        it.publish("2025-05-27", some(5, "2025-05-27"))
        await it.until("2025-05-30 17:00", timedelta(hours=6))
        await it.until("2025-05-31 12:00")
        first, second = recaps(it)
        assert PAPERS[0].id not in [entry.paper.id for entry in second.entries]
        assert second.title == "The week here · 23 – 30 May 2025"
        assert first.chart != second.chart


async def test_a_late_run_tells_of_the_week_that_was_asked_for(tmp_path: Path) -> None:
    """What was saved after the hour belongs to the next one."""
    async with world(tmp_path, f"{MONDAY} 10:00") as it:
        await begins(it)
        await saves(it, ANN, PAPERS[0], when="2025-05-23 15:59")
        await saves(it, ANN, PAPERS[1], when="2025-05-23 16:00")
        await it.tick("2025-05-23 21:00")
        (recap,) = recaps(it)
        assert [entry.paper.id for entry in recap.entries if entry.why != MISSED] == [PAPERS[0].id]


async def test_terms_apply(tmp_path: Path) -> None:
    """Half of `top` is for what was saved; words and votes leave out papers of both kinds."""
    async with world(tmp_path, f"{MONDAY} 10:00") as it:
        await begins(it, top=2, exclude=("paper 1",))
        await saves(it, ANN, PAPERS[0], PAPERS[4], PAPERS[5], when="2025-05-22 12:00")
        await it.tick(FRIDAY)
        (recap,) = recaps(it)
        assert [entry.paper.id for entry in recap.entries] == [PAPERS[4].id, PAPERS[3].id]


async def test_another_workspace_is_not_told_of(tmp_path: Path) -> None:
    """Neither its saves nor what was posted to it."""
    other = Channel(Workspace("terminal", "other"), CHANNEL.id)
    async with world(tmp_path, f"{MONDAY} 10:00") as it:
        await begins(it, top=4)
        await saves(it, BOB, PAPERS[3], channel=other, when="2025-05-20 12:00")
        await it.tick(FRIDAY)
        (recap,) = recaps(it)
        assert all(why == MISSED for _, why in told(recap))
        assert not any("Bob" in note for note in recap.notes)


async def test_only_the_head_of_cards_has_the_picture(tmp_path: Path) -> None:
    """It is shown once."""
    async with world(tmp_path, f"{MONDAY} 10:00") as it:
        await begins(it, layout=Layout.CARDS)
        await it.tick(FRIDAY)
        charts = [post.chart for _, post in it.chat.posts if isinstance(post, Digest)]
        assert sum(chart is not None for chart in charts) == 1
