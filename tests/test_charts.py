"""Charts on their way into a chat: with the post where a platform can, below it where it cannot, never instead of it."""

import json
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from typing import Any

import discord
import pytest
from discord.http import handle_message_parameters

from adapters.discord.division import divide as divide_for_discord
from adapters.discord.messenger import DiscordMessenger
from adapters.discord.render import render as for_discord
from adapters.slack.api import Api
from adapters.slack.division import divide as divide_for_slack
from adapters.slack.messenger import SlackMessenger
from adapters.terminal.render import lines, plain
from bot.desk import FrontDesk
from bot.domain.charts import Chart, Plot, Series, Shape
from bot.domain.posts import Digest, Panel, Post, Row, without_chart
from bot.drawing import Artist
from tests.support import discord_posts, slack_posts
from tests.support.charts import HOSTILE, PNG, chart, drawn, some_figures
from tests.support.discord_rest import discord_on_loopback
from tests.support.discord_rules import problems
from tests.support.discord_state import Discord
from tests.support.email_posts import composed
from tests.support.slack import furnished, slack_office
from tests.support.slack_asking import answer
from tests.support.slack_posts import Time, speaking
from tests.support.slack_server import SlackServer, slack_server

DIGEST = replace(slack_posts.digest(), chart=drawn())
PANEL = Panel(title="Figures", rows=(Row("Saved", "12"),), chart=drawn())
BOTH = pytest.mark.parametrize("post", [DIGEST, PANEL], ids=["digest", "panel"])


# --- Discord


def payload(post: Post, **how: Any) -> tuple[dict[str, Any], list[discord.File]]:
    """What discord.py would send."""
    arguments = for_discord(post, key="key", **how).arguments()
    files = arguments.get("files", [])
    arguments |= {"files": list(files), "allowed_mentions": discord.AllowedMentions.none()}
    with handle_message_parameters(**arguments) as parameters:
        form = {part["name"]: part["value"] for part in parameters.multipart or ()}
        sent: dict[str, Any] = parameters.payload or json.loads(form["payload_json"])
    return sent, files


@BOTH
@pytest.mark.parametrize("published", [False, True])
def test_on_discord_the_picture_stands_in_the_message(post: Post, published: bool) -> None:
    """With words for those who do not see it, and within every limit."""
    rendered = for_discord(post, key="key", published=published)
    assert rendered.fits
    sent, (file,) = payload(post, published=published)
    assert "attachment://chart.png" in str(sent)
    assert (file.filename, file.description) == ("chart.png", "Chart.")
    if not published:
        assert problems({k: v for k, v in sent.items() if k != "attachments"}, files=1) == []


@BOTH
def test_a_plain_post_on_discord_is_without_it(post: Post) -> None:
    """So is one whose chart nobody drew."""
    assert payload(post, plain=True)[1] == []
    undrawn = replace(post, chart=chart())  # type: ignore[type-var]
    assert payload(undrawn)[1] == []
    assert for_discord(undrawn).text == for_discord(without_chart(post)).text


@pytest.mark.parametrize("divide", [divide_for_discord, divide_for_slack], ids=["discord", "slack"])
def test_of_a_post_in_parts_only_the_first_has_it(divide: Any) -> None:
    """It is shown once."""
    many = replace(DIGEST, entries=slack_posts.papers(25))
    long = replace(PANEL, rows=tuple(Row(f"Row {n}", "x" * 600) for n in range(40)))
    for post in (many, long):
        assert [part.chart is not None for part in divide(post)][:2] == [True, False]


@pytest.fixture
async def there() -> AsyncIterator[Discord]:
    async with discord_on_loopback() as there:
        yield there


async def test_a_digest_with_a_picture_arrives_and_is_found_again(there: Discord) -> None:
    """In one message, whose key leads back to it: it is never sent twice."""
    async with there.client(max_ratelimit_timeout=30) as client:
        messenger = DiscordMessenger(client, pauses=(0.01, 0.01), patience=5)
        channel = there.add_channel()
        post = replace(discord_posts.digest(), chart=drawn())
        message = await messenger.send(discord_posts.out(channel, post))
        assert len(there.sent(channel)) == 1
        found = await messenger.find(
            message.channel, discord_posts.out(channel).key, discord_posts.long_ago()
        )
        assert found == message


# --- Slack


async def test_on_slack_the_picture_is_a_reply_to_the_post(
    slack: SlackServer, messenger: SlackMessenger
) -> None:
    """Files are shared in messages of their own."""
    sent = await messenger.send(slack_posts.out(DIGEST))
    (file,) = slack.files
    assert (file.channel, file.thread_ts, file.content) == ("C1", sent.id, PNG)
    assert file.comment == "Twelve weeks"
    (asked,) = slack.called("files.getUploadURLExternal")
    assert asked["alt_txt"] == "Chart."


async def test_below_an_answer_in_a_thread_it_stands_in_that_thread(
    slack: SlackServer, messenger: SlackMessenger
) -> None:
    """Slack has no threads within threads."""
    above = await messenger.send(slack_posts.out())
    await messenger.send(replace(slack_posts.out(DIGEST), reply_to=above, key="other"))
    assert slack.files[0].thread_ts == above.id


@pytest.mark.parametrize(
    ("method", "trouble"),
    [
        ("files.getUploadURLExternal", {"error": "file_uploads_disabled"}),
        ("files.getUploadURLExternal", {"status": 429, "retry_after": 900}),
        ("upload", {"status": 500}),
        ("files.completeUploadExternal", {"status": 500}),
        ("files.completeUploadExternal", {"error": "thread_not_found"}),
    ],
)
async def test_a_lost_picture_neither_loses_nor_doubles_the_post(
    slack: SlackServer,
    messenger: SlackMessenger,
    caplog: pytest.LogCaptureFixture,
    method: str,
    trouble: dict[str, Any],
) -> None:
    """The post stands, its address is told, and the operator finds the reason in the log."""
    slack.fail(method, **trouble)
    with caplog.at_level(logging.WARNING):
        sent = await messenger.send(slack_posts.out(DIGEST))
    posted = [one for one in slack.messages("T1", "C1") if one.metadata]
    assert [one.ts for one in posted] == [sent.id]
    assert any("slack.no_picture" in one.getMessage() for one in caplog.records)


async def test_when_time_is_up_the_picture_is_left_out(
    slack: SlackServer, api: Api, time: Time
) -> None:
    """The send ends before its lease does."""
    sent = await speaking(api, time, patience=0.0).send(slack_posts.out(DIGEST))
    assert sent.id
    assert slack.files == []


async def test_without_a_drawing_nothing_is_uploaded(
    slack: SlackServer, messenger: SlackMessenger
) -> None:
    """Nor below a post that is sent plainly."""
    await messenger.send(slack_posts.out(replace(DIGEST, chart=chart())))
    await messenger.send(replace(slack_posts.out(DIGEST), plain=True, key="other"))
    assert slack.files == []


async def test_where_the_bot_may_not_write_the_picture_comes_directly() -> None:
    """An answer over the address that came along carries no files."""
    office = furnished()
    office.statistics.found = some_figures()
    office.desk = FrontDesk(office.room, illustrate=Artist(lambda _: PNG).illustrate)
    async with slack_server() as slack, slack_office(slack, office=office) as o:
        slack.fail("chat.postMessage", error="not_in_channel")
        said = await answer(o, "stats")
        assert "saved by 1 person" in said
        (file,) = slack.files
        assert (file.content, file.channel) == (PNG, slack.direct("T1", "U1"))


# --- e-mail


@BOTH
def test_in_a_mail_it_is_enclosed(post: Post) -> None:
    """Beside the HTML that shows it: nothing is fetched when the mail is opened."""
    mail = message_from_bytes(composed(post), policy=default)
    html = mail.get_body(("html",))
    text = mail.get_body(("plain",))
    (picture,) = [part for part in mail.walk() if part.get_content_maintype() == "image"]
    assert html
    assert text
    assert picture["Content-ID"].strip("<>") in html.get_content()
    assert picture.get_content() == PNG
    assert picture.get_content_disposition() == "inline"
    assert 'alt="Chart."' in html.get_content()
    assert "Chart." in text.get_content()


def test_a_mail_without_a_drawing_says_it_in_words() -> None:
    """And has no broken picture."""
    mail = message_from_bytes(composed(replace(DIGEST, chart=chart())), policy=default)
    assert [part for part in mail.walk() if part.get_content_maintype() == "image"] == []
    html, text = mail.get_body(("html",)), mail.get_body(("plain",))
    assert html
    assert text
    assert "cid:" not in html.get_content()
    assert "Chart." in text.get_content()


# --- a terminal


def test_a_terminal_shows_bars() -> None:
    """A line for each label; what was posted beyond what was saved is light."""
    columns = Plot(
        title="Papers a week",
        labels=("5 May", "12 May"),
        series=(Series("posted", (10, 0)), Series("saved", (5, 2))),
    )
    topics = Plot(
        title="Topics", labels=("diffusion",), series=(Series("papers", (3,)),), shape=Shape.ROWS
    )
    shown = plain(Panel(title="T", chart=Chart(title="T", alt="A", plots=(columns, topics))))
    assert "Papers a week · ░ posted · █ saved" in shown
    assert f"5 May   {'█' * 15}{'░' * 15} 5 of 10" in shown
    assert f"12 May  {'█' * 6} 2 of 0" in shown
    assert f"diffusion  {'█' * 30} 3" in shown


@pytest.mark.parametrize("width", [24, 40, 100])
def test_bars_fit_the_window(width: int) -> None:
    """Whatever stands in the labels."""
    values = tuple(range(len(HOSTILE)))
    both = (Series(HOSTILE[0], values), Series(HOSTILE[5], values))
    plots = tuple(Plot(title="T", labels=HOSTILE, series=both, shape=one) for one in Shape)
    post = Digest(title="T", chart=Chart(title="T", alt="A", plots=plots))
    assert all(line.cell_len <= width for line in lines(post, width, styled=True))
