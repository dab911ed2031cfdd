"""Threads, forums, announcements and people: where a post on Discord can go."""

from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest

from adapters.discord.messenger import DiscordMessenger
from adapters.discord.once import traces
from bot.domain.errors import (
    ChannelRefused,
    OutcomeUnknown,
)
from bot.domain.people import Channel, Person, Workspace
from bot.domain.ports import Messenger, Outgoing
from bot.domain.posts import Digest
from tests.support.discord_posts import card, digest, long_ago, out
from tests.support.discord_rest import discord_on_loopback
from tests.support.discord_state import DM, FORUM, MEDIA, NEWS, TEXT, THREAD, Discord


@pytest.fixture
async def there() -> AsyncIterator[Discord]:
    async with discord_on_loopback() as there:
        yield there


@pytest.fixture
async def client(there: Discord) -> AsyncIterator[discord.Client]:
    async with there.client(max_ratelimit_timeout=30, http_trace=traces()) as client:
        yield client


@pytest.fixture
def messenger(client: discord.Client) -> DiscordMessenger:
    return DiscordMessenger(client, pauses=(0.01, 0.01), patience=5)


async def test_replies_stand_in_one_thread(there: Discord, messenger: Messenger) -> None:
    """The first opens it below the digest, the others follow; addresses are the thread's."""
    channel = there.add_channel()
    head = await messenger.send(out(channel))
    answers = [
        await messenger.send(out(channel, card(), key=f"k{n}", reply_to=head)) for n in (1, 2, 3)
    ]
    assert {answer.channel.id for answer in answers} == {head.id}
    assert [m["id"] for m in there.sent(int(head.id))] == [answer.id for answer in answers]
    assert "one by one" in there.channels[int(head.id)]["name"]
    assert await messenger.find(head.channel, "k2", long_ago()) == answers[1]
    there.archive(int(head.id))
    assert await messenger.find(head.channel, "k2", long_ago()) == answers[1]


async def test_a_thread_bears_the_title_of_what_opens_it(
    there: Discord, messenger: Messenger
) -> None:
    """A discussion says what is discussed."""
    channel = there.add_channel()
    head = await messenger.send(out(channel, card()))
    opening = Digest(title="Journal club: Paper 1", notes=("What is new in it?",))
    await messenger.send(out(channel, opening, key="k", reply_to=head))
    assert there.channels[int(head.id)]["name"] == "Journal club: Paper 1"


async def test_an_answer_to_a_deleted_digest_stands_in_the_channel(
    there: Discord, messenger: Messenger
) -> None:
    """Papers are not lost because somebody tidied up."""
    channel = there.add_channel()
    head = await messenger.send(out(channel))
    there.sent(channel).clear()
    answer = await messenger.send(out(channel, card(), key="k", reply_to=head))
    assert answer.channel == head.channel


async def test_a_thread_that_cannot_be_opened_names_the_permission(
    there: Discord, messenger: Messenger
) -> None:
    """The digest stands; the papers wait until the channel's people have helped."""
    channel = there.add_channel()
    head = await messenger.send(out(channel))
    there.error(403, 50013, path="/threads")
    with pytest.raises(ChannelRefused, match="Permissions"):
        await messenger.send(out(channel, card(), key="k", reply_to=head))


@pytest.mark.parametrize("kind", [FORUM, MEDIA])
async def test_a_forum_gets_a_post_a_paper(there: Discord, messenger: Messenger, kind: int) -> None:
    """Named after the paper, with the tags its keywords match."""
    tags = [
        {
            "id": str(n),
            "name": name,
            "moderated": name == "admin",
            "emoji_id": None,
            "emoji_name": None,
        }
        for n, name in enumerate(("Robotics", "Diffusion models", "admin"), start=1)
    ]
    forum = there.add_channel(kind, available_tags=tags)
    paper = card(keywords=("diffusion-model", "admin", "cats"))
    message = await messenger.send(out(forum, paper))
    thread = there.channels[int(message.channel.id)]
    assert message.id == message.channel.id
    assert thread["name"] == "Paper 1"
    assert thread["applied_tags"] == ["2"]
    assert await messenger.find(out(forum).channel, out(forum).key, long_ago()) == message


async def test_a_digest_in_a_forum_holds_its_papers(there: Discord, messenger: Messenger) -> None:
    """One post with the digest as its first message, and the papers below."""
    forum = there.add_channel(FORUM)
    head = await messenger.send(out(forum))
    answer = await messenger.send(out(forum, card(), key="k", reply_to=head))
    assert answer.channel == head.channel
    assert len(there.sent(int(head.id))) == 2
    assert await messenger.find(out(forum).channel, "k", long_ago()) == answer


async def test_a_required_tag_is_given(there: Discord, messenger: Messenger) -> None:
    """If there is any that we may use; else the refusal says what to do."""
    tags = [
        {"id": str(n), "name": name, "moderated": False, "emoji_id": None, "emoji_name": None}
        for n, name in enumerate(("Questions", "Papers"), start=1)
    ]
    forum = there.add_channel(FORUM, flags=16, available_tags=tags)
    message = await messenger.send(out(forum))
    assert there.channels[int(message.id)]["applied_tags"] == ["2"]
    strict = there.add_channel(FORUM, flags=16)
    with pytest.raises(ChannelRefused, match="Add a tag"):
        await messenger.send(out(strict))


@pytest.mark.parametrize("trouble", [{"cut": "after"}, {"status": 500, "done": True}])
async def test_a_forum_post_that_may_have_arrived_is_not_repeated(
    there: Discord, messenger: Messenger, trouble: dict[str, Any]
) -> None:
    """No nonce counts there: it is looked for instead."""
    forum = there.add_channel(FORUM)
    there.fail(path="/threads", **trouble)
    with pytest.raises(OutcomeUnknown):
        await messenger.send(out(forum))
    found = await messenger.find(out(forum).channel, out(forum).key, long_ago())
    assert found
    assert len([c for c in there.channels.values() if c["type"] == THREAD]) == 1


async def test_a_forum_post_that_has_to_wait_is_repeated(
    there: Discord, messenger: Messenger
) -> None:
    """What Discord refused for want of patience it has not carried out."""
    forum = there.add_channel(FORUM)
    slow = {"message": "You are being rate limited.", "retry_after": 0.05, "global": False}
    there.fail(path="/threads", status=429, body=slow, headers={"Via": "1.1 google"})
    message = await messenger.send(out(forum))
    assert await messenger.find(out(forum).channel, out(forum).key, long_ago()) == message


async def test_a_subscribed_thread_is_posted_in(there: Discord, messenger: Messenger) -> None:
    """Threads are channels like others."""
    thread = int(there.open_thread(there.add_channel(), "ml")["id"])
    message = await messenger.send(out(thread))
    assert message.channel.id == str(thread)
    assert await messenger.find(message.channel, out(thread).key, long_ago()) == message


async def test_people_can_be_written_to(there: Discord, messenger: Messenger) -> None:
    """A conversation has the workspace @me and no threads."""
    channel = there.add_channel(DM)
    address = Channel(Workspace("discord", "@me"), str(channel))
    head = await messenger.send(Outgoing(channel=address, post=digest(), key="k"))
    answer = await messenger.send(Outgoing(channel=address, post=card(), key="l", reply_to=head))
    assert str(answer) == f"discord:@me/{channel}/{answer.id}"
    assert await messenger.find(address, "l", long_ago()) == answer


async def test_a_conversation_with_somebody_is_opened_and_written_to(
    there: Discord, messenger: Messenger
) -> None:
    """The same one each time, in the workspace that is theirs alone."""
    ann = Person("discord", "42", "Ann")
    place = await messenger.direct(ann)
    assert place == await messenger.direct(ann)
    assert place.workspace == Workspace("discord", "@42")
    head = await messenger.send(Outgoing(channel=place, post=digest(), key="k"))
    assert await messenger.find(place, "k", long_ago()) == head
    await messenger.tell(ann, card())
    assert len(there.sent(int(place.id))) == 2
    with pytest.raises(ChannelRefused, match="nobody"):
        await messenger.direct(Person("discord", "ann"))


async def test_announcements_can_be_published(there: Discord, client: discord.Client) -> None:
    """For the channels that follow; as an embed, since components do not travel."""
    messenger = DiscordMessenger(client, publish=True)
    news, text = there.add_channel(NEWS), there.add_channel(TEXT)
    message = await messenger.send(out(news))
    await messenger.send(out(text))
    assert there.published == [int(message.id)]
    assert there.sent(news)[0]["embeds"]
    assert await messenger.find(message.channel, out(news).key, long_ago()) == message
    there.fail(path="/crosspost", status=403, body={"code": 50013, "message": "No."})
    assert await messenger.send(out(news, key="other"))
