"""note, tag, read, unread: what people write on papers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.commands.notes import MOST_TAGS
from bot.commands.values import LONGEST_TAG, tag_of
from bot.domain.errors import UserError
from bot.domain.posts import Notice, PaperCard, entries_of
from tests.support.fakes import NOW, paper
from tests.support.hostile import texts
from tests.support.rooms import ANN, BOB, Office


@pytest.fixture
async def office() -> Office:
    office = Office()
    found = [paper(f"2505.0000{n}", f"CLIP {n}") for n in range(1, 6)]
    await office.archive.keep(found, as_of=NOW)
    await office.says("search clip")
    return office


async def notice(office: Office, line: str, who=ANN) -> Notice:
    answer = await office.says_one(line, who)
    assert isinstance(answer, Notice)
    return answer


async def card(office: Office, line: str, who=ANN) -> PaperCard:
    answer = await office.says_one(line, who)
    assert isinstance(answer, PaperCard)
    return answer


# --- notes


async def test_a_note_is_kept_with_its_paper(office: Office):
    """Noting saves, and details show the note to its writer alone."""
    told = await notice(office, "note 2 Compare with our baseline.")
    assert told.text == "Saved and noted: CLIP 2. Only you can read it."
    assert await office.library.is_saved(ANN, office.library.saves[0].workspace, "2505.00002")
    mine = await card(office, "show 2505.00002")
    assert [remark.text for remark in mine.entry.remarks] == ["Compare with our baseline."]
    assert (await card(office, "show 2505.00002", BOB)).entry.remarks == ()


async def test_a_note_for_the_team_says_so(office: Office):
    """Others read it under the writer's name."""
    told = await notice(office, "note 2505.00002 whose:team Read section 4.")
    assert told.text.endswith("Your team can read it.")
    (remark,) = (await card(office, "show 2505.00002", BOB)).entry.remarks
    assert (remark.text, remark.by) == ("Read section 4.", ANN)


async def test_a_new_note_takes_the_place_of_the_old(office: Office):
    """Which is told once more, should it have been a slip; no text removes it."""
    await office.says("note 2505.00002 First.")
    again = await notice(office, "note 2505.00002 Second.")
    assert again.text.startswith("Noted: CLIP 2")
    assert again.hints[0] == "It was: First."
    gone = await notice(office, "note 2505.00002")
    assert (gone.text, gone.hints) == ("Your note is gone from CLIP 2", ("It was: Second.",))
    none = await notice(office, "note 2505.00002")
    assert none.text == "You have no note on CLIP 2"


@pytest.mark.parametrize(
    "text",
    [
        'say "hello" and it\'s 5" wide',
        "fig:3 is wrong; see https://arxiv.org/abs/2401.01234 and text: more",
        "papers: 1, 2 -3 whose:me later",
        "2401.01234 is better",
        "paper: the appendix",
    ],
)
async def test_a_note_is_taken_as_it_was_written(office: Office, text: str):
    """Quotation marks, colons, links and minus signs mean nothing in it."""
    await office.says(f"note 2505.00002 {text}")
    (note,) = office.notes.texts.values()
    assert note.text == text


async def test_a_note_that_is_too_long_is_refused_kindly(office: Office):
    """It says how long it is; nothing is lost."""
    told = await notice(office, f"note 2505.00002 {'x' * 1_500}")
    assert told.tone == "error"
    assert "it has 1,500 characters, and 1,000 is the most" in told.text
    assert not office.notes.texts


@settings(max_examples=60)
@given(texts)
async def test_whatever_is_noted_is_one_harmless_line(text: str):
    """No control characters, no line breaks; or it is refused."""
    office = Office()
    await office.archive.keep([paper("2505.00001")], as_of=NOW)
    await office.says(f"note 2505.00001 {text}")
    for note in office.notes.texts.values():
        assert 0 < len(note.text) <= 1_000
        assert note.text == " ".join(note.text.split())
        assert not any(ord(char) < 32 for char in note.text)


# --- tags


async def test_tags_are_put_on_and_taken_off(office: Office):
    """A bare word is one with a plus."""
    told = await notice(office, "tag 2505.00002 +rl Vision -old")
    assert told.text == "Saved and tagged: CLIP 2. `rl` and `vision`."
    assert "`/paper saved team tag:rl`" in told.hints[0]
    told = await notice(office, "tag 2505.00002 -rl")
    assert told.text == "Your tags: CLIP 2. `vision`."
    told = await notice(office, "tag 2505.00002 -vision")
    assert told.text == "You have no tags any more on CLIP 2"


async def test_without_tags_it_says_which_there_are(office: Office):
    """One's own and the others'."""
    assert (await notice(office, "tag 2505.00002")).text == "There are no tags on CLIP 2"
    await office.says("tag 2505.00002 rl", BOB)
    await office.says("tag 2505.00002 mine")
    told = await notice(office, "tag 2505.00002")
    assert told.text == "Tags on CLIP 2. Yours: `mine`. Others': `rl`."


async def test_there_is_an_end_to_tags(office: Office):
    """So many of one person on one paper, and so many at once."""
    many = " ".join(f"t{n}" for n in range(MOST_TAGS))
    await office.says(f"tag 2505.00002 {many}")
    told = await notice(office, "tag 2505.00002 one-more")
    assert told.tone == "error"
    assert f"{MOST_TAGS} on one paper is the most" in told.text
    assert "at most 20 at once" in (await notice(office, f"tag 2505.00003 {many} x")).text


@pytest.mark.parametrize(
    ("typed", "tag"),
    [
        ("RL", "rl"),
        ("#Reinforcement Learning", "reinforcement-learning"),
        ("c++", "c++"),
        ("gpt-4.1", "gpt-4.1"),
        ("Straße", "strasse"),
        ("ＷＩＤＥ", "wide"),
        ("हिन्दी", "हिन्दी"),
        ("a/b:c", "a-b-c"),
        ("--x--", "x"),
    ],
)
def test_a_tag_has_one_spelling(typed: str, tag: str):
    """However it is typed."""
    assert tag_of(typed) == tag


@settings(max_examples=200)
@given(st.one_of(texts, st.text(max_size=30)))
def test_any_text_makes_a_harmless_tag_or_none(text: str):
    """Short, without spaces, and the same when it is typed again."""
    try:
        tag = tag_of(text)
    except UserError:
        return
    assert 0 < len(tag) <= LONGEST_TAG
    assert not any(char.isspace() or char in "`:\"'<>@,#" for char in tag)
    assert tag_of(tag) == tag


# --- read


async def test_read_and_unread(office: Office):
    """A mark for oneself alone; twice is once."""
    assert (await notice(office, "read 2505.00002")).text == "Read: CLIP 2"
    assert (await notice(office, "read 2505.00002")).text.startswith("It was so before.")
    assert (await card(office, "show 2505.00002")).entry.read
    assert not (await card(office, "show 2505.00002", BOB)).entry.read
    assert (await notice(office, "unread 2505.00002")).text == "Not read: CLIP 2"
    assert not (await card(office, "show 2505.00002")).entry.read


async def test_letting_go_of_a_paper_keeps_what_was_written(office: Office):
    """And says so: it is there again with the paper."""
    await office.says("note 2505.00002 Hm.")
    told = await notice(office, "unsave 2505.00002")
    assert told.hints == ("Your note and tags on it stay, should you save it again.",)
    await office.says("save 2505.00002")
    (entry,) = entries_of(await office.says_one("saved"))
    assert [remark.text for remark in entry.remarks] == ["Hm."]
