"""Buttons and menus below our messages. All they need to know is in their ids, so they outlive restarts."""

import re
from collections.abc import Callable, Coroutine
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

    async def keep(self, interaction: Interaction, number: int) -> None:
        """Save the paper with this number in the message."""
        await respond(interaction, self.desk, self._kept(interaction, number))

    async def drop(self, interaction: Interaction, paper: str) -> None:
        """Take a paper off the saved ones, however it came there."""
        asked = self.desk.call(self.asking.caller(interaction), "unsave", {"paper": paper})
        await respond(interaction, self.desk, asked)

    async def _kept(self, interaction: Interaction, number: int) -> Reply:
        where = message(interaction)
        if where is None:
            return FORGOTTEN
        asks = self.asking.caller(interaction)
        reaction = Reaction(message=where, person=asks.person, emoji=POINTED, position=number)
        return await self.desk.react(reaction) or FORGOTTEN

    async def show(self, interaction: Interaction, paper: str) -> None:
        """All about a paper."""
        asked = self.desk.call(self.asking.caller(interaction), "show", {"paper": paper})
        await respond(interaction, self.desk, asked)

    async def similar(self, interaction: Interaction, paper: str) -> None:
        """Papers like this one."""
        asked = self.desk.call(self.asking.caller(interaction), "similar", {"paper": paper})
        await respond(interaction, self.desk, asked)

    async def club(self, interaction: Interaction, act: str, paper: str) -> None:
        """Nominate a paper, which everybody sees, or vote for it."""
        options = {"action": act, "paper": paper}
        asked = self.desk.call(self.asking.caller(interaction), "club", options)
        await respond(interaction, self.desk, asked, private=act != "nominate")

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
        """Save the chosen papers, show the chosen one, or what is like it."""
        papers: list[PaperId] = [known[1] for value in values if (known := controls.picked(value))]
        asked = in_turn(self.desk, self.asking.caller(interaction), act, papers)
        await respond(interaction, self.desk, asked)


def items(pressing: Pressing) -> tuple[type[ui.DynamicItem[Any]], ...]:
    """The classes that discord.py looks among for the id of what was pressed."""
    return (
        _item(controls.SAVE, lambda it, i: pressing.keep(i, int(_rest(it)))),
        _item(controls.UNSAVE, lambda it, i: pressing.drop(i, _rest(it))),
        _item(controls.SHOW, lambda it, i: pressing.show(i, _rest(it))),
        _item(controls.SIMILAR, lambda it, i: pressing.similar(i, _rest(it))),
        _item(controls.CLUB, lambda it, i: pressing.club(i, it.custom_id.split(":")[1], _rest(it))),
        _item(controls.PAGE, lambda it, i: pressing.turn(i, _rest(it))),
        _item(controls.PICK, lambda it, i: pressing.pick(i, _rest(it), it.item.values)),
    )


Act = Callable[[ui.DynamicItem[Any], Interaction], Coroutine[Any, Any, None]]


def _item(template: re.Pattern[str], act: Act) -> type[ui.DynamicItem[Any]]:
    """A class of controls whose ids look like `template`."""

    class Control(ui.DynamicItem[ui.Item[Any]], template=template):
        @classmethod
        async def from_custom_id(cls, _i: Any, item: ui.Item[Any], _m: Any, /) -> Self:
            return cls(item)

        async def callback(self, interaction: Interaction) -> None:
            await act(self, interaction)

    return Control


def _rest(item: ui.DynamicItem[Any]) -> str:
    """What an id says after `p:save:` and the like."""
    return item.custom_id.split(":", 2)[2]
