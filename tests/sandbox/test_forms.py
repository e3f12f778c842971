"""Single forms of the API, combined freely."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, cast

import anyio
import httpx
import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faktoora_mcp.sandbox.app import create_app
from faktoora_mcp.sandbox.forms import CURRENT, DOCUMENTED, Forms, forms_of
from faktoora_mcp.sandbox.openapi import document
from tests.sandbox.clients import client
from tests.sandbox.refusals import refusal

pytestmark = pytest.mark.anyio

Body = dict[str, object]
PATH = "/customer/cust_abc123"
REQUIRED = ("isCompany", "address", "postcode", "city", "extras")


@asynccontextmanager
async def _served(forms: Forms, customers: int = 5) -> AsyncGenerator[httpx.AsyncClient]:
    app = create_app(customers=customers, forms=forms)
    async with client(app) as api:
        yield api
    app.state.close()


def test_a_dialect_has_a_name() -> None:
    assert (forms_of("documented"), forms_of("current")) == (DOCUMENTED, CURRENT)


async def test_a_page_may_be_called_results() -> None:
    async with _served(Forms(envelope="results")) as api:
        answer = (await api.get("/customers?perPage=2&page=2")).json()
    assert len(answer["results"]) == 2
    assert answer["pagination"] == {"page": 2, "pageSize": 2, "rowCount": 5, "pageCount": 3}


async def test_a_page_may_be_a_bare_array_with_its_total_in_a_header() -> None:
    async with _served(Forms(envelope="bare")) as api:
        answer = await api.get("/customers?perPage=2")
    assert (len(answer.json()), answer.headers["X-Total-Count"]) == (2, "5")


@pytest.mark.parametrize("words", [["quitte", "hamburg"], ["qu", "hamburg"]])
async def test_one_of_several_keywords_may_be_enough(acme: Body, words: list[str]) -> None:
    async with _served(Forms(all_keywords=False), customers=0) as api:
        for city in ("Quittenberg", "Hamburg", "Ulm"):
            await api.post("/customer", json=acme | {"city": city, "category": city[0]})
        either = await api.get("/customers", params={"keywords[]": words})
        of_category = await api.get("/customers", params={"keywords[]": words, "category": "H"})
    assert [record["city"] for record in either.json()["data"]] == ["Quittenberg", "Hamburg"]
    assert [record["city"] for record in of_category.json()["data"]] == ["Hamburg"]


async def test_any_field_may_be_searched(acme: Body) -> None:
    async with _served(Forms(search_fields=("vatId", "note"))) as api:
        created = (await api.post("/customer", json=acme)).json()
        by_vat_id = await api.get("/customers", params={"keywords[]": "de123456789"})
        by_name = await api.get("/customers", params={"keywords[]": "acme"})
    assert by_vat_id.json()["data"] == [created]
    assert by_name.json()["data"] == []


async def test_relations_of_a_single_customer_may_be_ignored() -> None:
    async with _served(Forms(relations_on_get=False)) as api:
        single = await api.get(PATH, params={"relationFields[]": "user"})
        listed = await api.get("/customers", params={"relationFields[]": "user"})
        unknown = await api.get(PATH, params={"relationFields[]": "nothing"})
    assert "user" not in single.json()
    assert "user" in listed.json()["data"][0]
    assert unknown.status_code == 400


async def test_a_record_may_lack_fields_in_a_single_answer_or_in_a_list() -> None:
    async with _served(Forms(omitted_on_get=("extras",), omitted_in_list=("note",))) as api:
        single = (await api.get(PATH)).json()
        (listed,) = (await api.get("/customers?perPage=1&page=3")).json()["data"]
        changed = (await api.patch(PATH, json={"city": "Ulm"})).json()
    assert listed["extras"] is not None
    assert listed["id"] == single["id"]
    assert [field in single for field in ("extras", "note")] == [False, True]
    assert [field in listed for field in ("extras", "note")] == [True, False]
    assert "extras" not in changed


@pytest.mark.parametrize(
    ("forms", "value"),
    [
        (Forms(clears_with="empty", shows_cleared_as="null"), None),
        (Forms(clears_with="empty", shows_cleared_as="empty"), ""),
    ],
)
async def test_a_cleared_text_may_be_shown_as_null_or_empty(
    acme: Body, forms: Forms, value: str | None
) -> None:
    async with _served(forms) as api:
        for _ in range(2):
            created = (await api.post("/customer", json=acme | {"customerId": "", "email": ""})).json()
            assert (created["customerId"], created["email"]) == (value, value)
        changed = (await api.patch(PATH, json={"country": "", "phoneNo": ""})).json()
    assert (changed["country"], changed["phoneNo"]) == (value, value)


@pytest.mark.parametrize("forms", [Forms(unknown_id_status=400), replace(CURRENT, unknown_id_status=400)])
async def test_an_unknown_customer_may_be_a_400_with_a_code_of_its_own(forms: Forms) -> None:
    async with _served(forms) as api:
        assert refusal(await api.get("/customer/unknown")) == (400, "E_CUSTOMER_RESOURCE_NOT_EXISTS")


@pytest.mark.parametrize("forms", [Forms(invalid_status=422), replace(CURRENT, invalid_status=422)])
async def test_an_invalid_request_may_be_a_422(forms: Forms) -> None:
    async with _served(forms) as api:
        assert refusal(await api.post("/customer", json={})) == (422, "E_VALIDATION")


@pytest.mark.parametrize(
    ("days", "status"), [(90, "active"), (8, "active"), (7, "expiring_soon"), (0, "expired")]
)
async def test_the_key_of_the_request_expires_when_the_forms_say_so(days: int, status: str) -> None:
    async with _served(Forms(apikeys=True, key_days_left=days)) as api:
        assert (await api.get("/apikeys")).json()["data"][0]["status"] == status


ANY_FORMS = st.builds(
    Forms,
    patch_needs_required=st.booleans(),
    edits_is_company=st.booleans(),
    clears_with=st.sampled_from(["null", "empty"]),
    shows_cleared_as=st.sampled_from(["null", "empty"]),
    default_per_page=st.sampled_from([20, 25]),
    max_per_page=st.sampled_from([25, 100, 500, 1000]),
    over_limit=st.sampled_from(["refuse", "clamp"]),
    envelope=st.sampled_from(["data", "results", "bare"]),
    search_fields=st.sampled_from([DOCUMENTED.search_fields, CURRENT.search_fields, ("name",)]),
    folds=st.booleans(),
    all_keywords=st.booleans(),
    relations_on_get=st.booleans(),
    omitted_on_get=st.sampled_from([(), ("extras",)]),
    omitted_in_list=st.sampled_from([(), ("extras",)]),
    error_body=st.sampled_from(["errors", "code"]),
    unknown_id_status=st.sampled_from([404, 400]),
    invalid_status=st.sampled_from([400, 422]),
    soft_delete=st.booleans(),
    number_from_count=st.booleans(),
    upload=st.booleans(),
    apikeys=st.booleans(),
)


@given(forms=ANY_FORMS)
@settings(max_examples=40, deadline=None, database=None, derandomize=True)
def test_every_combination_answers_as_its_document_says(forms: Forms) -> None:
    anyio.run(_use_all, forms)


async def _use_all(forms: Forms) -> None:
    cleared: Body = {**dict.fromkeys(REQUIRED, "x"), "isCompany": True, "extras": {"a": 1}}
    cleared["email"] = None if forms.clears_with == "null" else ""
    async with _served(forms, customers=3) as api:
        await _call(api, forms, "GET /customers", params={"keywords[]": ["Müller", "köln"], "perPage": 25})
        await _call(api, forms, "GET /customers/generate-number")
        id_ = (await _call(api, forms, "POST /customer", json=cleared)).json()["id"]
        customer = "/customer/{id}"
        update = cleared | {"isCompany": False, "note": "new"}
        changed = await _call(api, forms, f"PATCH {customer}", id_, json=update)
        assert changed.json()["isCompany"] is not forms.edits_is_company
        partial = await _call(api, forms, f"PATCH {customer}", id_, json={"note": "newer"})
        assert partial.status_code == (forms.invalid_status if forms.patch_needs_required else 200)
        await _call(api, forms, f"DELETE {customer}", id_)
        gone = await _call(api, forms, f"GET {customer}", id_)
        assert gone.status_code == forms.unknown_id_status
        if forms.upload:
            await _call(api, forms, "POST /customers/import/upload", files={"file": b"x"})
        if forms.apikeys:
            await _call(api, forms, "GET /apikeys")


async def _call(
    api: httpx.AsyncClient,
    forms: Forms,
    operation: str,
    id_: str = "",
    **request: Any,  # noqa: ANN401 (as httpx takes it)
) -> httpx.Response:
    """An answer that has one of the statuses and the schema that the document names."""
    method, path = operation.split()
    answer = await api.request(method, path.replace("{id}", id_), **request)
    described = cast("Any", document(forms))
    documented = described["paths"][path][method.lower()]["responses"][str(answer.status_code)]
    schema = documented["content"]["application/json"]["schema"] | {"components": described["components"]}
    jsonschema.validate(answer.json(), schema, jsonschema.Draft202012Validator)
    return answer
