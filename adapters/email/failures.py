"""What a mail server's answer means for us: sorted by who can mend it. Pure."""

import re
import ssl
from enum import StrEnum

from adapters.email.text import clean
from bot.domain.errors import (
    ChannelRefused,
    ContentRefused,
    DeliveryError,
    TryLater,
    WorkspaceRefused,
)

_ENHANCED = re.compile(r"\b[245]\.(\d{1,3})\.(\d{1,3})\b")
"""RFC 3463: the second number says whom it is about; 1 is an address, 2 a mailbox."""
_OF_RECIPIENT = ("1", "2")
_FULL = 552
"""At RCPT it means what 452 does: a full mailbox (RFC 5321, 4.5.3.1.10)."""
_PERMANENT = 500


class Stage(StrEnum):
    """How far a mail had come."""

    GREETING = "greeting"
    LOGIN = "login"
    SENDER = "sender"
    RECIPIENT = "recipient"
    DATA = "data"
    CONTENT = "content"


_OURS = {
    Stage.LOGIN: (
        "The mail server refuses our user or password ({said}). Check email.user and PAPERBOT_EMAIL_PASSWORD."
    ),
    Stage.GREETING: (
        "The mail server does not speak to us ({said}). Check email.host, email.port and email.security."
    ),
    Stage.SENDER: (
        "The mail server does not take mail from email.from ({said}). Use an address that this account may send from."
    ),
}
"""Refusals that are about us and not about one mail."""


def refused(stage: Stage, code: int, text: str) -> DeliveryError:
    """The error that says what to do about an answer of 4xx or 5xx."""
    said = f"{code} {clean(text, 200)}".strip()
    if code < _PERMANENT or (stage is Stage.RECIPIENT and code == _FULL):
        return TryLater(f"The mail server says: {said}.")
    if stage in _OURS:
        return WorkspaceRefused(_OURS[stage].format(said=said))
    about = _ENHANCED.search(said)
    if stage is Stage.RECIPIENT or (about and about[1] in _OF_RECIPIENT):
        return ChannelRefused(
            f"The mail server says of this address: {said}. If it is wrong or gone, end it with `/paper email off`."
        )
    return ContentRefused(f"The mail server refuses this mail: {said}.")


def unreachable(error: BaseException) -> DeliveryError:
    """No answer, or no connection to begin with; nothing has been handed over."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return WorkspaceRefused(
            f"The mail server's certificate is not trusted ({clean(error.verify_message, 200)}). Check email.host, or "
            "name the authority that made it in email.ca_file."
        )
    reason = clean(str(error), 200) or type(error).__name__
    return TryLater(f"The mail server cannot be reached: {reason}.")


def no_tls() -> DeliveryError:
    """It offers no encryption, and in the clear nothing is sent."""
    return WorkspaceRefused(
        'The mail server does not offer STARTTLS. Set email.security = "tls" and its port, usually 465.'
    )
