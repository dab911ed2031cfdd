"""follow and watch, through the desk: what is entered, refused, listed, ended, and hidden from others."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from bot.domain.deliveries import Delivery, Outcome, Plan, Run
from bot.domain.papers import Listing, PaperId
from bot.domain.people import Channel, Message, Person
from bot.domain.posts import Digest, Entry, Notice, Panel
from bot.domain.subscriptions import Edition, Manner, Reach, Subscription
from bot.watching import LASTS, State
from tests.support.fakes import CHANNEL, NOW, paper
from tests.support.rooms import ANN, BOB, Office

OWN = Channel(CHANNEL.workspace, "@ann")
LECUN = paper("2505.00001", "Seeing", authors=("Yann LeCun",), featured=date(2025, 5, 20))
ROBOT = paper("2505.00002", "World models for robots", organization="Meta", upvotes=120)


@pytest.fixture
def office() -> Office:
    office = Office()
    office.archive.has(Listing.day(date(2025, 5, 20)), LECUN, ROBOT)
    return office


async def said(office: Office, line: str, who: Person = ANN, *, admin: bool = True) -> Notice:
    answer = await office.says_one(line, who, admin=admin)
    assert isinstance(answer, Notice)
    return answer


def orders(office: Office, who: Person = ANN) -> list[Subscription]:
    return [one for one in office.subscriptions.known.values() if one.created_by == who]


async def test_a_follow_is_entered_in_the_persons_own_channel(office: Office) -> None:
    """With what it would have brought, and how it ends."""
    told = await said(office, 'follow author:"Y. LeCun"', admin=False)
    assert told.text.startswith("You follow Y. LeCun. A paper comes to you by direct message")
    assert told.hints == (
        "In the last two weeks that was one paper: Seeing",
        "`/paper follow stop:s1` ends it; `/paper follow` lists what you follow.",
    )
    (one,) = orders(office)
    assert (one.channel, one.edition, one.terms.author) == (OWN, Edition.FOLLOW, "Y. LeCun")
    assert one.private
    assert NOW < one.next_run_at <= NOW + timedelta(minutes=30)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("follow diffusion", "diffusion"),
        ('follow "world model" robots -survey', '"world model" and robots without survey'),
        ("follow robots org:meta", "robots at meta"),
        ("follow org:meta me", "papers of meta"),
        ('follow robots author:"Yann LeCun" org:Meta', "robots by Yann LeCun at Meta"),
        ("follows vision", "vision"),
        ('follow "stop" words', '"stop" and words'),
    ],
)
async def test_what_is_followed_is_said_in_words(office: Office, line: str, words: str) -> None:
    """Phrases in quotation marks, and a word that would be a command, too."""
    told = await said(office, line)
    shown = words.replace('"stop"', "stop")
    assert told.text.startswith(f"You follow {shown}.")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("follow author:Y", "too short for a name"),
        ("follow -survey", "Say what to follow, too"),
        ('follow "..."', "nothing that could be found"),
        ("follow org:-", "nothing that could be found"),
        ("follow stop", "Which one?"),
        ("follow stop:zzz", "You follow nothing that is called `zzz`"),
        ("follow " + " ".join(f"w{n}" for n in range(21)), "at most 20"),
        ("follow " + "x" * 81, "nothing that could be found"),
    ],
)
async def test_what_could_match_nothing_is_refused(office: Office, line: str, problem: str) -> None:
    """With what would be right, and nothing is stored."""
    assert problem in (await said(office, line)).text
    assert orders(office) == []


async def test_the_same_again_is_refused_kindly(office: Office) -> None:
    """Whatever its case and order; another person, or the channel, may follow it as well."""
    await said(office, 'follow robots "World Models" author:LeCun')
    told = await said(office, 'follow "world models" Robots author:lecun')
    assert 'You follow "world models" and Robots by lecun already' in told.text
    assert "`/paper follow stop:s1` ends it" in told.text
    await said(office, 'follow robots "World Models" author:LeCun', BOB)
    await said(office, 'follow robots "World Models" author:LeCun here')
    assert len(office.subscriptions.known) == 3


async def test_a_hundred_are_the_most(office: Office) -> None:
    """Follows and watches together."""
    for number in range(99):
        await said(office, f"follow word{number}")
    await said(office, "watch 2505.00001")
    for line in ("follow onemore", "watch 2505.00002"):
        assert "that is the most" in (await said(office, line)).text
    assert len(orders(office)) == 100


async def test_a_channel_follows_when_somebody_who_manages_it_says_so(office: Office) -> None:
    """Everybody sees it there, and it ends like a subscription."""
    told = await said(office, "follow robots here", admin=False)
    assert "Only people who may manage this channel" in told.text
    told = await said(office, "follow robots here")
    assert told.text == "This channel follows robots. A paper comes here when it is featured."
    (one,) = orders(office)
    assert (one.channel, one.private) == (CHANNEL, False)
    panel = await office.says_one("subscriptions", BOB)
    assert isinstance(panel, Panel)
    assert panel.rows[0].text == "follow: as it happens, robots; watching"
    assert "follow nothing yet" in (await said(office, "follow")).text
    assert "it has no edition" in (await said(office, "preview s1")).text
    await said(office, "unsubscribe s1")
    assert orders(office) == []


async def test_follows_and_watches_are_listed_and_ended(office: Office) -> None:
    """One by its id, or all; in two ways of writing."""
    await said(office, "follow robots")
    await said(office, "follow author:LeCun")
    await said(office, "watch 2505.00002")
    panel = await office.says_one("follows")
    assert isinstance(panel, Panel)
    assert panel.title == "You follow 2 and watch 1"
    assert [(row.label, row.text) for row in panel.rows] == [
        ("s1", "robots"),
        ("s2", "LeCun"),
        ("s3", "watched: World models for robots; it ends in 90 days"),
    ]
    assert (await said(office, "follows stop s2")).text == "Ended: LeCun"
    assert (await said(office, "follow stop:all")).text == "2 follows ended."
    assert orders(office) == []


async def test_nobody_sees_or_ends_what_another_follows(office: Office) -> None:
    """Not in lists, completions, statuses or by guessing ids; in the channel or in all of the workspace."""
    await said(office, 'follow "secret topic"')
    await said(office, "watch 2505.00002")
    office.reaches.said[ANN] = Reach()
    run = Run(
        subscription="s1",
        edition="follow:2025-05-22T12:00",
        due_at=NOW,
        outcome=Outcome.NOTHING,
        reason="secret",
        finished_at=NOW,
    )
    await office.outbox.plan(Plan(run=run, next_run_at=NOW))
    for line in ("follow", "subscriptions all", "status all", "subscriptions", "status"):
        told = str(await office.says(line, BOB))
        assert "secret" not in told
        assert "World models" not in told
        assert "s1" not in told
    for line in ("follow stop:s1", "follow stop:all", "unsubscribe s1", "unsubscribe all"):
        await office.says(line, BOB)
        await office.says(line, BOB, channel=OWN)
    for line in ("preview s1", "unsubscribe s1"):
        assert "secret" not in str(await office.says(line, BOB, channel=OWN))
    assert len(orders(office)) == 2


async def test_ids_are_completed_with_what_they_are(office: Office) -> None:
    """Only one's own."""
    await said(office, "follow robots")
    from bot.domain.ports import Caller

    for who, found in ((ANN, ["stop:s1", "stop:all"]), (BOB, ["stop:all"])):
        caller = Caller(person=who, channel=CHANNEL)
        assert list(await office.desk.suggest(caller, "follow stop:")) == found


async def test_a_follow_takes_how_its_person_is_reached(office: Office) -> None:
    """Quiet hours, and whether it waits for the digest."""
    quiet = (time(22), time(7))
    office.reaches.said[ANN] = Reach(follows=Manner.DAILY, quiet=quiet, tz="Europe/Berlin")
    told = await said(office, "follow robots")
    assert "New papers stand in your own digest" in told.text
    (one,) = orders(office)
    assert (one.terms.manner, one.terms.quiet, one.terms.tz) == (
        Manner.DAILY,
        quiet,
        "Europe/Berlin",
    )
    assert one.held
    panel = await office.says_one("follow")
    assert isinstance(panel, Panel)
    assert panel.rows[0].text == "robots (in your digest)"


async def test_by_e_mail_without_an_address_says_how_to_get_one(office: Office) -> None:
    """Nothing is stored."""
    office.reaches.said[ANN] = Reach(follows=Manner.EMAIL)
    assert "I know no e-mail address of yours" in (await said(office, "follow robots")).text
    assert orders(office) == []


async def test_whoever_takes_no_direct_messages_hears_of_it(office: Office) -> None:
    """At once where the platform tells, else in the list."""
    office.chat.deaf = {ANN}
    told = await said(office, "follow robots")
    assert told.text == "I cannot write to you directly. This person takes no direct messages."
    office.chat.deaf = set()
    await said(office, "follow robots")
    await office.subscriptions.pause("s1", "They take no messages.")
    panel = await office.says_one("follow")
    assert isinstance(panel, Panel)
    assert panel.rows[0].text == "robots; paused: They take no messages."


# --- watch


async def shown(office: Office, channel: Channel = CHANNEL) -> None:
    """The robots' paper stands in a digest of a channel."""
    order = Subscription(
        id="digest", channel=channel, edition=Edition.DAILY, created_at=NOW, next_run_at=NOW
    )
    await office.subscriptions.add(order)
    delivery = Delivery(
        key="digest:1",
        subscription="digest",
        channel=channel,
        edition="daily:1",
        part=1,
        post=Digest(title="Daily", entries=(Entry(paper=ROBOT),)),
        next_attempt_at=NOW,
    )
    run = Run(
        subscription="digest",
        edition="daily:1",
        due_at=NOW,
        outcome=Outcome.POSTED,
        finished_at=NOW,
    )
    await office.outbox.plan(Plan(run=run, deliveries=(delivery,), next_run_at=NOW))
    await office.outbox.sent("digest:1", Message(channel, "m"), NOW)


async def test_a_watch_knows_what_there_was(office: Office) -> None:
    """And says how long it lasts, and where news come."""
    told = await said(office, "watch 2505.00002")
    assert told.text == (
        "You watch World models for robots. When code is released, its stars jump, an AI summary appears or upvotes "
        "pass 100, 250, 500 or 1,000, I say so to you alone. It ends by itself on Wed 20 Aug 2025."
    )
    (one,) = orders(office)
    assert (one.channel, one.terms.paper) == (OWN, PaperId("2505.00002"))
    assert State.parse(one.covered) == State(upvotes=100)


async def test_where_the_paper_was_shown_news_come_below_it_for_the_first_who_asks(
    office: Office,
) -> None:
    """The second gets them alone, or the thread would have them twice."""
    await shown(office)
    assert "below its post in this channel" in (await said(office, "watch 2505.00002")).text
    assert "to you alone" in (await said(office, "watch 2505.00002", BOB)).text
    assert [one.channel for one in (*orders(office), *orders(office, BOB))] == [
        CHANNEL,
        Channel(CHANNEL.workspace, "@bob"),
    ]
    hidden = await office.says_one("subscriptions", BOB)
    assert isinstance(hidden, Panel)
    assert [row.label for row in hidden.rows] == ["digest"]


async def test_in_their_own_channel_news_come_to_them_alone_and_not_at_night(
    office: Office,
) -> None:
    """Also where a follow had brought the paper there."""
    await shown(office, OWN)
    quiet = (time(22), time(7))
    office.reaches.said[ANN] = Reach(quiet=quiet)
    reply = await office.says("watch 2505.00002", channel=OWN)
    assert "I say so to you alone" in str(reply)
    (one,) = orders(office)
    assert (one.channel, one.terms.quiet) == (OWN, quiet)


async def test_below_a_post_it_works_for_who_takes_no_direct_messages(office: Office) -> None:
    """Nothing has to reach them."""
    await shown(office)
    office.chat.deaf = {ANN}
    assert "below its post" in (await said(office, "watch 2505.00002")).text


async def test_a_paper_is_watched_once_and_again_when_that_has_ended(office: Office) -> None:
    """After 90 days."""
    await said(office, "watch 2505.00002")
    assert "You watch it already" in (await said(office, "watch 2505.00002")).text
    office.now += LASTS
    assert "You follow nothing yet" in (await said(office, "follow")).text
    assert "You watch World models" in (await said(office, "watch 2505.00002")).text


async def test_what_is_not_there_cannot_be_watched(office: Office) -> None:
    """A paper that nobody knows."""
    assert "is not in the archive" in (await said(office, "watch 2505.99999")).text


async def test_a_paper_that_only_hugging_face_knows_is_fetched(office: Office) -> None:
    """And watched as it is there."""
    office.refresher.pages[PaperId("2505.00009")] = replace(ROBOT, id=PaperId("2505.00009"))
    assert "You watch World models" in (await said(office, "watch 2505.00009")).text
