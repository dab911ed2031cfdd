"""subscribe, unsubscribe, subscriptions, preview, through the desk."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from bot.domain.deliveries import Outcome, Plan, Run
from bot.domain.papers import Listing
from bot.domain.people import Channel
from bot.domain.posts import Digest, Notice, Panel
from bot.domain.subscriptions import Edition, Layout, Subscription, Terms
from bot.domain.text import unmarked
from tests.support.fakes import CHANNEL, NOW, papers
from tests.support.rooms import ANN, Office, titles


@pytest.fixture
def office() -> Office:
    office = Office()
    office.archive.has(Listing.day(date(2025, 5, 21)), *papers(12))
    return office


async def said(office: Office, line: str) -> Notice:
    answer = await office.says_one(line)
    assert isinstance(answer, Notice)
    return answer


@pytest.mark.parametrize(
    ("line", "edition", "terms"),
    [
        ("subscribe", Edition.DAILY, Terms()),
        ("subscribe weekly", Edition.WEEKLY, Terms()),
        (
            (
                "subscribe daily at:09:00 tz:Europe/Berlin on:mon-fri top:10 include:diffusion "
                'exclude:survey min:5 layout:thread again:30 include:"vision language"'
            ),
            Edition.DAILY,
            Terms(
                at=time(9),
                tz="Europe/Berlin",
                on=frozenset(range(5)),
                top=10,
                include=("diffusion", "vision language"),
                exclude=("survey",),
                min=5,
                layout=Layout.THREAD,
                again=30,
            ),
        ),
        ("subscribe monthly day:28 again:0", Edition.MONTHLY, Terms(day=28, again=0)),
        ("subscribe rising over:100 min:0", Edition.RISING, Terms(over=100, min=0)),
    ],
)
async def test_what_is_stored_is_what_was_typed(
    office: Office, line: str, edition: Edition, terms: Terms
):
    """No default is written down: it may change, and what was asked for may not."""
    await office.says(line)
    (stored,) = office.subscriptions.known.values()
    assert (stored.edition, stored.terms, stored.channel) == (edition, terms, CHANNEL)
    assert (stored.created_by, stored.created_at) == (ANN, NOW)
    assert stored.next_run_at > NOW


async def test_a_subscription_is_announced_to_the_channel(office: Office):
    """Who, what, and when the first one comes."""
    reply = await office.says("subscribe daily at:09:00 tz:Berlin on:mon-fri include:diffusion")
    assert not reply.private
    notice = reply.posts[0]
    assert isinstance(notice, Notice)
    assert notice.tone == "done"
    assert unmarked(notice.text) == (
        "Ann subscribed this channel: daily at 09:00 Europe/Berlin, Mon-Fri (with `diffusion`). "
        "The first one comes Fri 23 May, 09:00 (in 19 hours)."
    )
    assert "`/paper unsubscribe s1`" in notice.hints[1]


async def test_the_same_again_is_refused_kindly(office: Office):
    """The existing one is named."""
    await office.says("subscribe daily top:5 at:9")
    answer = await said(office, "subscribe top:5 at:09:00")
    assert answer.tone == "error"
    assert "`s1`" in answer.text
    assert len(office.subscriptions.known) == 1
    await office.says("subscribe daily top:6 at:9")
    assert len(office.subscriptions.known) == 2


async def test_a_channel_has_a_limit(office: Office):
    """Twenty-five is plenty."""
    for top in range(1, 26):
        await office.says(f"subscribe top:{top}")
    answer = await said(office, "subscribe top:26")
    assert "25 subscriptions" in answer.text
    assert len(office.subscriptions.known) == 25


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("subscribe daily day:3", "monthly"),
        ("subscribe weekly over:3", "rising"),
        ("subscribe monthly on:mon", "day:1"),
        ("subscribe rising at:9", "no hour"),
        ("subscribe include:" + "x" * 81, "at most 80"),
        ("subscribe " + " ".join(f"include:w{n}" for n in range(21)), "at most 20"),
    ],
)
async def test_terms_that_make_no_sense_are_refused(office: Office, line: str, why: str):
    """Nothing is stored that would be ignored later."""
    answer = await said(office, line)
    assert answer.tone == "error"
    assert why in answer.text
    assert not office.subscriptions.known


async def test_only_those_who_manage_the_channel(office: Office):
    """Everybody else is told whom to ask."""
    for line in ("subscribe", "unsubscribe s1"):
        answer = await office.says_one(line, admin=False)
        assert isinstance(answer, Notice)
        assert "manage this channel" in answer.text
    assert len((await office.says("preview", admin=False)).posts) == 2


async def test_unsubscribe_one_and_all(office: Office):
    """By id, or the lot; the config file's own stay."""
    for top in (1, 2, 3):
        await office.says(f"subscribe top:{top}")
    assert "Ann unsubscribed this channel from `s1`" in (await said(office, "unsubscribe S1")).text
    assert "there is `s2` and `s3`" in (await said(office, "unsubscribe s9")).text
    await office.subscriptions.add(declared())
    assert "config file" in (await said(office, "unsubscribe team-daily")).text
    await office.says("unsubscribe all")
    assert list(office.subscriptions.known) == ["team-daily"]
    assert "nothing here" in (await said(office, "unsubscribe all")).text


def declared() -> Subscription:
    return Subscription(
        id="team-daily",
        channel=CHANNEL,
        edition=Edition.DAILY,
        created_at=NOW,
        next_run_at=NOW + timedelta(hours=1),
    )


async def test_a_subscription_of_another_channel_is_out_of_reach(office: Office):
    """An id is no key to somebody else's door."""
    await office.says("subscribe")
    other = type(CHANNEL)(CHANNEL.workspace, "elsewhere")
    reply = await office.says("unsubscribe s1", channel=other)
    notice = reply.posts[0]
    assert isinstance(notice, Notice)
    assert "This channel has no subscriptions" in notice.text
    assert office.subscriptions.known


async def test_the_list_says_when_each_runs_and_why_one_does_not(office: Office):
    """Paused ones with their reason, declared ones as such."""
    assert isinstance(await office.says_one("subscriptions"), Notice)
    await office.says("subscribe rising over:70")
    await office.says("subscribe at:10:00")
    await office.subscriptions.pause("s2", "the bot may not write here")
    await office.subscriptions.add(declared())
    panel = await office.says_one("subscriptions")
    assert isinstance(panel, Panel)
    assert {row.label: unmarked(row.text) for row in panel.rows} == {
        "s1": "rising: when a paper passes 70 upvotes; watching",
        "s2": "daily at 10:00 UTC; paused: the bot may not write here",
        "team-daily": (
            "daily at 09:00 UTC; next Thu 22 May, 13:00 (in 1 hour), from the config file"
        ),
    }


async def test_an_id_that_is_taken_is_not_given_again(office: Office):
    """Short ids meet each other now and then."""
    await office.subscriptions.add(
        Subscription(
            id="s1", channel=CHANNEL, edition=Edition.WEEKLY, created_at=NOW, next_run_at=NOW
        )
    )
    await office.says("subscribe daily")
    assert list(office.subscriptions.known) == ["s1", "s2"]


async def test_preview_shows_the_next_post_and_sends_nothing(office: Office):
    """By edition with qualifiers, or by id."""
    await office.says("subscribe daily top:3")
    for line in ("preview top:3", "preview daily top:3", "preview s1"):
        reply = await office.says(line)
        notice, digest = reply.posts
        assert isinstance(notice, Notice)
        assert "Nothing was posted" in notice.text
        assert isinstance(digest, Digest)
        assert titles(digest) == ["Paper 2505.00001", "Paper 2505.00002", "Paper 2505.00003"]
    assert not office.outbox.deliveries
    assert len(office.subscriptions.known) == 1


async def test_preview_shows_what_the_channel_has_had(office: Office):
    """The terms are tried, not the memory: a subscription that has posted today is shown all the same."""
    await office.says("subscribe daily top:3")
    run = Run(
        subscription="s1",
        edition="daily:2025-05-21",
        due_at=NOW,
        outcome=Outcome.POSTED,
        finished_at=NOW,
    )
    await office.outbox.plan(Plan(run=run, next_run_at=NOW, covered="2025-05-21"))
    _, digest = (await office.says("preview s1")).posts
    assert len(titles(digest)) == 3


async def test_preview_of_nothing_says_why(office: Office):
    """Filters that let nothing through are found out before the morning."""
    answer = await said(office, "preview include:quantum")
    assert "filters removed 12 of 12" in answer.text


async def test_preview_has_no_terms_beside_an_id(office: Office):
    """They would not apply."""
    await office.says("subscribe daily top:3")
    assert "its own terms" in (await said(office, "preview s1 top:5")).text
    assert "There is no subscription `s7`" in (await said(office, "preview s7")).text


async def test_status_explains_silence(office: Office):
    """Archive, freshness, next runs, how the last runs ended, what is owed."""
    await office.says("subscribe daily at:09:00")
    due = datetime(2025, 5, 22, 9, tzinfo=UTC)
    for number, (outcome, reason, retry) in enumerate(
        [
            (Outcome.POSTED, "", None),
            (Outcome.NOTHING, "filters removed 12 of 12", None),
            (Outcome.WAITING, "Hugging Face could not be reached", NOW + timedelta(minutes=8)),
        ]
    ):
        run = Run(
            subscription="s1",
            edition=f"daily:{number}",
            due_at=due + timedelta(hours=number),
            outcome=outcome,
            reason=reason,
            posted=10 if outcome is Outcome.POSTED else 0,
            finished_at=due + timedelta(hours=number),
            retry_at=retry,
        )
        await office.outbox.plan(Plan(run=run, next_run_at=NOW))
    panel = await office.says_one("status")
    assert isinstance(panel, Panel)
    rows = {row.label: row.text for row in panel.rows}
    runs = [unmarked(row.text) for row in panel.rows if row.label == "Run s1"]
    assert rows["Archive"] == "12 papers, 1 day from Wed 21 May 2025 to Wed 21 May 2025, 0 saves"
    assert rows["Today's list"] == "not fetched yet"
    assert rows["s1"].startswith("daily at 09:00 UTC; next")
    assert runs == [
        "2025-05-22 11:00 UTC: waiting: Hugging Face could not be reached, again in 8 minutes",
        "2025-05-22 10:00 UTC: nothing: filters removed 12 of 12",
        "2025-05-22 09:00 UTC: posted 10",
    ]
    assert rows["Owed"] == "nothing"


OTHER = Channel(CHANNEL.workspace, "other")


async def test_those_who_manage_a_workspace_see_all_of_it(office: Office):
    """Every channel's orders and runs, each with its channel; nobody else does."""
    await office.says("subscribe daily")
    await office.says("subscribe weekly", channel=OTHER)
    panel = await office.says_one("subscriptions all")
    assert isinstance(panel, Panel)
    assert panel.title == "2 subscriptions of this workspace"
    assert [unmarked(row.text).partition(":")[0] for row in panel.rows] == ["papers", "other"]
    status = await office.says_one("status all")
    assert isinstance(status, Panel)
    assert {"s1", "s2"} <= {row.label for row in status.rows}
    for line in ("subscriptions all", "status all"):
        refused = await office.says_one(line, admin=False)
        assert isinstance(refused, Notice)
        assert refused.tone == "error"
    here = await office.says_one("subscriptions here", admin=False)
    assert isinstance(here, Panel)
    assert [row.label for row in here.rows] == ["s1"]


@pytest.mark.parametrize(("again", "said"), [(True, "is sent again"), (False, "is not repeated")])
async def test_status_says_where_a_lost_post_cannot_be_found(
    office: Office, *, again: bool, said: str
):
    """And what the operator chose for that case."""

    async def never(_: Channel) -> bool:
        return False

    office.desk.room = replace(office.room, recalls=never, at_least_once=again)
    bare = await office.says_one("status")
    assert isinstance(bare, Panel)
    assert bare.notes == ()
    await office.says("subscribe daily")
    panel = await office.says_one("status")
    assert isinstance(panel, Panel)
    assert said in panel.notes[0]


async def test_texts_call_us_as_the_platform_does(office: Office):
    """Another app may have taken /paper."""
    office.desk.room = replace(office.room, names={"terminal": "/arxiv"})
    answer = await said(office, "/arxiv subscribe daily")
    assert "`/arxiv preview s1`" in answer.hints[0]
    wrong = await said(office, "subscirbe")
    assert "`/arxiv subscribe`" in wrong.text
    _, digest = (await office.says("preview s1 ")).posts
    assert isinstance(digest, Digest)
    assert "`/arxiv save 3`" in digest.notes[-1]


def test_a_form_learns_which_field_is_wrong(office: Office):
    """By the field's name, in words for people; nothing is done."""
    options = {"edition": "daily", "at": "25:99", "tz": "Atlantis", "top": "5", "include": "a, b"}
    faults = office.desk.faults("subscribe", options)
    assert set(faults) == {"at", "tz"}
    assert not any(fault.startswith(("at:", "tz:")) for fault in faults.values())
    assert office.desk.faults("subscribe", {"at": "9", "tz": ""}) == {}
    assert office.subscriptions.known == {}


async def test_what_is_heard_twice_is_known(office: Office):
    """Until the time that was asked for is over."""
    assert await office.desk.first("slack:Ev1", timedelta(minutes=30))
    assert not await office.desk.first("slack:Ev1", timedelta(minutes=30))
    office.now += timedelta(minutes=31)
    assert await office.desk.first("slack:Ev1", timedelta(minutes=30))
