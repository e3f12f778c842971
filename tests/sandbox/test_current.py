"""The API as the vendor's newer pages describe it, where it differs from the specification."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from faktoora_mcp.sandbox.forms import CURRENT, Forms
from faktoora_mcp.sandbox.records import now
from tests.sandbox.refusals import messages, refusal

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
    message = "; ".join(f'"{field}" is required' for field in missing)
    assert answer.json() == {"code": "BAD_REQUEST", "statusCode": 400, "message": message}
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
        assert (answer.status_code, messages(answer)) == (400, [f'"{field}" must be a string'])


async def test_an_empty_array_clears_a_list_and_null_is_refused(api: httpx.AsyncClient, acme: Body) -> None:
    created = (
        await api.post("/customer", json=acme | {"customerContacts": [{"email": "a@b.example"}]})
    ).json()
    path, required = f"/customer/{created['id']}", {field: acme[field] for field in REQUIRED}
    assert (await api.patch(path, json=required | {"customerContacts": None})).status_code == 400
    nothing: list[object] = []
    assert (await api.patch(path, json=required | {"customerContacts": nothing})).status_code == 200
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


async def test_an_uploaded_file_can_be_imported(api: httpx.AsyncClient) -> None:
    content = "Firma;Straße;PLZ;Ort\nBäckerei Groß;Weg 1;10115;Berlin\n".encode("cp1252")
    files = {"file": ("liste.csv", content, "text/csv")}
    uploaded = await api.post("/customers/import/upload", files=files)
    assert (uploaded.status_code, list(uploaded.json())) == (200, ["id"])
    assert UUID(uploaded.json()["id"])
    created = await api.post("/customers/import", json={"fileId": uploaded.json()["id"]})
    assert [record["name"] for record in created.json()] == ["Bäckerei Groß"]
    path = f"/customer/{created.json()[0]['id']}"
    read = await api.get(path, params={"relationFields[]": "importedFile"})
    assert read.json()["importedFile"]["name"] == "liste.csv"


async def test_an_upload_repeated_after_a_lost_answer_is_another_file(api: httpx.AsyncClient) -> None:
    files = {"file": ("liste.csv", b"\x00\xff\r\n", "text/csv")}
    ids = {(await api.post("/customers/import/upload", files=files)).json()["id"] for _ in range(2)}
    assert len(ids) == 2


@pytest.mark.parametrize(
    "request_",
    [
        {"files": {"datei": ("liste.csv", b"x")}},
        {"data": {"file": "x"}},
        {"content": b"x", "headers": {"Content-Type": "text/csv"}},
        {"content": b"x", "headers": {"Content-Type": "multipart/form-data"}},
        {"content": b"x", "headers": {"Content-Type": "multipart/form-data; boundary=y"}},
    ],
)
async def test_an_upload_without_the_part_file_is_refused(
    api: httpx.AsyncClient, request_: dict[str, Any]
) -> None:
    answer = await api.post("/customers/import/upload", **request_)
    assert refusal(answer) == (400, "BAD_REQUEST")


async def test_an_upload_over_5_mb_is_too_large(api: httpx.AsyncClient) -> None:
    files = {"file": ("liste.csv", b"x" * (5 * 1024 * 1024))}
    assert refusal(await api.post("/customers/import/upload", files=files)) == (413, "PAYLOAD_TOO_LARGE")


async def test_the_api_keys_have_a_status_and_an_expiry(api: httpx.AsyncClient) -> None:
    answer = await api.get("/apikeys", headers={"X-API-KEY": "secret-key"})
    keys = answer.json()["data"]
    assert [(key["status"], key["prefix"]) for key in keys] == [
        ("active", "secr"),
        ("expired", "fk_a"),
        ("revoked", "fk_t"),
    ]
    assert keys[1]["expiresAt"] < now() < keys[0]["expiresAt"]
    assert "secret-key" not in answer.text


async def test_a_deleted_customer_is_hidden_everywhere_but_counts_for_the_next_number(
    api: httpx.AsyncClient, acme: Body
) -> None:
    assert (await api.delete(PATH)).json() == {"succeed": True}
    assert refusal(await api.get(PATH)) == (404, "NOT_FOUND")
    assert await _found(api, "CUST-0003") == 0
    assert (await api.get("/customer/verify-customer-number?value=CUST-0003")).json() == {"succeed": True}
    assert (await api.post("/customer", json=acme | {"customerId": "CUST-0003"})).status_code == 200
    assert (await api.get("/customers/generate-number")).json() == {"value": "CUST-0059"}


async def test_the_next_number_counts_the_customers_and_may_be_taken(
    api: httpx.AsyncClient, acme: Body
) -> None:
    taken = (await api.get("/customers/generate-number")).json()["value"]
    assert taken == "CUST-0058"
    verified = await api.get("/customer/verify-customer-number", params={"value": taken})
    assert verified.json() == {"succeed": False}
    await api.post("/customer", json=acme)
    assert (await api.get("/customers/generate-number")).json() == {"value": "CUST-0059"}
