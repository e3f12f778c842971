"""The server over HTTP: each call in the name of its caller, in both eras of the protocol."""

import json
from pathlib import Path

import anyio
import httpx
import pytest

from faktoora_mcp.api.pool import Credentials
from faktoora_mcp.settings import Settings
from tests.agents import ERAS, Agent
from tests.remote.inside import URL, called, client_of, running
from tests.remote.serving import KEYS, caller, served

pytestmark = pytest.mark.anyio
NEW = {"isCompany": True, "name": "Probe GmbH", "address": "Weg 1", "postcode": "20457", "city": "Hamburg"}


@pytest.fixture(params=ERAS)
def era(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def names(someone: Agent) -> list[str]:
    answer = await someone.call("list_customers", keywords=["Probe"], fields=["name"])
    return [str(row[answer["columns"].index("name")]) for row in answer["rows"]]


async def test_each_key_sees_its_own_customers(era: str) -> None:
    with served() as url:
        async with caller(era, url, KEYS[0]) as one, caller(era, url, KEYS[1]) as other:
            for place, someone in enumerate((one, other)):
                await someone.call("create_customer", customer=NEW | {"name": f"Probe {place} GmbH"})
            assert (await names(one), await names(other)) == (["Probe 0 GmbH"], ["Probe 1 GmbH"])


async def test_a_request_without_a_key_is_told_what_to_send() -> None:
    with served() as url:
        async with httpx.AsyncClient() as client:
            answer = await client.post(url, json={})
    assert answer.status_code == 401
    assert "X-API-KEY" in answer.json()["error"]["message"]


async def test_calls_in_parallel_with_two_keys_never_cross(era: str) -> None:
    with served() as url:
        async with caller(era, url, KEYS[0]) as one, caller(era, url, KEYS[1]) as other:
            for place, someone in enumerate((one, other)):
                await someone.call("create_customer", customer=NEW | {"name": f"Probe {place} GmbH"})
            found: dict[int, list[list[str]]] = {0: [], 1: []}

            async def look(place: int, someone: Agent) -> None:
                found[place].append(await names(someone))

            async with anyio.create_task_group() as tasks:
                for _ in range(7):
                    tasks.start_soon(look, 0, one)
                    tasks.start_soon(look, 1, other)
    assert found == {place: [[f"Probe {place} GmbH"]] * 7 for place in (0, 1)}


async def test_the_audit_log_names_the_caller_and_not_the_key(era: str, tmp_path: Path) -> None:
    log = tmp_path / "audit.jsonl"
    with served(Settings(sandbox=True, audit_log=log)) as url:
        for key in KEYS:
            async with caller(era, url, key) as someone:
                await someone.call("create_customer", customer=NEW)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    names = {line["client"].partition(",")[0] for line in lines}
    assert names == {f"key {Credentials(key).digest[:8]}" for key in KEYS}
    assert not any(key in log.read_text() for key in KEYS)


async def test_a_session_id_that_a_client_sends_is_ignored() -> None:
    async with running() as gate, client_of(gate, X_API_KEY=KEYS[0]) as client:
        client.headers["Mcp-Session-Id"] = "a-session-of-somebody-else"
        answer = await called(client, "list_customers", per_page=1)
    assert len(answer["rows"]) == 1


async def test_a_forwarded_host_is_no_host() -> None:
    async with running(allowed_host="mcp.firm.example") as gate, client_of(gate, X_API_KEY=KEYS[0]) as client:
        forwarded = {
            "Host": "evil.example",
            "X-Forwarded-Host": "mcp.firm.example",
            "Forwarded": "host=localhost",
        }
        assert (await client.post(URL, json={}, headers=forwarded)).status_code == 421
