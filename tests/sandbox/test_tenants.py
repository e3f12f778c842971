"""One sandbox for many keys: each has a base of its own, and they are bounded in number and size."""

import httpx
import pytest

from faktoora_mcp.sandbox.app import create_app
from faktoora_mcp.sandbox.forms import CURRENT, DOCUMENTED, Forms
from faktoora_mcp.sandbox.tenants import Tenants
from tests.sandbox.clients import client

pytestmark = pytest.mark.anyio
NEW: dict[str, object] = {
    "isCompany": True,
    "name": "Probe GmbH",
    "address": "Weg 1",
    "postcode": "20457",
    "city": "Hamburg",
    "extras": {},
}
SMALL = 400_000


@pytest.fixture(params=[DOCUMENTED, CURRENT], ids=["documented", "current"])
def forms(request: pytest.FixtureRequest) -> Forms:
    return request.param


async def create(api: httpx.AsyncClient, key: str, **more: object) -> httpx.Response:
    return await api.post("/customer", json=NEW | more, headers={"X-API-KEY": key})


async def probes(api: httpx.AsyncClient, key: str) -> bool:
    return "Probe GmbH" in (await api.get("/customers?perPage=100", headers={"X-API-KEY": key})).text


async def test_a_base_that_was_not_used_for_longest_is_forgotten() -> None:
    tenants = Tenants(create_app, most=2)
    async with client(tenants) as api:
        for key in ("first", "second", "first", "third"):
            await create(api, key)
        assert [await probes(api, "first"), await probes(api, "second")] == [True, False]
    tenants.close()


async def test_a_full_base_refuses_what_would_let_it_grow_and_still_answers(forms: Forms) -> None:
    tenants = Tenants(lambda: create_app(forms=forms, max_bytes=SMALL))
    async with client(tenants) as api:
        answers = [await create(api, "first", extras={"text": "x" * 10_000}) for _ in range(50)]
        assert {answer.status_code for answer in answers if answer.is_error} == {413}
        assert "full" in answers[-1].text
        assert await probes(api, "first")
        assert (await create(api, "second")).is_success
    tenants.close()


async def test_what_is_deleted_makes_room(forms: Forms) -> None:
    app = create_app(forms=forms, customers=0, max_bytes=SMALL)
    async with client(app) as api:
        ids = [
            answer.json()["id"]
            for answer in [await create(api, "any", extras={"text": "x" * 10_000}) for _ in range(50)]
            if answer.is_success
        ]
        for customer in ids[:5]:
            await api.delete(f"/customer/{customer}")
        assert (await create(api, "any")).is_success
    app.state.close()
