"""Passkeys: WebAuthn ceremonies with discoverable credentials and a verified user, and no attestation.

What a browser sends is a stranger's: its shape and sizes are checked here before the library sees it, and whatever the
library raises for it becomes one refusal.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Final, Literal, TypeAlias, TypeVar
from urllib.parse import urlsplit

import msgspec
import webauthn
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from msgspec import Meta
from webauthn import helpers
from webauthn.helpers import structs as w
from webauthn.helpers.cose import COSEAlgorithmIdentifier as Algorithm
from webauthn.helpers.exceptions import WebAuthnException

from posko.config import BadSetting
from posko.errors import FieldError, Invalid, NotSignedIn

RP_NAME: Final = "posko"
TIMEOUT_MS: Final = 300_000
CREDENTIAL_LIMIT_CHARACTERS: Final = 65_536
"""Of a credential that is given as JSON text."""

_CHALLENGE_BYTES: Final = 32
_HANDLE_BYTES: Final = 8
_ACCOUNT_ID_LIMIT: Final = 2**63
"""Account ids are PostgreSQL bigints."""
_ALGORITHMS: Final = (Algorithm.ECDSA_SHA_256, Algorithm.EDDSA, Algorithm.RSASSA_PKCS1_v1_5_SHA_256)
_RSA_BITS: Final = range(2048, 4097)
_RSA_EXPONENT: Final = 65537
_LIBRARY_ERRORS: Final = (
    WebAuthnException,
    InvalidSignature,
    UnsupportedAlgorithm,
    msgspec.MsgspecError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)
"""What malformed JSON, CBOR and keys make the libraries raise, or may in another version: they promise nothing."""

Text: TypeAlias = str | Mapping[str, Any]
"""A credential as a browser's `toJSON()` gave it, as JSON text or already read."""
_Base64: TypeAlias = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]+\Z", max_length=16_384)]
_Short: TypeAlias = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]+\Z", max_length=1_364)]
"""A credential id has at most 1,023 bytes."""
_R = TypeVar("_R")


class NewPasskey(msgspec.Struct, frozen=True):
    """A registered passkey, to be stored; `public_key` is COSE, `backed_up` says that it is synchronised."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    backed_up: bool


class _Attestation(msgspec.Struct, frozen=True, rename="camel"):
    client_data: _Base64 = msgspec.field(name="clientDataJSON")
    attestation_object: _Base64


class _Registration(msgspec.Struct, frozen=True, rename="camel"):
    id: _Short
    raw_id: _Short
    type: Literal["public-key"]
    response: _Attestation


class _Assertion(msgspec.Struct, frozen=True, rename="camel"):
    client_data: _Base64 = msgspec.field(name="clientDataJSON")
    authenticator_data: _Base64
    signature: _Base64
    user_handle: _Short | None = None


class _Authentication(msgspec.Struct, frozen=True, rename="camel"):
    id: _Short
    raw_id: _Short
    type: Literal["public-key"]
    response: _Assertion


class _ClientData(msgspec.Struct, frozen=True, rename="camel"):
    cross_origin: bool = False


def _read(credential: Text, shape: type[_R]) -> _R:
    if not isinstance(credential, str):
        return msgspec.convert(credential, shape)
    if len(credential) > CREDENTIAL_LIMIT_CHARACTERS:
        raise ValueError("the credential is too long")
    return msgspec.json.decode(credential, type=shape)


def _own_page(client_data: bytes) -> bytes:
    """The client data, unless the ceremony ran in somebody else's page, which the library lets pass."""
    if msgspec.json.decode(client_data, type=_ClientData).cross_origin:
        raise ValueError("the ceremony ran inside a page from elsewhere")
    return client_data


def _require_usable(public_key: bytes) -> None:
    """Registering does not use the key: one that could never be used, or only slowly, is refused here."""
    decoded = helpers.decode_credential_public_key(public_key)
    key = helpers.decoded_public_key_to_cryptography(decoded)
    match key:
        case ec.EllipticCurvePublicKey():
            usable = decoded.alg == Algorithm.ECDSA_SHA_256 and isinstance(key.curve, ec.SECP256R1)
        case ed25519.Ed25519PublicKey():
            usable = decoded.alg == Algorithm.EDDSA
        case rsa.RSAPublicKey():
            usable = decoded.alg == Algorithm.RSASSA_PKCS1_v1_5_SHA_256
            usable = usable and key.key_size in _RSA_BITS and key.public_numbers().e == _RSA_EXPONENT
        case _:
            usable = False
    if not usable:
        raise ValueError("not a key of the kinds that were asked for")


def _require_no_attestation(attestation_object: bytes) -> None:
    """Certificates were not asked for, and are not parsed: only `none`, and what signs itself, go on."""
    found = helpers.parse_attestation_object(attestation_object)
    if found.fmt not in (w.AttestationFormat.NONE, w.AttestationFormat.PACKED) or found.att_stmt.x5c is not None:
        raise ValueError("an attestation that was not asked for")


def _refused_sign_in(work: Callable[[], _R]) -> _R:
    try:
        return work()
    except _LIBRARY_ERRORS:
        raise NotSignedIn("this passkey was not accepted") from None


def credential_id_of(credential: Text) -> bytes:
    """Which passkey answers, before anything is verified. Raises NotSignedIn."""
    return _refused_sign_in(lambda: helpers.base64url_to_bytes(_read(credential, _Authentication).id))


def account_id_of(credential: Text) -> int:
    """Whose passkey it says it is (the user handle), before anything is verified. Raises NotSignedIn."""
    handle = _refused_sign_in(
        lambda: helpers.base64url_to_bytes(_read(credential, _Authentication).response.user_handle or "")
    )
    account_id = int.from_bytes(handle, "big")
    if len(handle) != _HANDLE_BYTES or account_id >= _ACCOUNT_ID_LIMIT:
        raise NotSignedIn("this passkey was not accepted")
    return account_id


class RelyingParty:
    """This service to an authenticator: its id is the host of `public_url`, for browsers a name and never an address.

    Raises BadSetting if `public_url` has no host.
    """

    def __init__(self, public_url: str, allowed_origins: Sequence[str]) -> None:
        address = urlsplit(public_url)
        if not address.hostname:
            raise BadSetting(f"public_url {public_url!r} has no host")
        self.id = address.hostname
        self._origins = [f"{address.scheme}://{address.netloc}", *allowed_origins]

    def registration_options(
        self, account_id: int, username: str, full_name: str, existing: Sequence[bytes]
    ) -> tuple[bytes, str]:
        """The challenge to remember, and PublicKeyCredentialCreationOptionsJSON; `existing` are the account's ids."""
        challenge = secrets.token_bytes(_CHALLENGE_BYTES)
        options = webauthn.generate_registration_options(
            rp_id=self.id,
            rp_name=RP_NAME,
            user_id=account_id.to_bytes(_HANDLE_BYTES, "big"),
            user_name=username,
            user_display_name=full_name,
            challenge=challenge,
            timeout=TIMEOUT_MS,
            attestation=w.AttestationConveyancePreference.NONE,
            authenticator_selection=w.AuthenticatorSelectionCriteria(
                resident_key=w.ResidentKeyRequirement.REQUIRED,
                user_verification=w.UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[w.PublicKeyCredentialDescriptor(id=id_) for id_ in existing],
            supported_pub_key_algs=list(_ALGORITHMS),
        )
        return challenge, webauthn.options_to_json(options)

    def verify_registration(self, credential: Text, challenge: bytes, *, path: str = "$.credential") -> NewPasskey:
        """The new passkey. Raises Invalid, naming `path` and `passkey`, whatever is wrong."""
        try:
            return self._registered(_read(credential, _Registration), challenge)
        except _LIBRARY_ERRORS:
            message = "this is not an answer to the passkey that was asked for"
            raise Invalid(message, errors=[FieldError(path, "passkey", message)]) from None

    def _registered(self, said: _Registration, challenge: bytes) -> NewPasskey:
        attestation_object = helpers.base64url_to_bytes(said.response.attestation_object)
        _require_no_attestation(attestation_object)
        found = webauthn.verify_registration_response(
            credential=w.RegistrationCredential(
                id=said.id,
                raw_id=helpers.base64url_to_bytes(said.raw_id),
                response=w.AuthenticatorAttestationResponse(
                    client_data_json=_own_page(helpers.base64url_to_bytes(said.response.client_data)),
                    attestation_object=attestation_object,
                ),
            ),
            expected_challenge=challenge,
            expected_rp_id=self.id,
            expected_origin=self._origins,
            require_user_verification=True,
            supported_pub_key_algs=list(_ALGORITHMS),
        )
        if helpers.bytes_to_base64url(found.credential_id) != said.id:
            raise ValueError("the authenticator made another credential than the browser names")
        _require_usable(found.credential_public_key)
        return NewPasskey(
            credential_id=found.credential_id,
            public_key=found.credential_public_key,
            sign_count=found.sign_count,
            backed_up=found.credential_backed_up,
        )

    def authentication_options(self) -> tuple[bytes, str]:
        """The challenge to remember, and PublicKeyCredentialRequestOptionsJSON; whoever has a passkey may answer."""
        challenge = secrets.token_bytes(_CHALLENGE_BYTES)
        options = webauthn.generate_authentication_options(
            rp_id=self.id,
            challenge=challenge,
            timeout=TIMEOUT_MS,
            user_verification=w.UserVerificationRequirement.REQUIRED,
        )
        return challenge, webauthn.options_to_json(options)

    def verify_authentication(
        self, credential: Text, challenge: bytes, public_key: bytes, sign_count: int
    ) -> tuple[int, bool]:
        """The new sign count and whether the passkey is synchronised. Raises NotSignedIn, whatever is wrong.

        `public_key` and `sign_count` as they are stored for `credential_id_of(credential)`. A count that is not zero
        and not greater than before is refused: there may be a copy of the passkey.
        """
        return _refused_sign_in(
            lambda: self._authenticated(_read(credential, _Authentication), challenge, public_key, sign_count)
        )

    def _authenticated(
        self, said: _Authentication, challenge: bytes, public_key: bytes, sign_count: int
    ) -> tuple[int, bool]:
        found = webauthn.verify_authentication_response(
            credential=w.AuthenticationCredential(
                id=said.id,
                raw_id=helpers.base64url_to_bytes(said.raw_id),
                response=w.AuthenticatorAssertionResponse(
                    client_data_json=_own_page(helpers.base64url_to_bytes(said.response.client_data)),
                    authenticator_data=helpers.base64url_to_bytes(said.response.authenticator_data),
                    signature=helpers.base64url_to_bytes(said.response.signature),
                ),
            ),
            expected_challenge=challenge,
            expected_rp_id=self.id,
            expected_origin=self._origins,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
        return found.new_sign_count, found.credential_backed_up
