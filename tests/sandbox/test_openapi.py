"""The OpenAPI document: it is valid, its examples fit, and every answer of the sandbox conforms to it."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# (schemathesis exports generic types without arguments)

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import httpx
import jsonschema
import pytest
import schemathesis
from hypothesis import given, settings
from hypothesis.strategies import SearchStrategy
from schemathesis.specs.openapi.schemas import OpenApiSchema
from starlette.applications import Starlette

from faktoora_mcp.sandbox.app import create_app
from faktoora_mcp.sandbox.forms import CURRENT, DOCUMENTED, Forms
from faktoora_mcp.sandbox.openapi import document
from faktoora_mcp.sandbox.validation import API_OWNED
from tests.sandbox.refusals import messages

Body = dict[str, Any]
CONFIG = str(Path(__file__).with_name("schemathesis.toml"))
OPERATIONS = {
    "list_customers", "get_customer", "create_customer", "update_customer", "delete_customer",
    "generate_customer_number", "verify_customer_number", "import_customers",
}  # fmt: skip
NEWER = {"upload_customers_file", "list_api_keys"}
BOTH = [
    *(pytest.param(DOCUMENTED, operation, id=f"documented-{operation}") for operation in sorted(OPERATIONS)),
    *(
        pytest.param(CURRENT, operation, id=f"current-{operation}")
        for operation in sorted(OPERATIONS | NEWER)
    ),
]
# Reasons to refuse a body that is valid by its schema: other customers, other entries, the stored country.
STATE = re.compile("already used by another customer|two entries with the same id|must have [45] digits in")


@pytest.fixture
def contract(forms: Forms) -> Iterator[OpenApiSchema]:
    app = create_app(key="contract", forms=forms)
    config = schemathesis.Config.from_path(CONFIG)
    yield schemathesis.openapi.from_asgi("/openapi.json", app, config=config)
    app.state.close()


@pytest.mark.parametrize("mode", schemathesis.GenerationMode)
@pytest.mark.parametrize(("forms", "operation"), BOTH)
def test_every_answer_conforms_to_the_document(
    contract: OpenApiSchema, operation: str, mode: schemathesis.GenerationMode
) -> None:
    strategy = contract.find_operation_by_id(operation).as_strategy(generation_mode=mode)
    cases = cast("SearchStrategy[schemathesis.Case[Any]]", strategy)

    @given(case=cases)
    @settings(max_examples=25, deadline=None, database=None, derandomize=True)
    def holds(case: schemathesis.Case[Any]) -> None:
        key = {"X-API-KEY": "contract"} if "X-API-KEY" in (case.headers or {}) else {}
        answer = case.call_and_validate(headers=key)
        if answer.status_code == 400 and mode is schemathesis.GenerationMode.POSITIVE:
            assert all(STATE.search(message) for message in messages(answer)), answer.text

    holds()


def test_the_document_is_valid_openapi_3_1(forms: Forms) -> None:
    schemathesis.openapi.from_dict(cast("dict[str, Any]", document(forms))).validate()


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
