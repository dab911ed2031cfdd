"""What a delivery is recognised by: the nonce that keeps it single, and the mark it is found by later.

A nonce is forgotten after some minutes and cannot be read back. The mark stays: it is the fragment of the first
link in the message (`https://huggingface.co/papers/2511.01234#d:9f86…`), which changes nothing for readers
and which we may read in our own messages without any privileged intent.
"""

from hashlib import sha256

from adapters.discord.limits import NONCE

ANY_KEY = "any"
"""Stands for a delivery's key, all of which leave marks of one length; none is spelled so."""


def nonce(key: str) -> str:
    """The same for every attempt at a delivery."""
    return sha256(key.encode()).hexdigest()[: NONCE - 1]


def mark(key: str) -> str:
    """What stands in the message."""
    return f"#d:{nonce(key)}"


def marked(url: str, key: str | None) -> str:
    """The address with our mark; without a key it stays as it is."""
    return f"{url.partition('#')[0]}{mark(key)}" if key else url
