"""Posts as mails."""

from datetime import UTC, datetime

from adapters.email.message import Envelope, compose
from adapters.email.render import Footer, render
from bot.domain.posts import Post
from tests.support.smtp import options


def composed(post: Post) -> bytes:
    """The mail with this post."""
    envelope = Envelope(to="me@lab.org", id="0" * 32, at=datetime(2025, 5, 22, tzinfo=UTC))
    return compose(render(post, Footer("You asked.")), envelope, options("plain", "", auth=False))
