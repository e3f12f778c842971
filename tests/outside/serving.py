"""The server as `serve --http` runs it; a key is put in on the way for programs that cannot send one."""

import socket
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from threading import Thread

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from faktoora_mcp.language import Language
from faktoora_mcp.sandbox.app import create_app
from faktoora_mcp.sandbox.tenants import Tenants
from faktoora_mcp.server.remote.serve import uvicorn_server
from faktoora_mcp.server.remote.settings import RemoteSettings
from faktoora_mcp.server.remote.start import create_gate
from faktoora_mcp.settings import Settings

KEY = (b"x-api-key", b"key-of-a-firm-4711")


def with_key(app: ASGIApp) -> ASGIApp:
    """The application as every client sees it whose requests bear a key, be it this one."""

    async def keyed(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            own = {name for name, _ in scope["headers"]}
            scope = {**scope, "headers": [*scope["headers"], *([] if KEY[0] in own else [KEY])]}
        await app(scope, receive, send)

    return keyed


@contextmanager
def served(language: Language = "en", customers: int = 57) -> Generator[str]:
    """The address of the server, which runs in a thread for so long; each key has invented customers."""
    options = RemoteSettings(max_calls=500, max_calls_per_key=500)
    api = httpx.ASGITransport(Tenants(partial(create_app, customers=customers)))
    gate = create_gate(Settings(sandbox=True, language=language), options, api)
    server = uvicorn_server(with_key(gate), options)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}{options.path}"
        finally:
            server.should_exit = True
            thread.join()
