"""Rounds through what was missed: one of those who want one at the same time makes it for all."""

import asyncio

from adapters.slack.rounds import Rounds
from tests.support.storage import Place, temporary_storage


async def test_of_three_who_want_a_round_together_the_last_need_not_make_it(
    server: Place,
) -> None:
    """The first one's round began before the others' wish; the second one's serves the third as well."""
    async with temporary_storage(server) as storage:
        rounds = {name: Rounds(storage.leases, name, "slack/x", beat=0.02) for name in "abc"}
        made: list[str] = []
        begun = asyncio.Event()

        async def wish(name: str) -> None:
            async with rounds[name].ours() as ours:
                begun.set()
                await asyncio.sleep(0.1)
                made.extend(name if ours else "")

        first = asyncio.create_task(wish("a"))
        await begun.wait()
        await asyncio.gather(wish("b"), wish("c"), first)
        assert len(made) == 2
        assert made[0] == "a"
        await wish("a")
        assert len(made) == 3, "a wish that comes later is not served by what was read before"


async def test_a_round_that_failed_has_served_nobody(server: Place) -> None:
    """Whoever waited for it makes one."""
    async with temporary_storage(server) as storage:
        rounds = {name: Rounds(storage.leases, name, "slack/x", beat=0.02) for name in "ab"}
        begun = asyncio.Event()

        async def fail() -> None:
            async with rounds["a"].ours() as ours:
                assert ours
                begun.set()
                await asyncio.sleep(0.05)
                raise OSError

        failing = asyncio.create_task(fail())
        await begun.wait()
        async with rounds["b"].ours() as ours:
            assert ours
        assert isinstance((await asyncio.gather(failing, return_exceptions=True))[0], OSError)
