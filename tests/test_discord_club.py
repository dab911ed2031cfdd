"""A journal club by buttons and emoji on Discord."""

from pathlib import Path

from simcord.actors import MemberActor

from bot.domain.people import Person
from tests.support.discord import PAPERS, World, ids, words, world

PAPER = PAPERS[3]
CLUB = "paper team club"


async def votes(w: World, who: MemberActor) -> tuple[int, bool]:
    """How many the first of the ranking has, and whether theirs is among them."""
    (one,) = await w.storage.club.ranking(w.channel, Person("discord", str(who.id)))
    return one.votes, one.mine


async def test_a_card_nominates_for_everybody_to_see(tmp_path: Path) -> None:
    """The card is one person's, the nomination the channel's; once is enough."""
    async with world(tmp_path) as w:
        card = await w.bob.slash(w.papers, "paper show", paper=PAPER.id)
        assert card.ephemeral
        assert card.response
        button = f"p:nominate:{PAPER.id}"
        assert button in ids(card.response)
        done = await w.bob.click(card.response, custom_id=button)
        assert not done.ephemeral
        assert "bob nominated it" in words(done.response)
        again = await w.bob.click(card.response, custom_id=button)
        assert again.ephemeral
        assert "It is nominated already" in words(again.response)


async def test_votes_by_button_and_emoji(tmp_path: Path) -> None:
    """Each is one person's; a button takes the vote back that it gave, an emoji what it did."""
    async with world(tmp_path) as w:
        done = await w.bob.slash(w.papers, CLUB, action="nominate", paper=PAPER.id)
        asking = done.response
        assert asking
        vote = f"p:vote:{PAPER.id}"
        voted = await w.ann.click(asking, custom_id=vote)
        assert voted.ephemeral
        assert "Your vote counts: Robots that fold laundry (1 vote)" in words(voted.response)
        for emoji in ("🗳️", "👍"):
            await w.bob.react(asking, emoji)
        assert await votes(w, w.bob) == (2, True)
        await w.bob.unreact(asking, "👍")
        assert await votes(w, w.bob) == (2, True)
        await w.bob.unreact(asking, "🗳️")
        assert await votes(w, w.bob) == (1, False)
        await w.restart()
        assert "taken back" in words((await w.ann.click(asking, custom_id=vote)).response)


async def test_votes_that_came_while_we_were_away_count(tmp_path: Path) -> None:
    """Those that were taken back do not."""
    async with world(tmp_path) as w:
        done = await w.bob.slash(w.papers, CLUB, action="nominate", paper=PAPER.id)
        asking = done.response
        assert asking
        await w.ann.react(asking, "🗳️")
        await w.client.close()
        await w.ann.unreact(asking, "🗳️")
        await w.bob.react(asking, "🗳️")
        await w.restart()
        assert await votes(w, w.ann) == (1, False)
        assert await votes(w, w.bob) == (1, True)


async def test_only_those_who_manage_the_server_pick(tmp_path: Path) -> None:
    """Bob does not; he may nominate and vote."""
    async with world(tmp_path) as w:
        when = {"on": "tomorrow", "at": "16:00", "tz": "Europe/Berlin"}
        options = {"action": "pick", "paper": PAPER.id, **when}
        refused = await w.bob.slash(w.papers, CLUB, **options)
        assert "Only people who may manage this channel" in words(refused.response)
        picked = await w.ann.slash(w.papers, CLUB, **options)
        assert picked.ephemeral
        assert f"Picked: {PAPER.title}. You meet <t:" in words(picked.response)
