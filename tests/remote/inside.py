"""The gate inside this process, on virtual time: requests reach it without a socket."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, cast

import anyio
import httpx
from starlette.types import Message, Scope

from faktoora_mcp.server.remote.http import Gate
from faktoora_mcp.server.remote.settings import RemoteSettings
from faktoora_mcp.server.remote.start import create_gate
from faktoora_mcp.settings import Settings

REVISION = "2026-07-28"
META = {
    "io.modelcontextprotocol/protocolVersion": REVISION,
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
}
ACCEPT = {"Accept": "application/json, text/event-stream"}
URL = "http://localhost/mcp"


@asynccontextmanager
async def running(
    settings: Settings | None = None, transport: httpx.AsyncBaseTransport | None = None, **remote: object
) -> AsyncGenerator[Gate]:
    """A gate that has been started; without settings each key has a sandbox of its own."""
    gate = create_gate(settings or Settings(sandbox=True), RemoteSettings.model_validate(remote), transport)
    to_gate, from_test = anyio.create_memory_object_stream[Message](2)
    from_gate, to_test = anyio.create_memory_object_stream[Message](2)
    scope: Scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    with to_gate, from_test, from_gate, to_test:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(gate, scope, from_test.receive, from_gate.send)
            await to_gate.send({"type": "lifespan.startup"})
            await to_test.receive()
            try:
                yield gate
            finally:
                with anyio.CancelScope(shield=True):
                    await to_gate.send({"type": "lifespan.shutdown"})
                    await to_test.receive()


def client_of(gate: Gate, **headers: str) -> httpx.AsyncClient:
    """A client that reaches the gate; _ stands for - in the names of headers."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.AsyncClient(transport=httpx.ASGITransport(gate), headers=ACCEPT | given)


def request(method: str, **params: object) -> tuple[dict[str, str], dict[str, object]]:
    """Headers and body of a request in 2026-07-28."""
    name = {"Mcp-Name": str(params["name"])} if "name" in params else {}
    headers = {"MCP-Protocol-Version": REVISION, "Mcp-Method": method} | name
    return headers, {"jsonrpc": "2.0", "id": 1, "method": method, "params": {"_meta": META} | params}


async def called(client: httpx.AsyncClient, tool: str, **arguments: object) -> dict[str, Any]:
    """The structured answer of a tool that has to succeed."""
    headers, body = request("tools/call", name=tool, arguments=arguments)
    answer = await client.post(URL, json=body, headers=headers)
    assert answer.status_code == httpx.codes.OK, answer.text
    found = answer.json() if answer.text.startswith("{") else _event(answer.text)
    assert not found["result"].get("isError"), found
    return cast("dict[str, Any]", found["result"]["structuredContent"])


def _event(text: str) -> dict[str, Any]:
    """The last event of a stream."""
    (*_, data) = (line for line in text.splitlines() if line.startswith("data:"))
    return cast("dict[str, Any]", json.loads(data.removeprefix("data:")))
