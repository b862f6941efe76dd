"""E-mail by SMTP: TLS verified, one connection a message, what the server says sorted into our three errors."""

from __future__ import annotations

import re
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib
import msgspec

from posko.config import BadSetting, Settings
from posko.messages.channel import Channel, Later, Refused, Unreachable
from posko.messages.contact import EMAIL, is_address
from posko.messages.message import Message

_PORTS: Final = {"smtps": 465, "smtp": 587}
_PERMANENT: Final = range(500, 600)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """Where mail is handed in, and how: `implicit` TLS from the first byte, else STARTTLS unless `plain`."""

    host: str
    port: int
    implicit: bool
    plain: bool
    username: str | None
    password: str | None


def parse_url(url: str) -> Server:
    """Reads `smtps://user:pass@host:465` or `smtp://host:587?starttls=required|never`; BadSetting says what is wrong.

    Without `starttls=never` a server without TLS is refused; a password never goes out in the clear.
    """
    try:
        parts, port = urlsplit(url), urlsplit(url).port
        asked = parse_qs(parts.query, strict_parsing=bool(parts.query))
    except ValueError:
        raise BadSetting("POSKO_SMTP_URL is no address") from None
    if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/"):
        raise BadSetting("POSKO_SMTP_URL: wanted is smtps://user:password@host:465 or smtp://host:587")
    starttls = asked.pop("starttls", ["required"])[-1]
    if asked or starttls not in ("required", "never") or (parts.scheme == "smtps" and parts.query):
        raise BadSetting("POSKO_SMTP_URL: after ? comes starttls=required or starttls=never, with smtp:// only")
    if starttls == "never" and parts.password:
        raise BadSetting("POSKO_SMTP_URL: a password does not go out without TLS")
    return Server(
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        implicit=parts.scheme == "smtps",
        plain=starttls == "never",
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )


class Smtp:
    """The channel `email`."""

    name = EMAIL

    def __init__(self, server: Server, sender: str, *, domain: str, timeout_s: float) -> None:
        self._server = server
        self._sender = sender
        self._domain = domain
        self._timeout_s = timeout_s
        self._tls = None if server.plain else ssl.create_default_context()

    async def send(self, message: Message) -> None:
        """Hands one mail in; see Channel."""
        if not is_address(EMAIL, message.address):
            raise Refused("this is no e-mail address")
        mail = self.mail(message)
        try:
            await aiosmtplib.send(
                mail,
                sender=self._sender,
                recipients=[message.address],
                hostname=self._server.host,
                port=self._server.port,
                username=self._server.username,
                password=self._server.password,
                local_hostname=self._domain,
                timeout=self._timeout_s,
                use_tls=self._server.implicit,
                start_tls=not (self._server.implicit or self._server.plain),
                tls_context=self._tls,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _of_reply(error.recipients[0]) from error
        except aiosmtplib.SMTPDataError as error:
            raise _of_reply(error) from error
        except aiosmtplib.SMTPReadTimeoutError as error:
            raise Later(_said(error)) from error
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            # The sender's address, the password, the certificate, the line: it would be the same for every other mail.
            raise Unreachable(_said(error)) from error

    def mail(self, message: Message) -> EmailMessage:
        """The mail; its Message-ID comes from the message's id, so that a second copy is known as one."""
        mail = EmailMessage(policy=SMTP)
        mail["From"] = Address("Posko", addr_spec=self._sender)
        mail["To"] = Address(addr_spec=message.address)
        mail["Subject"] = _header(message.title)
        mail["Date"] = message.at
        mail["Message-ID"] = f"<{message.id}@{self._domain}>"
        mail["References"] = f"<{message.thread}@{self._domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.text, cte="quoted-printable")
        return mail


def _header(text: str) -> str:
    # The email package decodes an encoded word in what it is given, and writes out the line breaks hidden in it.
    return " ".join(_CONTROL.sub(" ", text).split()).replace("=?", "= ?")


def _of_reply(error: aiosmtplib.SMTPResponseException) -> Exception:
    """5xx is for good, anything else for now."""
    return (Refused if error.code in _PERMANENT else Later)(_said(error))


def _said(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]


def configured(settings: Settings) -> list[Channel]:
    """The e-mail channel, when POSKO_SMTP_URL is set; BadSetting when it cannot be right."""
    if not settings.smtp_url:
        return []
    server = parse_url(settings.smtp_url)
    if not is_address(EMAIL, settings.smtp_from):
        raise BadSetting("POSKO_SMTP_FROM: say from whom mail comes, such as posko@pemkot.example.id")
    domain = settings.smtp_from.rpartition("@")[2]
    return [Smtp(server, settings.smtp_from, domain=domain, timeout_s=settings.message_deadline_s)]
