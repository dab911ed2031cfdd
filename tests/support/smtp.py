"""A mail server on loopback: TLS of its own making, AUTH, and answers that are refused, late or lost on demand."""

import asyncio
import datetime as dt
import ipaddress
import ssl
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapters.email.messenger import EmailMessenger
from adapters.email.pacing import Pace
from adapters.email.pool import Pool
from adapters.email.settings import Mailbox, Settings
from bot.domain.people import Channel
from tests.support.fakes import NOW

USER, PASSWORD = "papers", "open sesame"


@dataclass
class MailServer:
    """What has arrived, and what goes wrong next: by stage, an answer to give once, or `lost`."""

    settings: Settings
    arrived: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    to: list[str] = field(default_factory=list)
    then: dict[str, list[str]] = field(default_factory=dict)
    """Stage -> answers, one a mail; "" lets it pass, "lost" hangs up."""
    connections: int = 0
    open: set[Any] = field(default_factory=set)
    passwords: set[str] = field(default_factory=lambda: {PASSWORD})

    def answers(self, stage: str, *answers: str) -> None:
        """The next mails get these at a stage: connect, MAIL, RCPT, DATA, body, or taken."""
        self.then.setdefault(stage, []).extend(answers)

    def next(self, stage: str) -> str:
        return self.then[stage].pop(0) if self.then.get(stage) else ""

    @property
    def ids(self) -> list[str]:
        return [str(mail["Message-ID"]) for mail in self.arrived]


class _Handler:
    def __init__(self, server: MailServer) -> None:
        self.server = server

    async def handle_MAIL(  # noqa: N802 -- the library's name
        self, smtp: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := self.server.next("MAIL"):
            return _give(smtp, answer)
        envelope.mail_from = address
        return "250 2.1.0 fine"

    async def handle_RCPT(  # noqa: N802
        self, smtp: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := self.server.next("RCPT"):
            return _give(smtp, answer)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 fine"

    async def handle_DATA(self, smtp: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.server.next("taken")
        if not answer or answer == "lost":
            content = bytes(envelope.content or b"")
            self.server.raw.append(content)
            self.server.to.extend(envelope.rcpt_tos)
            mail = message_from_bytes(content, policy=default)
            assert isinstance(mail, EmailMessage)
            self.server.arrived.append(mail)
        if answer in ("lost", "lost before"):
            return _give(smtp, "lost")
        return answer or "250 2.0.0 queued"


def _give(smtp: Any, answer: str) -> str:
    if answer == "lost":
        smtp.transport.abort()
    return answer


class _Server(SMTP):
    """Can hang up where handlers are not asked."""

    def __init__(self, server: MailServer, **options: Any) -> None:
        super().__init__(_Handler(server), hostname="mail.test", ident="test", **options)
        self._mail_server = server

    def connection_made(self, transport: Any) -> None:
        self._mail_server.open.add(transport)
        if not isinstance(transport, asyncio.sslproto._SSLProtocolTransport):  # type: ignore[attr-defined]
            self._mail_server.connections += 1
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._mail_server.open.discard(self.transport)
        super().connection_lost(error)

    async def push(self, status: Any) -> None:
        text = status.decode() if isinstance(status, bytes) else str(status)
        if text == "lost":
            return
        if text.startswith("220 mail.test") and (answer := self._mail_server.next("connect")):
            if answer == "lost":
                self.transport.abort()
                return
            status = answer
        await super().push(status)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        answer = self._mail_server.next("DATA")
        if answer == "lost":
            self.transport.abort()
        elif answer:
            await self.push(answer)
        elif self._mail_server.next("body") == "lost":
            await self.push("354 go on")
            await self._reader.read(64)
            self.transport.abort()
        else:
            await super().smtp_DATA(arg)


@asynccontextmanager
async def mail_server(
    security: str = "starttls", *, auth: bool = True, **changes: Any
) -> AsyncIterator[MailServer]:
    """A server that takes mail of whoever knows the password, over TLS."""
    certificate, ca_file = certificates()
    server = MailServer(options(security, ca_file, auth=auth))

    def check(_s: Any, _session: Any, _e: Any, _mechanism: str, data: Any) -> AuthResult:
        known = isinstance(data, LoginPassword) and data.password.decode() in server.passwords
        return AuthResult(success=known, handled=False)

    def made() -> SMTP:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it does not know of TLS from the first byte on
            return _Server(
                server,
                tls_context=certificate if security == "starttls" else None,
                require_starttls=security == "starttls",
                auth_required=auth,
                auth_require_tls=security == "starttls",
                authenticator=check,
                loop=asyncio.get_running_loop(),
            )

    context = certificate if security == "tls" else None
    listening = await asyncio.get_running_loop().create_server(made, "127.0.0.1", 0, ssl=context)
    port = listening.sockets[0].getsockname()[1]
    server.settings = replace(server.settings, port=port, **changes)
    try:
        yield server
    finally:
        listening.close()
        for transport in list(server.open):
            transport.abort()
        await listening.wait_closed()
        await asyncio.sleep(0.01)


def options(security: str, ca_file: str, *, auth: bool = True) -> Settings:
    """An operator's, without the port."""
    return Settings(
        host="127.0.0.1",
        port=1,
        security=security,  # type: ignore[arg-type]
        user=USER if auth else "",
        password=PASSWORD if auth else "",
        ca_file=ca_file,
        sender=Mailbox("papers@lab.org", "Daily Papers"),
        reply_to=Mailbox("ann@lab.org"),
        list_id="paperbot.lab.org",
        url="https://papers.example.org",
    )


class Registry:
    """Everybody agreed, unless they are in `not_agreed`."""

    def __init__(self) -> None:
        self.not_agreed: set[Channel] = set()
        self.left: list[str] = []

    async def agreed(self, address: Channel) -> bool:
        return address not in self.not_agreed

    async def way_out(self, address: Channel) -> str:
        return f"ticket-{address.id.replace('@', '-at-')}"

    async def asked(self, ticket: str) -> None:
        return None

    async def accept(self, ticket: str) -> None:
        return None

    async def leaving(self, ticket: str) -> None:
        return None

    async def leave(self, ticket: str) -> None:
        return None


@asynccontextmanager
async def messenger(
    server: MailServer, *, pace: Pace | None = None, now: Callable[[], dt.datetime] = lambda: NOW
) -> AsyncIterator[EmailMessenger]:
    """One that writes through this server."""
    one = EmailMessenger(server.settings, pool=Pool(server.settings), pace=pace, now=now)
    one.registry = Registry()
    try:
        yield one
    finally:
        await one.close()


@cache
def certificates() -> tuple[ssl.SSLContext, str]:
    """A certificate for 127.0.0.1, and the file of the authority that made it."""
    folder = Path(mkdtemp(prefix="paperbot-ca-"))
    authority, made = _key_and_certificate("Test authority", None)
    key, certificate = _key_and_certificate("127.0.0.1", (authority, made))
    (folder / "ca.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "server.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "server.pem")
    return context, str(folder / "ca.pem")


def _key_and_certificate(name: str, by: Any) -> tuple[Any, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer = by[1].subject if by else subject
    signer = by[0] if by else key
    today = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if by:
        here = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
        builder = builder.add_extension(
            x509.SubjectAlternativeName([here, x509.DNSName("mail.test")]), critical=False
        ).add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(by[0].public_key()), critical=False
        )
    else:
        usage = x509.KeyUsage(
            digital_signature=True,
            key_cert_sign=True,
            crl_sign=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        builder = builder.add_extension(usage, critical=True)
    return key, builder.sign(signer, hashes.SHA256())
