"""The journal club of a channel, as people speak with it."""

from datetime import timedelta

import pytest

from bot.domain.people import Channel, Message
from bot.domain.posts import Entry, File, Notice, PaperCard, PaperList, Post, Reply
from bot.domain.subscriptions import Edition
from bot.domain.text import unmarked
from tests.support.fakes import CHANNEL, NOW, paper
from tests.support.rooms import ANN, BOB, Office, titles

ELSEWHERE = Channel(CHANNEL.workspace, "elsewhere")
FIRST, SECOND, THIRD = (
    paper(id=f"2505.0000{n}", title=f"On {name}")
    for n, name in ((1, "clubs"), (2, "votes"), (3, "days"))
)


@pytest.fixture
def office() -> Office:
    it = Office()
    for one in (FIRST, SECOND, THIRD):
        it.archive.known[one.id] = one
    return it


def text(reply: Reply | Post) -> str:
    """All that is said in words."""
    posts = reply.posts if isinstance(reply, Reply) else (reply,)
    return unmarked("\n".join("\n".join(_words(post)) for post in posts))


def _words(post: Post) -> list[str]:
    match post:
        case Notice():
            return [post.text, *post.hints]
        case PaperCard():
            return [post.entry.paper.title, *post.notes]
        case PaperList():
            return [post.title, *(f"{e.paper.title}: {e.why}" for e in post.entries), *post.notes]
        case File():
            return [post.name, post.text, post.content.decode()]
        case _:
            return []


async def test_a_nomination_is_shown_to_everybody_and_asks_for_votes(office: Office) -> None:
    """Whoever sees it knows who it was and how to vote."""
    reply = await office.says(f"club nominate {FIRST.id}", ANN)
    (card,) = reply.posts
    assert not reply.private
    assert isinstance(card, PaperCard)
    assert card.ballot
    assert "Ann nominated it" in text(card)
    assert f"club vote {FIRST.id}" in text(card)


async def test_the_ranking_says_who_leads_and_what_is_mine(office: Office) -> None:
    """For the caller's eyes; votes, nominators, age."""
    await office.says(f"club nominate {FIRST.id}", ANN)
    office.now += timedelta(hours=2)
    await office.says(f"club nominate {SECOND.id}", BOB)
    for who in (ANN, BOB):
        await office.says(f"club vote {SECOND.id}", who)
    reply = await office.says("club", ANN)
    assert reply.private
    assert titles(reply.posts[0]) == ["On votes", "On clubs"]
    assert "On votes: 2 votes, yours among them · nominated by Bob just now" in text(reply)
    assert "On clubs: 0 votes · nominated by Ann 2 hours ago" in text(reply)
    carl = await office.says("club", BOB, channel=ELSEWHERE)
    assert "Nothing is nominated in this channel yet" in text(carl)


async def test_a_number_means_the_last_list(office: Office) -> None:
    """After the ranking `club vote 2` is for its second."""
    for one in (FIRST, SECOND):
        await office.says(f"club nominate {one.id}")
        office.now += timedelta(minutes=1)
    await office.says("club", BOB)
    assert "Your vote counts: On votes (1 vote)" in text(await office.says("club vote 2", BOB))


async def test_a_vote_is_taken_back_by_voting_again(office: Office) -> None:
    """One paper, one vote, as often as somebody changes their mind."""
    await office.says(f"club nominate {FIRST.id}")
    for state in ("counts: On clubs (1 vote)", "taken back: On clubs (0 votes)", "counts"):
        reply = await office.says(f"club vote {FIRST.id}", BOB)
        assert state in text(reply)
        assert reply.private


@pytest.mark.parametrize("emoji", ["🗳️", "👍", "thumbsup", "ballot_box_with_ballot", "👍🏽"])
async def test_a_reaction_votes_and_its_end_takes_that_back(office: Office, emoji: str) -> None:
    """Just what it did: a vote by command stands."""
    message = await nominated(office)
    assert "Your vote counts" in text(await reacts(office, message, emoji))
    assert "(2 votes)" in text(await office.says("club vote 1", ANN))
    assert "taken back: On clubs (1 vote)" in text(await reacts(office, message, emoji, gone=True))
    assert await office.reacts(message, emoji, BOB, added=False) is None


async def test_two_emoji_of_one_person_are_one_vote(office: Office) -> None:
    """It counts as long as one of them stands."""
    message = await nominated(office)
    await reacts(office, message, "👍")
    assert "(1 vote)" in text(await reacts(office, message, "🗳️"))
    assert "counts: On clubs (1 vote)" in text(await reacts(office, message, "👍", gone=True))
    assert "(0 votes)" in text(await reacts(office, message, "🗳️", gone=True))


async def test_a_thumb_on_a_nomination_is_an_opinion_as_well(office: Office) -> None:
    """And an emoji elsewhere is no vote."""
    message = await nominated(office)
    await reacts(office, message, "👍")
    assert await office.room.opinions.said(BOB, CHANNEL.workspace, FIRST.id)
    other = await office.shows(PaperCard(entry=Entry(paper=FIRST)))
    assert await office.reacts(other, "🗳️", BOB) is None
    assert (await office.room.club.ranking(CHANNEL, BOB))[0].votes == 1


async def test_reactions_missed_while_the_door_was_shut_are_made_up_for(office: Office) -> None:
    """Those that came count, those that went do not; votes by command stand."""
    message = await nominated(office)
    await reacts(office, message, "👍")
    await office.says(f"club vote {FIRST.id}", ANN)
    assert message in [one.message for one in await office.desk.recent("terminal")]
    await office.desk.reconcile(message, ())
    (one,) = await office.room.club.ranking(CHANNEL, ANN)
    assert (one.votes, one.mine) == (1, True)


@pytest.mark.parametrize(
    ("line", "admin", "said"),
    [
        ("club nominate 2505.00001", True, "nominated already, by Ann just now: On clubs"),
        ("club nominate", True, "Which paper?"),
        ("club nominat 2505.00001", True, "Did you mean `nominate`?"),
        ("club 2505.00001", True, "What about it?"),
        ("club vote 2505.00002", True, "Nobody has nominated it in this channel: On votes"),
        ("club pick 2505.00001 on:2025-05-20 at:16:00", True, "has passed already"),
        ("club pick 2505.00001 on:today at:00:01", True, "has passed already"),
        ("club pick 2505.00001 on:2029-05-20 at:16:00", True, "more than a year away"),
        ("club pick 2505.00001 on:2025-02-30 at:16:00", True, "is in no calendar"),
        ("club pick 2505.00001 on:whenever at:16:00", True, "is not a day to come"),
        ("club pick 2505.00001 on:thursday", True, "the day and the hour"),
        ("club pick 2505.00001 on:thursday at:16:00", False, "Only people who may manage"),
        ("club cancel", False, "Only people who may manage"),
        ("club cancel", True, "No meeting is picked"),
        ("club done", False, "Only people who may manage"),
        ("club done", True, "No such meeting has begun"),
        ("club archive", True, "Nothing has been discussed"),
        ("club archive bibtex", True, "Nothing has been discussed"),
    ],
)
async def test_what_cannot_be_is_said_with_what_could(
    office: Office, line: str, admin: bool, said: str
) -> None:
    """And it changes nothing, and nobody else sees it."""
    await nominated(office)
    before = (dict(office.club.nominations), dict(office.club.votes), dict(office.club.known))
    reply = await office.says(line, BOB, admin=admin)
    assert said in text(reply)
    assert reply.private
    assert before == (office.club.nominations, office.club.votes, office.club.known)


async def test_without_nominations_one_is_told_how_to_begin(office: Office) -> None:
    """For the ranking and for picking from it."""
    assert "club nominate 3" in text(await office.says("club"))
    assert "club nominate 3" in text(await office.says("club pick on:thursday at:16:00"))


async def test_picking_takes_the_first_of_the_ranking(office: Office) -> None:
    """It leaves the ranking, which tells when it is; and cannot be picked or nominated twice."""
    await nominated(office)
    await office.says(f"club nominate {SECOND.id}")
    await office.says(f"club vote {SECOND.id}")
    reply = await office.says("club pick on:2025-06-05 at:16:00 tz:Europe/Berlin min:90")
    assert "Picked: On votes. You meet Thu 5 Jun 2025, 16:00 Europe/Berlin, in" in text(reply)
    (order,) = office.subscriptions.known.values()
    assert (order.edition, order.next_run_at, order.created_by) == (Edition.CLUB, office.now, ANN)
    ranking = await office.says("club")
    assert titles(ranking.posts[0]) == ["On clubs"]
    assert "Picked for Thu 5 Jun 2025, 16:00 Europe/Berlin (in" in text(ranking)
    for line in ("vote", "nominate", "pick on:2025-06-07 at:16:00"):
        action, _, rest = line.partition(" ")
        told = await office.says(f"club {action} {SECOND.id} {rest}")
        assert "It is picked already, for Thu 5 Jun 2025, 16:00" in text(told)


async def test_a_weekday_is_the_next_one_where_one_meets(office: Office) -> None:
    """It is Thursday noon: at one today, at eleven in a week; in Tokyo that hour is another day's."""
    for number, (line, day) in enumerate(
        [("on:thursday at:23:00", "22"), ("on:thu at:00:30", "29"), ("on:tomorrow at:09:00", "23")]
    ):
        one = (FIRST, SECOND, THIRD)[number]
        reply = await office.says(f"club pick {one.id} {line} tz:UTC")
        assert f" {day} May 2025" in text(reply), NOW
    await office.says(f"club cancel {FIRST.id}")
    office.now = NOW.replace(hour=20)
    reply = await office.says(f"club pick {FIRST.id} on:today at:06:00 tz:Asia/Tokyo")
    assert "Fri 23 May 2025, 06:00 Asia/Tokyo" in text(reply)


async def test_cancelling_brings_the_nomination_back_with_its_votes(office: Office) -> None:
    """Everybody hears of it, and nothing is posted any more."""
    message = await nominated(office)
    await reacts(office, message, "👍")
    await office.says("club pick on:2025-06-05 at:16:00")
    reply = await office.says("club cancel")
    assert not reply.private
    assert "Ann cancelled the journal club" in text(reply)
    assert office.subscriptions.known == {}
    assert "On clubs: 1 vote" in text(await office.says("club"))


async def test_of_several_meetings_one_says_which(office: Office) -> None:
    """A command for each is written out."""
    for one in (FIRST, SECOND):
        await office.says(f"club pick {one.id} on:2025-06-05 at:16:00")
    told = text(await office.says("club cancel"))
    assert all(f"club cancel {one.id}" in told for one in (FIRST, SECOND))
    assert "On votes" in text(await office.says(f"club cancel {SECOND.id}"))
    assert "is not picked: On days" in text(await office.says(f"club cancel {THIRD.id}"))


async def test_a_meeting_is_archived_by_command_or_by_itself(office: Office) -> None:
    """A day after it began; the latest comes first."""
    for one, day in ((FIRST, 5), (SECOND, 12)):
        await office.says(f"club pick {one.id} on:2025-06-{day:02} at:16:00 tz:UTC")
    office.now = NOW.replace(month=6, day=5, hour=17)
    assert "Archived: On clubs" in text(await office.says("club done"))
    assert titles((await office.says("club archive")).posts[0]) == ["On clubs"]
    office.now = NOW.replace(month=6, day=13, hour=15)
    assert titles((await office.says("club archive")).posts[0]) == ["On clubs"]
    office.now = NOW.replace(month=6, day=13, hour=16)
    archive = (await office.says("club archive")).posts[0]
    assert titles(archive) == ["On votes", "On clubs"]
    assert "On votes: Thursday 12 June 2025" in text(archive)
    file = (await office.says("club archive bibtex")).posts[0]
    assert isinstance(file, File)
    assert file.name == "journal-club.bib"
    assert "2 discussed papers as BibTeX" in file.text
    assert "Discussed on Thursday 5 June 2025" in text(file)


async def test_what_was_discussed_may_be_nominated_again(office: Office) -> None:
    """From nothing: old votes do not count."""
    message = await nominated(office)
    await reacts(office, message, "👍")
    await office.says("club pick on:2025-06-05 at:16:00")
    office.now += timedelta(days=60)
    await office.says(f"club nominate {FIRST.id}", BOB)
    assert "On clubs: 0 votes · nominated by Bob just now" in text(await office.says("club"))


async def test_a_club_is_none_of_the_channels_subscriptions(office: Office) -> None:
    """It is not listed, counted or ended with them."""
    await office.says(f"club pick {FIRST.id} on:2025-06-05 at:16:00")
    assert "no subscriptions" in text(await office.says("subscriptions"))
    assert "nothing here" in text(await office.says("unsubscribe all"))


async def nominated(office: Office) -> Message:
    """Ann nominated the first paper; the message that says so."""
    await office.says(f"club nominate {FIRST.id}", ANN)
    (shown,) = await office.room.club.ballots("terminal")
    return shown.message


async def reacts(office: Office, message: Message, emoji: str, *, gone: bool = False) -> Post:
    """Bob's emoji on a message, or its end."""
    post = await office.reacts(message, emoji, BOB, added=not gone)
    assert post is not None
    return post
