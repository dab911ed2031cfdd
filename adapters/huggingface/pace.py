"""Not asking more often than we are welcome to."""

import asyncio


class Pace:
    """At most `requests` in any `per` seconds: `burst` of them at once, the others evenly spread.

    The default stays under what an anonymous address may ask of the API, 500 requests in 5 minutes
    (huggingface.co/docs/hub/rate-limits, September 2025), and leaves some of it to its neighbours.
    """

    def __init__(self, requests: int = 480, per: float = 300.0, burst: int = 120) -> None:
        self._gap = per / max(requests - burst, 1)
        self._slack = self._gap * (burst - 1)
        self._next = float("-inf")

    def wait(self, now: float) -> float:
        """Take the next turn; how many seconds after `now` it is."""
        self._next = max(self._next, now - self._slack)
        turn = max(now, self._next)
        self._next += self._gap
        return max(turn - now, 0.0)

    async def turn(self) -> None:
        """Come back when it is our turn."""
        delay = self.wait(asyncio.get_running_loop().time())
        if delay > 0:
            await asyncio.sleep(delay)
