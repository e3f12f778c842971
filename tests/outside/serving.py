"""The real server object over HTTP on a loopback port, for programs that speak nothing else."""

import socket
from collections.abc import Generator
from contextlib import contextmanager
from threading import Thread

import uvicorn

from faktoora_mcp.server.app import create_server
from faktoora_mcp.settings import Settings

SHUTDOWN_S = 3


@contextmanager
def served() -> Generator[str]:
    """The address of the server on invented customers, which runs in a thread for so long."""
    app = create_server(Settings(sandbox=True)).streamable_http_app()
    config = uvicorn.Config(app, ws="none", log_level="error", timeout_graceful_shutdown=SHUTDOWN_S)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/mcp"
        finally:
            server.should_exit = True
            thread.join()
