"""Every answer of the sandbox conforms to its OpenAPI document: schemathesis tries, in .ci/contract."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# (schemathesis exports generic types without arguments)

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import given, settings
from hypothesis.strategies import SearchStrategy
from schemathesis.specs.openapi.schemas import OpenApiSchema

from faktoora_mcp.sandbox.app import create_app
from faktoora_mcp.sandbox.forms import CURRENT, DOCUMENTED, Forms
from faktoora_mcp.sandbox.openapi import document
from tests.sandbox.refusals import messages
from tests.sandbox.test_openapi import NEWER, OPERATIONS

pytestmark = pytest.mark.outside
CONFIG = str(Path(__file__).with_name("schemathesis.toml"))
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
