"""MCP over HTTP for many callers: routes, and what a request has to pass before the SDK sees it."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

from mcp.server.transport_security import TransportSecuritySettings
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from faktoora_mcp.server.app import Server

from .access import Access, Denied
from .callers import calling
from .hosts import Hosts
from .limits import Calls
from .settings import CALL_BYTES, RemoteSettings

logger = logging.getLogger(__name__)
SECURITY_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]
ONLY_POST = "Every message is a POST; this server opens no stream of its own."
Route = Callable[[Request], Awaitable[JSONResponse]]


class Gate:
    """An ASGI application: open routes, then host, caller and limits, then MCP at its path."""

    def __init__(
        self, server: Server, access: Access, settings: RemoteSettings, routes: Mapping[str, Route]
    ) -> None:
        self._mcp: ASGIApp = server.streamable_http_app(
            streamable_http_path=settings.path,
            stateless_http=True,
            max_request_body_size=CALL_BYTES,
            transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
        )
        self._path, self._access, self._routes = settings.path, access, routes
        self._hosts, self._calls = Hosts(settings), Calls(settings.max_calls, settings.max_calls_per_key)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._mcp(scope, receive, send)
            return
        guarded = _with_security_headers(send)
        try:
            await self._answer(scope, receive, guarded)
        except Denied as denied:
            await _refusal(denied)(scope, receive, guarded)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if route := self._routes.get(scope["path"]):
            response = await route(Request(scope))
            await response(scope, receive, send)
            return
        headers = Headers(scope=scope)
        self._hosts.check(headers)
        if scope["path"] != self._path:
            raise Denied(HTTPStatus.NOT_FOUND, f"MCP is served at {self._path}.")
        if scope["method"] != "POST":
            raise Denied(HTTPStatus.METHOD_NOT_ALLOWED, ONLY_POST, {"Allow": "POST"})
        caller = await self._access.caller(headers)
        with self._calls.running(caller), calling(caller):
            await self._mcp(_without_session(scope), receive, send)


def _without_session(scope: Scope) -> Scope:
    """Every request stands for itself: a session id that a client sends is ignored."""
    return {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != b"mcp-session-id"]}


def _refusal(denied: Denied) -> JSONResponse:
    body = {"error": {"code": HTTPStatus(denied.status).phrase, "message": denied.reason}}
    return JSONResponse(body, denied.status, dict(denied.headers))


def _with_security_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = {name.lower() for name, _ in message.get("headers", [])}
            more = [pair for pair in SECURITY_HEADERS if pair[0] not in given]
            message = {**message, "headers": [*message.get("headers", []), *more]}
        await send(message)

    return sent
