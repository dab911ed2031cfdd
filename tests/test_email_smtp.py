"""Mails over a real connection: TLS and AUTH, what the server refuses, and what is lost on the way."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from adapters.email.messenger import EmailMessenger
from adapters.email.pacing import Pace
from adapters.email.pool import Pool
from bot.domain.errors import (
    ChannelRefused,
    ContentRefused,
    DeliveryError,
    OutcomeUnknown,
    TryLater,
    Unavailable,
    WorkspaceRefused,
)
from bot.domain.mailing import mail_channel
from bot.domain.people import Message, Person
from bot.domain.ports import Outgoing
from bot.domain.posts import Digest, Entry, Notice
from tests.support.fakes import NOW, papers
from tests.support.smtp import mail_server, messenger

ME = mail_channel("me@lab.org")
LOGIN = "a1b2:daily:2025-05-22:1"


def digest(key: str = LOGIN, **changes: Any) -> Outgoing:
    """A morning's."""
    entries = tuple(Entry(paper=one, number=n) for n, one in enumerate(papers(3), start=1))
    post = Digest(title="Daily Papers · Thursday 22 May 2025", entries=entries, notes=("A note.",))
    return Outgoing(**{"channel": ME, "post": post, "key": key} | changes)


async def refusal(chat: EmailMessenger, outgoing: Outgoing | None = None) -> DeliveryError:
    """What sending fails with."""
    with pytest.raises(DeliveryError) as caught:
        await chat.send(outgoing or digest())
    return caught.value


# --- the way there


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_mail_goes_out_over_tls_and_auth(security: str) -> None:
    """The server takes it from nobody else."""
    async with mail_server(security) as server, messenger(server) as chat:
        message = await chat.send(digest())
        (mail,) = server.arrived
        assert server.to == ["me@lab.org"]
        assert mail["Message-ID"] == f"<{message.id}@lab.org>"
        assert message.channel == ME


async def test_plain_works_on_this_machine_without_a_user() -> None:
    """A relay on the same host."""
    async with mail_server("plain", auth=False) as server, messenger(server) as chat:
        await chat.send(digest())
        assert len(server.arrived) == 1


async def test_mails_share_a_connection() -> None:
    """A hundred mails do not log in a hundred times; a connection that was closed meanwhile costs none of them."""
    async with mail_server() as server, messenger(server) as chat:
        for n in range(3):
            await chat.send(digest(f"{n}"))
        assert server.connections == 1
        for transport in list(server.open):
            transport.abort()
        await chat.send(digest("4"))
        assert len(server.arrived) == 4
        assert len(set(server.ids)) == 4


async def test_a_certificate_of_strangers_is_not_trusted() -> None:
    """And the message names the setting."""
    async with mail_server("tls") as server:
        server.settings = replace(server.settings, ca_file="")
        async with messenger(server) as chat:
            error = await refusal(chat)
            assert isinstance(error, WorkspaceRefused)
            assert "ca_file" in str(error)
            assert server.arrived == []


async def test_nothing_goes_in_the_clear() -> None:
    """A server without STARTTLS gets neither password nor mail."""
    async with mail_server("plain", auth=False) as server:
        server.settings = replace(server.settings, security="starttls")
        async with messenger(server) as chat:
            error = await refusal(chat)
            assert isinstance(error, WorkspaceRefused)
            assert "STARTTLS" in str(error)


async def test_a_wrong_password_is_the_operators_to_mend() -> None:
    """It says where, and the bot's health tells; both pass once it is right."""
    async with mail_server() as server, messenger(server) as chat:
        server.passwords.clear()
        error = await refusal(chat)
        assert isinstance(error, WorkspaceRefused)
        assert "PAPERBOT_EMAIL_PASSWORD" in str(error)
        assert "535" in chat.ailment
        server.passwords.add("open sesame")
        await chat.send(digest())
        assert chat.ailment == ""


async def test_a_server_that_is_away_is_tried_later() -> None:
    """Nothing listens there."""
    async with mail_server() as server:
        pass
    async with messenger(server) as chat:
        assert isinstance(await refusal(chat), TryLater)


# --- what the server says


@pytest.mark.parametrize(
    ("stage", "answer", "expected"),
    [
        ("connect", "421 4.3.2 come back later", TryLater),
        ("connect", "554 5.3.2 no mail here", WorkspaceRefused),
        ("MAIL", "451 4.3.0 busy", TryLater),
        ("MAIL", "550 5.7.1 not from you", WorkspaceRefused),
        ("RCPT", "450 4.2.0 greylisted, try in five minutes", TryLater),
        ("RCPT", "421 4.7.0 too many", TryLater),
        ("RCPT", "452 4.2.2 mailbox full", TryLater),
        ("RCPT", "552 5.2.2 mailbox full", TryLater),
        ("RCPT", "550 5.1.1 no such user", ChannelRefused),
        ("RCPT", "553 5.1.3 bad address", ChannelRefused),
        ("DATA", "451 4.3.0 busy", TryLater),
        ("DATA", "554 5.5.1 no", ContentRefused),
        ("taken", "451 4.7.1 later", TryLater),
        ("taken", "421 4.3.2 shutting down", TryLater),
        ("taken", "552 5.3.4 too big", ContentRefused),
        ("taken", "554 5.7.1 looks like spam", ContentRefused),
        ("taken", "550 5.1.1 no such user, on second thoughts", ChannelRefused),
    ],
)
async def test_answers_are_sorted_by_who_can_mend_them(
    stage: str, answer: str, expected: type[DeliveryError]
) -> None:
    """And the same mail goes through once the server has changed its mind."""
    async with mail_server() as server, messenger(server) as chat:
        server.answers(stage, answer)
        error = await refusal(chat)
        assert type(error) is expected
        assert server.arrived == []
        await chat.send(digest())
        assert len(server.arrived) == 1


async def test_what_a_server_says_cannot_play_tricks() -> None:
    """Its words are shown to people."""
    async with mail_server() as server, messenger(server) as chat:
        server.answers("RCPT", "550 \u202eno " + "x" * 400)
        told = str(await refusal(chat))
        assert "\u202e" not in told
        assert len(told) < 400


async def test_a_refusal_leaves_the_connection_good() -> None:
    """The next mail goes over the same."""
    async with mail_server() as server, messenger(server) as chat:
        server.answers("RCPT", "550 5.1.1 no such user")
        await refusal(chat)
        await chat.send(digest())
        assert server.connections == 1


# --- what is lost


@pytest.mark.parametrize(
    ("stage", "expected", "arrives"),
    [
        ("connect", TryLater, 0),
        ("MAIL", TryLater, 0),
        ("RCPT", TryLater, 0),
        ("DATA", TryLater, 0),
        ("body", (TryLater, OutcomeUnknown), 0),
        ("taken", OutcomeUnknown, 1),
    ],
)
async def test_a_lost_connection_is_in_doubt_only_after_the_end_of_the_mail(
    stage: str, expected: Any, arrives: int
) -> None:
    """Before the final dot nothing can have been taken, so it is simply sent later."""
    async with mail_server() as server, messenger(server) as chat:
        server.answers(stage, "lost")
        assert isinstance(await refusal(chat), expected)
        assert len(server.arrived) == arrives


async def test_a_large_mail_cut_off_in_the_middle_was_not_taken() -> None:
    """It is more than fits on the way at once, so the dot was never sent."""
    async with mail_server() as server:
        server.answers("body", "lost")
        with pytest.raises(TryLater):
            await Pool(server.settings).send("me@lab.org", b"word " * 2_000_000)


async def test_a_repetition_has_the_same_name() -> None:
    """Mail servers and inboxes drop what they have had."""
    async with mail_server() as server, messenger(server) as chat:
        server.answers("taken", "lost")
        await refusal(chat)
        message = await chat.send(digest())
        assert server.ids == [f"<{message.id}@lab.org>"] * 2
        await chat.send(digest("another"))
        await chat.send(digest(channel=mail_channel("you@lab.org")))
        assert len(set(server.ids)) == 3


async def test_nobody_can_look_into_an_inbox() -> None:
    """So the operator's policy decides."""
    async with mail_server() as server, messenger(server) as chat:
        with pytest.raises(Unavailable) as caught:
            await chat.find(ME, LOGIN, NOW)
        assert caught.value.retry_after is None
        assert not await chat.recalls(ME)


# --- to whom


async def test_who_has_not_agreed_gets_nothing() -> None:
    """Whatever is owed to them."""
    async with mail_server() as server, messenger(server) as chat:
        assert chat.registry is not None
        chat.registry.not_agreed.add(ME)  # type: ignore[attr-defined]
        assert isinstance(await refusal(chat), ChannelRefused)
        assert (server.arrived, server.connections) == ([], 0)


async def test_somebody_known_by_an_address_can_be_told() -> None:
    """Nobody else."""
    async with mail_server() as server, messenger(server) as chat:
        await chat.tell(Person("email", "me@lab.org"), Notice(text="Hello there."))
        assert server.arrived[0]["Subject"] == "Hello there"
        for stranger in (Person("slack", "T1.U1"), Person("email", "nobody")):
            with pytest.raises(ChannelRefused):
                await chat.direct(stranger)


async def test_replies_are_in_the_thread() -> None:
    """Of the mail that they answer."""
    async with mail_server() as server, messenger(server) as chat:
        head = await chat.send(digest())
        await chat.send(digest("2", reply_to=head))
        await chat.send(digest("3", reply_to=Message(ME, "not\r\nours")))
        ids = [(mail["In-Reply-To"], mail["References"]) for mail in server.arrived]
        assert ids == [(None, None), (server.ids[0], server.ids[0]), (None, None)]


# --- how fast


async def test_mails_keep_to_the_pace() -> None:
    """A few at once, then evenly; who is too early is told when to come back."""
    now = 0.0
    pace = Pace(60, clock=lambda: now)
    for _ in range(10):
        pace.turn()
    with pytest.raises(TryLater) as caught:
        pace.turn()
    assert caught.value.retry_after is not None
    assert caught.value.retry_after.total_seconds() == 1
    now = 1.0
    pace.turn()
    with pytest.raises(TryLater):
        pace.turn()
    now = 3600.0
    for _ in range(10):
        pace.turn()


async def test_many_at_once_share_a_few_connections() -> None:
    """Nobody is refused for coming all at once."""
    async with mail_server() as server:
        async with messenger(server, pace=Pace(10_000)) as chat:
            await asyncio.gather(*(chat.send(digest(f"{n}")) for n in range(10)))
        assert len(server.arrived) == 10
        assert server.connections <= 4
