"""The setup form at work: what each of its menus and buttons does."""

from typing import Any, Self

import discord
from discord import ui

from adapters.discord.addresses import Interaction
from adapters.discord.answers import error, respond
from adapters.discord.asking import Asking, at_once, hindrance
from adapters.discord.setup import BUTTON, FIELD, Form, panel, settled
from bot.domain.ports import Desk
from bot.domain.posts import Reply

NOT_YOURS = error(
    "Setting up a channel takes the right to manage this server.",
    "Ask somebody who has Manage Server; you can read with /paper today all the same.",
)


class SettingUp:
    """One channel, one form; nothing is kept but what its controls carry."""

    def __init__(self, desk: Desk, asking: Asking) -> None:
        self._desk = desk
        self._asking = asking

    async def allowed(self, interaction: Interaction) -> bool:
        """Whether this person may; says so if not."""
        if self._asking.caller(interaction).admin:
            return True
        await respond(interaction, self._desk, at_once(NOT_YOURS))
        return False

    async def start(self, interaction: Interaction) -> None:
        """Open the form, unless we could not post here anyway."""
        if refusal := hindrance(interaction):
            await respond(interaction, self._desk, at_once(refusal))
            return
        form = Form.for_locale(str(interaction.locale))
        await interaction.response.send_message(view=panel(form), ephemeral=True)

    async def choose(self, interaction: Interaction, form: Form, note: str = "") -> None:
        """Show the form with what has been chosen."""
        await interaction.response.edit_message(view=panel(form, note))

    async def zone(self, interaction: Interaction, form: Form) -> None:
        """Ask for a time zone in words."""
        await interaction.response.send_modal(_Zone(self, form))

    async def zone_typed(self, interaction: Interaction, form: Form, typed: str) -> None:
        """Take the likeliest zone of those that begin so."""
        caller = self._asking.caller(interaction)
        typed = " ".join(typed.replace('"', " ").split())
        found = await self._desk.suggest(caller, f'subscribe tz:"{typed}')
        zones = [zone.removeprefix("tz:").strip('"') for zone in found if zone.startswith("tz:")]
        if not zones:
            note = f"There is no time zone “{typed}”; write a city, such as Berlin or New York."
            await self.choose(interaction, form, note)
            return
        city = typed.lower().replace(" ", "_")
        exact = [zone for zone in zones if zone.lower().rpartition("/")[2] == city]
        await self.choose(interaction, form.chosen("tz", (exact or zones)[0]))

    async def preview(self, interaction: Interaction, form: Form) -> None:
        """What the channel would get, for this person only."""
        options = {"id": form.edition, **form.options}
        asked = self._desk.call(self._asking.caller(interaction), "preview", options)
        await respond(interaction, self._desk, asked)

    async def confirm(self, interaction: Interaction, form: Form) -> None:
        """Subscribe the channel, and tell it so."""
        if refusal := hindrance(interaction):
            await respond(interaction, self._desk, at_once(refusal))
            return
        options = {"edition": form.edition, **form.options}
        reply = await self._desk.call(self._asking.caller(interaction), "subscribe", options)
        if reply.private:
            await respond(interaction, self._desk, at_once(reply))
            return
        await interaction.response.edit_message(view=settled())
        await self._tell(interaction, reply)

    async def _tell(self, interaction: Interaction, reply: Reply) -> None:
        from adapters.discord.render import render

        for post in reply.posts:
            await interaction.followup.send(**render(post).arguments())


class _Zone(ui.Modal):
    """A city, in words."""

    def __init__(self, setting_up: SettingUp, form: Form) -> None:
        super().__init__(title="Another time zone")
        self._setting_up = setting_up
        self._form = form
        self.city: ui.TextInput[Any] = ui.TextInput(
            custom_id="city", placeholder="Zurich", max_length=50
        )
        self.add_item(ui.Label(text="City or zone", component=self.city))

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        await self._setting_up.zone_typed(interaction, self._form, self.city.value)


def items(setting_up: SettingUp) -> tuple[type[ui.DynamicItem[Any]], ...]:
    """The classes that discord.py looks among for the id of what was pressed."""

    class Choose(ui.DynamicItem[ui.Select[Any]], template=FIELD):
        @classmethod
        async def from_custom_id(cls, _i: Any, item: ui.Item[Any], _m: Any, /) -> Self:
            return cls(item)  # type: ignore[arg-type]  # the template is a menu's

        async def callback(self, interaction: Interaction) -> None:
            match = FIELD.fullmatch(self.custom_id)
            if match and await setting_up.allowed(interaction):
                form = Form.parse(match["form"]).chosen(match["field"], self.item.values[0])
                await setting_up.choose(interaction, form)

    class Press(ui.DynamicItem[ui.Button[Any]], template=BUTTON):
        @classmethod
        async def from_custom_id(cls, _i: Any, item: ui.Item[Any], _m: Any, /) -> Self:
            return cls(item)  # type: ignore[arg-type]

        async def callback(self, interaction: Interaction) -> None:
            match = BUTTON.fullmatch(self.custom_id)
            if not match or not await setting_up.allowed(interaction):
                return
            form = Form.parse(match["form"]) if match["form"] else Form()
            acts = {
                "zone": setting_up.zone,
                "preview": setting_up.preview,
                "confirm": setting_up.confirm,
            }
            if match["act"] == "start":
                await setting_up.start(interaction)
            else:
                await acts[match["act"]](interaction, form)

    return Choose, Press
