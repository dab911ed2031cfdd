"""`stats`: figures of the team or of a channel, in words and as a chart."""

from zoneinfo import ZoneInfo

import pytest

from bot.domain.charts import Chart
from bot.domain.posts import Digest, Notice, Panel, Post
from bot.domain.statistics import Brought, Figures, Kept, Topic
from bot.domain.subscriptions import Edition
from bot.editions import Need, Selection
from bot.making import Occasion
from bot.tally import weeks
from tests.support.fakes import CHANNEL, NOW, paper
from tests.support.rooms import ANN, Office
from tests.support.shell import Shell


def figures(spans: int = 12) -> Figures:
    some = tuple(range(1, spans + 1))
    return Figures(
        bounds=weeks(NOW, spans, "UTC"),
        saved=some,
        posted=some,
        votes=some,
        top=(Kept(paper("2505.00001", "Seeing"), 3),),
        brought=(Brought(ANN, 2),),
        topics=(Topic("diffusion", 4),),
        papers=66,
        people=5,
    )


async def test_the_team_by_twelve_weeks() -> None:
    """Unless something else is asked for; for everybody to see."""
    office = Office()
    office.statistics.found = figures()
    reply = await office.says("stats")
    (panel,) = reply.posts
    assert not reply.private
    assert isinstance(panel, Panel)
    assert panel.title == "The last 12 weeks of the team"
    assert panel.rows[0].text == "66 papers saved by 5 people, 78 posted"
    assert isinstance(panel.chart, Chart)
    ((place, bounds),) = office.statistics.asked
    assert (place, len(bounds)) == (CHANNEL.workspace, 13)
    assert any("`/paper stats here`" in note for note in panel.notes)
    assert any("`/paper subscribe recap on:fri at:16:00`" in note for note in panel.notes)


async def test_a_channel_and_other_weeks() -> None:
    """`here` is the channel it is asked in."""
    office = Office()
    office.statistics.found = figures(1)
    panel = await office.says_one("stats here weeks:1")
    assert isinstance(panel, Panel)
    assert panel.title == "This week in this channel"
    ((place, bounds),) = office.statistics.asked
    assert place == CHANNEL
    assert [one.astimezone(ZoneInfo("UTC")).weekday() for one in bounds] == [0, 0]


async def test_nothing_saved_says_how_to_look_further() -> None:
    """And is no empty chart."""
    notice = await Office().says_one("stats here weeks:2")
    assert isinstance(notice, Notice)
    assert (
        notice.text == "Nothing was saved in this channel in the last 2 weeks, and nothing posted."
    )
    assert notice.hints == (
        "`/paper stats team` counts the whole team.",
        "`/paper stats weeks:53` looks back a year.",
    )


@pytest.mark.parametrize("line", ["stats weeks:0", "stats weeks:54", "stats me"])
async def test_mistakes_are_explained(line: str) -> None:
    """In one line."""
    notice = await Office().says_one(line)
    assert isinstance(notice, Notice)
    assert notice.tone == "error"


async def test_a_recap_can_be_previewed_where_there_is_one() -> None:
    """With the week up to now, and whether or not the channel has had the papers."""
    office = Office()

    class Maker:
        def needs(self, _: Occasion, /) -> tuple[Need, ...]:
            return ()

        def basis(self, _: Occasion, /) -> str:
            return ""

        async def gather(self, occasion: Occasion, /) -> Selection:
            assert occasion.due == office.now
            one = paper("2505.00001", "Seeing")
            chart = Chart(title="T", alt="A")
            return Selection(key="k", title="The week here", papers=(one,), chart=chart)

    office.make(Edition.RECAP, Maker())
    reply = await office.says("preview recap on:fri at:16:00")
    notice, digest = reply.posts
    assert isinstance(notice, Notice)
    assert "recap at 16:00 UTC, on Fri" in notice.text
    assert isinstance(digest, Digest)
    assert digest.chart


async def test_the_desk_has_charts_drawn_where_pictures_are_shown() -> None:
    """A terminal makes bars of them, so there nothing is drawn."""
    office = Office()
    office.statistics.found = figures()
    drawn: list[Post] = []

    async def illustrate(post: Post) -> Post:
        drawn.append(post)
        return post

    for pictures, times in ((True, 1), (False, 1)):
        office.draws(illustrate, pictures=pictures)
        await office.says("stats")
        assert len(drawn) == times


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """One archive with a saved paper."""
    shell = Shell(tmp_path_factory.mktemp("stats"))
    shell("import", "--sample")
    shell("paper", "save", "1905.04899")
    return shell


def test_on_the_shell_figures_are_text(shell: Shell) -> None:
    """Bars included; as JSON the numbers."""
    done = shell("paper", "stats", "weeks:2")
    assert done.returncode == 0
    assert "1 paper saved by 1 person" in done.stdout
    assert "█" in done.stdout
    assert '"plots": [{"title": "Papers a week"' in shell("paper", "--json", "stats").stdout


def test_out_writes_the_picture(shell: Shell) -> None:
    """Beside the text."""
    done = shell("paper", "stats", "--out", "stats.png")
    assert done.returncode == 0
    assert "1 paper saved by 1 person" in done.stdout
    assert "It is in stats.png." in done.stderr
    assert (shell.folder / "stats.png").read_bytes().startswith(b"\x89PNG")
