"""Buttons and menus: what they do, for whom, and that they do it for messages of an earlier process."""

from pathlib import Path

from bot.domain.people import Message
from tests.support.discord import PAPERS, ids, words, world


async def test_a_menu_saves_several_papers_at_once(tmp_path: Path) -> None:
    """Privately, with one line for each."""
    async with world(tmp_path) as w:
        digest = await w.posts(*PAPERS)
        chosen = [f"{n}:{PAPERS[n - 1].id}" for n in (1, 3)]
        result = await w.bob.select(digest, chosen, custom_id="p:pick:save")
        assert result.ephemeral
        assert "A survey of surveys" in words(result.response)
        assert await w.saved(w.bob) == {"CLIP sees everything", "A survey of surveys"}
        assert await w.saved(w.ann) == set()


async def test_a_menu_opens_a_paper(tmp_path: Path) -> None:
    """All about it, for the one who asked."""
    async with world(tmp_path) as w:
        digest = await w.posts(*PAPERS)
        result = await w.bob.select(digest, [f"2:{PAPERS[1].id}"], custom_id="p:pick:show")
        assert result.ephemeral
        assert "Attention to diffusion explained" in words(result.response)


async def test_controls_outlive_the_process_that_made_them(tmp_path: Path) -> None:
    """Everything that a button must know is in its id and in the database."""
    async with world(tmp_path) as w:
        digest = await w.posts(*PAPERS)
        card = await w.bob.slash(w.papers, "paper show", paper=PAPERS[4].id)
        await w.restart()
        await w.bob.select(digest, [f"2:{PAPERS[1].id}"], custom_id="p:pick:save")
        assert card.response
        await w.bob.click(card.response, custom_id="p:save:1")
        assert await w.saved(w.bob) == {"Attention to diffusion", "Speech without words"}


async def test_a_button_saves_by_number(tmp_path: Path) -> None:
    """The number is that of the message it stands below, not of any list shown since."""
    async with world(tmp_path) as w:
        card = await w.bob.slash(w.papers, "paper show", paper=PAPERS[3].id)
        await w.bob.slash(w.papers, "paper today")
        assert card.response
        assert "p:save:1" in ids(card.response)
        result = await w.bob.click(card.response, custom_id="p:save:1")
        assert "Saved: Robots" in words(result.response)
        again = await w.bob.click(card.response, custom_id="p:save:1")
        assert "already" in words(again.response)
        assert await w.saved(w.bob) == {"Robots that fold laundry"}


async def test_pages_are_turned_in_place(tmp_path: Path) -> None:
    """A private list is replaced by its next page, and its numbers are those of that page."""
    async with world(tmp_path) as w:
        listed = await w.bob.slash(w.papers, "paper today", limit=2)
        message = listed.response
        assert message
        (forth,) = [id for id in ids(message) if id.startswith("p:page:")]
        await w.bob.click(message, custom_id=forth)
        assert "A survey of surveys" in words(message)
        assert "CLIP" not in words(message)
        assert len([id for id in ids(message) if id.startswith("p:page:")]) == 2
        shown = await w.storage.library.shown(Message(w.channel, str(message.id)))
        assert shown
        assert shown.papers == {3: PAPERS[2].id, 4: PAPERS[3].id}


async def test_a_saved_paper_s_details_offer_to_take_it_off(tmp_path: Path) -> None:
    """However it was saved; and a paper that nobody saved offers no such thing."""
    async with world(tmp_path) as w:
        fresh = await w.bob.slash(w.papers, "paper show", paper=PAPERS[0].id)
        assert not [id for id in ids(fresh.response) if id.startswith("p:unsave:")]
        await w.bob.slash(w.papers, "paper save", paper=PAPERS[0].id)
        shown = await w.bob.slash(w.papers, "paper show", paper=PAPERS[0].id)
        assert shown.response
        result = await w.bob.click(shown.response, custom_id=f"p:unsave:{PAPERS[0].id}")
        assert "No longer saved" in words(result.response)
        assert await w.saved(w.bob) == set()


async def test_a_page_that_is_gone_leaves_the_list_as_it_is(tmp_path: Path) -> None:
    """What is wrong is told beside it."""
    async with world(tmp_path) as w:
        for paper in PAPERS[:2]:
            await w.bob.slash(w.papers, "paper save", paper=paper.id)
        listed = await w.bob.slash(w.papers, "paper saved", limit=1)
        message = listed.response
        assert message
        (forth,) = [id for id in ids(message) if id.startswith("p:page:")]
        await w.bob.slash(w.papers, "paper unsave", paper=PAPERS[0].id)
        result = await w.bob.click(message, custom_id=forth)
        assert "There is no page 2" in words(result.followups[0])
        assert "Your saved papers" in words(message)


async def test_a_button_on_a_message_nobody_remembers_says_what_to_do(tmp_path: Path) -> None:
    """The database may be a new one; the message is an old one."""
    async with world(tmp_path) as w:
        card = await w.bob.slash(w.papers, "paper show", paper=PAPERS[0].id)
        message = card.response
        assert message
        shown = await w.storage.library.shown(Message(w.channel, str(message.id)))
        assert shown
        shown.papers.clear()
        await w.storage.library.remember(shown)
        result = await w.bob.click(message, custom_id="p:save:1")
        assert "no longer know" in words(result.response)


async def test_a_burst_loses_nobody(tmp_path: Path) -> None:
    """Eight people press at once; each has their own paper saved."""
    async with world(tmp_path) as w:
        digest = await w.posts(*PAPERS)
        people = [w.guild.add_member(w.env.create_user(f"p{n}")) for n in range(8)]
        for person in people:
            await person.select(digest, [f"2:{PAPERS[1].id}"], custom_id="p:pick:save")
        savers = await w.storage.library.savers(w.channel.workspace, [PAPERS[1].id])
        assert len(savers[PAPERS[1].id]) == 8
