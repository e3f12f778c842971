"""Tool calls as hosts of both revisions send them, and what comes back: an answer, an error or a question."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import httpx

Era = Literal["2025-11-25", "2026-07-28"]
ERAS: tuple[Era, ...] = ("2025-11-25", "2026-07-28")
PREFIX = "io.modelcontextprotocol"
META: dict[str, object] = {
    f"{PREFIX}/protocolVersion": "2026-07-28",
    f"{PREFIX}/clientCapabilities": {"elicitation": {"form": {}}},
    f"{PREFIX}/clientInfo": {"name": "replicas", "version": "1"},
}
BROKEN = "broken"
"""The connection ended without a whole answer."""
LOST = frozenset({BROKEN, "http 502", "http 503", "http 504"})
"""The way to the server failed: a read may be repeated."""
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """`error` is a tool's code, "http STATUS", "broken", "protocol CODE" or nothing; `text` is all of it."""

    error: str
    told: Json
    text: str = ""
    question: Json = field(default_factory=dict[str, Any])

    @property
    def is_lost(self) -> bool:
        return self.error in LOST


def message(era: Era, tool: str, arguments: Mapping[str, object], **more: object) -> tuple[Json, Json]:
    """Headers and body of a call."""
    headers = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": era}
    params: Json = {"name": tool, "arguments": dict(arguments), **more}
    if era == "2026-07-28":
        headers |= {"Mcp-Method": "tools/call", "Mcp-Name": tool}
        params["_meta"] = META
    return headers, {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}


def agreed(question: Json) -> Json:
    """What a host adds to its call once its user has agreed."""
    yes = {"action": "accept", "content": {"agreed": True}}
    answers = dict.fromkeys(question["inputRequests"], yes)
    return {"inputResponses": answers, "requestState": question["requestState"]}


async def sent(client: httpx.AsyncClient, url: str, parts: tuple[Json, Json]) -> Answer:
    """Send a call once."""
    headers, body = parts
    try:
        response = await client.post(url, json=body, headers=headers)
    except httpx.TransportError:
        return Answer(BROKEN, {})
    return _read(response)


def _read(response: httpx.Response) -> Answer:
    if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR or not _is_mcp(response):
        return Answer(f"http {response.status_code}", {}, response.text)
    found = _message(response.text)
    if found is None:
        return Answer(BROKEN, {}, response.text)
    if "error" in found:
        return Answer(f"protocol {found['error']['code']}", found["error"], response.text)
    return _result(found["result"], response.text)


def _result(result: Json, text: str) -> Answer:
    if "inputRequests" in result:
        return Answer("", {}, text, result)
    told = cast("Json", json.loads(result["content"][0]["text"]))
    error = str(told["error"]["code"]) if result.get("isError") else ""
    return Answer(error, told, text)


def _is_mcp(response: httpx.Response) -> bool:
    return '"jsonrpc"' in response.text


def _message(text: str) -> Json | None:
    """The message itself, or the last event of a stream; None where it ends too early."""
    lines = [line.removeprefix("data:") for line in text.splitlines() if line.startswith("data:")]
    try:
        return cast("Json", json.loads(lines[-1] if lines else text))
    except ValueError:
        return None
