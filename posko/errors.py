"""The error tree. A class's docstring is its title; `code` is stable and is what programs and catalogues key on.

PoskoError 500
├── Refused 4xx
│   ├── BadRequest 400
│   │   └── MalformedBody 400 · UnknownParameter
│   ├── NotSignedIn 401 ─ SecondFactorNeeded · PasskeyNeeded · DeviceLocked · SomebodyElse
│   ├── NotAllowed 403 ─ OriginRefused · EnrolFirst · StepUpNeeded · SecondPersonNeeded
│   ├── NotFound 404 ─ OperationUnknown · PlaceUnknown · ReportUnknown · CounterUnknown · AccountUnknown
│   │            · ContactUnknown · EndpointUnknown
│   ├── Conflict 409 ─ ReportChanged · OperationNotActive · LayoutChanged
│   ├── BodyTooSlow 408
│   ├── BodyTooLarge 413
│   ├── Invalid 422        carries `errors`: a list of {path, rule, message}
│   └── TooMany 429
└── Unavailable 503        carries `retry_after_s`
    ├── DatabaseDown
    ├── QueueFull
    └── ExportsBusy

What is one room's alone is in its own errors.py (posko/photos/errors.py).
"""

from __future__ import annotations

import re
from typing import Any, ClassVar, Final

import msgspec

_UNKNOWN: Final = re.compile(r"unknown field `([^`]+)`")


_TEXT: Final = "u202a-"
"""In the patterns of texts (terms.TEXT_PATTERN, LINE_PATTERN), and in no other."""
UNSEEN: Final = "says nothing, or has characters that nobody sees / kosong, atau ada tanda yang tidak terlihat"


class FieldError(msgspec.Struct, frozen=True, omit_defaults=True):
    """One field outside its rule: a JSON path from `$`, the rule's stable name, a sentence, the codes it is about."""

    path: str
    rule: str
    message: str
    codes: list[str] = []


def field_error(said: str, root: str = "$") -> FieldError:
    """What msgspec says of a value (`rule - at `path``, `rule - at `key` in `path``), as path and rule."""
    message, _, path = said.partition(" - at `")
    of_key, in_, container = path.partition("` in `")
    if in_:
        message, path = f"{of_key}: {message}", container
    path = root + path.rstrip("`").removeprefix("$")
    if unknown := _UNKNOWN.search(message):
        return FieldError(f"{path}.{unknown[1]}", "unknown", message)
    if _TEXT in message:
        return FieldError(path, "unseen", UNSEEN)
    return FieldError(path, "missing" if "missing required" in message else "schema", message)


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """RFC 9457 problem details, the body of every error."""

    type: str
    title: str
    status: int
    code: str
    detail: str = ""
    errors: list[FieldError] = []
    retry_after_s: float | None = None


class PoskoError(Exception):
    """Something went wrong on our side"""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "posko-error"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.code = re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    def __init__(
        self, detail: str = "", *, errors: list[FieldError] | None = None, retry_after_s: float | None = None
    ) -> None:
        super().__init__(detail or self.title())
        self.detail = detail
        self.errors = errors or []
        self.retry_after_s = retry_after_s

    @classmethod
    def title(cls) -> str:
        return (cls.__doc__ or cls.__name__).strip().splitlines()[0]

    def problem(self) -> Problem:
        return Problem(
            type=f"urn:posko:problem:{self.code}",
            title=self.title(),
            status=self.status,
            code=self.code,
            detail=self.detail,
            errors=self.errors,
            retry_after_s=self.retry_after_s,
        )


class Refused(PoskoError):
    """The request was refused"""

    status = 400


class BadRequest(Refused):
    """The request cannot be understood"""

    status = 400


class MalformedBody(BadRequest):
    """The body is not valid JSON"""


class UnknownParameter(BadRequest):
    """There is no such query parameter"""


class NotSignedIn(Refused):
    """Sign in first"""

    status = 401


class SecondFactorNeeded(NotSignedIn):
    """The password is right; the code of the authenticator app is needed too"""


class PasskeyNeeded(NotSignedIn):
    """This account signs in with its passkey"""


class DeviceLocked(NotSignedIn):
    """Too many wrong PINs: enrol this device again"""


class SomebodyElse(NotSignedIn):
    """Another account is signed in here than this is from"""


class NotAllowed(Refused):
    """This account's role does not allow it"""

    status = 403


class EnrolFirst(NotAllowed):
    """This role needs a second factor: enrol it first"""


class StepUpNeeded(NotAllowed):
    """Prove once more that it is you, then try again"""


class SecondPersonNeeded(NotAllowed):
    """A second person has to approve this"""


class OriginRefused(NotAllowed):
    """A page from elsewhere may not do this"""


class NotFound(Refused):
    """There is no such thing here"""

    status = 404


class OperationUnknown(NotFound):
    """There is no such operation"""


class PlaceUnknown(NotFound):
    """There is no such region or TPS in this operation"""


class ReportUnknown(NotFound):
    """There is no such report"""


class CounterUnknown(NotFound):
    """There is no such counter in this operation"""


class AccountUnknown(NotFound):
    """There is no such account, device, session or seat here"""


class ContactUnknown(NotFound):
    """There is no such contact here"""


class EndpointUnknown(NotFound):
    """There is no such webhook endpoint here"""


class Conflict(Refused):
    """This contradicts what is already so"""

    status = 409


class ReportChanged(Conflict):
    """A report with this id exists and says something else"""


class OperationNotActive(Conflict):
    """The operation does not take reports now"""


class LayoutChanged(Conflict):
    """The operation's milestones or contests have just changed"""


class BodyTooSlow(Refused):
    """The body did not come in time"""

    status = 408


class BodyTooLarge(Refused):
    """The body is longer than the limit"""

    status = 413


class Invalid(Refused):
    """A field is outside its rule"""

    status = 422


def broken(path: str, rule: str, message: str) -> Invalid:
    """One field outside one rule."""
    return Invalid(message, errors=[FieldError(path, rule, message)])


class TooMany(Refused):
    """Too many requests"""

    status = 429


class Unavailable(PoskoError):
    """Not now; try again shortly"""

    status = 503

    def __init__(self, detail: str = "", *, retry_after_s: float = 1.0) -> None:
        super().__init__(detail, retry_after_s=retry_after_s)


class DatabaseDown(Unavailable):
    """The database cannot be reached; nothing was stored"""


class QueueFull(Unavailable):
    """More reports are waiting than this process takes; nothing was stored"""


class ExportsBusy(Unavailable):
    """Other files are being made; ask again in a moment"""
