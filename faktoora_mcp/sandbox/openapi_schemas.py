"""JSON schemas of the OpenAPI document: request bodies and records."""

from collections.abc import Iterable, Mapping

from .countries import CODES
from .errors import DOCUMENTED_ERRORS, InvalidRequestError, UnknownCustomerError
from .forms import Forms
from .records import FIELDS, Json, Record
from .validation import ENTRY_TEXTS, NEVER_BLANK, NOT_BLANK, POSTCODE_DIGITS, REQUIRED, TEXTS

TEXT: Record = {"type": "string"}
TEXT_OR_NULL: Record = {"type": ["string", "null"]}
COUNT: Record = {"type": "integer", "minimum": 0}
TIME: Record = {
    "type": "string",
    "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$",
}
POSTCODE_RULE = "5 digits with country DE, 4 digits with AT or CH, free elsewhere or without a country"


def schemas(forms: Forms) -> Record:
    always: Record = {
        "NewCustomer": _new_customer(forms),
        "CustomerChanges": _customer_changes(forms),
        "ImportRequest": closed({"fileId": {"type": "string", "minLength": 1}}, ["fileId"]),
        "Customer": _customer(forms),
        "CustomerPage": _page(ref("Customer"), forms),
        "Number": closed({"value": {"type": "string", "minLength": 1}}),
        "Succeed": closed({"succeed": {"type": "boolean"}}),
        "Errors": _errors(forms),
    }
    uploaded: Record = {"Upload": _upload(), "UploadedFile": closed({"id": TEXT})}
    keys: Record = {"ApiKeyPage": _page(_api_key(), forms)}
    return always | (uploaded if forms.upload else {}) | (keys if forms.apikeys else {})


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


def _new_customer(forms: Forms) -> Record:
    by_country: list[Json] = [
        {
            "if": {"required": ["country"], "properties": {"country": {"const": country}}},
            "then": {"properties": {"postcode": {"pattern": f"^[0-9]{{{digits}}}$"}}},
        }
        for country, digits in POSTCODE_DIGITS.items()
    ]
    note = "A customerId that another customer has, or two entries with the same id, are refused."
    return {**closed(_written(forms), REQUIRED), "allOf": by_country, "description": note}


def _customer_changes(forms: Forms) -> Record:
    clearing = "null" if forms.clears_with == "null" else "An empty text"
    ignored = "" if forms.edits_is_company else " isCompany is ignored."
    note = (
        f"{clearing} clears an optional field; lists and extras are replaced. postcode and country are"
        " validated together: a missing one is taken from the stored customer. A customerId"
        " that another customer has, or two entries with the same id, are refused."
    )
    required = REQUIRED if forms.patch_needs_required else ()
    return {**closed(_written(forms), required), "description": note + ignored}


def _written(forms: Forms) -> Record:
    optional = sorted(TEXTS - set(REQUIRED) - {"country"})
    properties: Record = {"isCompany": {"type": "boolean"}, "extras": {"type": "object"}}
    properties |= {field: {"type": "string", "pattern": NOT_BLANK} for field in ("address", "city")}
    properties["postcode"] = {"type": "string", "pattern": NOT_BLANK, "description": f"{POSTCODE_RULE}."}
    properties |= {field: _optional_text(field, forms) for field in optional}
    properties["country"] = _country(None if forms.clears_with == "null" else "")
    entries: Record = {name: _written_entries(texts, forms) for name, texts in ENTRY_TEXTS.items()}
    return properties | entries


def _optional_text(field: str, forms: Forms) -> Record:
    if forms.clears_with == "null":
        return TEXT_OR_NULL | ({"pattern": NOT_BLANK} if field in NEVER_BLANK else {})
    return TEXT | ({"pattern": f"^$|{NOT_BLANK}"} if field in NEVER_BLANK else {})


def _country(*unset: Json) -> Record:
    codes: list[Json] = [*sorted(CODES), *unset]
    return {"enum": codes, "description": "ISO 3166-1 alpha-2 code, such as DE, AT or CH."}


def _written_entries(texts: Iterable[str], forms: Forms) -> Record:
    return {
        "type": ["array", "null"] if forms.clears_with == "null" else "array",
        "items": _entry(texts),
        "description": "Two entries must not share an id; an entry without one gets one.",
    }


def _entry(texts: Iterable[str]) -> Record:
    """Other properties are allowed, since the API does not document the fields of an entry."""
    known: Record = dict.fromkeys(sorted(texts), TEXT_OR_NULL)
    return {"type": "object", "properties": known}


def _customer(forms: Forms) -> Record:
    omitted = {*forms.omitted_on_get, *forms.omitted_in_list}
    sent: Record = dict.fromkeys(FIELDS, TEXT_OR_NULL)
    sent |= dict.fromkeys(("id", "faktooraId", "address", "postcode", "city"), TEXT)
    sent |= {
        "isCompany": {"type": "boolean"},
        "extras": {"type": "object"},
        "country": _country(None, *_shown_cleared(forms)),
    }
    sent |= {"createdAt": TIME, "updatedAt": TIME}
    return closed(sent | _relations(), [field for field in FIELDS if field not in omitted])


def _shown_cleared(forms: Forms) -> list[Json]:
    return [""] if forms.shows_cleared_as == "empty" else []


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


def _page(item: Record, forms: Forms) -> Record:
    if forms.envelope == "bare":
        return array(item)
    if forms.envelope == "results":
        counts: Record = dict.fromkeys(("page", "pageSize", "rowCount", "pageCount"), COUNT)
        return closed({"results": array(item), "pagination": closed(counts)})
    meta: Record = dict.fromkeys(("page", "perPage", "totalItems", "totalPages"), COUNT)
    return closed({"data": array(item), "meta": closed(meta)})


def page_headers(forms: Forms) -> Record:
    total: Record = {"schema": COUNT, "description": "Number of items on all pages"}
    return {"headers": {"X-Total-Count": total}} if forms.envelope == "bare" else {}


def _upload() -> Record:
    file: Record = {"type": "string", "format": "binary"}
    return {"type": "object", "properties": {"file": file}, "required": ["file"]}


def _api_key() -> Record:
    statuses: list[Json] = ["active", "expiring_soon", "expired", "revoked"]
    texts: Record = dict.fromkeys(("id", "name", "prefix"), TEXT)
    dated: Record = {"status": {"enum": statuses}, "createdAt": TIME, "expiresAt": TIME}
    return closed(texts | dated)


def _errors(forms: Forms) -> Record:
    if forms.error_body == "code":
        names = dict.fromkeys(error.status_name for error in DOCUMENTED_ERRORS)
        codes: list[Json] = [*names, UnknownCustomerError.code, InvalidRequestError.code]
        return closed({"code": {"enum": codes}, "statusCode": {"type": "integer"}, "message": TEXT})
    codes = [error.code for error in DOCUMENTED_ERRORS]
    return closed({"errors": array(closed({"code": {"enum": codes}, "message": TEXT})) | {"minItems": 1}})
