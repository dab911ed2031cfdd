"""One connection to the mail server, and mails handed over it one after the other.

The library's own DATA does two things in one step. Here they are apart, since whether a lost connection may have
carried a whole mail is decided between them: by the final dot.
"""

import asyncio
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import aiosmtplib
from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPNotSupported,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from adapters.email.failures import Stage, no_tls, refused, unreachable
from adapters.email.settings import Settings
from bot.domain.errors import DeliveryError, OutcomeUnknown, TryLater

CONNECT = 10.0
"""Seconds for a connection, TLS included."""
ANSWER = 15.0
"""Seconds for an answer to a command."""
UNTIL_DATA = 35.0
"""Seconds for everything before the mail itself. All in all a send may last 100: then its delivery's lease ends."""
CARRY = 25.0
"""Seconds for the mail to leave us."""
TAKE = 35.0
"""Seconds for the server to say that it has it."""
_GO_ON = 354
_TAKEN = 250
_CLOSING = 421
_CHUNK = 16_384
"""Octets that are written at a time; TLS hides from us what has left beyond a few of these."""
_DOTS = re.compile(rb"(?m)^\.")


class Gone(Exception):
    """The connection was lost, or closed by the server, before a mail was begun: another one may be tried."""


class Connection:
    """An open, encrypted connection where we are known. Not for two at once."""

    def __init__(self, client: aiosmtplib.SMTP, writer: asyncio.StreamWriter) -> None:
        self._client = client
        self._writer = writer
        self.usable = True
        """False once it is not known what the server expects next."""

    @classmethod
    async def open(cls, settings: Settings) -> "Connection":
        """Connect, encrypt, log in. Raises a DeliveryError."""
        client = aiosmtplib.SMTP(
            hostname=settings.host,
            port=settings.port,
            timeout=ANSWER,
            use_tls=settings.security == "tls",
            start_tls=False,
            tls_context=None if settings.security == "plain" else trust(settings),
        )
        try:
            with _explained(Stage.GREETING):
                await client.connect(timeout=CONNECT)
                await client.ehlo()
                if settings.security == "starttls":
                    await _encrypt(client)
            if settings.user:
                with _explained(Stage.LOGIN):
                    await client.login(settings.user, settings.password)
        except BaseException:
            client.close()
            raise
        return cls(client, _writer(client))

    @property
    def alive(self) -> bool:
        """Whether another mail can be tried over it."""
        return self.usable and self._client.is_connected

    async def begin(self, sender: str, to: str) -> None:
        """Say who writes to whom, until the server waits for the mail. Raises Gone or a DeliveryError."""
        await self._say(Stage.SENDER, f"MAIL FROM:<{sender}>")
        await self._say(Stage.RECIPIENT, f"RCPT TO:<{to}>")
        await self._say(Stage.DATA, "DATA", expected=_GO_ON)

    async def sender(self, sender: str) -> None:
        """Ask whether mail from there would be taken, and leave it at that. Raises a DeliveryError."""
        try:
            await self._say(Stage.SENDER, f"MAIL FROM:<{sender}>")
        except Gone as e:
            raise unreachable(e) from e
        finally:
            await self.reset()

    async def carry(self, mail: bytes) -> None:
        """The mail itself. Raises a DeliveryError; OutcomeUnknown when all of it went out and no answer came back."""
        self.usable = False
        try:
            async with asyncio.timeout(CARRY):
                await self._write(mail if mail.endswith(b"\r\n") else mail + b"\r\n")
        except TimeoutError as e:
            raise TryLater("The mail server took too long to take a mail.") from e
        code, text = await self._dot()
        self.usable = code != _CLOSING
        if code != _TAKEN:
            raise refused(Stage.CONTENT, code, text)

    async def reset(self) -> None:
        """Forget a mail that was begun; what cannot be reset is not used again."""
        if self.alive:
            with suppress(Gone, DeliveryError):
                await self._say(Stage.SENDER, "RSET")
                return
        self.usable = False

    async def quit(self) -> None:
        """Say goodbye, and do not wait long for an answer."""
        with suppress(SMTPException, OSError):
            if self.alive:
                await self._client.quit(timeout=1)
        self.close()

    def close(self) -> None:
        """Hang up."""
        self.usable = False
        self._client.close()

    async def _say(self, stage: Stage, line: str, expected: int = _TAKEN) -> None:
        try:
            code, text = await self._client.execute_command(line.encode("ascii"), timeout=ANSWER)
        except (SMTPException, OSError) as e:
            self.usable = False
            raise Gone(str(e)) from e
        except BaseException:
            self.usable = False
            raise
        if code == _CLOSING:
            self.usable = False
            raise Gone(f"{code} {text}")
        if code not in (expected, 251 if stage is Stage.RECIPIENT else expected):
            raise refused(stage, code, text)

    async def _write(self, mail: bytes) -> None:
        """All but the final dot, and wait until it has left us: before the dot nothing can have been taken."""
        dotted = _DOTS.sub(b"..", mail)
        try:
            for start in range(0, len(dotted), _CHUNK):
                self._writer.write(dotted[start : start + _CHUNK])
                await self._writer.drain()
        except OSError as e:
            raise TryLater("The connection to the mail server was lost on the way.") from e
        if not self._client.is_connected:
            raise TryLater("The mail server hung up on the way.")

    async def _dot(self) -> tuple[int, str]:
        """The end of the mail, and what the server says. From here on it may have been taken."""
        protocol = self._client.protocol
        if protocol is None:
            raise TryLater("The mail server hung up on the way.")
        try:
            protocol.write(b".\r\n")
        except SMTPServerDisconnected as e:
            raise TryLater("The mail server hung up on the way.") from e
        try:
            code, text = await protocol.read_response(timeout=TAKE)
        except SMTPResponseException as e:
            raise OutcomeUnknown(f"The mail server's answer makes no sense: {e.message}") from e
        except (SMTPException, OSError) as e:
            raise OutcomeUnknown("The mail went out, and the server's answer was lost.") from e
        return code, text


def _writer(client: aiosmtplib.SMTP) -> asyncio.StreamWriter:
    """What knows when everything written has left. It is kept as long as the connection, which it closes at its end."""
    transport, protocol = client.transport, client.protocol
    if protocol is None or not isinstance(transport, asyncio.WriteTransport):
        raise TryLater("The connection to the mail server was lost.")
    transport.set_write_buffer_limits(high=1, low=0)
    return asyncio.StreamWriter(transport, protocol, None, asyncio.get_running_loop())


def trust(settings: Settings) -> ssl.SSLContext:
    """The system's authorities, or those of a file."""
    file = str(Path(settings.ca_file).expanduser()) if settings.ca_file else None
    return ssl.create_default_context(cafile=file)


async def _encrypt(client: aiosmtplib.SMTP) -> None:
    if not client.supports_extension("starttls"):
        raise no_tls()
    await client.starttls()
    await client.ehlo()  # what was said in the clear does not count


@contextmanager
def _explained(stage: Stage) -> Iterator[None]:
    """The library's errors as ours."""
    try:
        yield
    except SMTPAuthenticationError as e:
        raise refused(Stage.LOGIN, e.code, e.message) from e
    except SMTPNotSupported as e:
        raise refused(stage, 504, e.message) from e
    except SMTPResponseException as e:
        raise refused(stage, e.code, e.message) from e
    except SMTPTimeoutError as e:
        raise unreachable(e) from e
    except ssl.SSLError as e:
        raise unreachable(e) from e
    except (SMTPException, OSError, UnicodeError) as e:
        raise _first_cause(e, stage) from e


def _first_cause(error: BaseException, stage: Stage) -> DeliveryError:
    """A refused certificate may be wrapped in a connection's failure."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return unreachable(cause)
        cause = cause.__cause__ or cause.__context__
    if stage is Stage.LOGIN and not isinstance(error, ConnectionError):
        return refused(stage, 504, str(error))
    return unreachable(error)
