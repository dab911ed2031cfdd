"""Workspaces add the bot by themselves, in a browser; only a way that began here ends here."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from adapters.slack.addresses import channel
from adapters.slack.install import pages
from adapters.slack.scopes import OPTIONAL, wanted
from bot.domain.errors import StorageError, WorkspaceRefused
from bot.domain.people import Person
from bot.domain.stores import Installation
from bot.domain.subscriptions import Edition, Subscription
from bot.domain.web import Page
from bot.presence import GONE
from tests.support.fakes import NOW
from tests.support.slack import peopled, slack_office
from tests.support.slack_browser import BACK, URL, Browser, asked, at, browser, words
from tests.support.slack_server import slack_server

ALL = frozenset(scope.name for scope in wanted())


# --- the way there


async def test_people_are_sent_to_slack_with_all_that_we_ask_for(tmp_path: Path) -> None:
    """Slack then shows what is optional and lets them refuse it."""
    async with browser(tmp_path) as b:
        page = await b.gets("/slack/install")
        assert page.status == 302
        assert at(page).startswith(b.slack.api_url.removesuffix("/api") + "/oauth/v2/authorize?")
        told = asked(await b.begins())
        assert told["client_id"] == b.settings.client_id
        assert told["redirect_uri"] == BACK
        assert told["scope"].split(",") == [scope.name for scope in wanted()]
        assert b.settings.client_secret not in at(page)


async def test_unfurling_asks_for_more(tmp_path: Path) -> None:
    """Only where the operator switched it on."""
    async with browser(tmp_path, unfurl=True) as b:
        assert "links:write" in asked(await b.begins())["scope"]


async def test_a_workspace_can_be_proposed(tmp_path: Path) -> None:
    """What is no id is not passed on."""
    async with browser(tmp_path) as b:
        assert asked(await b.begins("team=T1"))["team"] == "T1"
        assert "team" not in asked(await b.begins("team=%3Cscript%3E"))
        assert "team" not in asked(await b.begins("&".join(["a=1"] * 50)))


async def test_the_cookie_is_for_us_alone(tmp_path: Path) -> None:
    """No script and no other site gets at it; over https it never travels in the clear."""
    async with browser(tmp_path) as b:
        header = dict((await b.gets("/slack/install")).headers)["set-cookie"]
        for part in ("HttpOnly", "SameSite=Lax", "Path=/slack", "Max-Age=600", "Secure"):
            assert part in header.split("; ")


async def test_a_bot_with_one_token_has_no_such_pages(tmp_path: Path) -> None:
    """Nor one whose installations cannot be kept."""
    async with browser(tmp_path) as b:
        one = replace(b.settings, bot_token="xoxb-1")
        rest: dict[str, Any] = {"api": b.api, "desk": lambda: None, "clock": lambda: NOW}
        assert pages(one, installations=b.installations, **rest) == {}
        assert pages(b.settings, installations=None, **rest) == {}


# --- back again


async def test_whoever_agrees_finds_the_bot_installed(tmp_path: Path) -> None:
    """Its token is kept, and works."""
    async with browser(tmp_path) as b:
        page = await b.agrees(await b.begins())
        assert page.status == 200
        assert "paperbot is installed in" in words(page)
        assert "slack://app?team=T1&amp;id=A1" in words(page)
        kept = await b.kept()
        assert kept
        assert (kept.token, kept.bot, kept.scopes) == ("xoxb-T1", "UBOT", ALL)
        assert kept.installed_by == Person("slack", "T1.U1")
        assert kept.at == b.office.now
        assert (await b.api.read("T1", "auth.test"))["team_id"] == "T1"


async def test_the_token_is_nowhere_to_be_seen(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Not on the page, not in its headers, not in the log, nor is the code."""
    caplog.set_level("DEBUG")
    async with browser(tmp_path) as b:
        page = await b.agrees(await b.begins())
        told = f"{words(page)} {page.headers} {caplog.text}"
        assert "xoxb" not in told
        assert b.settings.client_secret not in told
        assert not [code for code in b.slack.world.grants if code in told]
        assert await b.kept()


async def test_what_was_refused_is_known(tmp_path: Path) -> None:
    """Slack says which of the optional scopes were granted."""
    async with browser(tmp_path) as b:
        refusing = frozenset(scope.name for scope in OPTIONAL)
        await b.agrees(await b.begins(), refusing=refusing)
        assert (await b.api.grants.of("T1")).scopes == ALL - refusing


async def test_a_new_token_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    """Also of one that is still remembered."""
    async with browser(tmp_path) as b:
        await b.agrees(await b.begins())
        assert (await b.api.grants.of("T1")).token == "xoxb-T1"
        b.slack.world.teams["T1"].token = "xoxb-T1-new"
        await b.agrees(await b.begins())
        assert (await b.api.grants.of("T1")).token == "xoxb-T1-new"


async def test_whoever_comes_back_finds_subscriptions_running(tmp_path: Path) -> None:
    """As they were when the workspace sent us away."""
    async with browser(tmp_path) as b:
        order = Subscription(
            id="daily",
            channel=channel("T1", "C1"),
            edition=Edition.DAILY,
            created_by=Person("slack", "T1.U1"),
            created_at=NOW,
            next_run_at=NOW + timedelta(days=1),
            paused=GONE,
        )
        await b.office.subscriptions.add(order)
        page = await b.agrees(await b.begins())
        assert "1 subscription runs again" in words(page)
        found = await b.office.subscriptions.get("daily")
        assert found
        assert found.paused is None


@pytest.mark.parametrize("http", [False, True])
async def test_from_the_first_click_to_the_first_answer(http: bool) -> None:
    """Through the bot's own pages, with a browser that keeps cookies; over both transports."""
    jar = aiohttp.CookieJar(unsafe=True)  # it would keep none of an address in numbers
    async with (
        slack_server() as slack,
        aiohttp.ClientSession(cookie_jar=jar) as session,
        slack_office(peopled(slack), oauth=True, http=http) as o,
    ):
        stranger = await slack.command("T1", "U1", "C1", "/paper", "today")
        async with session.get(f"{o.url}/slack/install", allow_redirects=False) as page:
            green = slack.consent(page.headers["Location"], "T1", "U1")
        async with session.get(green) as page:
            assert page.status == 200
            assert "paperbot is installed in Lab" in await page.text()
        async with session.get(green) as page:
            assert page.status == 400
        done = await slack.command("T1", "U1", "C1", "/paper", "today")
        assert "CLIP sees everything" in str(await done.answered())
        assert "CLIP sees everything" not in str(stranger.answers)


# --- what does not end well


async def refused(b: Browser, page: Page, status: int, said: str) -> None:
    assert page.status == status
    assert said in words(page)
    assert f'href="{URL}/slack/install"' in words(page)
    assert b.cookies == {}
    with pytest.raises(WorkspaceRefused):
        await b.api.grants.of("T1")


async def test_saying_no_is_fine(tmp_path: Path) -> None:
    """Slack tells us, and nothing happens."""
    async with browser(tmp_path) as b:
        state = asked(await b.begins())["state"]
        page = await b.returns(error="access_denied", state=state)
        await refused(b, page, 200, "nothing was installed")


@pytest.mark.parametrize("error", ["<script>alert(1)</script>", "call 0800 now", "x" * 1000])
async def test_what_an_address_says_is_not_shown(tmp_path: Path, error: str) -> None:
    """Anybody can write a link to this page; our page does not say what they like."""
    async with browser(tmp_path) as b:
        page = await b.returns(error=error)
        await refused(b, page, 400, "Slack did not say why")
        assert error not in words(page)


async def test_another_browser_cannot_end_it(tmp_path: Path) -> None:
    """Else somebody could make others install what they chose."""
    async with browser(tmp_path) as b:
        mine = await b.begins()
        b.cookies.clear()
        await refused(b, await b.agrees(mine), 400, "no longer good")
        await b.begins()
        await refused(b, await b.agrees(mine), 400, "no longer good")


async def test_it_has_ten_minutes(tmp_path: Path) -> None:
    """Then it has to be begun again."""
    async with browser(tmp_path) as b:
        begun = await b.begins()
        b.office.now += timedelta(minutes=10, seconds=1)
        await refused(b, await b.agrees(begun), 400, "no longer good")
        begun = await b.begins()
        b.office.now += timedelta(minutes=9)
        assert (await b.agrees(begun)).status == 200


async def test_it_ends_once(tmp_path: Path) -> None:
    """Even for whoever has cookie and link."""
    async with browser(tmp_path) as b:
        begun = await b.begins()
        cookies = dict(b.cookies)
        assert (await b.agrees(begun)).status == 200
        b.cookies = cookies
        page = await b.agrees(begun)
        assert page.status == 400
        assert "used already" in words(page)
        assert [grant.used for grant in b.slack.world.grants.values()] == [True, False]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "code=a",
        "state=GOOD",
        "state=x&code=a",
        "state=GOOD&code=a&code=b",
        "state=GOOD" + "&a=1" * 50,
    ],
)
async def test_what_lacks_does_not_end_it(tmp_path: Path, query: str) -> None:
    """No code, no state, or two of them."""
    async with browser(tmp_path) as b:
        state = asked(await b.begins())["state"]
        page = await b.gets("/slack/oauth_redirect", query.replace("GOOD", state))
        await refused(b, page, 400, "no longer good")
        assert b.slack.called("oauth.v2.access") == []


async def test_a_code_that_slack_has_forgotten(tmp_path: Path) -> None:
    """People can begin once more."""
    async with browser(tmp_path) as b:
        page = await b.returns(code="unheard-of", state=asked(await b.begins())["state"])
        await refused(b, page, 400, "no longer good")


async def test_a_wrong_secret_is_the_operators(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """They find it in the log; people are told whom to ask."""
    async with browser(tmp_path, client_secret="wrong") as b:
        page = await b.agrees(await b.begins())
        await refused(b, page, 502, "Whoever runs the bot")
        assert "slack.not_installed reason=bad_client_secret" in caplog.text


@pytest.mark.parametrize("trouble", [{"status": 500}, {"status": 429}, {"error": "internal_error"}])
async def test_slack_in_trouble(tmp_path: Path, trouble: Mapping[str, Any]) -> None:
    """It is asked once: a code can be used once."""
    async with browser(tmp_path) as b:
        b.slack.fail("oauth.v2.access", **trouble)
        page = await b.agrees(await b.begins())
        await refused(b, page, 502, "did not answer in time")
        assert len(b.slack.called("oauth.v2.access")) == 1


async def test_a_lost_answer(tmp_path: Path) -> None:
    """Then begin once more: the code is spent."""
    async with browser(tmp_path) as b:
        b.slack.lose_answer("oauth.v2.access")
        page = await b.agrees(await b.begins())
        await refused(b, page, 502, "did not answer in time")
        assert (await b.agrees(await b.begins())).status == 200


async def test_a_whole_organisation_is_asked_to_choose(tmp_path: Path) -> None:
    """Each workspace is installed for itself, and nothing is kept of the other."""
    async with browser(tmp_path) as b:
        page = await b.agrees(await b.begins(), enterprise=True)
        await refused(b, page, 400, "choose a single workspace")
        assert await b.kept("E1") is None


async def test_before_the_bot_has_started(tmp_path: Path) -> None:
    """The pages are there first."""
    async with browser(tmp_path) as b:
        b.open = False
        page = await b.agrees(await b.begins())
        await refused(b, page, 503, "just starting")


class BrokenShelf:
    """Installations on a disk that is full."""

    async def keep(self, installation: Installation) -> None:
        raise StorageError("the disk is full")

    async def of(self, workspace: object) -> None:
        return None

    async def all(self, platform: str) -> list[Installation]:
        return []

    async def remove(self, workspace: object) -> bool:
        return False


async def test_a_database_that_fails(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """People are told to come back, the operator is told why."""
    async with browser(tmp_path) as b:
        b.installations = BrokenShelf()
        page = await b.agrees(await b.begins())
        await refused(b, page, 503, "could not be kept")
        assert "the disk is full" in caplog.text
