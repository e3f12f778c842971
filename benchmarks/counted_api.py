"""The sandbox over TCP, which records what it sends, and can fail, lose answers or go away."""

import socket
from threading import Thread
from types import TracebackType
from typing import Self

import uvicorn
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from benchmarks.upstream import API
from faktoora_mcp.sandbox.app import create_app

HOST = "127.0.0.1"
CUT_SHORT = [(b"content-type", b"application/json"), (b"content-length", b"2")]


class CountedApi:
    """`sent` holds all bodies; `failing` answers a POST with 500, `losing` cuts it and all that follows."""

    def __init__(self) -> None:
        self.sent = b""
        self.failing = self.losing = self._silent = False
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

        is_post = scope.get("method") == "POST"
        self._silent |= self.losing and is_post
        if self._silent:
            await send({"type": "http.response.start", "status": 200, "headers": CUT_SHORT})
        elif self.failing and is_post:
            await PlainTextResponse("failed", 500)(scope, receive, count)
        else:
            await self._app(scope, receive, count)
