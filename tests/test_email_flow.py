"""Papers by e-mail, from the question to the way out: nothing comes before a yes, and one click ends it."""

from pathlib import Path

import httpx
import pytest

from adapters.web.server import serve
from bot.domain.mailing import mail_channel
from bot.domain.people import Person
from tests.support.mail_stage import ANN, BOB, mail_stage, words
from tests.support.world import at

ME = mail_channel("me@lab.org")


async def test_a_click_on_the_button_brings_the_papers(tmp_path: Path) -> None:
    """Asked, looked at by scanners, confirmed, delivered: one mail with all papers of the day."""
    async with mail_stage(tmp_path, "starttls") as o:
        said = await o.says("email me@lab.org daily at:13:00 top:2")
        assert "I asked `me@lab.org`" in said
        assert "`/paper email confirm 123456`" in said
        assert o.server.to == ["me@lab.org"]
        for _ in range(3):
            page = await o.get(o.link())
            assert "Yes, send them" in words(page)
        assert await o.orders() == []
        page = await o.post(o.link())
        assert "Thursday 22 May, 13:00 UTC" in words(page)
        await o.tick("2025-05-22 13:00")
        digest = o.server.arrived[-1]
        assert digest["Subject"] == "Daily Papers · Wednesday 21 May 2025"
        body = digest.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        assert "Paper 1 of 2025-05-21" in body
        assert "Paper 2 of 2025-05-21" in body
        assert "/paper " not in body
        assert "react" not in body
        await o.tick("2025-05-22 13:05")
        assert len(o.server.arrived) == 2


async def test_a_code_typed_back_does_the_same(tmp_path: Path) -> None:
    """For those whose bot has no web server."""
    async with mail_stage(tmp_path, url="") as o:
        await o.says("email me@lab.org weekly on:mon tz:Europe/Berlin")
        body = o.server.arrived[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]
        assert "https://" not in body
        code = o.code()
        said = await o.says(f"email confirm {code[:3]}-{code[3:]}")
        assert "`me@lab.org` gets papers: weekly at 09:00 Europe/Berlin, on Mon" in said
        (order,) = await o.orders()
        assert (order.channel, order.edition, order.created_by) == (ME, "weekly", ANN)


async def test_what_is_on_is_shown_and_ended(tmp_path: Path) -> None:
    """Waiting, confirmed, gone."""
    async with mail_stage(tmp_path) as o:
        assert "You get no papers by e-mail" in await o.says("email")
        await o.says("email me@lab.org")
        assert "not confirmed yet" in await o.says("email")
        await o.post(o.link())
        assert "me@lab.org: daily at 09:00 UTC" in await o.says("email")
        assert "no papers by e-mail" in await o.says("email", by=BOB)
        assert "no mail to `me@lab.org` that you could end" in await o.says(
            "email off me@lab.org", by=BOB
        )
        assert "gets no more mail" in await o.says("email off")
        assert await o.orders() == []
        await o.tick("2025-05-23 09:00")
        assert len(o.server.arrived) == 1


async def test_one_click_ends_it_without_a_question(tmp_path: Path) -> None:
    """As mail programs do it (RFC 8058), any number of times; a look does nothing; the link stays good for years."""
    async with mail_stage(tmp_path) as o:
        await o.confirmed()
        await o.tick("2025-05-23 09:00")
        mail = o.server.arrived[-1]
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        link = str(mail["List-Unsubscribe"]).partition(">")[0][1:]
        assert "No more mail?" in words(await o.get(link))
        assert len(await o.orders()) == 1
        for _ in range(2):
            page = await o.post(link, b"List-Unsubscribe=One-Click")
            assert page.status == 200
            assert "gets no more mail" in words(page)
        assert await o.orders() == []
        o.stage.now = at("2028-05-23 09:00")
        await o.confirmed()
        assert (await o.post(link)).status == 200
        assert await o.orders() == []


async def test_the_web_server_carries_the_pages(tmp_path: Path) -> None:
    """Over HTTP, with all that guards them."""
    async with mail_stage(tmp_path) as o, serve("127.0.0.1:0", o.door.pages) as url:
        await o.says("email me@lab.org")
        link = o.link().replace("https://papers.example.org", url)
        async with httpx.AsyncClient() as http:
            page = await http.get(link)
            assert 'method="post"' in page.text
            assert "form-action 'self'" in page.headers["content-security-policy"]
            done = await http.post(link, data={"List-Unsubscribe": "One-Click"})
            assert "Thank you" in done.text
        assert len(await o.orders()) == 1


@pytest.mark.parametrize("query", ["", "t=", "t=abc.def", "t=a&t=b", "t=%00", "x=" + "&x=" * 90])
async def test_links_of_others_are_not_ours(tmp_path: Path, query: str) -> None:
    """Every page says so, and nothing happens."""
    async with mail_stage(tmp_path) as o:
        await o.confirmed()
        for path in ("/email/confirm", "/email/unsubscribe"):
            for follow in (o.get, o.post):
                assert (await follow(f"https://papers.example.org{path}?{query}")).status == 400
        swapped = o.link().replace("/confirm", "/unsubscribe")
        assert (await o.post(swapped)).status == 400
        assert len(await o.orders()) == 1


async def test_a_yes_is_good_once_and_for_a_day(tmp_path: Path) -> None:
    """The link that was used, and the one that is old, bring nothing back."""
    async with mail_stage(tmp_path) as o:
        await o.confirmed()
        link, code = o.link(), o.code()
        assert (await o.post(link)).status == 400
        await o.says("email off")
        assert (await o.post(link)).status == 400
        assert "waits for a code" in await o.says(f"email confirm {code}")
        await o.says("email me@lab.org")
        o.stage.now = at("2025-05-23 12:00")
        assert (await o.get(o.link())).status == 400
        assert (await o.post(o.link())).status == 400
        assert "waits for a code" in await o.says(f"email confirm {o.code()}")
        assert await o.orders() == []


async def test_ending_closes_what_is_still_open(tmp_path: Path) -> None:
    """Another invitation in the inbox does not bring mail back."""
    async with mail_stage(tmp_path) as o:
        await o.confirmed()
        await o.says("email me@lab.org weekly")
        open = o.link()
        await o.says("email off me@lab.org")
        assert (await o.post(open)).status == 400


# --- limits


async def test_codes_cannot_be_guessed(tmp_path: Path) -> None:
    """Five tries, then only the link helps; somebody else's code is none."""
    async with mail_stage(tmp_path) as o:
        await o.says("email me@lab.org")
        code = o.code()
        assert "waits for a code" in await o.says(f"email confirm {code}", by=BOB)
        wrong = f"{(int(code) + 1) % 1_000_000:06}"
        for _ in range(5):
            assert "not the code" in await o.says(f"email confirm {wrong}")
        assert "too many wrong codes" in await o.says(f"email confirm {code}")
        assert await o.orders() == []
        assert (await o.post(o.link())).status == 200


async def test_nobody_can_fill_an_inbox_with_questions(tmp_path: Path) -> None:
    """Three a day to an address, whoever asks; ten a day by a person; tomorrow again."""
    async with mail_stage(tmp_path) as o:
        for n in range(3):
            await o.says("email Me@Lab.org", by=Person("terminal", f"p{n}"))
        assert "3 times" in await o.says("email me@LAB.org", by=BOB)
        for n in range(10):
            await o.says(f"email you{n}@lab.org")
        assert "10 times" in await o.says("email you11@lab.org")
        assert len(o.server.arrived) == 13
        o.stage.now = at("2025-05-23 12:01")
        await o.says("email me@lab.org")
        assert len(o.server.arrived) == 14


async def test_a_server_that_refuses_us_costs_nobody_a_try(tmp_path: Path) -> None:
    """An address that is refused does: else addresses could be tried out."""
    async with mail_stage(tmp_path) as o:
        o.server.answers("MAIL", *["550 5.7.1 not from you"] * 5)
        for _ in range(5):
            assert "whoever runs the bot" in await o.says("email me@lab.org")
        o.server.answers("RCPT", *["550 5.1.1 no such user"] * 3)
        for _ in range(3):
            assert "no such user" in await o.says("email me@lab.org")
        assert "3 times" in await o.says("email me@lab.org")
        o.server.answers("RCPT", "450 4.2.0 greylisted")
        assert "try again in a few minutes" in await o.says("email you@lab.org")
        o.server.answers("taken", "lost")
        assert "cannot tell whether that arrived" in await o.says("email you@lab.org")


# --- who may what


async def test_a_list_belongs_to_its_channel(tmp_path: Path) -> None:
    """Whoever manages the channel asks for it and may end it; nobody else sees it there."""
    async with mail_stage(tmp_path) as o:
        refused = await o.says("email team@lists.lab.org for:channel", by=BOB, admin=False)
        assert "may manage this channel" in refused
        await o.confirmed("email team@lists.lab.org weekly for:channel")
        assert "team@lists.lab.org" in await o.says("email", by=BOB)
        assert "team@lists.lab.org" not in await o.says("email", by=BOB, admin=False)
        denied = await o.says("email off team@lists.lab.org", by=BOB, admin=False)
        assert "could end" in denied
        assert "no more mail" in await o.says("email off", by=BOB)


async def test_two_people_with_one_inbox(tmp_path: Path) -> None:
    """There is one order for it; the later wish wins, and either ends it."""
    async with mail_stage(tmp_path) as o:
        await o.confirmed("email me@lab.org top:3")
        await o.confirmed("email me@lab.org top:5", by=BOB)
        (order,) = await o.orders()
        assert (order.terms.top, order.created_by) == (5, ANN)
        await o.confirmed("email me@lab.org weekly", by=BOB)
        assert len(await o.orders()) == 2
        assert "no more mail" in await o.says("email off me@lab.org", by=BOB)
        assert await o.orders() == []


async def test_a_refused_address_rests_and_whoever_asked_is_told(tmp_path: Path) -> None:
    """In the chat where they asked, with what to do."""
    async with mail_stage(tmp_path) as o:
        await o.confirmed()
        o.server.answers("RCPT", "550 5.1.1 no such user")
        await o.tick("2025-05-23 09:00")
        (order,) = await o.orders()
        assert "no such user" in order.paused
        told = o.terminal.shown
        assert "I could not post in me@lab.org" in told.replace("`", "")
        assert "/paper email off" in told
        await o.tick("2025-05-23 10:01")
        (order,) = await o.orders()
        assert order.paused is None
        assert len(o.server.arrived) == 2


async def test_a_lost_answer_is_sent_again_under_the_same_name(tmp_path: Path) -> None:
    """At least once; the inbox knows it by its Message-ID."""
    async with mail_stage(tmp_path) as o:
        await o.confirmed()
        o.server.answers("taken", "lost")
        await o.tick("2025-05-23 09:00")
        await o.tick("2025-05-23 09:01")
        await o.tick("2025-05-23 09:02")
        assert len(o.server.arrived) == 3
        assert len(set(o.server.ids[1:])) == 1


async def test_or_it_is_let_be(tmp_path: Path) -> None:
    """At most once, if the operator wants that."""
    async with mail_stage(tmp_path, delivery={"lost_answer": "let it be"}) as o:
        await o.confirmed()
        o.server.answers("taken", "lost")
        for minute in range(3):
            await o.tick(f"2025-05-23 09:0{minute}")
        assert len(o.server.arrived) == 2
        assert await o.stage.app.storage.outbox.owed() == 0


async def test_greylisting_delays_and_loses_nothing(tmp_path: Path) -> None:
    """One mail in the end, whatever went wrong before."""
    async with mail_stage(tmp_path) as o:
        await o.confirmed()
        o.server.answers("RCPT", "450 4.2.0 greylisted", "lost", "421 4.3.2 later")
        o.server.answers("connect", "lost")
        for minute in range(5):
            await o.tick(f"2025-05-23 09:{minute:02}")
        assert len(o.server.arrived) == 2


async def test_the_config_file_cannot_agree_for_others(tmp_path: Path) -> None:
    """An address named there gets mail once it said yes, and none after it left."""
    declared = {"name": "list", "channel": "email:lab.org/me@lab.org", "edition": "daily"}
    async with mail_stage(tmp_path, subscription=[declared]) as o:
        await o.stage.app.start()
        await o.tick("2025-05-23 09:00")
        assert o.server.arrived == []
        (order,) = await o.orders()
        assert "has not agreed" in order.paused
        await o.confirmed("email me@lab.org weekly")
        await o.tick("2025-05-23 10:01")
        assert len(o.server.arrived) == 2


async def test_a_digest_is_one_mail_whatever_channels_get(tmp_path: Path) -> None:
    """Forty papers fit."""
    async with mail_stage(tmp_path, digest={"layout": "thread"}) as o:
        await o.confirmed()
        await o.tick("2025-05-23 09:00")
        assert len(o.server.arrived) == 2


# --- what people type


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("email weekly", "Which address?"),
        ("email confirm", "Type the code"),
        ("email confirm 12", "does not fit here"),
        ("email nonsense", "does not fit here"),
        ("email a@b", "no domain that mail can go to"),
        ("email @lab.org", "no e-mail address"),
        ("email a,b@lab.org", "no e-mail address"),
        ("email ä@lab.org", "letters a to z"),
        ("email off nobody@lab.org", "could end here"),
        ("email me@lab.org on:nonsense", "on:"),
    ],
)
async def test_a_mistake_is_answered_with_what_would_be_right(
    tmp_path: Path, line: str, answer: str
) -> None:
    """And no mail goes out."""
    async with mail_stage(tmp_path) as o:
        assert answer in await o.says(line)
        assert o.server.arrived == []


async def test_without_a_mail_server_it_says_so(tmp_path: Path) -> None:
    """And whom to ask."""
    from tests.support.scenario import in_terminal
    from tests.support.stage import Stage

    async with in_terminal(Stage(tmp_path)) as chat:
        assert "Whoever runs the bot switches it on" in await chat.asks("email me@lab.org")
        assert "no papers by e-mail" in await chat.asks("email")
