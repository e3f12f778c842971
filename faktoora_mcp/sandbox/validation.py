"""What the API accepts in a body: required fields, JSON types, known names, the postcode of its country."""

import re
from collections.abc import Iterator
from typing import cast

from .countries import CODES
from .faults import InvalidRequestError
from .records import Json, Record

REQUIRED = ("isCompany", "address", "postcode", "city", "extras")
NOT_BLANK = r"[^\s\x1c-\x1f\x85\ufeff]"  # the same signs in Python and in ECMAScript, whose \s differ
TEXTS = frozenset({
    "address", "postcode", "city", "name", "firstName", "lastName", "email", "customerId", "country",
    "phoneNo", "vatId", "taxId", "peppolId", "glnId", "dunsId", "invoiceProfile", "category",
    "nameAuthorisedSignatory", "supplierNumber", "routeId", "title", "gender", "faxNo", "note",
    "legalform", "industry",
})  # fmt: skip
NEVER_BLANK = frozenset({"address", "postcode", "city", "customerId"})
_CONTACT_TEXTS = ("id", "firstName", "lastName", "email", "phoneNo", "position", "department", "note")
_ADDRESS_TEXTS = ("id", "name", "address", "postcode", "city", "country", "note")
ENTRY_TEXTS = {"customerContacts": frozenset(_CONTACT_TEXTS), "deliveryAddresses": frozenset(_ADDRESS_TEXTS)}
_API_OWNED = ("id", "faktooraId", "user", "importedFile", "invoiceTemplate", "createdAt", "updatedAt")
API_OWNED = frozenset(_API_OWNED)
POSTCODE_DIGITS = {"DE": 5, "AT": 4, "CH": 4}


def new_customer(body: Record) -> Record:
    """The body of a create, or InvalidRequestError with one sentence per fault."""
    missing = [f'"{field}" is required' for field in REQUIRED if field not in body]
    _refuse([*missing, *_field_faults(body), *_place_faults(body)])
    return body


def changed_customer(current: Record, changes: Record) -> Record:
    """The record after a partial update: null clears, lists and extras replace; other data is not judged."""
    merged = current | changes
    place = _place_faults(merged) if "postcode" in changes or "country" in changes else []
    _refuse([*_field_faults(changes), *place])
    return merged


def import_request(body: Record) -> str:
    faults = [f'"{field}" is not allowed' for field in body if field != "fileId"]
    file_id = body.get("fileId")
    if isinstance(file_id, str) and file_id:
        _refuse(faults)
        return file_id
    raise InvalidRequestError('"fileId" is required and must be a string', *faults)


def _refuse(faults: list[str]) -> None:
    if faults:
        raise InvalidRequestError(*faults)


def _field_faults(body: Record) -> Iterator[str]:
    for field, value in body.items():
        fault = _name_fault(field) or _value_fault(field, value)
        if fault:
            yield f'"{field}" {fault}'


def _name_fault(field: str) -> str | None:
    if field in API_OWNED:
        return "is set by the API and cannot be written"
    if field == "customerDeliveryAddresses":
        return "is not allowed; delivery addresses are written as deliveryAddresses"
    known = field in TEXTS or field in ENTRY_TEXTS or field in REQUIRED
    return None if known else "is not allowed"


def _value_fault(field: str, value: Json) -> str | None:
    if value is None:
        return "must not be null" if field in REQUIRED else None
    if field == "isCompany":
        return None if isinstance(value, bool) else "must be a boolean"
    if field == "extras":
        return None if isinstance(value, dict) else "must be an object"
    if field in ENTRY_TEXTS:
        return _entries_fault(ENTRY_TEXTS[field], value)
    return _text_fault(field, value)


def _text_fault(field: str, value: Json) -> str | None:
    if not isinstance(value, str):
        return "must be a string"
    if field in NEVER_BLANK and not re.search(NOT_BLANK, value):
        return "must not be blank"
    if field == "country" and value not in CODES:
        return f"must be an ISO 3166-1 alpha-2 code such as DE, got {value[:40]!r}"
    return None


def _entries_fault(texts: frozenset[str], value: Json) -> str | None:
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        return "must be an array of objects"
    entries = cast("list[Record]", value)
    ids = [entry["id"] for entry in entries if entry.get("id")]
    for position, entry in enumerate(entries):
        wrong = [key for key in sorted(texts & entry.keys()) if not isinstance(entry[key], str | None)]
        if wrong:
            return f"entry {position}: {wrong[0]} must be a string"
    return "has two entries of one id" if len(set(map(str, ids))) < len(ids) else None


def _place_faults(record: Record) -> list[str]:
    country, postcode = record.get("country"), record.get("postcode")
    digits = POSTCODE_DIGITS.get(country) if isinstance(country, str) else None
    if digits is None or not isinstance(postcode, str) or not re.search(NOT_BLANK, postcode):
        return []
    fits = re.fullmatch(f"[0-9]{{{digits}}}", postcode)
    return [] if fits else [f'"postcode" must have {digits} digits in {country}, got {postcode[:40]!r}']
