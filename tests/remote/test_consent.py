"""Consent of a user over HTTP: good for the caller that asked for it, and for nobody else."""

from typing import Any, cast

import httpx
import pytest

from faktoora_mcp.sandbox.app import create_app
from faktoora_mcp.sandbox.forms import DOCUMENTED
from faktoora_mcp.settings import Settings
from tests.remote.serving import KEYS, served

pytestmark = pytest.mark.anyio
PREFIX = "io.modelcontextprotocol"
META: dict[str, object] = {
    f"{PREFIX}/protocolVersion": "2026-07-28",
    f"{PREFIX}/clientCapabilities": {"elicitation": {"form": {}}},
    f"{PREFIX}/clientInfo": {"name": "test", "version": "1"},
}
HEADERS = {
    "Accept": "application/json, text/event-stream",
    "MCP-Protocol-Version": "2026-07-28",
    "Mcp-Method": "tools/call",
    "Mcp-Name": "delete_customer",
}
SHARED = Settings(sandbox=True, base_url="http://127.0.0.1:9/api/v1")
NEW: dict[str, object] = {
    "isCompany": True,
    "name": "Neu",
    "address": "Weg 1",
    "postcode": "10115",
    "city": "Berlin",
    "extras": {},
}
Result = dict[str, Any]


async def deleted(url: str, key: str, customer_id: str, **more: object) -> Result:
    """The answer to a call of delete_customer by a host that can ask its user."""
    call: dict[str, object] = {"name": "delete_customer", "arguments": {"id": customer_id}, "_meta": META}
    message: dict[str, object] = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call | more}
    async with httpx.AsyncClient(headers=HEADERS | {"X-API-KEY": key}) as client:
        return cast("Result", (await client.post(url, json=message)).json())


def agreed(asked: Result) -> dict[str, object]:
    """What a host sends when its user has agreed."""
    yes = {"action": "accept", "content": {"agreed": True}}
    answers = dict.fromkeys(asked["inputRequests"], yes)
    return {"inputResponses": answers, "requestState": asked["requestState"]}


async def test_it_is_refused_with_another_key_and_taken_with_its_own() -> None:
    transport = httpx.ASGITransport(create_app(forms=DOCUMENTED))
    with served(SHARED, transport) as url:
        async with httpx.AsyncClient(transport=transport, headers={"X-API-KEY": KEYS[0]}) as api:
            made = await api.post(f"{SHARED.base_url}/customer", json=NEW)
        customer_id = made.json()["id"]
        asked = (await deleted(url, KEYS[0], customer_id))["result"]
        stolen = await deleted(url, KEYS[1], customer_id, **agreed(asked))
        own = await deleted(url, KEYS[0], customer_id, **agreed(asked))
    assert stolen["error"]["message"] == "Invalid or expired requestState"
    assert own["result"]["structuredContent"]["outcome"] == "deleted"
