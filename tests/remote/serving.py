"""A server over HTTP on a loopback port, and agents that call it with keys of their own."""

import socket
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from threading import Thread

import httpx
import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from faktoora_mcp.server.remote.serve import uvicorn_server
from faktoora_mcp.server.remote.settings import RemoteSettings
from faktoora_mcp.server.remote.start import create_gate
from faktoora_mcp.settings import Settings
from tests.agents import Agent

KEYS = ("key-of-firm-a-4711", "key-of-firm-b-0815")


@contextmanager
def served(
    settings: Settings | None = None, transport: httpx.AsyncBaseTransport | None = None, **remote: object
) -> Generator[str]:
    """The address of the MCP endpoint; without settings each key has a sandbox of its own.

    In values of options, {here} stands for the address without its path.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        here = f"http://127.0.0.1:{listener.getsockname()[1]}"
        given = {
            name: value.replace("{here}", here) if isinstance(value, str) else value
            for name, value in remote.items()
        }
        options = RemoteSettings.model_validate(given)
        server = uvicorn_server(create_gate(settings or Settings(sandbox=True), options, transport), options)
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"{here}{options.path}"
        finally:
            server.should_exit = True
            thread.join()


@asynccontextmanager
async def caller(era: str, url: str, key: str = KEYS[0], **headers: str) -> AsyncGenerator[Agent]:
    """An agent whose requests bear a key, and these headers; _ stands for -."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    async with httpx2.AsyncClient(headers={"X-API-KEY": key} | given) as http:
        transport = streamable_http_client(url, http_client=http)
        async with Client(transport, mode=era) as client:
            yield Agent(client)
