"""The OpenAPI 3.1 document of the API, built from the tables that validate requests."""

from . import errors
from .openapi_schemas import POSTCODE_RULE, TEXT, array, ref, schemas
from .query import DEFAULT_SORT, MAX_PAGE, SORTS
from .records import RELATIONS, Json, Record

DESCRIPTION = f"""\
The Customers API as the sandbox serves it. A parameter or a field that is not named here is refused with 400.
HEAD answers as GET does, without a body; any other method that a path does not name is answered 405
with the header Allow and the error body. A postcode has {POSTCODE_RULE}.
CSV files are uploaded by the sandbox's own POST /_sandbox/files, which is no part of the API."""
ACME: Record = {
    "isCompany": True,
    "name": "Acme GmbH",
    "address": "Musterstraße 1",
    "postcode": "10115",
    "city": "Berlin",
    "country": "DE",
    "email": "billing@acme.example.com",
    "vatId": "DE123456789",
    "extras": {},
}
FILE_ID = "550e8400-e29b-41d4-a716-446655440000"
_MEANINGS: dict[type[errors.SandboxError], str] = {
    errors.InvalidRequestError: "The request is not valid; one error per problem",
    errors.UnauthorizedError: "The header X-API-KEY is missing or wrong",
    errors.UnknownCustomerError: "There is no such customer",
    errors.UnknownFileError: "There is no such file",
    errors.CustomerInUseError: "Invoices use the customer",
    errors.BodyTooLargeError: "The body is larger than 5 MiB",
}
_BODY = (errors.BodyTooLargeError,)
_UNKNOWN = (errors.UnknownCustomerError,)


def document() -> Record:
    key: Record = {"type": "apiKey", "in": "header", "name": "X-API-KEY"}
    return {
        "openapi": "3.1.0",
        "info": {"title": "faktoora Customers API (sandbox)", "version": "1", "description": DESCRIPTION},
        "servers": [{"url": "/api/v1"}],
        "security": [{"apiKeyAuth": []}],
        "paths": _paths(),
        "components": {"securitySchemes": {"apiKeyAuth": key}, "schemas": schemas()},
    }


def _paths() -> Record:
    one: Record = {"parameters": [_id()], "get": _get(), "patch": _update(), "delete": _delete()}
    return {
        "/customers": {"get": _list()},
        "/customers/generate-number": {"get": _generate_number()},
        "/customers/import": {"post": _import()},
        "/customer": {"post": _create()},
        "/customer/verify-customer-number": {"get": _verify_number()},
        "/customer/{id}": one,
    }


def _list() -> Record:
    return {
        **_named("list_customers", "Paginated list of all customers"),
        "parameters": _list_parameters(),
        "responses": _responses(_done(ref("CustomerPage"))),
    }


def _get() -> Record:
    return {
        **_named("get_customer", "Get a single customer by its ID"),
        "parameters": [_relation_fields()],
        "responses": _responses(_done(ref("Customer")), *_UNKNOWN),
    }


def _create() -> Record:
    links = _links_to("get_customer", "update_customer", "delete_customer")
    return {
        **_named("create_customer", "Create a new customer"),
        "requestBody": _body("NewCustomer", ACME),
        "responses": _responses({**_done(ref("Customer")), "links": links}, *_BODY),
    }


def _update() -> Record:
    return {
        **_named("update_customer", "Update an existing customer (partial update)"),
        "requestBody": _body("CustomerChanges", {"email": "rechnung@acme.example.com", "phoneNo": None}),
        "responses": _responses(_done(ref("Customer")), *_UNKNOWN, *_BODY),
    }


def _delete() -> Record:
    return {
        **_named("delete_customer", "Delete a customer"),
        "responses": _responses(
            _done(ref("Succeed"), {"succeed": True}), *_UNKNOWN, errors.CustomerInUseError
        ),
    }


def _generate_number() -> Record:
    return {
        **_named("generate_customer_number", "Generate the next customer number; nothing is reserved"),
        "responses": _responses(_done(ref("Number"), {"value": "003"})),
    }


def _verify_number() -> Record:
    value = _query("value", {"type": "string", "minLength": 1}, "CUST-0042", "The number to look for")
    return {
        **_named("verify_customer_number", "Check whether a customer number is unique"),
        "parameters": [value | {"required": True}],
        "responses": _responses(_done(ref("Succeed"), {"succeed": True})),
    }


def _import() -> Record:
    created = array(ref("Customer")) | {"minItems": 1}
    return {
        **_named("import_customers", "Bulk-import the customers of an uploaded CSV file, all or none"),
        "requestBody": _body("ImportRequest", {"fileId": FILE_ID}),
        "responses": _responses(_done(created), errors.UnknownFileError, *_BODY),
    }


def _named(operation: str, summary: str) -> Record:
    return {"operationId": operation, "summary": summary}


def _body(schema: str, example: Record) -> Record:
    return {"required": True, "content": {"application/json": {"schema": ref(schema), "example": example}}}


def _done(schema: Record, example: Record | None = None) -> Record:
    content: Record = {"schema": schema}
    if example:
        content["example"] = example
    return {"description": "Done", "content": {"application/json": content}}


def _responses(done: Record, *refusals: type[errors.SandboxError]) -> Record:
    always = (errors.InvalidRequestError, errors.UnauthorizedError)
    refused: Record = {str(refusal.status): _refused(refusal) for refusal in (*always, *refusals)}
    return {"200": done, **refused}


def _refused(error: type[errors.SandboxError]) -> Record:
    meaning = _MEANINGS[error]
    example: Record = {"errors": [{"code": error.code, "message": meaning}]}
    content: Record = {"application/json": {"schema": ref("Errors"), "example": example}}
    return {"description": meaning, "content": content}


def _links_to(*operations: str) -> Record:
    parameters: Record = {"id": "$response.body#/id"}
    return {operation: {"operationId": operation, "parameters": parameters} for operation in operations}


def _id() -> Record:
    schema: Record = {"type": "string", "minLength": 1}
    return {
        "name": "id",
        "in": "path",
        "required": True,
        "schema": schema,
        "example": "cust_abc123",
        "description": "Opaque text",
    }


def _list_parameters() -> list[Json]:
    page: Record = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": 1}
    per_page: Record = page | {"maximum": 100, "default": 20}
    order: Record = {"enum": ["asc", "desc"], "default": "asc"}
    words = "Every word must occur in a searched field, whatever its case and accents; blank ones are ignored"
    return [
        _query("page", page, 1, "Counted from 1"),
        _query("perPage", per_page, 20, "Results per page"),
        _query("sort", {"enum": list(SORTS), "default": DEFAULT_SORT}, "name", "Unset values come last"),
        _query("order", order, "asc", "Direction of the sort"),
        _query("category", TEXT, None, "Exactly this category"),
        _query("keywords[]", array(TEXT), ["Acme"], words),
        _relation_fields(),
    ]


def _relation_fields() -> Record:
    options = array({"enum": list(RELATIONS)})
    return _query("relationFields[]", options, None, "Related data to add to each record")


def _query(name: str, schema: Record, example: Json, description: str) -> Record:
    parameter: Record = {"name": name, "in": "query", "schema": schema, "description": description}
    repeated: Record = {"style": "form", "explode": True} if schema.get("type") == "array" else {}
    return parameter | repeated | ({} if example is None else {"example": example})
