"""Passkey ceremonies against an authenticator and a browser made of `cryptography` and CBOR."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import secrets
from typing import Any

import cbor2
import pytest
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given, settings
from hypothesis import strategies as st
from webauthn.helpers.exceptions import WebAuthnException

from posko.accounts import passkeys
from posko.accounts.passkeys import NewPasskey, RelyingParty
from posko.config import BadSetting
from posko.errors import Invalid, NotSignedIn

ORIGIN, OTHER, ACCOUNT = "https://posko.example.id", "https://konsol.posko.example.id:8443", 4711
PARTY = RelyingParty(f"{ORIGIN}/pos", [OTHER])
UP, UV, BE, BS, AT = 1, 4, 8, 16, 64
Key = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "==")


def width(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def cose(key: Key) -> dict[int, Any]:
    """The public key as COSE."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        point = key.public_key().public_numbers()
        return {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = key.public_key().public_numbers()
        return {1: 3, 3: -257, -1: width(numbers.n), -2: width(numbers.e)}
    return {1: 1, 3: -8, -1: 6, -2: key.public_key().public_bytes_raw()}


class Software:
    """An authenticator and its browser; what a test changes on it is what it does wrong."""

    def __init__(self, key: Key | None = None) -> None:
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        self.credential_id = secrets.token_bytes(16)
        self.handle = b""
        self.count = 0
        self.step = 0
        self.flags = UP | UV
        self.origin = ORIGIN
        self.rp_id: str | None = None
        self.client: dict[str, Any] = {}
        self.public: dict[int, Any] = cose(self.key)
        self.attestation: dict[str, Any] = {"fmt": "none", "attStmt": {}}

    def sign(self, message: bytes) -> bytes:
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            return self.key.sign(message, ec.ECDSA(SHA256()))
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(message, padding.PKCS1v15(), SHA256())
        return self.key.sign(message)

    def client_data(self, type_: str, challenge: str) -> bytes:
        said = {"type": type_, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said | self.client).encode()

    def auth_data(self, rp_id: str, *, flags: int = 0, attested: bytes = b"") -> bytes:
        hashed = hashlib.sha256((self.rp_id or rp_id).encode()).digest()
        return hashed + bytes([self.flags | flags]) + self.count.to_bytes(4, "big") + attested

    def create(self, options_json: str) -> dict[str, Any]:
        """What `navigator.credentials.create()` answers."""
        options = json.loads(options_json)
        self.handle = from_base64url(options["user"]["id"])
        attested = (
            bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + cbor2.dumps(self.public)
        )
        auth_data = self.auth_data(options["rp"]["id"], flags=AT, attested=attested)
        client_data = self.client_data("webauthn.create", options["challenge"])
        if self.attestation["fmt"] == "packed":
            signed = auth_data + hashlib.sha256(client_data).digest()
            self.attestation["attStmt"] |= {"alg": -7, "sig": self.sign(signed)}
        return {
            "id": base64url(self.credential_id),
            "rawId": base64url(self.credential_id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": base64url(client_data),
                "attestationObject": base64url(cbor2.dumps(self.attestation | {"authData": auth_data})),
                "transports": ["internal"],
            },
        }

    def get(self, options_json: str) -> dict[str, Any]:
        """What `navigator.credentials.get()` answers."""
        options = json.loads(options_json)
        self.count += self.step
        auth_data = self.auth_data(options["rpId"])
        client_data = self.client_data("webauthn.get", options["challenge"])
        return {
            "id": base64url(self.credential_id),
            "rawId": base64url(self.credential_id),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": base64url(client_data),
                "authenticatorData": base64url(auth_data),
                "signature": base64url(self.sign(auth_data + hashlib.sha256(client_data).digest())),
                "userHandle": base64url(self.handle),
            },
        }


def register(software: Software) -> NewPasskey:
    challenge, options = PARTY.registration_options(ACCOUNT, "budi.s", "Budi Santoso", [])
    return PARTY.verify_registration(software.create(options), challenge)


def sign_in(software: Software, passkey: NewPasskey, *, sign_count: int | None = None) -> tuple[int, bool]:
    challenge, options = PARTY.authentication_options()
    count = passkey.sign_count if sign_count is None else sign_count
    return PARTY.verify_authentication(software.get(options), challenge, passkey.public_key, count)


def refused_registration(software: Software) -> None:
    with pytest.raises(Invalid) as refused:
        register(software)
    assert [(e.path, e.rule) for e in refused.value.errors] == [("$.credential", "passkey")]


@pytest.fixture
def software() -> Software:
    return Software()


def test_the_options_of_a_registration() -> None:
    challenge, options_json = PARTY.registration_options(ACCOUNT, "budi.s", "Budi Santoso", [b"one", b"two"])
    options = json.loads(options_json)

    assert len(challenge) == 32
    assert from_base64url(options["challenge"]) == challenge
    assert options["rp"] == {"name": "posko", "id": "posko.example.id"}
    assert options["user"] == {"id": base64url(bytes(6) + b"\x12\x67"), "name": "budi.s", "displayName": "Budi Santoso"}
    assert [p["alg"] for p in options["pubKeyCredParams"]] == [-7, -8, -257]
    assert [from_base64url(c["id"]) for c in options["excludeCredentials"]] == [b"one", b"two"]
    assert (options["attestation"], options["timeout"]) == ("none", 300_000)
    assert options["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }


def test_the_options_of_a_sign_in() -> None:
    challenge, options_json = PARTY.authentication_options()
    options = json.loads(options_json)

    assert from_base64url(options["challenge"]) == challenge
    assert (options["rpId"], options["userVerification"], options["timeout"]) == (
        "posko.example.id",
        "required",
        300_000,
    )
    assert options.get("allowCredentials", []) == []
    assert PARTY.authentication_options()[0] != challenge


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP256R1()),
        ed25519.Ed25519PrivateKey.generate(),
        rsa.generate_private_key(65537, 2048),
    ],
    ids=["ES256", "EdDSA", "RS256"],
)
def test_a_passkey_is_made_and_signs_in(key: Key) -> None:
    software = Software(key)

    passkey = register(software)

    assert passkey.credential_id == software.credential_id
    assert cbor2.loads(passkey.public_key) == cose(key)
    assert (passkey.sign_count, passkey.backed_up) == (0, False)
    assert sign_in(software, passkey) == (0, False)


def test_json_text_is_as_good_and_other_origins_too(software: Software) -> None:
    software.origin = OTHER
    challenge, options = PARTY.registration_options(ACCOUNT, "budi.s", "Budi", [])
    passkey = PARTY.verify_registration(json.dumps(software.create(options)), challenge)
    challenge, options = PARTY.authentication_options()
    answer = json.dumps(software.get(options))

    assert PARTY.verify_authentication(answer, challenge, passkey.public_key, 0) == (0, False)
    assert passkeys.credential_id_of(answer) == software.credential_id
    assert passkeys.account_id_of(answer) == ACCOUNT


def test_a_synchronised_passkey_says_so(software: Software) -> None:
    software.flags |= BE | BS
    passkey = register(software)

    assert passkey.backed_up
    assert sign_in(software, passkey) == (0, True)


def test_self_attestation_is_taken_and_checked(software: Software) -> None:
    software.attestation = {"fmt": "packed", "attStmt": {}}
    assert register(software).credential_id == software.credential_id

    software.key = ec.generate_private_key(ec.SECP256R1())
    refused_registration(software)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("origin", "https://posko.example.id.evil.example"),
        ("origin", "http://posko.example.id"),
        ("rp_id", "evil.example"),
        ("flags", UP),
        ("flags", UV),
        ("flags", UP | UV | BS),
        ("client", {"challenge": base64url(bytes(32))}),
        ("client", {"type": "payment.get"}),
        ("client", {"crossOrigin": True}),
        ("client", {"crossOrigin": "yes"}),
        ("client", {"origin": None}),
    ],
)
def test_a_wrong_ceremony_is_refused(software: Software, field: str, value: Any) -> None:
    passkey = register(software)
    setattr(software, field, value)

    refused_registration(software)
    with pytest.raises(NotSignedIn):
        sign_in(software, passkey)


def test_one_ceremony_is_not_the_other(software: Software) -> None:
    passkey = register(software)
    software.client = {"type": "webauthn.create"}
    with pytest.raises(NotSignedIn):
        sign_in(software, passkey)

    software.client = {"type": "webauthn.get"}
    refused_registration(software)


def test_anothers_challenge_is_refused(software: Software) -> None:
    _, options = PARTY.registration_options(ACCOUNT, "budi.s", "Budi", [])
    other, _ = PARTY.registration_options(ACCOUNT, "budi.s", "Budi", [])
    with pytest.raises(Invalid):
        PARTY.verify_registration(software.create(options), other)

    passkey = register(software)
    _, options = PARTY.authentication_options()
    with pytest.raises(NotSignedIn):
        PARTY.verify_authentication(software.get(options), other, passkey.public_key, 0)


@pytest.mark.parametrize(
    ("stored", "said", "taken"),
    [(0, 0, True), (0, 1, True), (5, 6, True), (5, 5, False), (5, 4, False), (5, 0, False), (2**32 - 1, 0, False)],
)
def test_the_sign_count_only_grows(software: Software, stored: int, said: int, taken: bool) -> None:
    passkey = register(software)
    software.count = said
    if taken:
        assert sign_in(software, passkey, sign_count=stored) == (said, False)
    else:
        with pytest.raises(NotSignedIn):
            sign_in(software, passkey, sign_count=stored)


@pytest.mark.parametrize("field", ["clientDataJSON", "authenticatorData", "signature"])
def test_no_byte_of_an_answer_may_change(software: Software, field: str) -> None:
    passkey = register(software)
    challenge, options = PARTY.authentication_options()
    answer = software.get(options)
    right = from_base64url(answer["response"][field])
    assert PARTY.verify_authentication(answer, challenge, passkey.public_key, 0) == (0, False)

    for index in range(len(right)):
        changed = bytearray(right)
        changed[index] ^= 1
        answer["response"][field] = base64url(bytes(changed))
        with pytest.raises(NotSignedIn):
            PARTY.verify_authentication(answer, challenge, passkey.public_key, 0)


def test_another_passkey_does_not_sign_in(software: Software) -> None:
    register(software)
    other = register(Software())

    with pytest.raises(NotSignedIn):
        sign_in(software, other)


def test_the_browser_names_the_credential_that_was_made(software: Software) -> None:
    challenge, options = PARTY.registration_options(ACCOUNT, "budi.s", "Budi", [])
    answer = software.create(options)
    answer["id"] = answer["rawId"] = base64url(b"somebody else's")

    with pytest.raises(Invalid):
        PARTY.verify_registration(answer, challenge)


OFF_CURVE = {1: 2, 3: -7, -1: 1, -2: bytes([1]) * 32, -3: bytes([2]) * 32}
P384 = ec.generate_private_key(ec.SECP384R1()).public_key().public_numbers()
SMALL_RSA = cose(rsa.generate_private_key(65537, 1024))
GOOD_RSA = cose(rsa.generate_private_key(65537, 2048))
GOOD_EC = cose(ec.generate_private_key(ec.SECP256R1()))


@pytest.mark.parametrize(
    "public",
    [
        OFF_CURVE,
        {1: 2, 3: -7, -1: 2, -2: P384.x.to_bytes(48, "big"), -3: P384.y.to_bytes(48, "big")},
        SMALL_RSA,
        GOOD_RSA | {-2: b"\x03"},
        GOOD_RSA | {-2: b"\x01"},
        GOOD_RSA | {-1: b"\xff" * 2000},
        GOOD_RSA | {3: -7},
        GOOD_EC | {3: -8},
        GOOD_EC | {3: -257},
        GOOD_EC | {3: -35},
        GOOD_EC | {-2: 7},
        GOOD_EC | {-2: b""},
        {1: 1, 3: -8, -1: 6, -2: bytes(31)},
        {1: 7, 3: -48, -1: bytes(1312)},
        {},
        [],
        4,
        None,
        "key",
    ],
)
def test_a_key_that_was_not_asked_for_is_refused(software: Software, public: Any) -> None:
    software.public = public

    refused_registration(software)


@pytest.mark.parametrize(
    "attestation",
    [
        {"fmt": "packed", "attStmt": {"x5c": [b"certificate"]}},
        {"fmt": "none", "attStmt": {"sig": b"x"}},
        *({"fmt": fmt, "attStmt": {}} for fmt in ("tpm", "apple", "android-key", "android-safetynet", "fido-u2f", "x")),
        {"fmt": ["none"], "attStmt": {}},
        {"fmt": "none", "attStmt": 5},
        {"fmt": "none", "attStmt": None},
    ],
    ids=str,
)
def test_attestation_that_was_not_asked_for_is_refused(software: Software, attestation: dict[str, Any]) -> None:
    software.attestation = attestation

    refused_registration(software)


def test_certificates_are_not_even_parsed(software: Software, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[object] = []
    monkeypatch.setattr("webauthn.verify_registration_response", lambda **given: called.append(given))
    software.attestation = {"fmt": "tpm", "attStmt": {"x5c": [b"certificate"], "ver": "2.0"}}

    refused_registration(software)
    assert called == []


@pytest.mark.parametrize(
    "raised",
    [
        WebAuthnException(),
        InvalidSignature(),
        UnsupportedAlgorithm("x"),
        AttributeError(),
        OverflowError(),
        KeyError(),
        UnicodeDecodeError("utf-8", b"", 0, 1, ""),
        RecursionError(),
    ],
    ids=repr,
)
def test_whatever_the_library_raises_is_a_refusal(monkeypatch: pytest.MonkeyPatch, raised: Exception) -> None:
    """Some of these no input reaches in the version of today."""

    def raising(**_: object) -> None:
        raise raised

    software = Software()
    passkey = register(software)
    monkeypatch.setattr("webauthn.verify_registration_response", raising)
    monkeypatch.setattr("webauthn.verify_authentication_response", raising)

    refused_registration(software)
    with pytest.raises(NotSignedIn):
        sign_in(software, passkey)


def handle(software: Software, raw: bytes | None) -> dict[str, Any]:
    _, options = PARTY.authentication_options()
    answer = software.get(options)
    answer["response"]["userHandle"] = None if raw is None else base64url(raw)
    return answer


@pytest.mark.parametrize("account_id", [1, ACCOUNT, 2**63 - 1])
def test_the_handle_says_whose(software: Software, account_id: int) -> None:
    assert passkeys.account_id_of(handle(software, account_id.to_bytes(8, "big"))) == account_id


@pytest.mark.parametrize("raw", [None, b"", b"\0" * 7, b"\0" * 9, b"\xff" * 8, b"\x80" + b"\0" * 7])
def test_another_handle_is_nobodys(software: Software, raw: bytes | None) -> None:
    with pytest.raises(NotSignedIn):
        passkeys.account_id_of(handle(software, raw))


def test_the_party_is_the_public_host() -> None:
    assert RelyingParty("http://localhost:8080", []).id == "localhost"
    with pytest.raises(BadSetting):
        RelyingParty("posko", [])


SOFTWARE = Software()
CHALLENGE, OPTIONS = PARTY.registration_options(ACCOUNT, "budi.s", "Budi", [])
CREATED = SOFTWARE.create(OPTIONS)
PASSKEY = PARTY.verify_registration(CREATED, CHALLENGE)
GET_CHALLENGE, GET_OPTIONS = PARTY.authentication_options()
GOT = SOFTWARE.get(GET_OPTIONS)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(alphabet=st.characters(), max_size=20),
    st.binary(max_size=80).map(base64url),
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
CBOR = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.binary(max_size=40)),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.one_of(st.integers(-4, 4), st.text(max_size=8)), inner, max_size=4)
        | st.builds(lambda tag, value: cbor2.CBORTag(tag, value), st.integers(0, 300), inner)
    ),
    max_leaves=10,
)


def answered(credential: Any, public_key: bytes = PASSKEY.public_key) -> int:
    """How many functions answer; the others refuse, and any other exception fails the test."""
    count = 0
    for work, refusal in (
        (lambda: PARTY.verify_registration(credential, CHALLENGE), Invalid),
        (lambda: PARTY.verify_authentication(credential, GET_CHALLENGE, public_key, 0), NotSignedIn),
        (lambda: passkeys.credential_id_of(credential), NotSignedIn),
        (lambda: passkeys.account_id_of(credential), NotSignedIn),
    ):
        try:
            work()
            count += 1
        except refusal:
            continue
    return count


def test_the_whole_answers_where_it_should() -> None:
    assert answered(CREATED) == 1
    assert answered(GOT) == 3


@given(ANYTHING)
def test_any_json_is_refused(credential: Any) -> None:
    assert answered(credential) + answered(json.dumps(credential)) == 0


@given(st.text(alphabet=st.characters(), max_size=60))
def test_any_text_is_refused(text: str) -> None:
    assert answered(text) == 0


@settings(max_examples=400)
@given(st.data())
def test_any_part_replaced_is_no_other_exception(data: st.DataObject) -> None:
    credential = copy.deepcopy(data.draw(st.sampled_from([CREATED, GOT])))
    place = credential if data.draw(st.booleans()) else credential["response"]
    place[data.draw(st.sampled_from(sorted(place)))] = data.draw(ANYTHING)

    answered(credential)
    answered(json.dumps(credential))


@settings(max_examples=400)
@given(CBOR, CBOR, CBOR)
def test_any_attestation_is_no_other_exception(public: Any, statement: Any, fmt: Any) -> None:
    for changed_public, changed_statement, changed_fmt in (
        (public, {}, "none"),
        (cose(SOFTWARE.key), statement, "none"),
        (cose(SOFTWARE.key), statement, "packed"),
        (cose(SOFTWARE.key), {}, fmt),
    ):
        changed = Software(SOFTWARE.key)
        changed.public = changed_public
        try:
            whole = changed.create(OPTIONS)
        except cbor2.CBOREncodeError:
            return
        auth_data = cbor2.loads(from_base64url(whole["response"]["attestationObject"]))["authData"]
        said = cbor2.dumps({"fmt": changed_fmt, "attStmt": changed_statement, "authData": auth_data})
        whole["response"]["attestationObject"] = base64url(said)
        answered(whole)


@settings(max_examples=400)
@given(st.data())
def test_any_bytes_inside_are_no_other_exception(data: st.DataObject) -> None:
    credential = copy.deepcopy(data.draw(st.sampled_from([CREATED, GOT])))
    names = sorted(set(credential["response"]) - {"transports"})
    name = data.draw(st.sampled_from(names))
    right = from_base64url(credential["response"][name])
    start = data.draw(st.integers(0, len(right)))
    stop = data.draw(st.integers(start, len(right)))
    junk = data.draw(st.one_of(st.binary(max_size=60), CBOR.map(cbor2.dumps), ANYTHING.map(json.dumps).map(str.encode)))
    credential["response"][name] = base64url(right[:start] + junk + right[stop:])

    answered(credential)


@given(st.one_of(st.binary(max_size=100), CBOR.map(cbor2.dumps)))
def test_a_damaged_stored_key_is_no_other_exception(public_key: bytes) -> None:
    answered(GOT, public_key)


@pytest.mark.parametrize("depth", [200, 2_000, 12_000])
def test_deep_nesting_is_no_other_exception(depth: int) -> None:
    nested_json = base64url((b'{"type":' + b"[" * depth)[:12_000])
    for nested_cbor in (b"\x81" * depth, b"\xc1" * depth, b"\xa1\x00" * (depth // 2), b"\x9f" * depth):
        authenticator = from_base64url(GOT["response"]["authenticatorData"])
        with_extensions = authenticator[:32] + bytes([authenticator[32] | 128]) + authenticator[33:] + nested_cbor
        for whole, name, raw in (
            (CREATED, "attestationObject", nested_cbor),
            (GOT, "authenticatorData", with_extensions[:12_000]),
        ):
            answered(whole | {"response": whole["response"] | {name: base64url(raw)}})
    for whole in (CREATED, GOT):
        answered(whole | {"response": whole["response"] | {"clientDataJSON": nested_json}})
        answered("[" * depth)
        answered('{"x":' * depth)


def test_sizes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing long reaches the library, as text or as a field."""
    called: list[object] = []
    monkeypatch.setattr("webauthn.helpers.parse_attestation_object", called.append)
    for name in ("clientDataJSON", "attestationObject"):
        answered(CREATED | {"response": CREATED["response"] | {name: "A" * 16_385}})
    answered(json.dumps(CREATED) + " " * passkeys.CREDENTIAL_LIMIT_CHARACTERS)
    answered(CREATED | {"id": "A" * 1_400, "rawId": "A" * 1_400})

    assert called == []
