"""What one life of the bot is to suffer, drawn from a seed."""

from dataclasses import dataclass, replace
from random import Random
from typing import Self

from tests.support.huggingface import FakeHub
from tests.support.lab_weather import LIKELY

HUB = ("reset", "500", "limited", "half")


@dataclass(frozen=True, kw_only=True)
class Fate:
    """One life's."""

    weather: str = "fair"
    early: bool = False
    """Whether it dies before it is sure to have posted: while it starts, asks or plans."""
    after: float = 0.3
    """Seconds to live, from the first post or from birth."""
    locked: float = 0.0
    """Seconds for which the database is not to be had."""
    full: float = 0.0
    """Seconds for which files cannot grow."""
    begins: float = 0.0
    """Seconds from birth to that trouble."""
    hub: str = ""
    """What Hugging Face does."""
    long_down: bool = False
    """Whether minutes pass afterwards: Discord forgets nonces."""
    afresh: bool = False
    """Whether the whole program is loaded anew."""
    orders: int = 1

    @classmethod
    def drawn(cls, random: Random, number: int) -> Self:
        """The next one; the first is a short and clear one."""
        early = random.random() < 0.25
        patient = random.random() < 0.06
        dice = random.random()
        locked = random.uniform(0.2, 1.5) if dice < 0.12 else 0.0
        full = random.uniform(0.2, 1.0) if 0.12 <= dice < 0.18 else 0.0
        return cls(
            weather=random.choices(list(LIKELY), list(LIKELY.values()))[0],
            early=early,
            after=random.uniform(0, 0.5 if early else 4.0 if patient else 0.8),
            locked=locked,
            full=full,
            begins=random.uniform(0, 0.5),
            hub=random.choice(HUB) if random.random() < 0.12 else "",
            long_down=random.random() < 0.3,
            afresh=number % 20 == 19,
            orders=random.choice((1, 1, 2)),
        )

    def shortly(self, random: Random) -> Self:
        """The same for a life in which nothing is posted: it has just time to look around."""
        return replace(self, early=True, after=random.uniform(0.2, 3.0))

    def upset(self, hub: FakeHub) -> bool:
        """Hugging Face's part; whether there is one."""
        match self.hub:
            case "reset":
                hub.reset()
            case "500":
                hub.fail(500, 502)
            case "limited":
                hub.limit_rate(1)
            case "half":
                hub.truncate()
        return bool(self.hub)
