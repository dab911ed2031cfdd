"""What links in mails open. A look changes nothing, since mail scanners look at every link: a button does."""

import logging
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import parse_qs

from adapters.email.render import page
from bot.domain.errors import StorageError
from bot.domain.mailing import Registry
from bot.domain.web import Handler, Page, Visit

log = logging.getLogger(__name__)

CONFIRM = "/email/confirm"
UNSUBSCRIBE = "/email/unsubscribe"
STYLE = (
    "body{font:18px/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1.5rem;color:#1d232a;"
    "background:#fff}h1{font-size:1.6rem}code{background:#eef1f4;padding:.1em .3em;border-radius:.3em}"
    "button{font:inherit;padding:.6em 1.4em;border:0;border-radius:.4em;background:#0b5cad;color:#fff;cursor:pointer}"
    "@media(prefers-color-scheme:dark){body{color:#e9edf1;background:#14181c}code{background:#2d353d}"
    "button{background:#7ab8ff;color:#10151a}}"
)
_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()
_GUARDS = (
    ("content-type", "text/html; charset=utf-8"),
    ("cache-control", "no-store"),
    (
        "content-security-policy",
        (
            f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'self'; "
            "frame-ancestors 'none'"
        ),
    ),
    ("referrer-policy", "no-referrer"),  # the address holds a ticket
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
)
_MOST_FIELDS = 20


def pages(registry: Callable[[], Registry | None], url: str) -> Mapping[tuple[str, str], Handler]:
    """What stands where; nothing when our web server is not seen from outside."""
    if not url:
        return {}
    desk = _Desk(registry)
    wanted = {
        ("GET", CONFIRM): desk.ask,
        ("POST", CONFIRM): desk.accept,
        ("GET", UNSUBSCRIBE): desk.offer,
        ("POST", UNSUBSCRIBE): desk.leave,
    }
    return {place: _guarded(handler) for place, handler in wanted.items()}


@dataclass(frozen=True, slots=True)
class _Desk:
    """All four pages."""

    registry: Callable[[], Registry | None]

    async def ask(self, visit: Visit) -> Page:
        """Do you want this?"""
        ticket, registry = _ticket(visit), self.registry()
        invitation = await registry.asked(ticket) if registry else None
        if invitation is None:
            return _stale()
        told = f"`{invitation.address.id}` would get the {invitation.edition} papers from Hugging Face."
        return _page(
            "Papers by e-mail?",
            told,
            "Every mail has a link that ends it.",
            button="Yes, send them",
            action=_again(CONFIRM, ticket),
        )

    async def accept(self, visit: Visit) -> Page:
        """Yes."""
        registry = self.registry()
        order = await registry.accept(_ticket(visit)) if registry else None
        if order is None:
            return _stale()
        when = f"{order.next_run_at:%A} {order.next_run_at.day} {order.next_run_at:%B, %H:%M} UTC"
        text = f"The {order.edition} papers come to `{order.channel.id}`, for the first time on {when}."
        return _page("Thank you", text, "You can close this page.")

    async def offer(self, visit: Visit) -> Page:
        """Do you want to leave?"""
        ticket, registry = _ticket(visit), self.registry()
        address = await registry.leaving(ticket) if registry else None
        if address is None:
            return _unknown()
        text = f"`{address.id}` gets no more papers from here after this."
        return _page(
            "No more mail?", text, button="Unsubscribe", action=_again(UNSUBSCRIBE, ticket)
        )

    async def leave(self, visit: Visit) -> Page:
        """Gone: pressed, or asked for by a mail program with one click (RFC 8058)."""
        registry = self.registry()
        address = await registry.leave(_ticket(visit)) if registry else None
        if address is None:
            return _unknown()
        text = f"`{address.id}` gets no more mail from here."
        return _page("You are unsubscribed", text, "You can close this page.")


def _guarded(handler: Handler) -> Handler:
    """A database that fails is told in a sentence."""

    async def answer(visit: Visit) -> Page:
        try:
            return await handler(visit)
        except StorageError as e:
            log.error("mail.page path=%s error=%s", visit.path, e)  # noqa: TRY400 -- one line for the operator
            text = "The bot's database cannot be used just now. Please try again in a while."
            return _page("That did not work", text, status=503)

    return answer


def _ticket(visit: Visit) -> str:
    """What stands behind `t=` in the address; what stands there twice does not count."""
    try:
        values = parse_qs(visit.query, max_num_fields=_MOST_FIELDS).get("t", [])
    except ValueError:
        return ""
    return values[0] if len(values) == 1 else ""


def _again(path: str, ticket: str) -> str:
    """Where the form goes: this page, wherever a proxy has put it."""
    return f"{path.rpartition('/')[2]}?t={ticket}"


def _stale() -> Page:
    text = (
        "It is more than a day old, or was used already. If papers come to your inbox, all is well."
    )
    return _page(
        "This link is no longer good", text, "If not, ask once more in the chat.", status=400
    )


def _unknown() -> Page:
    text = "Please copy the whole address from the mail; it may have been cut off at the end of a line."
    return _page("This link is not one of ours", text, status=400)


def _page(
    title: str, *paragraphs: str, button: str = "", action: str = "", status: int = 200
) -> Page:
    body = page(title, paragraphs, button=button, action=action, style=STYLE)
    return Page(status=status, body=body, headers=_GUARDS)
