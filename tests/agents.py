"""An agent's view of the server: a client of the SDK, in either protocol era."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, cast

import httpx
from mcp import Client
from mcp.types import CallToolResult, TextContent

from faktoora_mcp.sandbox.forms import CURRENT, DOCUMENTED
from faktoora_mcp.server.app import create_server
from faktoora_mcp.settings import Settings
from tests.scripted import settings

ERAS = ["legacy", "auto"]
FORMS = {"legacy": DOCUMENTED, "auto": CURRENT}
"""Both forms of the API for tests that run in both eras of the protocol."""
Answer = dict[str, Any]


class Agent:
    """Calls tools as an agent does and reads what an agent reads: the text."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def result(self, tool: str, /, **arguments: object) -> CallToolResult:
        return await self.client.call_tool(tool, arguments)

    async def call(self, tool: str, /, **arguments: object) -> Answer:
        """The answer of a call that has to succeed; its text and its structured content are the same."""
        result = await self.result(tool, **arguments)
        assert not result.is_error, text_of(result)
        answer = cast("Answer", json.loads(text_of(result)))
        assert answer == result.structured_content
        return answer

    async def fails(self, tool: str, /, **arguments: object) -> Answer:
        """The error of a call that has to fail."""
        result = await self.result(tool, **arguments)
        assert result.is_error, text_of(result)
        assert result.structured_content is None
        return cast("Answer", json.loads(text_of(result))["error"])


def text_of(result: CallToolResult) -> str:
    (content,) = result.content
    return cast("TextContent", content).text


@asynccontextmanager
async def agent(
    era: str, transport: httpx.AsyncBaseTransport | None = None, **given: object
) -> AsyncGenerator[Agent]:
    """An agent at a server: on the transport with a key, or on the embedded sandbox without one."""
    ours = settings(**given) if transport else Settings.model_validate({"sandbox": True} | given)
    async with Client(create_server(ours, transport), mode=era) as client:
        yield Agent(client)
