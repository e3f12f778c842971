"""The OpenAPI document: it names every operation and status, and its examples fit."""

from collections.abc import Iterator
from typing import Any, cast

import httpx
import jsonschema
import pytest
from starlette.applications import Starlette

from faktoora_mcp.sandbox.forms import CURRENT, Forms
from faktoora_mcp.sandbox.openapi import document
from faktoora_mcp.sandbox.validation import API_OWNED

Body = dict[str, Any]
OPERATIONS = {
    "list_customers", "get_customer", "create_customer", "update_customer", "delete_customer",
    "generate_customer_number", "verify_customer_number", "import_customers",
}  # fmt: skip
NEWER = {"upload_customers_file", "list_api_keys"}


def test_the_document_names_every_operation(forms: Forms) -> None:
    expected = OPERATIONS | NEWER if forms == CURRENT else OPERATIONS
    assert {operation["operationId"] for _, operation in _operations(forms)} == expected


def test_every_schema_is_valid_and_every_example_fits_it(forms: Forms) -> None:
    fitted = 0
    for part in _parts(document(forms)):
        if "schema" in part:
            schema = part["schema"] | {"components": document(forms)["components"]}
            jsonschema.Draft202012Validator.check_schema(schema)
            if "example" in part:
                jsonschema.validate(part["example"], schema, jsonschema.Draft202012Validator)
                fitted += 1
    assert fitted > 20


def test_every_operation_names_the_statuses_it_can_answer(forms: Forms) -> None:
    statuses = {
        operation["operationId"]: " ".join(operation["responses"]) for _, operation in _operations(forms)
    }
    newer = {"upload_customers_file": "200 400 401 413", "list_api_keys": "200 400 401"}
    assert statuses == (newer if forms == CURRENT else {}) | {
        "list_customers": "200 400 401",
        "get_customer": "200 400 401 404",
        "create_customer": "200 400 401 413",
        "update_customer": "200 400 401 404 413",
        "delete_customer": "200 400 401 404 409",
        "generate_customer_number": "200 400 401",
        "verify_customer_number": "200 400 401",
        "import_customers": "200 400 401 404 413",
    }


def test_fields_owned_by_the_api_are_in_no_body(forms: Forms) -> None:
    schemas = cast("Body", document(forms)["components"])["schemas"]
    for name in ("NewCustomer", "CustomerChanges"):
        assert not API_OWNED & schemas[name]["properties"].keys()
        assert schemas[name]["additionalProperties"] is False


@pytest.mark.anyio
async def test_the_document_is_read_without_a_key(app: Starlette, forms: Forms) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://sandbox") as api:
        assert (await api.get("/openapi.json")).json() == document(forms)
        assert (await api.get("/openapi.json/x")).status_code == 401


def _operations(forms: Forms) -> Iterator[tuple[str, Body]]:
    for path, item in cast("Body", document(forms)["paths"]).items():
        yield from ((path, operation) for method, operation in item.items() if method != "parameters")


def _parts(part: object) -> Iterator[Body]:
    if isinstance(part, dict):
        yield cast("Body", part)
        for value in cast("Body", part).values():
            yield from _parts(value)
    elif isinstance(part, list):
        for value in cast("list[object]", part):
            yield from _parts(value)
