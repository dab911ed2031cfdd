"""Posts on their way to Discord, over HTTP, with the real library: once, in the right place, found again."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import discord
import pytest

from adapters.discord.failures import undelivered
from adapters.discord.marks import mark, nonce
from adapters.discord.messenger import DiscordMessenger
from bot.domain.errors import (
    ChannelRefused,
    ContentRefused,
    DeliveryError,
    OutcomeUnknown,
    TryLater,
    Unavailable,
    WorkspaceRefused,
)
from bot.domain.people import Channel, Message
from bot.domain.ports import Messenger, Outgoing
from bot.domain.posts import Digest, File, Notice
from tests.support.discord_posts import WORKSPACE, card, digest, long_ago, out
from tests.support.discord_rest import discord_on_loopback
from tests.support.discord_state import GUILD, Discord


@pytest.fixture
async def there() -> AsyncIterator[Discord]:
    async with discord_on_loopback() as there:
        yield there


@pytest.fixture
async def client(there: Discord) -> AsyncIterator[discord.Client]:
    async with there.client(max_ratelimit_timeout=30) as client:
        yield client


@pytest.fixture
def messenger(client: discord.Client) -> DiscordMessenger:
    return DiscordMessenger(client, pauses=(0.01, 0.01), patience=5)


async def test_a_post_arrives_and_is_found_again(there: Discord, messenger: Messenger) -> None:
    """Sending returns its address, and the key leads back to it."""
    channel = there.add_channel()
    message = await messenger.send(out(channel))
    (posted,) = there.sent(channel)
    assert str(message) == f"discord:{GUILD}/{channel}/{posted['id']}"
    assert posted["nonce"] == nonce("sub:2025-12-01:1")
    where = message.channel
    assert await messenger.find(where, "sub:2025-12-01:1", long_ago()) == message
    assert await messenger.find(where, "sub:2025-12-01:2", long_ago()) is None
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert await messenger.find(where, "sub:2025-12-01:1", later) is None


@pytest.mark.parametrize("how", [{"plain": True}, {"post": card()}, {"post": Digest(title="x")}])
async def test_every_kind_of_delivery_is_found(
    there: Discord, messenger: Messenger, how: dict[str, Any]
) -> None:
    """Plain ones, cards and headings without papers carry the mark too."""
    channel = there.add_channel()
    message = await messenger.send(out(channel, **how))
    assert await messenger.find(message.channel, out(channel).key, long_ago()) == message


async def test_only_our_own_messages_are_found(there: Discord, messenger: Messenger) -> None:
    """Somebody who copies a mark fools nobody."""
    channel = there.add_channel()
    message = await messenger.send(out(channel))
    there.sent(channel)[0]["author"] = {
        "id": "5",
        "username": "eve",
        "discriminator": "0",
        "avatar": None,
    }
    assert await messenger.find(message.channel, out(channel).key, long_ago()) is None


@pytest.mark.parametrize("trouble", [{"cut": "after"}, {"cut": "before"}, {"status": 503}])
async def test_a_lost_answer_does_not_double_a_post(
    there: Discord, messenger: Messenger, trouble: dict[str, Any]
) -> None:
    """It is asked for again with the same nonce, and stands there once."""
    channel = there.add_channel()
    there.fail(**trouble)
    message = await messenger.send(out(channel))
    assert [m["id"] for m in there.sent(channel)] == [message.id]
    nonces = [said["nonce"] for _, path, said in there.requests if path.endswith("/messages")]
    assert nonces == [nonce(out(channel).key)] * 2


async def test_what_stays_unanswered_is_unknown(there: Discord, messenger: Messenger) -> None:
    """Three attempts, then the outbox asks later; the post is found."""
    channel = there.add_channel()
    there.fail(cut="after", times=3)
    with pytest.raises(OutcomeUnknown):
        await messenger.send(out(channel))
    assert await messenger.find(out(channel).channel, out(channel).key, long_ago())


async def test_a_silent_server_is_not_waited_for(there: Discord, client: discord.Client) -> None:
    """A send ends before its lease does."""
    channel = there.add_channel()
    there.fail(hang=True)
    with pytest.raises(OutcomeUnknown, match="too long"):
        await DiscordMessenger(client, patience=0.1).send(out(channel))


async def test_nothing_was_sent_when_the_channel_could_not_be_asked(
    there: Discord, messenger: Messenger
) -> None:
    """That is no unknown outcome: it is tried later."""
    channel = there.add_channel()
    there.fail("GET", f"/channels/{channel}", cut="before", times=3)
    with pytest.raises(TryLater):
        await messenger.send(out(channel))
    assert there.sent(channel) == []


async def test_a_rate_limit_is_waited_for(there: Discord, messenger: Messenger) -> None:
    """Discord's own 429 comes with `Via`; the library waits and repeats."""
    channel = there.add_channel()
    slow = {"retry_after": 0.01, "global": False, "message": "slow"}
    there.fail(status=429, body=slow, headers={"Via": "1.1 google"})
    await messenger.send(out(channel))
    assert len(there.sent(channel)) == 1


async def test_a_long_rate_limit_is_left_to_the_outbox(
    there: Discord, messenger: Messenger
) -> None:
    """Nobody sleeps for minutes in the middle of a delivery."""
    channel = there.add_channel()
    slow = {"retry_after": 300.0, "global": False, "message": "slow"}
    there.fail(status=429, body=slow, headers={"Via": "1.1 google"})
    with pytest.raises(TryLater) as caught:
        await messenger.send(out(channel))
    assert caught.value.retry_after == timedelta(seconds=300)


async def test_a_ban_is_respected(there: Discord, messenger: Messenger) -> None:
    """A 429 without `Via` is Cloudflare's: asking on would make it longer."""
    channel = there.add_channel()
    there.fail(status=429, body={"message": "banned"}, headers={"Retry-After": "120"})
    with pytest.raises(TryLater) as caught:
        await messenger.send(out(channel))
    assert caught.value.retry_after == timedelta(minutes=2)
    assert there.sent(channel) == []


async def test_a_bad_gateway_is_survived(there: Discord, messenger: Messenger) -> None:
    """The library repeats a 502 by itself, with our nonce."""
    channel = there.add_channel()
    there.fail(status=502)
    await messenger.send(out(channel))
    assert len(there.sent(channel)) == 1


@pytest.mark.parametrize(
    ("status", "code", "expected", "words"),
    [
        (404, 10003, ChannelRefused, "gone"),
        (404, 10004, ChannelRefused, "Invite it again"),
        (403, 50001, ChannelRefused, "may not see #papers"),
        (403, 50013, ChannelRefused, "Send Messages"),
        (400, 40067, ChannelRefused, "tag"),
        (400, 160005, ChannelRefused, "Unlock"),
        (400, 30033, ChannelRefused, "members"),
        (403, 50007, ChannelRefused, "direct messages"),
        (403, 0, ChannelRefused, "refuses"),
        (401, 0, WorkspaceRefused, "DISCORD_TOKEN"),
        (400, 50035, ContentRefused, "form"),
        (400, 50006, ContentRefused, "empty"),
        (413, 40005, ContentRefused, "large"),
        (400, 200000, ContentRefused, "AutoMod"),
        (400, 77, ContentRefused, "refuses"),
        (404, 10008, ContentRefused, "deleted"),
        (400, 20028, TryLater, "patience"),
    ],
)
async def test_errors_are_sorted_by_who_can_mend_them(
    there: Discord, status: int, code: int, expected: type[DeliveryError], words: str
) -> None:
    """Each is tried once, and says what to do."""
    channel = there.add_channel()
    there.error(status, code)
    async with there.client() as client:
        with pytest.raises(expected, match=words):
            await DiscordMessenger(client, pauses=(0, 0)).send(out(channel))
    assert sum(path.endswith("/messages") for path in there.paths()) == 1


async def test_a_channel_that_is_gone(there: Discord, messenger: Messenger) -> None:
    """Its subscription is paused, and says how to go on."""
    with pytest.raises(ChannelRefused, match="subscribe"):
        await messenger.send(out(4711))
    with pytest.raises(ChannelRefused, match="numbers"):
        await messenger.send(Outgoing(channel=Channel(WORKSPACE, "papers"), post=digest(), key="k"))
    category = there.add_channel(4, "Research")
    with pytest.raises(ChannelRefused, match="text channel"):
        await messenger.send(out(category))


async def test_nobody_is_pinged_but_the_role_that_was_asked_for(
    there: Discord, client: discord.Client
) -> None:
    """A role hears of a new edition once, whatever its papers are called."""
    channel, quiet = there.add_channel(), there.add_channel()
    messenger = DiscordMessenger(client, pings={str(channel): 77})
    await messenger.send(out(channel, digest("@everyone <@&88>")))
    await messenger.send(out(channel, Digest(title="x", part=2, parts=2), key="2"))
    await messenger.send(out(quiet))
    said = [
        body["allowed_mentions"] for _, path, body in there.requests if "/messages" in path and body
    ]
    assert [mentions.get("roles", []) for mentions in said] == [[77], [], []]
    assert there.sent(channel)[0]["components"][0]["content"] == "<@&77>"


async def test_a_long_post_takes_several_messages(there: Discord, messenger: Messenger) -> None:
    """Each has a nonce of its own; the address is the first one's."""
    channel = there.add_channel()
    words = " ".join(f"word{n}" for n in range(900))
    message = await messenger.send(out(channel, Notice(text=words)))
    posted = there.sent(channel)
    assert len(posted) > 1
    assert posted[0]["id"] == message.id
    assert len({m["nonce"] for m in posted}) == len(posted)


async def test_files_are_uploaded_again_after_a_lost_answer(
    there: Discord, messenger: Messenger
) -> None:
    """A file that was read once is not sent empty."""
    channel = there.add_channel()
    there.fail(cut="before")
    await messenger.send(
        out(channel, File(name="a.bib", media_type="x", content=b"@a", text="One."))
    )
    assert there.sent(channel)[0]["content"] == "One."


async def test_one_post_for_many_channels_is_found_in_each_by_its_own_key(
    there: Discord, messenger: Messenger
) -> None:
    """It is worked out once, and each delivery leaves its own mark and no other's."""
    post = digest()
    channels = [there.add_channel() for _ in range(3)]
    for plain in (False, True):
        for channel in channels:
            key = f"s{channel}:daily:{plain}"
            message = await messenger.send(out(channel, post=post, key=key, plain=plain))
            assert await messenger.find(message.channel, key, long_ago()) == message
            text = str(there.sent(channel)[-1])
            assert text.count(mark(key)) == text.count("#d:") == 1


async def test_without_a_login_posts_wait() -> None:
    """Nothing is lost while the token is being mended."""
    messenger = DiscordMessenger(discord.Client(intents=discord.Intents.none()))
    with pytest.raises(TryLater):
        await messenger.send(out(1))
    with pytest.raises(Unavailable) as caught:
        await messenger.find(out(1).channel, "k", long_ago())
    assert caught.value.retry_after


async def test_a_search_that_fails_is_repeated_if_that_may_help(
    there: Discord, messenger: Messenger
) -> None:
    """A channel that is gone cannot tell; one that is slow can, later."""
    channel = there.add_channel()
    there.fail("GET", "/messages", status=503)
    with pytest.raises(Unavailable) as caught:
        await messenger.find(out(channel).channel, "k", long_ago())
    assert caught.value.retry_after
    with pytest.raises(Unavailable, match="gone") as caught:
        await messenger.find(out(4711).channel, "k", long_ago())
    assert caught.value.retry_after is None


def test_unknown_errors_are_unknown_outcomes() -> None:
    """What cannot be told is not repeated blindly."""
    assert isinstance(undelivered(ConnectionResetError(), "#papers"), OutcomeUnknown)
    assert isinstance(undelivered(discord.InvalidData(), "#papers"), ChannelRefused)


def test_a_mark_is_not_a_beginning_of_another() -> None:
    """Keys that look alike have marks that do not."""
    assert mark("a:1") not in mark("a:10")
    assert Message(Channel(WORKSPACE, "1"), "2") == Message.parse(f"discord:{GUILD}/1/2")
