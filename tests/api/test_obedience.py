"""The client as a library obeys the settings of the environment: the sandbox, and reading only."""

import httpx
import pytest

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.connection import SANDBOX_URL
from faktoora_mcp.api.models import CustomerChanges, CustomerQuery, NewCustomer
from faktoora_mcp.errors import ReadOnly
from faktoora_mcp.settings import Settings
from tests.scripted import ACME

pytestmark = pytest.mark.anyio
LIVE = {"FAKTOORA_API_KEY": "key-of-the-firm", "FAKTOORA_BASE_URL": "http://127.0.0.1:9/api/v1"}


async def test_with_the_sandbox_chosen_it_reaches_invented_customers_only() -> None:
    async with FaktooraClient(Settings.from_env(LIVE | {"FAKTOORA_SANDBOX": "true"})) as client:
        assert (await client.list_customers(CustomerQuery())).total_items == 57
        created = await client.create_customer(NewCustomer.model_validate(ACME))
        assert (await client.get_customer(created.id)).name == ACME["name"]
    assert SANDBOX_URL.endswith(".invalid/api/v1")


async def test_for_reading_only_it_refuses_every_change_before_it_is_sent() -> None:
    sent: list[str] = []

    def answered(request: httpx.Request) -> httpx.Response:
        sent.append(request.method)
        return httpx.Response(200, json=[])

    settings = Settings.from_env(LIVE | {"FAKTOORA_READ_ONLY": "true"})
    async with FaktooraClient(settings, httpx.MockTransport(answered)) as client:
        await client.list_customers(CustomerQuery())
        for change in (
            client.create_customer(NewCustomer.model_validate(ACME)),
            client.update_customer("7", CustomerChanges(city="Köln")),
            client.delete_customer("7"),
            client.import_customers("550e8400-e29b-41d4-a716-446655440000"),
            client.upload_customers_file("kunden.csv", b"Firma"),
        ):
            with pytest.raises(ReadOnly):
                await change
    assert sent == ["GET"]
