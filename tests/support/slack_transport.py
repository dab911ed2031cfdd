"""What both transports of the stand-in have in common: an envelope out, an ack back."""

from dataclasses import dataclass, field
from typing import Any, Protocol


class Undeliverable(Exception):
    """Nobody is there to hear it: people read "dispatch_failed"."""


@dataclass(frozen=True)
class Signed:
    """A request as it was made over HTTP."""

    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True)
class Ack:
    """How the app acknowledged: after how many seconds, and what it said with it."""

    after: float
    body: Any = None
    status: int = 200
    request: Signed | None = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Envelope:
    """Something for the app; kind is slash_commands, interactive or events_api."""

    id: str
    kind: str
    payload: dict[str, Any]
    attempt: int = 0
    reason: str = ""


class Transport(Protocol):
    """Socket Mode or HTTP."""

    async def deliver(self, envelope: Envelope, within: float) -> Ack:
        """Raises Undeliverable, TimeoutError."""
        ...
