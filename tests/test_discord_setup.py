"""From the invitation to a subscribed channel: a welcome, one button, a short form, done."""

from pathlib import Path
from zoneinfo import ZoneInfo

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.invite import invitation, wanted
from adapters.discord.setup import BUTTON, EDITIONS, FIELD, TOPS, ZONES, Form, panel
from tests.support.discord import World, ids, words, world


async def opened(w: World) -> object:
    """The form, as Ann sees it after pressing the button of the welcome message."""
    await w.invited()
    welcome = w.last()
    assert "day's papers" in words(welcome)
    result = await w.ann.click(welcome, custom_id="p:setup:start")
    assert result.ephemeral
    return result.response


def control(form: object, name: str) -> str:
    (found,) = [id for id in ids(form) if id.startswith(f"p:setup:{name}:")]
    return found


async def test_a_server_is_greeted_with_one_button(tmp_path: Path) -> None:
    """It opens a form that proposes something sensible."""
    async with world(tmp_path) as w:
        form = await opened(w)
        assert "Every day** at **09:00**" in words(form)
        assert "best **10**" in words(form)


async def test_each_choice_shows_at_once_and_none_is_forgotten(tmp_path: Path) -> None:
    """All that was chosen travels in the ids of the controls, over a restart too."""
    async with world(tmp_path) as w:
        form = await opened(w)
        await w.ann.select(form, ["weekly"], custom_id=control(form, "edition"))
        await w.ann.select(form, ["07:00"], custom_id=control(form, "at"))
        await w.restart()
        await w.ann.select(form, ["Asia/Tokyo"], custom_id=control(form, "tz"))
        await w.ann.select(form, ["5"], custom_id=control(form, "top"))
        assert control(form, "confirm").endswith(":weekly|07:00|Asia/Tokyo|5")
        await w.ann.click(form, custom_id=control(form, "confirm"))
        (order,) = await w.subscriptions()
        assert order.edition == "weekly"
        assert (str(order.terms.at), order.terms.tz, order.terms.top) == (
            "07:00:00",
            "Asia/Tokyo",
            5,
        )
        assert "Done" in words(form)
        assert "ann subscribed this channel" in words(w.last())


async def test_a_preview_is_shown_to_the_one_who_sets_up(tmp_path: Path) -> None:
    """The channel sees nothing of it."""
    async with world(tmp_path) as w:
        form = await opened(w)
        await w.ann.select(form, ["live"], custom_id=control(form, "edition"))
        result = await w.ann.click(form, custom_id=control(form, "preview"))
        assert result.ephemeral
        assert "Nothing was posted" in words(result.response)
        assert "CLIP sees everything" in words(result.followups[0])
        assert await w.subscriptions() == []


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("zurich", "Europe/Zurich"), ("new york", "America/New_York"), ("Atlantis", "Atlantis")],
)
async def test_any_time_zone_can_be_typed(tmp_path: Path, typed: str, expected: str) -> None:
    """By its city; one that does not exist is told, and nothing that was chosen is lost."""
    async with world(tmp_path) as w:
        form = await opened(w)
        await w.ann.select(form, ["20"], custom_id=control(form, "top"))
        modal = await w.ann.click(form, custom_id=control(form, "zone"))
        await w.ann.submit_modal(modal, {"city": typed})
        assert expected in words(form)
        assert control(form, "confirm").endswith("|20")


async def test_only_those_who_manage_the_server_set_it_up(tmp_path: Path) -> None:
    """The others are told whom to ask."""
    async with world(tmp_path) as w:
        await opened(w)
        (welcome,) = w.papers.history(viewer=w.bob)
        result = await w.bob.click(welcome, custom_id="p:setup:start")
        assert "Manage Server" in words(result.response)
        assert result.ephemeral


async def test_where_we_may_not_post_setting_up_says_so_first(tmp_path: Path) -> None:
    """Before anybody fills in a form for nothing."""
    async with world(tmp_path) as w:
        await w.invited()
        welcome = w.last()
        me = w.guild.me
        assert me
        stored = w.env.backend.get_channel(w.papers.id)
        denied = w.guild.create_text_channel(
            "model", overwrites={me: discord.PermissionOverwrite(embed_links=False)}
        )
        stored.overwrites = w.env.backend.get_channel(denied.id).overwrites
        result = await w.ann.click(welcome, custom_id="p:setup:start")
        assert "Embed Links" in words(result.response)


async def test_the_same_order_twice_is_refused_and_the_form_stays(tmp_path: Path) -> None:
    """The reason is told beside it."""
    async with world(tmp_path) as w:
        form = await opened(w)
        await w.ann.click(form, custom_id=control(form, "confirm"))
        welcome = w.papers.history(viewer=w.bob)[0]
        form = (await w.ann.click(welcome, custom_id="p:setup:start")).response
        told = await w.ann.click(form, custom_id=control(form, "confirm"))
        assert "has that already" in words(told.response)
        assert len(await w.subscriptions()) == 1
        assert control(form, "confirm")


@given(
    st.builds(
        Form,
        edition=st.sampled_from(list(EDITIONS)),
        at=st.times().map(lambda time: f"{time:%H:%M}"),
        tz=st.sampled_from([*ZONES, "America/Argentina/ComodRivadavia"]),
        top=st.sampled_from([*map(str, TOPS), "50"]),
    )
)
def test_every_form_fits_in_its_controls(form: Form) -> None:
    """Ids of at most 100 characters that read back the same, menus of at most 25 options."""
    view = panel(form)
    controls = [item for item in view.walk_children() if hasattr(item, "custom_id")]
    assert len(list(view.walk_children())) <= 40
    for item in controls:
        id = item.custom_id  # type: ignore[attr-defined]
        match = FIELD.fullmatch(id) or BUTTON.fullmatch(id)
        assert match
        assert len(id) <= 100
        assert Form.parse(match["form"]) == form
        if isinstance(item, discord.ui.Select):
            assert 1 <= len(item.options) <= 25


def test_the_zones_of_the_form_exist() -> None:
    """And the proposals for each language are among them."""
    assert all(ZoneInfo(zone) for zone in ZONES)
    assert Form.for_locale("de").tz == "Europe/Berlin"
    assert Form.for_locale("xx").tz == "UTC"
    assert {Form.for_locale(str(locale)).tz for locale in discord.Locale} <= set(ZONES)


def test_the_invitation_asks_for_no_more_than_it_explains() -> None:
    """Neither administrator nor managing anything."""
    permissions = discord.Permissions(int(invitation(42).split("permissions=")[1].split("&")[0]))
    asked = {name for name, granted in permissions if granted}
    assert permissions == discord.Permissions(**{need.flag: True for need in wanted()})
    assert not asked & {"administrator", "manage_messages", "manage_guild", "mention_everyone"}
    assert all(need.why for need in wanted())
    assert "client_id=42" in invitation(42)
