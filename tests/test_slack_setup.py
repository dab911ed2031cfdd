"""The modal in which a subscription is set up: what it looks like, and what it does in a Slack of ours."""

from typing import Any
from zoneinfo import available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.slack.setup import (
    EDITIONS,
    LAYOUTS,
    LONGEST,
    SETUP,
    Order,
    errors,
    form,
    outcome,
    preview,
    previewing,
    working,
)
from adapters.slack.zones import YOURS, ZONES, zone_groups
from bot.domain.people import Channel
from bot.domain.posts import Digest, Entry, Notice
from bot.domain.subscriptions import FOR_CHANNELS, WEEKDAYS, Edition, Layout, Subscription
from tests.support.hostile import Pile, papers, texts
from tests.support.slack import SlackOffice, slack_office
from tests.support.slack_rules import check_view
from tests.support.slack_screen import Screen, ids, words
from tests.support.slack_server import SlackServer, slack_server
from tests.support.slack_world import View

orders = st.builds(
    Order,
    edition=st.sampled_from(list(EDITIONS)),
    at=st.times().map(lambda time: f"{time:%H:%M}"),
    tz=st.sampled_from(sorted(available_timezones())),
    on=st.lists(st.sampled_from(WEEKDAYS), unique=True).map(",".join),
    weekday=st.sampled_from(WEEKDAYS),
    day=st.integers(1, 28).map(str),
    over=st.integers(1, 10_000).map(str),
    top=st.integers(1, 50).map(str),
    layout=st.sampled_from(list(LAYOUTS)),
    include=st.text(max_size=LONGEST),
    exclude=st.text(max_size=LONGEST),
    channel=st.sampled_from(("", "C1", "D1")),
    fixed=st.sampled_from(("", "yes")),
)


@settings(max_examples=60)
@given(orders)
def test_every_form_is_one_that_slack_shows(order: Order) -> None:
    """Whatever was chosen, the fields that its edition has, and all of it travels along."""
    view = form(order)
    check_view(view)
    ids = {block.get("block_id") for block in view["blocks"]}
    assert {f"{SETUP}:{name}" for name in order.asked} <= ids
    assert Order.of(view) == Order.of(working(Order.of(view), "…"))
    assert Order.of(view).at == order.at
    assert Order.of(view).channel == order.channel


def test_the_form_knows_every_edition_and_layout() -> None:
    """What the core can do can be set up here."""
    assert set(EDITIONS) == set(FOR_CHANNELS)
    assert set(LAYOUTS) == set(Layout)


@settings(max_examples=40)
@given(st.sampled_from(sorted(available_timezones())))
def test_the_menu_of_zones_has_everybodys_own(zone: str) -> None:
    """At most 100, each of them real and there once; an unusual one stands first."""
    groups = dict(zone_groups(zone))
    zones = [one for names in groups.values() for one in names]
    assert zone in zones
    assert len(zones) == len(set(zones)) <= 100
    assert set(zones) <= available_timezones()
    assert list(groups) in ([*ZONES], [YOURS, *ZONES])


@given(st.dictionaries(st.sampled_from((*EDITIONS, "at", "tz", "on", "top", "x")), texts), orders)
def test_errors_stand_beside_fields_that_are_there(faults: dict[str, str], order: Order) -> None:
    """Slack takes an error for a field of the view only, and in a few plain words."""
    there = {block.get("block_id") for block in form(order)["blocks"] if block["type"] == "input"}
    told = errors(order, faults)
    missing = {f"{SETUP}:channel"} if order.fixed else set()
    assert set(told) <= there | missing
    assert all(len(text) <= 150 and "`" not in text for text in told.values())


@settings(max_examples=20, deadline=None)
@given(papers(), texts, orders)
def test_every_preview_and_outcome_is_one_that_slack_shows(
    pile: Pile, text: str, order: Order
) -> None:
    """However many papers, and whatever they are called; nothing in it can be pressed but the way back."""
    entries = tuple(Entry(paper=paper, number=n) for n, paper in enumerate(pile[:50], start=1))
    shown = preview((Notice(text=text), Digest(title=text, entries=entries)))
    check_view(shown)
    assert not any("accessory" in b and b["accessory"]["type"] != "image" for b in shown["blocks"])
    check_view(outcome(order, (Notice(text=text, tone="error"),), done=False))
    check_view(outcome(order, (Notice(text=text, tone="done"),), done=True))
    check_view(previewing())


# --- in a Slack


async def orders_of(o: SlackOffice, channel: str = "C1") -> list[Subscription]:
    return await o.office.subscriptions.of(Channel(o.channel.workspace, channel))


async def opened(slack: SlackServer, user: str = "U1", channel: str = "C1") -> View:
    """The form, after pressing the button of the welcome message."""
    if not slack.messages("T1", channel):
        await slack.invite("T1", channel, "UADA")
    welcome = (await slack.said("T1", channel))[0]
    await slack.press("T1", user, channel, welcome, action_id=f"{SETUP}:start")
    return await Screen(slack, user).modal("What to post")


def chosen(view: View, name: str) -> Any:
    """What a field of the form holds before anybody touches it."""
    (element,) = [b["element"] for b in view.blocks if b.get("block_id") == f"{SETUP}:{name}"]
    first = element.get("initial_option") or {}
    return first.get("value") or element.get("initial_time") or element.get("initial_value")


async def test_the_form_proposes_nine_oclock_where_the_person_is() -> None:
    """In the zone of their profile, for the channel where the button stands."""
    async with slack_server() as slack, slack_office(slack):
        view = await opened(slack, "U2")
        assert "Papers for <#C1>." in words(view)
        assert (chosen(view, "at"), chosen(view, "tz")) == ("09:00", "America/New_York")
        assert (chosen(view, "edition"), chosen(view, "top")) == ("daily", "10")


async def test_an_unusual_zone_is_proposed_too() -> None:
    """Nobody has to look for their own."""
    async with slack_server() as slack, slack_office(slack):
        slack.add_user("T1", "UTED", "Ted", tz="Antarctica/Troll")
        view = await opened(slack, "UTED")
        assert chosen(view, "tz") == "Antarctica/Troll"


async def test_submitting_subscribes_the_channel_and_tells_it() -> None:
    """In one line that names who did it; the modal says that it is done."""
    async with slack_server() as slack, slack_office(slack) as o:
        view = await opened(slack)
        terms = {"at": "17:30", "tz": "Asia/Tokyo", "top": "5", "layout": "thread"}
        words_in = {"include": "diffusion, vision language", "exclude": "survey"}
        chosen = {f"{SETUP}:{name}": value for name, value in {**terms, **words_in}.items()}
        await slack.submit(view, {**chosen, f"{SETUP}:on": ["mon", "fri"]})
        done = await Screen(slack).modal("subscribed this channel")
        assert not done.submit
        (order,) = await orders_of(o)
        assert (str(order.terms.at), order.terms.tz) == ("17:30:00", "Asia/Tokyo")
        assert (order.terms.on, order.terms.top) == (frozenset({0, 4}), 5)
        assert order.terms.include == ("diffusion", "vision language")
        assert (order.terms.exclude, order.terms.layout) == (("survey",), Layout.THREAD)
        (_, told) = slack.messages("T1", "C1")
        assert "Ann subscribed this channel: daily at 17:30 Asia/Tokyo" in told.text


async def test_each_edition_has_the_fields_it_needs() -> None:
    """They change as the edition is chosen, and what was typed before stays."""
    async with slack_server() as slack, slack_office(slack) as o:
        ann = Screen(slack)
        view = await opened(slack)
        typed = {f"{SETUP}:include": "diffusion", f"{SETUP}:at": "07:15"}
        await ann.press(view, f"{SETUP}:edition", "monthly", **typed)
        view = await ann.modal("On which day of the month")
        assert f"{SETUP}:on" not in ids(view)
        await ann.press(view, f"{SETUP}:edition", "rising", **{f"{SETUP}:day": "15"})
        view = await ann.modal("Upvotes that a paper has to cross")
        assert f"{SETUP}:at" not in ids(view)
        await ann.press(view, f"{SETUP}:edition", "monthly")
        view = await ann.modal("On which day of the month")
        await slack.submit(view)
        await ann.modal("subscribed this channel")
        (order,) = await orders_of(o)
        assert (order.edition, order.terms.day) == (Edition.MONTHLY, 15)
        assert (str(order.terms.at), order.terms.include) == ("07:15:00", ("diffusion",))


@pytest.mark.parametrize("edition", list(EDITIONS))
async def test_every_edition_can_be_subscribed_as_proposed(edition: str) -> None:
    """Nothing that the form sends along is something the edition has no use for."""
    async with slack_server() as slack, slack_office(slack) as o:
        ann = Screen(slack)
        view = await opened(slack)
        if edition != "daily":
            before = view.hash
            await ann.press(view, f"{SETUP}:edition", edition)
            await slack.until(lambda: slack.modal("T1", "U1").hash != before)  # type: ignore[union-attr]
        await slack.submit(await ann.modal())
        await ann.modal("subscribed this channel")
        assert [order.edition for order in await orders_of(o)] == [edition]


async def test_what_is_wrong_stands_beside_its_field() -> None:
    """Before anything is done, and the form stays."""
    async with slack_server() as slack, slack_office(slack) as o:
        view = await opened(slack)
        wrong = {f"{SETUP}:top": "700", f"{SETUP}:include": "x" * 100}
        done = await slack.submit(view, wrong)
        assert not done.error
        assert set(done.ack["errors"]) == set(wrong)
        assert "700" in done.ack["errors"][f"{SETUP}:top"]
        assert await orders_of(o) == []


async def test_the_preview_lies_over_the_form() -> None:
    """It shows today's papers on these terms to this person only, and subscribes nobody."""
    async with slack_server() as slack, slack_office(slack) as o:
        ann = Screen(slack)
        view = await opened(slack)
        terms = {f"{SETUP}:include": "diffusion"}
        await ann.press(view, f"{SETUP}:edition", "live", **terms)
        await ann.press(await ann.modal(), f"{SETUP}:preview")
        shown = await ann.modal("Attention to diffusion")
        assert "Nothing was posted" in words(shown)
        assert "CLIP" not in words(shown)
        await slack.close(shown)
        assert (await ann.modal()).id == view.id
        assert await orders_of(o) == []
        assert len(slack.messages("T1", "C1")) == 1


async def test_the_same_order_twice_is_refused_with_the_way_back() -> None:
    """The form comes back with everything that was chosen."""
    async with slack_server() as slack, slack_office(slack) as o:
        ann = Screen(slack)
        for told in ("subscribed this channel", "has that already"):
            view = await opened(slack)
            await slack.submit(view, {f"{SETUP}:top": "7", f"{SETUP}:exclude": "a survey"})
            shown = await ann.modal(told)
        await ann.press(shown, f"{SETUP}:back")
        form = await ann.modal("What to post")
        assert (chosen(form, "top"), chosen(form, "exclude")) == ("7", "a survey")
        assert len(await orders_of(o)) == 1


async def test_a_channel_without_us_is_told_how_to_invite_us() -> None:
    """From Home, where the channel is chosen; nothing is subscribed that could not be posted."""
    async with slack_server() as slack, slack_office(slack) as o:
        ann = Screen(slack)
        await slack.home_opened("T1", "U1")
        await ann.press(await ann.home("My digest"), f"{SETUP}:start")
        await slack.submit(await ann.modal("Channel"), {f"{SETUP}:channel": "C2"})
        shown = await ann.modal("/invite @paperbot")
        assert await orders_of(o, "C2") == []
        await ann.press(shown, f"{SETUP}:back")
        await slack.submit(await ann.modal("Channel"), {f"{SETUP}:channel": "C1"})
        await ann.modal("subscribed this channel")
        assert len(await orders_of(o)) == 1


@pytest.mark.parametrize(
    ("user", "settings", "word"),
    [("UGUS", {}, "full member"), ("U1", {"subscribers": "admins"}, "administers")],
)
async def test_those_who_may_not_are_told_whom_to_ask(
    user: str, settings: dict[str, Any], word: str
) -> None:
    """Guests always, and everybody but admins where the operator said so."""
    async with slack_server() as slack, slack_office(slack, **settings) as o:
        await slack.invite("T1", "C1", "UADA")
        (welcome,) = await slack.said("T1", "C1")
        await slack.press("T1", user, "C1", welcome, action_id=f"{SETUP}:start")
        refused = await Screen(slack, user).modal(word)
        assert not any(block["type"] == "input" for block in refused.blocks)
        assert await orders_of(o) == []


async def test_ones_own_digest_is_everybodys_right() -> None:
    """Also a guest's; it comes to the direct conversation."""
    async with slack_server() as slack, slack_office(slack) as o:
        gus = Screen(slack, "UGUS")
        await slack.home_opened("T1", "UGUS")
        await gus.press(await gus.home("My digest"), f"{SETUP}:me")
        form = await gus.modal("for you alone")
        await slack.submit(form)
        await gus.modal("subscribed this channel")
        direct = slack.direct("T1", "UGUS")
        assert len(await orders_of(o, direct)) == 1
        assert len(slack.messages("T1", direct)) == 1
        await gus.home("Set up another")


async def test_a_channel_that_cannot_be_told_is_subscribed_all_the_same() -> None:
    """Whoever did it sees that in the modal."""
    async with slack_server() as slack, slack_office(slack) as o:
        view = await opened(slack)
        slack.fail("chat.postMessage", error="internal_error", times=None)
        slack.fail("chat.postEphemeral", error="internal_error", times=None)
        await slack.submit(view)
        await Screen(slack).modal("subscribed this channel")
        assert len(await orders_of(o)) == 1


async def test_a_profile_that_slack_will_not_tell_keeps_nobody_waiting() -> None:
    """A window opens in time for its trigger, whatever else is slow."""
    async with slack_server() as slack, slack_office(slack):
        slack.delay("users.info", 1.0)
        await slack.invite("T1", "C1", "UADA")
        (welcome,) = await slack.said("T1", "C1")
        await slack.press("T1", "U1", "C1", welcome, action_id=f"{SETUP}:start")
        await Screen(slack).modal("One moment …")
        await Screen(slack).modal("What to post")


async def test_a_window_says_when_slack_cannot_be_asked() -> None:
    """Rather than to stay as it is for ever."""
    async with slack_server() as slack, slack_office(slack):
        ann = Screen(slack)
        slack.team().scopes.discard("im:write")
        await slack.home_opened("T1", "U1")
        await ann.press(await ann.home("My digest"), f"{SETUP}:me")
        await ann.modal("could not be asked")
