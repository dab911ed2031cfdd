"""People in the stand-in for Slack: gestures over both transports, views, installing; with an app of Bolt's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.support.slack import slack_office
from tests.support.slack_lab import CONTROLS, INPUTS, LABEL, SECTION, lab, modal, refused
from tests.support.slack_server import SlackServer, slack_server

# --- views


async def test_a_trigger_is_good_once_and_for_three_seconds() -> None:
    """Each refusal has its own code."""
    async with lab() as (slack, client):
        used, old = slack.world.trigger("T1", "U1"), slack.world.trigger("T1", "U1")
        await client.views_open(trigger_id=used, view=modal())
        again = await refused(client.views_open(trigger_id=used, view=modal()))
        assert again["error"] == "exchanged_trigger_id"
        slack.pass_time(4)
        assert (await refused(client.views_open(trigger_id=old, view=modal())))["error"] == (
            "expired_trigger_id"
        )


async def test_views_change_under_a_hash() -> None:
    """An update that knows an older state is refused; what was typed stays in its field."""
    async with lab() as (slack, client):
        trigger = slack.world.trigger("T1", "U1")
        opened = (await client.views_open(trigger_id=trigger, view=modal()))["view"]
        slack.fill(slack.current(opened["id"]), {"words": "diffusion"})
        changed = await client.views_update(
            view_id=opened["id"], hash=opened["hash"], view=modal([*INPUTS, SECTION])
        )
        values = changed["view"]["state"]["values"]
        assert values["words"]["words"]["value"] == "diffusion"
        assert values["when"]["hour"]["selected_time"] == "09:00"
        late = client.views_update(view_id=opened["id"], hash=opened["hash"], view=modal())
        assert (await refused(late))["error"] == "hash_conflict"
        await slack.close(opened["id"])
        gone = await refused(client.views_update(view_id=opened["id"], view=modal()))
        assert gone["error"] == "not_found"


async def test_a_home_tab_is_published_for_one_person() -> None:
    """Again and again in the same place."""
    async with lab() as (slack, client):
        for words in ("a", "b"):
            text = {"type": "mrkdwn", "text": words}
            home = {"type": "home", "blocks": [{"type": "section", "text": text}]}
            await client.views_publish(user_id="U1", view=home)
        shown = slack.home("T1", "U1")
        assert shown
        assert shown.blocks[0]["text"]["text"] == "b"
        assert [view.how for view in slack.views] == ["publish", "publish"]


# --- response_urls


async def test_a_response_url_is_good_five_times_for_half_an_hour() -> None:
    """Ephemeral by default, in the channel on demand, whether or not the bot is there."""
    async with lab() as (slack, _):
        slack.add_channel("T1", "G2", private=True, member=False)
        hook = slack.world.hook("T1", "U1", "G2")
        webhook = AsyncWebhookClient(slack.world.url(hook))
        await webhook.send(text="for you")
        await webhook.send(text="for all", response_type="in_channel", replace_original=True)
        assert [(one.text, one.to) for one in slack.ephemerals] == [("for you", "U1")]
        assert [one.text for one in slack.messages("T1", "G2")] == ["for all"]
        for _time in range(3):
            await webhook.send(text="x")
        assert "used_url" in (await webhook.send(text="x")).body
        late = AsyncWebhookClient(slack.world.url(slack.world.hook("T1", "U1", "C1")))
        slack.pass_time(31 * 60)
        assert (await late.send(text="x")).status_code == 404


# --- an app of Bolt's over both transports


def app_for(client: AsyncWebClient, heard: list[Any]) -> AsyncApp:
    app = AsyncApp(client=client, signing_secret="signing-secret")

    async def command(ack: Any, respond: Any, body: Any) -> None:
        await ack()
        heard.append(body["text"])
        await respond(text="found", blocks=CONTROLS)
        await client.views_open(trigger_id=body["trigger_id"], view=modal())

    async def pressed(ack: Any, respond: Any, action: Any) -> None:
        await ack()
        heard.append(action.get("value") or action["selected_option"]["value"])
        await respond(text="page two", replace_original=True)

    async def submitted(ack: Any, view: Any) -> None:
        words = view["state"]["values"]["words"]["words"]["value"]
        heard.append(words)
        await ack(response_action="errors", errors={"words": "no"}) if words == "x" else await ack()

    async def reacted(body: Any) -> None:
        heard.append(body["event_id"])

    app.command("/paper")(command)
    app.action("go")(pressed)
    app.action("more")(pressed)
    app.view("m")(submitted)
    app.event("reaction_added")(reacted)
    return app


@asynccontextmanager
async def connected(slack: SlackServer, app: AsyncApp, *, http: bool) -> AsyncIterator[None]:
    if not http:
        handler = AsyncSocketModeHandler(app, slack.app_token, ping_interval=0.1)
        await handler.connect_async()  # type: ignore[no-untyped-call]
        await slack.connected()
        try:
            yield
        finally:
            await handler.close_async()  # type: ignore[no-untyped-call]
        return

    async def answer(request: web.Request) -> web.StreamResponse:
        response = await app.async_dispatch(await to_bolt_request(request))
        return await to_aiohttp_response(response)

    served = web.Application()
    served.router.add_post("/slack/events", answer)
    runner = web.AppRunner(served, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    slack.use_http(f"http://{host}:{port}/slack/events")
    try:
        yield
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("http", [False, True])
async def test_people_use_an_app(http: bool) -> None:
    """Command, button, menu, modal, reaction: the same gestures over both transports."""
    heard: list[Any] = []
    async with lab() as (slack, client), connected(slack, app_for(client, heard), http=http):
        asked = await slack.command("T1", "U1", "C1", "/paper", "search <a> @Ann")
        assert asked.acked_after < 1
        assert not asked.ack
        await asked.answered()
        (found,) = slack.ephemerals
        menu = await slack.press("T1", "U1", "C1", found, action_id="more", value="show:1")
        await menu.answered()
        assert found.text == "page two"
        with pytest.raises(LookupError):
            await slack.press("T1", "U1", "C1", found, action_id="more", value="show:1")
        await slack.viewed()
        top = slack.modal("T1", "U1")
        assert top
        wrong = await slack.submit(top, {"words": "x"})
        assert wrong.ack["errors"] == {"words": "no"}
        assert slack.modal("T1", "U1")
        await slack.submit(top, {"words": {"words": "diffusion"}})
        assert slack.modal("T1", "U1") is None
        sent = await client.chat_postMessage(channel="C1", text="x", blocks=CONTROLS)
        message = slack.messages("T1", "C1")[0]
        await slack.press("T1", "U1", "C1", sent["ts"], action_id="go")
        reaction = await slack.react("T1", "U1", message, "bookmark")
        assert reaction
        await slack.repeat(reaction)
        await slack.until(lambda: heard.count(reaction.id) == 2)
        said = ["search &lt;a&gt; <@U1|Ann>", "show:1", "x", "diffusion", "7", *[reaction.id] * 2]
        assert heard == said
        assert slack.noted == []


async def test_requests_are_signed_and_can_be_forged() -> None:
    """Bolt believes the good ones, and a replayed one too: that is for the app to see."""
    heard: list[Any] = []
    async with lab() as (slack, client), connected(slack, app_for(client, heard), http=True):
        await client.chat_postMessage(channel="C1", text="x")
        done = await slack.react("T1", "U1", slack.messages("T1", "C1")[0], "bookmark")
        assert done
        assert (await slack.forge(done, secret="other")).status == 401
        assert (await slack.forge(done, age=600)).status == 401
        assert (await slack.resend(done)).status == 200
        assert (await slack.verify_url("abc")).body == {"challenge": "abc"}


async def test_what_nobody_acknowledges_comes_again() -> None:
    """Events do, with the same id and a count; commands tell the person that it did not work."""
    heard: list[Any] = []
    async with lab() as (slack, client):
        await client.chat_postMessage(channel="C1", text="x")
        missed = await slack.react("T1", "U1", slack.messages("T1", "C1")[0], "bookmark")
        assert missed
        assert missed.error.startswith("dispatch_failed")
        lost = await slack.command("T1", "U1", "C1", "/paper", "x")
        assert lost.error.startswith("dispatch_failed")
        async with connected(slack, app_for(client, heard), http=False):
            (again,) = await slack.redeliver()
            assert (again.envelope.attempt, again.id) == (1, missed.id)
            await slack.until(lambda: heard == [missed.id])
            assert slack.undelivered == []
            slack.patience = 0.05
            silent = await slack.command("T1", "U1", "C1", "/unheard-of")
            assert silent.error == "operation_timeout"


async def test_connections_end_in_every_way() -> None:
    """On request, without a word, and with tickets that are refused or shown twice."""
    async with lab() as (slack, client), connected(slack, app_for(client, []), http=False):
        before = slack.socket.links[0]
        await slack.disconnect()
        assert not before.usable
        await slack.connected()
        slack.cut()
        await slack.until(lambda: not slack.connections)
        await slack.connected()
        url = (
            await AsyncWebClient(slack.app_token, base_url=slack.api_url).apps_connections_open(
                app_token=slack.app_token
            )
        )["url"]
        async with aiohttp.ClientSession() as session:
            async with session.ws_connect(url) as socket:
                assert (await socket.receive_json())["type"] == "hello"
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await session.ws_connect(url)


# --- installing


async def test_a_code_is_worth_a_token_once() -> None:
    """And only for the app that it was made for."""
    async with lab() as (slack, _):
        asked = (
            "https://slack.com/oauth/v2/authorize?client_id=1.2&scope=commands,chat:write&state=s"
        )
        back = slack.consent(f"{asked}&redirect_uri=https://p.org/back", "T1", "U1")
        assert back.startswith("https://p.org/back?code=")
        assert back.endswith("&state=s")
        code = back.split("code=")[1].split("&")[0]
        client = AsyncWebClient(base_url=slack.api_url)
        facts = {"client_id": "1.2", "code": code, "redirect_uri": "https://p.org/back"}

        async def exchanged(secret: str) -> Any:
            return await client.api_call("oauth.v2.access", data={**facts, "client_secret": secret})

        assert (await refused(exchanged("no")))["error"] == "bad_client_secret"
        told = await exchanged("client-secret")
        assert (told["access_token"], told["scope"]) == ("xoxb-T1", "chat:write,commands")
        assert (await refused(exchanged("client-secret")))["error"] == "code_already_used"


# --- the bot's own door


@pytest.mark.parametrize("http", [False, True])
async def test_the_door_runs_against_it(http: bool) -> None:
    """With a front desk on fakes, from the command to the saved paper; nothing is left over."""
    async with slack_server() as slack, slack_office(slack, http=http) as there:
        asked = await slack.command("T1", "U1", "C1", "/paper", "search clip")
        (answer,) = await asked.answered()
        assert "CLIP sees everything" in answer["text"]
        message = await there.posts()
        await slack.react("T1", "U1", message, "two")
        await there.settled()
        assert there.saved("U1") == ["2505.00002"]
        assert there.ailment() == ""


async def test_a_menu_may_start_with_the_conversation_that_the_person_is_in() -> None:
    """And a field that is wanted cannot be left empty: Slack's client asks for it."""
    menu = {
        "type": "conversations_select",
        "action_id": "c",
        "default_to_current_conversation": True,
    }
    form = modal([{"type": "input", "block_id": "where", "label": LABEL, "element": menu}])
    async with lab() as (slack, client):
        there = slack.world.trigger("T1", "U1", channel="C1")
        opened = (await client.views_open(trigger_id=there, view=form))["view"]
        assert opened["state"]["values"]["where"]["c"]["selected_conversation"] == "C1"
        nowhere = slack.world.trigger("T1", "U1")
        opened = (await client.views_open(trigger_id=nowhere, view=form))["view"]
        with pytest.raises(AssertionError, match="must be filled in"):
            await slack.submit(opened["id"])
