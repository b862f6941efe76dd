"""Bytes in, reports out: one, or an array in which a bad item is refused by itself."""

from __future__ import annotations

import uuid
from typing import Final

import msgspec

from posko import errors
from posko.errors import Invalid, PoskoError, broken, field_error
from posko.reports.report import Receipt, ReportIn, ReportItem

UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""Not JSON, not UTF-8, or nested beyond reason."""


class _Identified(msgspec.Struct):
    id: uuid.UUID


_one = msgspec.json.Decoder(ReportIn)
_item = msgspec.json.Decoder(ReportItem)
_items = msgspec.json.Decoder(list[ReportItem])
_raws = msgspec.json.Decoder(list[msgspec.Raw])
_identified = msgspec.json.Decoder(_Identified)


def decode_one(body: bytes) -> ReportIn:
    """One report, or which field is outside which rule."""
    try:
        return _one.decode(body)
    except msgspec.ValidationError as error:
        raise _invalid(error) from None
    except UNREADABLE as error:
        raise errors.MalformedBody(str(error)) from None


def decode_many(body: bytes, *, limit: int) -> list[ReportItem | Receipt]:
    """An array of reports; an item outside the rules is its refusal, the others stand."""
    try:
        found: list[ReportItem | Receipt] = list(_items.decode(body))
    except msgspec.ValidationError:
        found = _decode_each(body)
    except UNREADABLE as error:
        raise errors.MalformedBody(str(error)) from None
    if not 1 <= len(found) <= limit:
        raise broken("$", "items-limit", f"an array of 1 to {limit} reports; this one has {len(found)}")
    return found


def _decode_each(body: bytes) -> list[ReportItem | Receipt]:
    try:
        raws = _raws.decode(body)
    except msgspec.ValidationError as error:
        raise _invalid(error) from None
    except UNREADABLE as error:
        raise errors.MalformedBody(str(error)) from None
    found: list[ReportItem | Receipt] = []
    for index, raw in enumerate(raws):
        try:
            found.append(_item.decode(raw))
        except UNREADABLE as error:
            found.append(refused(_id_of(raw), _invalid(error, f"$[{index}]")))
    return found


def _id_of(raw: msgspec.Raw) -> uuid.UUID | None:
    try:
        return _identified.decode(raw).id
    except UNREADABLE:
        return None


def _invalid(error: Exception, root: str = "$") -> Invalid:
    found = field_error(str(error), root)
    return Invalid(found.message, errors=[found])


def refused(report_id: uuid.UUID | None, error: PoskoError) -> Receipt:
    """The answer to a report that was not taken."""
    return Receipt(id=report_id, status=error.status, outcome="refused", problem=error.problem())
