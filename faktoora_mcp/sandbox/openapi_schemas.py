"""JSON schemas of the OpenAPI document: request bodies and records."""

from collections.abc import Iterable, Mapping

from .countries import CODES
from .errors import CODES as ERROR_CODES
from .records import FIELDS, Json, Record
from .validation import ENTRY_TEXTS, NEVER_BLANK, NOT_BLANK, POSTCODE_DIGITS, REQUIRED, TEXTS

TEXT: Record = {"type": "string"}
TEXT_OR_NULL: Record = {"type": ["string", "null"]}
COUNT: Record = {"type": "integer", "minimum": 0}
COUNTRY: Record = {
    "enum": [*sorted(CODES), None],
    "description": "ISO 3166-1 alpha-2 code, such as DE, AT or CH.",
}
TIME: Record = {
    "type": "string",
    "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$",
}
POSTCODE_RULE = "5 digits with country DE, 4 digits with AT or CH, free elsewhere or without a country"


def schemas() -> Record:
    return {
        "NewCustomer": _new_customer(),
        "CustomerChanges": _customer_changes(),
        "ImportRequest": closed({"fileId": {"type": "string", "minLength": 1}}, ["fileId"]),
        "Customer": _customer(),
        "CustomerPage": _customer_page(),
        "Number": closed({"value": {"type": "string", "minLength": 1}}),
        "Succeed": closed({"succeed": {"type": "boolean"}}),
        "Errors": _errors(),
    }


def ref(name: str) -> Record:
    return {"$ref": f"#/components/schemas/{name}"}


def array(items: Record) -> Record:
    return {"type": "array", "items": items}


def closed(properties: Mapping[str, Json], required: Iterable[str] | None = None) -> Record:
    """An object with these properties and no others; by default all of them are required."""
    names: list[Json] = [*(properties if required is None else required)]
    described: Record = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    if names:
        described["required"] = names
    return described


def _new_customer() -> Record:
    by_country: list[Json] = [
        {
            "if": {"required": ["country"], "properties": {"country": {"const": country}}},
            "then": {"properties": {"postcode": {"pattern": f"^[0-9]{{{digits}}}$"}}},
        }
        for country, digits in POSTCODE_DIGITS.items()
    ]
    note = "A customerId that another customer has, or two entries with the same id, are refused."
    return {**closed(_written(), REQUIRED), "allOf": by_country, "description": note}


def _customer_changes() -> Record:
    note = (
        "null clears an optional field; lists and extras are replaced. postcode and country are"
        " validated together: a missing one is taken from the stored customer. A customerId"
        " that another customer has, or two entries with the same id, are refused."
    )
    return {**closed(_written(), ()), "description": note}


def _written() -> Record:
    optional = sorted(TEXTS - set(REQUIRED) - {"country"})
    properties: Record = {"isCompany": {"type": "boolean"}, "extras": {"type": "object"}}
    properties |= {field: {"type": "string", "pattern": NOT_BLANK} for field in ("address", "city")}
    properties["postcode"] = {"type": "string", "pattern": NOT_BLANK, "description": f"{POSTCODE_RULE}."}
    properties |= {field: _never_blank() if field in NEVER_BLANK else TEXT_OR_NULL for field in optional}
    properties["country"] = COUNTRY
    entries: Record = {name: _written_entries(texts) for name, texts in ENTRY_TEXTS.items()}
    return properties | entries


def _never_blank() -> Record:
    return TEXT_OR_NULL | {"pattern": NOT_BLANK}


def _written_entries(texts: Iterable[str]) -> Record:
    return {
        "type": ["array", "null"],
        "items": _entry(texts),
        "description": "Two entries must not share an id; an entry without one gets one.",
    }


def _entry(texts: Iterable[str]) -> Record:
    """Other properties are allowed, since the API does not document the fields of an entry."""
    known: Record = dict.fromkeys(sorted(texts), TEXT_OR_NULL)
    return {"type": "object", "properties": known}


def _customer() -> Record:
    sent: Record = dict.fromkeys(FIELDS, TEXT_OR_NULL)
    sent |= dict.fromkeys(("id", "faktooraId", "address", "postcode", "city"), TEXT)
    sent |= {"isCompany": {"type": "boolean"}, "extras": {"type": "object"}, "country": COUNTRY}
    sent |= {"createdAt": TIME, "updatedAt": TIME}
    return closed(sent | _relations(), FIELDS)


def _relations() -> Record:
    """Present only when relationFields[] asks for them."""
    named: Record = {**closed({"id": TEXT, "name": TEXT_OR_NULL}), "type": ["object", "null"]}
    file: Record = {**closed({"id": TEXT, "name": TEXT, "createdAt": TIME}), "type": ["object", "null"]}
    return {
        "user": closed(dict.fromkeys(("id", "email", "firstName", "lastName"), TEXT)),
        "legalform": named,
        "importedFile": file,
        "invoiceTemplate": named,
        "customerContacts": _read_entries("customerContacts"),
        "customerDeliveryAddresses": _read_entries("deliveryAddresses"),
    }


def _read_entries(name: str) -> Record:
    with_id: Record = {"required": ["id"], "properties": {"id": TEXT}}
    return array({"allOf": [_entry(ENTRY_TEXTS[name]), with_id]})


def _customer_page() -> Record:
    meta: Record = dict.fromkeys(("page", "perPage", "totalItems", "totalPages"), COUNT)
    return closed({"data": array(ref("Customer")), "meta": closed(meta)})


def _errors() -> Record:
    error = closed({"code": {"enum": list(ERROR_CODES)}, "message": TEXT})
    return closed({"errors": array(error) | {"minItems": 1}})
