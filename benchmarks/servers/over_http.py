"""A server of this folder over stateless HTTP: `python -m benchmarks.servers.over_http passthrough|floor`.

It prints its address as ours does.
"""

import os
import socket
import sys

import httpx
import uvicorn
from mcp.server import MCPServer

from benchmarks.servers import floor, passthrough


def server(name: str) -> MCPServer:
    if name == "floor":
        return floor.create_server()
    headers = {"X-API-KEY": os.environ["FAKTOORA_API_KEY"]}
    return passthrough.create_server(
        httpx.AsyncClient(base_url=os.environ["FAKTOORA_BASE_URL"], headers=headers)
    )


def main(name: str) -> None:
    app = server(name).streamable_http_app(stateless_http=True)
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        print(f"http://127.0.0.1:{listener.getsockname()[1]}/mcp", file=sys.stderr, flush=True)  # noqa: T201
        uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[listener])


if __name__ == "__main__":
    main(sys.argv[1])
