"""A message ready to be sent: pieces of text, pictures beside them and controls, in one of three shapes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import discord

from adapters.discord.controls import Menu, Row, items, legacy
from adapters.discord.files import Attachment
from adapters.discord.limits import COMPONENTS, CONTENT, EMBED_DESCRIPTION, TEXT, size
from adapters.discord.marks import ANY_KEY, mark

Shape = Literal["layout", "embed", "text"]
"""Components V2; one embed, which survives being published; content without anything around it."""

ROOM: dict[Shape, int] = {"layout": TEXT, "embed": EMBED_DESCRIPTION, "text": CONTENT}

_SMALL = re.compile(r"^-# ", re.MULTILINE)
"""Small print, which embeds do not know."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A paragraph in Discord's markup, and the address of a picture to stand beside it."""

    text: str
    picture: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """One message. The same value can be sent as often as need be."""

    shape: Shape = "layout"
    pieces: tuple[Piece, ...]
    rows: tuple[Row, ...] = ()
    accent: int | None = None
    """The colour of the box around it; without one there is no box."""
    attachments: tuple[Attachment, ...] = ()
    picture: Attachment | None = None
    """Shown large, below the first piece."""
    ping: int | None = None
    """A role to mention."""

    @property
    def text(self) -> str:
        """Everything that can be read in it."""
        return f"{self._mention}\n{self._written}" if self.ping else self._written

    @property
    def files(self) -> list[discord.File]:
        """Fresh ones: sending uses a file up."""
        pictures = (self.picture,) if self.picture else ()
        return [attachment.file() for attachment in (*self.attachments, *pictures)]

    def marked_for(self, key: str) -> "Rendered":
        """What was rendered for `ANY_KEY`, with the mark of this one: the same for everybody but for that."""
        old, new = mark(ANY_KEY), mark(key)
        pieces = (
            replace(piece, text=piece.text.replace(old, new)) if old in piece.text else piece
            for piece in self.pieces
        )
        return replace(self, pieces=tuple(pieces))

    @property
    def fits(self) -> bool:
        """Whether Discord takes it."""
        length = size(self.text)  # in a layout what stands between the pieces does not count
        return 0 < length <= ROOM[self.shape] and (
            self.shape != "layout" or self._components <= COMPONENTS
        )

    def arguments(self) -> dict[str, Any]:
        """What `send`, `followup.send` and `create_thread` of discord.py take, as keywords."""
        arguments = dict(self._body())
        if files := self.files:
            arguments["files"] = files
        return arguments

    def edit_arguments(self) -> dict[str, Any]:
        """What `edit_message` and `edit_original_response` take to replace a message by this one."""
        empty = {} if self.shape == "layout" else {"content": None, "embed": None, "view": None}
        return {**empty, **dict(self._body()), "attachments": self.files}

    def _body(self) -> Iterator[tuple[str, Any]]:
        if self.shape == "layout":
            yield "view", self._layout()
            return
        if self.shape == "embed":
            if self.ping:
                yield "content", self._mention
            embed = discord.Embed(description=self._written, colour=self.accent)
            picture = next((piece.picture for piece in self.pieces if piece.picture), None)
            if self.picture:
                embed.set_image(url=f"attachment://{self.picture.name}")
            yield "embed", embed.set_thumbnail(url=picture)
        else:
            yield "content", self.text
        if view := legacy(self.rows):
            yield "view", view

    def _layout(self) -> discord.ui.LayoutView:
        parts: list[discord.ui.Item[Any]] = [_part(piece) for piece in self.pieces]
        if self.picture:
            parts.insert(1, _gallery(self.picture))
        parts += [discord.ui.ActionRow(*items(row)) for row in self.rows]
        view = discord.ui.LayoutView(timeout=None)
        if self.ping:
            view.add_item(discord.ui.TextDisplay(self._mention))
        boxed = self.accent is not None
        for part in [discord.ui.Container(*parts, accent_colour=self.accent)] if boxed else parts:
            view.add_item(part)
        view.stop()  # ours are understood by their ids: the library need not remember each message
        return view

    @property
    def _written(self) -> str:
        between = "\n" if self.shape == "text" else "\n\n"
        text = between.join(piece.text for piece in self.pieces)
        return _SMALL.sub("", text) if self.shape == "embed" else text

    @property
    def _mention(self) -> str:
        return f"<@&{self.ping}>"

    @property
    def _components(self) -> int:
        pieces = sum(3 if piece.picture else 1 for piece in self.pieces)
        rows = sum(2 if isinstance(row, Menu) else 1 + len(row) for row in self.rows)
        others = (self.accent, self.ping, self.picture)
        return pieces + rows + sum(one is not None for one in others)


def _gallery(picture: Attachment) -> discord.ui.MediaGallery[Any]:
    where = f"attachment://{picture.name}"
    item = discord.MediaGalleryItem(where, description=picture.alt or None)
    return discord.ui.MediaGallery(item)


def _part(piece: Piece) -> discord.ui.Item[Any]:
    if piece.picture is None:
        return discord.ui.TextDisplay(piece.text)
    return discord.ui.Section(piece.text, accessory=discord.ui.Thumbnail(piece.picture))
