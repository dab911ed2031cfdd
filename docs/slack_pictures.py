"""Draws docs/slack-*.png: what the bot really sends to a stand-in of Slack, in a browser. Takes Chromium.

The bundled sample is posted, searched and saved; messages, windows and the Home tab are drawn from their
Block Kit by `slack_preview`.
"""

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from slack_preview import page  # noqa: E402 -- beside this file

from bot.app import sample_batches, sample_feed  # noqa: E402
from bot.demo import SAMPLE_NOW  # noqa: E402
from tests.support.scenario import InSlack, Stage, in_slack  # noqa: E402

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
Shot = tuple[str, Mapping[str, Any], dict[str, Any], tuple[int, int]]
"""Kind, Block Kit, how it is shown, width and height."""


async def shots(folder: Path) -> dict[str, Shot]:
    """Somebody's morning with the bot."""
    stage = Stage(folder, now=SAMPLE_NOW, source=sample_feed())  # type: ignore[arg-type]
    async with in_slack(stage) as chat:
        assert isinstance(chat, InSlack)  # noqa: S101 -- says so to the type checker
        app, slack = stage.app, chat.slack
        async for _ in app.ingest.take(sample_batches()):
            pass
        await app.storage.search.catch_up()
        await chat.asks("subscribe", edition="daily", at="09:00", top=6)
        (order,) = await app.storage.subscriptions.all()
        await app.storage.subscriptions.replace_terms(order.id, order.terms, SAMPLE_NOW)
        await app.tick()
        digest = slack.messages("T1", "C1")[-1]
        for emoji in ("one", "three"):
            await chat.reacts(emoji)
        asked = await slack.command("T1", "U1", "C1", "/paper", "search clip limit:5")
        (found,) = await asked.answered()
        await slack.command("T1", "U1", "C1", "/paper")
        await slack.until(lambda: slack.modal("T1", "U1"))
        search = await _typed(chat)
        setup = await _setting_up(chat)
        await slack.home_opened("T1", "UADA")
        await _kept(chat)
        await slack.home_opened("T1", "UADA")
        home = await slack.until(lambda: slack.home("T1", "UADA"))
        await asyncio.sleep(1)
        home = slack.home("T1", "UADA") or home
    reactions = {"1️⃣": 1, "3️⃣": 1}
    return {
        "digest": ("message", _body(digest), {"reactions": reactions}, (760, 880)),
        "search": ("message", found, {"ephemeral": True}, (760, 760)),
        "modal": ("modal", search, {}, (600, 820)),
        "setup": ("modal", setup, {}, (600, 980)),
        "home": ("home", home.content, {}, (860, 1080)),
    }


async def _typed(chat: InSlack) -> dict[str, Any]:
    """The search window with something found in it."""
    slack = chat.slack
    view = slack.modal("T1", "U1")
    (box,) = [b for b in view.content["blocks"] if b["type"] == "input"]
    action = box["element"]["action_id"]
    await slack.submit(view, {action: "clip"})
    await asyncio.sleep(1)
    shown: dict[str, Any] = slack.modal("T1", "U1").content
    return shown


async def _setting_up(chat: InSlack) -> dict[str, Any]:
    """The window for a subscription, from the button of the welcome."""
    slack = chat.slack
    await slack.invite("T1", "C2", "U1")
    (welcome,) = await slack.said("T1", "C2")
    await slack.press("T1", "U1", "C2", welcome, action_id="p:setup:start")
    await asyncio.sleep(1)
    shown: dict[str, Any] = slack.modal("T1", "U1").content
    return shown


async def _kept(chat: InSlack) -> None:
    """Ada saves two papers."""
    for number in (1, 2):
        asked = await chat.slack.command("T1", "UADA", "C1", "/paper", "search clip")
        await asked.answered()
        asked = await chat.slack.command("T1", "UADA", "C1", "/paper", f"save {number}")
        await asked.answered()


def _body(message: Any) -> dict[str, Any]:
    return {"text": message.text, "blocks": message.blocks}


def draw(name: str, shot: Shot, browser: str) -> None:
    """One picture."""
    kind, payload, how, (width, height) = shot
    with tempfile.TemporaryDirectory() as folder:
        html = Path(folder) / "page.html"
        named = json.dumps(dict(payload)).replace("<#C1>", "<#C1|papers>")
        named = json.loads(named.replace("<#C2>", "<#C2|reading-group>"))
        html.write_text(page(kind, named, **how), encoding="utf-8")
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        command += ["--disable-background-networking", f"--user-data-dir={folder}/profile"]
        command += [f"--window-size={width},{height}", f"--screenshot={HERE}/slack-{name}.png"]
        subprocess.run([*command, html.as_uri()], check=True, capture_output=True)  # noqa: S603 -- our own page


def main() -> None:
    """All of them."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit(f"These pictures are drawn by a browser; install one of {', '.join(BROWSERS)}.")
    with tempfile.TemporaryDirectory() as folder:
        taken = asyncio.run(shots(Path(folder)))
    for name, shot in taken.items():
        draw(name, shot, browser)


if __name__ == "__main__":
    main()
