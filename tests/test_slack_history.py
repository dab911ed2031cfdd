"""Looking back: whether a post had arrived, as far as we may read and Slack has time for us."""

from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from adapters.slack.addresses import channel
from adapters.slack.history import EVENT, THREADS, carries
from adapters.slack.messenger import SlackMessenger
from bot.domain.errors import (
    Unavailable,
)
from tests.support.slack_posts import (
    HOME,
    Known,
    Time,
    answering,
    calling,
    card,
    long_ago,
    out,
    speaking,
)
from tests.support.slack_server import SlackServer

KEY = out().key


async def test_looking_back_turns_pages(slack: SlackServer, messenger: SlackMessenger) -> None:
    """A talkative channel hides no post of ours; a normal day never looks back."""
    sent = await messenger.send(out())
    chatter(slack, 250)
    assert slack.called("conversations.history") == []
    assert await messenger.find(HOME, KEY, long_ago()) == sent
    assert len(slack.called("conversations.history")) == 3


async def test_looking_back_has_an_end(slack: SlackServer, messenger: SlackMessenger) -> None:
    """Then nobody can tell: it is not said that the post had not arrived."""
    await messenger.send(out())
    chatter(slack, 1_100)
    with pytest.raises(Unavailable, match="Too many") as caught:
        await messenger.find(HOME, KEY, long_ago())
    assert caught.value.retry_after is None


async def test_an_interrupted_search_is_carried_on(
    slack: SlackServer, messenger: SlackMessenger, time: Time
) -> None:
    """Where Slack gives a page a minute, each minute brings it further."""
    sent = await messenger.send(out())
    chatter(slack, 250)
    slack.fail(
        "conversations.history", status=429, retry_after=60, when=lambda args: "cursor" in args
    )
    with pytest.raises(Unavailable) as caught:
        await messenger.find(HOME, KEY, long_ago())
    assert caught.value.retry_after == timedelta(seconds=60)
    time.now += 60
    assert await messenger.find(HOME, KEY, long_ago()) == sent
    cursors = [args.get("cursor") for args in slack.called("conversations.history")]
    assert cursors[0] is None
    assert None not in cursors[1:]


def chatter(slack: SlackServer, count: int) -> None:
    """What people say to each other."""
    place = slack.world.place("T1", "C1")
    for number in range(count):
        slack.world.post(slack.team(), place, {"text": f"Hello {number}"}, user="U1", bot_id="")


@pytest.mark.parametrize("error", ["not_in_channel", "channel_not_found", "missing_scope"])
async def test_a_channel_that_cannot_be_read_cannot_tell(
    slack: SlackServer, messenger: SlackMessenger, error: str
) -> None:
    """Asking again would not help: no time is named for it."""
    slack.fail("conversations.history", error=error)
    with pytest.raises(Unavailable) as caught:
        await messenger.find(HOME, KEY, long_ago())
    assert caught.value.retry_after is None


@pytest.mark.parametrize("trouble", [{"status": 503}, {"error": "internal_error"}])
async def test_a_slack_that_has_trouble_can_tell_later(
    slack: SlackServer, messenger: SlackMessenger, trouble: dict[str, Any]
) -> None:
    """After it has been asked three times."""
    slack.fail("conversations.history", times=3, **trouble)
    with pytest.raises(Unavailable) as caught:
        await messenger.find(HOME, KEY, long_ago())
    assert caught.value.retry_after
    assert await messenger.find(HOME, KEY, long_ago()) is None


@pytest.mark.parametrize(
    ("scopes", "where", "expected"),
    [
        ("channels:history groups:history", "C1", True),
        ("channels:history channels:read", "C1", True),
        ("channels:history", "C1", True),
        ("groups:history channels:read groups:read", "C1", False),
        ("groups:history channels:read groups:read", "C2", True),
        ("channels:history channels:read groups:read", "C2", False),
        ("im:history", "C1", False),
        ("im:history", "DU1", True),
        ("groups:history", "G1", True),
        ("", "C1", False),
        ("channels:history", "X1", False),
    ],
)
async def test_our_scopes_tell_whether_we_can_look_back(
    slack: SlackServer, messenger: SlackMessenger, scopes: str, where: str, expected: bool
) -> None:
    """Private channels take another scope, and their ids look alike."""
    slack.add_channel("T1", "C2", private=True)
    slack.team().scopes = set(scopes.split())
    assert await messenger.recalls(channel("T1", where)) is expected


async def test_whether_we_can_look_back_is_never_an_error(
    slack: SlackServer, messenger: SlackMessenger
) -> None:
    """A foreign workspace does not recall; of one that does not answer nothing is known against it."""
    assert not await messenger.recalls(channel("T2", "C1"))
    messenger._api.grants.forget("T1")
    slack.lose_answer("auth.test")
    assert await messenger.recalls(HOME)


async def test_a_thread_that_is_gone_hides_nothing(
    slack: SlackServer, messenger: SlackMessenger
) -> None:
    """Somebody deletes a heading while we look: the other threads are looked into."""
    for key in ("1", "2"):
        above = await messenger.send(out(key=key))
        sent = await messenger.send(out(card(), key=f"{key}/a", reply_to=above))
    slack.fail("conversations.replies", error="thread_not_found")
    assert await messenger.find(HOME, "1/a", long_ago())
    assert await messenger.find(HOME, "2/a", long_ago()) == sent
    slack.fail("conversations.replies", error="thread_not_found", times=2)
    assert await messenger.find(HOME, "2/a", long_ago()) is None


async def test_not_every_thread_is_looked_into(
    slack: SlackServer, messenger: SlackMessenger
) -> None:
    """Where we stop looking, nobody can tell."""
    for number in range(THREADS + 1):
        above = await messenger.send(out(key=str(number)))
        await messenger.send(out(card(), key=f"{number}/a", reply_to=above))
    assert await messenger.find(HOME, f"{THREADS}/a", long_ago())
    with pytest.raises(Unavailable, match="Too many"):
        await messenger.find(HOME, "0/a", long_ago())


async def test_a_workspace_that_cannot_be_asked_cannot_tell(
    slack: SlackServer, messenger: SlackMessenger
) -> None:
    """One that never had us will not, one that does not answer may later."""
    with pytest.raises(Unavailable, match="not installed") as caught:
        await messenger.find(channel("T2", "C1"), KEY, long_ago())
    assert caught.value.retry_after is None
    messenger._api.grants.forget("T1")
    slack.lose_answer("auth.test")
    with pytest.raises(Unavailable) as caught:
        await messenger.find(HOME, KEY, long_ago())
    assert caught.value.retry_after


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"messages": None},
        {"messages": [None, 1, {}, {"ts": 5}, {"ts": "1.0", "user": "UBOT", "metadata": []}]},
        {"messages": [{"ts": "1.0", "user": "UBOT", "metadata": {"event_payload": [KEY]}}]},
        {"messages": {}, "response_metadata": []},
    ],
)
async def test_a_history_of_another_shape_tells_nothing(said: dict[str, Any], time: Time) -> None:
    """Whatever stands in it, nothing of it is ours."""
    async with (
        answering(lambda: web.json_response({"ok": True, **said})) as url,
        calling(url, lambda _: Known(), clock=time, sleep=time.sleep) as api,
    ):
        assert await speaking(api, time).find(HOME, KEY, long_ago()) is None


def test_a_key_is_no_beginning_of_another() -> None:
    """Keys that look alike are told apart, and other apps' metadata is theirs."""
    said = {"metadata": {"event_type": EVENT, "event_payload": {"key": "a:10"}}}
    assert carries(said, "a:10")
    assert not carries(said, "a:1")
    said["metadata"]["event_type"] = "other"
    assert not carries(said, "a:10")
