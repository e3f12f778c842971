"""The API as an OpenAPI document, built from the tables by which requests are read."""

from collections.abc import Sequence

from faktoora_mcp.sandbox.query import MAX_PER_PAGE, SORTS
from faktoora_mcp.sandbox.records import ENTRY_LISTS, FIELDS, RELATIONS, Json, Record
from faktoora_mcp.sandbox.validation import REQUIRED, TEXTS

_SUCCEED: Record = {"type": "object", "properties": {"succeed": {"type": "boolean"}}}
_VALUE: Record = {"type": "object", "properties": {"value": {"type": "string"}}}
_CUSTOMER: Record = {"$ref": "#/components/schemas/Customer"}
_ID: Json = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}


def document() -> Record:
    return {
        "openapi": "3.1.0",
        "info": {"title": "faktoora Customers API (sandbox)", "version": "1"},
        "servers": [{"url": "/api/v1"}],
        "security": [{"apiKeyAuth": []}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {"apiKeyAuth": {"type": "apiKey", "in": "header", "name": "X-API-KEY"}},
            "schemas": {
                "NewCustomer": _written(REQUIRED),
                "CustomerChanges": _written(()),
                "Customer": _read(),
            },
        },
    }


def _paths() -> Record:
    number: Record = {"name": "value", "in": "query", "required": True, "schema": {"type": "string"}}
    file_id: Record = {
        "type": "object",
        "required": ["fileId"],
        "properties": {"fileId": {"type": "string"}},
        "additionalProperties": False,
    }
    changes: Record = {"$ref": "#/components/schemas/CustomerChanges"}
    return {
        "/customers": {"get": _operation("list_customers", _page(), _list_parameters())},
        "/customers/generate-number": {"get": _operation("generate_customer_number", _VALUE)},
        "/customers/import": {"post": _operation("import_customers", _array(_CUSTOMER), body=file_id)},
        "/customer": {
            "post": _operation(
                "create_customer", _CUSTOMER, body={"$ref": "#/components/schemas/NewCustomer"}
            ),
        },
        "/customer/verify-customer-number": {"get": _operation("verify_customer_number", _SUCCEED, [number])},
        "/customer/{id}": {
            "get": _operation(
                "get_customer", _CUSTOMER, [_ID, _several("relationFields[]", list(RELATIONS))]
            ),
            "patch": _operation("update_customer", _CUSTOMER, [_ID], body=changes),
            "delete": _operation("delete_customer", _SUCCEED, [_ID]),
        },
    }


def _operation(
    name: str, answer: Record, parameters: Sequence[Json] = (), body: Record | None = None
) -> Record:
    operation: Record = {
        "operationId": name,
        "parameters": list(parameters),
        "responses": {
            "200": {"description": "Done", "content": {"application/json": {"schema": answer}}},
            "default": {"description": 'Refused: {"errors": [{"code", "message"}]}'},
        },
    }
    if body:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return operation


def _list_parameters() -> list[Json]:
    return [
        {"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1}},
        {
            "name": "perPage",
            "in": "query",
            "schema": {"type": "integer", "minimum": 1, "maximum": MAX_PER_PAGE},
        },
        {"name": "sort", "in": "query", "schema": {"enum": list(SORTS)}},
        {"name": "order", "in": "query", "schema": {"enum": ["asc", "desc"]}},
        {"name": "category", "in": "query", "schema": {"type": "string"}},
        _several("keywords[]", None),
        _several("relationFields[]", list(RELATIONS)),
    ]


def _several(name: str, options: list[Json] | None) -> Json:
    items: Record = {"enum": options} if options else {"type": "string"}
    return {"name": name, "in": "query", "explode": True, "schema": _array(items)}


def _array(items: Record) -> Record:
    return {"type": "array", "items": items}


def _page() -> Record:
    meta: Record = {name: {"type": "integer"} for name in ("page", "perPage", "totalItems", "totalPages")}
    return {
        "type": "object",
        "properties": {"data": _array(_CUSTOMER), "meta": {"type": "object", "properties": meta}},
    }


def _written(required: Sequence[str]) -> Record:
    properties: Record = {field: {"type": ["string", "null"]} for field in sorted(TEXTS - set(REQUIRED))}
    properties |= {field: {"type": ["array", "null"], "items": {"type": "object"}} for field in ENTRY_LISTS}
    properties |= {field: {"type": "string"} for field in ("address", "postcode", "city")}
    properties |= {"isCompany": {"type": "boolean"}, "extras": {"type": "object"}}
    schema: Record = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        schema["required"] = list(required)
    return schema


def _read() -> Record:
    properties: Record = {field: {"type": ["string", "null"]} for field in FIELDS}
    properties |= {"isCompany": {"type": "boolean"}, "extras": {"type": "object"}}
    lists = {"customerContacts", "customerDeliveryAddresses"}
    properties |= {
        relation: {"type": "array" if relation in lists else ["object", "null"]} for relation in RELATIONS
    }
    return {"type": "object", "properties": properties}
