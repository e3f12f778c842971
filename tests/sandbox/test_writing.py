"""Create, partial update and delete: what is accepted, what is refused, and what stays."""

import re
from typing import cast

import httpx
import pytest

from faktoora_mcp.sandbox.errors import CustomerInUseError, UnknownCustomerError
from faktoora_mcp.sandbox.forms import DOCUMENTED, Forms
from tests.sandbox.refusals import expected, messages, refusal

pytestmark = pytest.mark.anyio

REQUIRED = ("isCompany", "address", "postcode", "city", "extras")
Body = dict[str, object]
LISTS = ["customerContacts", "customerDeliveryAddresses"]


async def _created(api: httpx.AsyncClient, body: Body) -> Body:
    answer = await api.post("/customer", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def _refused(answer: httpx.Response, *names: str) -> None:
    assert refusal(answer) in {(400, "E_VALIDATION"), (400, "BAD_REQUEST")}, answer.text
    assert [re.findall('"(.*?)"', message)[0] for message in messages(answer)] == list(names)


async def _patch(api: httpx.AsyncClient, changes: Body, id_: object = "cust_abc123") -> httpx.Response:
    """An update with the required fields sent along, which both dialects accept."""
    record = (await api.get(f"/customer/{id_}")).json()
    return await api.patch(f"/customer/{id_}", json={field: record[field] for field in REQUIRED} | changes)


async def _with_lists(api: httpx.AsyncClient, id_: object) -> Body:
    return (await api.get(f"/customer/{id_}", params={"relationFields[]": LISTS})).json()


async def test_the_api_sets_ids_and_timestamps(api: httpx.AsyncClient, acme: Body) -> None:
    created = await _created(api, acme)
    assert re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", str(created["id"]))
    assert created["faktooraId"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", str(created["createdAt"]))
    assert created["updatedAt"] == created["createdAt"]


async def test_every_writable_text_is_kept_as_sent(api: httpx.AsyncClient, acme: Body) -> None:
    fields = (
        *("firstName", "lastName", "phoneNo", "taxId", "peppolId", "glnId", "dunsId", "invoiceProfile"),
        *("category", "nameAuthorisedSignatory", "supplierNumber", "routeId", "title", "gender", "faxNo"),
        *("note", "industry", "customerId"),
    )
    sent = {field: f" {field} Ä\U0001f600 " for field in fields}
    created = await _created(api, acme | sent)
    assert sent.items() <= created.items()


async def test_answers_are_utf_8_without_escapes(api: httpx.AsyncClient, acme: Body) -> None:
    answer = await api.post("/customer", json=acme)
    assert "Musterstraße".encode() in answer.content
    assert answer.headers["content-type"] == "application/json"


async def test_contacts_and_addresses_get_ids_and_come_back_as_relations(
    api: httpx.AsyncClient, acme: Body
) -> None:
    contact = {"firstName": "Eva", "lastName": "Öz", "email": "e@acme.example", "hobby": {"any": 1}}
    address = {"name": "Lager", "address": "Kai 1", "postcode": "20457", "city": "Hamburg"}
    created = await _created(api, acme | {"customerContacts": [contact], "deliveryAddresses": [address]})
    read = await _with_lists(api, created["id"])
    (read_contact,), (read_address,) = (cast("list[Body]", read[name]) for name in LISTS)
    assert read_contact == contact | {"id": read_contact["id"]}
    assert read_address == address | {"id": read_address["id"]}
    assert read_contact["id"]
    assert read_address["id"]


async def test_a_legal_form_is_opaque_text(api: httpx.AsyncClient, acme: Body) -> None:
    created = await _created(api, acme | {"legalform": "anything"})
    read = await api.get(f"/customer/{created['id']}?relationFields[]=legalform")
    assert read.json()["legalform"] == {"id": "anything", "name": None}


@pytest.mark.parametrize("field", ["isCompany", "address", "postcode", "city", "extras"])
async def test_a_required_field_that_is_missing_or_null_is_named(
    api: httpx.AsyncClient, acme: Body, field: str
) -> None:
    without = {name: value for name, value in acme.items() if name != field}
    await _refused(await api.post("/customer", json=without), field)
    await _refused(await api.post("/customer", json=acme | {field: None}), field)
    await _refused(await _patch(api, {field: None}), field)


@pytest.mark.parametrize("forms", [DOCUMENTED], ids=["documented"])
async def test_optional_fields_may_be_null_on_create(api: httpx.AsyncClient, acme: Body) -> None:
    created = await _created(api, acme | {"vatId": None, "customerContacts": None})
    assert created["vatId"] is None


async def test_all_missing_fields_are_named_at_once(api: httpx.AsyncClient) -> None:
    await _refused(await api.post("/customer", json={}), "isCompany", "address", "postcode", "city", "extras")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("isCompany", "true"),
        ("isCompany", 1),
        ("extras", []),
        ("extras", "{}"),
        ("postcode", 10115),
        ("customerId", 3),
        ("name", ["Acme"]),
        ("email", {"a": 1}),
        ("vatId", False),
        ("customerContacts", {}),
        ("customerContacts", ["Eva"]),
        ("customerContacts", [{"email": 5}]),
        ("customerContacts", [{"id": "a"}, {"id": "a"}]),
        ("deliveryAddresses", "none"),
        ("deliveryAddresses", [{"postcode": 20457}]),
    ],
)
async def test_a_value_of_the_wrong_type_is_named(
    api: httpx.AsyncClient, acme: Body, field: str, value: object
) -> None:
    await _refused(await api.post("/customer", json=acme | {field: value}), field)
    await _refused(await _patch(api, {field: value}), field)


@pytest.mark.parametrize(
    "field",
    [
        *("vatID", "phone", "customerDeliveryAddresses", ""),
        *("id", "faktooraId", "user", "importedFile", "invoiceTemplate", "createdAt", "updatedAt"),
    ],
)
async def test_unknown_fields_and_fields_owned_by_the_api_are_refused(
    api: httpx.AsyncClient, acme: Body, field: str
) -> None:
    await _refused(await api.post("/customer", json=acme | {field: "x"}), field)
    await _refused(await _patch(api, {field: "x"}), field)


@pytest.mark.parametrize("field", ["address", "postcode", "city", "customerId"])
async def test_blank_text_is_refused_in_required_text_fields(
    api: httpx.AsyncClient, acme: Body, field: str
) -> None:
    await _refused(await api.post("/customer", json=acme | {field: " "}), field)


@pytest.mark.parametrize(
    ("country", "postcode"),
    [("DE", "01067"), ("AT", "1010"), ("CH", "8001"), ("NL", "1012 AB"), ("GB", "SW1A 1AA")],
)
async def test_a_postcode_valid_in_its_country_is_accepted(
    api: httpx.AsyncClient, acme: Body, country: str, postcode: str
) -> None:
    created = await _created(api, acme | {"country": country, "postcode": postcode})
    assert created["postcode"] == postcode


@pytest.mark.parametrize(
    ("country", "postcode"),
    [
        *(("DE", postcode) for postcode in ("1067", "101155", "D-10115", "1011a", " 10115", "10115\n")),
        ("DE", "".join(chr(0x660 + digit) for digit in (1, 0, 1, 1, 5))),
        ("AT", "10100"),
        ("CH", "801"),
    ],
)
async def test_a_postcode_invalid_in_its_country_is_refused(
    api: httpx.AsyncClient, acme: Body, country: str, postcode: str
) -> None:
    await _refused(
        await api.post("/customer", json=acme | {"country": country, "postcode": postcode}), "postcode"
    )


@pytest.mark.parametrize("country", ["Deutschland", "DEU", "de", "EU", "UK", "EL", " ", "D"])
async def test_a_country_must_be_an_alpha_2_code(api: httpx.AsyncClient, acme: Body, country: str) -> None:
    await _refused(await api.post("/customer", json=acme | {"country": country}), "country")


@pytest.mark.parametrize("forms", [DOCUMENTED], ids=["documented"])
async def test_an_update_changes_only_the_fields_it_names(api: httpx.AsyncClient, acme: Body) -> None:
    created = await _created(api, acme)
    answer = await api.patch(f"/customer/{created['id']}", json={"city": "Potsdam", "email": None})
    changed = answer.json()
    assert answer.status_code == 200
    assert changed == created | {"city": "Potsdam", "email": None, "updatedAt": changed["updatedAt"]}
    assert (await api.get(f"/customer/{created['id']}")).json() == changed


async def test_an_update_that_changes_nothing_keeps_updated_at(api: httpx.AsyncClient) -> None:
    before = (await api.get("/customer/cust_abc123")).json()
    for changes in ({}, {"city": before["city"], "name": before["name"]}):
        assert (await _patch(api, changes)).json() == before


async def test_lists_and_extras_replace(api: httpx.AsyncClient, acme: Body) -> None:
    contacts = [{"email": "a@acme.example"}, {"email": "b@acme.example"}]
    created = await _created(api, acme | {"customerContacts": contacts, "extras": {"a": 1, "b": 2}})
    (kept, _) = cast("list[Body]", (await _with_lists(api, created["id"]))["customerContacts"])
    changes: Body = {"customerContacts": [kept, {"email": "c@acme.example"}], "extras": {"c": 3}}
    changed = (await _patch(api, changes, created["id"])).json()
    (first, second) = cast("list[Body]", (await _with_lists(api, created["id"]))["customerContacts"])
    assert changed["extras"] == {"c": 3}
    assert first == kept
    assert (second["email"], bool(second["id"])) == ("c@acme.example", True)


@pytest.mark.parametrize("forms", [DOCUMENTED], ids=["documented"])
async def test_null_empties_a_list(api: httpx.AsyncClient, acme: Body) -> None:
    created = await _created(api, acme | {"customerContacts": [{"email": "a@acme.example"}]})
    await api.patch(f"/customer/{created['id']}", json={"customerContacts": None})
    assert (await _with_lists(api, created["id"]))["customerContacts"] == []


async def test_postcode_and_country_are_validated_together(api: httpx.AsyncClient, acme: Body) -> None:
    id_ = (await _created(api, acme))["id"]
    await _refused(await _patch(api, {"country": "AT"}, id_), "postcode")
    await _refused(await _patch(api, {"postcode": "1010"}, id_), "postcode")
    assert (await _patch(api, {"country": "AT", "postcode": "1010"}, id_)).status_code == 200


async def test_without_a_country_any_postcode_is_accepted(api: httpx.AsyncClient, acme: Body) -> None:
    del acme["country"]
    assert (await _created(api, acme | {"postcode": "X1"}))["postcode"] == "X1"


async def test_a_taken_number_is_refused_on_create_and_update(api: httpx.AsyncClient, acme: Body) -> None:
    await _refused(await api.post("/customer", json=acme | {"customerId": "CUST-0001"}), "customerId")
    await _refused(await _patch(api, {"customerId": "CUST-0001"}), "customerId")
    same = await _patch(api, {"customerId": "CUST-0003", "city": "Ulm"})
    assert same.status_code == 200


@pytest.mark.parametrize("forms", [DOCUMENTED], ids=["documented"])
async def test_null_clears_a_country(api: httpx.AsyncClient) -> None:
    assert (await api.patch("/customer/cust_abc123", json={"country": None})).json()["country"] is None


async def test_a_number_is_free_again_after_its_customer_gave_it_up(
    api: httpx.AsyncClient, acme: Body, forms: Forms
) -> None:
    await _patch(api, {"customerId": None if forms.clears_with == "null" else ""})
    assert (await _created(api, acme | {"customerId": "CUST-0003"}))["customerId"] == "CUST-0003"


async def test_customers_without_a_number_do_not_collide(api: httpx.AsyncClient, acme: Body) -> None:
    assert (await _created(api, acme))["customerId"] is None
    assert (await _created(api, acme))["customerId"] is None


async def test_a_customer_with_invoices_cannot_be_deleted(api: httpx.AsyncClient, forms: Forms) -> None:
    (record,) = (await api.get("/customers", params={"keywords[]": "CUST-0001"})).json()["data"]
    answer = await api.delete(f"/customer/{record['id']}")
    assert refusal(answer) == expected(CustomerInUseError, forms)
    assert "invoices" in messages(answer)[0]
    assert (await api.get(f"/customer/{record['id']}")).json() == record


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize("id_", ["unknown", "%00", "%F0%9F%98%80", "' OR 1=1"])
async def test_an_unknown_customer_is_a_404(
    api: httpx.AsyncClient, forms: Forms, method: str, id_: str
) -> None:
    answer = await api.request(method, f"/customer/{id_}", json={})
    assert refusal(answer) == expected(UnknownCustomerError, forms)
