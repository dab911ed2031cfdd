"""What we say on coming to a channel: a few lines and one button."""

from collections.abc import Mapping
from typing import Any

from adapters.slack.bench import Bench
from adapters.slack.controls import button
from adapters.slack.layout import Block, actions, section
from adapters.slack.setup import START


def greeting(bench: Bench, _team: str, channel: str, resumed: int) -> Mapping[str, Any]:
    """Arguments of chat.postMessage; `resumed` subscriptions of the channel run again."""
    command = bench.settings.command
    text = welcome(command, resumed)
    blocks: list[Block] = [section(text)]
    if not resumed:
        start = button(START, "Set up this channel", value="start", primary=True)
        blocks.append(actions([start]))
    return {
        "channel": channel,
        "text": text,
        "blocks": blocks,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def welcome(command: str, resumed: int) -> str:
    """The lines; `command` is how people call us here."""
    if resumed == 1:
        then = "Welcome back to me: the subscription of this channel runs again."
    elif resumed:
        then = f"Welcome back to me: {resumed} subscriptions of this channel run again."
    else:
        then = f"Begin with the button, or with `{command} subscribe`."
    return (
        "*Hello! I bring the day’s papers.*\n"
        f"I post Hugging Face Daily Papers when you want them and answer `{command}`. "
        "React to a paper with 🔖 or its number, and it is saved.\n"
        f"{then}"
    )
