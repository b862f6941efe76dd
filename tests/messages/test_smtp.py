"""E-mail, against a real SMTP server."""

from __future__ import annotations

import datetime
import email
import ipaddress
import ssl
from pathlib import Path

import msgspec
import pytest
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from posko.config import BadSetting
from posko.errors import Invalid
from posko.messages import smtp
from posko.messages.channel import Later, Refused, Unreachable
from posko.messages.contact import ContactIn
from posko.messages.message import Message, compose
from posko.messages.smtp import Smtp, parse_url
from tests.messages.desks import MailServer, settings
from tests.messages.test_message import ABOUT, ORDER, order

MESSAGE = compose(order(), "https://posko.example.id")


def _channel(url: str) -> Smtp:
    (found,) = smtp.configured(settings(smtp_url=url))
    assert isinstance(found, Smtp)
    return found


async def test_a_mail_arrives_whole(mail: MailServer) -> None:
    about = msgspec.structs.replace(ABOUT, place_name="Kec. Ägypten – “Muara”")
    await _channel(mail.url).send(compose(order(about), "https://posko.example.id"))
    ((to, got),) = mail.mails

    assert to == "a@x.example"
    assert got["From"] == "Posko <posko@pemkot.example.id>"
    assert got["Subject"].startswith("KRITIS · Kec. Ägypten – “Muara”")
    assert got["Message-ID"] == f"<{ORDER.id}@pemkot.example.id>"
    assert got["Date"].datetime == ORDER.at
    assert got["Auto-Submitted"] == "auto-generated"
    assert got["References"] == "<notice-3-9@pemkot.example.id>"
    assert "3 dari 12 TPS belum lapor buka" in got.get_content()


HOSTILE = [
    "x\r\nBcc: korban@x.example", "x\nSubject: lain", "x\r\n\r\nisi lain", "x\x00y", "x\u2028Bcc: korban@x.example", "x\r\n.\r\nMAIL FROM:<a@b>", "=?utf-8?q?x=0D=0ABcc:_a?=", "==??utf-8?q?x=0D=0ABcc:_a?=", "=\x00?utf-8?q?x=0D=0ABcc:_a?=",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
async def test_no_text_makes_a_header_a_recipient_or_a_second_mail(mail: MailServer, text: str) -> None:
    hostile = msgspec.structs.replace(MESSAGE, title=text, text=text + "\n.\nQUIT\n")
    await _channel(mail.url).send(hostile)

    assert [to for to, _ in mail.mails] == ["a@x.example"]
    ((_, got),) = mail.mails
    assert set(got.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "References", "Auto-Submitted", "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
    }  # fmt: skip
    assert [a for a, _ in mail.tries] == [] or all("korban" not in a for _, a in mail.tries)


@pytest.mark.parametrize(
    "address",
    ["a@x.example\r\nBcc: b@x.example", "a@x.example,b@x.example", "<a@x.example>", "a b@x.example", "a@x.example>\r\nRCPT TO:<b@x.example", "a@localhost", "@x.example", "a@-x.example", "a..b@x.example", "a@x.example\n", "ä@x.example", '"a b"@x.example', "a" * 65 + "@x.example"],
)  # fmt: skip
async def test_what_is_no_address_is_neither_kept_nor_sent_to(mail: MailServer, address: str) -> None:
    with pytest.raises(Invalid):
        ContactIn(region="31.72", channel="email", address=address, label="x").check()
    with pytest.raises(Refused):
        await _channel(mail.url).send(msgspec.structs.replace(MESSAGE, address=address))
    assert mail.mails == []
    assert mail.tries == []


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("550 no such user", Refused), ("552 mailbox full", Refused), ("451 greylisted", Later), ("421 busy", Later)],
)
async def test_what_the_server_says_of_an_address_is_sorted(
    mail: MailServer, answer: str, expected: type[Exception]
) -> None:
    mail.codes["a@x.example"] = answer
    with pytest.raises(expected, match=answer[:3] if expected is Refused else "4"):
        await _channel(mail.url).send(MESSAGE)


async def test_a_server_that_is_not_there_or_lets_nobody_in_concerns_all(mail: MailServer) -> None:
    gone = MailServer()
    with pytest.raises(Unreachable):
        await _channel(gone.url).send(MESSAGE)
    with pytest.raises(Unreachable):  # offers no STARTTLS, and it is wanted
        await _channel(f"smtp://127.0.0.1:{mail.port}").send(MESSAGE)
    assert mail.mails == []


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for localhost that signs itself, and a server's side of it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    moment = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
        .not_valid_before(moment - datetime.timedelta(days=1)).not_valid_after(moment + datetime.timedelta(days=1))
        .add_extension(names, critical=False).add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem, secret = tmp_path / "cert.pem", tmp_path / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, secret)
    assert ipaddress.ip_address("127.0.0.1").is_loopback
    return pem, context


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
@pytest.mark.parametrize("how", ["starttls", "implicit"])
async def test_tls_is_verified_and_the_password_goes_through_it(
    certificate: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    pem, context = certificate
    seen: list[tuple[bytes, bytes]] = []

    def authenticate(server, session, envelope, mechanism, data):  # type: ignore[no-untyped-def]
        seen.append((data.login, data.password))
        return AuthResult(success=data.password == b"s:e/c@r%t", handled=False)

    server = MailServer()
    more = {"ssl_context": context} if how == "implicit" else {"tls_context": context, "require_starttls": True}
    # Over implicit TLS this server does not know that the line is safe, and warns.
    server.start(authenticator=authenticate, auth_required=True, auth_require_tls=how == "starttls", **more)
    scheme = "smtps" if how == "implicit" else "smtp"
    try:
        with pytest.raises(Unreachable, match=r"(?i)certificate"):
            await _channel(f"{scheme}://posko:s%3Ae%2Fc%40r%25t@localhost:{server.port}").send(MESSAGE)
        assert seen == []
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        await _channel(f"{scheme}://posko:s%3Ae%2Fc%40r%25t@localhost:{server.port}").send(MESSAGE)
        with pytest.raises(Unreachable):  # another host than the certificate's
            await _channel(f"{scheme}://posko:s%3Ae%2Fc%40r%25t@127.0.0.1:{server.port}").send(MESSAGE)
        with pytest.raises(Unreachable, match="535"):
            await _channel(f"{scheme}://posko:salah@localhost:{server.port}").send(MESSAGE)
    finally:
        server.stop()

    assert len(server.mails) == 1
    assert seen[0] == (b"posko", b"s:e/c@r%t")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://host", "wanted is"),
        ("smtp://", "wanted is"),
        ("smtp://host:port", "no address"),
        ("smtp://host?starttls=maybe", "starttls"),
        ("smtp://host?verify=no", "starttls"),
        ("smtps://host?starttls=never", "with smtp:// only"),
        ("smtp://u:p@host?starttls=never", "password"),
        ("smtp://host/queue", "wanted is"),
    ],
)
def test_an_address_that_cannot_be_right_is_named_without_its_password(url: str, said: str) -> None:
    with pytest.raises(BadSetting, match=said) as refused:
        parse_url(url)
    assert "u:p" not in str(refused.value)


def test_the_sender_has_to_be_said_and_no_address_is_no_channel() -> None:
    assert smtp.configured(settings()) == []
    with pytest.raises(BadSetting, match="POSKO_SMTP_FROM"):
        smtp.configured(settings(smtp_url="smtp://host", smtp_from="posko"))
    assert (parse_url("smtps://h").port, parse_url("smtp://h").port) == (465, 587)


def test_a_mail_is_plain_ascii_on_the_wire() -> None:
    raw = _channel("smtp://127.0.0.1").mail(msgspec.structs.replace(MESSAGE, text="é–\n" * 3)).as_bytes()

    assert raw.isascii()
    assert email.message_from_bytes(raw)["To"] == "a@x.example"
    assert isinstance(MESSAGE, Message)
