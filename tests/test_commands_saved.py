"""saved, export: the library by every filter, with its counts."""

from datetime import timedelta

import pytest

from bot.commands.saved import people_called
from bot.domain.people import Channel, Person, Workspace
from bot.domain.ports import Caller
from bot.domain.posts import File, Notice, PaperList, entries_of
from tests.support.fakes import CHANNEL, NOW, paper
from tests.support.rooms import ANN, BOB, Office, titles

ELSEWHERE = Channel(CHANNEL.workspace, "elsewhere")


@pytest.fixture
async def office() -> Office:
    office = Office()
    found = [paper(f"2505.0000{n}", f"CLIP {n}", upvotes=n % 3) for n in range(1, 6)]
    await office.archive.keep(found, as_of=NOW)
    for number, who in ((1, ANN), (2, ANN), (2, BOB), (3, BOB)):
        office.now += timedelta(days=1)
        await office.says(f"save 2505.0000{number}", who)
    return office


async def listed(office: Office, line: str) -> PaperList:
    answer = await office.says_one(line)
    assert isinstance(answer, PaperList)
    return answer


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("saved", ["CLIP 2", "CLIP 1"]),
        ("saved team", ["CLIP 3", "CLIP 2", "CLIP 1"]),
        ("saved sort:old", ["CLIP 1", "CLIP 2"]),
        ("saved team sort:upvotes", ["CLIP 2", "CLIP 1", "CLIP 3"]),
        ("saved tag:rl", ["CLIP 1"]),
        ("saved team tag:rl,best", ["CLIP 3"]),
        ("saved team tag:rl", ["CLIP 3", "CLIP 1"]),
        ("saved unread", ["CLIP 2"]),
        ("saved team unread", ["CLIP 3", "CLIP 2"]),
        ("saved unread team", ["CLIP 3", "CLIP 2"]),
        ("saved by:@bob", ["CLIP 3", "CLIP 2"]),
        ("saved team by:bob since:2025-05-26", ["CLIP 3"]),
        ('saved "clip 2"', ["CLIP 2"]),
        ("saved team doubtful", ["CLIP 1"]),
        ("saved team unread tag:rl by:bob clip", ["CLIP 3"]),
    ],
)
async def test_every_filter_alone_and_with_others(office: Office, line: str, found: list[str]):
    """Words look into notes too; whose tags count follows from whose papers are asked for."""
    await office.says("tag 2505.00001 rl")
    await office.says("tag 2505.00003 rl best", BOB)
    await office.says("read 2505.00001")
    await office.says("note 2505.00001 Doubtful.")
    assert titles(await listed(office, line)) == found


async def test_here_is_what_was_posted_or_saved_in_this_channel(office: Office):
    """By anybody of the team; a private answer is no post."""
    assert titles(await listed(office, "saved here")) == ["CLIP 3", "CLIP 2", "CLIP 1"]
    reply = await office.says("saved here", channel=ELSEWHERE)
    assert isinstance(reply.posts[0], Notice)
    await office.says("show 2505.00001", channel=ELSEWHERE)
    assert isinstance((await office.says("saved here", channel=ELSEWHERE)).posts[0], Notice)
    await office.shows((await office.says("show 2505.00001")).posts[0], ELSEWHERE)
    assert titles((await office.says("saved here", channel=ELSEWHERE)).posts[0]) == ["CLIP 1"]


async def test_a_page_says_how_many_there_are_and_how_many_are_unread(office: Office):
    """And what is left out, in the words in which it was asked."""
    await office.says("read 2505.00001")
    found = await listed(office, "saved team limit:2")
    assert (found.total, found.pages, found.title) == (3, 2, "Saved by the team")
    assert found.notes[0] == "2 of them unread."
    assert found.forth == "/paper saved team page:2 limit:2"
    only = await listed(office, "saved team unread sort:old clip limit:1")
    assert only.title == "Saved by the team: unread clip sort:old"
    assert only.forth == "/paper saved team unread clip sort:old page:2 limit:1"
    assert titles(await listed(office, only.forth)) == ["CLIP 3"]


async def test_a_list_offers_the_export_of_just_that(office: Office):
    """The command in its note makes the file."""
    await office.says("tag 2505.00003 rl", BOB)
    found = await listed(office, "saved team tag:rl")
    command = next(note for note in found.notes if "export" in note).split("`")[1]
    assert command == "/paper export whose:team tag:rl"
    file = await office.says_one(f"{command} format:csv")
    assert isinstance(file, File)
    assert file.text == "1 saved paper as CSV."
    assert "CLIP 3" in file.content.decode()


async def test_entries_show_who_saved_them_and_what_is_on_them(office: Office):
    """Everybody's tags in the team's list, one's own in one's own."""
    await office.says("tag 2505.00002 rl")
    await office.says("tag 2505.00002 best", BOB)
    (mine, _) = entries_of(await office.says_one("saved"))
    assert (mine.saved_by, mine.tags, mine.read) == ((ANN, BOB), ("rl",), False)
    ours = entries_of(await office.says_one("saved team"))[1]
    assert ours.tags == ("best", "rl")


async def test_what_fits_nothing_is_said_with_a_way_on(office: Office):
    """Whatever was asked for."""
    for line, way in (
        ("saved diffusion", "`/paper saved`"),
        ("saved team tag:none", "`/paper saved team`"),
        ("saved by:bob since:2030", "`/paper saved team`"),
    ):
        answer = await office.says_one(line)
        assert isinstance(answer, Notice)
        assert answer.text.startswith("No saved paper")
        assert way in answer.hints[0]


async def test_somebody_who_saved_nothing_is_not_found(office: Office):
    """There is who did; `me` and `by:` do not go together."""
    for line, told in (
        ("saved by:zoe", "Nobody called `zoe` has saved a paper here; there is"),
        ("saved me by:bob", "`by:` looks at what others saved"),
    ):
        answer = await office.says_one(line)
        assert isinstance(answer, Notice)
        assert answer.tone == "error"
        assert told in answer.text


def test_people_are_found_as_platforms_write_them():
    """A mention, an id, a name or the beginning of one; never two."""
    ada, adam = Person("slack", "T1.U1", "Ada Lovelace"), Person("slack", "T1.U2", "Adam")
    people = [ada, adam]
    for typed in ("<@U1>", "<@U1|ada>", "T1.U1", "@ada lovelace", "lovel"):
        assert people_called(typed, people) == [ada], typed
    assert people_called("ada", people) == people
    assert people_called("@adam", people) == [adam]
    assert people_called("grace", people) == []
    assert people_called("<@!42>", [Person("discord", "42")]) == [Person("discord", "42")]


async def test_tags_and_names_are_completed(office: Office):
    """Those of the team."""
    await office.says("tag 2505.00002 rl reward", BOB)
    asks = Caller(person=ANN, channel=CHANNEL)
    assert {*await office.desk.suggest(asks, "saved team tag:r")} == {"tag:rl", "tag:reward"}
    assert [*await office.desk.suggest(asks, "saved by:@b")] == ["by:Bob"]
    stranger = Caller(person=ANN, channel=Channel(Workspace("terminal", "other"), "papers"))
    assert [*await office.desk.suggest(stranger, "saved team tag:r")] == []
    assert [*await office.desk.suggest(stranger, "saved by:")] == []
