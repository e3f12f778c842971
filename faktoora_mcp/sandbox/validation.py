"""Validates request bodies: required fields, JSON types, field names, postcodes by country."""

import re
from collections.abc import Iterator
from typing import cast

from .countries import CODES
from .errors import InvalidRequestError
from .forms import Forms
from .records import Json, Record

REQUIRED = ("isCompany", "address", "postcode", "city", "extras")
# \s differs between Python and ECMAScript; this class means the same in both.
NOT_BLANK = r"[^\s\x1c-\x1f\x85\ufeff]"
TEXTS = frozenset({
    "address", "postcode", "city", "name", "firstName", "lastName", "email", "customerId", "country",
    "phoneNo", "vatId", "taxId", "peppolId", "glnId", "dunsId", "invoiceProfile", "category",
    "nameAuthorisedSignatory", "supplierNumber", "routeId", "title", "gender", "faxNo", "note",
    "legalform", "industry",
})  # fmt: skip
NEVER_BLANK = frozenset({"address", "postcode", "city", "customerId"})
CLEARABLE = TEXTS - set(REQUIRED)
_CONTACT_TEXTS = ("id", "firstName", "lastName", "email", "phoneNo", "position", "department", "note")
_ADDRESS_TEXTS = ("id", "name", "address", "postcode", "city", "country", "note")
ENTRY_TEXTS = {"customerContacts": frozenset(_CONTACT_TEXTS), "deliveryAddresses": frozenset(_ADDRESS_TEXTS)}
_API_OWNED = ("id", "faktooraId", "user", "importedFile", "invoiceTemplate", "createdAt", "updatedAt")
API_OWNED = frozenset(_API_OWNED)
POSTCODE_DIGITS = {"DE": 5, "AT": 4, "CH": 4}


def new_customer(body: Record, forms: Forms) -> Record:
    """The body of a create request. InvalidRequestError has one message per problem."""
    _refuse([*_missing(body), *_field_problems(body, forms), *_postcode_problems(body)])
    return _without_empty_texts(body, forms)


def changed_customer(current: Record, changes: Record, forms: Forms) -> Record:
    """The record after a partial update: lists and extras replace. Only changes are checked."""
    missing = _missing(changes) if forms.patch_needs_required else ()
    merged = current | _without_empty_texts(changes, forms)
    if not forms.edits_is_company:
        merged["isCompany"] = current["isCompany"]
    postcode = _postcode_problems(merged) if "postcode" in changes or "country" in changes else []
    _refuse([*missing, *_field_problems(changes, forms), *postcode])
    return merged


def import_request(body: Record) -> str:
    problems = [f'"{field}" is not allowed' for field in body if field != "fileId"]
    file_id = body.get("fileId")
    if isinstance(file_id, str) and file_id:
        _refuse(problems)
        return file_id
    raise InvalidRequestError('"fileId" is required and must be a string', *problems)


def _refuse(problems: list[str]) -> None:
    if problems:
        raise InvalidRequestError(*problems)


def _missing(body: Record) -> Iterator[str]:
    return (f'"{field}" is required' for field in REQUIRED if field not in body)


def _without_empty_texts(body: Record, forms: Forms) -> Record:
    if forms.clears_with == "null":
        return body
    cleared = None if forms.shows_cleared_as == "null" else ""
    return {field: cleared if value == "" else value for field, value in body.items()}


def _field_problems(body: Record, forms: Forms) -> Iterator[str]:
    for field, value in body.items():
        problem = _name_problem(field) or _value_problem(field, value, forms)
        if problem:
            yield f'"{field}" {problem}'


def _name_problem(field: str) -> str | None:
    if field in API_OWNED:
        return "is set by the API and cannot be written"
    if field == "customerDeliveryAddresses":
        return "is not allowed; delivery addresses are written as deliveryAddresses"
    known = field in TEXTS or field in ENTRY_TEXTS or field in REQUIRED
    return None if known else "is not allowed"


def _value_problem(field: str, value: Json, forms: Forms) -> str | None:
    if forms.clears_with == "empty":
        return None if value == "" and field in CLEARABLE else _type_problem(field, value)
    if value is None:
        return "must not be null" if field in REQUIRED else None
    return _type_problem(field, value)


def _type_problem(field: str, value: Json) -> str | None:
    if field == "isCompany":
        return None if isinstance(value, bool) else "must be a boolean"
    if field == "extras":
        return None if isinstance(value, dict) else "must be an object"
    if field in ENTRY_TEXTS:
        return _entries_problem(ENTRY_TEXTS[field], value)
    return _text_problem(field, value)


def _text_problem(field: str, value: Json) -> str | None:
    if not isinstance(value, str):
        return "must be a string"
    if field in NEVER_BLANK and not re.search(NOT_BLANK, value):
        return "must not be blank"
    if field == "country" and value not in CODES:
        return f"must be an ISO 3166-1 alpha-2 code such as DE, got {value[:40]!r}"
    return None


def _entries_problem(texts: frozenset[str], value: Json) -> str | None:
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        return "must be an array of objects"
    entries = cast("list[Record]", value)
    ids = [entry["id"] for entry in entries if entry.get("id")]
    for position, entry in enumerate(entries):
        wrong = [key for key in sorted(texts & entry.keys()) if not isinstance(entry[key], str | None)]
        if wrong:
            return f"entry {position}: {wrong[0]} must be a string"
    return "has two entries with the same id" if len(set(map(str, ids))) < len(ids) else None


def _postcode_problems(record: Record) -> list[str]:
    country, postcode = record.get("country"), record.get("postcode")
    digits = POSTCODE_DIGITS.get(country) if isinstance(country, str) else None
    if digits is None or not isinstance(postcode, str) or not re.search(NOT_BLANK, postcode):
        return []
    fits = re.fullmatch(f"[0-9]{{{digits}}}", postcode)
    return [] if fits else [f'"postcode" must have {digits} digits in {country}, got {postcode[:40]!r}']
