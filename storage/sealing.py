"""Secrets at rest: sealed with the first key, opened with any. Imported only where there are keys."""

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bot.domain.errors import StorageError


class Seal:
    """A row of keys, the newest first. Raises StorageError for what is no key."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._newest, *_ = all = [_read(key) for key in keys]
        self._all = MultiFernet(all)

    def seal(self, text: str) -> str:
        """Nobody without the key can read or forge this."""
        return self._newest.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str | None:
        """What was sealed; None when no key of ours did it."""
        try:
            return self._all.decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None

    def is_newest(self, sealed: str) -> bool:
        """Whether it was the first key."""
        try:
            self._newest.decrypt(sealed.encode())
        except InvalidToken:
            return False
        return True


def new_key() -> str:
    """One more, at random."""
    return Fernet.generate_key().decode()


def _read(key: str) -> Fernet:
    try:
        return Fernet(key.strip())
    except ValueError:
        raise StorageError(
            "A key in PAPERBOT_KEYS is not one: it has 44 letters and digits, and `paperbot key` makes one."
        ) from None
