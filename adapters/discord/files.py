"""Files handed over by the bot, as attachments."""

import re
from dataclasses import dataclass
from io import BytesIO

import discord

from adapters.discord.limits import FILE
from adapters.discord.text import clean
from bot.domain.posts import File, Notice

ALT = 1_024
"""Characters of an attachment's description (Discord, "Attachment Object")."""
_UNSAFE = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that can be sent more than once."""

    name: str
    content: bytes
    alt: str = ""

    def file(self) -> discord.File:
        """A fresh one for one sending."""
        alt = self.alt[:ALT] or None
        return discord.File(BytesIO(self.content), filename=self.name, description=alt)


def attach(file: File) -> Attachment | Notice:
    """The file as an attachment, or why Discord would not take it and what to do."""
    if not file.content:
        return Notice(text=f"{clean(file.name, 80)} is empty; there is nothing to hand over.")
    if len(file.content) > FILE:
        return Notice(
            text=f"{clean(file.name, 80)} is {len(file.content) / 2**20:.1f} MiB, "
            f"and Discord takes {FILE // 2**20} MiB at most.",
            tone="warning",
            hints=("Ask for fewer papers at a time, or for another format.",),
        )
    return Attachment(safe_name(file.name), file.content, clean(file.alt, ALT))


def safe_name(name: str) -> str:
    """A file name that Discord shows as it is: letters, digits, dots and dashes."""
    tidy = _UNSAFE.sub("-", clean(name, 200)).strip(".-_") or "file"
    stem, dot, extension = tidy.rpartition(".")
    return f"{stem[:80]}.{extension[:20]}" if dot else tidy[:80]
