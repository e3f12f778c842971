"""Faults that the sandbox shows on request: writes that are answered with an error and applied later."""

import time
from collections import deque
from collections.abc import Callable
from http import HTTPStatus
from typing import NamedTuple

import anyio
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

API = "/api/"
WRITES = frozenset({"POST", "PATCH", "DELETE"})


class PendingWrite(NamedTuple):
    due: float
    scope: Scope
    body: bytes


class LateWrites:
    """An app whose writes are answered as by a gateway that gave up, and applied `after_s` seconds later.

    A write that is due is applied right before the next request of any kind, in the order of arrival.
    Nothing runs in between, so a test with its own `clock` is deterministic. The answer of a late write is
    lost. `remaining` is the number of writes still to delay, None for all; it may be set at any time.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        after_s: float,
        status: int = 504,
        remaining: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.remaining = remaining
        self._app = app
        self._after_s = after_s
        self._status = status
        self._clock = clock
        self._pending: deque[PendingWrite] = deque()
        self._applying = anyio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._apply_due_writes()
        if self._delays(scope):
            body = await Request(scope, receive).body()
            self._pending.append(PendingWrite(self._clock() + self._after_s, scope, body))
            await _gateway_error(self._status)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _delays(self, scope: Scope) -> bool:
        write = scope["type"] == "http" and scope["method"] in WRITES and scope["path"].startswith(API)
        if write and self.remaining:
            self.remaining -= 1
            return True
        return write and self.remaining is None

    async def _apply_due_writes(self) -> None:
        async with self._applying:
            while self._pending and self._pending[0].due <= self._clock():
                write = self._pending.popleft()
                await self._app(write.scope, replay(write.body), _discard)


def replay(body: bytes) -> Receive:
    """Receives a body that was read before."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _discard(_: Message) -> None:
    """The answer of a late write."""


def _gateway_error(status: int) -> HTMLResponse:
    title = f"{status} {HTTPStatus(status).phrase}"
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return HTMLResponse(page, status_code=status)
