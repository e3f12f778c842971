"""MCP over HTTP for many callers: routes, and what a request has to pass before the SDK sees it."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from http import HTTPStatus

import anyio
from mcp.server.transport_security import TransportSecuritySettings
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from faktoora_mcp.server.app import Server

from .access import Access, Denied, check_unambiguous
from .bodies import IMPORT_BYTES, received
from .callers import calling
from .hosts import SECURITY_HEADERS, Hosts
from .limits import Calls
from .settings import RemoteSettings
from .watching.tracing import continued

logger = logging.getLogger(__name__)
ONLY_POST = "Every message is a POST; this server opens no stream of its own."
TOO_LONG = "This request took longer than the server allows; what was sent to faktoora may still take effect."
SENDING_S = 10.0
"""So much longer than a tool call may take its request may, until the answer is delivered."""
Route = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Beside:
    """Routes beside MCP: `open` ones under any name of the host, `public` ones for pages of any origin.

    `refused` is told the status of refusals.
    """

    open: Mapping[str, Route]
    public: Mapping[str, Route]
    checked: Mapping[str, Route]
    refused: Callable[[int], None] | None = None

    def route(self, path: str) -> Route | None:
        return self.open.get(path) or self.public.get(path) or self.checked.get(path)


class Gate:
    """An ASGI application: open routes, then host, caller and limits, then MCP at its path."""

    def __init__(
        self, server: Server, access: Access, settings: RemoteSettings, calls: Calls, beside: Beside
    ) -> None:
        self._mcp: ASGIApp = server.streamable_http_app(
            streamable_http_path=settings.path,
            stateless_http=True,
            max_request_body_size=IMPORT_BYTES,
            transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
        )
        self._path, self._access, self._beside = settings.path, access, beside
        self._hosts, self._calls = Hosts(settings), calls
        self._traced = continued if settings.otel else _untraced
        self._deadline_s = server.workspace.settings.call_s + SENDING_S

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._mcp(scope, receive, send)
            return
        answer = _Answer(send)
        try:
            await self._answer(scope, receive, answer)
        except Denied as denied:
            if self._beside.refused:
                self._beside.refused(denied.status)
            await denied.answer()(scope, receive, answer)

    async def _answer(self, scope: Scope, receive: Receive, send: "_Answer") -> None:
        headers, path = Headers(scope=scope), scope["path"]
        check_unambiguous(headers)
        if path not in self._beside.open:
            self._hosts.check(headers, any_origin=path in self._beside.public)
        if route := self._beside.route(path):
            response = await route(Request(scope))
            await response(scope, receive, send)
            return
        if path != self._path:
            raise Denied(HTTPStatus.NOT_FOUND, f"MCP is served at {self._path}.")
        caller = await self._access.caller(headers)
        if scope["method"] != "POST":
            raise Denied(HTTPStatus.METHOD_NOT_ALLOWED, ONLY_POST, {"Allow": "POST"})
        whole = await received(headers, receive)
        with self._calls.running(caller), calling(caller), self._traced(headers):
            await self._called(_without_session(scope), whole, send)

    async def _called(self, scope: Scope, receive: Receive, send: "_Answer") -> None:
        """The SDK's part, cut off at the deadline: a client that does not read holds no place for ever."""
        with anyio.move_on_after(self._deadline_s) as scope_of_call:
            await self._mcp(scope, receive, send)
        if scope_of_call.cancelled_caught and not send.started:
            raise Denied(HTTPStatus.GATEWAY_TIMEOUT, TOO_LONG)


def _untraced(_: Headers) -> AbstractContextManager[None]:
    return nullcontext()


def _without_session(scope: Scope) -> Scope:
    """Every request stands for itself: a session id that a client sends is ignored."""
    return {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != b"mcp-session-id"]}


class _Answer:
    """Sends an answer with the security headers; `started` once its status is sent."""

    def __init__(self, send: Send) -> None:
        self._send, self.started = send, False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            given = {name.lower() for name, _ in message.get("headers", [])}
            more = [pair for pair in SECURITY_HEADERS if pair[0] not in given]
            message = {**message, "headers": [*message.get("headers", []), *more]}
        await self._send(message)
