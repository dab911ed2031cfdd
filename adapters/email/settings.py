"""E-mail's section of the config file, checked."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from bot.domain.errors import ConfigError, UserError
from bot.domain.mailing import mail_channel
from bot.domain.text import visible

PORTS = {"starttls": 587, "tls": 465, "plain": 25}
"""RFC 6409 (submission), RFC 8314 (the same over TLS), RFC 5321."""
_HOST = re.compile(r"[A-Za-z0-9.:_-]{1,253}")
_MAILBOX = re.compile(r'(?:"?(?P<name>[^"<>\r\n]*)"? *<(?P<address>[^<>\s]+)>|(?P<bare>[^<>\s]+))')
_LIST_ID = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Somebody mail comes from or answers go to."""

    address: str
    name: str = ""

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the operator decided."""

    host: str
    port: int
    security: Literal["starttls", "tls", "plain"] = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""
    sender: Mailbox
    reply_to: Mailbox | None = None
    list_id: str
    per_minute: int = 60
    url: str = ""
    """Where our web server is seen from outside; "" when it is not."""


def read_settings(settings: Mapping[str, Any]) -> Settings:
    """Raises ConfigError, naming key and fix."""
    known = {one.name for one in fields(Settings)}
    if unknown := sorted(set(settings) - known):
        raise ConfigError(
            f"E-mail has no setting `{unknown[0]}`; it has {', '.join(sorted(known))}."
        )
    given: dict[str, Any] = {
        key: value.strip() if isinstance(value, str) else value for key, value in settings.items()
    }
    sender = _mailbox("from", given.get("sender") or "")
    security: Any = given.get("security") or "starttls"
    reply_to = given.get("reply_to")
    read = Settings(
        host=_host(given.get("host") or ""),
        port=given.get("port") or PORTS.get(security, 0),
        security=security,
        user=given.get("user") or "",
        password=given.get("password") or "",
        ca_file=given.get("ca_file") or "",
        sender=sender,
        reply_to=_mailbox("reply_to", reply_to) if reply_to else None,
        list_id=_list_id(given.get("list_id") or f"paperbot.{sender.domain}"),
        per_minute=given.get("per_minute") or 60,
        url=(given.get("url") or "").rstrip("/"),
    )
    _check(read)
    return read


def _mailbox(key: str, text: str) -> Mailbox:
    found = _MAILBOX.fullmatch(text)
    try:
        channel = mail_channel((found["bare"] or found["address"]) if found else "")
    except UserError:
        raise ConfigError(
            f"email.{key} must be one address: `papers@lab.org` or `Daily Papers <papers@lab.org>`."
        ) from None
    name = visible((found and found["name"]) or "")
    return Mailbox(channel.id, " ".join(name.split())[:100])


def _host(host: str) -> str:
    if not _HOST.fullmatch(host):
        raise ConfigError("email.host must be a mail server's name, like `smtp.lab.org`.")
    return host


def _list_id(id: str) -> str:
    if not _LIST_ID.fullmatch(id):
        raise ConfigError("email.list_id must look like `papers.lab.org`.")
    return id


def _check(settings: Settings) -> None:
    if bool(settings.user) != bool(settings.password):
        raise ConfigError(
            "email.user and email.password belong together: set both (the password in the environment as "
            "PAPERBOT_EMAIL_PASSWORD), or neither."
        )
    if settings.security == "plain" and not _is_here(settings.host):
        raise ConfigError(
            'email.security = "plain" would send passwords and mail in the clear; it is only for a server on this '
            'machine (host = "127.0.0.1"). Use "starttls" or "tls".'
        )
    if settings.ca_file and not Path(settings.ca_file).expanduser().is_file():
        raise ConfigError(f"email.ca_file: there is no file {settings.ca_file}.")


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
