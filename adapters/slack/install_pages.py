"""What people read in their browser when they install us, or when that did not work."""

import re

from adapters.slack.browser import Link, shown
from adapters.slack.settings import Settings
from adapters.slack.state import cookie
from bot.domain.stores import Installation
from bot.domain.web import Page

INSTALL = "/slack/install"
_CODE = re.compile(r"[a-z_]{1,64}")


def installed(settings: Settings, installation: Installation, resumed: int, app: str) -> Page:
    """It worked, and this comes next."""
    command = settings.command
    paragraphs = [
        f"Add it to a channel with `/invite @paperbot`, then type `{command} subscribe` there.",
        f"`{command}` alone opens the search; `{command} help` shows all that it can do.",
    ]
    if resumed:
        number = "1 subscription runs" if resumed == 1 else f"{resumed} subscriptions run"
        paragraphs.insert(0, f"Welcome back: {number} again, with the settings of before.")
    link = f"slack://app?team={installation.workspace.id}&id={app}"
    return shown(
        f"paperbot is installed in {installation.name or 'your workspace'}",
        paragraphs,
        links=[Link("Open it in Slack", link)] if app else (),
        cookie=cookie("", settings.url),
    )


def declined(settings: Settings, error: str) -> Page:
    """Somebody thought better of it, or Slack did."""
    if error == "access_denied":
        text = "You said no, and that is fine: nothing was installed."
        return _page(settings, "Nothing was installed", text, 200)
    told = f"Slack says `{error}`." if _CODE.fullmatch(error) else "Slack did not say why."
    return _page(settings, "Nothing was installed", told, 400)


def stale(settings: Settings) -> Page:
    """The state is not ours, not of this browser, or too old; so says Slack of its code, too."""
    text = (
        "It is more than ten minutes old, was used before, or was opened in another browser than the one "
        "that asked for it. Please begin once more."
    )
    return _page(settings, "This link is no longer good", text, 400)


def used(settings: Settings) -> Page:
    """Somebody came back a second time: by reloading the page, most likely."""
    text = "If you saw that paperbot is installed, all is well. If not, begin once more."
    return _page(settings, "This link was used already", text, 400)


def starting(settings: Settings) -> Page:
    """We are not there yet."""
    text = "Please begin once more in a minute."
    return _page(settings, "paperbot is just starting", text, 503)


def unreachable(settings: Settings) -> Page:
    """Slack did not answer."""
    text = "Slack did not answer in time. Please begin once more."
    return _page(settings, "Slack could not be reached", text, 502)


def refused(settings: Settings, reason: str) -> Page:
    """Slack does not like how we are set up."""
    told = f"Slack says `{reason}`" if _CODE.fullmatch(reason) else "Slack did not say why"
    text = f"{told}. Whoever runs the bot has to look at its client id, secret, and redirect URL."
    return _page(settings, "Slack refused the installation", text, 502)


def whole_organisation(settings: Settings) -> Page:
    """It was for all workspaces of an organisation at once."""
    text = (
        "paperbot keeps each workspace's papers apart, so it cannot be installed for a whole "
        "organisation. Please begin once more and choose a single workspace; it can be installed in as "
        "many as you like, one after the other."
    )
    return _page(settings, "One workspace at a time, please", text, 400)


def rotating(settings: Settings) -> Page:
    """Our tokens would end after twelve hours."""
    text = (
        "Token rotation is switched on for this Slack app, and paperbot's tokens must last. "
        "Whoever runs the bot has to create the app anew, from paperbot's own manifest."
    )
    return _page(settings, "This app cannot be installed", text, 502)


def unkept(settings: Settings) -> Page:
    """The database failed."""
    text = (
        "The bot's database cannot be used just now; whoever runs the bot finds the reason in its log. "
        "Please begin once more in a while."
    )
    return _page(settings, "The installation could not be kept", text, 503)


def _page(settings: Settings, title: str, text: str, status: int) -> Page:
    again = Link("Begin once more", f"{settings.url.rstrip('/')}{INSTALL}")
    gone = cookie("", settings.url)
    return shown(title, [text], links=[again], status=status, cookie=gone)
