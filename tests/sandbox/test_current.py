"""The API as the vendor's newer pages describe it, where it differs from the specification."""

import httpx
import pytest

from faktoora_mcp.sandbox.forms import CURRENT, Forms

pytestmark = pytest.mark.anyio

Body = dict[str, object]
REQUIRED = ("isCompany", "address", "postcode", "city", "extras")
PATH = "/customer/cust_abc123"


@pytest.fixture
def forms() -> Forms:
    return CURRENT


async def _required(api: httpx.AsyncClient) -> Body:
    record = (await api.get(PATH)).json()
    return {field: record[field] for field in REQUIRED}


async def _found(api: httpx.AsyncClient, keyword: str) -> int:
    return (await api.get("/customers", params={"keywords[]": keyword})).json()["meta"]["totalItems"]


async def test_an_update_needs_every_required_field(api: httpx.AsyncClient) -> None:
    before = (await api.get(PATH)).json()
    answer = await api.patch(PATH, json={"city": "Potsdam"})
    assert answer.status_code == 400
    missing = ("isCompany", "address", "postcode", "extras")
    assert [error["message"] for error in answer.json()["errors"]] == [f'"{m}" is required' for m in missing]
    assert (await api.get(PATH)).json() == before


async def test_an_update_keeps_optional_fields_that_it_leaves_out(api: httpx.AsyncClient) -> None:
    before = (await api.get(PATH)).json()
    changed = (await api.patch(PATH, json=await _required(api) | {"phoneNo": "030 1"})).json()
    assert changed == before | {"phoneNo": "030 1", "updatedAt": changed["updatedAt"]}


async def test_an_empty_text_clears_and_is_shown_as_null(api: httpx.AsyncClient) -> None:
    cleared = {"phoneNo": "", "vatId": "", "country": "", "customerId": "", "email": "", "legalform": ""}
    changed = await api.patch(PATH, json=await _required(api) | cleared)
    assert changed.status_code == 200
    assert {field: changed.json().get(field) for field in cleared} == dict.fromkeys(cleared)
    assert (await api.get(PATH)).json() == changed.json()


@pytest.mark.parametrize("field", ["phoneNo", "vatId", "country", "customerId", "city"])
async def test_null_is_refused_in_a_text_field(api: httpx.AsyncClient, acme: Body, field: str) -> None:
    for answer in (
        await api.patch(PATH, json=await _required(api) | {field: None}),
        await api.post("/customer", json=acme | {field: None}),
    ):
        assert (answer.status_code, f'"{field}" must be a string' in answer.text.replace("\\", "")) == (
            400,
            True,
        )


async def test_an_empty_array_clears_a_list_and_null_is_refused(api: httpx.AsyncClient, acme: Body) -> None:
    created = (
        await api.post("/customer", json=acme | {"customerContacts": [{"email": "a@b.example"}]})
    ).json()
    path, required = f"/customer/{created['id']}", {field: acme[field] for field in REQUIRED}
    assert (await api.patch(path, json=required | {"customerContacts": None})).status_code == 400
    emptied: Body = required | {"customerContacts": []}
    assert (await api.patch(path, json=emptied)).status_code == 200
    read = await api.get(path, params={"relationFields[]": "customerContacts"})
    assert read.json()["customerContacts"] == []


@pytest.mark.parametrize("field", ["address", "postcode", "city"])
async def test_a_required_text_cannot_be_cleared(api: httpx.AsyncClient, field: str) -> None:
    assert (await api.patch(PATH, json=await _required(api) | {field: ""})).status_code == 400


async def test_is_company_is_accepted_and_ignored_in_an_update(api: httpx.AsyncClient) -> None:
    before = (await api.get(PATH)).json()
    answer = await api.patch(PATH, json=await _required(api) | {"isCompany": not before["isCompany"]})
    assert (answer.status_code, answer.json()) == (200, before)


@pytest.mark.parametrize(
    ("asked", "used"), [(None, 25), (1000, 1000), (1001, 1000), (10**12, 1000), (10, 10)]
)
async def test_a_page_has_25_customers_by_default_and_at_most_1000(
    api: httpx.AsyncClient, asked: int | None, used: int
) -> None:
    answer = await api.get("/customers", params={"perPage": asked} if asked else {})
    assert answer.json()["meta"]["perPage"] == used
    assert len(answer.json()["data"]) == min(used, 57)


@pytest.mark.parametrize("asked", ["0", "-1", "x", ""])
async def test_a_page_size_that_is_no_number_is_refused(api: httpx.AsyncClient, asked: str) -> None:
    assert (await api.get("/customers", params={"perPage": asked})).status_code == 400


async def test_the_search_ignores_case_but_does_not_fold_umlauts(api: httpx.AsyncClient, acme: Body) -> None:
    await api.post("/customer", json=acme | {"city": "Münchenbach", "name": "Weiß"})
    found = {word: await _found(api, word) for word in ("MÜNCHENB", "münchenb", "munchenb", "muenchenb")}
    assert found == {"MÜNCHENB": 1, "münchenb": 1, "munchenb": 0, "muenchenb": 0}
    assert await _found(api, "weiss gmbh") == 0


@pytest.mark.parametrize("field", ["firstName", "lastName", "vatId", "note"])
async def test_first_and_last_names_are_not_searched(api: httpx.AsyncClient, acme: Body, field: str) -> None:
    await api.post("/customer", json=acme | {field: "Quitte"})
    assert await _found(api, "quitte") == 0


@pytest.mark.parametrize(
    "field", ["name", "nameAuthorisedSignatory", "address", "city", "email", "customerId"]
)
async def test_the_other_searched_fields_are_as_specified(
    api: httpx.AsyncClient, acme: Body, field: str
) -> None:
    await api.post("/customer", json=acme | {field: "xQuittex"})
    assert await _found(api, "QUITTE") == 1
