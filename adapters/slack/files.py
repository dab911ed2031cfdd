"""Files handed over by the bot: asked for a place, put there, then shown in a conversation."""

import re

from adapters.slack.api import Api
from adapters.slack.failures import ERRORS, code_of, unasked, undelivered
from adapters.slack.text import clean, prose
from bot.domain.errors import ContentRefused, DeliveryError, TryLater
from bot.domain.posts import File

_UNSAFE = re.compile(r"[^\w.-]+")
_NO_SCOPE = (
    "The bot may not hand over files: that takes the scope `files:write`. Whoever runs the bot can add it to "
    "the app (`paperbot slack manifest` prints all scopes) and install the app again."
)
ALT = 1_000
"""Characters of a picture's description (Slack, "files.getUploadURLExternal")."""
_COMMENT = 300
"""Characters of the line above a file."""


async def upload(
    api: Api, team: str, channel_id: str, file: File, *, thread_ts: str | None = None
) -> str:
    """Show a file in a conversation; its id. Raises a DeliveryError: unless it is OutcomeUnknown nothing is shown."""
    name = safe_name(file.name)
    if not file.content:
        raise ContentRefused(f"{name} is empty; there is nothing to hand over.")
    try:
        said = await api.read(
            team,
            "files.getUploadURLExternal",
            filename=name,
            length=len(file.content),
            alt_txt=clean(file.alt, ALT) or None,
        )
        url, id = said.get("upload_url"), said.get("file_id")
        if not isinstance(url, str) or not isinstance(id, str):
            raise TryLater("Slack offered no place for the file.")
        await api.upload(url, file.content)
    except ERRORS as e:
        raise _refused(e, unasked(e)) from e
    try:
        await api.ask(
            team,
            "files.completeUploadExternal",
            files=[{"id": id, "title": name}],
            channel_id=channel_id,
            thread_ts=thread_ts,
            initial_comment=prose(file.text, _COMMENT) or None,
        )
    except ERRORS as e:
        raise _refused(e, undelivered(e)) from e
    return id


def safe_name(name: str) -> str:
    """A file name that every system takes: letters, digits, dots and dashes."""
    tidy = _UNSAFE.sub("-", clean(name, 200)).strip(".-_") or "file"
    stem, dot, extension = tidy.rpartition(".")
    return f"{stem[:80]}.{extension[:20]}" if dot else tidy[:80]


def _refused(error: BaseException, failure: DeliveryError) -> DeliveryError:
    """A lacking permission for files says nothing against posts in the channel."""
    return ContentRefused(_NO_SCOPE) if code_of(error) == "missing_scope" else failure
