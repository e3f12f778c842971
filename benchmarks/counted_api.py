"""The sandbox over TCP, which records what it sends, and can lose answers or go away."""

import socket
from threading import Thread
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import Message, Receive, Scope, Send

from benchmarks.upstream import API
from faktoora_mcp.sandbox.app import create_app

HOST = "127.0.0.1"
CUT_SHORT = [(b"content-type", b"application/json"), (b"content-length", b"2")]


class CountedApi:
    """`sent` holds all bodies; `losing` cuts the answer to a POST, `silent_then` also those that follow."""

    def __init__(self) -> None:
        self.sent = b""
        self.losing = self.silent_then = self._silent = False
        self._app = create_app()
        self._listener = socket.create_server((HOST, 0))
        self._server = uvicorn.Server(uvicorn.Config(self, log_level="critical", ws="none"))
        self._thread = Thread(target=self._server.run, kwargs={"sockets": [self._listener]})

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._listener.getsockname()[1]}{API}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """From now on its address refuses connections."""
        self._server.should_exit = True
        self._thread.join()
        self._listener.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def count(message: Message) -> None:
            self.sent += message.get("body", b"")
            await send(message)

        lost = self._silent or (self.losing and scope.get("method") == "POST")
        self._silent = lost and self.silent_then
        if lost:
            await send({"type": "http.response.start", "status": 200, "headers": CUT_SHORT})
        else:
            await self._app(scope, receive, count)
