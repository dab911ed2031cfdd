"""A mail as it goes over the wire: headers, parts and encodings by the book. Pure."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from adapters.email.render import Content
from adapters.email.settings import Mailbox, Settings
from adapters.email.views import PICTURE
from bot.domain.posts import File

_POLICY = SMTP.clone(max_line_length=76)
"""So that an encoded word has at most 75 characters (RFC 2047, 2), the space before it counted."""
_ID = re.compile(r"[0-9a-f]{32}")
_TYPE = re.compile(r"([a-z0-9.+-]+)/([a-z0-9.+-]+)")

_COMPOUND = {"multipart", "message"}
"""Kinds whose content the library would want to read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Who gets it, what it is called, and what it answers."""

    to: str
    id: str
    at: datetime
    reply_to: str | None = None
    """The id of the mail it answers."""
    way_out: str | None = None
    """The link that ends all mail; None for mail that does not come by itself."""


def id_of(key: str, to: str) -> str:
    """What a delivery's mail is called, always the same: servers and inboxes drop what they have had."""
    return hashlib.sha256(f"{to}\0{key}".encode("utf-8", "surrogatepass")).hexdigest()[:32]


def message_id(id: str, sender: Mailbox) -> str:
    """The same as a Message-ID of our domain."""
    return f"<{id}@{sender.domain}>"


def compose(content: Content, envelope: Envelope, settings: Settings) -> bytes:
    """The whole mail, with CRLF at the ends of lines of at most 998 octets, all of it ASCII."""
    mail = EmailMessage(policy=_POLICY)
    sender = settings.sender
    mail["From"] = _mailbox(sender)
    mail["To"] = Address(addr_spec=envelope.to)
    if settings.reply_to:
        mail["Reply-To"] = _mailbox(settings.reply_to)
    mail["Subject"] = content.subject
    mail["Date"] = format_datetime(envelope.at)
    mail["Message-ID"] = message_id(envelope.id, sender)
    if envelope.reply_to and _ID.fullmatch(envelope.reply_to):
        for name in ("In-Reply-To", "References"):
            mail[name] = message_id(envelope.reply_to, sender)
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834
    mail["X-Auto-Response-Suppress"] = "All"  # what Exchange looks at instead
    mail.set_content(content.text, cte="quoted-printable")
    if content.html is not None:
        mail.add_alternative(content.html, subtype="html", cte="quoted-printable")
        if content.picture:
            _enclose(mail, content.picture)
    if content.file:
        kind = _TYPE.fullmatch(content.file.media_type.lower())
        main, sub = (
            kind.groups() if kind and kind[1] not in _COMPOUND else ("application", "octet-stream")
        )
        mail.add_attachment(
            content.file.content, maintype=main, subtype=sub, filename=_file_name(content.file.name)
        )
    return _of_list(envelope, settings) + mail.as_bytes()


def _enclose(mail: EmailMessage, picture: File) -> None:
    """Beside the HTML, which shows it (RFC 2387); nothing is fetched when the mail is opened."""
    html = mail.get_body(("html",))
    main, _, sub = picture.media_type.partition("/")
    if isinstance(html, EmailMessage):
        html.add_related(
            picture.content,
            maintype=main,
            subtype=sub,
            cid=f"<{PICTURE}>",
            filename=_file_name(picture.name),
            disposition="inline",
        )


def _of_list(envelope: Envelope, settings: Settings) -> bytes:
    """RFC 2919 and 2369; one click by RFC 8058. Written by hand: the library would break long addresses."""
    lines = [f"List-Id: <{settings.list_id}>"]
    if ways := _ways_out(envelope, settings):
        lines.append(f"List-Unsubscribe: {f',{chr(13)}{chr(10)} '.join(ways)}")
    if envelope.way_out and envelope.way_out.startswith("https://"):
        lines.append("List-Unsubscribe-Post: List-Unsubscribe=One-Click")
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def _ways_out(envelope: Envelope, settings: Settings) -> list[str]:
    found = [f"<{envelope.way_out}>"] if envelope.way_out else []
    if settings.reply_to:
        found.append(f"<mailto:{settings.reply_to.address}?subject=unsubscribe>")
    return found


def _mailbox(mailbox: Mailbox) -> Address:
    return Address(display_name=mailbox.name, addr_spec=mailbox.address)


def _file_name(name: str) -> str:
    tidy = "".join(c if c.isalnum() or c in "-_." else "-" for c in name).strip(".-")
    return tidy[:100] or "file"
