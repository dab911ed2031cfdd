"""What people put on papers, shown on every platform: complete, harmless, and within what a message may have."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.slack.margin import marks as slack_marks
from adapters.terminal import plain
from bot.domain.papers import Paper, PaperId
from bot.domain.people import Channel, Message, Person, Workspace
from bot.domain.posts import Entry, PaperCard, PaperList, Remark
from tests.support.hostile import BAD, texts
from tests.test_discord_render import check as discord_text
from tests.test_slack_render import check as slack_parts

BOB = Person("slack", "T1.U2", "Bob")
IN_SLACK = Message(Channel(Workspace("slack", "T1"), "C1"), "1700000000.000100")
IN_DISCORD = Message(Channel(Workspace("discord", "81384788"), "4711"), "99")
ENTRY = Entry(
    paper=Paper(id=PaperId("2511.00001"), title="Attention", upvotes=3),
    tags=("rl", "vision"),
    remarks=(Remark("Compare with ours."), Remark("I doubt it.", BOB, shared=True)),
    read=True,
    discussed=IN_DISCORD,
)


def both(entry: Entry) -> tuple[PaperList, PaperCard]:
    """In a list, and alone."""
    return PaperList(title="Saved", entries=(entry,), total=1), PaperCard(entry=entry, full=True)


def in_slack(post: PaperList | PaperCard) -> str:
    """Blocks and text of the message."""
    return "\n".join(f"{part.text}\n{part.blocks}" for part in slack_parts(post))


def test_tags_notes_and_read_marks_are_shown_everywhere() -> None:
    """With the name of whoever wrote a note for the team; one's own has none."""
    for post in both(ENTRY):
        for text in (plain(post), discord_text(post, wanted=1), in_slack(post)):
            for shown in ("rl", "#vision", "✓ read", "✎ Compare with ours.", "✎ Bob: I doubt it."):
                assert shown in text, (shown, text)


def test_a_list_has_two_notes_of_each_paper() -> None:
    """And says how many more there are; a card has more."""
    entry = replace(ENTRY, remarks=tuple(Remark(f"Note {n}") for n in range(5)))
    short, card = both(entry)
    for show in (plain, lambda post: discord_text(post, wanted=1), in_slack):
        assert "Note 1" in show(short)
        assert "Note 2" not in show(short)
        assert "and 3 more" in show(short)
        assert "Note 4" in show(card)


def test_where_a_paper_was_discussed_is_linked() -> None:
    """On its own platform; elsewhere it is said which that was."""
    of_discord, of_slack = ENTRY, replace(ENTRY, discussed=IN_SLACK)
    assert "https://discord.com/channels/81384788/4711/99" in discord_text(
        both(of_discord)[0], wanted=1
    )
    link = "https://slack.com/app_redirect?team=T1&amp;channel=C1&amp;message_ts=1700000000.000100"
    assert link in in_slack(both(of_slack)[0])
    assert "discussed on Slack" in discord_text(both(of_slack)[0], wanted=1)
    assert "discussed on Discord" in in_slack(both(of_discord)[0])
    here = replace(ENTRY, discussed=Message(Channel(Workspace("terminal", "local"), "papers"), "3"))
    assert "discussed in #papers" in plain(both(here)[1])


def test_nobody_elses_direct_conversation_is_linked() -> None:
    """Nor an answer that one person alone could see."""
    for channel, id in (("D1", "1700000000.000100"), ("C1", "answer-1-1")):
        message = Message(Channel(Workspace("slack", "T1"), channel), id)
        assert not any("http" in mark for mark in slack_marks(replace(ENTRY, discussed=message)))


@settings(max_examples=8)
@given(st.lists(texts, min_size=1, max_size=4), st.integers(0, 12))
def test_whatever_people_write_a_message_holds_it(words: list[str], count: int) -> None:
    """No tag, note or name breaks out, and every paper is there."""
    remarks = tuple(
        Remark(words[n % len(words)], Person("slack", "T1.U1", words[0]) if n else None)
        for n in range(count)
    )
    entries = tuple(
        replace(
            ENTRY,
            number=n,
            paper=replace(ENTRY.paper, id=PaperId(f"2511.{n:05}")),
            tags=tuple(words),
            remarks=remarks,
        )
        for n in range(1, 11)
    )
    post = PaperList(title="Saved", entries=entries, total=10)
    for one in (post, PaperCard(entry=entries[0], full=True)):
        wanted = entries if one is post else entries[:1]
        slack_parts(one, wanted=entries if one is post else ())
        discord_text(one, wanted=len(wanted))
        plain(one)


def test_the_worst_of_all_is_held() -> None:
    """As long and as bad as it can be."""
    worst = tuple(Remark(text, Person("slack", "T1.U1", text)) for text in BAD)
    entry = replace(ENTRY, tags=tuple(BAD), remarks=worst)
    for post in both(entry):
        slack_parts(post)
        discord_text(post, wanted=1)
        plain(post)
