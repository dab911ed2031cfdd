"""The bot is killed a thousand times, and afterwards every paper has to stand just once where it was ordered.

`paperbot run` on a real database, against a Discord, a Slack and a Hugging Face on loopback which fail in every
way they can; SIGKILL at a random instant of each of its lives. A round is fifty lives on one database and one more
in peace, after which all channels are counted. The schedule of faults follows from the seed; which of them meets
which message depends on the machine. Exits with 1 when anything was lost or doubled.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks.machine import machine
from tests.support.lab import laboratory, round_of
from tests.support.lab_databases import ground
from tests.support.lab_tally import Tally

ROUND = 50


async def one(folder: Path, number: int, kills: int, options: argparse.Namespace) -> Tally:
    """One round, on a database of its own; what came of it."""
    tally, seed = Tally(), f"{options.seed}/{number}"
    platforms = ("discord", "slack") if options.platform == "both" else (options.platform,)
    folder = folder / f"round-{number}"
    folder.mkdir()
    with ground(folder, options.database) as database:
        async with laboratory(folder, seed, platforms, tally, database) as lab:
            await round_of(lab, kills)
    return tally


async def run(folder: Path, options: argparse.Namespace) -> Tally:
    """All rounds; a line for each."""
    whole, number = Tally(), options.first
    while whole.kills < options.kills:
        begun = time.perf_counter()
        tally = await one(folder, number, min(ROUND, options.kills - whole.kills), options)
        whole.add(tally)
        print(
            f"round {number}: {tally.kills} kills, {tally.faults.total()} faults, "
            f"{tally.messages.total()} messages, {tally.lost.total()} lost, "
            f"{tally.doubled.total()} doubled, {time.perf_counter() - begun:.0f} s",
            flush=True,
        )
        for complaint in tally.complaints:
            print(f"  {complaint}", flush=True)
        number += 1
    return whole


def report(tally: Tally, minutes: float, options: argparse.Namespace) -> None:
    """The table."""
    print(f"\nseed {options.seed}, {minutes:.1f} minutes, {machine()}")
    print(f"kills {tally.kills}, with {tally.orphans} requests under way")
    print(f"lives that ended by themselves {tally.ends.total()}: {_listed(tally.ends) or '-'}")
    print(f"faults {tally.faults.total()}: {_listed(tally.faults)}")
    print(f"{'':12}{'messages':>10}{'papers':>10}{'reactions':>11}{'lost':>7}{'doubled':>9}")
    for name in sorted(tally.messages):
        reactions = tally.reactions[name]
        print(
            f"{name:12}{tally.messages[name]:>10}{tally.papers[name]:>10}{reactions:>11}"
            f"{tally.lost[name]:>7}{tally.doubled[name]:>9}"
        )
    print(f"{'saves':43}{tally.lost['saves']:>7}{tally.doubled['saves']:>9}")


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count} × {what}" for what, count in counts.most_common())


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--first", type=int, default=1, help="the round to begin with")
    parser.add_argument("--platform", choices=("both", "discord", "slack"), default="both")
    parser.add_argument(
        "--database",
        default="",
        help="a PostgreSQL URL whose user may create databases; files if left out",
    )
    parser.add_argument("--keep", type=Path, help="a folder for databases and logs")
    options = parser.parse_args()
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="crash-lab-") as name:
        tally = asyncio.run(run(options.keep or Path(name), options))
    report(tally, (time.perf_counter() - begun) / 60, options)
    sys.exit(not tally.clean)


if __name__ == "__main__":
    main()
