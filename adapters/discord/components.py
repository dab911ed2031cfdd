"""Buttons and menus below our messages. All they need to know is in their ids, so they outlive restarts."""

import re
from typing import Any, Self

from discord import ui

from adapters.discord import controls
from adapters.discord.addresses import Interaction, message
from adapters.discord.answers import beside, error, replace, respond
from adapters.discord.asking import Asking, in_turn
from bot.domain.papers import PaperId
from bot.domain.ports import Desk, Reaction
from bot.domain.posts import Notice, Reply

POINTED = "1️⃣"
"""Any number will do as the emoji of a button: its position says which paper is meant."""
FORGOTTEN = error(
    "I no longer know which papers this message shows.",
    "Save a paper with its id or link: /paper save.",
)


class Pressing:
    """What follows when a button is pressed or a menu is used."""

    def __init__(self, desk: Desk, asking: Asking) -> None:
        self.desk = desk
        self.asking = asking

    async def keep(self, interaction: Interaction, number: int, *, added: bool) -> None:
        """Save the paper with this number in the message, or take that back."""
        await respond(interaction, self.desk, self._kept(interaction, number, added=added))

    async def _kept(self, interaction: Interaction, number: int, *, added: bool) -> Reply:
        where = message(interaction)
        if where is None:
            return FORGOTTEN
        asks = self.asking.caller(interaction)
        reaction = Reaction(
            message=where, person=asks.person, emoji=POINTED, added=added, position=number
        )
        if reply := await self.desk.react(reaction):
            return reply
        return FORGOTTEN if added else error("You had not saved it with this button.")

    async def show(self, interaction: Interaction, paper: str) -> None:
        """All about a paper."""
        asked = self.desk.call(self.asking.caller(interaction), "show", {"paper": paper})
        await respond(interaction, self.desk, asked)

    async def turn(self, interaction: Interaction, text: str) -> None:
        """Another page: in the place of this one where that is private, else beside it."""
        caller = self.asking.caller(interaction)
        here = interaction.message
        if here is None or not here.flags.ephemeral:
            await respond(interaction, self.desk, self.desk.say(caller, text))
            return
        await interaction.response.defer()
        reply = await self.desk.say(caller, text)
        if isinstance(reply.posts[0], Notice):
            await beside(interaction, self.desk, reply)
        else:
            await replace(interaction, self.desk, reply.posts[0])

    async def pick(self, interaction: Interaction, act: str, values: list[str]) -> None:
        """Save the chosen papers, or show the chosen one."""
        papers: list[PaperId] = [known[1] for value in values if (known := controls.picked(value))]
        asked = in_turn(self.desk, self.asking.caller(interaction), act, papers)
        await respond(interaction, self.desk, asked)


def items(pressing: Pressing) -> tuple[type[ui.DynamicItem[Any]], ...]:
    """The classes that discord.py looks among for the id of what was pressed."""

    class Keep(ui.DynamicItem[ui.Button[Any]], template=_either(controls.SAVE, controls.UNSAVE)):
        @classmethod
        async def from_custom_id(cls, _i: Any, item: ui.Item[Any], _m: Any, /) -> Self:
            return cls(item)  # type: ignore[arg-type]  # the template is a button's

        async def callback(self, interaction: Interaction) -> None:
            act, number = self.custom_id.split(":")[1:]
            await pressing.keep(interaction, int(number), added=act == "save")

    class Show(ui.DynamicItem[ui.Button[Any]], template=controls.SHOW):
        @classmethod
        async def from_custom_id(cls, _i: Any, item: ui.Item[Any], _m: Any, /) -> Self:
            return cls(item)  # type: ignore[arg-type]

        async def callback(self, interaction: Interaction) -> None:
            await pressing.show(interaction, self.custom_id.removeprefix("p:show:"))

    class Turn(ui.DynamicItem[ui.Button[Any]], template=controls.PAGE):
        @classmethod
        async def from_custom_id(cls, _i: Any, item: ui.Item[Any], _m: Any, /) -> Self:
            return cls(item)  # type: ignore[arg-type]

        async def callback(self, interaction: Interaction) -> None:
            await pressing.turn(interaction, self.custom_id.removeprefix("p:page:"))

    class Pick(ui.DynamicItem[ui.Select[Any]], template=controls.PICK):
        @classmethod
        async def from_custom_id(cls, _i: Any, item: ui.Item[Any], _m: Any, /) -> Self:
            return cls(item)  # type: ignore[arg-type]

        async def callback(self, interaction: Interaction) -> None:
            act = self.custom_id.removeprefix("p:pick:")
            await pressing.pick(interaction, act, self.item.values)

    return Keep, Show, Turn, Pick


def _either(*patterns: re.Pattern[str]) -> re.Pattern[str]:
    plain = (re.sub(r"\?P<\w+>", "", pattern.pattern) for pattern in patterns)
    return re.compile("|".join(plain), re.ASCII)
