"""What befalls the requests of one life of the bot: drawn from a seed, told to both stand-ins in their own words."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.support.discord_state import Trouble
from tests.support.slack_faults import Fault, Faults

CUT_BEFORE, LOST, BROKEN, HALF, LIMITED = (
    "reset",
    "lost answer",
    "error 500",
    "error 500, but done",
    "429",
)
POSTING: Mapping[str, Mapping[str, float]] = {
    "fair": {},
    "patchy": {CUT_BEFORE: 0.06, LOST: 0.08, BROKEN: 0.03, HALF: 0.03, LIMITED: 0.05},
    "deaf": {LOST: 0.6},
    "storm": {LIMITED: 0.9},
    "ruin": {CUT_BEFORE: 0.2, BROKEN: 0.3, HALF: 0.2},
    "blind": {LOST: 0.1},
}
"""Kinds of weather: how likely each fault is for a post."""
ASKING: Mapping[str, Mapping[str, float]] = {
    "patchy": {CUT_BEFORE: 0.03, BROKEN: 0.03, LIMITED: 0.02},
    "blind": {CUT_BEFORE: 0.2, BROKEN: 0.2, LIMITED: 0.2},
}
"""And for a question, by which the bot finds out what has arrived."""
LIKELY = {"fair": 6, "patchy": 6, "deaf": 3, "storm": 2, "ruin": 2, "blind": 2}
"""How often each kind comes."""
LATENCY = 0.25
"""Seconds at most until a post is carried out, and again until it is answered."""
ASKED = {
    "conversations.history",
    "conversations.replies",
    "conversations.info",
    "reactions.get",
    "users.conversations",
    "users.info",
}


@dataclass
class Weather:
    """One life's; `faults` counts what happened, `begun` is called at each post."""

    random: Random = field(default_factory=lambda: Random(0))
    kind: str = "fair"
    faults: Counter[str] = field(default_factory=Counter)
    posts: int = 0
    latency: float = LATENCY

    def turn(self, random: Random, kind: str) -> None:
        """From now on it is so."""
        self.random, self.kind, self.posts = random, kind, 0

    def drawn(self, chances: Mapping[str, float]) -> str:
        dice = self.random.random()
        for fault, likely in chances.items():
            dice -= likely
            if dice < 0:
                self.faults[fault] += 1
                return fault
        return ""

    def times(self) -> tuple[float, float]:
        """Seconds before and after the deed; mostly short."""
        return tuple(self.latency * self.random.random() ** 2 for _ in range(2))  # type: ignore[return-value]

    # --- in Discord's words

    def discord(self, method: str, path: str) -> Trouble | None:
        """The trouble of one request; only what is about messages has any."""
        if "/channels/" not in path:
            return None
        if method == "GET":
            return self._trouble(self.drawn(ASKING.get(self.kind, {})), method, path)
        self.posts += 1
        before, after = self.times()
        trouble = self._trouble(self.drawn(POSTING[self.kind]), method, path)
        trouble.wait, trouble.linger = before, after
        return trouble

    def _trouble(self, fault: str, method: str, path: str) -> Trouble:
        if fault == LIMITED:
            seconds = self.random.choice((0.3, 0.7, 1.5))
            slow = {
                "message": "You are being rate limited.",
                "retry_after": seconds,
                "global": False,
            }
            headers = {"Via": "1.1 google", "Retry-After": "2", "X-RateLimit-Scope": "user"}
            return Trouble(method, path, status=429, body=slow, headers=headers)
        cut = {CUT_BEFORE: "before", LOST: "after"}.get(fault, "")
        status = 500 if fault in (BROKEN, HALF) else 0
        return Trouble(method, path, cut=cut, status=status, done=fault == HALF)

    # --- in Slack's words

    def slack(self, method: str) -> tuple[float, Fault | None]:
        """The delay and the fault of one call."""
        if method in ASKED:
            return 0.0, self._fault(self.drawn(ASKING.get(self.kind, {})), method)
        if method != "chat.postMessage":
            return 0.0, None
        self.posts += 1
        before, after = self.times()
        fault = self._fault(self.drawn(POSTING[self.kind]), method)
        fault.linger = after
        return before, fault

    def _fault(self, fault: str, method: str) -> Fault:
        if fault == LIMITED:
            return Fault(method, status=429, retry_after=1)
        if fault in (CUT_BEFORE, LOST):
            return Fault(method, lost=True, stored=fault == LOST)
        if fault in (BROKEN, HALF):
            said = self.random.choice(({"status": 500}, {"error": "internal_error"}))
            return Fault(method, done=fault == HALF, **said)
        return Fault(method)


class SlackWeather(Faults):
    """In place of faults that are lined up."""

    def __init__(self, weather: Weather) -> None:
        super().__init__()
        self._weather = weather

    def next(
        self, method: str, team: str, args: Mapping[str, Any], now: float
    ) -> tuple[float, Fault | None]:
        del team, args, now
        return self._weather.slack(method)
