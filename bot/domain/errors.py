"""Every error of ours, sorted by who can mend it.

PaperbotError
├── ConfigError            the operator can: a setting is missing or wrong
├── StorageError           the operator can: database locked, broken, disk full
├── UserError              the person typing can: `str(e)` is shown to them as it is
│   └── NotAllowed         ... by asking somebody with more rights
├── Unavailable            nobody can; waiting may help
│   └── NotYet             the day asked for has not begun upstream
└── DeliveryError          a post that a chat platform did not take
    ├── ChannelRefused     the channel's people can: the subscription is paused
    ├── WorkspaceRefused   the workspace's people can: all of its subscriptions are paused
    ├── ContentRefused     we can: the post is rendered plainly and sent once more
    ├── TryLater           nobody can; the platform says when to come back
    └── OutcomeUnknown     the answer was lost: the post may be there, ask before repeating it
"""

from datetime import timedelta


class PaperbotError(Exception):
    """The root: catching it catches nothing that is a bug."""


class ConfigError(PaperbotError):
    """A setting is missing or wrong; the message names the key and the fix."""


class StorageError(PaperbotError):
    """The database cannot be used; the message is one line for the operator."""


class UserError(PaperbotError):
    """The person typing can fix it; the message says how."""


class NotAllowed(UserError):
    """This person may not do that here."""


class Unavailable(PaperbotError):
    """An outside service does not answer; `retry_after` is its own word on when to ask again."""

    def __init__(self, message: str, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NotYet(Unavailable):
    """The list asked for lies in the future as Hugging Face counts days (HTTP 400)."""


class DeliveryError(PaperbotError):
    """A chat platform did not take a post."""


class ChannelRefused(DeliveryError):
    """The channel is gone, closed or forbids us; the message says how to let us back in."""


class WorkspaceRefused(DeliveryError):
    """The whole workspace does not accept us any more."""


class ContentRefused(DeliveryError):
    """The platform dislikes this post as it was rendered."""


class TryLater(DeliveryError):
    """Not now; `retry_after` is the platform's own figure where it gave one."""

    def __init__(self, message: str, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class OutcomeUnknown(DeliveryError):
    """The post went out and no answer came back."""
