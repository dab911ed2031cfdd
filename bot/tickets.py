"""What links in mails carry, and codes for typing: signed texts, which only whoever has the secret can make. Pure."""

import base64
import binascii
import hashlib
import hmac

_SIGNATURE = 16
"""Bytes of a signature: 128 bits, which nobody guesses."""
_LONGEST = 1_000
DIGITS = 6


def issue(secret: str, purpose: str, text: str) -> str:
    """A ticket for one purpose; letters, digits, - and _ and one dot."""
    return f"{_spell(text.encode())}.{_spell(_signature(secret, purpose, text))}"


def read(secret: str, purpose: str, ticket: str) -> str | None:
    """The text of a ticket of ours; None for anything else."""
    if len(ticket) > _LONGEST or not ticket.isascii():
        return None
    spelled, _, signature = ticket.partition(".")
    try:
        text = base64.urlsafe_b64decode(spelled + "=" * (-len(spelled) % 4)).decode()
    except (binascii.Error, ValueError):
        return None
    wanted = issue(secret, purpose, text)
    return text if hmac.compare_digest(wanted, f"{spelled}.{signature}") else None


def code(secret: str, text: str) -> str:
    """Six digits that go with a text."""
    number = int.from_bytes(_signature(secret, "code", text))
    return f"{number % 10**DIGITS:0{DIGITS}}"


def _signature(secret: str, purpose: str, text: str) -> bytes:
    told = f"paperbot {purpose}\0{text}".encode()
    return hmac.new(secret.encode(), told, hashlib.sha256).digest()[:_SIGNATURE]


def _spell(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
