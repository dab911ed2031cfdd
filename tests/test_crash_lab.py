"""Killed at random instants, on bad networks and a bad database, the bot loses and doubles nothing."""

import sys
from pathlib import Path

import pytest

from tests.support.lab import laboratory, round_of
from tests.support.lab_databases import ground
from tests.support.lab_tally import Tally

KILLS = 6
"""Of a thousand in `python -m benchmarks.crash_lab`."""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL and no fork")
async def test_kills_at_random_instants_lose_and_double_nothing(tmp_path: Path) -> None:
    """SIGKILL after some tenths of a second, again and again; then every paper stands where it was ordered, once."""
    tally = Tally()
    with ground(tmp_path) as database:
        async with laboratory(tmp_path, "7", ("discord", "slack"), tally, database) as lab:
            await round_of(lab, KILLS, calm=40.0)
    assert tally.complaints == [], (tmp_path / "paperbot.log").read_text()[-5_000:]
    assert tally.clean
    assert tally.kills + tally.ends.total() == KILLS
    assert tally.messages["discord"]
    assert tally.messages["slack"]
