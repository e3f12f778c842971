"""Every example of the specification: its request and the answer that it shows."""

import httpx
import pytest
from starlette.applications import Starlette

from faktoora_mcp.sandbox.app import create_app
from faktoora_mcp.sandbox.errors import UnknownCustomerError
from faktoora_mcp.sandbox.forms import DOCUMENTED, Forms
from tests.sandbox.clients import client
from tests.sandbox.refusals import expected, messages, refusal

pytestmark = pytest.mark.anyio


async def test_create_answers_200_with_the_customer_and_its_id(
    api: httpx.AsyncClient, acme: dict[str, object]
) -> None:
    answer = await api.post("/customer", json=acme)
    created = answer.json()
    assert answer.status_code == 200
    assert acme.items() <= created.items()
    assert (await api.get(f"/customer/{created['id']}")).json() == created


async def test_list_finds_the_created_company_by_keyword(
    api: httpx.AsyncClient, acme: dict[str, object]
) -> None:
    created = (await api.post("/customer", json=acme)).json()
    params = {"keywords[]": "Acme", "page": 1, "perPage": 20, "sort": "name", "order": "asc"}
    assert (await api.get("/customers", params=params)).json() == {
        "data": [created],
        "meta": {"page": 1, "perPage": 20, "totalItems": 1, "totalPages": 1},
    }


@pytest.mark.parametrize("forms", [DOCUMENTED], ids=["documented"])
async def test_generate_number_answers_a_value(api: httpx.AsyncClient) -> None:
    assert (await api.get("/customers/generate-number")).json() == {"value": "CUST-0059"}


async def test_generate_number_answers_the_value_of_the_endpoint_table_after_41_customers(
    forms: Forms,
) -> None:
    app = create_app(customers=41, forms=forms)
    assert await _generated(app) == "CUST-0042"


async def test_generate_number_answers_003_after_001_and_002(acme: dict[str, object], forms: Forms) -> None:
    app = create_app(customers=0, forms=forms)
    assert await _generated(app, acme | {"customerId": "001"}, acme | {"customerId": "002"}) == "003"


async def _generated(app: Starlette, *bodies: dict[str, object]) -> str:
    async with client(app) as api:
        for body in bodies:
            await api.post("/customer", json=body)
        value = (await api.get("/customers/generate-number")).json()["value"]
    app.state.close()
    return value


async def test_verify_says_that_cust_0042_is_free(api: httpx.AsyncClient) -> None:
    answer = await api.get("/customer/verify-customer-number", params={"value": "CUST-0042"})
    assert (answer.status_code, answer.json()) == (200, {"succeed": True})


async def test_verify_says_that_a_used_number_is_not_free(api: httpx.AsyncClient) -> None:
    answer = await api.get("/customer/verify-customer-number", params={"value": "CUST-0001"})
    assert (answer.status_code, answer.json()) == (200, {"succeed": False})


async def test_import_answers_the_customers_of_the_documented_file(api: httpx.AsyncClient) -> None:
    answer = await api.post("/customers/import", json={"fileId": "550e8400-e29b-41d4-a716-446655440000"})
    assert answer.status_code == 200
    assert [(row["customerId"], row["name"], row["postcode"], row["country"]) for row in answer.json()] == [
        ("K-9001", "Bäckerei Schröder GmbH", "01067", "DE"),
        ("K-9002", "Weißbach & Söhne KG", "04109", "DE"),
        ("K-9003", "Großküchen Übelhör OHG", "87435", "DE"),
        (None, None, "50667", "DE"),
        ("K-9005", "Gasthof Löwen", "6850", "AT"),
        ("K-9006", "Käserei Bühler AG", "9000", "CH"),
    ]


async def test_importing_the_documented_file_twice_collides_on_its_numbers(api: httpx.AsyncClient) -> None:
    body = {"fileId": "550e8400-e29b-41d4-a716-446655440000"}
    await api.post("/customers/import", json=body)
    again = await api.post("/customers/import", json=body)
    assert again.status_code == 400
    assert len(messages(again)) == 5
    assert messages(again)[0] == 'row 2: "customerId" "K-9001" is already used by another customer'
    assert (await api.get("/customers")).json()["meta"]["totalItems"] == 63


async def test_delete_of_the_documented_customer_succeeds_once(api: httpx.AsyncClient, forms: Forms) -> None:
    answer = await api.delete("/customer/cust_abc123")
    assert (answer.status_code, answer.json()) == (200, {"succeed": True})
    again = await api.delete("/customer/cust_abc123")
    assert refusal(again) == expected(UnknownCustomerError, forms)
